/*
 * What the files of the lab share among themselves.  Nobody else includes
 * this; the lab's face is lab.h.
 */
#ifndef MXD_LAB_INSIDE_H
#define MXD_LAB_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/sbuf.h"
#include "harness/lab/clock.h"
#include "harness/lab/lab.h"
#include "harness/lab/router.h"

struct event;
struct event_base;
struct packet_log;

/* Process 1's hold on the two network namespaces. */
struct net {
	int		 tun[ROUTER_SIDES];
	struct event	*tun_event[ROUTER_SIDES];
	int		 mta_ns;	/* of setns(2) */
	int		 mta_netlink;
	int		 mta_outside;	/* index of its TUN to the world */
	int		 wake_socket;	/* datagram, of the mta namespace */
	bool		 link_down;	/* what is switched just now */
	bool		*rule_on;	/* one a net rule */
};

/* An ICMP error that is said once more when all tasks sleep. */
struct repeat {
	struct repeat	*next;
	enum router_side to;
	size_t		 len;
	uint8_t		 bytes[PACKET_MADE_MAX];
};

struct lab {
	const struct lab_config *cfg;
	struct event_base *base;
	struct event_sink packet_sink;	/* what the router tells */
	struct timers	*timers;
	struct clock	*clock;		/* NULL: the machine's own */
	struct clock	*watch;		/* tells deaths; NULL: nobody does */
	int64_t		 real_start_us;
	double		 speed;		/* of a bare lab; 0: as real time */
	int64_t		 epoch_s;
	struct router	*router;
	struct packet_log *packet_log;
	struct net	 net;
	struct repeat	*repeats;
	struct timer	*net_timer, *limit_timer;
	int64_t		 limit_us;	/* of limit_timer; 0: never armed */
	int64_t		 start_us;	/* of the phases */
	int		 holds;
	int		 log_fd;
	struct event	*log_event, *child_event, *wait_event;
	struct lab_proc	*procs;
	bool		 killing;	/* all of them, just now */
	struct sbuf	 why;
	/* figures */
	uint64_t	 packets, flight_waits;
	int64_t		 busy_real_us;
	/* of the main loop */
	bool		 wait_over;
	int		 wait_fd;	/* timerfd, real time */
	int64_t		 progress_real_us, flight_since_us;
	int64_t		 progress_own_us;	/* -1: not taken yet */
};

/*
 * The order in which libevent serves what is ready at the same moment: first
 * everything that does not ask for another place, then packets of the fake
 * Internet, then packets of the MTA.  So a fake has seen all that one packet
 * of the MTA brought it before the next packet is even read, and the order
 * of events inside a virtual moment does not depend on who was faster.
 */
enum { PRIORITY_INET = 3, PRIORITY_MTA = 4, PRIORITIES = 5 };

/* Real time of the machine, monotonic. */
int64_t	 real_now_us(void);

/*
 * The parts of the set-up, in this order, as process 1.  Each returns NULL
 * or fresh memory saying what could not be done.
 */
char	*tree_make(const struct lab_config *, bool own_users);
char	*net_make(struct net *, const struct lab_config *);

/* net_run.c: packets and what the scenario switches. */
void	 net_start(struct lab *);
void	 net_stop(struct lab *);
void	 net_switch(struct lab *);	/* does what the rules say for now */
bool	 net_say_again(struct lab *);	/* true if it said anything */
/* What the router tells, after the failures that came before it. */
void	 net_packet_told(void *lab, struct event *);
/* What of the MTA's has failed without a packet since the last time. */
void	 net_tell_failures(struct lab *);
void	 net_socket_limits(void *lab, const struct clock_socket *);
void	 net_arm_limits(struct lab *);	/* before each jump of the clock */
/* The whole configuration of the way out, after the link came up. */
char	*net_outside_up(const struct net *, const struct lab_config *);

/* bare.c */
int	 bare_run(const struct lab_config *, int (*body)(struct lab *, void *),
	    void *arg, char **error);
/* loop.c */
void	 lab_begin(struct lab *);	/* just before the body */
bool	 wait_start(struct lab *);	/* false: errno */
void	 wait_stop(struct lab *);
/* spawn.c */
void	 procs_start(struct lab *);
void	 procs_note_deaths(struct lab *);	/* that the preload saw */
void	 procs_stop(struct lab *);
/* syslog.c */
char	*log_open(int *fd);
void	 log_start(struct lab *);
void	 log_stop(struct lab *);
/* The text of a syslog datagram without its priority and time stamp. */
const char *log_text(const char *datagram);

#endif

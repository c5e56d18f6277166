/*
 * The lab: a small fake Internet in Linux namespaces with an unmodified MTA
 * in it and one clock for all.
 *
 * lab_run() makes the namespaces and forks process 1 of a new pid namespace;
 * `body` runs there and owns everything: the fakes, the packet router, the
 * clock, the trace.  When it returns or dies, in whatever way, the kernel
 * kills every process of the lab and drops its mounts and networks; when the
 * caller dies, process 1 dies too.
 *
 * Two network namespaces.  Process 1 lives in "inet": every address of the
 * fake Internet is on its loopback, so the fakes bind() as usual.  Spawned
 * processes live in "mta": one TUN interface with the default routes, and a
 * second one with the MTA's own addresses and a route to the submission
 * client alone, which no fault touches: mail can be handed in while the link
 * is down.  The packets between the TUN interfaces pass through process 1,
 * which is the router: it decides each SYN, sends RST and ICMP itself, knows
 * what is in flight, and keeps the time limits of the MTA's kernel (limit.h).
 */
#ifndef MXD_LAB_LAB_H
#define MXD_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fake_smtp/rule.h"
#include "harness/base/addr.h"
#include "harness/base/event.h"
#include "harness/base/timers.h"
#include "harness/lab/net_rule.h"
#include "harness/lab/places.h"

/* Has work, adapter, config, clock. */
#define LAB_DIR			"/run/mxd"
/* All of /, read-only, nothing covered. */
#define LAB_HOST_DIR		LAB_DIR "/host"
enum lab_clock { LAB_CLOCK_VIRTUAL, LAB_CLOCK_REAL };

/* What the router is to do with a SYN to one of the lab's addresses. */
struct lab_syn {
	enum fsmtp_connect	 connect;	/* CLOSE, RESET: as OPEN here */
	const char		*host;		/* for the event */
	uint32_t		 contact;
	const char		*rule;		/* id or NULL */
};

struct lab_config {
	const char	*preload;	/* libmxclock.so on the host, or NULL */
	const char	*root;		/* unpacked tree laid over /, or NULL */
	const char	*adapter_dir;	/* read-only, at /run/mxd/adapter */
	const char	*config_dir;	/* --config, bound at /run/mxd/config */
	enum lab_clock	 clock;
	bool		 many_uids;	/* the MTA needs more than one uid */
	bool		 mta_ipv4, mta_ipv6;
	int		 resolvers;	/* lines in resolv.conf, 1 or 2 */
	const struct addr *addrs;	/* of the fake Internet, no ports */
	size_t		 addr_count;
	struct net_rule	*net_rules;	/* the lab counts contacts, fired */
	size_t		 net_rule_count;
	const struct event_sink *sink;
	/* Asked for every new SYN to port 25; NULL: everything is open. */
	void		(*on_syn)(void *ctx, const struct addr *server,
			    const struct addr *client, struct lab_syn *);
	/* One line that a process sent to /dev/log (private to the lab). */
	void		(*on_log)(void *ctx, const char *line);
	/* All is made; the run begins when it returns.  NULL: at once. */
	void		(*on_made)(void *ctx);
	/*
	 * A signal ended a process that lab_spawn() did not start: an orphan,
	 * or (with the preload) a child that its parent waited for.
	 * lab_kill_all()'s own victims are not told.
	 */
	void		(*on_death)(void *ctx, const char *program, int sig);
	void		*ctx;
	int		 pcap_fd;	/* pcapng goes here; -1: none */
	/*
	 * Real time without progress after which the loop fails, if it had
	 * the processor meanwhile; ten times that if it had not.  0: never.
	 */
	int64_t		 watchdog_us;
	int64_t		 limit_us;	/* real; the whole lab's; 0: none */
	/*
	 * No lab at all but this host, its own network and real time: only
	 * base, timers, spawn and the loop below, in the calling process.
	 * Nothing is redirected, nothing is fenced in.
	 */
	bool		 bare;
	double		 speed;		/* bare: of time, 1 is real; 0: 1 */
};

struct lab;
struct lab_proc;

/*
 * Runs `body` in a new lab and waits for it.  Returns its value (0..255), or
 * -1 with *error (fresh memory) saying what could not be made and what would
 * mend it.  Nothing is left behind in either case.
 */
int	 lab_run(const struct lab_config *, int (*body)(struct lab *, void *),
	    void *arg, char **error);

/* --- from here on: inside body --- */

struct event_base *lab_base(struct lab *);
struct timers *lab_timers(struct lab *);
int64_t	 lab_now(const struct lab *);
/* The wall clock of time 0. */
int64_t	 lab_epoch(const struct lab *);
/*
 * Time 0 for the phases of net rules is now (the first injection); before
 * that no net rule is in force.
 */
void	 lab_start_phases(struct lab *);

/* Which packet of the log (`pcap_fd`) a comment is about. */
enum lab_packet {
	LAB_PACKET_NEXT,	/* the next from the client to the server */
	LAB_PACKET_REPLY,	/* the next back to it that has content */
	LAB_PACKET_END,		/* the next back to it with FIN or RST */
	LAB_PACKET_LAST,	/* the client's last one of this moment */
	LAB_PACKET_NONE		/* none: an entry of its own */
};
struct lab_comment {
	enum lab_packet	 at;
	const char	*server;	/* "IP", as in events; not for NONE */
	const char	*client;	/* "IP:port" */
	const char	*text;
};
/* Without a packet log: does nothing. */
void	 lab_comment(struct lab *, const struct lab_comment *);

/* While held the clock does not jump (the harness itself is at work). */
void	 lab_hold(struct lab *);
void	 lab_release(struct lab *);

struct lab_spawn {
	const char	*const *argv;	/* argv[0] is a path */
	const char	*const *env;	/* "K=V", over a clean environment */
	int		 stdin_fd;	/* -1: /dev/null */
	/* Output, line by line without the newline; NULL: discarded. */
	void		(*on_line)(void *ctx, bool is_stderr, const char *line);
	/* Wait status as of waitpid(2). */
	void		(*on_exit)(void *ctx, int status);
	void		*ctx;
};

/*
 * In the mta namespace, in a process group of its own.  NULL with errno, also
 * when the program cannot be executed.  The handle is valid until on_exit
 * has returned.
 */
struct lab_proc *lab_spawn(struct lab *, const struct lab_spawn *);
pid_t	 lab_proc_pid(const struct lab_proc *);
/* Of a fault of the program's own, or its own abort(3). */
bool	 lab_is_crash(int sig);
/* SIGKILL to every process of the lab but process 1, and reaps them all. */
void	 lab_kill_all(struct lab *);

/*
 * Runs until `done` says so (asked after every round).  False: the watchdog
 * barked, the limit of real time is over or nothing can ever happen again;
 * *why then says which, with the processes and what each waits for.
 */
bool	 lab_loop(struct lab *, bool (*done)(void *), void *arg,
	    const char **why);

struct lab_stats {
	uint64_t jumps, looks, packets;
	uint64_t dirty_waits;		/* of a process, for a fresh stamp */
	uint64_t flight_waits;		/* real waits for octets in flight */
	int64_t	 busy_real_us, scan_real_us;
	char	 unclocked[64];		/* program without the preload, or "" */
};
void	 lab_stats(const struct lab *, struct lab_stats *);

/* What this machine lacks for a lab; prints findings and remedies. */
bool	 lab_doctor(bool many_uids, void (*say)(void *, bool ok,
	    const char *what, const char *remedy), void *ctx);

#endif

/*
 * One connection of the MTA as its own kernel sees it: what it has sent that
 * nobody answers, until when the kernel hopes, and the packets that it would
 * send again meanwhile.  The kernel's timers run in real time, so the router
 * keeps them in virtual time instead (harness/clock/kernel.h has the times).
 * Pure: no I/O; times are virtual microseconds.
 */
#ifndef MXD_LAB_LIMIT_H
#define MXD_LAB_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/clock/kernel.h"
#include "harness/lab/packet.h"

/* A packet that the network has eaten. */
struct eaten {
	struct eaten	*next;
	bool		 of_mta;	/* else one to it */
	uint32_t	 end;		/* sequence number after it */
	size_t		 len;
	uint8_t		 bytes[];
};

struct limit {
	struct kernel_limits set;
	/* TIME_NEVER: nothing of the kind. */
	int64_t	 asked_us;		/* a SYN waits since then */
	int64_t	 lost_us;		/* octets wait since then */
	int64_t	 eaten_us;		/* the first of `eaten` */
	int64_t	 healed_us;		/* others pass, so these may, too */
	int64_t	 heard_us;		/* a packet came */
	unsigned again, probes;		/* sent so far */
	bool	 up;			/* the connection stands */
	/* Of the MTA's end: next to send, acknowledged, next expected. */
	uint32_t next, acked, want;
	struct eaten *eaten;		/* in their order */
	size_t	 eaten_octets;
};

enum limit_act {
	LIMIT_WAIT,			/* nothing is due */
	LIMIT_AGAIN,			/* send what was eaten once more */
	LIMIT_PROBE,			/* ask if the other end is there */
	LIMIT_OVER			/* ETIMEDOUT */
};

/* The MTA has sent this SYN. */
void	 limit_init(struct limit *, int64_t now_us, const struct packet *syn);
/* As limit_close(); one that was never initialised may be all zeroes. */
void	 limit_fini(struct limit *);
/* A packet of the MTA's or one to it passes, or the network eats it. */
void	 limit_passes(struct limit *, int64_t now_us, const struct packet *,
	    bool of_mta);
void	 limit_eaten(struct limit *, int64_t now_us, const struct packet *,
	    bool of_mta);
/*
 * The real kernel sends again what is waited for here: its times mean
 * nothing.
 */
bool	 limit_is_repeat(const struct limit *, const struct packet *,
	    bool of_mta);
/* The connection is over, by a reset or an error: nothing is waited for. */
void	 limit_close(struct limit *);
/* When something is due, or TIME_NEVER; and what, at that time. */
int64_t	 limit_due(const struct limit *);
enum limit_act limit_act(const struct limit *, int64_t now_us);
/* Takes out what is to be sent again (limit_eaten_free()). */
struct eaten *limit_take_eaten(struct limit *);
void	 limit_eaten_free(struct eaten *);
void	 limit_sent_again(struct limit *);	/* if it was eaten again */
void	 limit_probed(struct limit *, int64_t now_us, bool answered);

#endif

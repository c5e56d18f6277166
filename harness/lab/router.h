/*
 * The packet router between the MTA's network namespace and the fake
 * Internet: one packet in, a decision out.  No I/O and no clock of its own,
 * so that every decision can be tested with packets made by hand.
 *
 * Order of judgement for a packet from the MTA: the network rules
 * (net_rule.h), then, for a new SYN to port 25, the host's own `connect:`
 * rules by way of on_syn.  Link-down and no-route are not decided here: the
 * kernel of the MTA's namespace does that.
 *
 * A network rule bounded by contacts decides connection by connection (at
 * the SYN) and datagram by datagram; one bounded by time alone also hits the
 * packets of connections that were there before it, in both directions.
 */
#ifndef MXD_LAB_ROUTER_H
#define MXD_LAB_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/event.h"
#include "harness/lab/flow.h"
#include "harness/lab/lab.h"
#include "harness/lab/packet.h"

/* Where a packet comes from or goes to: one TUN interface each. */
enum router_side {
	ROUTER_MTA,	/* the MTA's way to the world */
	ROUTER_SUBMIT,	/* its private link to the submission client, which */
			/* no fault touches */
	ROUTER_INET,	/* the fake Internet */
	ROUTER_SIDES
};

struct router_config {
	const struct addr *addrs;	/* that exist; NULL: all do */
	size_t		 addr_count;
	struct net_rule	*rules;		/* their `fired` is counted */
	size_t		 rule_count;
	const struct event_sink *sink;
	void		(*on_syn)(void *ctx, const struct addr *server,
			    const struct addr *client, struct lab_syn *);
	void		*ctx;
	/*
	 * The clock is virtual: the time limits of the MTA's kernel are kept
	 * here (limit.h).
	 */
	bool		 own_limits;
};

struct router;

/* What to do with the packet.  The bytes live until the next call. */
struct router_decision {
	bool		 send;		/* false: drop it */
	enum router_side to;
	const uint8_t	*bytes;
	size_t		 len;
	/*
	 * An ICMP error for a SYN.  The kernel takes it for a hard error only
	 * while no task is inside connect(2); send it again when all sleep.
	 */
	bool		 repeat;
	bool		 made;		/* the bytes are the router's own */
};

struct router *router_new(const struct router_config *);
void	 router_free(struct router *);
/* Rules are in force from here on; their times count from `now_us`. */
void	 router_start_phases(struct router *, int64_t now_us);
void	 router_packet(struct router *, int64_t now_us, enum router_side from,
	    const uint8_t *bytes, size_t len, struct router_decision *);
/* Connections with octets that wait for an acknowledgement. */
size_t	 router_in_flight(const struct router *);
void	 router_give_up(struct router *);

/*
 * A socket of the MTA's has other limits than a new one.  `peer` without a
 * family: not known, its only connection.
 */
void	 router_limits(struct router *, const struct addr *self,
	    const struct addr *peer, const struct kernel_limits *);
/* When the MTA's kernel would do something of itself; TIME_NEVER: never. */
int64_t	 router_next_limit(const struct router *);
/* Does it, by way of `send`: what is due by now. */
void	 router_expire(struct router *, int64_t now_us, void (*send)(void *,
	    const struct router_decision *), void *ctx);

/*
 * Is the rule in force at this time as far as time alone says?  False
 * before router_start_phases().
 */
bool	 router_rule_on(const struct router *, const struct net_rule *,
	    int64_t now_us);
/* Is `remote` one of those the rule is about? */
bool	 net_rule_about(const struct net_rule *, const struct addr *remote);

#endif

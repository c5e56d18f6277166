/*
 * The fake Internet of one run: the scenario's own hosts and zones, and what
 * every lab has besides.
 *
 *	s.test		the senders' domain; mx.s.test receives the reports
 *	senders.test	with `sender-domains: healthy`: mx.senders.test is the
 *			MX of every senders' domain that no zone has
 *	good.test	a healthy control destination
 *	sut.test	the MTA's own domain and the resolver's search domain
 *
 * With `search-trap` every name below sut.test leads to decoy.sut.test, a
 * stranger who takes everything: a trap for MTAs that complete names (RFC
 * 5321 section 5.1).  It is no default, as an MTA that falls into it is not
 * seen to fail at anything else.
 */
#ifndef MXD_RUN_WORLD_H
#define MXD_RUN_WORLD_H

#include "harness/base/addr.h"
#include "harness/base/event.h"
#include "harness/scenario/scenario.h"

struct fdns;

#define WORLD_SENDER_MX		"mx.s.test"
#define WORLD_HEALTHY_MX	"mx.senders.test"
#define WORLD_CONTROL_MX	"mx.good.test"

struct world {
	struct fsmtp_host *hosts;	/* the scenario's first, then ours */
	size_t		 host_count;
	struct addr	*addrs;		/* of all hosts */
	size_t		 addr_count;
	const char	*zone;		/* the lab's own records */
};

/* Lives as long as the scenario (its arena). */
void	 world_build(struct world *, struct scenario *);
/* The host that has the address, or NULL. */
const struct fsmtp_host *world_host(const struct world *,
	    const struct addr *);
/*
 * Emits flag events for the judge: one "rule" for each fault rule, with its
 * words.
 */
void	 world_emit_rules(const struct scenario *, const struct event_sink *);
/*
 * One "legit" for each host that is legitimate now for a recipient's domain,
 * or one without host for a domain that has none.
 */
void	 world_emit_legit(const struct world *, const struct scenario *,
	    struct fdns *, const struct event_sink *);

#endif

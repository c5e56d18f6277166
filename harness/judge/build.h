/*
 * Makes the ledger of a trace, event by event: of a stored one as of one that
 * still grows, by the same functions.
 */
#ifndef MXD_JUDGE_BUILD_H
#define MXD_JUDGE_BUILD_H

#include "harness/judge/ledger.h"

/* An empty ledger; `t` may grow and must stay. */
void	 build_open(struct ledger *, struct arena *, const struct scenario *,
	    const struct trace *, const struct profile *);
/* Takes one event, in the order of the trace. */
void	 build_take(struct ledger *, const struct event *);
/* No event comes any more: what only the whole tells. */
void	 build_end(struct ledger *);
/* All three over a whole trace. */
void	 build(struct ledger *, struct arena *, const struct scenario *,
	    const struct trace *, const struct profile *);

#endif

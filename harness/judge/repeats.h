/*
 * At a smarthost a report of failure looks like what it is about.  But a
 * message that has left the queue before any retry was due has been tried
 * once: who comes a second time by then is its report.  So is who comes again
 * to where the message was refused for good, sooner than any retry.
 */
#ifndef MXD_JUDGE_REPEATS_H
#define MXD_JUDGE_REPEATS_H

#include "harness/judge/ledger.h"

/* Lists the contacts that were turned away, when all are known. */
void	 repeats_index(struct ledger *);
/* Is that sign at the sender's hosts the report's, and nobody else's? */
bool	 repeats_for_report(const struct ledger *, const struct entry *,
	    const struct attempt *);
/* What refused the session for good before any MAIL; NULL: nothing did. */
const struct event *repeats_turned_away(const struct ledger *,
	    const struct attempt *);
/* What was said to it for good: a greeting, or of the smarthost; NULL: no. */
const struct event *repeats_refusal(const struct ledger *,
	    const struct attempt *);

#endif

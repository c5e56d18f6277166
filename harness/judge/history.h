/*
 * From the ledger's times to the abstract history of 21.4: every comparison
 * of times is made here.  Asks the ledger, writes nothing.
 */
#ifndef MXD_JUDGE_HISTORY_H
#define MXD_JUDGE_HISTORY_H

#include "harness/judge/ledger.h"
#include "harness/judge/reports.h"

void	 history_tell(const struct ledger *, const struct entry *,
	    struct history *);
/* In which of the unit's cycles the copy came; 1 also when not known. */
int	 history_cycle_of(const struct entry *, const struct event *copy);
/* What became of its report: looked at from when there may have been one. */
void	 history_report(const struct ledger *, const struct entry *,
	    struct report_state *);
/* When the unit itself was last seen on its way; TIME_NEVER: never. */
int64_t	 history_last_seen(const struct entry *);

#endif

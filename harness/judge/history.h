/*
 * From the ledger's times to the abstract history of 21.4: every comparison
 * of times is made here.  Asks the ledger, writes nothing.
 */
#ifndef MXD_JUDGE_HISTORY_H
#define MXD_JUDGE_HISTORY_H

#include "harness/judge/ledger.h"
#include "harness/judge/report_state.h"

void	 history_tell(const struct ledger *, const struct entry *,
	    struct history *);
/* In which of the unit's cycles the copy came; 1 also when not known. */
int	 history_cycle_of(const struct entry *, const struct event *copy);
/* What became of its report: looked at from when there may have been one. */
void	 history_report(const struct ledger *, const struct entry *,
	    struct report_state *);
/*
 * Was its report, which nobody took, offered to all who might have?  So it
 * was if it was refused, or had nowhere to go.
 */
bool	 history_report_had_its_chances(const struct ledger *,
	    const struct entry *);
/* When the unit itself was last seen on its way; TIME_NEVER: never. */
int64_t	 history_last_seen(const struct ledger *, const struct entry *);
/* By when it had left the queue, as far as is known: at the end at least. */
int64_t	 history_left_us(const struct ledger *, const struct entry *);

/*
 * 21.4: a report is late by its first offer, not by its arrival: the wait is
 * then the doing of the sender's own MX (R-DF-DB-b).
 */
struct owing {
	bool	owed;		/* evidence that does not allow to wait on */
	bool	late;		/* no offer by the limit, which is over */
};
struct owing history_owing(const struct ledger *, const struct entry *);

#endif

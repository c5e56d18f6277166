/*
 * What entitles a report of failure (21.2).  Everything that is not found
 * here is temporary.  Writes the proofs.
 */
#ifndef MXD_JUDGE_EVIDENCE_H
#define MXD_JUDGE_EVIDENCE_H

#include "harness/judge/ledger.h"

void	 evidence_take(struct ledger *, const struct event *);
/*
 * The earliest evidence that holds for the unit at `t_us`; false: none.
 * What has healed entitles no longer than a report takes.
 */
bool	 evidence_first(const struct ledger *, const struct entry *,
	    int64_t t_us, bool obliging, struct proof *);
/* The same of all mail for the destination, at this moment. */
bool	 evidence_of_destination(const struct destination *, int64_t t_us,
	    struct proof *);
/* The last that was so at some time from `from_us` to `to_us`. */
bool	 evidence_between(const struct destination *, int64_t from_us,
	    int64_t to_us, struct proof *);
/* Does nothing entitle at `t_us` but that its lifetime is over (P8)? */
bool	 evidence_is_age(const struct ledger *, const struct entry *,
	    int64_t t_us);
/* The n-th proof of the unit, from 0, in no order; false: there is none. */
bool	 evidence_nth(const struct ledger *, const struct entry *, size_t nth,
	    struct proof *);

#endif

/*
 * A site's own policy is not the MTA's defect: what departs from RFC 5321
 * because the user's configuration says so is told as that, and not judged.
 */
#ifndef MXD_JUDGE_DEPARTURES_H
#define MXD_JUDGE_DEPARTURES_H

#include "harness/judge/judge.h"
#include "harness/judge/ledger.h"

/*
 * Did the unit end as it did because the site gives mail up sooner than RFC
 * 5321 4.5.4.1 has it?  Then the judgement gets the departure, and the unit
 * its sentence.
 */
bool	 departures_explain(const struct ledger *, const struct entry *,
	    struct judgement *, struct unit *);

#endif

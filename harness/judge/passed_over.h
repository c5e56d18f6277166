/*
 * Which candidate host an attempt passed over (21.3): one in force, of a
 * family that the MTA has, whose address could be found and was not tried.
 */
#ifndef MXD_JUDGE_PASSED_OVER_H
#define MXD_JUDGE_PASSED_OVER_H

#include "harness/judge/ledger.h"

/*
 * The first that should have been tried before attempt `at` of the unit, a
 * better one or, with any_preference, any other; NULL: none.
 */
const struct legit *passed_over(const struct ledger *, const struct entry *,
	    size_t at, bool any_preference);

#endif

/*
 * What a scenario expects of a unit beside its verdict's worth.
 */
#ifndef MXD_JUDGE_EXPECT_H
#define MXD_JUDGE_EXPECT_H

#include "harness/judge/judge.h"
#include "harness/judge/ledger.h"

bool	 expect_applies(const struct expectation *, const struct entry *);
/* The most particular line that says an outcome; of equals the last. */
const struct expectation *expect_outcome(const struct scenario *,
	    const struct entry *);
/* What else the line asks for and is not so; NULL: it is. */
const char *expect_broken(const struct ledger *, const struct expectation *,
	    const struct entry *, const struct unit *);

#endif

/* Which requirement a verdict breaks. */
#ifndef MXD_JUDGE_CLAUSES_H
#define MXD_JUDGE_CLAUSES_H

#include "harness/judge/ledger.h"
#include "harness/scenario/requirement.h"

/* NULL: the scenario says none, and the verdict has none of its own. */
const char *clauses_of_unit(const struct ledger *, const struct entry *,
	    enum verdict);
/* "user@r.test" became "user@r.test.sut.test": a search list (5321 2.3.5). */
bool	 clauses_was_completed(const struct event *, const struct entry *);
/* Is a verdict that breaks it worth what the clause is, not what it is? */
bool	 clauses_weighs_itself(const char *clause);
bool	 clauses_is_covered(const struct scenario *, const char *clause);

#endif

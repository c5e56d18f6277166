/*
 * How binding the requirements are, as the reports part them: a finding is as
 * grave as the clause that it breaks, not as the scenario that found it.
 */
#ifndef MXD_REPORT_CLAUSE_H
#define MXD_REPORT_CLAUSE_H

#include "harness/scenario/scenario.h"

/*
 * X(symbol, "word"), the gravest first.  MUST and MUST NOT are one level.
 * DEFACTO: no RFC says so, every careful MTA does it.  NONE: no clause is
 * known, or one that binds nobody (MAY).
 */
#define CLAUSE_LEVELS(X)						\
	X(MUST, "MUST")							\
	X(DEFACTO_MUST, "DEFACTO MUST")					\
	X(SHOULD, "SHOULD")						\
	X(DEFACTO_SHOULD, "DEFACTO SHOULD")				\
	X(NONE, "no level")

enum clause_level {
#define X(sym, word) CLAUSE_##sym,
	CLAUSE_LEVELS(X)
#undef X
	CLAUSE_LEVEL_COUNT
};

/* Of the requirement with this id, which may be NULL or none. */
enum clause_level clause_level(const char *id);
/* In a scenario that covers it and asks for less (`level:`): the lesser. */
enum clause_level clause_level_in(const char *id, enum level asked,
	    const char *const *covers, size_t count);
const char *clause_level_word(enum clause_level);

#endif

/*
 * The requirements by their id: how strong each is, and its words.
 */
#ifndef MXD_SCENARIO_REQUIREMENT_H
#define MXD_SCENARIO_REQUIREMENT_H

#include "harness/scenario/scenario.h"

struct requirement {
	const char	*id;		/* "R-DF-GREET-b" */
	const char	*words;		/* its level: "DEFACTO MUST" */
	int		 core;		/* its number there; 0: none */
	const char	*statement;
};

/* NULL: no requirement has this id, which may be NULL. */
const struct requirement *requirement_find(const char *id);
/* All of them, in the catalogue's order; NULL beyond the last. */
const struct requirement *requirement_at(size_t);
size_t	requirement_count(void);
/* What a breach weighs: MUST in any form, SHOULD in any form, the rest. */
enum level requirement_level(const struct requirement *);

#endif

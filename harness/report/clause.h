/*
 * The requirements by their id, with the words a report quotes.
 */
#ifndef MXD_REPORT_CLAUSE_H
#define MXD_REPORT_CLAUSE_H

#include <stddef.h>

struct clause {
	const char	*id;		/* "R-DF-GREET-b" */
	const char	*level;		/* "MUST", "DEFACTO SHOULD" ... */
	const char	*statement;
};

/* NULL: no requirement has this id. */
const struct clause *clause_find(const char *id);
/* All of them, in the catalogue's order; NULL beyond the last. */
const struct clause *clause_at(size_t);
size_t	 clause_count(void);

#endif

#include "harness/report/clause.h"

#include <stddef.h>
#include <string.h>

#include "harness/scenario/requirement_ids.inc"

static const struct clause clauses[] = {
#define X(id, level, core, statement) { id, level, statement },
	REQUIREMENTS(X)
#undef X
};

const struct clause *
clause_find(const char *id)
{
	for (size_t i = 0; id != NULL && i < sizeof clauses /
	    sizeof clauses[0]; i++)
		if (strcmp(clauses[i].id, id) == 0)
			return &clauses[i];
	return NULL;
}

const struct clause *
clause_at(size_t i)
{
	return i < clause_count() ? &clauses[i] : NULL;
}

size_t
clause_count(void)
{
	return sizeof clauses / sizeof clauses[0];
}

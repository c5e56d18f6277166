#include "harness/report/clause.h"

#include <stdbool.h>
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

enum clause_level
clause_level(const char *id)
{
	const struct clause *c = clause_find(id);
	static const char prefix[] = "DEFACTO ";
	const char *word;
	bool defacto;

	if (c == NULL)
		return CLAUSE_NONE;
	defacto = strncmp(c->level, prefix, strlen(prefix)) == 0;
	word = c->level + (defacto ? strlen(prefix) : 0);
	/* "MUST (be able)", "SHOULD NOT" */
	if (strncmp(word, "MUST", 4) == 0)
		return defacto ? CLAUSE_DEFACTO_MUST : CLAUSE_MUST;
	if (strncmp(word, "SHOULD", 6) == 0)
		return defacto ? CLAUSE_DEFACTO_SHOULD : CLAUSE_SHOULD;
	return CLAUSE_NONE;
}

const char *
clause_level_word(enum clause_level level)
{
	static const char *const words[] = {
#define X(sym, word) word,
		CLAUSE_LEVELS(X)
#undef X
	};

	return words[level];
}

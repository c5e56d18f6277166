#include "harness/report/clause.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "harness/scenario/requirement.h"

enum clause_level
clause_level(const char *id)
{
	const struct requirement *c = requirement_find(id);
	static const char prefix[] = "DEFACTO ";
	const char *word;
	bool defacto;

	if (c == NULL)
		return CLAUSE_NONE;
	defacto = strncmp(c->words, prefix, strlen(prefix)) == 0;
	word = c->words + (defacto ? strlen(prefix) : 0);
	/* "MUST (be able)", "SHOULD NOT" */
	if (strncmp(word, "MUST", 4) == 0)
		return defacto ? CLAUSE_DEFACTO_MUST : CLAUSE_MUST;
	if (strncmp(word, "SHOULD", 6) == 0)
		return defacto ? CLAUSE_DEFACTO_SHOULD : CLAUSE_SHOULD;
	return CLAUSE_NONE;
}

enum clause_level
clause_level_in(const char *id, enum level asked, const char *const *covers,
    size_t count)
{
	enum clause_level level = clause_level(id);
	size_t i = 0;

	while (i < count && id != NULL && strcmp(covers[i], id) != 0)
		i++;
	if (level == CLAUSE_NONE || i == count || asked == LEVEL_MUST)
		return level;
	if (asked == LEVEL_INFO)
		return CLAUSE_NONE;
	return level == CLAUSE_MUST ? CLAUSE_SHOULD :
	    level == CLAUSE_DEFACTO_MUST ? CLAUSE_DEFACTO_SHOULD : level;
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

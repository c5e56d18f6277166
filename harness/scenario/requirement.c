#include "harness/scenario/requirement.h"

#include <string.h>

#include "harness/scenario/requirement_ids.inc"

static const struct requirement requirements[] = {
#define X(id, level, core, statement) { id, level, core, statement },
	REQUIREMENTS(X)
#undef X
};

const struct requirement *
requirement_find(const char *id)
{
	for (size_t i = 0; id != NULL && i < requirement_count(); i++)
		if (strcmp(requirements[i].id, id) == 0)
			return &requirements[i];
	return NULL;
}

const struct requirement *
requirement_at(size_t i)
{
	return i < requirement_count() ? &requirements[i] : NULL;
}

size_t
requirement_count(void)
{
	return sizeof requirements / sizeof *requirements;
}

enum level
requirement_level(const struct requirement *r)
{
	if (strstr(r->words, "MUST") != NULL)
		return LEVEL_MUST;
	return strstr(r->words, "SHOULD") != NULL ? LEVEL_SHOULD : LEVEL_INFO;
}

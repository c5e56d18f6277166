#include "reference_impl/ways.h"

#include "reference_impl/switches.h"

static const struct switch_row table[] = {
#define X(sym, name, clause, origin, help) { name, help, origin, clause },
	WAYS(X)
#undef X
};

bool
ways_enable(struct ways *set, const char *names, char bad[64])
{
	return switches_enable(table, WAY_COUNT, set->on, names, bad);
}

const char *
way_name(enum way way)
{
	return table[way].name;
}

void
ways_list(FILE *out)
{
	for (int i = 0; i < WAY_COUNT; i++)
		fprintf(out, "%-28s %s [%s; %s]\n", table[i].name,
		    table[i].help, table[i].origin, table[i].clause);
}

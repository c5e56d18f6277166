#include "reference_impl/bugs.h"

#include "reference_impl/switches.h"

static const struct switch_row table[] = {
#define X(sym, name, origin, req, help) { name, help, origin, req },
	BUGS(X)
#undef X
};

bool
bugs_enable(struct bugs *set, const char *names, char bad[64])
{
	return switches_enable(table, BUG_COUNT, set->on, names, bad);
}

const char *
bug_name(enum bug bug)
{
	return table[bug].name;
}

void
bugs_list(FILE *out)
{
	for (int i = 0; i < BUG_COUNT; i++)
		fprintf(out, "%-38s %s [%s; %s]\n", table[i].name,
		    table[i].help, table[i].origin, table[i].clause);
}

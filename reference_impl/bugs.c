#include "reference_impl/bugs.h"

#include <string.h>

static const struct {
	const char *name, *origin, *requirement, *help;
} table[] = {
#define X(sym, name, origin, req, help) { name, origin, req, help },
	BUGS(X)
#undef X
};

static bool
enable_one(struct bugs *set, const char *name, size_t len)
{
	for (int i = 0; i < BUG_COUNT; i++) {
		if (strlen(table[i].name) == len &&
		    strncmp(table[i].name, name, len) == 0) {
			set->on[i] = true;
			return true;
		}
	}
	return false;
}

bool
bugs_enable(struct bugs *set, const char *names, char bad[64])
{
	for (;;) {
		size_t len = strcspn(names, "+");

		if (!enable_one(set, names, len)) {
			snprintf(bad, 64, "%.*s", (int)len, names);
			return false;
		}
		if (names[len] == '\0')
			return true;
		names += len + 1;
	}
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
		    table[i].help, table[i].origin, table[i].requirement);
}

#include "reference_impl/switches.h"

#include <stdio.h>
#include <string.h>

static bool
enable_one(const struct switch_row *rows, size_t count, bool *on,
    const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(rows[i].name) == len &&
		    strncmp(rows[i].name, name, len) == 0) {
			on[i] = true;
			return true;
		}
	}
	return false;
}

bool
switches_enable(const struct switch_row *rows, size_t count, bool *on,
    const char *names, char bad[SWITCH_NAME_SIZE])
{
	for (;;) {
		size_t len = strcspn(names, "+");

		if (!enable_one(rows, count, on, names, len)) {
			snprintf(bad, SWITCH_NAME_SIZE, "%.*s", (int)len,
			    names);
			return false;
		}
		if (names[len] == '\0')
			return true;
		names += len + 1;
	}
}

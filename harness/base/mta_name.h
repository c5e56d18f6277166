/*
 * How an MTA is named on a command line, in a baseline and in a result:
 * NAME[=VERSION][:OPTION=VALUE...].
 */
#ifndef MXD_BASE_MTA_NAME_H
#define MXD_BASE_MTA_NAME_H

#include <stdbool.h>
#include <string.h>

/* Octets of NAME. */
static inline size_t
mta_name_len(const char *mta)
{
	return strcspn(mta, ":=");
}

/* Is it the MTA `name`, of whatever version and with whatever options? */
static inline bool
mta_is_named(const char *mta, const char *name)
{
	size_t len = mta_name_len(mta);

	return strlen(name) == len && strncmp(mta, name, len) == 0;
}

static inline bool
mta_same_name(const char *a, const char *b)
{
	size_t len = mta_name_len(a);

	return len == mta_name_len(b) && strncmp(a, b, len) == 0;
}

#endif

/*
 * Sets of named switches, NAME or NAME+NAME...: what refmta's bugs (bugs.h)
 * and ways (ways.h) have in common.
 */
#ifndef REFMTA_SWITCHES_H
#define REFMTA_SWITCHES_H

#include <stdbool.h>
#include <stddef.h>

#define SWITCH_NAME_SIZE	64

/* One row of a table. */
struct switch_row {
	const char	*name, *help, *origin, *clause;
};

/*
 * Switches on what `names` lists; false: `bad` is the unknown name, and what
 * stands before it is on.
 */
bool	 switches_enable(const struct switch_row *, size_t count, bool *on,
	    const char *names, char bad[SWITCH_NAME_SIZE]);

#endif

/*
 * What the commands share of baselines: from --baseline to entries that were
 * checked against the scenarios and MTAs there are.
 */
#ifndef MXD_MAIN_KNOWN_H
#define MXD_MAIN_KNOWN_H

#include "harness/baseline/baseline.h"
#include "harness/main/select.h"

#define KNOWN_MAX_PATHS	32

/* The value of a repeatable --baseline. */
struct known_paths {
	const char	*paths[KNOWN_MAX_PATHS];
	size_t		 count;
};

/* 0, or an exit status after saying that there are too many. */
int	 known_take(struct known_paths *, const char *command,
	    const char *path);
/*
 * Reads and checks them for a run of `mtas` (--mta values; NULL: whatever
 * there is).  `ids`: scenarios beside those of the catalogue.  0, or
 * EXIT_WRONG_QUESTION after every diagnostic; finish the baseline anyway.
 */
int	 known_open(struct baseline *, const struct known_paths *,
	    const struct selection *, const char *const *mtas,
	    size_t mta_count, const char *const *ids, size_t id_count);

#endif

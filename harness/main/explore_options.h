/* The options of `mxdrill explore`; see run_options.h. */
#ifndef MXD_MAIN_EXPLORE_OPTIONS_H
#define MXD_MAIN_EXPLORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/main/options.h"

#define EXPLORE_OPTIONS(X)						\
	X(seed, "seed", 0, "N",						\
	    "the first world; those after it have N+1, N+2 ... (default 1)") \
	X(count, "count", 0, "N", "so many worlds (default 100)")	\
	X(mta, "mta", 0, "NAME[=VERSION][:option=value]",		\
	    "MTA to test (default: reference, in a random set of its "	\
	    "lawful ways)")						\
	X(plain, "plain", 0, NULL, "the reference engine without ways")	\
	X(bug, "bug", 0, NULL, "each world once more with a random bug of " \
	    "the reference engine: which are caught, which could be")	\
	X(each, "each", 0, "N", "make the first N failures of each kind "	\
	    "small (default 1)")					\
	X(print, "print", 0, NULL,					\
	    "only print the scenarios, run nothing")			\
	X(parallel, NULL, 'j', "N", "N worlds at a time (default 1)")	\
	X(timeout, "timeout", 0, "DURATION",				\
	    "real time for a world (default 2m); then it is an ERROR")	\
	X(out, "out", 0, "DIR",						\
	    "where failures are stored (default runs/DATE-TIME)")

struct explore_options {
	uint64_t	 seed, count, each;
	const char	*mta;
	const char	*out;		/* NULL: runs/DATE-TIME */
	bool		 plain, bug, print;
	unsigned	 parallel;
	int64_t		 timeout_us;
};

extern const struct option_table explore_option_table;

/* As options_parse(); fills in the defaults. */
int	 explore_options_parse(struct explore_options *, int argc,
	    char **argv, int *first);

#endif

/*
 * The options of `mxdrill run`.  A new one is a row of RUN_OPTIONS, a
 * function run_take_SYMBOL in run_options.c and a field.
 */
#ifndef MXD_MAIN_RUN_OPTIONS_H
#define MXD_MAIN_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/lab/lab.h"
#include "harness/main/options.h"

#define RUN_MAX_MTAS	128

/* X(symbol, "long name" or NULL, letter or 0, "ARGUMENT" or NULL, "help") */
#define RUN_OPTIONS(X)							\
	X(mta, "mta", 0, "NAME[=VERSION][:option=value]",		\
	    "MTA to test, repeatable; default: reference")		\
	X(root, "root", 0, "DIR", "run the MTA from this tree of your own " \
	    "instead of Debian's package")				\
	X(config, "config", 0, "DIR", "use this configuration of your own " \
	    "(copied, never changed)")					\
	X(tag, "tag", 0, "TAG", "only scenarios with this tag, e.g. core") \
	X(parallel, NULL, 'j', "N", "N scenarios at a time (default 1)") \
	X(out, "out", 0, "DIR",						\
	    "where the run is stored (default runs/DATE-TIME)")		\
	X(seed, "seed", 0, "N", "for everything random (default 1)")	\
	X(clock, "clock", 0, "virtual|real",				\
	    "real: no virtual clock, five days take five days")		\
	X(pcap, "pcap", 0, NULL, "store the packets of each scenario")	\
	X(verbose, "verbose", 'v', NULL,				\
	    "print the timeline of passes, too")

struct run_options {
	const char	*mtas[RUN_MAX_MTAS];
	size_t		 mta_count;
	const char	*tag;		/* NULL: any */
	const char	*out;		/* NULL: runs/DATE-TIME */
	const char	*root, *config;
	enum lab_clock	 clock;
	unsigned	 parallel;
	uint64_t	 seed;
	bool		 pcap, verbose;
};

extern const struct option_table run_option_table;

/* As options_parse(); fills in the defaults first. */
int	 run_options_parse(struct run_options *, int argc, char **argv,
	    int *first);

#endif

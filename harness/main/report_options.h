/* The options of `mxdrill report`; see run_options.h. */
#ifndef MXD_MAIN_REPORT_OPTIONS_H
#define MXD_MAIN_REPORT_OPTIONS_H

#include <stdbool.h>

#include "harness/main/options.h"
#include "harness/main/reports.h"

/* X(symbol, "long name" or NULL, letter or 0, "ARGUMENT" or NULL, "help") */
#define REPORT_OPTIONS(X)						\
	X(report, NULL, 'o', "KIND=FILE,...",				\
	    "what to write; FILE - is standard output")			\
	X(verbose, "verbose", 'v', NULL, "print the passes, too")

struct report_options {
	struct report_outputs reports;
	bool		 verbose;
};

extern const struct option_table report_option_table;

#endif

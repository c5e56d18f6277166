/* The options of `mxdrill report` and `diff`; see run_options.h. */
#ifndef MXD_MAIN_REPORT_OPTIONS_H
#define MXD_MAIN_REPORT_OPTIONS_H

#include <stdbool.h>

#include "harness/main/known.h"
#include "harness/main/options.h"
#include "harness/main/printer.h"
#include "harness/main/reports.h"

/* X(symbol, "long name" or NULL, letter or 0, "ARGUMENT" or NULL, "help") */
#define REPORT_OPTIONS(X)						\
	X(report, NULL, 'o', "KIND=FILE,...",				\
	    "what to write; FILE - is standard output")			\
	X(format, "format", 0, "text|github",				\
	    "github: annotations in the log of a GitHub Actions job")	\
	X(baseline, "baseline", 0, "FILE|DIR", "known failures, repeatable, " \
	    "instead of those of the run (docs/baselines.md)")		\
	X(verbose, "verbose", 'v', NULL, "print the passes, too")

#define DIFF_OPTIONS(X)							\
	X(report, NULL, 'o', "KIND=FILE,...",				\
	    "write it to a file, too; as text or html")		\
	X(verbose, "verbose", 'v', NULL, "name everything that changed")

struct report_options {
	struct report_outputs reports;
	enum printer_format format;
	struct known_paths baseline;
	bool		 verbose;
};

extern const struct option_table report_option_table, diff_option_table;

#endif

/*
 * The report as one HTML file that needs nothing else: no network, no script
 * (the script only filters), no second file.  It is well-formed XML too, so
 * that any parser can check it.  Pure writers into a string; the one thing
 * read from disk is the MTA's log of the runs that are shown in full.
 *
 * Whatever a trace holds is text here, never markup: see html_put().
 */
#ifndef MXD_REPORT_HTML_H
#define MXD_REPORT_HTML_H

#include <stddef.h>

#include "harness/base/sbuf.h"
#include "harness/judge/profile.h"
#include "harness/report/console.h"

struct html_run {
	const struct report_case *rc;
	const struct profile *profile;	/* NULL: no curve of attempts */
};

struct html_report {
	/* What made the runs; each may be NULL: not said. */
	const char	*mxdrill, *started, *clock, *seed;
	/*
	 * The folder that the file will lie in, as seen from where the runs'
	 * folders are named from: links to artefacts start there.  NULL: the
	 * folders as they are named.
	 */
	const char	*base;
	const struct html_run *runs;
	size_t		 count;
	/* Octets for details; 0: HTML_BUDGET. */
	size_t		 budget;
};

/* With the matrix of 500 scenarios on 8 MTAs it stays below ten million. */
#define HTML_BUDGET	7000000
/* Up to so many runs are shown in full even when all is well. */
#define HTML_FULL_RUNS	64

void	 html_report_write(struct sbuf *, const struct html_report *);

#endif

/*
 * Annotations of GitHub Actions: workflow commands on standard output that
 * put a failure beside the line of the scenario that it breaks.
 */
#ifndef MXD_REPORT_GITHUB_H
#define MXD_REPORT_GITHUB_H

#include "harness/report/console.h"

/*
 * One command: ::error for FAIL, XPASS and ERROR, ::warning for warn,
 * ::notice for xfail and info; nothing for ok and skip.  `root` is the folder
 * that the file's name starts from, NULL: none.
 */
void	 github_annotate(struct sbuf *, const struct report_case *,
	    const char *root);

#endif

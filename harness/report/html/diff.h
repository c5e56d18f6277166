/*
 * The page of `diff` (report_html_diff_write of kinds.h): two sets of stored
 * runs, only what changed, the worse first.  For each change what became of
 * it, why, where the two timelines part, when it was tried.
 */
#ifndef MXD_REPORT_HTML_DIFF_H
#define MXD_REPORT_HTML_DIFF_H

#include "harness/report/diff.h"
#include "harness/report/html/internal.h"

/* One side of a pair; rc NULL: it was not run there. */
struct html_side {
	const struct report_case *rc;
	const struct report_mta *mta;
	const char	*name;		/* "old", "new" */
};

/* `id` is the anchor; `base` as in html_case. */
void	 html_diff_pair(struct sbuf *, const struct html_side *old,
	    const struct html_side *new, const char *id, const char *base);
/*
 * The first line, from 1, in which the timelines part: by their words (names
 * that an MTA makes up for each message are none) or by a second or more; 0:
 * they do not.
 */
size_t	 html_diff_first(const struct timeline *old,
	    const struct timeline *new);

#endif

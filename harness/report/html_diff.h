/*
 * The page of `diff`: two sets of stored runs, only what changed, the worse
 * first.  For each change what became of it, why, where the two timelines
 * part, when it was tried.
 */
#ifndef MXD_REPORT_HTML_DIFF_H
#define MXD_REPORT_HTML_DIFF_H

#include <stdio.h>

#include "harness/report/html_int.h"

/* X(symbol, "anchor", "heading"): in the order of the page. */
#define HTML_CHANGES(X)							\
	X(WORSE, "worse", "Got worse")					\
	X(BETTER, "better", "Got better")				\
	X(OTHER, "otherwise", "Changed otherwise")

enum html_change {
#define X(sym, id, heading) HTML_##sym,
	HTML_CHANGES(X)
#undef X
	HTML_CHANGE_COUNT
};

/* It is not there on this side. */
#define HTML_NO_RUN	SIZE_MAX

struct html_change_item {
	enum html_change change;
	size_t		 old_run, new_run;	/* of their sets */
};

struct html_diff {
	struct report_set *old, *new;
	const struct html_change_item *items;
	size_t		 count;
	size_t		 same;		/* pairs that did not change */
};

/* As report_html_write(); links start from the folder of new->output. */
void	 html_diff_write(FILE *, const struct html_diff *);

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

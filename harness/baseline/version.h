/*
 * Versions of MTAs and conditions on them: "3.7.11", "4.96-15+deb12u6",
 * "1:2.1~rc1-2".  Ordered as Debian's are (deb-version(7)), of which dotted
 * numbers are a part: 3.10 is later than 3.9, and ~ comes before nothing.
 */
#ifndef MXD_JUDGE_VERSION_H
#define MXD_JUDGE_VERSION_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Below, equal to or above 0, as strcmp(3). */
int	 version_compare(const char *a, const char *b);

/* What "< 3.9" or ">= 3.5, < 3.9" means; zeroed: any version. */
struct version_range {
	const char	*least, *most;		/* NULL: no bound */
	bool		 above, below;		/* the bound itself is out */
};

/*
 * Reads comparisons (< <= = >= >) separated by commas.  False: *at is where
 * in `text` it stops to be one.
 */
bool	 version_range_parse(struct version_range *, struct arena *,
	    const char *text, size_t *at);
/*
 * A bound without epoch or revision says nothing of them: "= 3.7.11" holds
 * for 3.7.11-0+deb12u1.  An unknown version ("") is in no range but the
 * whole one.
 */
bool	 version_in(const struct version_range *, const char *version);
/* Can a version be in both? */
bool	 version_ranges_meet(const struct version_range *,
	    const struct version_range *);

#endif

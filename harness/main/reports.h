/* `-o KIND=FILE,...`, which is the same for `run` and `report`. */
#ifndef MXD_MAIN_REPORTS_H
#define MXD_MAIN_REPORTS_H

#include "harness/report/kinds.h"

/* One value of -o; 0, or an exit status after saying what is wrong. */
int	 reports_take(const char *command, struct report_outputs *,
	    const char *value);
/* Before anything is done: can they all be written? */
int	 reports_check(const char *command, const struct report_outputs *);
/* Writes them.  `rc`, or worse after saying what could not be written. */
int	 reports_write(const struct report_outputs *, struct report_set *,
	    int rc);
int	 reports_write_diff(const struct report_outputs *,
	    struct report_diff *, int rc);
/* The same of one stored run. */
int	 reports_write_of(const struct report_outputs *, const char *dir,
	    int rc);

#endif

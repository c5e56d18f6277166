/*
 * A time axis on which both milliseconds and days are seen.  Where nothing
 * happens, time is drawn by the logarithm of its length; what happens within
 * one moment (the lab's clock stands still while anybody works) is drawn
 * side by side in the order in which it happened.
 */
#ifndef MXD_REPORT_HTML_AXIS_H
#define MXD_REPORT_HTML_AXIS_H

#include <stdint.h>

#include "harness/base/sbuf.h"

struct axis_moment {
	int64_t		 t_us;
	size_t		 slots;		/* things side by side, at least 1 */
	double		 from, to;	/* places of the first and the last */
};

struct html_axis {
	struct axis_moment *moments;
	size_t		 count;
};

/* Room for `slots` things at a time; the most that was asked for holds. */
void	 axis_need(struct html_axis *, int64_t t_us, size_t slots);
/* Orders the moments and gives them their places. */
void	 axis_place(struct html_axis *, double from, double to);
/* Where the moment, or the time between two of them, begins. */
double	 axis_begin(const struct html_axis *, int64_t t_us);
double	 axis_slot(const struct html_axis *, int64_t t_us, size_t slot);
/*
 * Lines from `top` to `bottom` and times below them, as many as have room;
 * `wanted` has it first.
 */
void	 axis_draw(struct sbuf *, const struct html_axis *, int64_t wanted_us,
	    double top, double bottom);
void	 axis_fini(struct html_axis *);

#endif

/*
 * The timeline while it comes: the words of a report, line by line as soon
 * as each can be said.
 */
#ifndef MXD_REPORT_LIVE_H
#define MXD_REPORT_LIVE_H

#include "harness/report/console.h"

struct live;

struct live *live_new(const struct scenario *, const struct report_style *);
void	 live_free(struct live *);
/*
 * Appends what is new in the trace, which may only have grown.  `settled`:
 * nothing is open that could still change a line, so what was told need not
 * be looked at again.  A line that has changed since it was told, such as
 * one of a long session, is told once more.
 */
void	 live_tell(struct live *, struct sbuf *, const struct trace *,
	    bool settled);

#endif

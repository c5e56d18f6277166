/*
 * Reports of failure as mail of their own.  Each has attempts, replies,
 * deferrals and an end, and all of that is on the wire: what the wire shows
 * decides whether one was lost, not what the scenario's rules would do.
 *
 * A report is known by the tag in its recipient, which is the message's
 * reverse-path, and by its content once that was sent.  Contacts with the
 * sender's hosts in which nothing was said are signs of some report.
 */
#ifndef MXD_JUDGE_REPORTS_H
#define MXD_JUDGE_REPORTS_H

#include "harness/judge/ledger.h"

void	 reports_note(struct ledger *, const struct event *);
/* It may be of a report to one who lives there. */
void	 reports_sign(struct ledger *, struct destination *,
	    const struct attempt *);
/* Does the report say that it failed, be it badly? */
bool	 report_says_failed(const struct event *);

#endif

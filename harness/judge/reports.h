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

/* What became of the report about a unit, seen at some moment. */
enum report_end {
	REPORT_NONE,		/* no sign of one */
	REPORT_TAKEN,		/* it was delivered */
	REPORT_ALIVE,		/* queued, or tried not long ago */
	REPORT_REFUSED,		/* for good, at whatever stage */
	REPORT_NOWHERE,		/* its domain takes no mail */
	REPORT_EXPIRED,		/* tried for its lifetime */
	REPORT_LOST		/* tried, and dropped before that */
};

struct report_state {
	enum report_end	 end;
	bool		 sure;		/* known by its recipient, or nothing
					   else goes there */
	int		 tries;		/* transactions and contacts */
	int64_t		 first_us, last_us;	/* TIME_NEVER: none */
	const struct event *ev;		/* the word that ended it, or last */
	const struct event *denied;	/* what a repeat was told for good */
};

void	 reports_note(struct ledger *, const struct event *);
/* Gives the contacts of which nobody is known to the sender's hosts. */
void	 reports_end(struct ledger *);
/*
 * What became of the unit's report by `now_us`, looking at what came from
 * `since_us` on, the time from which there may have been one.
 */
void	 reports_state(const struct ledger *, const struct entry *,
	    int64_t since_us, int64_t now_us, struct report_state *);
/* Is a report that was refused for good offered again without end? */
bool	 reports_go_on(const struct ledger *, const struct mail *);
/* Does the report say that it failed, be it badly? */
bool	 report_says_failed(const struct event *);

#endif

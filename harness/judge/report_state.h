/*
 * What became of a report of failure: taken, refused, given up, dropped or
 * under way, by its transactions and by the signs of it.
 */
#ifndef MXD_JUDGE_REPORT_STATE_H
#define MXD_JUDGE_REPORT_STATE_H

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
	int64_t		 maybe_us;	/* first that a warning explains */
	bool		 vague;		/* the last: a query nobody knows of */
	const struct event *ev;		/* the word that ended it, or last */
	const struct event *denied;	/* what a repeat was told for good */
};

/* Gives the contacts of which nobody is known to the sender's hosts. */
void	 report_state_signs(struct ledger *);
/*
 * What became of the unit's report by `now_us`, looking at what came from
 * `since_us` on, the time from which there may have been one.
 */
void	 report_state_at(const struct ledger *, const struct entry *,
	    int64_t since_us, int64_t now_us, struct report_state *);

#endif

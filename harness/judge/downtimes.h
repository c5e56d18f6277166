/*
 * When the harness held the MTA down: a program that does not run owes
 * nothing until it was started again and has had its next retry.
 */
#ifndef MXD_JUDGE_DOWNTIMES_H
#define MXD_JUDGE_DOWNTIMES_H

#include "harness/judge/ledger.h"

void	 downtimes_take(struct ledger *, const struct event *);

/* Was the MTA stopped or killed in the session that this event ends? */
bool	 downtimes_cut(const struct ledger *, const struct event *end);
/*
 * May it have lost what it was told at `told_us`, of something that it sent
 * on that connection by the event `seq`, because it was killed then, or told
 * to stop before it gave a sign that it had heard?
 */
bool	 downtimes_forgets(const struct ledger *, int64_t conn, uint64_t seq,
	    int64_t told_us);
/*
 * The limit of something due from from_us on, put off by each time that the
 * MTA was down before it was due.  TIME_NEVER: it is down for good.
 */
int64_t	 downtimes_put_off(const struct ledger *, int64_t from_us,
	    int64_t limit_us);

#endif

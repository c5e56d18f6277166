/*
 * Delivery attempts and cycles (21.3): SYNs, connect() calls that failed at
 * once and, when DNS yields no address, the MX query itself.
 *
 * A contact is kept once.  Whose it was shows later, by what was said in it;
 * what nothing was said in may have been of any mail for the destination.
 */
#ifndef MXD_JUDGE_ATTEMPTS_H
#define MXD_JUDGE_ATTEMPTS_H

#include "harness/judge/ledger.h"

void	 attempts_take(struct ledger *, const struct event *);
/* Gives every contact to whose it was, and numbers the cycles. */
void	 attempts_end(struct ledger *);
/* G of 21.3: a longer pause begins a new cycle. */
int64_t	 attempts_gap(const struct profile *);
/* Is it a contact with an MX, as far as the event tells? */
bool	 attempts_is_contact(const struct event *);
/* Is it a DNS query that the network ate? */
bool	 attempts_is_lost_query(const struct event *);

#endif

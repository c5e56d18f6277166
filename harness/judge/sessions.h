/*
 * Connections and addresses: what was said in each, and what the last
 * contact with each came to.  Writes struct session and struct address.
 */
#ifndef MXD_JUDGE_SESSIONS_H
#define MXD_JUDGE_SESSIONS_H

#include "harness/judge/ledger.h"

void	 sessions_take(struct ledger *, const struct event *);
/* Known or new; NULL: no address. */
struct address *sessions_address(struct ledger *, const char *addr);

#endif

/*
 * Connections and addresses: what was said in each, and what the last
 * contact with each came to.  Writes struct session and struct address.
 */
#ifndef MXD_JUDGE_SESSIONS_H
#define MXD_JUDGE_SESSIONS_H

#include "harness/judge/ledger.h"

void	 sessions_take(struct ledger *, const struct event *);
/*
 * When the transaction of a RCPT began: whoever reads slowly is late by
 * himself, and not the client.
 */
int64_t	 sessions_begun_us(const struct ledger *, const struct event *);
/*
 * Is a reply what it seems, and did it come before the client hung up?  Who
 * has closed his side may have waited for it, or not.
 */
bool	 sessions_surely_heard(const struct ledger *, const struct event *);
/* Was the unit offered by its name in that connection? */
bool	 sessions_names(const struct ledger *, int64_t conn,
	    const struct entry *);
/* Known or new; NULL: no address. */
struct address *sessions_address(struct ledger *, const char *addr);
/* NULL: nobody has had to do with it. */
const struct address *sessions_known(const struct ledger *, const char *addr);

#endif

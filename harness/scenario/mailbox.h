/*
 * Has a domain anyone to take its mail, by the zones of a scenario and what
 * every lab has (RFC 5321 section 5.1, RFC 7505)?
 */
#ifndef MXD_SCENARIO_MAILBOX_H
#define MXD_SCENARIO_MAILBOX_H

#include "harness/scenario/scenario.h"

enum mailbox { MAILBOX_NONE, MAILBOX_NULL_MX, MAILBOX_SOME };

/* The best that any state of the zones has for it. */
enum mailbox mailbox_of(const struct scenario *, const char *domain);
/* What follows the "@"; "" of the null sender, or of NULL. */
const char *mailbox_domain(const char *address);
/* Has one of the first n messages a sender of that domain? */
bool	 mailbox_sent_before(const struct scenario *, size_t n,
	    const char *domain);

#endif

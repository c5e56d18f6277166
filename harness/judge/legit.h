/*
 * Where mail for a domain may go (21.1 legit(r,t)).  The runner tells the
 * truth of every zone version; a `records` rule of the scenario is part of
 * what DNS says and so adds hosts.  Forged replies add nothing.
 */
#ifndef MXD_JUDGE_LEGIT_H
#define MXD_JUDGE_LEGIT_H

#include "harness/judge/ledger.h"

/* A record just replaced may still be in the MTA's resolver: longest TTL. */
#define MAX_TTL_US	(INT64_C(3600) * 1000 * 1000)

void	 legit_take(struct ledger *, const struct event *);
/* May mail for the destination be given to that host?  Both may be NULL. */
bool	 legit_host(const struct destination *, const char *host,
	    const char *addr, int64_t t_us);
const struct legit *legit_find(const struct destination *, const char *host,
	    const char *addr, int64_t t_us);
/* The preference from which on the MTA's own place excludes hosts. */
int	 legit_self(const struct destination *, int64_t t_us);
/* What its address is asked for: "A" or "AAAA". */
const char *legit_qtype(const struct legit *);
bool	 legit_in_force(const struct legit *, int64_t t_us);
/*
 * The destinations that a contact may be for: by its address, else by the
 * name of its host.  NULL: none.
 */
const struct indexed *legit_destinations(const struct ledger *,
	    const char *host, const char *addr);
/* The MTA under test itself, by name and by address (RFC 5321 5.1). */
bool	 name_is_self(const char *name);
bool	 addr_is_self(const char *addr);
/* An MX target that is an address (R-DF-MXIP-a). */
bool	 name_is_addr(const char *name);

#endif

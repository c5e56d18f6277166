/*
 * Answers kept for their TTL (RFC 1034 3.6), denials for that of the SOA
 * (RFC 2308 5), failures for a minute (RFC 9520 3.2): what a resolver on the
 * host would keep.  Only for the ways that want it.
 */
#ifndef REFMTA_DNS_CACHE_H
#define REFMTA_DNS_CACHE_H

#include "reference_impl/planner.h"

struct dns_cache {
	struct kept	*kept;
	size_t		 count;
};

void	 dns_cache_fini(struct dns_cache *);
/* Fills a fact whose name and type are set, with records of its own. */
bool	 dns_cache_find(struct dns_cache *, struct fact *, int64_t now_us);
void	 dns_cache_keep(struct dns_cache *, const struct fact *,
	    const struct ways *, int64_t now_us);

#endif

/*
 * The one place where ldns is used: zone text (RFC 1035 section 5) to
 * records, words to names, and replies to words for the trace.
 */
#ifndef MXD_FAKE_DNS_ZONE_H
#define MXD_FAKE_DNS_ZONE_H

#include "fake_dns/fake_dns.h"
#include "fake_dns/wire.h"
#include "harness/base/sbuf.h"

#define ZONE_TTL	3600	/* where the text says none */

struct zone_rr {
	const uint8_t	*owner;		/* wire form, case as written */
	size_t		 owner_len;
	uint16_t	 type;
	uint32_t	 ttl;
	const uint8_t	*rdata;
	uint16_t	 rdlen;
};

/*
 * Calls `fn` for each record in order; what it is given lives for the call.
 * A relative name is taken below the root until $ORIGIN says otherwise.
 */
bool	 zone_parse(const char *text, void (*fn)(void *ctx,
	    const struct zone_rr *), void *ctx, struct fdns_error *);
/* "mx1.r.test" with or without the last dot.  False: no name. */
bool	 zone_name(struct name *, const char *text);
/* Wire name to text without the last dot; "." is the root. */
void	 zone_name_text(struct sbuf *, const uint8_t *wire, size_t len);
/* "MX", "TYPE65280" */
void	 zone_type_text(struct sbuf *, uint16_t type);
/* "MX 10 mx1.r.test, MX 20 mx2.r.test": the answer section of a reply. */
void	 zone_reply_text(struct sbuf *, const uint8_t *reply, size_t len);

#endif

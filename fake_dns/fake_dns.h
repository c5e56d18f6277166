/*
 * A name server that lies on schedule: authoritative for its zones and, as
 * the resolver in the MTA's resolv.conf, recursive within them.  UDP and TCP,
 * IPv4 and IPv6.  What it does to a query is said by rules (rule.h); without
 * rules it is a correct server.  A slow or faulty answer to one query never
 * delays another.
 */
#ifndef MXD_FAKE_DNS_FAKE_DNS_H
#define MXD_FAKE_DNS_FAKE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_dns/rule.h"
#include "harness/base/addr.h"
#include "harness/base/event.h"
#include "harness/base/timers.h"

struct event_base;
struct fdns;

struct fdns_config {
	const struct fdns_zone *zones;	/* read by fdns_new() only */
	size_t		 zone_count;
	struct fdns_rule *rules;	/* borrowed; `fired` is counted here */
	size_t		 rule_count;
	const char	*extra;		/* zone text always there (lab's own) */
	uint64_t	 seed;
	bool		 healthy_first;	/* rules sleep until start_phases */
	struct timers	*timers;
	const struct event_sink *sink;	/* dns.query, dns.reply; may be NULL */
};

struct fdns_error {
	int		 line;		/* in the zone text, from 1 */
	char		 text[160];
};

/* NULL: *error says where the zone text is wrong. */
struct fdns *fdns_new(const struct fdns_config *, struct fdns_error *error);
void	 fdns_free(struct fdns *);
/* Only checks zone text; false and *error if it is wrong (for lint). */
bool	 fdns_zone_check(const char *text, struct fdns_error *error);
/* Rule and zone times count from now on; contacts so far are forgotten. */
void	 fdns_start_phases(struct fdns *);

/*
 * Binds UDP and TCP at `addr` (with port) as resolver number `resolver`
 * (1, 2, ...) called `name` in events.  0, or -1 with errno.  The caller
 * ignores SIGPIPE.  Free the server before the event base and the timers.
 */
int	 fdns_listen(struct fdns *, struct event_base *, const struct addr *,
	    int resolver, const char *name);

/*
 * The heart, free of I/O: one query in, up to FDNS_MAX_REPLIES datagrams or
 * messages out, each with its virtual delay.  The bytes live until the next
 * call.  Emits dns.query; dns.reply is the transports', when a reply leaves.
 */
#define FDNS_MAX_REPLIES 2
struct fdns_reply {
	int64_t		 delay_us;
	const uint8_t	*bytes;		/* NULL: nothing is sent */
	size_t		 len;
	bool		 close;		/* TCP: close instead */
	const struct fdns_rule *pieces;	/* TCP: cut up as it says, or NULL */
	bool		 other_port;	/* UDP: not from the asked port */
	bool		 truth;		/* after a forged one: no fault */
};
struct fdns_peer {
	struct addr	 server, client;
	enum fdns_transport transport;
	int		 resolver;
	const char	*name;
};
size_t	 fdns_answer(struct fdns *, const struct fdns_peer *,
	    const uint8_t *query, size_t len,
	    struct fdns_reply out[FDNS_MAX_REPLIES]);

/*
 * Which addresses does the truth of now give for mail to `domain`?  Calls
 * `fn` for each (preference, exchanger name, address), best first; follows
 * CNAMEs, implicit MX, null MX (calls nothing).  For the ledger's legit().
 */
void	 fdns_mail_hosts(struct fdns *, const char *domain, void (*fn)(
	    void *ctx, int preference, const char *name,
	    const struct addr *), void *ctx);

#endif

/*
 * A stub resolver on libevent; ldns does the wire format.  It asks the
 * servers in turn, UDP first and TCP when an answer is truncated (RFC 1123
 * 6.1.3.2), five seconds a try and two tries a server.  Names are absolute:
 * there is no search list.  Every rcode but NOERROR and NXDOMAIN means that
 * this server could not say (RFC 9520): the next one is asked, and if none
 * knows the fact is FACT_FAILED.  Nothing is cached, unless a way (ways.h)
 * wants it; but who asks what is
 * being asked already shares the answer, for two queries alike on their way
 * only help whoever forges one (RFC 5452 section 5).
 */
#ifndef REFMTA_DNS_H
#define REFMTA_DNS_H

#include "reference_impl/dns_cache.h"
#include "reference_impl/planner.h"

#include <event2/event.h>

#define DNS_SERVERS_MAX	4

struct dns_config {
	struct addr	 servers[DNS_SERVERS_MAX];	/* with port */
	size_t		 count;
	char		 search[NAME_SIZE];	/* known, but for bugs only */
	int64_t		 try_us;		/* default five seconds */
	const struct bugs *bugs;
	const struct ways *ways;
};

/* What is being asked. */
struct resolver {
	struct event_base *base;
	const struct dns_config *config;
	struct query	*queries;
	unsigned	 turn;		/* which server begins, for one way */
	struct dns_cache cache;
};

/* Reads resolv.conf's nameserver, search and domain lines. */
void	 dns_config_read(struct dns_config *, const char *path);

/* Takes over fact->rrs.  Never called before dns_ask() has returned. */
typedef void dns_fn(void *ctx, struct fact *fact);

/* Forgets the cache and what is being asked; nobody is told. */
void	 dns_close(struct resolver *);

void	 dns_ask(struct resolver *, const char *name, enum fact_type,
	    dns_fn *, void *ctx);

/* What a reply did for a query. */
enum dns_verdict {
	DNS_IGNORE,		/* not ours: wrong ID or question */
	DNS_ANSWER,		/* the fact is filled */
	DNS_TRUNCATED,		/* ask again over TCP */
	DNS_USELESS,		/* this server cannot say */
};

/* Pure: judges one reply.  fact->name and type are the question. */
enum dns_verdict dns_judge(const uint8_t *wire, size_t len, uint16_t id,
	    bool tcp, const struct bugs *, struct fact *);

#endif

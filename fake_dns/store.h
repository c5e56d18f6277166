/*
 * One version of the truth: every record of the zone texts, found by name
 * and type through a hash.  Made once, never changed; what was once
 * answered is kept ready to be answered again.
 *
 * A missing SOA or NS is made up for each registrable name (two last
 * labels) and for the root, so that every negative answer has its SOA
 * (RFC 2308 section 3).
 */
#ifndef MXD_FAKE_DNS_STORE_H
#define MXD_FAKE_DNS_STORE_H

#include "fake_dns/fake_dns.h"
#include "fake_dns/wire.h"

#define NEGATIVE_TTL	300	/* minimum of a made-up SOA, seconds */

/* A complete answer without header, question and OPT. */
struct memo {
	struct memo	*next;
	uint16_t	 type;
	uint8_t		 rcode;
	uint16_t	 counts[SEC_COUNT];
	size_t		 len;
	uint8_t		 bytes[];
};

struct node {
	uint32_t	 hash;
	uint8_t		 len;
	const uint8_t	*name;		/* lower case */
	struct rrset	*sets;		/* none: an empty non-terminal */
	size_t		 set_count;
	struct memo	*memos;
	unsigned	 memo_count;
};

struct store;

/* The texts may be NULL.  NULL: *error says where they are wrong. */
struct store *store_new(const char *text, const char *extra,
	    struct fdns_error *);
void	 store_free(struct store *);

struct node *store_node(const struct store *, const struct name *);
const struct rrset *node_rrset(const struct node *, uint16_t type);
/*
 * The node that speaks for a name: its own, or the wildcard's (RFC 4592), or
 * NULL: the name does not exist.
 */
struct node *store_match(const struct store *, const struct name *);
/* The SOA of the zone of `name` and its owner; never NULL. */
const struct rrset *store_soa(const struct store *, const struct name *name,
	    const uint8_t **owner);
/* Keeps an answer; silently not, if the node has many already. */
void	 store_memorize(struct store *, struct node *, const struct memo *,
	    const uint8_t *bytes);

#endif

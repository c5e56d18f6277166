/*
 * DNS messages as octets (RFC 1035 section 4): reading a query, and writing
 * a reply with compressed names.  Knows nothing of zones or faults.
 *
 * A name is its wire form without compression: labels with their lengths,
 * ended by the root's zero octet, at most 255 octets.
 */
#ifndef MXD_FAKE_DNS_WIRE_H
#define MXD_FAKE_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/rng.h"

#define DNS_HEADER	12
#define DNS_NAME_MAX	255
#define DNS_LABEL_MAX	63
#define DNS_MESSAGE_MAX	65535
#define DNS_UDP_PLAIN	512	/* RFC 1035 section 4.2.1 */
#define DNS_UDP_MOST	4096	/* more is not sent whatever EDNS offers */
#define DNS_UDP_OFFER	1232	/* what our own OPT offers */

enum {
	TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_SOA = 6,
	TYPE_PTR = 12, TYPE_MX = 15, TYPE_AAAA = 28, TYPE_SRV = 33,
	TYPE_OPT = 41, TYPE_ANY = 255
};
enum { CLASS_IN = 1, CLASS_ANY = 255 };
enum {
	RCODE_NOERROR, RCODE_FORMERR, RCODE_SERVFAIL, RCODE_NXDOMAIN,
	RCODE_NOTIMP, RCODE_REFUSED, RCODE_BADVERS = 16
};
enum {
	FLAG_QR = 0x8000, FLAG_OPCODE = 0x7800, FLAG_TC = 0x0200,
	FLAG_RD = 0x0100, FLAG_RA = 0x0080, FLAG_AD = 0x0020, FLAG_CD = 0x0010
};

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static inline uint8_t
wire_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* A name in lower case, ready to be looked up. */
struct name {
	uint8_t		 bytes[DNS_NAME_MAX];
	uint8_t		 len;		/* with the root's octet */
	uint32_t	 hash;
};

/*
 * Reads an uncompressed name of at most `len` octets.  Returns its length,
 * 0 if it is none.
 */
size_t	 name_read(struct name *, const uint8_t *bytes, size_t len);
/* The part of `name` from octet `at` (a label's start) on. */
void	 name_suffix(struct name *out, const struct name *name, size_t at);
/* False: too long.  The wildcard below an encloser, RFC 4592. */
bool	 name_wildcard(struct name *out, const uint8_t *encloser, size_t len);
unsigned name_labels(const uint8_t *bytes);
uint32_t name_hash(const uint8_t *lower, size_t len);

struct query {
	const uint8_t	*bytes;		/* the message */
	size_t		 len;
	uint16_t	 id, flags;
	struct name	 name;
	uint16_t	 type, class;
	size_t		 question_len;	/* after the header */
	bool		 edns;
	uint8_t		 edns_version;
	uint16_t	 edns_size;
	bool		 edns_do;
	size_t		 limit;		/* longest reply */
};

enum query_state {
	QUERY_OK,
	QUERY_DROP,			/* no query at all: say nothing */
	QUERY_HEADER,			/* only the header can be trusted */
	QUERY_BAD			/* a question, then nonsense */
};

/* Never reads outside `bytes`. */
enum query_state query_read(struct query *, const uint8_t *bytes, size_t len,
	    bool tcp);

/* How records are written, other than plainly. */
struct style {
	int64_t		 ttl;		/* -1: the record's own */
	struct rng	*shuffle;	/* NULL: zone order */
	struct rng	*mix_case;	/* NULL: owner names as they are */
};

#define STYLE_PLAIN	{ -1, NULL, NULL }

struct rr {
	const uint8_t	*rdata;
	uint16_t	 rdlen;
};

struct rrset {
	uint16_t	 type;
	uint32_t	 ttl;
	uint32_t	 count;
	struct rr	*rrs;
};

enum section { SEC_ANSWER, SEC_AUTHORITY, SEC_ADDITIONAL, SEC_COUNT };

#define MSG_NAMES	96

/* A reply under construction. */
struct msg {
	uint8_t		*bytes;
	size_t		 len;
	size_t		 limit;		/* without the OPT record */
	size_t		 question_end;
	const struct query *query;
	unsigned	 flags, rcode;
	unsigned	 counts[SEC_COUNT];
	struct { uint32_t hash; uint16_t at; } names[MSG_NAMES];
	unsigned	 name_count;
	bool		 indexed;	/* the question is among the names */
};

/* `bytes` has room for DNS_MESSAGE_MAX octets. */
void	 msg_begin(struct msg *, uint8_t *bytes, const struct query *);
/* As msg_begin(), but the question asks for another name. */
void	 msg_begin_other(struct msg *, uint8_t *bytes, const struct query *,
	    const struct name *);
/* All of the set or, when it does not fit, nothing of it and false. */
bool	 msg_put_rrset(struct msg *, enum section, const uint8_t *owner,
	    const struct rrset *, const struct style *);
/* Takes every record out again and sets TC. */
void	 msg_truncate(struct msg *);
/* Writes OPT and header.  Returns the message's length. */
size_t	 msg_end(struct msg *);

#endif

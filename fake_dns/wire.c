#include "fake_dns/wire.h"

#include <assert.h>
#include <string.h>

#define POINTER		0xc000	/* RFC 1035 section 4.1.4 */
#define POINTER_MAX	0x3fff
#define OPT_LEN		11	/* an OPT record without options */
#define RRSET_MOST	4096	/* records shuffled in one set */

static uint32_t
mix(uint32_t h, uint8_t c)
{
	return (h ^ c) * 16777619u;
}

uint32_t
name_hash(const uint8_t *lower, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = mix(h, lower[i]);
	return h ^ h >> 15;
}

size_t
name_read(struct name *n, const uint8_t *bytes, size_t len)
{
	size_t at = 0, label;
	uint32_t h = 2166136261u;

	for (;;) {
		if (at >= len || at >= DNS_NAME_MAX)
			return 0;
		label = bytes[at];
		if (label > DNS_LABEL_MAX || at + label >= DNS_NAME_MAX ||
		    at + label >= len)
			return 0;
		n->bytes[at] = (uint8_t)label;
		h = mix(h, (uint8_t)label);
		if (label == 0)
			break;
		for (size_t i = at + 1; i <= at + label; i++) {
			n->bytes[i] = wire_lower(bytes[i]);
			h = mix(h, n->bytes[i]);
		}
		at += label + 1;
	}
	n->len = (uint8_t)(at + 1);
	n->hash = h ^ h >> 15;
	return at + 1;
}

void
name_suffix(struct name *out, const struct name *n, size_t at)
{
	assert(at < n->len);
	out->len = (uint8_t)(n->len - at);
	memmove(out->bytes, n->bytes + at, out->len);
	out->hash = name_hash(out->bytes, out->len);
}

bool
name_wildcard(struct name *out, const uint8_t *encloser, size_t len)
{
	if (len + 2 > DNS_NAME_MAX)
		return false;
	memcpy(out->bytes, "\1*", 2);
	memcpy(out->bytes + 2, encloser, len);
	out->len = (uint8_t)(len + 2);
	out->hash = name_hash(out->bytes, out->len);
	return true;
}

unsigned
name_labels(const uint8_t *p)
{
	unsigned n = 0;

	for (; *p != 0; p += *p + 1)
		n++;
	return n;
}

/* Steps over a name that may be compressed; 0: it runs out of the message. */
static size_t
skip_name(const uint8_t *bytes, size_t at, size_t len)
{
	while (at < len) {
		if (bytes[at] == 0)
			return at + 1;
		if ((bytes[at] & 0xc0) == 0xc0)
			return at + 2 <= len ? at + 2 : 0;
		if (bytes[at] > DNS_LABEL_MAX)
			return 0;
		at += bytes[at] + 1;
	}
	return 0;
}

/* What follows the question: looks for OPT, RFC 6891 section 6.1.1. */
static bool
read_records(struct query *q, size_t at)
{
	unsigned before = get16(q->bytes + 6) + get16(q->bytes + 8);
	unsigned count = before + get16(q->bytes + 10);
	const uint8_t *rr;
	size_t rdlen;

	for (unsigned i = 0; i < count; i++) {
		bool root = at < q->len && q->bytes[at] == 0;

		at = skip_name(q->bytes, at, q->len);
		if (at == 0 || q->len - at < 10)
			return false;
		rr = q->bytes + at;
		rdlen = get16(rr + 8);
		if (q->len - at - 10 < rdlen)
			return false;
		at += 10 + rdlen;
		if (get16(rr) != TYPE_OPT || i < before)
			continue;
		if (q->edns || !root)
			return false;
		q->edns = true;
		q->edns_size = get16(rr + 2);
		q->edns_version = rr[5];
		q->edns_do = rr[6] & 0x80;
	}
	return true;
}

static size_t
udp_limit(const struct query *q)
{
	if (!q->edns || q->edns_size < DNS_UDP_PLAIN)
		return DNS_UDP_PLAIN;
	return q->edns_size > DNS_UDP_MOST ? DNS_UDP_MOST : q->edns_size;
}

enum query_state
query_read(struct query *q, const uint8_t *bytes, size_t len, bool tcp)
{
	size_t n;

	q->bytes = bytes;
	q->len = len;
	q->question_len = 0;
	q->edns = q->edns_do = false;
	q->limit = tcp ? DNS_MESSAGE_MAX : DNS_UDP_PLAIN;
	if (len < DNS_HEADER)
		return QUERY_DROP;
	q->id = get16(bytes);
	q->flags = get16(bytes + 2);
	if (q->flags & FLAG_QR)
		return QUERY_DROP;
	if (get16(bytes + 4) != 1)
		return QUERY_HEADER;
	n = name_read(&q->name, bytes + DNS_HEADER, len - DNS_HEADER);
	if (n == 0 || len - DNS_HEADER - n < 4)
		return QUERY_HEADER;
	q->type = get16(bytes + DNS_HEADER + n);
	q->class = get16(bytes + DNS_HEADER + n + 2);
	q->question_len = n + 4;
	if (!read_records(q, DNS_HEADER + n + 4)) {
		q->edns = false;
		return QUERY_BAD;
	}
	if (!tcp)
		q->limit = udp_limit(q);
	return QUERY_OK;
}

/* Is the name at `at` in the message the same as `name`? */
static bool
same_name(const struct msg *m, size_t at, const uint8_t *name)
{
	const uint8_t *p = m->bytes + at;

	for (;;) {
		while ((*p & 0xc0) == 0xc0)
			p = m->bytes + (get16(p) & POINTER_MAX);
		if (*p != *name)
			return false;
		if (*p == 0)
			return true;
		for (unsigned i = 1; i <= *name; i++)
			if (wire_lower(p[i]) != wire_lower(name[i]))
				return false;
		p += *p + 1;
		name += *name + 1;
	}
}

static size_t
find_name(const struct msg *m, const uint8_t *name, uint32_t hash)
{
	for (unsigned i = 0; i < m->name_count; i++)
		if (m->names[i].hash == hash &&
		    same_name(m, m->names[i].at, name))
			return m->names[i].at;
	return 0;
}

static void
remember_name(struct msg *m, size_t at, uint32_t hash)
{
	if (m->name_count == MSG_NAMES || at > POINTER_MAX)
		return;
	m->names[m->name_count].hash = hash;
	m->names[m->name_count++].at = (uint16_t)at;
}

static bool
put_bytes(struct msg *m, const void *p, size_t len)
{
	if (m->limit - m->len < len)
		return false;
	memcpy(m->bytes + m->len, p, len);
	m->len += len;
	return true;
}

/* Hashes every suffix of the name, the longest first; case counts not. */
static unsigned
hash_suffixes(const uint8_t *name, uint32_t hashes[128], uint8_t starts[128])
{
	unsigned n = 0, i;
	uint32_t h = 2166136261u;
	size_t at;

	for (at = 0; name[at] != 0; at += name[at] + 1)
		starts[n++] = (uint8_t)at;
	for (i = n; i-- > 0;) {
		const uint8_t *label = name + starts[i];

		for (unsigned k = 0; k <= label[0]; k++)
			h = mix(h, wire_lower(label[k]));
		hashes[i] = h;
	}
	return n;
}

static bool
put_name(struct msg *m, const uint8_t *name)
{
	uint32_t hashes[128];
	uint8_t starts[128], pointer[2];
	unsigned n = hash_suffixes(name, hashes, starts);
	size_t at;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *label = name + starts[i];

		at = find_name(m, label, hashes[i]);
		if (at != 0) {
			put16(pointer, POINTER | (unsigned)at);
			return put_bytes(m, pointer, 2);
		}
		at = m->len;
		if (!put_bytes(m, label, label[0] + 1u))
			return false;
		remember_name(m, at, hashes[i]);
	}
	return put_bytes(m, "", 1);
}

static bool
put_mixed_name(struct msg *m, const uint8_t *name, struct rng *rng)
{
	size_t at = m->len, len;
	struct name n;

	len = name_read(&n, name, DNS_NAME_MAX);
	if (!put_bytes(m, n.bytes, len))
		return false;
	/* A label's length is below 64: never taken for a letter. */
	for (uint8_t *p = m->bytes + at; p < m->bytes + m->len; p++)
		if (*p >= 'a' && *p <= 'z' && rng_below(rng, 2))
			*p &= (uint8_t)~0x20;
	return true;
}

/*
 * Where names stand in the data of the types whose names may be compressed,
 * RFC 3597 section 4: octets before, number of names.
 */
static unsigned
compressible(uint16_t type, unsigned *before)
{
	*before = type == TYPE_MX ? 2 : 0;
	if (type == TYPE_SOA)
		return 2;
	return type == TYPE_NS || type == TYPE_CNAME || type == TYPE_PTR ||
	    type == TYPE_MX;
}

static bool
put_rdata(struct msg *m, uint16_t type, const struct rr *rr)
{
	unsigned before, names = compressible(type, &before);
	size_t at = 0;
	struct name n;

	if (names > 0 && rr->rdlen > before) {
		if (!put_bytes(m, rr->rdata, before))
			return false;
		for (at = before; names > 0; names--) {
			size_t len = name_read(&n, rr->rdata + at,
			    rr->rdlen - at);

			if (len == 0)
				break;
			if (!put_name(m, rr->rdata + at))
				return false;
			at += len;
		}
	}
	return put_bytes(m, rr->rdata + at, rr->rdlen - at);
}

static bool
put_rr(struct msg *m, const uint8_t *owner, const struct rrset *set,
    const struct rr *rr, const struct style *style)
{
	uint8_t fixed[10];
	size_t at;

	if (!(style->mix_case ? put_mixed_name(m, owner, style->mix_case) :
	    put_name(m, owner)))
		return false;
	put16(fixed, set->type);
	put16(fixed + 2, CLASS_IN);
	put32(fixed + 4, style->ttl < 0 ? set->ttl : (uint32_t)style->ttl);
	put16(fixed + 8, 0);
	if (!put_bytes(m, fixed, sizeof fixed))
		return false;
	at = m->len;
	if (!put_rdata(m, set->type, rr))
		return false;
	put16(m->bytes + at - 2, (unsigned)(m->len - at));
	return true;
}

/* Not before it is needed: a memorized answer never needs it. */
static void
index_question(struct msg *m)
{
	uint32_t hashes[128];
	uint8_t starts[128];
	unsigned n;

	m->indexed = true;
	n = hash_suffixes(m->query->name.bytes, hashes, starts);
	for (unsigned i = 0; i < n; i++)
		remember_name(m, DNS_HEADER + starts[i], hashes[i]);
}

bool
msg_put_rrset(struct msg *m, enum section section, const uint8_t *owner,
    const struct rrset *set, const struct style *style)
{
	size_t len = m->len;
	uint16_t order[RRSET_MOST];
	bool shuffled = style->shuffle && set->count <= RRSET_MOST;
	unsigned names;

	if (!m->indexed)
		index_question(m);
	names = m->name_count;
	for (unsigned i = 0; shuffled && i < set->count; i++)
		order[i] = (uint16_t)i;
	if (shuffled)
		rng_shuffle(style->shuffle, order, set->count, sizeof *order);
	for (unsigned i = 0; i < set->count; i++)
		if (!put_rr(m, owner, set, &set->rrs[shuffled ? order[i] : i],
		    style)) {
			m->len = len;
			m->name_count = names;
			return false;
		}
	m->counts[section] += set->count;
	return true;
}

static void
begin(struct msg *m, uint8_t *bytes, const struct query *q)
{
	m->bytes = bytes;
	m->query = q;
	m->len = m->question_end = DNS_HEADER;
	m->limit = q->limit - (q->edns ? OPT_LEN : 0);
	m->flags = FLAG_QR | FLAG_RA |
	    (q->flags & (FLAG_OPCODE | FLAG_RD | FLAG_CD));
	m->rcode = RCODE_NOERROR;
	memset(m->counts, 0, sizeof m->counts);
	m->name_count = 0;
}

void
msg_begin(struct msg *m, uint8_t *bytes, const struct query *q)
{
	begin(m, bytes, q);
	/* The question comes back letter by letter. */
	put_bytes(m, q->bytes + DNS_HEADER, q->question_len);
	m->question_end = m->len;
	m->indexed = q->question_len == 0;
}

void
msg_begin_other(struct msg *m, uint8_t *bytes, const struct query *q,
    const struct name *name)
{
	uint8_t fixed[4];

	begin(m, bytes, q);
	put_name(m, name->bytes);
	put16(fixed, q->type);
	put16(fixed + 2, q->class);
	put_bytes(m, fixed, sizeof fixed);
	m->question_end = m->len;
	m->indexed = true;
}

void
msg_truncate(struct msg *m)
{
	m->len = m->question_end;
	memset(m->counts, 0, sizeof m->counts);
	while (m->name_count > 0 &&
	    m->names[m->name_count - 1].at >= m->len)
		m->name_count--;
	m->flags |= FLAG_TC;
}

/* RFC 6891 section 6.1.2: extended rcode, version 0, the DO bit copied. */
static void
put_opt(struct msg *m)
{
	uint8_t *p = m->bytes + m->len;

	p[0] = 0;
	put16(p + 1, TYPE_OPT);
	put16(p + 3, DNS_UDP_OFFER);
	p[5] = (uint8_t)(m->rcode >> 4);
	p[6] = 0;
	put16(p + 7, m->query->edns_do ? 0x8000 : 0);
	put16(p + 9, 0);
	m->len += OPT_LEN;
}

size_t
msg_end(struct msg *m)
{
	unsigned additional = m->counts[SEC_ADDITIONAL];

	if (m->query->edns) {
		put_opt(m);
		additional++;
	}
	put16(m->bytes, m->query->id);
	put16(m->bytes + 2, m->flags | (m->rcode & 15));
	put16(m->bytes + 4, m->question_end > DNS_HEADER);
	put16(m->bytes + 6, m->counts[SEC_ANSWER]);
	put16(m->bytes + 8, m->counts[SEC_AUTHORITY]);
	put16(m->bytes + 10, additional);
	return m->len;
}

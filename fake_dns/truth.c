#include "fake_dns/truth.h"

#include <string.h>

#define TARGETS_MOST	64	/* targets whose addresses are added */

bool
chain_follow(struct chain *c, const struct rrset *cname)
{
	struct name *next = &c->names[c->count];

	if (c->count == CHAIN_MOST || cname->count == 0 ||
	    name_read(next, cname->rrs[0].rdata, cname->rrs[0].rdlen) == 0)
		return false;
	for (unsigned i = 0; i < c->count; i++)
		if (c->names[i].len == next->len &&
		    memcmp(c->names[i].bytes, next->bytes, next->len) == 0)
			return false;
	c->count++;
	return true;
}

/*
 * RFC 2308 section 3: the SOA, its TTL not above its own minimum field (5).
 * When it does not fit, the answer is truncated.
 */
static void
put_soa(const struct truth *t, struct msg *m, const struct name *name,
    const struct style *style)
{
	const uint8_t *owner;
	struct rrset soa = *store_soa(t->store, name, &owner);
	uint32_t minimum;

	if (soa.count > 0 && soa.rrs[0].rdlen >= 22) {
		soa.count = 1;
		minimum = get32(soa.rrs[0].rdata + soa.rrs[0].rdlen - 4);
		if (minimum < soa.ttl)
			soa.ttl = minimum;
	}
	if (!msg_put_rrset(m, SEC_AUTHORITY, owner, &soa, style))
		msg_truncate(m);
}

void
truth_fill_negative(const struct truth *t, struct msg *m,
    const struct style *style)
{
	put_soa(t, m, &m->query->name, style);
}

/* Octets before the host name in the data of the types that have one. */
static int
target_offset(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
		return 0;
	case TYPE_MX:
		return 2;
	case TYPE_SRV:
		return 6;
	default:
		return -1;
	}
}

static bool
put_addresses(const struct truth *t, struct msg *m, const struct name *host,
    const struct style *style)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	const struct node *n = store_node(t->store, host);
	const struct rrset *set;
	bool all = true;

	for (int i = 0; n != NULL && i < 2; i++) {
		if ((set = node_rrset(n, types[i])) == NULL ||
		    (t->hidden != NULL && t->hidden(t->ctx, host, types[i])))
			continue;
		if (!msg_put_rrset(m, SEC_ADDITIONAL, n->name, set, style))
			all = false;
	}
	return all;
}

/* False: something was left out for want of room (no harm, RFC 2181 9). */
static bool
put_additional(const struct truth *t, struct msg *m, const struct rrset *set,
    const struct style *style)
{
	struct { uint32_t hash; uint8_t len; } seen[TARGETS_MOST];
	unsigned count = 0, k;
	int at = target_offset(set->type);
	struct name host;
	bool all = true;

	if (at < 0)
		return true;
	for (uint32_t i = 0; i < set->count && count < TARGETS_MOST; i++) {
		if (set->rrs[i].rdlen <= at ||
		    name_read(&host, set->rrs[i].rdata + at,
		    set->rrs[i].rdlen - (unsigned)at) == 0)
			continue;
		for (k = 0; k < count; k++)
			if (seen[k].hash == host.hash &&
			    seen[k].len == host.len)
				break;
		if (k < count)
			continue;
		seen[count].hash = host.hash;
		seen[count++].len = host.len;
		all &= put_addresses(t, m, &host, style);
	}
	return all;
}

static bool
put_any(struct msg *m, const struct node *n, const struct name *owner,
    const struct style *style)
{
	for (size_t i = 0; i < n->set_count; i++)
		if (!msg_put_rrset(m, SEC_ANSWER, owner->bytes, &n->sets[i],
		    style))
			return false;
	return true;
}

/*
 * Follows the aliases across zones, as a recursive server does.  False: not
 * all of the answer is in, so it must not be memorized.
 */
static bool
follow(const struct truth *t, struct msg *m, struct chain *chain,
    const struct style *style)
{
	const struct name *name;
	const struct rrset *set;
	const struct node *n;
	uint16_t type = m->query->type;

	for (;;) {
		name = &chain->names[chain->count - 1];
		if ((n = store_match(t->store, name)) == NULL) {
			/* RFC 2308 section 2.1: of the last name. */
			m->rcode = RCODE_NXDOMAIN;
			put_soa(t, m, name, style);
			return !(m->flags & FLAG_TC);
		}
		if (type == TYPE_ANY && n->set_count > 0)
			return put_any(m, n, name, style) ||
			    (msg_truncate(m), false);
		if ((set = node_rrset(n, type)) != NULL)
			break;
		if ((set = node_rrset(n, TYPE_CNAME)) == NULL) {
			put_soa(t, m, name, style);
			return !(m->flags & FLAG_TC);
		}
		if (!msg_put_rrset(m, SEC_ANSWER, name->bytes, set, style)) {
			msg_truncate(m);
			return false;
		}
		if (!chain_follow(chain, set))
			return true;	/* a loop: the aliases are all there is */
	}
	if (!msg_put_rrset(m, SEC_ANSWER, name->bytes, set, style)) {
		msg_truncate(m);
		return false;
	}
	return put_additional(t, m, set, style);
}

static bool
from_memo(struct msg *m, const struct node *n)
{
	const struct memo *memo = n->memos;

	while (memo != NULL && memo->type != m->query->type)
		memo = memo->next;
	if (memo == NULL || m->limit - m->len < memo->len)
		return false;
	memcpy(m->bytes + m->len, memo->bytes, memo->len);
	m->len += memo->len;
	m->rcode = memo->rcode;
	for (int i = 0; i < SEC_COUNT; i++)
		m->counts[i] = memo->counts[i];
	return true;
}

void
truth_fill(const struct truth *t, struct msg *m, const struct style *style)
{
	struct node *n = store_node(t->store, &m->query->name);
	/* Pointers of a memorized answer count on the question's length. */
	bool plain = n != NULL && style->ttl < 0 && style->shuffle == NULL &&
	    style->mix_case == NULL;
	struct memo memo = { .type = m->query->type };
	struct chain chain;

	if (plain && from_memo(m, n))
		return;
	chain.names[0] = m->query->name;
	chain.count = 1;
	if (!follow(t, m, &chain, style) || !plain)
		return;
	memo.rcode = (uint8_t)m->rcode;
	for (int i = 0; i < SEC_COUNT; i++)
		memo.counts[i] = (uint16_t)m->counts[i];
	memo.len = m->len - m->question_end;
	store_memorize(t->store, n, &memo, m->bytes + m->question_end);
}

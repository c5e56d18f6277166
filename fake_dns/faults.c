#include "fake_dns/internal.h"

#include <string.h>

#define FORGED_LEAD_US	(200 * INT64_C(1000))	/* forgery before the truth */
#define MUTATIONS_MOST	8

/* One query being answered by one rule. */
struct fault {
	struct fdns	*fdns;
	const struct truth *truth;
	const struct matcher *matcher;
	const struct fdns_rule *rule;
	const struct query *query;
	struct rng	 rng;
	struct style	 style;
	struct decision	*decision;
};

/*
 * The same query meets the same accident in every run, whatever else was
 * asked in between: the stream hangs on seed, rule, question and contact.
 */
static void
seed_stream(struct fault *ft)
{
	const struct fdns *f = ft->fdns;
	uint64_t which = (uint64_t)(ft->matcher - f->matchers);
	struct rng *r = &ft->rng;

	rng_init(r, f->seed);
	rng_init(r, rng_next(r) ^ which);
	rng_init(r, rng_next(r) ^
	    ((uint64_t)ft->query->name.hash << 16 | ft->query->type));
	rng_init(r, rng_next(r) ^ ft->matcher->contacts);
}

static struct fdns_reply *
add_reply(struct fault *ft, int64_t after_us, size_t len)
{
	struct decision *d = ft->decision;
	struct fdns_reply *r = &d->replies[d->count];

	memset(r, 0, sizeof *r);
	r->delay_us = ft->rule->delay_us + after_us;
	r->pieces = ft->rule->piece_count > 0 ? ft->rule : NULL;
	r->bytes = ft->fdns->buffers[d->count++];
	r->len = len;
	return r;
}

static uint8_t *
next_buffer(struct fault *ft)
{
	return ft->fdns->buffers[ft->decision->count];
}

static size_t
finish(struct fault *ft, struct msg *m)
{
	if (ft->rule->ad)
		m->flags |= FLAG_AD;
	return msg_end(m);
}

static size_t
write_truth(struct fault *ft)
{
	struct msg m;

	msg_begin(&m, next_buffer(ft), ft->query);
	truth_fill(ft->truth, &m, &ft->style);
	return finish(ft, &m);
}

static const struct name *
forged_owner(const struct fault *ft, const struct forged *fo)
{
	return fo->owner.len == 1 ? &ft->query->name : &fo->owner;
}

static bool
same(const struct name *a, const struct name *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Does `fo` belong to the query's name or to where its aliases lead? */
static bool
in_chain(const struct fault *ft, const struct forged *fo,
    const struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		if (same(forged_owner(ft, fo), &chain->names[i]))
			return true;
	return false;
}

static void
walk_chain(const struct fault *ft, struct chain *chain)
{
	const struct matcher *m = ft->matcher;
	const struct forged *fo;

	chain->names[0] = ft->query->name;
	chain->count = 1;
	for (size_t i = 0; i < m->forged_count; i++) {
		fo = &m->forged[i];
		if (fo->set.type == TYPE_CNAME &&
		    same(forged_owner(ft, fo),
		    &chain->names[chain->count - 1])) {
			if (!chain_follow(chain, &fo->set))
				return;
			i = SIZE_MAX;	/* the next alias may stand before */
		}
	}
}

/*
 * Those records about the name asked for are the answer, all others come
 * along as additional data.  A rule for one type says literally what to
 * answer; a rule for any type answers each query with what it asks for.
 */
static void
put_forged(struct fault *ft, struct msg *m)
{
	const struct matcher *ma = ft->matcher;
	uint16_t type = ft->query->type;
	const struct forged *fo;
	struct chain chain;
	bool fits = true;

	walk_chain(ft, &chain);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < ma->forged_count; i++) {
			fo = &ma->forged[i];
			if (in_chain(ft, fo, &chain) != (pass == 0) ||
			    (pass == 0 && ft->rule->type == 0 &&
			    type != TYPE_ANY && fo->set.type != type &&
			    fo->set.type != TYPE_CNAME))
				continue;
			fits &= msg_put_rrset(m,
			    pass == 0 ? SEC_ANSWER : SEC_ADDITIONAL,
			    forged_owner(ft, fo)->bytes, &fo->set,
			    &ft->style) || pass == 1;
		}
	}
	if (!fits && ft->rule->action != FDNS_TRUNCATE_PARTIAL)
		msg_truncate(m);
}

/* A reply with the rule's records; what was asked may be misquoted. */
static size_t
write_forged(struct fault *ft, const struct name *question, unsigned flags)
{
	struct msg m;

	if (question != NULL)
		msg_begin_other(&m, next_buffer(ft), ft->query, question);
	else
		msg_begin(&m, next_buffer(ft), ft->query);
	m.flags |= flags;
	put_forged(ft, &m);
	if (m.counts[SEC_ANSWER] == 0 && !(m.flags & FLAG_TC))
		truth_fill_negative(ft->truth, &m, &ft->style);
	return finish(ft, &m);
}

static size_t
write_rcode(struct fault *ft, unsigned rcode)
{
	struct query plain = *ft->query;
	struct msg m;

	/* Who calls a query malformed does not know EDNS, RFC 6891 7. */
	if (rcode == RCODE_FORMERR || rcode == RCODE_NOTIMP)
		plain.edns = false;
	msg_begin(&m, next_buffer(ft), &plain);
	m.rcode = rcode;
	return finish(ft, &m);
}

static size_t
write_negative(struct fault *ft, unsigned rcode)
{
	struct msg m;

	msg_begin(&m, next_buffer(ft), ft->query);
	m.rcode = rcode;
	truth_fill_negative(ft->truth, &m, &ft->style);
	return finish(ft, &m);
}

static size_t
write_truncated(struct fault *ft)
{
	struct msg m;

	msg_begin(&m, next_buffer(ft), ft->query);
	msg_truncate(&m);
	return finish(ft, &m);
}

/* The id stays: a reply that nobody takes for one would prove nothing. */
static size_t
write_mutated(struct fault *ft)
{
	uint8_t *bytes = next_buffer(ft);
	size_t len = write_truth(ft);
	unsigned n = 1 + rng_below(&ft->rng, MUTATIONS_MOST);

	while (n-- > 0) {
		size_t at = 2 + rng_below(&ft->rng, (uint32_t)len - 2);

		bytes[at] ^= (uint8_t)(1 + rng_below(&ft->rng, 255));
	}
	return len;
}

static size_t
write_raw(struct fault *ft)
{
	uint8_t *bytes = next_buffer(ft);
	size_t len = ft->rule->raw_len;

	if (len > DNS_MESSAGE_MAX - 2)
		len = DNS_MESSAGE_MAX - 2;
	put16(bytes, ft->query->id);
	if (len > 0)
		memcpy(bytes + 2, ft->rule->raw, len);
	return len + 2;
}

static size_t
write_cut(struct fault *ft)
{
	size_t len = write_truth(ft);
	size_t most = ft->rule->octets > 0 ? (size_t)ft->rule->octets : 0;

	return len < most ? len : most;
}

static size_t
write_wrong_question(struct fault *ft)
{
	struct name other = ft->query->name;

	if (other.len == 1)
		memcpy(other.bytes, "\1x", other.len = 3);
	else
		other.bytes[1] = other.bytes[1] == 'x' ? 'y' : 'x';
	return write_forged(ft, &other, 0);
}

static size_t
write_wrong_id(struct fault *ft)
{
	uint8_t *bytes = next_buffer(ft);
	size_t len = write_forged(ft, NULL, 0);

	bytes[1] ^= 1;
	return len;
}

static void
forge_then_truth(struct fault *ft)
{
	switch (ft->rule->action) {
	case FDNS_WRONG_ID:
		add_reply(ft, 0, write_wrong_id(ft));
		break;
	case FDNS_WRONG_QUESTION:
		add_reply(ft, 0, write_wrong_question(ft));
		break;
	default:
		add_reply(ft, 0, write_forged(ft, NULL, 0))->other_port = true;
		break;
	}
	add_reply(ft, FORGED_LEAD_US, write_truth(ft))->truth = true;
}

static void
say_nothing(struct fault *ft, const struct fdns_peer *peer)
{
	struct fdns_reply *r = add_reply(ft, 0, 0);

	r->bytes = NULL;
	r->close = ft->rule->action == FDNS_CLOSE &&
	    peer->transport == FDNS_TCP;
	if (!r->close)
		r->delay_us = 0;
}

static size_t
write_one(struct fault *ft)
{
	switch (ft->rule->action) {
	case FDNS_NODATA:
		return write_negative(ft, RCODE_NOERROR);
	case FDNS_NXDOMAIN:
		return write_negative(ft, RCODE_NXDOMAIN);
	case FDNS_SERVFAIL:
		return write_rcode(ft, RCODE_SERVFAIL);
	case FDNS_REFUSED:
		return write_rcode(ft, RCODE_REFUSED);
	case FDNS_FORMERR:
		return write_rcode(ft, RCODE_FORMERR);
	case FDNS_NOTIMP:
		return write_rcode(ft, RCODE_NOTIMP);
	case FDNS_RECORDS:
		return write_forged(ft, NULL, 0);
	case FDNS_TRUNCATE:
		return write_truncated(ft);
	case FDNS_TRUNCATE_PARTIAL:
		return write_forged(ft, NULL, FLAG_TC);
	case FDNS_MUTATE:
		return write_mutated(ft);
	case FDNS_RAW:
		return write_raw(ft);
	case FDNS_CUT:
		return write_cut(ft);
	default:
		return write_truth(ft);
	}
}

void
fault_apply(struct fdns *f, const struct truth *truth, struct matcher *m,
    const struct query *q, const struct fdns_peer *peer, struct decision *d)
{
	struct fault ft = { .fdns = f, .truth = truth, .matcher = m,
	    .rule = m->rule, .query = q, .decision = d };

	m->rule->rule.fired++;
	d->rule = m->rule;
	d->action = fdns_action_word(m->rule->action);
	seed_stream(&ft);
	ft.style.ttl = m->rule->ttl;
	ft.style.shuffle = m->rule->shuffle ? &ft.rng : NULL;
	ft.style.mix_case = m->rule->mix_case ? &ft.rng : NULL;
	switch (m->rule->action) {
	case FDNS_DROP:
	case FDNS_CLOSE:
		say_nothing(&ft, peer);
		break;
	case FDNS_WRONG_ID:
	case FDNS_WRONG_QUESTION:
	case FDNS_WRONG_SOURCE:
		forge_then_truth(&ft);
		break;
	default:
		add_reply(&ft, 0, write_one(&ft));
		break;
	}
}

#include "fake_dns/internal.h"

#include <string.h>

#include "fake_dns/zone.h"

/*
 * Some actions mean something over one transport only: unless the rule says
 * otherwise, queries over the other are none of its contacts.
 */
static enum fdns_transport
natural_transport(const struct fdns_rule *r)
{
	if (r->transport != FDNS_ANY)
		return r->transport;
	if (r->piece_count > 0)
		return FDNS_TCP;
	switch (r->action) {
	case FDNS_TRUNCATE:
	case FDNS_TRUNCATE_PARTIAL:
	case FDNS_WRONG_SOURCE:
		return FDNS_UDP;
	case FDNS_CLOSE:
		return FDNS_TCP;
	default:
		return FDNS_ANY;
	}
}

static bool
parse_name(struct matcher *m, const char *text)
{
	m->any_name = text == NULL || strcmp(text, "*") == 0;
	if (m->any_name)
		return true;
	m->below = strncmp(text, "*.", 2) == 0;
	return zone_name(&m->name, m->below ? text + 2 : text);
}

struct collect {
	struct arena	*arena;
	struct matcher	*matcher;
};

static struct forged *
want_forged(struct collect *c, const struct name *owner,
    const struct zone_rr *z)
{
	struct matcher *m = c->matcher;
	struct forged *f;

	for (size_t i = 0; i < m->forged_count; i++) {
		f = &m->forged[i];
		if (f->set.type == z->type && f->owner.len == owner->len &&
		    memcmp(f->owner.bytes, owner->bytes, owner->len) == 0)
			return f;
	}
	f = arena_push(c->arena, &m->forged, &m->forged_count, sizeof *f);
	f->owner = *owner;
	f->set.type = z->type;
	f->set.ttl = z->ttl;
	return f;
}

static void
add_forged(void *ctx, const struct zone_rr *z)
{
	struct collect *c = ctx;
	struct forged *f;
	struct name owner;
	size_t count;
	struct rr *rr;

	if (name_read(&owner, z->owner, z->owner_len) == 0)
		return;
	f = want_forged(c, &owner, z);
	count = f->set.count;
	rr = arena_push(c->arena, &f->set.rrs, &count, sizeof *rr);
	f->set.count = (uint32_t)count;
	rr->rdlen = z->rdlen;
	rr->rdata = (const uint8_t *)arena_strndup(c->arena,
	    (const char *)z->rdata, z->rdlen);
}

bool
matchers_make(struct fdns *f, const struct fdns_config *cf,
    struct fdns_error *error)
{
	struct collect c = { .arena = f->arena };
	struct matcher *m;
	char why[sizeof error->text];

	f->matcher_count = cf->rule_count;
	f->matchers = arena_array(f->arena, cf->rule_count, sizeof *m);
	for (size_t i = 0; i < cf->rule_count; i++) {
		m = c.matcher = &f->matchers[i];
		m->rule = &cf->rules[i];
		m->transport = natural_transport(m->rule);
		if (!parse_name(m, m->rule->name)) {
			error->line = 0;
			snprintf(error->text, sizeof error->text,
			    "rule %s: \"%.100s\" is no name",
			    m->rule->rule.id ? m->rule->rule.id : "-",
			    m->rule->name);
			return false;
		}
		if (zone_parse(m->rule->records, add_forged, &c, error))
			continue;
		memcpy(why, error->text, sizeof why);
		snprintf(error->text, sizeof error->text,
		    "records of rule %s: %.100s",
		    m->rule->rule.id ? m->rule->rule.id : "-", why);
		return false;
	}
	return true;
}

static bool
name_matches(const struct matcher *m, const struct name *n)
{
	size_t at = 0;

	if (m->any_name)
		return true;
	if (!m->below)
		return n->hash == m->name.hash && n->len == m->name.len &&
		    memcmp(n->bytes, m->name.bytes, n->len) == 0;
	/* Below means at least one label more. */
	while (n->len - at > m->name.len)
		at += n->bytes[at] + 1u;
	return at > 0 && n->len - at == m->name.len &&
	    memcmp(n->bytes + at, m->name.bytes, m->name.len) == 0;
}

/* The name as it was asked for, letter by letter; its labels' octets. */
static bool
has_capital(const uint8_t *name)
{
	for (; *name != 0; name += *name + 1)
		for (size_t i = 1; i <= *name; i++)
			if (name[i] >= 'A' && name[i] <= 'Z')
				return true;
	return false;
}

/* "R.test" or "*.R.test", which the name matches but for its letters. */
static bool
spelt_like(const uint8_t *name, size_t len, const char *pattern)
{
	struct sbuf text = { 0 };
	size_t n;
	bool same;

	if (pattern == NULL || strcmp(pattern, "*") == 0)
		return true;
	pattern += strncmp(pattern, "*.", 2) == 0 ? 2 : 0;
	n = strlen(pattern);
	zone_name_text(&text, name, len);
	same = text.len >= n &&
	    strcmp(sbuf_str(&text) + text.len - n, pattern) == 0;
	sbuf_fini(&text);
	return same;
}

static bool
query_matches(const struct fdns_rule *r, const struct query *q)
{
	const uint8_t *asked = q->bytes + DNS_HEADER;

	if (r->edns != FDNS_EDNS_ANY && q->edns != (r->edns ==
	    FDNS_EDNS_WITH))
		return false;
	switch (r->name_case) {
	case FDNS_CASE_LOWER:
		return !has_capital(asked);
	case FDNS_CASE_MIXED:
		return has_capital(asked);
	case FDNS_CASE_SAME:
		return spelt_like(asked, q->name.len, r->name);
	case FDNS_CASE_ANY:
		break;
	}
	return true;
}

struct matcher *
matchers_decide(struct fdns *f, const struct fdns_peer *peer,
    const struct query *q)
{
	struct matcher *m, *first = NULL;
	int64_t now_us = fdns_now(f);

	if (f->asleep)
		return NULL;
	for (size_t i = 0; i < f->matcher_count; i++) {
		m = &f->matchers[i];
		if ((m->rule->type != 0 && m->rule->type != q->type) ||
		    (m->transport != FDNS_ANY &&
		    m->transport != peer->transport) ||
		    (m->rule->resolver != 0 &&
		    m->rule->resolver != peer->resolver) ||
		    !name_matches(m, &q->name) || !query_matches(m->rule, q))
			continue;
		m->contacts++;
		if (first == NULL && phase_covers(&m->rule->rule.phase,
		    m->contacts, now_us))
			first = m;
	}
	return first;
}

bool
matchers_hide(void *ctx, const struct name *name, uint16_t type)
{
	const struct fdns *f = ctx;
	const struct matcher *m;

	/* Whatever its phase: the answer must not depend on what was asked. */
	for (size_t i = 0; i < f->matcher_count; i++) {
		m = &f->matchers[i];
		if ((m->rule->type == 0 || m->rule->type == type) &&
		    (m->rule->action != FDNS_TRUTH ||
		    m->rule->delay_us > 0) && name_matches(m, name))
			return true;
	}
	return false;
}

#include "harness/judge/legit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/addr.h"
#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/lab/places.h"

bool
name_is_self(const char *name)
{
	return same_name(name, LAB_MTA_NAME);
}

bool
addr_is_self(const char *addr)
{
	return same_ip(addr, LAB_MTA_IP4) || same_ip(addr, LAB_MTA_IP6);
}

bool
name_is_addr(const char *name)
{
	size_t n = strlen(name);
	struct addr addr;
	char text[64];

	if (n == 0 || n >= sizeof text)
		return false;
	memcpy(text, name, n + 1);
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	return addr_parse(&addr, text);
}

static void
add(struct ledger *l, struct destination *d, struct legit g)
{
	char room[64];

	/* An address of a family that it has not is not its own. */
	g.self = name_is_self(g.host) || (addr_is_self(g.addr) &&
	    (strchr(g.addr, ':') != NULL ? l->scenario->mta_ipv6 :
	    l->scenario->mta_ipv4));
	*(struct legit *)arena_push(l->arena, &d->legit, &d->legit_count,
	    sizeof g) = g;
	if (g.host != NULL)
		index_join(l, &l->by_host, g.host, d->nr);
	if (index_addr(g.addr, room) != NULL)
		index_join(l, &l->by_addr, room, d->nr);
}

static bool
is_known(const struct destination *d, const struct event *ev)
{
	for (size_t i = 0; i < d->legit_count; i++) {
		const struct legit *g = &d->legit[i];

		if (!g->told && g->from_us == ev->t_us &&
		    same_name(g->host, ev->host) && same_ip(g->addr, ev->addr))
			return true;
	}
	return false;
}

static void
take_truth(struct ledger *l, const struct event *ev)
{
	struct destination *d;
	bool first = true;

	if (ev->rcpt == NULL)
		return;
	/* With smarthosts each domain has the same. */
	d = ledger_make_destination(l, ev->rcpt);
	if (is_known(d, ev))
		return;
	/* The events of one moment describe one state; they end the last. */
	for (size_t i = 0; i < d->legit_count; i++) {
		struct legit *g = &d->legit[i];

		if (g->from_us == ev->t_us)
			continue;
		if (!g->told)
			first = false;
		if (g->until_us == TIME_NEVER)
			g->until_us = ev->t_us;
	}
	add(l, d, (struct legit){ .host = ev->host, .addr = ev->addr,
	    .preference = (int)ev->num, .from_us = ev->t_us,
	    .until_us = TIME_NEVER, .first = first });
}

/* What a rule has told already, and DNS has not taken back since. */
static bool
is_told(const struct destination *d, const struct legit *like)
{
	for (size_t i = 0; i < d->legit_count; i++) {
		const struct legit *g = &d->legit[i];

		if (g->told && g->until_us == TIME_NEVER && g->preference ==
		    like->preference && same_name(g->host, like->host) &&
		    (g->addr == NULL ? like->addr == NULL :
		    same_ip(g->addr, like->addr)))
			return true;
	}
	return false;
}

static void
tell(struct ledger *l, struct destination *d, const struct event *ev,
    const char *host, int preference, const char *addr)
{
	const struct asked *q = answers_last(l, ev->qname, ev->qtype);
	struct legit g = { .host = host, .addr = addr, .told = true,
	    .slow = q != NULL && q->slow, .preference = preference,
	    .from_us = ev->t_us, .until_us = TIME_NEVER };

	if (!is_told(d, &g))
		add(l, d, g);
}

/* One of the MX that DNS told, which has no address in the zone. */
static void
tell_new(struct ledger *l, struct destination *d, const struct event *ev,
    const struct asked *told, const char *addr)
{
	const char *at = told->ev->text;
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		if (same_name(mx.name, ev->qname))
			tell(l, d, ev, ev->qname, mx.preference, addr);
}

/* Addresses that a `records` rule gave to a host we know of. */
static void
tell_address(struct ledger *l, struct destination *d, const struct event *ev,
    const char *addr)
{
	const size_t known = d->legit_count;
	const struct asked *mx;
	bool found = false;

	for (size_t i = 0; i < known; i++)
		if (same_name(d->legit[i].host, ev->qname)) {
			tell(l, d, ev, d->legit[i].host,
			    d->legit[i].preference, addr);
			found = true;
		}
	if (d->domain == NULL)
		return;
	mx = answers_last(l, d->domain, "MX");
	if (!found && mx != NULL && mx->answer == ANSWER_RECORDS)
		tell_new(l, d, ev, mx, addr);
	/* The domain's own address, its MX being absent (5321 5.1). */
	if (mx != NULL && mx->answer == ANSWER_NODATA &&
	    same_name(answers_end(l, d->domain), ev->qname))
		tell(l, d, ev, d->domain, 0, addr);
}

static void
take_told_address(struct ledger *l, const struct event *ev)
{
	const char *at = ev->text;
	char addr[64];

	while (answers_next_addr(&at, addr))
		for (size_t i = 0; i < l->dest_count; i++)
			tell_address(l, l->dests[i], ev, arena_strdup(
			    l->arena, addr));
}

/*
 * Hosts that a `records` rule told.  "MX 10 192.0.2.1." is one by itself,
 * whoever told it: to connect there is allowed (R-DF-MXIP-a).
 */
static void
tell_mx(struct ledger *l, struct destination *d, const struct event *ev,
    const struct mx *mx)
{
	const bool rule = same_text(ev->action, "records");
	const bool literal = name_is_addr(mx->name);
	const char *name;

	if ((!rule && !literal) || (literal && legit_find(d, mx->name, NULL,
	    ev->t_us) != NULL))
		return;
	name = arena_strndup(l->arena, mx->name, strlen(mx->name) -
	    (literal && mx->name[strlen(mx->name) - 1] == '.'));
	tell(l, d, ev, name, mx->preference, literal ? name : NULL);
}

/* A host that a rule told ends when DNS tells of others. */
static void
end_told_mx(struct destination *d, const struct event *ev)
{
	for (size_t i = 0; i < d->legit_count; i++) {
		struct legit *g = &d->legit[i];

		if (g->told && g->until_us == TIME_NEVER &&
		    !same_name(g->host, d->domain) &&
		    !answers_names_mx(ev, g->host))
			g->until_us = ev->t_us;
	}
}

static void
take_told_hosts(struct ledger *l, struct destination *d,
    const struct event *ev)
{
	const char *at = ev->text;
	bool self = false;
	struct mx mx;

	end_told_mx(d, ev);
	while (answers_next_mx(&at, &mx)) {
		tell_mx(l, d, ev, &mx);
		self = self || name_is_self(mx.name);
	}
	if (!self)
		d->told_others_us = ev->t_us;
}

static void
take_told_mx(struct ledger *l, const struct event *ev)
{
	struct destination *only = ledger_destination(l, ev->qname);

	/* Without an alias no other can be meant. */
	if (l->alias_count == 0 && only != NULL)
		take_told_hosts(l, only, ev);
	for (size_t i = 0; l->alias_count > 0 && i < l->dest_count; i++)
		if (l->dests[i]->domain != NULL && answers_is_name(l,
		    l->dests[i]->domain, ev->qname))
			take_told_hosts(l, l->dests[i], ev);
}

/* What a rule told of a host ends when DNS tells otherwise. */
static void
end_told(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = index_find(l->by_host, ev->qname);
	const bool six = same_text(ev->qtype, "AAAA");

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		struct destination *d = l->dests[x->items[i]];

		for (size_t k = 0; k < d->legit_count; k++) {
			struct legit *g = &d->legit[k];

			if (g->told && g->until_us == TIME_NEVER &&
			    g->addr != NULL && same_name(g->host,
			    ev->qname) && (strchr(g->addr, ':') != NULL) ==
			    six && !answers_has_addr(ev->text, g->addr))
				g->until_us = ev->t_us;
		}
	}
}

/* It may have told the MTA of other hosts, in another order. */
static void
note_garbled(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = index_find(l->by_host, ev->qname);

	for (size_t i = 0; x != NULL && i < x->count; i++)
		l->dests[x->items[i]]->garbled = true;
}

void
legit_take(struct ledger *l, const struct event *ev)
{
	if (ev->kind == EV_FLAG && same_text(ev->name, "legit"))
		take_truth(l, ev);
	if (ev->kind == EV_DNS_REPLY && answer_is_garbled(ev))
		note_garbled(l, ev);
	if (ev->kind != EV_DNS_REPLY || answer_of(ev) == ANSWER_SOFT)
		return;
	if (same_text(ev->qtype, "MX") && answer_of(ev) == ANSWER_RECORDS)
		take_told_mx(l, ev);
	if (!same_text(ev->qtype, "A") && !same_text(ev->qtype, "AAAA"))
		return;
	end_told(l, ev);
	if (same_text(ev->action, "records") &&
	    answer_of(ev) == ANSWER_RECORDS)
		take_told_address(l, ev);
}

static bool
holds(const struct legit *g, int64_t t_us, int64_t grace_us)
{
	return g->host != NULL && (g->first || g->from_us <= t_us) &&
	    (g->until_us == TIME_NEVER || t_us < g->until_us + grace_us);
}

const char *
legit_qtype(const struct legit *g)
{
	return strchr(g->addr, ':') != NULL ? "AAAA" : "A";
}

bool
legit_in_force(const struct legit *g, int64_t t_us)
{
	return holds(g, t_us, 0);
}

/*
 * `sure`: of what a rule told only if no other answer may be in use, and it
 * was told in time.
 */
static int
self_preference(const struct destination *d, int64_t t_us, bool sure)
{
	const bool others = sure && d->told_others_us != TIME_NEVER &&
	    t_us - d->told_others_us <= MAX_TTL_US;
	int self = INT_MAX;

	for (size_t i = 0; i < d->legit_count; i++) {
		const struct legit *g = &d->legit[i];

		if (g->self && !(others && g->told && g->addr == NULL) &&
		    !(sure && g->slow) && legit_in_force(g, t_us) &&
		    g->preference < self)
			self = g->preference;
	}
	return self;
}

int
legit_self(const struct destination *d, int64_t t_us)
{
	return self_preference(d, t_us, false);
}

const struct legit *
legit_find(const struct destination *d, const char *host, const char *addr,
    int64_t t_us)
{
	const struct legit *by_host = NULL, *by_addr = NULL;

	/* It may be told twice: the better preference counts. */
	for (size_t i = 0; i < d->legit_count; i++) {
		const struct legit *g = &d->legit[i];

		if (!holds(g, t_us, MAX_TTL_US + 1))
			continue;
		if (same_ip(g->addr, addr) && (by_addr == NULL ||
		    g->preference < by_addr->preference))
			by_addr = g;
		if (same_name(g->host, host) && (by_host == NULL ||
		    g->preference < by_host->preference))
			by_host = g;
	}
	return by_addr == NULL || (by_host != NULL && by_host->preference <
	    by_addr->preference) ? by_host : by_addr;
}

/* user@[192.0.2.1] (RFC 5321 4.1.3) */
static bool
is_literal_of(const char *domain, const char *addr)
{
	char literal[80];

	if (domain == NULL || domain[0] != '[' || addr == NULL)
		return false;
	snprintf(literal, sizeof literal, "%s", domain + 1);
	literal[strcspn(literal, "]")] = '\0';
	return same_ip(strncasecmp(literal, "IPv6:", 5) == 0 ? literal + 5 :
	    literal, addr);
}

/*
 * A domain of which the trace says nothing has no legitimate host but its
 * own literal: the runner tells of every recipient's domain, so silence is
 * no permission.
 */
bool
legit_host(const struct destination *d, const char *host, const char *addr,
    int64_t t_us)
{
	const struct legit *g = legit_find(d, host, addr, t_us);

	if (g != NULL)		/* RFC 5321 5.1: not past our own place */
		return g->preference < self_preference(d, t_us, true);
	return is_literal_of(d->domain, addr);
}

const struct indexed *
legit_destinations(const struct ledger *l, const char *host, const char *addr)
{
	const struct indexed *x;
	char room[64];

	x = index_find(l->by_addr, index_addr(addr, room));
	return x != NULL ? x : index_find(l->by_host, host);
}

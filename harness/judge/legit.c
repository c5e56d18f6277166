/*
 * Where mail for a domain may go (21.1 legit(r,t)).  The runner tells the
 * truth of every zone version; a `records` rule of the scenario is part of
 * what DNS says and so adds hosts.  Forged replies add nothing.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* A record just replaced may still be in the MTA's resolver: longest TTL. */
#define MAX_TTL_US	(3600 * USEC_PER_SEC)
/* The MTA under test, as harness/lab/lab.h names it. */
#define SELF_NAME	"mta.sut.test"

bool
name_is_self(const char *name)
{
	return same_name(name, SELF_NAME);
}

bool
is_smarthost(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->smarthost_count; i++)
		if (same_name(s->smarthosts[i], name))
			return true;
	return false;
}

static struct legit *
add(struct ledger *l, const char *domain, int64_t from_us)
{
	struct legit *g = arena_push(l->arena, &l->legit, &l->legit_count,
	    sizeof *g);

	g->domain = domain;
	g->from_us = from_us;
	g->until_us = TIME_NEVER;
	return g;
}

static void
take_truth(struct ledger *l, const struct event *ev)
{
	bool first = true;
	struct legit *g;

	/* The events of one moment describe one state; they end the last. */
	for (size_t i = 0; i < l->legit_count; i++) {
		g = &l->legit[i];
		if (!same_name(g->domain, ev->rcpt) || g->from_us == ev->t_us)
			continue;
		if (!g->told)
			first = false;
		if (g->until_us == TIME_NEVER)
			g->until_us = ev->t_us;
	}
	g = add(l, ev->rcpt, ev->t_us);
	g->host = ev->host;
	g->addr = ev->addr;
	g->preference = (int)ev->num;
	g->first = first;
}

/* Addresses that a `records` rule gave to a host we know of. */
static void
take_told_address(struct ledger *l, const struct event *ev)
{
	const char *at = ev->text;
	size_t n, known = l->legit_count;
	struct legit *g;
	char *addr;

	while ((at = strstr(at, ev->qtype)) != NULL) {
		at += strlen(ev->qtype);
		if (*at != ' ')
			continue;
		n = strcspn(++at, ", ");
		addr = arena_strndup(l->arena, at, n);
		for (size_t i = 0; i < known; i++) {
			if (!same_name(l->legit[i].host, ev->qname))
				continue;
			g = add(l, l->legit[i].domain, ev->t_us);
			g->host = l->legit[i].host;
			g->preference = l->legit[i].preference;
			g->addr = addr;
			g->told = true;
		}
		/* The domain's own address, its MX being absent (5321 5.1). */
		for (size_t i = 0; i < l->count; i++) {
			const char *d = l->entries[i].domain;
			const struct asked *mx = answers_last(l, d, "MX");

			if (!same_name(answers_end(l, d), ev->qname) ||
			    mx == NULL || mx->answer != ANSWER_NODATA)
				continue;
			g = add(l, d, ev->t_us);
			g->host = d;
			g->addr = addr;
			g->told = true;
		}
	}
}

static void
take_told_mx(struct ledger *l, const struct event *ev)
{
	const char *at = ev->text;
	struct legit *g;
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		for (size_t i = 0; i < l->count; i++) {
			const char *d = l->entries[i].domain;

			if (!same_name(d, ev->qname) && !same_name(
			    answers_end(l, d), ev->qname))
				continue;
			g = add(l, d, ev->t_us);
			g->host = arena_strdup(l->arena, mx.name);
			g->preference = mx.preference;
			g->told = true;
		}
}

void
legit_take(struct ledger *l, const struct event *ev)
{
	if (ev->kind == EV_FLAG && same_text(ev->name, "legit"))
		take_truth(l, ev);
	if (ev->kind != EV_DNS_REPLY || !same_text(ev->action, "records") ||
	    answer_of(ev) != ANSWER_RECORDS)
		return;
	if (same_text(ev->qtype, "MX"))
		take_told_mx(l, ev);
	else if (same_text(ev->qtype, "A") || same_text(ev->qtype, "AAAA"))
		take_told_address(l, ev);
}

bool
legit_in_force(const struct ledger *l, const struct legit *g, int64_t t_us)
{
	(void)l;
	return g->host != NULL && (g->first || g->from_us <= t_us) &&
	    (g->until_us == TIME_NEVER || t_us < g->until_us);
}

static bool
within_ttl(const struct legit *g, int64_t t_us)
{
	return g->host != NULL && (g->first || g->from_us <= t_us) &&
	    (g->until_us == TIME_NEVER || t_us <= g->until_us + MAX_TTL_US);
}

int
legit_self(const struct ledger *l, const char *domain, int64_t t_us)
{
	int self = INT_MAX;

	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (same_name(g->domain, domain) && name_is_self(g->host) &&
		    legit_in_force(l, g, t_us) && g->preference < self)
			self = g->preference;
	}
	return self;
}

const struct legit *
legit_find(const struct ledger *l, const char *domain, const char *host,
    const char *addr, int64_t t_us)
{
	const struct legit *by_host = NULL;

	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (!same_name(g->domain, domain) || !within_ttl(g, t_us))
			continue;
		if (same_ip(g->addr, addr))
			return g;
		if (by_host == NULL && same_name(g->host, host))
			by_host = g;
	}
	return by_host;
}

/*
 * A domain of which the trace says nothing has no legitimate host but its
 * own literal: the runner tells of every recipient's domain, so silence is
 * no permission.
 */
bool
legit_host(const struct ledger *l, const char *domain, const char *host,
    const char *addr, int64_t t_us)
{
	const struct legit *g = legit_find(l, domain, host, addr, t_us);
	char literal[80];

	if (g != NULL)		/* RFC 5321 5.1: not past our own place */
		return g->preference < legit_self(l, domain, t_us);
	if (domain[0] != '[' || addr == NULL)
		return false;
	snprintf(literal, sizeof literal, "%s", domain + 1);
	literal[strcspn(literal, "]")] = '\0';
	return same_ip(strncasecmp(literal, "IPv6:", 5) == 0 ? literal + 5 :
	    literal, addr);
}

/*
 * Delivery attempts and cycles (21.3): SYNs, failed connect() calls and, when
 * DNS never yields an address, the MX query itself.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* A second connection so soon is a fall-back of the same attempt (21.3). */
#define SAME_ATTEMPT_US	(5 * USEC_PER_SEC)

static const struct legit *
legit_of(const struct ledger *l, const char *domain, const struct event *ev)
{
	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (!same_name(g->domain, domain) || g->host == NULL)
			continue;
		if (ev->host != NULL ? same_name(g->host, ev->host) :
		    same_text(g->addr, ev->addr))
			return g;
	}
	return NULL;
}

/* Did the session fail at TLS or EHLO, so that a plain one may follow? */
static bool
fell_back(const struct ledger *l, int64_t conn)
{
	const char *last = NULL;

	if (conn == 0)
		return false;
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->kind == EV_SMTP_COMMAND && ev->conn == conn &&
		    !same_text(ev->stage, "quit"))
			last = ev->stage;
	}
	return same_text(last, "ehlo") || same_text(last, "starttls");
}

static bool
is_attempt(const struct event *ev, const struct entry *e, bool *dns)
{
	*dns = ev->kind == EV_DNS_QUERY;
	if (*dns)
		return same_name(ev->qname, e->domain) &&
		    same_text(ev->qtype, "MX");
	return ev->kind == EV_SYN || ev->kind == EV_CONNECT_FAILED;
}

static struct attempt *
last_attempt(struct entry *e)
{
	return e->attempt_count > 0 ? &e->attempts[e->attempt_count - 1] :
	    NULL;
}

static void
add_attempt(struct ledger *l, struct entry *e, const struct event *ev,
    bool dns, int64_t gap_us)
{
	const struct legit *g = dns ? NULL : legit_of(l, e->domain, ev);
	struct attempt *a = last_attempt(e);

	if (!dns && g == NULL)
		return;
	/* Queries of one lookup; then the lookup and the SYN it led to. */
	if (a != NULL && dns && ev->t_us - a->t_us < (a->host == NULL ?
	    l->profile->dns_us : gap_us))
		return;
	if (a != NULL && !dns && same_text(a->addr, ev->addr) &&
	    ev->t_us - a->t_us <= SAME_ATTEMPT_US && fell_back(l, a->conn))
		return;
	if (dns || a == NULL || a->host != NULL ||
	    ev->t_us - a->t_us > l->profile->dns_us)
		a = arena_push(l->arena, &e->attempts, &e->attempt_count,
		    sizeof *a);
	a->t_us = ev->t_us;
	a->seq = ev->seq;
	a->host = g != NULL ? g->host : NULL;
	a->addr = ev->addr;
	a->state = ev->kind == EV_DNS_QUERY ? NULL : ev->state;
	a->conn = ev->conn;
	a->preference = g != NULL ? g->preference : 0;
	if (dns)
		a->addr = NULL;
}

static void
number_cycles(struct entry *e, int64_t gap_us)
{
	size_t start = 0;
	bool fresh;

	e->cycles = 0;
	for (size_t i = 0; i < e->attempt_count; i++) {
		struct attempt *a = &e->attempts[i];

		fresh = i == 0 || a->t_us - a[-1].t_us > gap_us ||
		    a->addr == NULL;
		for (size_t j = start; j < i && !fresh; j++)
			fresh = same_text(e->attempts[j].addr, a->addr);
		if (fresh) {
			start = i;
			e->cycles++;
		}
		a->cycle = e->cycles;
	}
}

void
attempts_find(struct ledger *l, struct entry *e)
{
	const struct profile *p = l->profile;
	int64_t gap_us = p->connect_us + p->greeting_us;
	bool dns;

	if (gap_us < p->first_retry_us / 2)
		gap_us = p->first_retry_us / 2;
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (e->accepted && ev->t_us >= e->t0_us &&
		    is_attempt(ev, e, &dns))
			add_attempt(l, e, ev, dns, gap_us);
	}
	number_cycles(e, gap_us);
}

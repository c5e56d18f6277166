/* What a sentence can name: a reply, an answer of DNS, the last attempt. */
#include "harness/judge/why_facts.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/why.h"

const char *
why_duration(struct arena *a, int64_t us)
{
	int64_t s = us / USEC_PER_SEC;

	if (us < 0)
		return arena_printf(a, "-%s", why_duration(a, -us));
	if (s < 60)
		return arena_printf(a, "%d.%ds", (int)s,
		    (int)(us % USEC_PER_SEC / 100000));
	if (s < 3600)
		return arena_printf(a, "%dm%02ds", (int)(s / 60),
		    (int)(s % 60));
	if (s < 86400)
		return arena_printf(a, "%dh%02dm", (int)(s / 3600),
		    (int)(s / 60 % 60));
	return arena_printf(a, "%dd%02dh", (int)(s / 86400),
	    (int)(s / 3600 % 24));
}

const char *
why_reply(struct arena *a, const struct event *ev)
{
	char code[16];

	snprintf(code, sizeof code, "%d", (int)ev->code);
	if (ev->text == NULL)
		return ev->code > 0 ? arena_strdup(a, code) : "nothing";
	if (ev->code <= 0 || strncmp(ev->text, code, strlen(code)) == 0)
		return ev->text;
	return arena_printf(a, "%s %s", code, ev->text);
}

const char *
why_host(const struct event *ev)
{
	return ev->host != NULL ? ev->host : ev->addr != NULL ? ev->addr :
	    "a host";
}

static const char *
state_words(const char *state)
{
	if (state == NULL)
		return "was tried";
	if (strcmp(state, "open") == 0)
		return "took the connection but not the mail";
	if (strcmp(state, "refuse") == 0)
		return "refused the connection";
	if (strcmp(state, "blackhole") == 0)
		return "did not answer";
	if (strcmp(state, "close") == 0 || strcmp(state, "reset") == 0)
		return "broke the connection before its greeting";
	return "could not be reached";
}

static const char *
smarthost_words(const struct ledger *l)
{
	const struct scenario *s = l->scenario;
	const struct asked *q, *a, *last = NULL;

	for (size_t i = 0; i < s->smarthost_count; i++) {
		q = answers_last(l, s->smarthosts[i], "AAAA");
		a = answers_last(l, s->smarthosts[i], "A");
		if (q == NULL || (a != NULL && a->ev->seq > q->ev->seq))
			q = a;
		if (q != NULL && (last == NULL || q->ev->seq > last->ev->seq))
			last = q;
	}
	if (last == NULL)
		return "nobody answered for the address of a smarthost";
	return arena_printf(l->arena, "the lookup of the smarthost %s gave "
	    "%s", last->qname, last->answer == ANSWER_NODATA ? "no address" :
	    last->ev->rcode != NULL ? last->ev->rcode : "no answer");
}

/* The first MX that the reply told and whose address nobody asked for. */
static const char *
unasked_host(const struct ledger *l, const struct asked *q)
{
	const char *at = q->ev->text;
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		if (answers_last(l, mx.name, "A") == NULL &&
		    answers_last(l, mx.name, "AAAA") == NULL)
			return arena_strdup(l->arena, mx.name);
	return NULL;
}

/* The first MX of which the address is the MTA's own host's. */
static const char *
host_that_is_own(const struct ledger *l, const struct asked *q)
{
	static const char *const types[] = { "A", "AAAA" };
	const char *at = q->ev->text, *text;
	const struct asked *a;
	char addr[64];
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
			a = answers_last(l, mx.name, types[i]);
			text = a != NULL ? a->ev->text : NULL;
			if (answers_next_addr(&text, addr) &&
			    addr_is_own(addr))
				return a->qname;
		}
	return NULL;
}

static const char *
dns_words(const struct ledger *l, const char *domain)
{
	const struct asked *q = answers_last(l, domain, "MX");
	const char *host;

	if (l->scenario->smarthost_count > 0)
		return smarthost_words(l);
	if (q == NULL)
		return arena_printf(l->arena,
		    "nobody answered for the MX of %s", domain);
	if (q->answer == ANSWER_RECORDS && (host = host_that_is_own(l, q)) !=
	    NULL)
		return arena_printf(l->arena, "no host was tried for %s: its "
		    "MX %s leads to the MTA's own", domain, host);
	if (q->answer == ANSWER_RECORDS && (host = unasked_host(l, q)) !=
	    NULL)
		return arena_printf(l->arena, "no address of the MX %s of %s "
		    "was asked for", host, domain);
	if (q->answer == ANSWER_RECORDS)
		return arena_printf(l->arena, "no MX of %s had an address",
		    domain);
	if (answers_mean(l, q) == ANSWER_LOOP)
		return arena_printf(l->arena,
		    "the aliases of %s lead back to it", domain);
	if (q->answer == ANSWER_NODATA)
		return arena_printf(l->arena, "%s has no MX%s", domain,
		    answers_last(l, domain, "A") != NULL ||
		    answers_last(l, domain, "AAAA") != NULL ?
		    " and no address that could be used" : "");
	return arena_printf(l->arena, "the lookup of the MX of %s gave %s",
	    domain, q->ev->rcode != NULL ? q->ev->rcode : "no answer");
}

static bool
kept_silently(const struct entry *e, const struct attempt *at)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (at->conn > 0 && e->copies[i].ambiguous &&
		    e->copies[i].ev->conn == at->conn)
			return true;
	return false;
}

const char *
why_attempt(const struct ledger *l, const struct entry *e,
    const struct attempt *at)
{
	const char *words;

	if (at->vague)
		return "the network ate a DNS query";
	if (at->addr == NULL)
		return dns_words(l, e->domain);
	words = kept_silently(e, at) ? "kept the message, and its reply was "
	    "lost" : state_words(at->state);
	if (strcmp(words, "could not be reached") == 0)
		words = arena_printf(l->arena, "%s (%s)", words, at->state);
	return arena_printf(l->arena, "%s %s", at->host != NULL ? at->host :
	    at->addr, words);
}

/* To its mail, or to a session that may have been for it. */
const struct event *
why_last_refusal(const struct entry *e)
{
	const struct event *of_all = e->dest->last_reply;

	if (of_all != NULL && of_all->t_us >= e->t0_us - AHEAD_US &&
	    (e->last_reply == NULL || of_all->seq > e->last_reply->seq))
		return of_all;
	return e->last_reply;
}

/* The last word that was said about the unit: a reply or its absence. */
const char *
why_last_word(const struct ledger *l, const struct entry *e, uint64_t *decisive)
{
	const struct attempt *at = e->attempt_count > 0 ?
	    &e->attempts[e->attempt_count - 1] : NULL;
	const struct event *ev = why_last_refusal(e);

	if (ev != NULL && (at == NULL || ev->seq > at->seq)) {
		*decisive = ev->seq;
		return arena_printf(l->arena, "%s answered \"%s\" at %s",
		    why_host(ev), why_reply(l->arena, ev),
		    why_duration(l->arena, ev->t_us));
	}
	if (at == NULL)
		return "no attempt was seen";
	*decisive = at->seq;
	if (ev != NULL)
		return arena_printf(l->arena, "%s answered \"%s\" at %s, then "
		    "%s at %s", why_host(ev), why_reply(l->arena, ev),
		    why_duration(l->arena, ev->t_us), why_attempt(l, e, at),
		    why_duration(l->arena, at->t_us));
	return arena_printf(l->arena, "%s at %s", why_attempt(l, e, at),
	    why_duration(l->arena, at->t_us));
}

const char *
why_cause(const struct ledger *l, const struct entry *e,
    const struct proof *p)
{
	const struct event *ev = p->ev;
	uint64_t unused;

	if (p->perm == P8)
		return arena_printf(l->arena, "its lifetime of %s was over; "
		    "%s", why_duration(l->arena, entry_life(l, e)),
		    why_last_word(l, e, &unused));
	if (ev->kind == EV_DNS_REPLY)
		return arena_printf(l->arena, "DNS said %s to %s %s at %s",
		    ev->text != NULL && *ev->text != '\0' ? ev->text :
		    same_name(ev->rcode, "NOERROR") ? "NODATA" : ev->rcode,
		    ev->qname, ev->qtype, why_duration(l->arena, ev->t_us));
	if (ev->kind == EV_FLAG)
		return ev->text != NULL ? ev->text : "it could not be sent";
	if (p->perm == P7)
		return arena_printf(l->arena, "%s does not offer what the "
		    "message needs", why_host(ev));
	if (ev->kind == EV_SMTP_RCPT)
		ev = e->last_reply != NULL && e->last_reply->conn == ev->conn ?
		    e->last_reply : ev;
	return arena_printf(l->arena, "%s answered \"%s\" at %s", why_host(ev),
	    why_reply(l->arena, ev), why_duration(l->arena, ev->t_us));
}

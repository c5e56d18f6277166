/*
 * Delivery attempts and cycles (21.3): SYNs, connect() calls that failed at
 * once and, when DNS yields no address, the MX query itself.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

#define SMTP_PORT	25
/* A second connection so soon is a fall-back of the same attempt (21.3). */
#define SAME_ATTEMPT_US	(5 * USEC_PER_SEC)
/* The MTA may act before the harness has read the reply to its mail. */
#define AHEAD_US	USEC_PER_SEC

int64_t
attempts_gap(const struct profile *p)
{
	int64_t gap = p->connect_us + p->greeting_us;

	return gap > p->first_retry_us / 2 ? gap : p->first_retry_us / 2;
}

static struct attempt *
last_attempt(const struct entry *e)
{
	return e->attempt_count > 0 ? &e->attempts[e->attempt_count - 1] :
	    NULL;
}

static struct attempt *
add_attempt(struct ledger *l, struct entry *e, int64_t t_us, uint64_t seq)
{
	struct attempt *a = arena_push(l->arena, &e->attempts,
	    &e->attempt_count, sizeof *a);

	a->t_us = t_us;
	a->seq = seq;
	return a;
}

/* A lookup that led to no connection was an attempt of its own. */
static void
end_lookup(struct ledger *l, struct entry *e)
{
	if (e->dns_since_us != TIME_NEVER)
		add_attempt(l, e, e->dns_since_us, e->dns_seq);
	e->dns_since_us = TIME_NEVER;
}

static void
take_query(struct ledger *l, struct entry *e, const struct event *ev)
{
	if (l->scenario->smarthost_count > 0 ?
	    !is_smarthost(l->scenario, ev->qname) :
	    !same_text(ev->qtype, "MX") || !same_name(ev->qname, e->domain))
		return;
	/* Repeated queries of one lookup. */
	if (e->dns_since_us != TIME_NEVER &&
	    ev->t_us - e->dns_since_us <= l->profile->dns_us)
		return;
	end_lookup(l, e);
	e->dns_since_us = ev->t_us;
	e->dns_seq = ev->seq;
}

/*
 * An address was found: what follows is a connection, or the MTA's own
 * decision to wait for a host it remembers as dead, and then no attempt.
 */
static void
take_reply(const struct ledger *l, struct entry *e, const struct event *ev)
{
	if ((!same_text(ev->qtype, "A") && !same_text(ev->qtype, "AAAA")) ||
	    answer_of(ev) != ANSWER_RECORDS)
		return;
	if (same_name(ev->qname, e->domain) ||
	    legit_find(l, e->domain, ev->qname, NULL, ev->t_us) != NULL)
		e->dns_since_us = TIME_NEVER;
}

/*
 * Did the connection go its way for other recipients only?  Had it broken
 * off, ours might have come next.
 */
static bool
names_others(const struct ledger *l, const struct session *s,
    const struct entry *e)
{
	const size_t nr = (size_t)(e - l->entries);

	if (s->named_count == 0 || !s->whole)
		return false;
	for (size_t i = 0; i < s->named_count; i++)
		if (s->named[i] == nr)
			return false;
	for (size_t i = 0; i < s->bare_count; i++)
		if (same_text(s->bare[i], e->key))
			return false;
	return true;
}

/* Is the connection known to be another message's or recipient's? */
static bool
is_anothers(struct ledger *l, const struct entry *e, int64_t conn)
{
	const struct session *s = conn > 0 ? ledger_session(l, conn) : NULL;

	return s != NULL && ((s->msg != NULL && !s->mixed &&
	    !same_text(s->msg, e->key)) ||
	    names_others(l, s, e));
}

static void
take_connection(struct ledger *l, struct entry *e, const struct event *ev)
{
	const struct legit *g = legit_find(l, e->domain, ev->host, ev->addr,
	    ev->t_us);
	struct attempt *a = last_attempt(e);

	if (g == NULL)
		return;
	e->dns_since_us = TIME_NEVER;
	if (a != NULL && same_ip(a->addr, ev->addr) && a->conn > 0 &&
	    ev->t_us - a->t_us <= SAME_ATTEMPT_US &&
	    ledger_session(l, a->conn)->fell_back) {
		a->conn = ev->conn;
		return;
	}
	a = add_attempt(l, e, ev->t_us, ev->seq);
	a->host = g->host;
	a->addr = ev->addr;
	a->state = ev->state;
	a->conn = ev->conn;
	a->preference = g->preference;
}

/* The SYN knows no connection number; the accept that follows does. */
static void
take_open(struct entry *e, const struct event *ev)
{
	for (size_t i = e->attempt_count; i-- > 0;) {
		struct attempt *a = &e->attempts[i];

		if (a->conn == ev->conn)
			return;
		if (same_ip(a->addr, ev->addr) && a->conn == 0) {
			a->conn = ev->conn;
			return;
		}
	}
}

void
attempts_take(struct ledger *l, struct entry *e, const struct event *ev)
{
	if (!e->accepted || ev->t_us < e->t0_us - AHEAD_US)
		return;
	switch (ev->kind) {
	case EV_DNS_QUERY:
		take_query(l, e, ev);
		break;
	case EV_DNS_REPLY:
		take_reply(l, e, ev);
		break;
	case EV_SYN:
		take_connection(l, e, ev);
		break;
	case EV_CONNECT_FAILED:
		if (ev->num == 0 || ev->num == SMTP_PORT)
			take_connection(l, e, ev);
		break;
	case EV_SMTP_OPEN:
		take_open(e, ev);
		break;
	default:
		break;
	}
}

/* A pause begins where the attempt before has ended. */
static int64_t
pause_before(struct ledger *l, const struct attempt *a)
{
	const struct attempt *last = a - 1;
	int64_t end = last->t_us;

	if (last->conn > 0 && ledger_session(l, last->conn)->closed_us > end)
		end = ledger_session(l, last->conn)->closed_us;
	return a->t_us - end;
}

void
attempts_end(struct ledger *l, struct entry *e)
{
	int64_t gap_us = attempts_gap(l->profile);
	size_t start = 0, kept = 0;

	end_lookup(l, e);
	for (size_t i = 0; i < e->attempt_count; i++)
		if (!is_anothers(l, e, e->attempts[i].conn))
			e->attempts[kept++] = e->attempts[i];
	e->attempt_count = kept;
	e->cycles = 0;
	for (size_t i = 0; i < e->attempt_count; i++) {
		struct attempt *a = &e->attempts[i];
		bool fresh = i == 0 || a->addr == NULL || a[-1].addr == NULL ||
		    pause_before(l, a) > gap_us;

		for (size_t j = start; j < i && !fresh; j++)
			fresh = same_ip(e->attempts[j].addr, a->addr);
		if (fresh) {
			start = i;
			e->cycles++;
		}
		a->cycle = e->cycles;
	}
}

#include "harness/judge/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/legit.h"
#include "harness/judge/sessions.h"

#define SMTP_PORT	25
#define DNS_PORT	53
/* A second connection so soon is a fall-back of the same attempt (21.3). */
#define SAME_ATTEMPT_US	(5 * USEC_PER_SEC)

int64_t
attempts_gap(const struct profile *p)
{
	int64_t gap = p->connect_us + p->greeting_us;

	return gap > p->first_retry_us / 2 ? gap : p->first_retry_us / 2;
}

bool
attempts_is_contact(const struct event *ev)
{
	return ev->kind == EV_SYN || (ev->kind == EV_CONNECT_FAILED &&
	    (ev->num == 0 || ev->num == SMTP_PORT));
}

bool
attempts_is_lost_query(const struct event *ev)
{
	return ev->kind == EV_DATAGRAM || (ev->kind == EV_CONNECT_FAILED &&
	    ev->num == DNS_PORT);
}

static struct attempt *
push(struct ledger *l, struct attempt **list, size_t *count,
    struct attempt one)
{
	struct attempt *a = arena_push(l->arena, list, count, sizeof *a);

	*a = one;
	return a;
}

/* --- lookups --- */

/* One that led to no connection, and could not, was an attempt of its own. */
static void
end_lookup(struct ledger *l, struct destination *d)
{
	/* Without an address so far, no host can be known to be down. */
	if (d->lookup.since_us != TIME_NEVER && (d->lookup.failed ||
	    !d->reached))
		push(l, &d->shared, &d->shared_count, (struct attempt){
		    .t_us = d->lookup.since_us, .seq = d->lookup.seq,
		    .vague = d->lookup.vague });
	d->lookup.since_us = TIME_NEVER;
}

static void
begin_lookup(struct ledger *l, struct destination *d, const struct event *ev)
{
	/* Repeated queries of one lookup. */
	if (d->lookup.since_us != TIME_NEVER &&
	    ev->t_us - d->lookup.since_us <= l->profile->dns_us)
		return;
	end_lookup(l, d);
	d->lookup.since_us = ev->t_us;
	d->lookup.seq = ev->seq;
	d->lookup.failed = true;	/* until it is answered */
	d->lookup.vague = attempts_is_lost_query(ev);
}

static void
take_query(struct ledger *l, const struct event *ev)
{
	struct destination *d;

	if (ledger_is_smart(l)) {
		if (l->dest_count > 0 && is_smarthost(l->scenario, ev->qname))
			begin_lookup(l, l->dests[0], ev);
		return;
	}
	if (!same_text(ev->qtype, "MX") || ev->qname == NULL)
		return;
	d = ledger_destination(l, ev->qname);
	if (d != NULL)
		begin_lookup(l, d, ev);
}

/* All its addresses are our own: an attempt there is seen by nobody. */
static bool
is_all_own(const struct event *ev)
{
	const char *at = ev->text;
	char addr[64];
	bool any = false;

	while (answers_next_addr(&at, addr)) {
		if (!addr_is_own(addr))
			return false;
		any = true;
	}
	return any;
}

/* The domain's own address, asked for though it has an MX. */
static bool
is_aside(const struct ledger *l, const struct destination *d,
    const struct event *ev)
{
	const struct asked *mx = d->domain == NULL || same_text(ev->qtype,
	    "MX") || !same_name(ev->qname, d->domain) ? NULL :
	    answers_last(l, d->domain, "MX");

	return mx != NULL && mx->answer == ANSWER_RECORDS;
}

/*
 * An address was found: what follows is a connection, or the MTA's own
 * decision to wait for a host it remembers as dead, and then no attempt.
 * The same holds of the names of hosts that it knows already.
 */
static void
take_reply(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = index_find(l->by_host, ev->qname);
	const enum answer answer = answer_of(ev);

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		struct destination *d = l->dests[x->items[i]];
		struct lookup *k = &d->lookup;

		if (answer != ANSWER_RECORDS)
			k->failed = k->failed || !is_aside(l, d, ev);
		else if (same_text(ev->qtype, "MX"))
			k->failed = false;
		else if (!is_all_own(ev)) {
			k->since_us = TIME_NEVER;
			d->reached = true;
		} else
			k->failed = true;
	}
}

/*
 * A query that the network ate tells no name: whoever is waiting may have
 * asked.
 */
static void
take_lost_query(struct ledger *l, const struct event *ev)
{
	*(int64_t *)arena_push(l->arena, &l->lost_us, &l->lost_count,
	    sizeof *l->lost_us) = ev->t_us;
	for (size_t i = 0; i < l->dest_count; i++)
		begin_lookup(l, l->dests[i], ev);
}

/* --- contacts --- */

static void
end_lookups_at(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, ev->addr);

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		l->dests[x->items[i]]->lookup.since_us = TIME_NEVER;
		l->dests[x->items[i]]->reached = true;
	}
}

static void
take_contact(struct ledger *l, const struct event *ev)
{
	struct address *at = sessions_address(l, ev->addr);
	struct dialled *w;

	if (at == NULL)
		return;
	end_lookups_at(l, ev);
	push(l, &l->contacts, &l->contact_count, (struct attempt){
	    .t_us = ev->t_us, .seq = ev->seq, .host = ev->host,
	    .addr = ev->addr, .state = ev->state, .conn = ev->conn });
	if (ev->conn != 0)
		return;
	w = arena_push(l->arena, &at->waiting, &at->waiting_count,
	    sizeof *w);
	w->contact = l->contact_count - 1;
	w->peer = ev->peer;
}

static bool
is_waiting(const struct ledger *l, const struct dialled *w)
{
	const struct attempt *a = &l->contacts[w->contact];

	return a->conn == 0 && same_text(a->state, "open");
}

/*
 * The SYN may know no connection number; the accept that follows does.  Of
 * several at a time it is by the port, or else the first to ask is the first
 * to be let in.
 */
static void
take_open(struct ledger *l, const struct event *ev)
{
	struct address *at = sessions_address(l, ev->addr);

	for (size_t i = at != NULL ? at->opened : 0; at != NULL &&
	    i < at->waiting_count; i++) {
		const struct dialled *w = &at->waiting[i];

		if (!is_waiting(l, w)) {
			at->opened += i == at->opened;
			continue;
		}
		if (ev->peer != NULL && w->peer != NULL &&
		    !same_text(ev->peer, w->peer))
			continue;
		l->contacts[w->contact].conn = ev->conn;
		return;
	}
}

void
attempts_take(struct ledger *l, const struct event *ev)
{
	if (attempts_is_contact(ev))
		take_contact(l, ev);
	else if (attempts_is_lost_query(ev))
		take_lost_query(l, ev);
	else if (ev->kind == EV_DNS_QUERY)
		take_query(l, ev);
	else if (ev->kind == EV_DNS_REPLY)
		take_reply(l, ev);
	else if (ev->kind == EV_SMTP_OPEN)
		take_open(l, ev);
}

/* --- fall-backs --- */

/* HELO after EHLO, clear text after a TLS that failed. */
static bool
fell_back(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	return s != NULL && s->fell_back;
}

/* Whoever says EHLO once more has not gone back to HELO. */
static bool
is_other_try(const struct ledger *l, const struct session *before,
    const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	return before->to_helo && s != NULL && s->said_ehlo;
}

/* The attempt that this contact goes on with; NULL: it is one by itself. */
static struct attempt *
continued(struct ledger *l, struct address *at, const struct attempt *a)
{
	while (at->followed < at->fallen_count) {
		struct attempt *before = &l->contacts[at->fallen[
		    at->followed]];
		const struct session *s = ledger_session_of(l, before->conn);

		if (s->closed_us == 0 || s->closed_us > a->t_us)
			return NULL;
		at->followed++;
		if (a->t_us - before->t_us <= SAME_ATTEMPT_US)
			return is_other_try(l, s, a) ? NULL : before;
	}
	return NULL;
}

static void
join_fall_backs(struct ledger *l)
{
	size_t kept = 0;

	for (size_t c = 0; c < l->contact_count; c++) {
		struct attempt one = l->contacts[c];
		struct address *at = sessions_address(l, one.addr);
		struct attempt *before = continued(l, at, &one);

		if (before != NULL)
			before->conn = one.conn;
		else {
			before = &l->contacts[kept++];
			*before = one;
		}
		if (fell_back(l, before))
			*(size_t *)arena_push(l->arena, &at->fallen,
			    &at->fallen_count, sizeof *at->fallen) =
			    (size_t)(before - l->contacts);
	}
	l->contact_count = kept;
}

/* --- whose they were --- */

static void
give(struct ledger *l, struct entry *e, const struct attempt *a)
{
	push(l, &e->own, &e->own_count, *a);
}

static void
give_mail(struct ledger *l, const struct destination *d, const char *key,
    const struct attempt *a)
{
	struct mail *m = ledger_mail(l, key);

	for (size_t i = 0; m != NULL && i < m->count; i++)
		if (l->entries[m->first + i].dest == d)
			give(l, &l->entries[m->first + i], a);
}

/* The connection ran its course: it was of those whom it named. */
static void
give_named(struct ledger *l, const struct destination *d,
    const struct session *s, const struct attempt *a)
{
	for (size_t i = 0; i < s->named_count; i++) {
		struct entry *e = &l->entries[s->named[i]];
		const bool again = e->own_count > 0 &&
		    e->own[e->own_count - 1].seq == a->seq;

		if (e->dest == d && !again)
			give(l, e, a);
	}
	for (size_t i = 0; i < s->bare_count; i++)
		give_mail(l, d, s->bare[i], a);
}

static void
place(struct ledger *l, struct destination *d, struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);
	const struct legit *g = legit_find(d, a->host, a->addr, a->t_us);

	if (g == NULL)
		return;
	a->host = g->host;
	a->preference = g->preference;
	/* Reports of failure are no attempts of what they are about. */
	if (s != NULL && s->null_sender && !s->ordinary && s->msg == NULL &&
	    (d->null_mails == 0 || s->report_offered))
		return;
	if (s != NULL && s->whole && s->named_count > 0)
		give_named(l, d, s, a);
	else if (s != NULL && s->msg != NULL && !s->mixed)
		give_mail(l, d, s->msg, a);
	else
		push(l, &d->shared, &d->shared_count, *a);
}

static int
by_seq(const void *x, const void *y)
{
	const struct attempt *a = x, *b = y;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* A pause begins where the attempt before has ended. */
static int64_t
pause_before(const struct ledger *l, const struct attempt *a)
{
	const struct attempt *last = a - 1;
	const struct session *s = ledger_session_of(l, last->conn);
	int64_t end = last->t_us;

	if (s != NULL && s->closed_us > end)
		end = s->closed_us;
	return a->t_us - end;
}

static void
count_cycles(const struct ledger *l, struct entry *e)
{
	const int64_t gap_us = attempts_gap(l->profile);
	size_t start = 0;

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

/* Those of nobody, from its acceptance on, and its own. */
static void
gather(struct ledger *l, struct entry *e)
{
	const struct destination *d = e->dest;

	for (size_t i = 0; i < d->shared_count; i++)
		if (d->shared[i].t_us >= e->t0_us - AHEAD_US)
			push(l, &e->attempts, &e->attempt_count,
			    d->shared[i]);
	for (size_t i = 0; i < e->own_count; i++)
		if (e->own[i].t_us >= e->t0_us - AHEAD_US)
			push(l, &e->attempts, &e->attempt_count, e->own[i]);
	if (e->attempt_count > 1)
		qsort(e->attempts, e->attempt_count, sizeof *e->attempts,
		    by_seq);
	count_cycles(l, e);
}

/* Many units that have nothing of their own share what they have. */
static bool
borrow(struct entry *e, const struct entry *last)
{
	if (last == NULL || last->dest != e->dest || e->own_count > 0 ||
	    last->own_count > 0 || last->t0_us != e->t0_us)
		return false;
	e->attempts = last->attempts;
	e->attempt_count = last->attempt_count;
	e->cycles = last->cycles;
	return true;
}

void
attempts_end(struct ledger *l)
{
	const struct entry *last = NULL;
	const struct indexed *x;

	join_fall_backs(l);
	for (size_t i = 0; i < l->dest_count; i++)
		end_lookup(l, l->dests[i]);
	for (size_t c = 0; c < l->contact_count; c++) {
		struct attempt one = l->contacts[c];

		x = legit_destinations(l, one.host, one.addr);
		for (size_t i = 0; x != NULL && i < x->count; i++)
			place(l, l->dests[x->items[i]], &one);
	}
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (!e->accepted)
			continue;
		if (!borrow(e, last))
			gather(l, e);
		last = e;
	}
}

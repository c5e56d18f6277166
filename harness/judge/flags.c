#include "harness/judge/finding.h"

#include <string.h>

#include "harness/base/addr.h"
#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/downtimes.h"
#include "harness/judge/units.h"
#include "harness/judge/why.h"

static bool
is_contact(const struct event *ev)
{
	return ev->kind == EV_SYN || ev->kind == EV_SMTP_OPEN;
}

/* Is the host only the control message's own? */
static bool
is_control_host(const struct findings *c, const char *host)
{
	const struct indexed *x = index_find(c->l->by_host, host);
	bool control = false;

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		const struct destination *d = c->l->dests[x->items[i]];

		if (d->entry_count > 0 || d->senders > 0)
			return false;
		control = true;
	}
	return control;
}

/* The scenario's name of the host at that address. */
static const char *
host_at(const struct ledger *l, const struct event *ev)
{
	const struct scenario *s = l->scenario;
	char text[ADDR_STRLEN];

	if (ev->host != NULL)
		return ev->host;
	for (size_t h = 0; h < s->host_count; h++)
		for (size_t i = 0; i < s->hosts[h].addr_count; i++)
			if (same_ip(addr_format(&s->hosts[h].addrs[i], text),
			    ev->addr))
				return s->hosts[h].name;
	return NULL;
}

static void
check_contact(struct findings *c, const struct event *ev)
{
	const struct checks *k = &c->l->scenario->checks;
	const char *host = host_at(c->l, ev);

	for (size_t i = 0; i < k->untouched_count; i++)
		if (same_name(host, k->untouched[i]))
			finding_raise(c, F_TRAP_CONTACT, WEIGHT_ALWAYS, NULL,
			    ev, arena_printf(c->j->arena, "%s was contacted "
			    "at %s, which must be left alone", host,
			    why_duration(c->j->arena, ev->t_us)));
}

/* One that we told to stop may leave what it has begun without a QUIT. */
static bool
we_stopped_it(const struct ledger *l, const struct event *end)
{
	return same_text(end->name, "R-5321-4.1.1.10-b") &&
	    downtimes_cut(l, end);
}

static void
check_violation(struct findings *c, const struct event *ev)
{
	struct arena *a = c->j->arena;

	if (is_control_host(c, ev->host) || we_stopped_it(c->l, ev))
		return;
	finding_raise(c, F_PROTOCOL_VIOLATION, WEIGHT_BY_THE_WAY, ev->name, ev,
	    arena_printf(a, "the client broke the protocol at %s after %s: %s",
	    ev->host != NULL ? ev->host : "a host",
	    why_duration(a, ev->t_us), ev->text != NULL ? ev->text : "?"));
}

/* The harness's own stops and kills are no "exit". */
static void
check_exit(struct findings *c, const struct event *ev)
{
	struct arena *a = c->j->arena;
	const char *at = why_duration(a, ev->t_us);

	finding_raise(c, F_CRASHED, WEIGHT_ALWAYS, "R-DF-ROB-g", ev,
	    same_text(ev->state, "signal") ? arena_printf(a,
	    "%s, a process of the MTA, died of signal %d after %s",
	    ev->text != NULL ? ev->text : "?", (int)ev->num, at) :
	    arena_printf(a, "the MTA ended by itself after %s, with status "
	    "%d", at, (int)ev->num));
}

static void
check_event(struct findings *c, const struct event *ev)
{
	struct arena *a = c->j->arena;

	if (is_contact(ev))
		check_contact(c, ev);
	if (ev->kind == EV_SMTP_VIOLATION)
		check_violation(c, ev);
	if (ev->kind == EV_STRAY)
		finding_raise(c, F_STRAY_MAIL, WEIGHT_SCENARIO, NULL, ev,
		    arena_printf(a, "mail that nobody sent arrived at %s for "
		    "%s after %s", ev->host != NULL ? ev->host : "a host",
		    ev->to != NULL ? ev->to : "?",
		    why_duration(a, ev->t_us)));
	if (ev->kind == EV_MTA && same_text(ev->verb, "exit"))
		check_exit(c, ev);
}

/* Does the question concern nobody but the control message? */
static bool
is_control_name(const struct findings *c, const char *qname)
{
	for (size_t i = 0; i < c->l->count; i++)
		if (c->l->entries[i].message->control &&
		    name_within(qname, c->l->entries[i].domain))
			return true;
	return false;
}

static void
check_counts(struct findings *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const struct trace *t = c->l->trace;
	int queries = 0, contacts = 0, messages = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct event *ev = &t->events[i];

		if (BEFORE_RUN(ev))
			continue;
		queries += ev->kind == EV_DNS_QUERY &&
		    !is_control_name(c, ev->qname);
		contacts += ev->kind == EV_SYN &&
		    !is_control_host(c, ev->host);
	}
	for (size_t i = 0; i < c->l->scenario->message_count; i++) {
		const struct message *m = &c->l->scenario->messages[i];

		if (!m->control)
			messages += m->count > 1 ? m->count : 1;
	}
	if (k->queries_max > 0 && queries > k->queries_max * messages)
		finding_raise(c, F_TOO_MANY_QUERIES, WEIGHT_SCENARIO, NULL,
		    NULL, arena_printf(c->j->arena, "%d DNS queries for %d "
		    "messages, more than %d each", queries, messages,
		    k->queries_max));
	if (k->contacts_max > 0 && contacts > k->contacts_max)
		finding_raise(c, F_TOO_MANY_CONTACTS, WEIGHT_SCENARIO, NULL,
		    NULL, arena_printf(c->j->arena, "%d connections, more "
		    "than %d", contacts, k->contacts_max));
}

static const struct event *
first_contact(const struct ledger *l, const char *host)
{
	const struct trace *t = l->trace;

	for (size_t i = 0; i < t->count; i++)
		if (!BEFORE_RUN(&t->events[i]) && is_contact(&t->events[i]) &&
		    same_name(host_at(l, &t->events[i]), host))
			return &t->events[i];
	return NULL;
}

/* `order:`: hosts never contacted are no matter of order. */
static void
check_order(struct findings *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const struct event *last = NULL, *ev;
	const char *before = NULL;

	for (size_t i = 0; i < k->order_count; i++) {
		ev = first_contact(c->l, k->order[i]);
		if (ev == NULL)
			continue;
		if (last != NULL && ev->seq < last->seq)
			finding_raise(c, F_ORDER_VIOLATION, WEIGHT_CLAUSE,
			    "R-5321-5.1-k", ev, arena_printf(c->j->arena,
			    "%s was tried before %s", k->order[i], before));
		last = ev;
		before = k->order[i];
	}
}

/*
 * 21.3: k equal hosts, n first attempts, all on one: chance k^(1-n).  Mail that
 * follows other mail in a session had no choice (RFC 5321 4.5.4.1 allows it),
 * so that connections are counted.
 */
static void
check_spread(struct findings *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const char *only = NULL;
	int64_t last = 0;
	int n = 0;

	if (k->spread_count < 2)
		return;
	for (size_t i = 0; i < c->l->count; i++) {
		const struct entry *e = &c->l->entries[i];
		const struct event *ev = NULL;

		if (e->message->control)
			continue;
		for (size_t x = 0; x < e->copy_count && ev == NULL; x++)
			ev = e->copies[x].ev;
		for (size_t h = 0; ev != NULL && h < k->spread_count; h++) {
			if (!same_name(ev->host, k->spread[h]))
				continue;
			if (only != NULL && only != k->spread[h])
				return;
			only = k->spread[h];
			n += ev->conn != last;
			last = ev->conn;
		}
	}
	if (n >= 20)
		finding_raise(c, F_NOT_RANDOMISED, WEIGHT_CLAUSE,
		    "R-5321-5.1-o", NULL, arena_printf(c->j->arena,
		    "%d messages all went first to %s", n, only));
}

static bool
network_changed(const struct ledger *l, int64_t from_us, int64_t to_us)
{
	for (size_t i = ledger_since(l, from_us); i < l->trace->count &&
	    l->trace->events[i].t_us <= to_us; i++)
		if (l->trace->events[i].kind == EV_NETWORK)
			return true;
	return false;
}

static bool
domain_was_ill(const struct ledger *l, const char *domain, int64_t from_us,
    int64_t to_us)
{
	for (size_t i = ledger_since(l, from_us); i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us > to_us)
			break;
		if (ev->kind == EV_DNS_REPLY && name_within(ev->qname,
		    domain) && answer_of(ev) == ANSWER_SOFT)
			return true;
	}
	return false;
}

/*
 * A healthy destination waited while another was dead (R-DF-RET-d): its
 * first attempt succeeded, nothing of its own stood in the way.
 */
static void
check_blocking(struct findings *c, const struct entry *e)
{
	int64_t bound = profile_dsn_max(c->l->profile);
	const struct event *copy;
	bool other = false;

	if (e->message->control || e->acked != 1 || !e->copies[0].counted ||
	    e->attempt_count == 0 || !e->alone)
		return;
	copy = e->copies[0].ev;
	if (copy->t_us - e->t0_us <= bound + bound_eps(bound) ||
	    e->attempts[0].conn != copy->conn)
		return;
	for (size_t i = 0; i < c->l->count && !other; i++) {
		const struct entry *o = &c->l->entries[i];

		other = !o->message->control && o->dest != e->dest &&
		    o->cycles > 1;
	}
	if (!other || ledger_handled(c->l, e->t0_us, copy->t_us) ||
	    network_changed(c->l, e->t0_us, copy->t_us) ||
	    domain_was_ill(c->l, e->domain, e->t0_us, copy->t_us))
		return;
	finding_raise(c, F_HOL_BLOCKED, WEIGHT_CLAUSE, "R-DF-RET-d", copy,
	    arena_printf(c->j->arena, "%s for the healthy %s waited %s for "
	    "dead destinations of other mail", e->key, copy->host,
	    why_duration(c->j->arena, copy->t_us - e->t0_us)));
}

/* What a unit's `tolerate` let pass is worth a remark (0.6). */
static void
check_divergence(struct findings *c)
{
	for (size_t i = 0; i < c->j->unit_count; i++) {
		const struct unit *u = &c->j->units[i];

		if (u->tolerated)
			finding_raise(c, F_DIVERGENT, WEIGHT_REMARK, NULL,
			    u->decisive > 0 ?
			    &c->l->trace->events[u->decisive - 1] : NULL,
			    u->why);
	}
}

/* 21.3, seen while it went on: storms.h. */
static void
check_storm(struct findings *c)
{
	const struct storm *s = &c->l->storm;
	const char *host = s->host != NULL ? s->host : s->addr;

	if (s->ev != NULL)
		finding_raise(c, F_RETRY_STORM, WEIGHT_CLAUSE,
		    "R-5321-4.5.4.1-d", s->ev, arena_printf(c->j->arena,
		    s->lookups ? "the MX of %s was asked for %d times within "
		    "%s, without a pause" :
		    "%s was contacted %d times within %s, without a pause",
		    host, s->contacts, why_duration(c->j->arena,
		    s->within_us)));
}

void
flags_check(struct findings *c)
{
	for (size_t i = 0; i < c->l->trace->count; i++)
		if (!BEFORE_RUN(&c->l->trace->events[i]))
			check_event(c, &c->l->trace->events[i]);
	check_storm(c);
	check_order(c);
	check_spread(c);
	check_counts(c);
	for (size_t i = 0; i < c->l->count; i++)
		check_blocking(c, &c->l->entries[i]);
	check_divergence(c);
}

#include "harness/judge/flags.h"

#include <string.h>

#include "harness/base/addr.h"
#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/why.h"

static bool
flag_allowed(const struct scenario *s, enum flag flag)
{
	for (size_t i = 0; i < s->checks.allow_count; i++)
		if (strcmp(s->checks.allow[i], flag_word(flag)) == 0)
			return true;
	return false;
}

/* One finding a flag: the first is the one that counts. */
void
flag_raise(struct flag_ctx *c, enum flag flag, enum result worth,
    const char *clause, const struct event *ev, const char *text)
{
	struct judgement *j = c->j;
	struct finding *f;

	for (size_t i = 0; i < j->finding_count; i++)
		if (j->findings[i].flag == flag)
			return;
	f = arena_push(j->arena, &j->findings, &j->finding_count, sizeof *f);
	f->flag = flag;
	f->text = text;
	f->clause = clause;
	f->decisive = ev != NULL ? ev->seq : 0;
	f->allowed = flag_allowed(c->l->scenario, flag) || worth <= RESULT_INFO;
	if (f->allowed)
		worth = RESULT_INFO;
	if (worth > c->worst && worth > j->result) {
		j->sentence = text;
		j->clause = clause;
	}
	if (worth > c->worst)
		c->worst = worth;
}

enum result
flag_worth(const struct flag_ctx *c)
{
	enum level level = c->l->scenario->level;

	return level == LEVEL_MUST ? RESULT_FAIL :
	    level == LEVEL_SHOULD ? RESULT_WARN : RESULT_INFO;
}

static bool
is_contact(const struct event *ev)
{
	return ev->kind == EV_SYN || ev->kind == EV_SMTP_OPEN;
}

/*
 * A breach of a requirement that the scenario is about weighs as its level
 * says; one met by the way is worth a warning, and its own scenario.
 */
static enum result
breach_worth(const struct flag_ctx *c, const char *requirement)
{
	const struct scenario *s = c->l->scenario;

	for (size_t i = 0; i < s->covers_count; i++)
		if (same_text(s->covers[i], requirement))
			return flag_worth(c);
	return s->level == LEVEL_INFO ? RESULT_INFO : RESULT_WARN;
}

/* Is the host only the control message's own? */
static bool
is_control_host(const struct flag_ctx *c, const char *host)
{
	bool control = false;

	for (size_t i = 0; i < c->l->legit_count; i++) {
		const struct legit *g = &c->l->legit[i];

		if (!same_name(g->host, host))
			continue;
		for (size_t k = 0; k < c->l->count; k++) {
			if (!same_name(c->l->entries[k].domain, g->domain))
				continue;
			if (!c->l->entries[k].message->control)
				return false;
			control = true;
		}
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
check_contact(struct flag_ctx *c, const struct event *ev)
{
	const struct checks *k = &c->l->scenario->checks;
	const char *host = host_at(c->l, ev);

	for (size_t i = 0; i < k->untouched_count; i++)
		if (same_name(host, k->untouched[i]))
			flag_raise(c, F_TRAP_CONTACT, RESULT_FAIL, NULL, ev,
			    arena_printf(c->j->arena, "%s was contacted at %s, "
			    "which must be left alone", host,
			    why_duration(c->j->arena, ev->t_us)));
}

static void
check_event(struct flag_ctx *c, const struct event *ev)
{
	struct arena *a = c->j->arena;

	if (is_contact(ev))
		check_contact(c, ev);
	if (ev->kind == EV_SMTP_VIOLATION && !is_control_host(c, ev->host))
		flag_raise(c, F_PROTOCOL_VIOLATION,
		    breach_worth(c, ev->name), ev->name,
		    ev, arena_printf(a, "the client broke the protocol at %s "
		    "after %s: %s", ev->host != NULL ? ev->host : "a host",
		    why_duration(a, ev->t_us),
		    ev->text != NULL ? ev->text : "?"));
	if (ev->kind == EV_STRAY)
		flag_raise(c, F_STRAY_MAIL, flag_worth(c), NULL, ev,
		    arena_printf(a, "mail that nobody sent arrived at %s for "
		    "%s after %s", ev->host != NULL ? ev->host : "a host",
		    ev->to != NULL ? ev->to : "?",
		    why_duration(a, ev->t_us)));
	/* The harness's own stops and kills are no "exit". */
	if (ev->kind == EV_MTA && same_text(ev->verb, "exit") &&
	    same_text(ev->state, "signal"))
		flag_raise(c, F_CRASHED, RESULT_FAIL, NULL, ev,
		    arena_printf(a, "%s, a process of the MTA, died of signal "
		    "%d after %s", ev->text != NULL ? ev->text : "?",
		    (int)ev->num, why_duration(a, ev->t_us)));
	else if (ev->kind == EV_MTA && same_text(ev->verb, "exit"))
		flag_raise(c, F_CRASHED, RESULT_FAIL, NULL, ev,
		    arena_printf(a, "the MTA ended by itself after %s, with "
		    "status %d", why_duration(a, ev->t_us), (int)ev->num));
}

/* Does the question concern nobody but the control message? */
static bool
is_control_name(const struct flag_ctx *c, const char *qname)
{
	for (size_t i = 0; i < c->l->count; i++)
		if (c->l->entries[i].message->control &&
		    name_within(qname, c->l->entries[i].domain))
			return true;
	return false;
}

static void
check_counts(struct flag_ctx *c)
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
		flag_raise(c, F_TOO_MANY_QUERIES, flag_worth(c), NULL, NULL,
		    arena_printf(c->j->arena, "%d DNS queries for %d messages, "
		    "more than %d each", queries, messages, k->queries_max));
	if (k->contacts_max > 0 && contacts > k->contacts_max)
		flag_raise(c, F_TOO_MANY_CONTACTS, flag_worth(c), NULL, NULL,
		    arena_printf(c->j->arena, "%d connections, more than %d",
		    contacts, k->contacts_max));
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
check_order(struct flag_ctx *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const struct event *last = NULL, *ev;
	const char *before = NULL;

	for (size_t i = 0; i < k->order_count; i++) {
		ev = first_contact(c->l, k->order[i]);
		if (ev == NULL)
			continue;
		if (last != NULL && ev->seq < last->seq)
			flag_raise(c, F_ORDER_VIOLATION, flag_worth(c),
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
check_spread(struct flag_ctx *c)
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
		flag_raise(c, F_NOT_RANDOMISED, flag_worth(c), "R-5321-5.1-o",
		    NULL, arena_printf(c->j->arena, "%d messages all went "
		    "first to %s", n, only));
}

static bool
mta_was_touched(const struct ledger *l, int64_t from_us, int64_t to_us)
{
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if ((mta_was_handled(ev) || ev->kind == EV_NETWORK) &&
		    ev->t_us >= from_us && ev->t_us <= to_us)
			return true;
	}
	return false;
}

static bool
domain_was_ill(const struct ledger *l, const char *domain, int64_t from_us,
    int64_t to_us)
{
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us < from_us || ev->t_us > to_us)
			continue;
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
check_blocking(struct flag_ctx *c, const struct entry *e)
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
	for (size_t i = 0; i < c->l->count; i++) {
		const struct entry *o = &c->l->entries[i];

		other = other || (!o->message->control &&
		    !same_name(o->domain, e->domain) && o->cycles > 1);
	}
	if (!other || mta_was_touched(c->l, e->t0_us, copy->t_us) ||
	    domain_was_ill(c->l, e->domain, e->t0_us, copy->t_us))
		return;
	flag_raise(c, F_HOL_BLOCKED, flag_worth(c), "R-DF-RET-d", copy,
	    arena_printf(c->j->arena, "%s for the healthy %s waited %s for "
	    "dead destinations of other mail", e->key, copy->host,
	    why_duration(c->j->arena, copy->t_us - e->t0_us)));
}

/* What a unit's `tolerate` let pass is worth a remark (0.6). */
static void
check_divergence(struct flag_ctx *c)
{
	for (size_t i = 0; i < c->j->unit_count; i++) {
		const struct unit *u = &c->j->units[i];

		if (u->tolerated)
			flag_raise(c, F_DIVERGENT, RESULT_INFO, NULL,
			    u->decisive > 0 ?
			    &c->l->trace->events[u->decisive - 1] : NULL,
			    u->why);
	}
}

enum result
flags_judge(struct ledger *l, struct judgement *j)
{
	struct flag_ctx c = { l, j, RESULT_OK };

	for (size_t i = 0; i < l->trace->count; i++)
		if (!BEFORE_RUN(&l->trace->events[i]))
			check_event(&c, &l->trace->events[i]);
	check_order(&c);
	check_spread(&c);
	check_counts(&c);
	for (size_t i = 0; i < l->count; i++) {
		cycles_check(&c, &l->entries[i]);
		check_blocking(&c, &l->entries[i]);
	}
	waits_check(&c);
	check_divergence(&c);
	return c.worst;
}

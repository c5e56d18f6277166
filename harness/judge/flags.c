#include "harness/judge/flags.h"

#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/why.h"

struct ctx {
	struct ledger	 *l;
	struct judgement *j;
	enum result	  worst;
};

static bool
flag_allowed(const struct scenario *s, enum flag flag)
{
	for (size_t i = 0; i < s->checks.allow_count; i++)
		if (strcmp(s->checks.allow[i], flag_word(flag)) == 0)
			return true;
	return false;
}

/* One finding a flag: the first is the one that counts. */
static void
raise(struct ctx *c, enum flag flag, enum result worth, const char *clause,
    const struct event *ev, const char *text)
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

static enum result
level_worth(const struct ctx *c)
{
	enum level level = c->l->scenario->level;

	return level == LEVEL_MUST ? RESULT_FAIL : level == LEVEL_SHOULD ? RESULT_WARN :
	    RESULT_INFO;
}

static bool
is_contact(const struct event *ev)
{
	return ev->kind == EV_SYN || ev->kind == EV_SMTP_OPEN;
}

static void
check_event(struct ctx *c, const struct event *ev)
{
	const struct checks *k = &c->l->scenario->checks;
	struct arena *a = c->j->arena;

	for (size_t i = 0; is_contact(ev) && i < k->untouched_count; i++)
		if (same_name(ev->host, k->untouched[i]))
			raise(c, F_TRAP_CONTACT, RESULT_FAIL, NULL, ev,
			    arena_printf(a, "%s was contacted at %s, which "
			    "must be left alone", ev->host,
			    why_duration(a, ev->t_us)));
	if (ev->kind == EV_SMTP_VIOLATION)
		raise(c, F_PROTOCOL_VIOLATION, level_worth(c), ev->name, ev,
		    arena_printf(a, "the client broke the protocol at %s: %s",
		    ev->host != NULL ? ev->host : "a host",
		    ev->text != NULL ? ev->text : "?"));
	if (ev->kind == EV_STRAY)
		raise(c, F_STRAY_MAIL, level_worth(c), NULL, ev,
		    arena_printf(a, "mail that nobody sent arrived at %s for "
		    "%s", ev->host != NULL ? ev->host : "a host",
		    ev->to != NULL ? ev->to : "?"));
	/* The runner says `state` "signal" for a death not of its doing. */
	if (ev->kind == EV_MTA && same_text(ev->verb, "exit") &&
	    same_text(ev->state, "signal"))
		raise(c, F_CRASHED, RESULT_FAIL, NULL, ev, arena_printf(a,
		    "a process of the MTA died of signal %d at %s",
		    (int)ev->num, why_duration(a, ev->t_us)));
}

static void
check_counts(struct ctx *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const struct trace *t = c->l->trace;
	int queries = 0, contacts = 0, messages = 0;

	for (size_t i = 0; i < t->count; i++) {
		queries += t->events[i].kind == EV_DNS_QUERY;
		contacts += t->events[i].kind == EV_SYN;
	}
	for (size_t i = 0; i < c->l->scenario->message_count; i++) {
		const struct message *m = &c->l->scenario->messages[i];

		if (!m->control)
			messages += m->count > 1 ? m->count : 1;
	}
	if (k->queries_max > 0 && queries > k->queries_max * messages)
		raise(c, F_TOO_MANY_QUERIES, level_worth(c), NULL, NULL,
		    arena_printf(c->j->arena, "%d DNS queries, more than %d a "
		    "message", queries, k->queries_max));
	if (k->contacts_max > 0 && contacts > k->contacts_max)
		raise(c, F_TOO_MANY_CONTACTS, level_worth(c), NULL, NULL,
		    arena_printf(c->j->arena, "%d connections, more than %d",
		    contacts, k->contacts_max));
}

static const struct event *
first_contact(const struct trace *t, const char *host)
{
	for (size_t i = 0; i < t->count; i++)
		if (is_contact(&t->events[i]) &&
		    same_name(t->events[i].host, host))
			return &t->events[i];
	return NULL;
}

/* `order:`: hosts never contacted are no matter of order. */
static void
check_order(struct ctx *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const struct event *last = NULL, *ev;

	for (size_t i = 0; i < k->order_count; i++) {
		ev = first_contact(c->l->trace, k->order[i]);
		if (ev == NULL)
			continue;
		if (last != NULL && ev->seq < last->seq)
			raise(c, F_ORDER_VIOLATION, level_worth(c),
			    "R-5321-5.1-k", ev, arena_printf(c->j->arena,
			    "%s was tried before %s", ev->host, last->host));
		last = ev;
	}
}

/* 21.3: k equal hosts, n first attempts, all on one: chance k^(1-n). */
static void
check_spread(struct ctx *c)
{
	const struct checks *k = &c->l->scenario->checks;
	const char *only = NULL;
	int n = 0;

	if (k->spread_count < 2)
		return;
	for (size_t i = 0; i < c->l->count; i++) {
		const struct entry *e = &c->l->entries[i];
		const struct event *ev = NULL;

		for (size_t x = 0; x < e->copy_count && ev == NULL; x++)
			ev = e->copies[x].ev;
		for (size_t h = 0; ev != NULL && h < k->spread_count; h++) {
			if (!same_name(ev->host, k->spread[h]))
				continue;
			if (only != NULL && only != k->spread[h])
				return;
			only = k->spread[h];
			n++;
		}
	}
	if (n >= 20)
		raise(c, F_NOT_RANDOMISED, level_worth(c), "R-5321-5.1-o",
		    NULL, arena_printf(c->j->arena, "%d messages all went "
		    "first to %s", n, only));
}

/* 21.3, rate: three gaps in a row far below the first interval. */
static void
check_rate(struct ctx *c, const struct entry *e)
{
	int64_t least = c->l->profile->first_retry_us / 10 * 9, last = 0;
	int run = 0, cycle = 0;

	if (least < USEC_PER_SEC)
		least = USEC_PER_SEC;
	for (size_t i = 0; e->alone && i < e->attempt_count; i++) {
		const struct attempt *a = &e->attempts[i];

		if (a->cycle == cycle)
			continue;
		run = cycle > 0 && a->t_us - last < least ? run + 1 : 0;
		cycle = a->cycle;
		last = a->t_us;
		if (run >= 3)
			raise(c, F_RETRY_STORM, level_worth(c),
			    "R-5321-4.5.4.1-d",
			    &c->l->trace->events[a->seq - 1],
			    arena_printf(c->j->arena, "%s was retried without "
			    "a pause: 4 cycles ending at %s", e->key,
			    why_duration(c->j->arena, a->t_us)));
	}
}

/* A control message waits for nobody's dead destination. */
static void
check_blocking(struct ctx *c, const struct entry *e)
{
	int64_t bound = profile_dsn_max(c->l->profile);

	if (!e->message->control || !e->accepted)
		return;
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && e->copies[i].ev->t_us - e->t0_us >
		    bound + bound_eps(bound))
			raise(c, F_HOL_BLOCKED, level_worth(c), "R-DF-RET-d",
			    e->copies[i].ev, arena_printf(c->j->arena,
			    "mail to a healthy host waited %s",
			    why_duration(c->j->arena,
			    e->copies[i].ev->t_us - e->t0_us)));
}

enum result
flags_judge(struct ledger *l, struct judgement *j)
{
	struct ctx c = { l, j, RESULT_OK };

	for (size_t i = 0; i < l->trace->count; i++)
		check_event(&c, &l->trace->events[i]);
	check_order(&c);
	check_spread(&c);
	check_counts(&c);
	for (size_t i = 0; i < l->count; i++) {
		check_rate(&c, &l->entries[i]);
		check_blocking(&c, &l->entries[i]);
	}
	return c.worst;
}

/*
 * How long to look (21.10), and whether looking on can change anything: asked
 * of the very ledger that judges, as it grows.
 */
#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/judge/build.h"
#include "harness/judge/evidence.h"
#include "harness/judge/judge.h"
#include "harness/judge/report_tries.h"

#define SILENCE_US	(60 * USEC_PER_SEC)

struct judge_settle {
	struct arena	*arena;
	struct ledger	 l;
	int64_t		 horizon_us;
	size_t		 seen;	/* events taken so far */
};

/* --- horizon --- */

static verdict_set
wanted(const struct scenario *s, const struct entry *e)
{
	verdict_set set = 0;

	for (size_t i = 0; i < s->expect_count; i++) {
		const struct expectation *x = &s->expect[i];

		if ((x->message == NULL || expectation_names(x->message,
		    e->key)) && (x->recipient == NULL ||
		    same_name(x->recipient, e->rcpt)))
			set |= x->outcome;
	}
	return set;
}

static void
count(const struct rule *r, int *most)
{
	int n = r->phase.first + r->phase.after;

	if (r->phase.first > 0 && n > *most)
		*most = n;
}

/*
 * Faults bounded by a count of contacts take as many cycles to be used up;
 * beyond a handful they are meant to be met within one.
 */
#define MOST_CYCLES	6

static int64_t
counted_faults(const struct scenario *s, const struct profile *p)
{
	int most = 0;

	for (size_t i = 0; i < s->dns_count; i++)
		count(&s->dns[i].rule, &most);
	for (size_t i = 0; i < s->network_count; i++)
		count(&s->network[i].rule, &most);
	for (size_t h = 0; h < s->host_count; h++)
		for (size_t i = 0; i < s->hosts[h].rule_count; i++)
			count(&s->hosts[h].rules[i].rule, &most);
	return (most < MOST_CYCLES ? most : MOST_CYCLES) * (p->max_retry_us +
	    p->queue_run_us + p->eod_us);
}

/* By when the unit must have got what is wanted of it, after acceptance. */
static int64_t
unit_bound(const struct scenario *s, const struct profile *p,
    const struct entry *e, int64_t at_us)
{
	static const verdict_set arrives = VSET(V_DELIVERED) |
	    VSET(V_DELIVERED_LATE) | VSET(V_DUPLICATE_EXCUSED) |
	    VSET(V_NOT_ACCEPTED);
	int64_t life = e->null_sender ? p->life_null_us : p->life_us;
	int64_t dsn = profile_dsn_max(p), bound, early;
	verdict_set set = wanted(s, e);

	if (set != 0 && (set & ~arrives) == 0 && s->repair_us != TIME_NEVER) {
		bound = p->max_retry_us + p->queue_run_us + p->host_cache_us;
		early = s->repair_us > at_us ? s->repair_us : at_us;
		return early + bound + bound_eps(bound) +
		    counted_faults(s, p);
	}
	if ((set & VSET(V_RETRYING)) != 0 &&
	    (set & VSET(V_BOUNCED_CORRECT)) == 0) {
		early = life - p->max_retry_us - life_eps(p, life);
		return at_us + (early > 0 ? early : life / 2);
	}
	bound = life + p->max_retry_us + p->queue_run_us;
	return at_us + bound + life_eps(p, life) + dsn + bound_eps(dsn);
}

int64_t
judge_horizon(const struct scenario *s, const struct profile *p)
{
	int64_t last = 0, bound, not_before = 0;
	struct arena *arena;
	struct ledger l;

	if (s->horizon_us > 0)
		return s->horizon_us;
	for (size_t i = 0; i < s->expect_count; i++)
		if (s->expect[i].not_before_us > not_before)
			not_before = s->expect[i].not_before_us;
	for (size_t i = 0; i < s->mta_count; i++)
		if (s->mta[i].when == MTA_AT_TIME &&
		    s->mta[i].rule.phase.from_us > last)
			last = s->mta[i].rule.phase.from_us;
	arena = arena_new();
	ledger_list(&l, arena, s, p);
	for (size_t i = 0; i < l.count; i++) {
		const struct message *m = l.entries[i].message;

		if (m->control)
			continue;
		bound = unit_bound(s, p, &l.entries[i], m->at_us);
		if (bound < m->at_us + not_before)
			bound = m->at_us + not_before + bound_eps(not_before);
		if (bound > last)
			last = bound;
	}
	ledger_fini(&l);
	arena_free(arena);
	return last + SILENCE_US;
}

/* --- settled? --- */

static int64_t
later(int64_t a, int64_t b)
{
	return a == TIME_NEVER || (b != TIME_NEVER && b > a) ? b : a;
}

/* The last sign at the sender's hosts, or of a report in the queue. */
static int64_t
last_sign(const struct mail *m)
{
	int64_t last = m->listed_us;

	if (m->home->lookup.since_us != TIME_NEVER &&
	    m->home->lookup.failed)
		last = later(last, m->home->lookup.since_us);
	last = later(last, m->home->touched_us);
	if (m->try_count > 0)
		last = later(last, m->tries[m->try_count - 1].t_us);
	return last;
}

/* Is the report of failure, unseen though it is, at its end? */
static bool
report_is_over(const struct entry *e, int64_t now_us)
{
	const struct mail *m = e->mail;
	const int64_t sign = last_sign(m);
	struct proof p;

	if (sign == TIME_NEVER || sign < (e->last_delay != NULL ?
	    e->last_delay->t_us : e->t0_us))
		return false;
	return m->refused != NULL || (m->home->refused != NULL &&
	    m->home->refused->t_us >= e->t0_us) ||
	    evidence_of_destination(m->home, now_us, &p);
}

/* When a host took it, or a report of it; TIME_NEVER: neither so far. */
static int64_t
taken_us(const struct entry *e)
{
	if (e->first_report != NULL)
		return e->first_report->t_us;
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && !e->copies[i].ambiguous)
			return e->copies[i].ev->t_us;
	return TIME_NEVER;
}

/* The same, or when its report came to an end that nobody saw. */
static int64_t
ended_us(const struct entry *e, int64_t now_us)
{
	const int64_t taken = taken_us(e);

	return taken == TIME_NEVER && !e->null_sender && !e->no_dsn &&
	    report_is_over(e, now_us) ? last_sign(e->mail) : taken;
}

static int64_t
last_news(const struct entry *e, int64_t ended)
{
	int64_t last = later(ended, e->last_offer_us);

	for (size_t i = 0; i < e->copy_count; i++)
		last = later(last, e->copies[i].ev->t_us);
	return last;
}

/*
 * How long "not queued" must last before nothing can follow it: as long as a
 * report may take; where one has shown signs of life, until its next attempt
 * would have been due.
 */
static int64_t
patience(const struct ledger *l, const struct entry *e, int64_t *from)
{
	int64_t sign = TIME_NEVER;

	*from = e->queue_no_since_us;
	if (e->null_sender || e->no_dsn)
		return profile_dsn_max(l->profile);
	sign = last_sign(e->mail);
	if (sign == TIME_NEVER || sign < e->t0_us)
		return profile_dsn_max(l->profile);
	*from = later(*from, sign);
	return retry_bound(l->profile);
}

/*
 * A delivered or reported unit is final once it was read as not queued; one
 * that ended in neither needs a second reading and the time that a report
 * may take.  Without a queue to read, silence must do; a listing that was
 * not proven ends nothing that has no end on the wire.
 */
static bool
is_final(const struct judge_settle *st, const struct entry *e,
    int64_t now_us)
{
	const struct profile *p = st->l.profile;
	const int64_t quiet = p->queue_run_us > SILENCE_US ?
	    p->queue_run_us : SILENCE_US;
	const bool read = e->queue_no_readings > 0 ||
	    e->queue_yes_us != TIME_NEVER;
	int64_t ended, from, wait;

	if (!e->accepted)
		return e->refusal != 0;
	ended = ended_us(e, now_us);
	/* Whoever offers a refused report again does so by the next retry. */
	if (ended != TIME_NEVER && taken_us(e) == TIME_NEVER &&
	    !report_tries_go_on(&st->l, e->mail) &&
	    now_us - ended <= retry_bound(p))
		return false;
	if (ended != TIME_NEVER)
		return e->queue_no_readings > 0 || (!read && now_us -
		    last_news(e, ended) >= quiet);
	wait = patience(&st->l, e, &from);
	return p->queue_proven && e->queue_no_readings > 1 &&
	    e->queue_no_last_us - e->queue_no_since_us >= p->queue_run_us &&
	    now_us - from >= wait;
}

/* What the scenario still does to the MTA must be seen to happen (G3). */
static bool
events_are_over(const struct scenario *s, int64_t now_us)
{
	for (size_t i = 0; i < s->mta_count; i++)
		if (s->mta[i].when == MTA_AT_TIME && !s->mta[i].rule.optional &&
		    s->mta[i].rule.phase.from_us > now_us)
			return false;
	return true;
}

static struct judge_settle *
settle_new(const struct scenario *s, const struct trace *t,
    const struct profile *p)
{
	struct judge_settle *st = xcalloc(1, sizeof *st);

	st->arena = arena_new();
	build_open(&st->l, st->arena, s, t, p);
	st->horizon_us = judge_horizon(s, p);
	return st;
}

static bool
units_are_final(const struct judge_settle *st, int64_t now_us)
{
	size_t units = 0;

	for (size_t i = 0; i < st->l.count; i++) {
		if (st->l.entries[i].message->control)
			continue;
		units++;
		if (!is_final(st, &st->l.entries[i], now_us))
			return false;
	}
	return units > 0;
}

bool
judge_settled(struct judge_settle **state, const struct scenario *s,
    const struct trace *t, const struct profile *p, int64_t now_us)
{
	struct judge_settle *st = *state;

	if (st == NULL)
		st = *state = settle_new(s, t, p);
	for (; st->seen < t->count; st->seen++)
		build_take(&st->l, &t->events[st->seen]);
	/* It would go on for ever, and is found already. */
	if (st->l.storm.ev != NULL)
		return true;
	/* A scenario that names its horizon asked to look so long. */
	return s->horizon_us == 0 && units_are_final(st, now_us) &&
	    events_are_over(s, now_us);
}

bool
judge_awaits_reading(const struct judge_settle *st, int64_t now_us)
{
	for (size_t i = 0; i < st->l.count; i++) {
		const struct entry *e = &st->l.entries[i];

		if (!e->message->control && e->accepted &&
		    !is_final(st, e, now_us) && (e->queue_no_readings > 0 ||
		    ended_us(e, now_us) != TIME_NEVER))
			return true;
	}
	return false;
}

/* Is its report on its way? */
static bool
report_lives(const struct ledger *l, const struct entry *e, int64_t now_us)
{
	int64_t last;

	if (e->null_sender || e->no_dsn)
		return false;
	last = last_sign(e->mail);
	if (e->queue == QUEUE_YES && e->queue_yes_us > last)
		return false;
	return last != TIME_NEVER && last >= e->t0_us &&
	    now_us - last <= retry_bound(l->profile);
}

/*
 * Has a fault that ends by being met, a greylist above all, been met so
 * lately that the attempt after it is still to come?
 */
static bool
met_lately(const struct ledger *l, const struct entry *e, int64_t now_us)
{
	return l->met_count > 0 && e->queue != QUEUE_NO &&
	    now_us - l->met[l->met_count - 1].t_us <=
	    retry_bound(l->profile);
}

int64_t
judge_more(const struct judge_settle *st, int64_t now_us)
{
	int64_t bound, life;

	if (st == NULL)		/* nothing was ever looked at */
		return 0;
	bound = retry_bound(st->l.profile);
	life = st->l.profile->life_null_us;
	if (st->l.scenario->horizon_us > 0 || st->l.storm.ev != NULL ||
	    now_us > st->horizon_us + life + bound)
		return 0;
	for (size_t i = 0; i < st->l.count; i++) {
		const struct entry *e = &st->l.entries[i];

		if (!e->message->control && e->accepted &&
		    ended_us(e, now_us) == TIME_NEVER &&
		    (report_lives(&st->l, e, now_us) ||
		    met_lately(&st->l, e, now_us)))
			return bound;
	}
	return 0;
}

void
judge_settle_free(struct judge_settle *state)
{
	if (state == NULL)
		return;
	ledger_fini(&state->l);
	arena_free(state->arena);
	free(state);
}

/*
 * How long to look (21.10), and whether looking on can change anything.
 */
#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/judge/ledger.h"

#define SILENCE_US	(60 * USEC_PER_SEC)

/* What one unit still has before it. */
struct progress {
	int64_t	ended_us;	/* delivered or reported; TIME_NEVER: not */
	int64_t	heard_us;	/* last news of it */
	int64_t	no_since_us, no_last_us;	/* not queued, in a row */
	int	no_readings;
	bool	queue_read;	/* at all */
};

struct judge_settle {
	struct arena	*arena;
	struct ledger	 l;	/* the units; no more of the ledger is used */
	struct progress	*units;
	int64_t		 horizon_us;
	size_t		 seen;	/* events looked at so far */
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
	ledger_list(&l, arena, s);
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
	arena_free(arena);
	return last + SILENCE_US;
}

/* --- settled? --- */

static struct progress *
progress_of(struct judge_settle *st, const struct event *ev)
{
	struct entry *e = ledger_find(&st->l, ev->msg, ev->rcpt);

	return e != NULL ? &st->units[e - st->l.entries] : NULL;
}

static void
forget_readings(struct progress *u, int64_t t_us)
{
	u->heard_us = t_us;
	u->no_readings = 0;
}

static void
end(struct progress *u, int64_t t_us)
{
	forget_readings(u, t_us);
	u->ended_us = t_us;
}

static void
take_reading(struct judge_settle *st, const struct event *ev)
{
	for (size_t i = 0; i < st->l.count; i++) {
		const struct entry *e = &st->l.entries[i];
		struct progress *u = &st->units[i];

		if (!e->accepted || !same_text(e->key, ev->msg) ||
		    (ev->rcpt != NULL && !same_name(ev->rcpt, e->rcpt)))
			continue;
		u->queue_read = u->queue_read ||
		    !same_text(ev->state, "unknown");
		if (!same_text(ev->state, "no")) {
			u->no_readings = 0;
			continue;
		}
		if (u->no_readings++ == 0)
			u->no_since_us = ev->t_us;
		u->no_last_us = ev->t_us;
	}
}

static void
take_rcpt(struct judge_settle *st, const struct event *ev)
{
	struct progress *u = progress_of(st, ev);

	if (u != NULL)
		forget_readings(u, ev->t_us);
	if (ev->from == NULL || *ev->from != '\0' || ev->code / 100 != 5)
		return;
	/* The sender's MX refused the report: no more will come of it. */
	for (size_t i = 0; i < st->l.count; i++)
		if (!st->l.entries[i].null_sender &&
		    st->units[i].ended_us == TIME_NEVER &&
		    entry_sender_is(&st->l.entries[i], ev->rcpt))
			end(&st->units[i], ev->t_us);
}

static void
take(struct judge_settle *st, const struct event *ev)
{
	struct progress *u;

	switch (ev->kind) {
	case EV_INJECT:
		units_inject(&st->l, ev);
		break;
	case EV_SMTP_RCPT:
		take_rcpt(st, ev);
		break;
	case EV_SMTP_COPY:
		if ((u = progress_of(st, ev)) == NULL)
			break;
		if (ev->code / 100 == 2 && ev->acked == YES &&
		    ev->stored == YES)
			end(u, ev->t_us);
		else
			forget_readings(u, ev->t_us);
		break;
	case EV_DSN:
		u = progress_of(st, ev);
		if (u != NULL && report_says_failed(ev))
			end(u, ev->t_us);
		break;
	case EV_QUEUE:
		take_reading(st, ev);
		break;
	default:
		break;
	}
}

/*
 * A delivered or reported unit is final once it was read as not queued; one
 * that ended in neither needs a second reading and the time that a report
 * may take.  Without a queue to read, silence must do.
 */
static bool
is_final(const struct judge_settle *st, size_t i, const struct profile *p,
    int64_t now_us)
{
	const struct entry *e = &st->l.entries[i];
	const struct progress *u = &st->units[i];
	int64_t quiet = p->queue_run_us > SILENCE_US ? p->queue_run_us :
	    SILENCE_US;
	int64_t fault;

	if (!e->accepted)
		return e->asked && e->refusal != 0;
	if (u->ended_us != TIME_NEVER)
		return u->no_readings > 0 || (!u->queue_read &&
		    now_us - u->heard_us >= quiet);
	fault = sender_fault_until(&st->l, e);
	return u->no_readings > 1 && (fault == 0 || e->null_sender ||
	    e->no_dsn) && u->no_last_us - u->no_since_us >=
	    p->queue_run_us && now_us - u->no_since_us >= profile_dsn_max(p);
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
settle_new(const struct scenario *s, const struct profile *p)
{
	struct judge_settle *st = xcalloc(1, sizeof *st);

	st->arena = arena_new();
	ledger_list(&st->l, st->arena, s);
	st->units = arena_array(st->arena, st->l.count + 1,
	    sizeof *st->units);
	for (size_t i = 0; i < st->l.count; i++)
		st->units[i].ended_us = TIME_NEVER;
	st->horizon_us = judge_horizon(s, p);
	return st;
}

bool
judge_settled(struct judge_settle **state, const struct scenario *s,
    const struct trace *t, const struct profile *p, int64_t now_us)
{
	struct judge_settle *st = *state;
	size_t messages = 0;

	if (st == NULL)
		st = *state = settle_new(s, p);
	for (; st->seen < t->count; st->seen++)
		take(st, &t->events[st->seen]);
	if (s->horizon_us > 0)		/* the scenario asked to look so long */
		return now_us >= st->horizon_us;
	for (size_t i = 0; i < st->l.count; i++) {
		if (st->l.entries[i].message->control)
			continue;
		messages++;
		if (!is_final(st, i, p, now_us))
			return now_us >= st->horizon_us;
	}
	return messages > 0 && events_are_over(s, now_us);
}

bool
judge_awaits_reading(const struct judge_settle *st)
{
	const struct progress *u;

	for (size_t i = 0; i < st->l.count; i++) {
		u = &st->units[i];
		if (!st->l.entries[i].message->control &&
		    st->l.entries[i].accepted && (u->ended_us != TIME_NEVER) ==
		    (u->no_readings == 0))
			return true;
	}
	return false;
}

void
judge_settle_free(struct judge_settle *state)
{
	if (state == NULL)
		return;
	arena_free(state->arena);
	free(state);
}

/*
 * The order, coverage and rate rules of 21.3, for a unit whose attempts are
 * certainly its own.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/finding.h"
#include "harness/judge/history.h"
#include "harness/judge/legit.h"
#include "harness/judge/passed_over.h"
#include "harness/judge/sessions.h"
#include "harness/judge/units.h"
#include "harness/judge/why.h"

/*
 * Does one state of the truth hold at that time, and nothing but it?  A
 * record just replaced may still be in use, a garbled one may have been read,
 * and what a rule makes an alias has another's hosts and addresses: no order
 * can be asked for.
 */
static bool
truth_is_plain(const struct ledger *l, const struct entry *e, int64_t t_us)
{
	if (e->dest->garbled || answers_is_told_alias(l, e->domain))
		return false;
	for (size_t i = 0; i < e->dest->legit_count; i++) {
		const struct legit *g = &e->dest->legit[i];

		if (g->told || answers_is_told_alias(l, g->host) ||
		    (g->until_us != TIME_NEVER && g->until_us <= t_us &&
		    t_us <= g->until_us + MAX_TTL_US))
			return false;
	}
	return true;
}

static int
tried_in_cycle(const struct entry *e, size_t before, int cycle)
{
	int n = 0;

	for (size_t i = 0; i < before; i++)
		n += e->attempts[i].cycle == cycle &&
		    e->attempts[i].addr != NULL;
	return n;
}

static void
check_order(struct findings *c, const struct entry *e, size_t at)
{
	const struct attempt *a = &e->attempts[at];
	int limit = c->l->profile->address_limit;
	const struct legit *g;

	if (limit > 0 && tried_in_cycle(e, at, a->cycle) >=
	    (limit > 2 ? limit : 2))
		return;
	g = passed_over(c->l, e, at, false);
	if (g == NULL)
		return;
	finding_raise(c, F_ORDER_VIOLATION, WEIGHT_CLAUSE, "R-5321-5.1-k",
	    &c->l->trace->events[a->seq - 1], arena_printf(c->j->arena,
	    "%s was tried at %s before %s, whose preference %d is better than "
	    "%d", a->host, why_duration(c->j->arena, a->t_us), g->host,
	    g->preference, a->preference));
}

/* Did the session come so far that stopping there is legal (0.6.3)? */
static bool
may_stop(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	return s != NULL && (s->got_mail || s->greeting / 100 == 4);
}

/* Does another dial go on, with the rest of the list still to come? */
static bool
is_dialling(const struct ledger *l, const struct entry *e,
    const struct attempt *now)
{
	const int64_t dial = l->profile->connect_us;

	for (size_t i = (size_t)(now - e->attempts); i-- > 0 &&
	    now->t_us - e->attempts[i].t_us <= dial + bound_eps(dial);)
		if (same_text(e->attempts[i].state, "blackhole"))
			return true;
	return false;
}

/* Was the next begun before it ended?  Then they belong to two recipients. */
static bool
goes_on_beside(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	return s != NULL && s->closed_us > a[1].t_us;
}

/*
 * Each recipient may have a session of its own, which goes from host to host
 * beside the others: what begins again at that moment is another's.
 */
static bool
is_of_several(const struct entry *e, size_t at)
{
	return e->mail->count > 1 &&
	    e->attempts[at + 1].t_us - e->attempts[at].t_us < AHEAD_US;
}

/* A cycle of one address is too short while another is untried. */
static void
check_coverage(struct findings *c, const struct entry *e, size_t at)
{
	const struct attempt *a = &e->attempts[at];
	int64_t gap = attempts_gap(c->l->profile);
	bool last = at + 1 == e->attempt_count;
	const struct legit *g;

	if (a->addr == NULL || may_stop(c->l, a) || is_dialling(c->l, e, a) ||
	    tried_in_cycle(e, at + 1, a->cycle) > 1)
		return;
	if (!last && (e->attempts[at + 1].cycle == a->cycle ||
	    goes_on_beside(c->l, a) || is_of_several(e, at)))
		return;
	if (last && (c->l->end_us - a->t_us <= gap || (a->conn > 0 &&
	    c->l->end_us - ledger_session(c->l, a->conn)->closed_us <= gap)))
		return;		/* it may still go on */
	if (ledger_handled(c->l, a->t_us, last ? c->l->end_us :
	    e->attempts[at + 1].t_us))
		return;
	g = passed_over(c->l, e, at, true);
	if (g == NULL)
		return;
	finding_raise(c, F_NOT_ALL_TRIED, WEIGHT_CLAUSE, "R-5321-5.1-m",
	    &c->l->trace->events[a->seq - 1], arena_printf(c->j->arena,
	    "only %s was tried at %s; %s was left out", a->host,
	    why_duration(c->j->arena, a->t_us), g->host));
}

/* Of several recipients a session that does not name it may be another's. */
static bool
is_its_own(const struct ledger *l, const struct entry *e,
    const struct attempt *a)
{
	return e->sole || sessions_names(l, a->conn, e);
}

/*
 * RFC 5321 4.5.4.1: retrying MUST be delayed, how long is not said; that it
 * is half an hour is a SHOULD.
 */
static void
raise_rate(struct findings *c, const struct entry *e, const struct attempt *a,
    int64_t gap_us)
{
	const bool none = gap_us <= 10 * USEC_PER_SEC;

	finding_raise(c, F_RETRY_STORM, WEIGHT_CLAUSE, none ?
	    "R-5321-4.5.4.1-d" : "R-5321-4.5.4.1-e",
	    &c->l->trace->events[a->seq - 1], arena_printf(c->j->arena,
	    "%s was retried %s: cycle %d came %s after the one before",
	    e->key, none ? "without a pause" : "too soon", a->cycle,
	    why_duration(c->j->arena, gap_us)));
}

/* Three gaps in a row far below the first interval. */
static void
check_rate(struct findings *c, const struct entry *e)
{
	int64_t least = c->l->profile->first_retry_us / 10 * 9, last = 0;
	int run = 0, cycle = 0;

	if (least < USEC_PER_SEC)
		least = USEC_PER_SEC;
	for (size_t i = 0; i < e->attempt_count; i++) {
		const struct attempt *a = &e->attempts[i];

		/* A report may have asked, or a message that came with it. */
		if (a->vague)
			cycle = 0;
		if (a->vague || a->cycle == cycle || !is_its_own(c->l, e, a))
			continue;
		run = cycle > 0 && a->t_us - last < least &&
		    !ledger_handled(c->l, last, a->t_us) ? run + 1 : 0;
		if (run >= 3)
			raise_rate(c, e, a, a->t_us - last);
		cycle = a->cycle;
		last = a->t_us;
	}
}

/* A copy came, or it was given up. */
static int64_t
left_us(const struct ledger *l, const struct entry *e)
{
	const struct event *copy = units_copy(e, 0);
	const int64_t left = history_left_us(l, e);

	return copy != NULL && copy->t_us < left ? copy->t_us : left;
}

void
cycles_check(struct findings *c, const struct entry *e)
{
	const int64_t left = left_us(c->l, e);

	/* At smarthosts the reports about it look like attempts of it. */
	if (e->message->control || !e->alone ||
	    c->l->scenario->smarthost_count > 0)
		return;
	check_rate(c, e);
	for (size_t i = 0; i < e->attempt_count; i++) {
		const struct attempt *a = &e->attempts[i];

		/* What comes after its end is of other recipients. */
		if (a->t_us > left)
			break;
		if (a->addr == NULL || !truth_is_plain(c->l, e, a->t_us))
			continue;
		check_order(c, e, i);
		check_coverage(c, e, i);
	}
}

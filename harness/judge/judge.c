#include "harness/judge/judge.h"

#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/build.h"
#include "harness/judge/clauses.h"
#include "harness/judge/departures.h"
#include "harness/judge/expect.h"
#include "harness/judge/finding.h"
#include "harness/judge/guards.h"
#include "harness/judge/history.h"
#include "harness/judge/units.h"
#include "harness/judge/verdict.h"
#include "harness/judge/why.h"

#define ANY_SAFE (VSET(V_DELIVERED) | VSET(V_DELIVERED_LATE) |		\
	VSET(V_RETRYING) | VSET(V_BOUNCED_CORRECT) |			\
	VSET(V_DISCARDED_OK) | VSET(V_DUPLICATE_EXCUSED))
#define ANY_DELIVERED (VSET(V_DELIVERED) | VSET(V_DELIVERED_LATE))

static enum result
worse(enum result a, enum result b)
{
	return a > b ? a : b;
}

static enum result
by_level(const struct scenario *s)
{
	return s->level == LEVEL_MUST ? RESULT_FAIL : s->level == LEVEL_SHOULD ?
	    RESULT_WARN : RESULT_INFO;
}

/* What a report may show of the attempts, without asking the ledger. */
static void
fill_attempts(const struct ledger *l, const struct entry *e, struct unit *u)
{
	const struct unit *last = e > l->entries ? u - 1 : NULL;

	u->attempt_count = e->attempt_count;
	/* Units that share their attempts share what is shown of them. */
	if (last != NULL && e->attempts == e[-1].attempts) {
		u->attempts = last->attempts;
		return;
	}
	u->attempts = arena_array(l->arena, e->attempt_count,
	    sizeof *u->attempts);
	for (size_t i = 0; i < e->attempt_count; i++)
		u->attempts[i] = (struct shown_attempt){
		    .t_us = e->attempts[i].t_us, .host = e->attempts[i].host,
		    .addr = e->attempts[i].addr,
		    .cycle = e->attempts[i].cycle,
		    .seq = e->attempts[i].seq };
}

/* When it came to the end that its verdict names; TIME_NEVER: it did not. */
static int64_t
final_time(const struct entry *e, enum verdict v)
{
	const struct event *copy = units_copy(e, 0), *end = copy;

	if (e->first_report != NULL && (copy == NULL || (v != V_FALSE_BOUNCE &&
	    e->acked == 0)))
		end = e->first_report;
	return end != NULL ? end->t_us : TIME_NEVER;
}

/* Whoever holds a copy, rightly or not. */
static const char *
first_host(const struct ledger *l, const struct entry *e)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].ev->stored == YES)
			return arena_strdup(l->arena, e->copies[i].ev->host);
	return NULL;
}

static void
unit_fill(const struct ledger *l, const struct entry *e, struct unit *u)
{
	struct history h;

	u->msg = e->key;
	u->rcpt = e->rcpt;
	u->from = e->message->from;
	u->control = e->message->control;
	u->acked = e->acked;
	u->ambiguous = e->ambiguous;
	u->copies = e->acked + e->ambiguous;
	u->reports = e->reports;
	u->delays = e->delays;
	u->cycles = e->cycles;
	fill_attempts(l, e, u);
	u->accepted_us = e->accepted ? e->t0_us : TIME_NEVER;
	history_tell(l, e, &h);
	h.harness_fault = !e->asked && !e->accepted;
	u->verdict = verdict_decide(&h, &u->note);
	u->final_us = final_time(e, u->verdict);
	u->via = first_host(l, e);
	u->clause = clauses_of_unit(l, e, u->verdict);
	u->why = why_sentence(l, e, u->verdict, u->note, &u->decisive);
	if (u->verdict == V_SILENT_DROP)
		u->proof = why_proof(l, e);
}

/* What a breach of the clause weighs: as its level says. */
static enum result
by_clause(const struct scenario *s, const char *clause)
{
	const struct requirement *r = requirement_find(clause);

	if (r == NULL || s->level == LEVEL_INFO)
		return by_level(s);
	switch (requirement_level(r)) {
	case LEVEL_MUST:
		return RESULT_FAIL;
	case LEVEL_SHOULD:
		return RESULT_WARN;
	default:
		return RESULT_INFO;
	}
}

/*
 * The same, but what the scenario is about weighs as the scenario says, if it
 * does, and what was met by the way is at most a warning: it has a scenario of
 * its own.
 */
static enum result
by_the_way(const struct scenario *s, const char *clause)
{
	enum result r;

	if (requirement_find(clause) == NULL)
		return by_level(s);
	r = by_clause(s, clause);
	if (clauses_is_covered(s, clause))
		return s->level_is_given ? by_level(s) : r;
	return r == RESULT_FAIL ? RESULT_WARN : r;
}

/*
 * Is the verdict what was asked for, or as good?  That its report found no
 * taker is not the MTA's doing, if it has tried all who might have taken it.
 */
static bool
is_wanted(const struct ledger *l, const struct entry *e, enum verdict v,
    verdict_set want)
{
	if (v == V_BOUNCED_NOWHERE && (want & VSET(V_BOUNCED_CORRECT)) &&
	    history_report_had_its_chances(l, e))
		return true;
	return (want & VSET(v)) != 0;
}

/* Does the scenario say so of what it is about, or the clause of itself? */
static bool
is_lighter(const struct scenario *s, const char *clause)
{
	return s->level == LEVEL_INFO || (s->level_is_given &&
	    s->level != LEVEL_MUST) || clauses_weighs_itself(clause);
}

/* 21.7 for one unit: what its verdict is worth in this scenario. */
static enum result
unit_outcome(const struct ledger *l, const struct entry *e, struct unit *u,
    verdict_set want)
{
	int severity = verdict_severity(u->verdict);

	u->expected = is_wanted(l, e, u->verdict, want);
	if (u->expected)
		return RESULT_OK;
	u->tolerated = u->expectation != NULL &&
	    (u->expectation->tolerate & VSET(u->verdict)) != 0;
	/* RFC 1047: the copy that a lost reply excuses is asked for. */
	if (u->verdict == V_DUPLICATE_EXCUSED && (want & ANY_DELIVERED))
		u->tolerated = true;
	/* Which of the message's recipients it was cannot be told. */
	if (severity == 0 && e->presumed && !e->named)
		u->tolerated = true;
	/* It was we who broke off, because of what never ended. */
	if (l->storm.ev != NULL && severity <= 2)
		u->tolerated = true;
	if (u->tolerated)
		return RESULT_INFO;
	if (u->verdict == V_INCONCLUSIVE)
		return RESULT_ERROR;
	if (severity >= 8)
		return RESULT_FAIL;	/* loss, misrouting, loops: always */
	if (severity >= 3 && !is_lighter(l->scenario, u->clause))
		return RESULT_FAIL;
	return by_the_way(l->scenario, u->clause);
}

static enum result
unit_judge(const struct ledger *l, const struct entry *e,
    struct judgement *j, struct unit *u)
{
	const struct scenario *s = l->scenario;
	enum result r;
	const char *broken;

	/* What cannot be told apart is told as a set, never as a loss. */
	unit_fill(l, e->twin != NULL ? e->twin : e, u);
	u->rcpt = e->rcpt;
	if (u->control) {		/* G2 judges it */
		u->expected = true;
		return RESULT_OK;
	}
	u->expectation = expect_outcome(s, e);
	r = unit_outcome(l, e, u, u->expectation != NULL ?
	    u->expectation->outcome : ANY_SAFE);
	for (size_t i = 0; i < s->expect_count; i++) {
		if (!expect_applies(&s->expect[i], e) || (broken =
		    expect_broken(l, &s->expect[i], e, u)) == NULL)
			continue;
		u->why = arena_printf(l->arena, "%s (%s)", u->why, broken);
		u->expectation = &s->expect[i];
		u->expected = false;
		u->clause = s->covers_count > 0 ? s->covers[0] : u->clause;
		if (!u->tolerated)
			r = worse(r, by_level(s));
	}
	if ((r == RESULT_WARN || r == RESULT_FAIL) && departures_explain(l, e,
	    j, u)) {
		u->tolerated = true;
		r = RESULT_INFO;
	}
	return r;
}

static void
judge_units(struct ledger *l, struct judgement *j)
{
	int worst = -1, severity;
	size_t wrong = 0, total = 0;
	enum result r;

	j->units = arena_array(j->arena, l->count, sizeof *j->units);
	j->unit_count = l->count;
	for (size_t i = 0; i < l->count; i++) {
		struct unit *u = &j->units[i];

		r = unit_judge(l, &l->entries[i], j, u);
		total += !u->control;
		if (r == RESULT_FAIL || r == RESULT_WARN)
			wrong++;
		severity = (int)r * 100 + verdict_severity(u->verdict);
		if (severity > worst) {
			worst = severity;
			j->sentence = u->why;
			j->clause = u->clause;
		}
		j->result = worse(j->result, r);
	}
	if (wrong > 1)
		j->sentence = arena_printf(j->arena, "%s; %zu of %zu "
		    "recipients are not as expected", j->sentence, wrong,
		    total);
}

/* --- findings --- */

static bool
is_allowed(const struct scenario *s, enum flag flag)
{
	for (size_t i = 0; i < s->checks.allow_count; i++)
		if (strcmp(s->checks.allow[i], flag_word(flag)) == 0)
			return true;
	return false;
}

static enum result
weigh(const struct scenario *s, const struct finding *f)
{
	if (is_allowed(s, f->flag))
		return RESULT_INFO;
	switch (f->weight) {
	case WEIGHT_ALWAYS:
		return RESULT_FAIL;
	case WEIGHT_SCENARIO:
		return by_level(s);
	case WEIGHT_CLAUSE:
		return by_clause(s, f->clause);
	case WEIGHT_BY_THE_WAY:
		return by_the_way(s, f->clause);
	default:
		return RESULT_INFO;
	}
}

static void
judge_findings(struct ledger *l, struct judgement *j)
{
	const struct scenario *s = l->scenario;
	struct findings all = { l, j };

	flags_check(&all);
	for (size_t i = 0; i < l->count; i++)
		cycles_check(&all, &l->entries[i]);
	waits_check(&all);
	told_check(&all);
	for (size_t i = 0; i < j->finding_count; i++) {
		struct finding *f = &j->findings[i];

		f->worth = weigh(s, f);
		f->allowed = f->worth <= RESULT_INFO;
		if (f->worth <= j->result)
			continue;
		j->result = f->worth;
		j->sentence = f->text;
		j->clause = f->clause;
	}
}

void
judge(const struct scenario *s, const struct trace *t,
    const struct profile *p, struct judgement *j)
{
	struct ledger l;
	const char *fault;

	memset(j, 0, sizeof *j);
	j->arena = arena_new();
	j->result = RESULT_OK;
	build(&l, j->arena, s, t, p);
	judge_units(&l, j);
	judge_findings(&l, j);
	if ((fault = guard_harness(&l)) != NULL) {
		j->result = RESULT_ERROR;	/* nothing can be trusted */
		j->error = fault;
	} else if ((fault = guard_unfired(&l, j)) != NULL &&
	    j->result < RESULT_NOT_EXERCISED) {
		/*
		 * Only a pass is vacuous: an MTA that gave up too early
		 * never meets the later faults, and that is its failure.
		 */
		j->result = RESULT_NOT_EXERCISED;
		j->sentence = fault;
	}
	if (j->result == RESULT_ERROR && j->error != NULL)
		j->sentence = j->error;
	if (j->sentence == NULL)
		j->sentence = "nothing was asked";
	if (j->result == RESULT_OK)
		j->clause = NULL;
	else if (j->clause == NULL && s->covers_count > 0)
		j->clause = s->covers[0];
	ledger_fini(&l);
}

void
judgement_fini(struct judgement *j)
{
	arena_free(j->arena);
	memset(j, 0, sizeof *j);
}

enum result
judgement_plain(const struct judgement *j)
{
	return j->known != NULL ? j->known->was : j->result;
}

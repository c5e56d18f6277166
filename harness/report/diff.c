#include "harness/report/diff.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/event.h"
#include "harness/base/mta_name.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/judge/verdict.h"

const char *
diff_word(enum diff_kind k)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		DIFF_KINDS(X)
#undef X
	};

	return words[k];
}

const char *
diff_help(enum diff_kind k)
{
	static const char *const helps[] = {
#define X(sym, word, help) help,
		DIFF_KINDS(X)
#undef X
	};

	return helps[k];
}

/* --- how bad --- */

/* info is no failure: there the sources disagree (requirements 0.6). */
static int
rank(enum result r)
{
	return r == RESULT_OK || r == RESULT_INFO ? 0 : r == RESULT_WARN ?
	    1 : 2;
}

static bool
is_comparable(enum result r)
{
	return r == RESULT_OK || r == RESULT_INFO || r == RESULT_WARN ||
	    r == RESULT_FAIL;
}

static int
unit_badness(const struct unit *u)
{
	return u->expected || u->tolerated ? 0 : 1 +
	    verdict_severity(u->verdict);
}

static uint32_t
flags_of(const struct judgement *j)
{
	uint32_t set = 0;

	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			set |= UINT32_C(1) << j->findings[i].flag;
	return set;
}

/* --- units --- */

static bool
same_unit(const struct unit *a, const struct unit *b)
{
	return a->msg != NULL && b->msg != NULL && a->rcpt != NULL &&
	    b->rcpt != NULL && strcmp(a->msg, b->msg) == 0 &&
	    strcmp(a->rcpt, b->rcpt) == 0;
}

static const struct unit *
find_unit(const struct judgement *j, const struct unit *like)
{
	for (size_t i = 0; i < j->unit_count; i++)
		if (same_unit(&j->units[i], like))
			return &j->units[i];
	return NULL;
}

static void
add_unit(struct report_diff *d, struct diff_pair *p, const struct unit *old,
    const struct unit *new)
{
	struct diff_unit *u = arena_push(d->arena, &p->units, &p->unit_count,
	    sizeof *u);
	int before, after;

	u->old = old;
	u->new = new;
	u->kind = DIFF_CHANGED;
	if (old == NULL || new == NULL)
		return;		/* the scenario is another */
	before = unit_badness(old);
	after = unit_badness(new);
	u->kind = after > before ? DIFF_WORSE : after < before ?
	    DIFF_BETTER : old->verdict != new->verdict ? DIFF_CHANGED :
	    DIFF_SAME;
}

static void
compare_units(struct report_diff *d, struct diff_pair *p,
    const struct judgement *old, const struct judgement *new)
{
	for (size_t i = 0; i < old->unit_count; i++)
		if (!old->units[i].control)
			add_unit(d, p, &old->units[i], find_unit(new,
			    &old->units[i]));
	for (size_t i = 0; i < new->unit_count; i++)
		if (!new->units[i].control && find_unit(old,
		    &new->units[i]) == NULL)
			add_unit(d, p, NULL, &new->units[i]);
}

/* --- attempts --- */

static bool
is_contact(const struct event *ev)
{
	return ev->t_us >= 0 && (ev->kind == EV_SYN ||
	    ev->kind == EV_CONNECT_FAILED);
}

static void
find_attempts(struct report_diff *d, struct report_set *set, size_t run,
    struct diff_attempts *a)
{
	struct report_case rc;
	int64_t last = TIME_NEVER, *slot;

	if (report_run_open(set, run, &rc))
		for (size_t i = 0; i < rc.trace->count; i++) {
			const struct event *ev = &rc.trace->events[i];

			if (!is_contact(ev) || (last != TIME_NEVER &&
			    ev->t_us - last < USEC_PER_SEC))
				continue;
			slot = arena_push(d->arena, &a->times_us, &a->count,
			    sizeof *slot);
			*slot = last = ev->t_us;
		}
	report_run_close(set, run);
}

static size_t
first_difference(const struct diff_attempts *a, const struct diff_attempts *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (llabs(a->times_us[i] - b->times_us[i]) >= USEC_PER_SEC)
			break;
	return i;
}

/* --- pairs --- */

static enum diff_kind
kind_of(const struct diff_pair *p, const struct judgement *old,
    const struct judgement *new)
{
	enum result before = judgement_plain(old), after = judgement_plain(new);
	size_t counts[DIFF_KIND_COUNT] = { 0 };

	if (!is_comparable(before) || !is_comparable(after))
		return before == RESULT_SKIP && after == RESULT_SKIP ?
		    DIFF_SAME : DIFF_UNKNOWN;
	for (size_t i = 0; i < p->unit_count; i++)
		counts[p->units[i].kind]++;
	if (rank(after) > rank(before) || p->flags_new != 0 ||
	    counts[DIFF_WORSE] > 0)
		return DIFF_WORSE;
	if (rank(after) < rank(before) || p->flags_gone != 0 ||
	    counts[DIFF_BETTER] > 0)
		return DIFF_BETTER;
	if (counts[DIFF_CHANGED] > 0 || after != before)
		return DIFF_CHANGED;
	/* Two programs have two schedules; that is no news. */
	if (p->one_mta && (p->parted < p->old_attempts.count ||
	    p->parted < p->new_attempts.count))
		return DIFF_TIMES;
	return DIFF_SAME;
}

static void
compare(struct report_diff *d, struct diff_pair *p)
{
	const struct judgement *old = &d->old->runs[p->old_run].judgement;
	const struct judgement *new = &d->new->runs[p->new_run].judgement;
	uint32_t before = flags_of(old), after = flags_of(new);

	compare_units(d, p, old, new);
	p->flags_new = after & ~before;
	p->flags_gone = before & ~after;
	find_attempts(d, d->old, p->old_run, &p->old_attempts);
	find_attempts(d, d->new, p->new_run, &p->new_attempts);
	p->parted = first_difference(&p->old_attempts, &p->new_attempts);
	p->kind = kind_of(p, old, new);
}

static void
add_pair(struct report_diff *d, const char *id, bool one_mta, size_t old,
    size_t new)
{
	struct diff_pair *p = arena_push(d->arena, &d->pairs, &d->count,
	    sizeof *p);

	p->id = id;
	p->one_mta = one_mta;
	p->old_run = old;
	p->new_run = new;
	p->kind = old == DIFF_NO_RUN ? DIFF_ONLY_NEW : DIFF_ONLY_OLD;
	if (old != DIFF_NO_RUN && new != DIFF_NO_RUN)
		compare(d, p);
}

static size_t
find_run(const struct report_set *set, const char *id, size_t column)
{
	size_t low = 0, high = set->row_count, mid;
	const struct report_run *r;
	int c;

	while (low < high) {
		mid = low + (high - low) / 2;
		if ((c = strcmp(set->rows[mid].id, id)) == 0) {
			r = report_set_cell(set, mid, column);
			return r != NULL ? (size_t)(r - set->runs) :
			    DIFF_NO_RUN;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return DIFF_NO_RUN;
}

static void
compare_columns(struct report_diff *d, size_t old, size_t new)
{
	bool one = mta_same_name(d->old->mtas[old].mta,
	    d->new->mtas[new].mta);
	const struct report_run *r;
	const char *id;

	for (size_t i = 0; i < d->old->run_count; i++) {
		r = &d->old->runs[i];
		if (r->column != old || r->hidden)
			continue;
		id = d->old->rows[r->row].id;
		add_pair(d, id, one, i, find_run(d->new, id, new));
	}
	for (size_t i = 0; i < d->new->run_count; i++) {
		r = &d->new->runs[i];
		if (r->column != new || r->hidden)
			continue;
		id = d->new->rows[r->row].id;
		if (find_run(d->old, id, old) == DIFF_NO_RUN)
			add_pair(d, id, one, DIFF_NO_RUN, i);
	}
}

/* --- columns --- */

/* The column of the new side that goes with one of the old, or NO_RUN. */
static size_t
partner(const struct report_diff *d, size_t column, const bool *taken)
{
	const char *mta = d->old->mtas[column].mta;

	for (size_t i = 0; i < d->new->mta_count; i++)
		if (!taken[i] && strcmp(d->new->mtas[i].mta, mta) == 0)
			return i;
	for (size_t i = 0; i < d->new->mta_count; i++)
		if (!taken[i] && mta_same_name(d->new->mtas[i].mta, mta))
			return i;
	/* One MTA against another: that is what was asked. */
	return d->old->mta_count == 1 && d->new->mta_count == 1 ? 0 :
	    DIFF_NO_RUN;
}

static int
by_kind(const void *a, const void *b)
{
	const struct diff_pair *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->id, y->id);
}

void
report_diff_make(struct report_diff *d, struct report_set *old,
    struct report_set *new)
{
	bool *taken = xcalloc(new->mta_count + 1, sizeof *taken);
	size_t k, paired = 0;

	memset(d, 0, sizeof *d);
	d->arena = arena_new();
	d->old = old;
	d->new = new;
	for (size_t i = 0; i < old->mta_count; i++) {
		if ((k = partner(d, i, taken)) == DIFF_NO_RUN)
			continue;
		taken[k] = true;
		paired++;
		compare_columns(d, i, k);
	}
	d->alone = old->mta_count + new->mta_count - 2 * paired;
	free(taken);
	if (d->count > 0)
		qsort(d->pairs, d->count, sizeof *d->pairs, by_kind);
	for (size_t i = 0; i < d->count; i++)
		d->counts[d->pairs[i].kind]++;
}

bool
report_diff_untrusted(const struct report_diff *d)
{
	return d->counts[DIFF_UNKNOWN] > 0 ||
	    d->counts[DIFF_ONLY_OLD] + d->counts[DIFF_ONLY_NEW] == d->count ||
	    report_set_untrusted(d->old) || report_set_untrusted(d->new);
}

void
report_diff_fini(struct report_diff *d)
{
	arena_free(d->arena);
	memset(d, 0, sizeof *d);
}

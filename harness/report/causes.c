#include "harness/report/causes.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/judge/verdict.h"
#include "harness/report/console_int.h"

/*
 * What else a line of `expect:` asked for stands in brackets at the end; where
 * the verdict is bad enough by itself, that is not what makes the defect.
 */
static void
put_shape(struct sbuf *b, const struct judgement *j, const struct unit *u,
    const char *text)
{
	const char *end;

	cause_shape(b, j, text);
	if (u == NULL || verdict_severity(u->verdict) == 0 || b->len == 0 ||
	    b->data[b->len - 1] != ')' || (end = strrchr(b->data, '(')) ==
	    NULL || end <= b->data || end[-1] != ' ')
		return;
	b->len = (size_t)(end - b->data) - 1;
	b->data[b->len] = '\0';
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Those of a column stand together while they are found. */
static struct cause *
find_cause(struct causes *cs, size_t first, const struct cause *like)
{
	struct cause *c;

	for (size_t i = first; i < cs->count; i++) {
		c = &cs->items[i];
		if (c->level == like->level && strcmp(c->word, like->word) ==
		    0 && same(c->clause, like->clause) && strcmp(c->shape,
		    like->shape) == 0)
			return c;
	}
	c = arena_push(cs->arena, &cs->items, &cs->count, sizeof *c);
	*c = *like;
	c->shape = arena_strdup(cs->arena, like->shape);
	return c;
}

/* A scenario stands once in a list, even if two recipients show the same. */
static void
add_run(struct causes *cs, struct cause *c, const struct cause_run *at)
{
	if (c->run_count > 0 && c->runs[c->run_count - 1].run == at->run)
		return;
	*(struct cause_run *)arena_push(cs->arena, &c->runs, &c->run_count,
	    sizeof *c->runs) = *at;
}

struct finder {
	struct causes	*causes;
	const struct report_set *set;
	size_t		 column, first;		/* cause of this column */
};

static void
add_part(struct finder *f, const struct cause_run *at, const char *word,
    const char *clause, const char *text)
{
	const struct judgement *j = &f->set->runs[at->run].judgement;
	const struct unit *u = at->unit != CAUSE_NO_PART ?
	    &j->units[at->unit] : NULL;
	const struct report_row *row = &f->set->rows[f->set->runs[at->run]
	    .row];
	struct sbuf shape = { 0 };
	struct cause like = { .column = f->column, .word = word,
	    .clause = clause, .level = clause_level_in(clause,
	    row->level, row->covers, row->covers_count), .text = text };

	put_shape(&shape, j, u, text);
	like.shape = sbuf_str(&shape);
	add_run(f->causes, find_cause(f->causes, f->first, &like), at);
	sbuf_fini(&shape);
}

/* Mail that went astray to a host that was to be left alone is one defect. */
static bool
is_its_misroute(const struct judgement *j, const struct finding *fd)
{
	const char *host = fd->text;
	size_t n = strcspn(host, " ");

	for (size_t i = 0; fd->flag == F_TRAP_CONTACT && i < j->unit_count;
	    i++) {
		const struct unit *u = &j->units[i];

		if (u->verdict == V_MISROUTED && u->why != NULL &&
		    memmem(u->why, strlen(u->why), host, n) != NULL)
			return true;
	}
	return false;
}

/* All that is wrong in it: one defect must not hide another. */
static void
add_parts(struct finder *f, size_t run)
{
	const struct judgement *j = &f->set->runs[run].judgement;
	struct cause_run at = { run, CAUSE_NO_PART, CAUSE_NO_PART };
	size_t told = 0;

	for (at.unit = 0; at.unit < j->unit_count; at.unit++) {
		const struct unit *u = &j->units[at.unit];

		if (u->control || !unit_is_bad(u) || u->why == NULL)
			continue;
		add_part(f, &at, verdict_word(u->verdict), u->clause != NULL ?
		    u->clause : j->clause, u->why);
		told++;
	}
	at.unit = CAUSE_NO_PART;
	for (at.finding = 0; at.finding < j->finding_count; at.finding++) {
		const struct finding *fd = &j->findings[at.finding];

		if (fd->allowed || fd->text == NULL ||
		    is_its_misroute(j, fd))
			continue;
		add_part(f, &at, flag_word(fd->flag), fd->clause != NULL ?
		    fd->clause : j->clause, fd->text);
		told++;
	}
	at.finding = CAUSE_NO_PART;
	if (told == 0)
		add_part(f, &at, report_result_word(j->result), j->clause,
		    j->sentence != NULL ? j->sentence : "");
}

static int
by_weight(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->run_count != y->run_count)
		return x->run_count > y->run_count ? -1 : 1;
	if (x->runs[0].run != y->runs[0].run)
		return x->runs[0].run < y->runs[0].run ? -1 : 1;
	return strcmp(x->word, y->word);
}

void
causes_find(struct causes *cs, const struct report_set *set)
{
	struct finder f = { .causes = cs, .set = set };

	memset(cs, 0, sizeof *cs);
	cs->arena = arena_new();
	for (f.column = 0; f.column < set->mta_count; f.column++) {
		f.first = cs->count;
		for (size_t i = 0; i < set->run_count; i++)
			if (set->runs[i].column == f.column &&
			    !set->runs[i].hidden && report_is_finding(
			    set->runs[i].judgement.result))
				add_parts(&f, i);
	}
	if (cs->count > 0)
		qsort(cs->items, cs->count, sizeof *cs->items, by_weight);
}

void
causes_fini(struct causes *cs)
{
	arena_free(cs->arena);
	memset(cs, 0, sizeof *cs);
}

static int
by_number(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct cause_count
causes_count(const struct causes *cs, size_t column, enum clause_level level)
{
	struct cause_count n = { 0, 0 };
	struct arena *arena = arena_new();
	size_t *runs = NULL, count = 0;

	for (size_t i = 0; i < cs->count; i++) {
		const struct cause *c = &cs->items[i];

		if (c->column != column || c->level != level)
			continue;
		n.defects++;
		for (size_t k = 0; k < c->run_count; k++)
			*(size_t *)arena_push(arena, &runs, &count,
			    sizeof *runs) = c->runs[k].run;
	}
	if (count > 0)
		qsort(runs, count, sizeof *runs, by_number);
	for (size_t i = 0; i < count; i++)
		n.scenarios += i == 0 || runs[i] != runs[i - 1];
	arena_free(arena);
	return n;
}

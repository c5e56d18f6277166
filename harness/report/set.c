#include "harness/report/set.h"

#include <errno.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/baseline/baseline.h"
#include "harness/report/set_int.h"
#include "harness/report/stored.h"

/*
 * So many octets of traces are kept for those who ask again; in memory they
 * are five times as many.
 */
#define KEEP_BYTES	(4u << 20)

/* --- what the set is built of --- */

const char *
set_text(struct report_set *set, const char *text)
{
	return text != NULL ? arena_strdup(set->arena, text) : NULL;
}

void
set_note(struct report_set *set, bool untrusted, const char *fmt, ...)
{
	struct report_note *note = arena_push(set->arena, &set->notes,
	    &set->note_count, sizeof *note);
	struct sbuf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	note->untrusted = untrusted;
	note->text = arena_strdup(set->arena, sbuf_str(&b));
	sbuf_fini(&b);
}

size_t
set_source(struct report_set *set, const char *dir)
{
	struct report_source *s = arena_push(set->arena, &set->sources,
	    &set->source_count, sizeof *s);

	s->dir = set_text(set, dir);
	return set->source_count - 1;
}

size_t
set_column(struct report_set *set, const char *mta, const char *version)
{
	struct report_mta *m;

	version = version != NULL ? version : "";
	for (size_t i = 0; i < set->mta_count; i++) {
		m = &set->mtas[i];
		if (strcmp(m->mta, mta) != 0 || (*version != '\0' &&
		    *m->version != '\0' && strcmp(m->version, version) != 0))
			continue;
		if (*m->version == '\0')
			m->version = set_text(set, version);
		return i;
	}
	m = arena_push(set->arena, &set->mtas, &set->mta_count, sizeof *m);
	m->mta = m->label = set_text(set, mta);
	m->version = set_text(set, version);
	return set->mta_count - 1;
}

size_t
set_row(struct report_set *set, const char *id)
{
	struct report_row *r;

	size_t i = name_index_find(&set->row_index, id);

	if (i != NAME_INDEX_NONE)
		return i;
	r = arena_push(set->arena, &set->rows, &set->row_count, sizeof *r);
	r->id = set_text(set, id);
	r->path = r->title = "";
	name_index_add(&set->row_index, r->id, set->row_count - 1);
	return set->row_count - 1;
}

struct report_run *
set_run(struct report_set *set, size_t source, const char *id,
    const char *mta, const char *version)
{
	size_t row = set_row(set, id), column = set_column(set, mta, version);
	struct report_run *r = arena_push(set->arena, &set->runs,
	    &set->run_count, sizeof *r);

	r->source = source;
	r->row = row;
	r->column = column;
	r->times = 1;
	r->rerun = "";
	return r;
}

static const char *const *
copy_words(struct report_set *set, const char *const *words, size_t count)
{
	const char **copy = arena_array(set->arena, count, sizeof *copy);

	for (size_t i = 0; i < count; i++)
		copy[i] = set_text(set, words[i]);
	return copy;
}

void
set_describe_row(struct report_set *set, size_t row,
    const struct scenario *sc)
{
	struct report_row *r = &set->rows[row];

	if (*r->path != '\0')
		return;
	r->path = set_text(set, sc->path);
	r->variant = set_text(set, sc->variant);
	r->title = set_text(set, sc->title);
	r->why = set_text(set, sc->why);
	r->level = sc->level;
	r->covers = copy_words(set, sc->covers, sc->covers_count);
	r->covers_count = sc->covers_count;
	r->tags = copy_words(set, sc->tags, sc->tag_count);
	r->tag_count = sc->tag_count;
}

/* What the run did not try, and what it was not judged by. */
static void
copy_shortcomings(struct report_set *set, struct judgement *to,
    const struct judgement *from)
{
	to->unfired = arena_array(set->arena, from->unfired_count,
	    sizeof *to->unfired);
	for (size_t i = 0; i < from->unfired_count; i++)
		to->unfired[i] = set_text(set, from->unfired[i]);
	to->departures = arena_array(set->arena, from->departure_count,
	    sizeof *to->departures);
	for (size_t i = 0; i < from->departure_count; i++)
		to->departures[i] = (struct departure){
		    .text = set_text(set, from->departures[i].text),
		    .where = set_text(set, from->departures[i].where),
		    .clause = set_text(set, from->departures[i].clause) };
}

void
set_copy_judgement(struct report_set *set, struct judgement *to,
    const struct judgement *from)
{
	const struct known *known = to->known;

	*to = *from;
	to->arena = NULL;
	to->known = known;
	to->sentence = set_text(set, from->sentence);
	to->error = set_text(set, from->error);
	to->clause = set_text(set, from->clause);
	to->units = arena_array(set->arena, from->unit_count,
	    sizeof *to->units);
	to->findings = arena_array(set->arena, from->finding_count,
	    sizeof *to->findings);
	for (size_t i = 0; i < from->unit_count; i++) {
		struct unit *u = &to->units[i];

		*u = from->units[i];
		u->msg = set_text(set, u->msg);
		u->rcpt = set_text(set, u->rcpt);
		u->from = set_text(set, u->from);
		u->note = set_text(set, u->note);
		u->why = set_text(set, u->why);
		u->clause = set_text(set, u->clause);
		u->proof = set_text(set, u->proof);
		u->expectation = NULL;
		u->attempts = NULL;
		u->attempt_count = 0;
	}
	copy_shortcomings(set, to, from);
	for (size_t i = 0; i < from->finding_count; i++) {
		struct finding *f = &to->findings[i];

		*f = from->findings[i];
		f->clause = set_text(set, f->clause);
		f->text = set_text(set, f->text);
	}
}

/* --- reading folders --- */

void
report_set_init(struct report_set *set)
{
	memset(set, 0, sizeof *set);
	set->arena = arena_new();
}

static bool
is_there(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Canaries and questions are stored beside the runs; they are none. */
static bool
is_preparation(const FTSENT *e)
{
	return e->fts_level > 0 && (strcmp(e->fts_name, "canary") == 0 ||
	    strcmp(e->fts_name, "info") == 0);
}

static bool
add_folder(struct report_set *set, FTS *fts, FTSENT *e, char **error)
{
	if (is_there(e->fts_accpath, RUN_RESULTS)) {
		fts_set(fts, e, FTS_SKIP);
		return set_read_suite(set, e->fts_path, error);
	}
	if (!is_there(e->fts_accpath, RUN_META))
		return true;
	fts_set(fts, e, FTS_SKIP);
	return is_preparation(e) || set_read_run(set, e->fts_path, error);
}

bool
report_set_add(struct report_set *set, const char *dir, char **error)
{
	char *root = xstrdup(dir), *roots[] = { root, NULL };
	size_t before = set->source_count, len = strlen(root);
	FTSENT *e;
	FTS *fts;

	*error = NULL;
	while (len > 1 && root[len - 1] == '/')
		root[--len] = '\0';
	fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
	    by_name);
	while (*error == NULL && fts != NULL && (e = fts_read(fts)) != NULL)
		if (e->fts_info == FTS_D)
			add_folder(set, fts, e, error);
		else if (e->fts_level == 0 && e->fts_info == FTS_NS)
			*error = xasprintf("%s: %s", root,
			    strerror(e->fts_errno));
	if (fts != NULL)
		fts_close(fts);
	if (*error == NULL && set->source_count == before)
		*error = xasprintf("no stored run below %s", root);
	free(root);
	return *error == NULL;
}

/* --- order --- */

static const struct report_set *ordered;	/* qsort(3) has no context */

static int
compare_rows(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return strcmp(ordered->rows[x].id, ordered->rows[y].id);
}

static void
order_rows(struct report_set *set)
{
	size_t n = set->row_count, *order = xcalloc(n + 1, sizeof *order);
	size_t *place = xcalloc(n + 1, sizeof *place);
	struct report_row *rows = arena_array(set->arena, n, sizeof *rows);

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	ordered = set;
	if (n > 0)
		qsort(order, n, sizeof *order, compare_rows);
	for (size_t i = 0; i < n; i++) {
		rows[i] = set->rows[order[i]];
		place[order[i]] = i;
	}
	set->rows = rows;
	name_index_fini(&set->row_index);
	for (size_t i = 0; i < set->run_count; i++)
		set->runs[i].row = place[set->runs[i].row];
	free(order);
	free(place);
}

/* By row and column, the worst first, then in the order of the folders. */
static int
compare_runs(const void *a, const void *b)
{
	const struct report_run *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	if (x->judgement.result != y->judgement.result)
		return x->judgement.result > y->judgement.result ? -1 : 1;
	return x->source < y->source ? -1 : x->source > y->source;
}

/* Two versions of one MTA need names that tell them apart. */
static void
name_columns(struct report_set *set)
{
	for (size_t i = 0; i < set->mta_count; i++)
		for (size_t k = 0; k < set->mta_count; k++)
			if (i != k && strcmp(set->mtas[i].mta,
			    set->mtas[k].mta) == 0)
				set->mtas[i].label = arena_printf(set->arena,
				    "%s (%s)", set->mtas[i].mta,
				    set->mtas[i].version);
}

static void
make_stubs(struct report_set *set)
{
	struct report_row *r;

	for (size_t i = 0; i < set->row_count; i++) {
		r = &set->rows[i];
		r->stub = arena_alloc(set->arena, sizeof *r->stub);
		r->stub->id = r->id;
		r->stub->path = r->path;
		r->stub->variant = r->variant;
		r->stub->title = r->title;
		r->stub->why = r->why;
		r->stub->level = r->level;
		r->stub->source = "";
	}
}

void
report_set_know(struct report_set *set, const struct baseline *b)
{
	for (size_t i = 0; i < set->run_count; i++) {
		struct report_run *r = &set->runs[i];
		struct judgement *j = &r->judgement;

		if (j->known != NULL) {
			j->result = j->known->was;
			if (j->known->sentence != NULL)
				j->sentence = j->known->sentence;
			j->known = NULL;
		}
		j->arena = set->arena;
		baseline_apply(b, set->rows[r->row].id,
		    set->mtas[r->column].mta, set->mtas[r->column].version,
		    j);
		j->arena = NULL;
	}
}

void
report_set_finish(struct report_set *set)
{
	order_rows(set);
	if (set->run_count > 0)
		qsort(set->runs, set->run_count, sizeof *set->runs,
		    compare_runs);
	name_columns(set);
	make_stubs(set);
	set_merge(set);
	for (size_t i = 0; i < set->run_count; i++)
		if (!set->runs[i].hidden)
			set->counts[set->runs[i].judgement.result]++;
}

void
report_set_fini(struct report_set *set)
{
	for (size_t i = 0; i < set->run_count; i++)
		if (set->runs[i].stored != NULL) {
			stored_run_fini(set->runs[i].stored);
			free(set->runs[i].stored);
		}
	name_index_fini(&set->row_index);
	arena_free(set->arena);
	memset(set, 0, sizeof *set);
}

/* --- what is asked of it --- */

bool
report_set_untrusted(const struct report_set *set)
{
	for (size_t i = 0; i < set->note_count; i++)
		if (set->notes[i].untrusted)
			return true;
	return false;
}

const struct report_run *
report_set_cell(const struct report_set *set, size_t row, size_t column)
{
	size_t low = 0, high = set->run_count, mid;
	const struct report_run *r;

	while (low < high) {
		mid = low + (high - low) / 2;
		r = &set->runs[mid];
		if (r->row < row || (r->row == row && r->column < column))
			low = mid + 1;
		else
			high = mid;
	}
	r = &set->runs[low];
	return low < set->run_count && r->row == row && r->column == column ?
	    r : NULL;
}

void
report_run_case(const struct report_set *set, size_t i,
    struct report_case *rc)
{
	const struct report_run *r = &set->runs[i];

	*rc = (struct report_case){ .scenario = set->rows[r->row].stub,
	    .mta = set->mtas[r->column].mta,
	    .mta_version = set->mtas[r->column].version,
	    .judgement = &r->judgement, .dir = r->dir, .rerun = r->rerun,
	    .virtual_us = r->virtual_us, .real_us = r->real_us,
	    .hidden = r->hidden };
}

/* The fresh judgement, with what only the run itself knew. */
static void
give_results(struct judgement *to, const struct judgement *from)
{
	to->result = from->result;
	to->sentence = from->sentence;
	to->known = from->known;
	to->error = from->error;
}

bool
report_run_open(struct report_set *set, size_t i, struct report_case *rc)
{
	struct report_run *r = &set->runs[i];
	char *error;

	report_run_case(set, i, rc);
	if (r->stored == NULL && r->dir != NULL) {
		r->stored = xcalloc(1, sizeof *r->stored);
		if (!stored_run_read(r->stored, r->dir, &error)) {
			free(error);	/* was said when the set was read */
			free(r->stored);
			r->stored = NULL;
		} else
			set->kept_bytes += r->stored->bytes;
	}
	if (r->stored == NULL)
		return false;
	rc->scenario = r->stored->scenario;
	if (!r->stored->judged)
		return false;
	give_results(&r->stored->judgement, &r->judgement);
	rc->judgement = &r->stored->judgement;
	rc->trace = &r->stored->trace;
	return true;
}

void
report_run_close(struct report_set *set, size_t i)
{
	struct report_run *r = &set->runs[i];

	if (r->stored == NULL || set->kept_bytes < KEEP_BYTES)
		return;
	set->kept_bytes -= r->stored->bytes;
	stored_run_fini(r->stored);
	free(r->stored);
	r->stored = NULL;
}

/* What is missing from a set, and what in it contradicts. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/set_int.h"

/* So many missing shards are named, the others counted. */
#define NAMED_SHARDS	20

/* Runs of the same cell stand together, the worst first. */
static size_t
cell_end(const struct report_set *set, size_t first)
{
	size_t end = first + 1;

	while (end < set->run_count &&
	    set->runs[end].row == set->runs[first].row &&
	    set->runs[end].column == set->runs[first].column)
		end++;
	return end;
}

static void
note_contradiction(struct report_set *set, size_t first, size_t end)
{
	const struct report_run *worst = &set->runs[first], *r;
	struct sbuf b = { 0 };

	for (size_t i = first; i < end; i++) {
		r = &set->runs[i];
		sbuf_printf(&b, "%s%s in %s", i > first ? ", " : "",
		    result_word(r->judgement.result),
		    set->sources[r->source].dir);
	}
	set_note(set, false, "%s on %s ran %zu times with different results: "
	    "%s; the worst counts", set->rows[worst->row].id,
	    set->mtas[worst->column].label, end - first, sbuf_str(&b));
	sbuf_fini(&b);
}

static void
merge_cells(struct report_set *set)
{
	size_t end;

	for (size_t i = 0; i < set->run_count; i = end) {
		end = cell_end(set, i);
		for (size_t k = i; k < end; k++) {
			set->runs[k].times = end - i;
			set->runs[k].hidden = k > i;
		}
		if (set->runs[i].judgement.result !=
		    set->runs[end - 1].judgement.result)
			note_contradiction(set, i, end);
	}
}

static void
note_missing(struct report_set *set, const bool *seen, unsigned count)
{
	struct sbuf b = { 0 };
	unsigned missing = 0;

	for (unsigned i = 1; i <= count; i++) {
		if (seen[i])
			continue;
		if (missing++ < NAMED_SHARDS)
			sbuf_printf(&b, "%s%u", b.len > 0 ? ", " : "", i);
	}
	if (missing > 0)
		set_note(set, true, "%u of %u shards are missing: %s%s",
		    missing, count, sbuf_str(&b), missing > NAMED_SHARDS ?
		    " and more" : "");
	sbuf_fini(&b);
}

/* The division of the first shard; any other does not go with it. */
static void
merge_shards(struct report_set *set)
{
	const struct report_source *s;
	unsigned count = 0;
	bool *seen = NULL;

	for (size_t i = 0; i < set->source_count; i++) {
		s = &set->sources[i];
		if (s->shard_count == 0)
			continue;
		if (count == 0) {
			count = s->shard_count;
			seen = xcalloc((size_t)count + 1, sizeof *seen);
		}
		if (s->shard_count != count)
			set_note(set, true, "%s is a shard of %u, others are "
			    "of %u: together they are no whole", s->dir,
			    s->shard_count, count);
		else if (s->shard_index >= 1 && s->shard_index <= count)
			seen[s->shard_index] = true;
	}
	if (count > 0)
		note_missing(set, seen, count);
	free(seen);
}

/* A judge that was bettered, or a folder that was changed. */
static void
note_rejudged(struct report_set *set)
{
	const struct report_run *r, *one = NULL;
	size_t n = 0;

	for (size_t i = 0; i < set->run_count; i++) {
		r = &set->runs[i];
		if (r->said == r->judgement.result)
			continue;
		n++;
		one = one == NULL ? r : one;
	}
	if (n > 0)
		set_note(set, false, "%zu run%s judged otherwise today than "
		    "when %s ran, e.g. %s on %s: was %s, is %s", n,
		    n == 1 ? " is" : "s are", n == 1 ? "it" : "they",
		    set->rows[one->row].id, set->mtas[one->column].label,
		    result_word(one->said),
		    result_word(one->judgement.result));
}

void
set_merge(struct report_set *set)
{
	merge_cells(set);
	merge_shards(set);
	note_rejudged(set);
}

#include "harness/explore/explore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mta_name.h"
#include "harness/base/rng.h"
#include "harness/base/whole_file.h"
#include "harness/base/xalloc.h"

/* Worlds in one suite: its memory is bounded, and so is a tick's pause. */
#define BATCH		128

static void
pass_tick(void *ctx, size_t finished)
{
	struct explore *e = ctx;

	if (e->tick != NULL)
		e->tick(e->ctx, e->done + finished / (e->bugs ? 2 : 1));
}

static void
pass_note(void *ctx, const char *text)
{
	struct explore *e = ctx;

	if (e->note != NULL)
		e->note(e->ctx, text);
}

const struct suite_mta *
explore_open(struct explore *e)
{
	bool reference = mta_is_named(e->mta, "reference");

	e->trials = (struct trials){ .home = e->home, .out = e->out,
	    .parallel = e->parallel, .limit_us = e->limit_us,
	    .tick = pass_tick, .note = pass_note, .ctx = e };
	if (reference && e->ways)
		explore_names_read(&e->way_names, e->home, "--list-ways");
	if (reference && e->bugs)
		explore_names_read(&e->bug_names, e->home, "--list-bugs");
	e->bug_count = e->bug_names.count;
	e->bug_list = xcalloc(e->bug_count + 1, sizeof *e->bug_list);
	for (size_t i = 0; i < e->bug_count; i++)
		e->bug_list[i].name = e->bug_names.list[i];
	return trials_mta(&e->trials, e->mta);
}

void
explore_fini(struct explore *e)
{
	for (size_t i = 0; i < e->kind_count; i++)
		free(e->kinds[i].words);
	free(e->kinds);
	free(e->bug_list);
	explore_names_fini(&e->way_names);
	explore_names_fini(&e->bug_names);
	trials_fini(&e->trials);
}

/* --- what failed --- */

static bool
is_failure(const struct trial *tr)
{
	return tr->ran && (result_is_red(tr->result) ||
	    tr->result == RESULT_WARN);
}

static struct explore_kind *
kind_of(struct explore *e, const char *words, uint64_t seed)
{
	struct explore_kind *k;
	size_t i;

	for (i = 0; i < e->kind_count; i++)
		if (strcmp(e->kinds[i].words, words) == 0)
			break;
	if (i == e->kind_count) {
		e->kinds = xreallocarray(e->kinds, ++e->kind_count,
		    sizeof *e->kinds);
		memset(&e->kinds[i], 0, sizeof e->kinds[i]);
		e->kinds[i].words = xstrdup(words);
	}
	k = &e->kinds[i];
	if (k->times < sizeof k->seeds / sizeof *k->seeds)
		k->seeds[k->times] = seed;
	k->times++;
	return k;
}

/* The small file, which says where it comes from. */
static char *
write_file(const struct explore *e, const struct trial *tr, uint64_t seed)
{
	char *path = xasprintf("%s/%" PRIu64 ".yaml", e->out, seed);
	struct sbuf text = { 0 };

	sbuf_printf(&text, "# Made small from the world of seed %" PRIu64
	    " (mxdrill explore --seed %" PRIu64 " --count 1).\n"
	    "# On %s: %s\n# %s\n", seed, seed, tr->mta, tr->words,
	    tr->sentence);
	draft_text(&tr->draft, &text);
	if (whole_file_write(path, text.data, text.len) < 0)
		pass_note((void *)(uintptr_t)e, path);
	sbuf_fini(&text);
	return path;
}

static bool
note_failure(struct explore *e, struct trial *tr)
{
	struct explore_kind *k = kind_of(e, tr->words, tr->draft.seed);
	struct explore_find find = { .seed = tr->draft.seed };
	bool whole;

	if (k->told >= e->most) {
		e->failed(e->ctx, tr);
		trial_remove_run(tr);
		return true;
	}
	k->told++;
	find.trial = *tr;
	memset(tr, 0, sizeof *tr);
	whole = explore_shrink(&e->trials, &find.trial, &find.steps);
	find.file = write_file(e, &find.trial, find.seed);
	e->found(e->ctx, &find);
	free(find.file);
	trial_fini(&find.trial);
	return whole;
}

static void
note_bug(struct explore *e, size_t bug, const struct trial *plain,
    const struct trial *with)
{
	struct explore_bug *b = &e->bug_list[bug];
	bool caught = is_failure(with) && !is_failure(plain);
	bool shown = plain->likeness != with->likeness;

	if (!plain->ran || !with->ran)
		return;
	b->worlds++;
	b->shown += shown || caught;
	b->caught += caught;
	if (shown && !caught) {
		size_t missed = b->shown - b->caught;

		if (missed <= sizeof b->missed / sizeof *b->missed)
			b->missed[missed - 1] = plain->draft.seed;
	}
	trial_remove_run(with);
}

/* --- the worlds --- */

/* The bug that a seed chooses. */
static size_t
bug_of(const struct explore *e, uint64_t seed)
{
	struct rng r;

	rng_init(&r, ~seed);
	return rng_below(&r, (uint32_t)e->bug_count);
}

static size_t
make_trials(const struct explore *e, uint64_t seed, struct trial *out)
{
	draft_make(&out[0].draft, seed);
	out[0].mta = explore_mta(e, seed, NULL);
	if (!e->bugs || e->bug_count == 0)
		return 1;
	out[1].draft = out[0].draft;
	out[1].mta = explore_mta(e, seed,
	    e->bug_list[bug_of(e, seed)].name);
	out[1].like = xstrdup(out[0].mta);
	return 2;
}

static bool
run_batch(struct explore *e, uint64_t seed, size_t worlds)
{
	struct trial *list = xcalloc(2 * worlds, sizeof *list);
	size_t per = 1, count = 0;
	bool whole;

	for (size_t i = 0; i < worlds; i++)
		count += per = make_trials(e, seed + i, &list[count]);
	whole = trials_run(&e->trials, list, count);
	for (size_t i = 0; i < count; i += per) {
		e->results[list[i].result] += list[i].ran;
		e->done += list[i].ran;
		if (per == 2 && whole)
			note_bug(e, bug_of(e, seed + i / per), &list[i],
			    &list[i + 1]);
		if (whole && is_failure(&list[i]))
			whole = note_failure(e, &list[i]);
	}
	for (size_t i = 0; i < count; i++)
		trial_fini(&list[i]);
	free(list);
	return whole;
}

bool
explore_run(struct explore *e)
{
	uint64_t left = e->count, seed = e->seed;
	size_t n;

	for (; left > 0; left -= n, seed += n) {
		n = left < BATCH ? (size_t)left : BATCH;
		if (!run_batch(e, seed, n))
			return false;
	}
	return true;
}

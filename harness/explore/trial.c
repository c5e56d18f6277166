#include "harness/explore/trial.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

/* Of one batch. */
struct batch {
	struct trials	*t;
	struct trial	*list;
	size_t		 count, finished;
	struct scenario	**scenarios;
	struct suite	 suite;
};

static void
pass_note(void *ctx, const char *text)
{
	struct trials *t = ctx;

	if (t->note != NULL)
		t->note(t->ctx, text);
}

bool
trials_open(struct trials *t, const char *mta)
{
	struct suite su = { .home = t->home, .out = t->out,
	    .note = pass_note, .seed = 1, .ctx = t };
	char *error = NULL;

	memset(&t->base, 0, sizeof t->base);
	if (!mta_spec_parse(&t->base.spec, mta, &error)) {
		t->base.broken = error;
		t->base.unknown = true;
		return false;
	}
	return suite_find_mta(&su, &t->base) &&
	    suite_prepare_mta(&su, &t->base) && t->base.broken == NULL;
}

static void
fini_mta(struct suite_mta *m)
{
	mta_spec_fini(&m->spec);
	free(m->adapter_dir);
	free(m->root);
	free(m->given);
	free(m->dir);
	free(m->broken);
}

void
trials_fini(struct trials *t)
{
	fini_mta(&t->base);
}

/* The same adapter with this trial's own options. */
static void
borrow_mta(const struct suite_mta *base, const char *text,
    struct suite_mta *out)
{
	char *error = NULL;
	bool ok;

	*out = (struct suite_mta){ .info = base->info };
	ok = mta_spec_parse(&out->spec, text, &error);
	if (!ok) {
		fprintf(stderr, "mxdrill: %s\n", error);
		abort();	/* we have made it up ourselves */
	}
	out->adapter_dir = xstrdup(base->adapter_dir);
	out->root = base->root != NULL ? xstrdup(base->root) : NULL;
	out->dir = base->dir != NULL ? xstrdup(base->dir) : NULL;
}

/*
 * What we write must be understood without a warning: else the error is
 * ours, and every word of it is of use.
 */
static struct scenario *
scenario_of(const struct trial *tr)
{
	struct sbuf text = { 0 };
	struct scenario *sc;
	struct diags diags;
	char *path;

	path = tr->number == 0 ? xasprintf("explore/%llu.yaml",
	    (unsigned long long)tr->draft.seed) :
	    xasprintf("explore/%llu-%u.yaml",
	    (unsigned long long)tr->draft.seed, tr->number);
	draft_text(&tr->draft, &text);
	diags_init(&diags);
	sc = scenario_parse(sbuf_str(&text), text.len, path, &diags);
	if (sc == NULL || diags.count > 0) {
		diags_print(&diags, sbuf_str(&text), stderr);
		fprintf(stderr, "mxdrill: the world of seed %llu is no "
		    "scenario:\n%s", (unsigned long long)tr->draft.seed,
		    sbuf_str(&text));
		abort();
	}
	diags_fini(&diags);
	sbuf_fini(&text);
	free(path);
	return sc;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

void
trial_remove_run(const struct trial *tr)
{
	if (tr->dir != NULL)
		nftw(tr->dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
trial_clear(struct trial *tr)
{
	free(tr->words);
	free(tr->sentence);
	free(tr->dir);
	tr->words = tr->sentence = tr->dir = NULL;
	tr->ran = false;
}

void
trial_fini(struct trial *tr)
{
	trial_clear(tr);
	free(tr->mta);
	tr->mta = NULL;
}

/* The n-th MTA is the n-th trial's, and so is the n-th scenario. */
static bool
wanted(void *ctx, const struct scenario *sc, const struct suite_mta *mta)
{
	const struct batch *b = ctx;

	return b->scenarios[mta - b->suite.mtas] == sc;
}

static bool
judged(void *ctx, const struct suite_job *job, const struct trace *trace,
    const struct judgement *j)
{
	struct batch *b = ctx;
	struct trial *tr = &b->list[job->mta - b->suite.mtas];

	tr->ran = true;
	tr->result = j->result;
	tr->words = trial_words(j);
	tr->sentence = xstrdup(j->sentence != NULL ? j->sentence : "");
	tr->dir = xstrdup(job->dir);
	tr->likeness = trial_likeness(trace);
	if (!tr->keep && !result_is_red(j->result) &&
	    j->result != RESULT_WARN)
		trial_remove_run(tr);
	b->finished++;
	if (b->t->tick != NULL)
		b->t->tick(b->t->ctx, b->finished);
	return true;
}

static void
batch_init(struct batch *b, struct trials *t, struct trial *list, size_t n)
{
	*b = (struct batch){ .t = t, .list = list, .count = n };
	b->scenarios = xcalloc(n, sizeof *b->scenarios);
	b->suite = (struct suite){ .home = t->home, .out = t->out,
	    .seed = 1, .parallel = t->parallel, .limit_us = t->limit_us,
	    .wanted = wanted, .judged = judged, .note = pass_note,
	    .ctx = b };
	b->suite.mtas = xcalloc(n, sizeof *b->suite.mtas);
	for (size_t i = 0; i < n; i++) {
		trial_clear(&list[i]);
		b->scenarios[i] = scenario_of(&list[i]);
		borrow_mta(&t->base, list[i].mta, &b->suite.mtas[i]);
		b->suite.mta_count++;
	}
}

bool
trials_run(struct trials *t, struct trial *list, size_t count)
{
	struct batch b;
	bool whole;

	batch_init(&b, t, list, count);
	suite_plan(&b.suite, b.scenarios, count);
	whole = suite_run(&b.suite);
	suite_fini(&b.suite);
	for (size_t i = 0; i < count; i++)
		scenario_free(b.scenarios[i]);
	free(b.scenarios);
	return whole;
}

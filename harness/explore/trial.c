#include "harness/explore/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* What making it ready has left; what failed on it stays. */
static void
remove_traces(const struct suite_mta *m)
{
	static const char *const parts[] = { "info", "canary", "explore" };
	char *folder, *path;

	if (m->dir == NULL || m->broken != NULL)
		return;
	folder = xstrndup(m->dir, strlen(m->dir) - strlen("/info"));
	for (int i = 0; i < 3; i++) {
		path = xasprintf("%s/%s", folder, parts[i]);
		if (i < 2)
			remove_folders(path);
		else
			rmdir(path);
		free(path);
	}
	rmdir(folder);
	free(folder);
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

static struct suite_mta *
prepare(struct trials *t, const char *text)
{
	struct suite su = { .home = t->home, .out = t->out,
	    .note = pass_note, .seed = 1, .ctx = t };
	struct suite_mta *m = xcalloc(1, sizeof *m);
	char *error = NULL;
	bool alive = true;

	if (!mta_spec_parse(&m->spec, text, &error)) {
		m->broken = error;
		m->unknown = true;
	} else if (suite_find_mta(&su, m))
		alive = suite_prepare_mta(&su, m);
	if (alive)
		return m;
	fini_mta(m);
	free(m);
	return NULL;
}

const struct suite_mta *
trials_mta(struct trials *t, const char *text)
{
	struct suite_mta *m;

	for (size_t i = 0; i < t->mta_count; i++)
		if (strcmp(t->mtas[i]->spec.text, text) == 0)
			return t->mtas[i];
	if ((m = prepare(t, text)) == NULL)
		return NULL;
	t->mtas = xreallocarray(t->mtas, t->mta_count + 1, sizeof *t->mtas);
	t->mtas[t->mta_count++] = m;
	return m;
}

void
trials_fini(struct trials *t)
{
	for (size_t i = 0; i < t->mta_count; i++) {
		remove_traces(t->mtas[i]);
		fini_mta(t->mtas[i]);
		free(t->mtas[i]);
	}
	free(t->mtas);
}

/* The same adapter with this trial's own options. */
static void
borrow_mta(const struct suite_mta *like, const char *text,
    struct suite_mta *out)
{
	char *error = NULL;

	*out = (struct suite_mta){ .info = like->info };
	if (!mta_spec_parse(&out->spec, text, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		abort();	/* we have made it up ourselves */
	}
	out->adapter_dir = xstrdup(like->adapter_dir);
	out->root = like->root != NULL ? xstrdup(like->root) : NULL;
	out->dir = like->dir != NULL ? xstrdup(like->dir) : NULL;
	out->broken = like->broken != NULL ? xstrdup(like->broken) : NULL;
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

void
trial_remove_run(const struct trial *tr)
{
	if (tr->dir != NULL)
		remove_folders(tr->dir);
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
	free(tr->like);
	tr->mta = tr->like = NULL;
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

/* False: interrupted while an MTA was made ready. */
static bool
batch_init(struct batch *b, struct trials *t, struct trial *list, size_t n)
{
	const struct suite_mta *like;

	*b = (struct batch){ .t = t, .list = list, .count = n };
	b->scenarios = xcalloc(n, sizeof *b->scenarios);
	b->suite = (struct suite){ .home = t->home, .out = t->out,
	    .seed = 1, .parallel = t->parallel, .limit_us = t->limit_us,
	    .wanted = wanted, .judged = judged, .note = pass_note,
	    .ctx = b };
	b->suite.mtas = xcalloc(n, sizeof *b->suite.mtas);
	for (size_t i = 0; i < n; i++) {
		trial_clear(&list[i]);
		like = trials_mta(t, list[i].like != NULL ? list[i].like :
		    list[i].mta);
		if (like == NULL)
			return false;
		b->scenarios[i] = scenario_of(&list[i]);
		borrow_mta(like, list[i].mta, &b->suite.mtas[i]);
		b->suite.mta_count++;
	}
	return true;
}

bool
trials_run(struct trials *t, struct trial *list, size_t count)
{
	struct batch b;
	bool whole = batch_init(&b, t, list, count);

	if (whole) {
		suite_plan(&b.suite, b.scenarios, count);
		whole = suite_run(&b.suite);
	}
	suite_fini(&b.suite);
	for (size_t i = 0; i < count; i++)
		scenario_free(b.scenarios[i]);
	free(b.scenarios);
	return whole;
}

#include "harness/main/run_choice.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/main/cmd.h"

static int
open_failed(struct run_choice *c, struct run_options *o)
{
	char *error = NULL;

	if (!failed_read(&c->failed, o->failed, &error)) {
		usage_error("run", "--failed: %s", error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	if (c->failed.count == 0) {
		printf("nothing failed in %s\n", o->failed);
		return EXIT_AS_EXPECTED;
	}
	for (size_t i = 0; i < c->failed.mta_count && o->mta_count <
	    RUN_MAX_MTAS && !o->mtas_given; i++)
		o->mtas[o->mta_count++] = c->failed.mtas[i];
	return RUN_GO_ON;
}

bool
run_choice_has(const struct run_choice *c, const char *id, const char *mta)
{
	return c->failed.arena == NULL || failed_has(&c->failed, id, mta);
}

/* The MTAs on which it failed and that are asked for. */
struct narrow {
	const struct run_choice *choice;
	const struct run_options *options;
};

static bool
failed_on_some(const void *ctx, const struct scenario *sc)
{
	const struct narrow *n = ctx;

	for (size_t i = 0; i < n->options->mta_count; i++)
		if (run_choice_has(n->choice, sc->id, n->options->mtas[i]))
			return true;
	return false;
}

int
run_choose(struct run_choice *c, struct run_options *o, char **select,
    int count)
{
	struct narrow narrow = { c, o };
	int rc;

	if (o->failed != NULL && (rc = open_failed(c, o)) != RUN_GO_ON)
		return rc;
	if (o->failed != NULL && count == 0) {
		select = (char **)(uintptr_t)c->failed.selects;
		count = (int)c->failed.select_count;
	}
	if ((rc = selection_open(&c->selection, select, count)) != 0 ||
	    (rc = selection_parse(&c->selection)) != 0)
		return rc;
	for (size_t i = 0; o->search_trap && i < c->selection.count; i++)
		c->selection.scenarios[i]->search_trap = true;
	if (o->tag != NULL)
		selection_keep_tag(&c->selection, o->tag);
	if (c->selection.count == 0)
		return usage_error("run", "no selected scenario has the tag "
		    "\"%s\"", o->tag);
	if (o->failed != NULL)
		selection_keep(&c->selection, failed_on_some, &narrow);
	if (c->selection.count == 0) {
		printf("nothing of what is selected failed in %s\n",
		    o->failed);
		return EXIT_AS_EXPECTED;
	}
	selection_keep_shard(&c->selection, &o->shard,
	    report_outputs_take_stdout(&o->reports) ? stderr : stdout);
	return RUN_GO_ON;
}

void
run_choice_fini(struct run_choice *c)
{
	selection_close(&c->selection);
	failed_fini(&c->failed);
}

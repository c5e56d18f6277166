/*
 * Delta debugging over the parts of a world: all drafts that are one step
 * smaller are run at once, the first that ends in the same words is taken,
 * until none does.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/explore/explore.h"

/* No world has so many parts; a run that differs from itself might. */
#define STEPS_MOST	200

/* The first of the list that ended in these words, or NULL. */
static struct trial *
first_alike(struct trial *list, size_t count, const char *words)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].ran && strcmp(list[i].words, words) == 0)
			return &list[i];
	return NULL;
}

/* What is not taken leaves nothing behind. */
static void
drop_list(struct trial *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		trial_remove_run(&list[i]);
		trial_fini(&list[i]);
	}
	free(list);
}

static struct trial *
add_trial(struct trial **list, size_t *count, const struct draft *draft,
    unsigned *number)
{
	struct trial *tr;

	*list = xreallocarray(*list, *count + 1, sizeof **list);
	tr = &(*list)[(*count)++];
	*tr = (struct trial){ .draft = *draft, .number = ++*number };
	return tr;
}

/* Smaller worlds, and the same on an MTA with a way less. */
static struct trial *
make_list(const struct trial *of, size_t *count, unsigned *number)
{
	struct trial *list = NULL;
	struct draft *drafts;
	size_t n = draft_smaller(&of->draft, &drafts);
	char *mta;

	*count = 0;
	for (size_t i = 0; (mta = explore_without_way(of->mta, i)) != NULL;
	    i++)
		add_trial(&list, count, &of->draft, number)->mta = mta;
	for (size_t i = 0; i < n; i++)
		add_trial(&list, count, &drafts[i], number)->mta =
		    xstrdup(of->mta);
	free(drafts);
	return list;
}

/* Takes the smaller one's place, run and all. */
static void
take(struct trial *tr, struct trial *smaller)
{
	trial_remove_run(tr);
	trial_fini(tr);
	*tr = *smaller;
	memset(smaller, 0, sizeof *smaller);
}

bool
explore_shrink(struct trials *t, struct trial *tr, unsigned *steps)
{
	unsigned number = 0;
	struct trial *list, *smaller;
	bool whole = true;
	size_t count;

	for (*steps = 0; *steps < STEPS_MOST; ++*steps) {
		list = make_list(tr, &count, &number);
		whole = trials_run(t, list, count);
		smaller = whole ? first_alike(list, count, tr->words) : NULL;
		if (smaller != NULL)
			take(tr, smaller);
		drop_list(list, count);
		if (smaller == NULL)
			break;
	}
	return whole;
}

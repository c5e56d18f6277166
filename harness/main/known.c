#include "harness/main/known.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"

/* Texts that live in an arena. */
struct texts {
	struct arena	*arena;
	const char	**items;
	size_t		 count;
};

static void
add_text(struct texts *t, const char *text)
{
	*(const char **)arena_push(t->arena, &t->items, &t->count,
	    sizeof *t->items) = arena_strdup(t->arena, text);
}

/*
 * Of the grid's thousands only those that the entry means: `id` begins with
 * "grid/".
 */
static void
add_grid(struct texts *t, const struct selection *s, const char *id)
{
	const struct catalogue_entry **chosen = NULL;
	struct catalogue all = s->catalogue;
	const char *meant;
	size_t count = 0;

	if (catalogue_select(&all, id, &chosen, &count, &meant))
		for (size_t i = 0; i < count; i++)
			add_text(t, chosen[i]->id);
	free(chosen);
}

static void
add_ids(struct texts *t, const struct selection *s, const struct baseline *b)
{
	for (size_t i = 0; i < s->catalogue.count; i++)
		add_text(t, s->catalogue.entries[i].id);
	for (size_t i = 0; i < s->count; i++)
		add_text(t, s->entries[i]->id);
	for (size_t i = 0; i < b->count; i++)
		if (strncmp(b->entries[i].id, "grid/", 5) == 0)
			add_grid(t, s, b->entries[i].id);
}

static void
add_adapters(struct texts *t, const struct selection *s)
{
	char *pattern = xasprintf("%s/*/adapter", s->home.mta), *slash;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			slash = strrchr(found.gl_pathv[i], '/');
			*slash = '\0';
			add_text(t, strrchr(found.gl_pathv[i], '/') + 1);
		}
		globfree(&found);
	}
	free(pattern);
}

int
known_take(struct known_paths *k, const char *command, const char *path)
{
	if (k->count == KNOWN_MAX_PATHS)
		return usage_error(command, "more than %d --baseline",
		    KNOWN_MAX_PATHS);
	k->paths[k->count++] = path;
	return 0;
}

int
known_open(struct baseline *b, const struct known_paths *k,
    const struct selection *s, const char *const *mtas, size_t mta_count,
    const char *const *ids, size_t id_count)
{
	struct texts all_ids = { .arena = arena_new() };
	struct texts all_mtas = { .arena = all_ids.arena };
	char *error = NULL;
	int rc = 0;

	for (size_t i = 0; i < k->count && rc == 0; i++)
		if (!baseline_add(b, k->paths[i], mtas, mta_count, &error)) {
			fprintf(stderr, "mxdrill: --baseline %s\n", error);
			free(error);
			rc = EXIT_WRONG_QUESTION;
		}
	add_ids(&all_ids, s, b);
	for (size_t i = 0; i < id_count; i++)
		add_text(&all_ids, ids[i]);
	add_adapters(&all_mtas, s);
	for (size_t i = 0; i < mta_count; i++)
		add_text(&all_mtas, mtas[i]);
	baseline_check(b, all_ids.items, all_ids.count, all_mtas.items,
	    all_mtas.count);
	if (baseline_complain(b, stderr) > 0)
		rc = EXIT_WRONG_QUESTION;
	arena_free(all_ids.arena);
	return rc;
}

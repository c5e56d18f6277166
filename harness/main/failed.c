#include "harness/main/failed.h"

#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/judge/judge.h"
#include "harness/report/results.h"
#include "harness/report/stored.h"
#include "harness/run/canary.h"

static void
add_once(struct arena *a, const char ***items, size_t *count,
    const char *text)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*items)[i], text) == 0)
			return;
	*(const char **)arena_push(a, items, count, sizeof **items) =
	    arena_strdup(a, text);
}

/*
 * A scenario of the user's own has its file's path as its id, perhaps with
 * the variant behind it.
 */
static const char *
select_of(struct arena *a, const char *id)
{
	const char *slash = strrchr(id, '/');
	char *path = arena_printf(a, "%s.yaml", id);

	if (access(path, R_OK) == 0)
		return path;
	if (slash != NULL) {
		path = arena_printf(a, "%.*s.yaml", (int)(slash - id), id);
		if (access(path, R_OK) == 0)
			return path;
	}
	return id;
}

static bool
take_run(struct failed *f, const json_t *o)
{
	const char *id, *mta, *word;
	struct failed_run *run;
	enum result result;

	if (json_unpack((json_t *)(uintptr_t)o, "{s:s, s:s, s:s}", "id", &id,
	    "mta", &mta, "result", &word) < 0)
		return false;
	if (!result_find(word, &result) || !result_is_red(result))
		return true;
	f->all = f->all || strcmp(id, CANARY_ID) == 0;
	run = arena_push(f->arena, &f->runs, &f->count, sizeof *run);
	run->id = arena_strdup(f->arena, id);
	run->mta = arena_strdup(f->arena, mta);
	add_once(f->arena, &f->selects, &f->select_count,
	    select_of(f->arena, id));
	add_once(f->arena, &f->mtas, &f->mta_count, mta);
	return true;
}

static bool
read_file(struct failed *f, const char *path, char **error)
{
	json_error_t je;
	json_t *root = json_load_file(path, 0, &je), *runs, *o;
	bool good = true;
	size_t i;

	if (root == NULL && je.line < 0) {
		*error = xasprintf("%s: %s", path, strerror(errno));
		return false;
	}
	if (root == NULL) {
		*error = xasprintf("%s:%d:%d: %s", path, je.line, je.column,
		    je.text);
		return false;
	}
	runs = json_object_get(root, "runs");
	if (json_integer_value(json_object_get(root, "version")) !=
	    RESULTS_VERSION || !json_is_array(runs))
		good = false;
	else
		json_array_foreach(runs, i, o)
			good = good && take_run(f, o);
	if (!good)
		*error = xasprintf("%s holds no results of version %d", path,
		    RESULTS_VERSION);
	json_decref(root);
	return good;
}

static bool
read_below(struct failed *f, const char *dir, size_t *found, char **error)
{
	char *copy = xstrdup(dir), *roots[] = { copy, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW |
	    FTS_NOCHDIR, NULL);
	bool good = true;
	FTSENT *e;

	while (good && fts != NULL && (e = fts_read(fts)) != NULL)
		if (e->fts_info == FTS_F &&
		    strcmp(e->fts_name, RUN_RESULTS) == 0) {
			good = read_file(f, e->fts_path, error);
			++*found;
		}
	if (fts != NULL)
		fts_close(fts);
	free(copy);
	return good;
}

bool
failed_read(struct failed *f, const char *dir, char **error)
{
	char *path = xasprintf("%s/" RUN_RESULTS, dir);
	size_t found = 1;
	bool good;

	f->arena = arena_new();
	if (access(path, F_OK) == 0) {
		good = read_file(f, path, error);
	} else {
		found = 0;
		good = read_below(f, dir, &found, error);
	}
	free(path);
	if (f->all)
		f->select_count = 0;
	if (good && found == 0) {
		*error = xasprintf("%s: no results.json is there", dir);
		return false;
	}
	return good;
}

bool
failed_has(const struct failed *f, const char *id, const char *mta)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->runs[i].mta, mta) == 0 &&
		    (strcmp(f->runs[i].id, id) == 0 ||
		    strcmp(f->runs[i].id, CANARY_ID) == 0))
			return true;
	return false;
}

void
failed_fini(struct failed *f)
{
	arena_free(f->arena);
	*f = (struct failed){ .arena = NULL };
}

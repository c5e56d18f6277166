#include "harness/scenario/catalogue.h"

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/scenario/grid.h"

static bool
is_yaml(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".yaml") == 0;
}

/* One entry, or one for each variant.  An unreadable file is an entry too:
 * parsing it says what is wrong. */
static void
add_file(struct catalogue *cat, const char *path, const char *id)
{
	struct catalogue_entry *e;
	struct sbuf text = { 0 };
	const char *const *names = NULL;
	size_t n = 0;

	if (sbuf_read_file(&text, path) == 0)
		n = scenario_variants(cat->arena, sbuf_str(&text), text.len,
		    &names);
	for (size_t i = 0; i < n || i == 0; i++) {
		e = arena_push(cat->arena, &cat->entries, &cat->count,
		    sizeof *e);
		e->path = arena_strdup(cat->arena, path);
		e->variant = n > 0 ? names[i] : NULL;
		e->id = n > 0 ? arena_printf(cat->arena, "%s/%s", id,
		    names[i]) : arena_strdup(cat->arena, id);
	}
	sbuf_fini(&text);
}

static int
by_id(const void *va, const void *vb)
{
	const struct catalogue_entry *a = va, *b = vb;

	return strcmp(a->id, b->id);
}

bool
catalogue_open(struct catalogue *cat, const char *root, char **error)
{
	char *paths[] = { (char *)root, NULL };
	size_t skip = strlen(root);
	const char *below;
	FTSENT *ent;
	FTS *fts;

	*cat = (struct catalogue){ .arena = arena_new() };
	if (access(root, R_OK | X_OK) != 0 ||
	    (fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL)) ==
	    NULL) {
		*error = xasprintf("%s: %s", root, strerror(errno));
		return false;
	}
	while ((ent = fts_read(fts)) != NULL) {
		if (ent->fts_info != FTS_F || !is_yaml(ent->fts_name))
			continue;
		below = ent->fts_path + skip;
		while (*below == '/')
			below++;
		add_file(cat, ent->fts_path, arena_printf(cat->arena, "%.*s",
		    (int)strlen(below) - 5, below));
	}
	fts_close(fts);
	if (cat->count > 0)
		qsort(cat->entries, cat->count, sizeof *cat->entries, by_id);
	return true;
}

void
catalogue_fini(struct catalogue *cat)
{
	arena_free(cat->arena);
	*cat = (struct catalogue){ 0 };
}

static bool
matches(const struct catalogue_entry *e, const char *select)
{
	size_t len = strlen(select);

	if (strcmp(e->id, select) == 0 || strcmp(e->path, select) == 0)
		return true;
	if (len > 0 && select[len - 1] == '/')
		return strncmp(e->id, select, len) == 0;
	/* A file with variants is a prefix without saying so. */
	if (strncmp(e->id, select, len) == 0 && e->id[len] == '/' &&
	    e->variant != NULL && strcmp(e->id + len + 1, e->variant) == 0)
		return true;
	return strpbrk(select, "*?[") != NULL &&
	    fnmatch(select, e->id, 0) == 0;
}

static void
choose(const struct catalogue_entry *e,
    const struct catalogue_entry ***chosen, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*chosen)[i]->id, e->id) == 0)
			return;
	*chosen = xreallocarray(*chosen, *count + 1, sizeof **chosen);
	(*chosen)[(*count)++] = e;
}

static bool
select_grid(struct catalogue *cat, const char *select,
    const struct catalogue_entry ***chosen, size_t *count)
{
	char id[GRID_ID_LEN];
	bool any = false;

	for (size_t n = 0; n < grid_count(); n++) {
		struct catalogue_entry *e, probe = { .id = id, .path = id };

		grid_id(n, id);
		if (!matches(&probe, select))
			continue;
		e = arena_alloc(cat->arena, sizeof *e);
		e->id = e->path = arena_strdup(cat->arena, id);
		e->generated = true;
		choose(e, chosen, count);
		any = true;
	}
	return any;
}

static const char *
nearest(const struct catalogue *cat, const char *select)
{
	const char **ids = xcalloc(cat->count + 1, sizeof *ids), *best;

	for (size_t i = 0; i < cat->count; i++)
		ids[i] = cat->entries[i].id;
	best = diag_nearest(select, ids, cat->count);
	free(ids);
	return best;
}

bool
catalogue_select(struct catalogue *cat, const char *select,
    const struct catalogue_entry ***chosen, size_t *count,
    const char **meant)
{
	bool any = false;

	*meant = NULL;
	if (strncmp(select, "grid/", 5) == 0 &&
	    select_grid(cat, select, chosen, count))
		return true;
	for (size_t i = 0; i < cat->count; i++)
		if (matches(&cat->entries[i], select)) {
			choose(&cat->entries[i], chosen, count);
			any = true;
		}
	/* A file of the user's own, outside the folder. */
	if (!any && is_yaml(select) && access(select, R_OK) == 0) {
		struct catalogue own = { .arena = cat->arena };

		add_file(&own, select, arena_printf(cat->arena, "%.*s",
		    (int)strlen(select) - 5, select));
		for (size_t i = 0; i < own.count; i++)
			choose(&own.entries[i], chosen, count);
		any = own.count > 0;
	}
	if (!any)
		*meant = nearest(cat, select);
	return any;
}

int
catalogue_text(const struct catalogue_entry *e, struct sbuf *out)
{
	if (!e->generated)
		return sbuf_read_file(out, e->path);
	return grid_text(e->id, out) ? 0 : -1;
}

struct scenario *
catalogue_parse(const struct catalogue_entry *e, struct diags *diags)
{
	struct sbuf text = { 0 };
	struct scenario *sc;

	if (catalogue_text(e, &text) != 0) {
		diags_add(diags, DIAG_ERROR, e->path, 0, 0,
		    "cannot be read: %s", strerror(errno));
		return NULL;
	}
	sc = scenario_parse_variant(sbuf_str(&text), text.len, e->path,
	    e->variant, diags);
	if (sc != NULL)
		sc->id = arena_strdup(sc->arena, e->id);
	sbuf_fini(&text);
	return sc;
}

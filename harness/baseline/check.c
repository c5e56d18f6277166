/* What is wrong with a baseline, given the scenarios and MTAs there are. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/mta_name.h"
#include "harness/base/xalloc.h"
#include "harness/baseline/baseline.h"

static struct diag *
complain(struct baseline *b, const struct baseline_entry *e,
    enum diag_level level, const char *message)
{
	struct baseline_file *f = &b->files[e->file];
	struct diag *d = diags_add(&f->diags, level, f->path, e->loc.line,
	    e->loc.col, "%s", message);

	d->width = e->width > 0 ? e->width : 1;
	return d;
}

/* A folder or a file with variants, named without its "/"? */
static const char *
as_prefix(struct baseline *b, const char *id, const char *const *ids,
    size_t count)
{
	const char *prefix = arena_printf(b->arena, "%s/", id);

	for (size_t i = 0; i < count; i++)
		if (strncmp(ids[i], prefix, strlen(prefix)) == 0)
			return prefix;
	return NULL;
}

/* Of a misspelt prefix another prefix is meant. */
static const char *
nearest(struct baseline *b, const char *id, const char *const *ids,
    size_t count)
{
	const char **prefixes = NULL, *slash, *text;
	size_t n = 0, len = strlen(id);

	if (len == 0 || id[len - 1] != '/')
		return diag_nearest(id, ids, count);
	for (size_t i = 0; i < count; i++)
		for (slash = strchr(ids[i], '/'); slash != NULL;
		    slash = strchr(slash + 1, '/')) {
			text = arena_strndup(b->arena, ids[i],
			    (size_t)(slash + 1 - ids[i]));
			*(const char **)arena_push(b->arena, &prefixes, &n,
			    sizeof *prefixes) = text;
		}
	return diag_nearest(id, prefixes, n);
}

static void
check_id(struct baseline *b, const struct baseline_entry *e,
    const char *const *ids, size_t count)
{
	struct diag *d;

	for (size_t i = 0; i < count; i++)
		if (baseline_id_matches(e->id, ids[i]))
			return;
	d = complain(b, e, DIAG_ERROR, arena_printf(b->arena,
	    "no scenario matches \"%s\"", e->id));
	d->expected = "an id, a prefix of ids ending in /, or a glob";
	d->meant = as_prefix(b, e->id, ids, count);
	if (d->meant == NULL)
		d->meant = nearest(b, e->id, ids, count);
}

/* A colleague's own adapter may be missing here: no error. */
static void
check_mta(struct baseline *b, const struct baseline_entry *e,
    const char *const *mtas, size_t count)
{
	struct diag *d;
	char *name;

	if (e->mta == NULL || e->mta_loc.line == 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (mta_same_name(mtas[i], e->mta))
			return;
	name = arena_strndup(b->arena, e->mta, mta_name_len(e->mta));
	d = complain(b, e, DIAG_WARNING, arena_printf(b->arena,
	    "there is no adapter \"%s\"", name));
	d->meant = diag_nearest(name, mtas, count);
	d->line = e->mta_loc.line;
	d->col = e->mta_loc.col;
	d->width = e->mta_width;
}

/* Can one run be meant by both, as far as the MTA goes? */
static bool
mtas_meet(const struct baseline_entry *a, const struct baseline_entry *b)
{
	if (a->mta == NULL || b->mta == NULL)
		return true;
	if (!version_ranges_meet(&a->versions, &b->versions))
		return false;
	/* A name alone means the MTA with any options, too. */
	return strcmp(a->mta, b->mta) == 0 || mta_is_named(a->mta, b->mta) ||
	    mta_is_named(b->mta, a->mta);
}

/* The first scenario that both mean, or NULL. */
static const char *
both_mean(const struct baseline_entry *a, const struct baseline_entry *b,
    const char *const *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (baseline_id_matches(a->id, ids[i]) &&
		    baseline_id_matches(b->id, ids[i]))
			return ids[i];
	return NULL;
}

static void
check_pairs(struct baseline *b, size_t n, const char *const *ids,
    size_t count)
{
	const struct baseline_entry *e = &b->entries[n], *first;
	const char *id;

	for (size_t i = 0; i < n; i++) {
		first = &b->entries[i];
		if (!mtas_meet(first, e) ||
		    (id = both_mean(first, e, ids, count)) == NULL)
			continue;
		complain(b, e, DIAG_ERROR, arena_printf(b->arena,
		    "a second entry for %s on %s; the first is %s", id,
		    e->mta != NULL ? e->mta : first->mta != NULL ?
		    first->mta : "any MTA", first->at))->expected =
		    "one entry for each scenario and MTA";
		return;
	}
}

void
baseline_check(struct baseline *b, const char *const *ids, size_t id_count,
    const char *const *mtas, size_t mta_count)
{
	for (size_t i = 0; i < b->count; i++) {
		check_id(b, &b->entries[i], ids, id_count);
		check_mta(b, &b->entries[i], mtas, mta_count);
		check_pairs(b, i, ids, id_count);
	}
}

size_t
baseline_complain(const struct baseline *b, FILE *out)
{
	size_t errors = 0;

	for (size_t i = 0; i < b->file_count; i++) {
		diags_print(&b->files[i].diags, b->files[i].text, out);
		errors += b->files[i].diags.errors;
	}
	return errors;
}

#include "harness/report/departures.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/clause.h"
#include "harness/report/set.h"
#include "harness/scenario/requirement.h"

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static struct departed *
find(struct departures *ds, const char *mta, const struct departure *d)
{
	struct departed *at;

	for (size_t i = 0; i < ds->count; i++) {
		at = &ds->items[i];
		if (strcmp(at->mta, mta) == 0 && same(at->what.text,
		    d->text) && same(at->what.where, d->where) &&
		    same(at->what.clause, d->clause))
			return at;
	}
	ds->items = xreallocarray(ds->items, ds->count + 1,
	    sizeof *ds->items);
	at = &ds->items[ds->count++];
	*at = (struct departed){ .mta = xstrdup(mta), .what = {
	    .text = copy(d->text), .where = copy(d->where),
	    .clause = copy(d->clause) } };
	return at;
}

void
departures_add(struct departures *ds, const char *mta,
    const struct judgement *j)
{
	for (size_t i = 0; i < j->departure_count; i++)
		find(ds, mta, &j->departures[i])->runs++;
}

void
departures_of(struct departures *ds, const struct report_set *set)
{
	for (size_t i = 0; i < set->run_count; i++)
		if (!set->runs[i].hidden)
			departures_add(ds, set->mtas[set->runs[i].column]
			    .label, &set->runs[i].judgement);
}

void
departures_fini(struct departures *ds)
{
	for (size_t i = 0; i < ds->count; i++) {
		free(ds->items[i].mta);
		free((void *)(uintptr_t)ds->items[i].what.text);
		free((void *)(uintptr_t)ds->items[i].what.where);
		free((void *)(uintptr_t)ds->items[i].what.clause);
	}
	free(ds->items);
	memset(ds, 0, sizeof *ds);
}

void
departures_head(struct sbuf *b, const struct departures *ds)
{
	sbuf_printf(b, "Your configuration departs from RFC 5321 in %zu "
	    "point%s", ds->count, ds->count == 1 ? "" : "s");
}

void
departure_put(struct sbuf *b, const struct departure *d)
{
	const struct requirement *c = requirement_find(d->clause);

	sbuf_puts(b, d->text);
	if (d->where != NULL)
		sbuf_printf(b, " (%s)", d->where);
	if (d->clause != NULL)
		sbuf_printf(b, ", %s", d->clause);
	if (c != NULL)
		sbuf_printf(b, " (%s)", c->words);
}

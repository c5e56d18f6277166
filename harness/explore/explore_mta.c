/*
 * Which MTA a world is run on: as the user said, and for the reference
 * engine with some of its lawful ways, and with a bug.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mta_name.h"
#include "harness/base/rng.h"
#include "harness/base/xalloc.h"
#include "harness/explore/explore.h"

/* So that the MTA's choice is another than the world's from one seed. */
#define OTHER_STREAM	UINT64_C(0x6d78647269)
#define WAYS_MOST	3
/* Each set of ways must be asked and tried first: so many seeds share one. */
#define SEEDS_A_SET	16

void
explore_names_read(struct explore_names *names, const struct home *home,
    const char *option)
{
	char *command = xasprintf("'%s/refmta' %s 2>/dev/null", home->bin,
	    option), line[1024];
	FILE *f = popen(command, "re");

	memset(names, 0, sizeof *names);
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		names->list = xreallocarray(names->list, names->count + 1,
		    sizeof *names->list);
		names->list[names->count++] = xstrndup(line,
		    strcspn(line, " \n"));
	}
	/* One that does not know the option has printed nothing. */
	if (f != NULL)
		pclose(f);
	free(command);
}

void
explore_names_fini(struct explore_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	memset(names, 0, sizeof *names);
}

static void
put_option(struct sbuf *b, const char *name, const char *value)
{
	sbuf_printf(b, "%c%s=%s", strchr(sbuf_str(b), ':') != NULL ? ',' :
	    ':', name, value);
}

static void
put_ways(const struct explore *e, struct rng *r, struct sbuf *b)
{
	struct sbuf text = { 0 };
	const struct explore_names *ways = &e->way_names;
	size_t chosen[WAYS_MOST], n = rng_below(r, WAYS_MOST + 1), one, k;

	if (n > ways->count)
		n = ways->count;
	for (size_t i = 0; i < n; i++) {
		one = rng_below(r, (uint32_t)ways->count);
		for (k = 0; k < i && chosen[k] != one; k++)
			;
		chosen[i] = one;
		if (k == i)
			sbuf_printf(&text, "%s%s", i == 0 ? "" : "+",
			    ways->list[one]);
	}
	if (text.len > 0)
		put_option(b, "way", text.data);
	sbuf_fini(&text);
}

char *
explore_mta(const struct explore *e, uint64_t seed, const char *bug)
{
	struct sbuf b = { 0 };
	char number[32];
	struct rng r;

	rng_init(&r, seed / SEEDS_A_SET ^ OTHER_STREAM);
	sbuf_puts(&b, e->mta);
	if (e->ways && e->way_names.count > 0)
		put_ways(e, &r, &b);
	if (bug != NULL)
		put_option(&b, "bug", bug);
	if (mta_is_named(e->mta, "reference") &&
	    strstr(e->mta, "seed=") == NULL) {
		snprintf(number, sizeof number, "%" PRIu64,
		    seed / SEEDS_A_SET + 1);
		put_option(&b, "seed", number);
	}
	return sbuf_steal(&b);
}

/* "reference:way=a+b+c,bug=x" without b is "reference:way=a+c,bug=x". */
char *
explore_without_way(const char *mta, size_t nth)
{
	const char *way = strstr(mta, ":way="), *begin, *end, *one;
	size_t len;

	if (way == NULL && (way = strstr(mta, ",way=")) == NULL)
		return NULL;
	begin = one = way + strlen(":way=");
	end = begin + strcspn(begin, ",");
	for (; nth > 0 && one < end; nth--)
		one += strcspn(one, "+,") + 1;
	if (one >= end)
		return NULL;
	len = strcspn(one, "+,");
	if (one == begin && one + len == end)	/* the only one */
		return xasprintf("%.*s%.*s%s", (int)(way - mta), mta,
		    *end != '\0', way, *end != '\0' ? end + 1 : "");
	if (one + len < end)
		return xasprintf("%.*s%s", (int)(one - mta), mta,
		    one + len + 1);
	return xasprintf("%.*s%s", (int)(one - 1 - mta), mta, end);
}

#include "reference_impl/dns_cache.h"

#include "harness/base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FAILURE_US	INT64_C(60000000)

struct kept {
	struct fact	 fact;
	int64_t		 until_us;
};

static void
copy_fact(struct fact *to, const struct fact *from)
{
	*to = *from;
	to->rrs = NULL;
	if (from->count == 0)
		return;
	to->rrs = xreallocarray(NULL, from->count, sizeof *to->rrs);
	memcpy(to->rrs, from->rrs, from->count * sizeof *to->rrs);
}

static struct kept *
find(const struct dns_cache *c, const struct fact *f)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->kept[i].fact.type == f->type &&
		    strcasecmp(c->kept[i].fact.name, f->name) == 0)
			return &c->kept[i];
	return NULL;
}

bool
dns_cache_find(struct dns_cache *c, struct fact *f, int64_t now_us)
{
	const struct kept *k = find(c, f);

	if (k == NULL || now_us >= k->until_us)
		return false;
	copy_fact(f, &k->fact);
	return true;
}

static int64_t
lasts_us(const struct fact *f, const struct ways *ways)
{
	if (f->state == FACT_FAILED)
		return HAS_WAY(ways, FAILURE_CACHE) ? FAILURE_US : 0;
	return HAS_WAY(ways, DNS_CACHE) ? (int64_t)f->ttl_s * 1000000 : 0;
}

void
dns_cache_keep(struct dns_cache *c, const struct fact *f,
    const struct ways *ways, int64_t now_us)
{
	int64_t us = lasts_us(f, ways);
	struct kept *k = find(c, f);

	if (us == 0)
		return;
	if (k == NULL) {
		c->kept = xreallocarray(c->kept, c->count + 1,
		    sizeof *c->kept);
		k = &c->kept[c->count++];
	} else if (now_us < k->until_us)
		return;			/* its time does not begin again */
	else
		free(k->fact.rrs);
	copy_fact(&k->fact, f);
	k->until_us = now_us + us;
}

void
dns_cache_fini(struct dns_cache *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->kept[i].fact.rrs);
	free(c->kept);
	memset(c, 0, sizeof *c);
}

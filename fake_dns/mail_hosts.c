/* RFC 5321 section 5.1 applied to the truth, for the judge's legit(). */
#include <stdlib.h>

#include "fake_dns/internal.h"
#include "fake_dns/zone.h"
#include "harness/base/xalloc.h"

struct exchanger {
	int		 preference;
	uint32_t	 order;		/* keeps zone order among equals */
	struct name	 name;
};

struct visit {
	const struct store *store;
	void		(*fn)(void *, int, const char *, const struct addr *);
	void		*ctx;
};

/* The node at the end of the name's alias chain, NULL: there is none. */
static const struct node *
resolve(const struct store *st, const struct name *name, struct chain *chain)
{
	const struct rrset *cname;
	const struct node *n;

	chain->names[0] = *name;
	chain->count = 1;
	for (;;) {
		n = store_match(st, &chain->names[chain->count - 1]);
		if (n == NULL ||
		    (cname = node_rrset(n, TYPE_CNAME)) == NULL)
			return n;
		if (!chain_follow(chain, cname))
			return NULL;
	}
}

static void
give_addresses(const struct visit *v, int preference, const struct name *host)
{
	static const struct {
		uint16_t type;
		sa_family_t family;
		uint16_t len;
	} kinds[] = { { TYPE_A, AF_INET, 4 }, { TYPE_AAAA, AF_INET6, 16 } };
	struct chain chain;
	const struct node *n = resolve(v->store, host, &chain);
	const struct rrset *set;
	struct sbuf text = { 0 };

	zone_name_text(&text, host->bytes, host->len);
	for (int k = 0; n != NULL && k < 2; k++) {
		set = node_rrset(n, kinds[k].type);
		for (uint32_t i = 0; set != NULL && i < set->count; i++) {
			struct addr a = { .family = kinds[k].family };

			if (set->rrs[i].rdlen != kinds[k].len)
				continue;
			for (int j = 0; j < kinds[k].len; j++)
				a.ip[j] = set->rrs[i].rdata[j];
			v->fn(v->ctx, preference, sbuf_str(&text), &a);
		}
	}
	sbuf_fini(&text);
}

static int
by_preference(const void *va, const void *vb)
{
	const struct exchanger *a = va, *b = vb;

	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void
give_exchangers(const struct visit *v, const struct rrset *mx)
{
	struct exchanger *all = xcalloc(mx->count, sizeof *all), *e;
	size_t count = 0;

	for (uint32_t i = 0; i < mx->count; i++) {
		const struct rr *rr = &mx->rrs[i];

		e = &all[count];
		/* The root as exchanger is no host: null MX, RFC 7505. */
		if (rr->rdlen < 3 || name_read(&e->name, rr->rdata + 2,
		    rr->rdlen - 2u) == 0 || e->name.len == 1)
			continue;
		e->preference = get16(rr->rdata);
		e->order = i;
		count++;
	}
	qsort(all, count, sizeof *all, by_preference);
	for (size_t i = 0; i < count; i++)
		give_addresses(v, all[i].preference, &all[i].name);
	free(all);
}

void
fdns_mail_hosts(struct fdns *f, const char *domain, void (*fn)(void *, int,
    const char *, const struct addr *), void *ctx)
{
	struct visit v = { .store = fdns_store(f), .fn = fn, .ctx = ctx };
	const struct node *n;
	const struct rrset *mx;
	struct chain chain;
	struct name name;

	if (!zone_name(&name, domain))
		return;
	if ((n = resolve(v.store, &name, &chain)) == NULL)
		return;
	if ((mx = node_rrset(n, TYPE_MX)) != NULL)
		give_exchangers(&v, mx);
	else
		give_addresses(&v, 0, &chain.names[chain.count - 1]);
}

#include "fake_dns/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns/zone.h"
#include "harness/base/arena.h"
#include "harness/base/xalloc.h"

#define MEMOS_MOST	12	/* a node; bounds what odd types can fill */

struct store {
	struct arena	*arena;
	struct node	**slots;
	size_t		 slot_count;	/* a power of two */
	size_t		 node_count;
};

static struct node **
find_slot(struct node **slots, size_t slot_count, uint32_t hash,
    const uint8_t *bytes, uint8_t len)
{
	size_t i = hash & (slot_count - 1);
	struct node *n;

	for (; (n = slots[i]) != NULL; i = (i + 1) & (slot_count - 1))
		if (n->hash == hash && n->len == len &&
		    memcmp(n->name, bytes, len) == 0)
			break;
	return &slots[i];
}

struct node *
store_node(const struct store *st, const struct name *name)
{
	return *find_slot(st->slots, st->slot_count, name->hash, name->bytes,
	    name->len);
}

const struct rrset *
node_rrset(const struct node *n, uint16_t type)
{
	for (size_t i = 0; i < n->set_count; i++)
		if (n->sets[i].type == type)
			return &n->sets[i];
	return NULL;
}

struct node *
store_match(const struct store *st, const struct name *name)
{
	struct node *n = store_node(st, name);
	struct name up = *name, wild;

	if (n != NULL)
		return n;
	/* The root always exists: the walk up ends there at the latest. */
	do {
		name_suffix(&up, &up, up.bytes[0] + 1u);
	} while ((n = store_node(st, &up)) == NULL);
	if (!name_wildcard(&wild, n->name, n->len))
		return NULL;
	return store_node(st, &wild);
}

const struct rrset *
store_soa(const struct store *st, const struct name *name,
    const uint8_t **owner)
{
	struct name up = *name;
	const struct rrset *soa;
	const struct node *n;

	for (;;) {
		n = store_node(st, &up);
		soa = n != NULL ? node_rrset(n, TYPE_SOA) : NULL;
		if (soa != NULL) {
			*owner = n->name;
			return soa;
		}
		assert(up.len > 1);
		name_suffix(&up, &up, up.bytes[0] + 1u);
	}
}

void
store_memorize(struct store *st, struct node *n, const struct memo *head,
    const uint8_t *bytes)
{
	struct memo *m;

	if (n->memo_count == MEMOS_MOST)
		return;
	m = arena_alloc(st->arena, sizeof *m + head->len);
	memcpy(m, head, sizeof *m);
	memcpy(m->bytes, bytes, head->len);
	m->next = n->memos;
	n->memos = m;
	n->memo_count++;
}

static void
grow(struct store *st)
{
	size_t count = 2 * st->slot_count;
	struct node **slots = xcalloc(count, sizeof *slots), *n;

	for (size_t i = 0; i < st->slot_count; i++)
		if ((n = st->slots[i]) != NULL)
			*find_slot(slots, count, n->hash, n->name, n->len) = n;
	free(st->slots);
	st->slots = slots;
	st->slot_count = count;
}

static struct node *
new_node(struct store *st, const struct name *name)
{
	struct node *n = arena_alloc(st->arena, sizeof *n);

	n->hash = name->hash;
	n->len = name->len;
	n->name = (const uint8_t *)arena_strndup(st->arena,
	    (const char *)name->bytes, name->len);
	if (2 * ++st->node_count > st->slot_count)
		grow(st);
	*find_slot(st->slots, st->slot_count, n->hash, n->name, n->len) = n;
	return n;
}

/* With every name its ancestors exist too (RFC 8020). */
static struct node *
want_node(struct store *st, const struct name *name)
{
	struct node *n = store_node(st, name);
	struct name up = *name;

	if (n != NULL)
		return n;
	while (up.len > 1) {
		name_suffix(&up, &up, up.bytes[0] + 1u);
		if (store_node(st, &up) != NULL)
			break;
		new_node(st, &up);
	}
	return new_node(st, name);
}

static struct rrset *
want_rrset(struct store *st, struct node *n, uint16_t type, uint32_t ttl)
{
	struct rrset *set;

	for (size_t i = 0; i < n->set_count; i++)
		if (n->sets[i].type == type)
			return &n->sets[i];
	set = arena_push(st->arena, &n->sets, &n->set_count, sizeof *set);
	set->type = type;
	set->ttl = ttl;
	return set;
}

static void
add_record(void *ctx, const struct zone_rr *z)
{
	struct store *st = ctx;
	struct rrset *set;
	struct name name;
	size_t count;
	struct rr *rr;

	if (name_read(&name, z->owner, z->owner_len) == 0)
		return;
	set = want_rrset(st, want_node(st, &name), z->type, z->ttl);
	/* One TTL a set, RFC 2181 section 5.2; no record twice, 5. */
	if (z->ttl < set->ttl)
		set->ttl = z->ttl;
	for (uint32_t i = 0; i < set->count; i++)
		if (set->rrs[i].rdlen == z->rdlen &&
		    memcmp(set->rrs[i].rdata, z->rdata, z->rdlen) == 0)
			return;
	count = set->count;
	rr = arena_push(st->arena, &set->rrs, &count, sizeof *rr);
	set->count = (uint32_t)count;
	rr->rdlen = z->rdlen;
	rr->rdata = (const uint8_t *)arena_strndup(st->arena,
	    (const char *)z->rdata, z->rdlen);
}

/* "\x02ns" and "\x0ahostmaster" in front of the apex where there is room. */
static size_t
put_below(uint8_t *out, const char *label, const struct name *apex)
{
	size_t n = strlen(label);

	if (apex->len + n + 1 > DNS_NAME_MAX)
		n = 0;
	else {
		out[0] = (uint8_t)n++;
		memcpy(out + 1, label, n - 1);
	}
	memcpy(out + n, apex->bytes, apex->len);
	return n + apex->len;
}

static void
make_up_soa(struct store *st, const struct name *apex)
{
	static const uint32_t times[5] = { 1, 3600, 600, 86400, NEGATIVE_TTL };
	uint8_t rdata[2 * DNS_NAME_MAX + 20];
	struct zone_rr z = { .owner = apex->bytes, .owner_len = apex->len,
	    .type = TYPE_SOA, .ttl = ZONE_TTL, .rdata = rdata };
	size_t n = put_below(rdata, "ns", apex);

	n += put_below(rdata + n, "hostmaster", apex);
	for (int i = 0; i < 5; i++, n += 4)
		put32(rdata + n, times[i]);
	z.rdlen = (uint16_t)n;
	add_record(st, &z);
}

static void
make_up_ns(struct store *st, const struct node *n)
{
	const struct rrset *soa = node_rrset(n, TYPE_SOA);
	struct name target;
	struct zone_rr z = { .owner = n->name, .owner_len = n->len,
	    .type = TYPE_NS, .ttl = ZONE_TTL, .rdata = target.bytes };

	if (node_rrset(n, TYPE_NS) != NULL || soa->rrs[0].rdlen == 0)
		return;
	z.rdlen = (uint16_t)name_read(&target, soa->rrs[0].rdata,
	    soa->rrs[0].rdlen);
	if (z.rdlen > 0)
		add_record(st, &z);
}

/* The registrable name at or above `n`; false: a SOA covers it already. */
static bool
needs_apex(const struct store *st, const struct node *n, struct name *apex)
{
	unsigned labels = name_labels(n->name);
	struct name up;
	const struct node *above;

	if (labels < 2 || n->set_count == 0)
		return false;
	name_read(&up, n->name, n->len);
	for (;; labels--) {
		above = store_node(st, &up);
		if (labels > 0 && node_rrset(above, TYPE_SOA) != NULL)
			return false;
		if (labels == 2)
			*apex = up;
		if (labels == 0)
			return true;
		name_suffix(&up, &up, up.bytes[0] + 1u);
	}
}

static void
make_up_zones(struct store *st)
{
	size_t count = st->node_count, k = 0;
	struct node **all = xcalloc(count, sizeof *all);
	struct name apex, root = { .len = 1 };

	for (size_t i = 0; i < st->slot_count; i++)
		if (st->slots[i] != NULL)
			all[k++] = st->slots[i];
	/* The apex exists as an ancestor: no node is made in this loop. */
	for (size_t i = 0; i < count; i++)
		if (needs_apex(st, all[i], &apex))
			make_up_soa(st, &apex);
	root.hash = name_hash(root.bytes, 1);
	if (node_rrset(store_node(st, &root), TYPE_SOA) == NULL)
		make_up_soa(st, &root);
	for (size_t i = 0; i < count; i++)
		if (node_rrset(all[i], TYPE_SOA) != NULL)
			make_up_ns(st, all[i]);
	free(all);
}

struct store *
store_new(const char *text, const char *extra, struct fdns_error *error)
{
	struct store *st = xcalloc(1, sizeof *st);
	struct name root = { .len = 1 };

	st->arena = arena_new();
	st->slot_count = 64;
	st->slots = xcalloc(st->slot_count, sizeof *st->slots);
	root.hash = name_hash(root.bytes, 1);
	new_node(st, &root);
	if (!zone_parse(text, add_record, st, error) ||
	    !zone_parse(extra, add_record, st, error)) {
		store_free(st);
		return NULL;
	}
	make_up_zones(st);
	return st;
}

void
store_free(struct store *st)
{
	if (st == NULL)
		return;
	arena_free(st->arena);
	free(st->slots);
	free(st);
}

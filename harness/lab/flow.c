#include "harness/lab/flow.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"

/* Symmetric in its two ends, so that both directions meet. */
static size_t
hash_ends(const struct addr *a, const struct addr *b)
{
	uint64_t h = (uint64_t)(a->port + b->port) * 0x9e3779b97f4a7c15u;

	for (int i = 0; i < 16; i++)
		h = (h ^ (uint64_t)(a->ip[i] + b->ip[i])) *
		    0x100000001b3u;
	return (size_t)(h ^ h >> 29);
}

void
flows_init(struct flows *fs)
{
	memset(fs, 0, sizeof *fs);
	fs->chain_count = 256;
	fs->chains = xcalloc(fs->chain_count, sizeof *fs->chains);
}

void
flows_fini(struct flows *fs)
{
	struct flow *f, *next;

	for (size_t i = 0; i < fs->chain_count; i++)
		for (f = fs->chains[i]; f != NULL; f = next) {
			next = f->next;
			limit_fini(&f->limit);
			free(f);
		}
	free(fs->chains);
	memset(fs, 0, sizeof *fs);
}

static struct flow **
chain_of(const struct flows *fs, const struct addr *a, const struct addr *b)
{
	return &fs->chains[hash_ends(a, b) & (fs->chain_count - 1)];
}

static bool
is_client_side(const struct flow *f, const struct packet *p)
{
	return addr_equal(&f->client, &p->src) &&
	    addr_equal(&f->server, &p->dst);
}

struct flow *
flows_find(const struct flows *fs, const struct packet *p)
{
	struct flow *f;

	for (f = *chain_of(fs, &p->src, &p->dst); f != NULL; f = f->next)
		if (is_client_side(f, p) || (addr_equal(&f->server, &p->src) &&
		    addr_equal(&f->client, &p->dst)))
			return f;
	return NULL;
}

static void
set_pending(struct flows *fs, struct flow *f, bool pending)
{
	fs->in_flight += (size_t)pending - (size_t)f->pending;
	f->pending = pending;
}

static void
set_watched(struct flows *fs, struct flow *f, bool watched)
{
	if (watched == f->watched)
		return;
	f->watched = watched;
	if (watched) {
		f->watch_next = fs->watched;
		f->watch_at = &fs->watched;
		if (f->watch_next != NULL)
			f->watch_next->watch_at = &f->watch_next;
		fs->watched = f;
	} else {
		*f->watch_at = f->watch_next;
		if (f->watch_next != NULL)
			f->watch_next->watch_at = f->watch_at;
	}
}

void
flows_watch(struct flows *fs, struct flow *f)
{
	set_watched(fs, f, limit_due(&f->limit) != TIME_NEVER);
}

void
flows_drop(struct flows *fs, struct flow *f)
{
	struct flow **at = chain_of(fs, &f->client, &f->server);

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	set_pending(fs, f, false);
	set_watched(fs, f, false);
	limit_fini(&f->limit);
	fs->count--;
	free(f);
}

static void
grow(struct flows *fs)
{
	struct flow **old = fs->chains, *f, *next, **at;
	size_t n = fs->chain_count;

	fs->chain_count *= 2;
	fs->chains = xcalloc(fs->chain_count, sizeof *fs->chains);
	for (size_t i = 0; i < n; i++)
		for (f = old[i]; f != NULL; f = next) {
			next = f->next;
			at = chain_of(fs, &f->client, &f->server);
			f->next = *at;
			*at = f;
		}
	free(old);
}

struct flow *
flows_open(struct flows *fs, const struct packet *syn)
{
	struct flow *f = flows_find(fs, syn), **at;

	if (f != NULL)
		flows_drop(fs, f);
	if (++fs->count > fs->chain_count)
		grow(fs);
	f = xcalloc(1, sizeof *f);
	f->client = syn->src;
	f->server = syn->dst;
	f->isn = syn->seq;
	at = chain_of(fs, &f->client, &f->server);
	f->next = *at;
	*at = f;
	return f;
}

static bool
half_pending(const struct flow_half *h)
{
	return h->seen && (int32_t)(h->sent - h->acked) > 0;
}

void
flows_pass(struct flows *fs, struct flow **flow, const struct packet *p)
{
	struct flow *f = *flow;
	struct flow_half *mine, *theirs;
	uint32_t end = p->seq + p->seg_len;

	if (p->flags & TCP_RST) {
		flows_drop(fs, f);
		*flow = NULL;
		return;
	}
	mine = &f->half[is_client_side(f, p) ? 0 : 1];
	theirs = &f->half[is_client_side(f, p) ? 1 : 0];
	if (!mine->seen) {
		mine->seen = true;
		mine->sent = mine->acked = p->seq;
	}
	if (p->seg_len > 0) {
		f->deaf = false;
		if ((int32_t)(end - mine->sent) > 0)
			mine->sent = end;
	}
	if (p->flags & TCP_FIN)
		mine->fin = true;
	if ((p->flags & TCP_ACK) && theirs->seen &&
	    (int32_t)(p->ack - theirs->acked) > 0)
		theirs->acked = p->ack;
	set_pending(fs, f, !f->deaf && (half_pending(mine) ||
	    half_pending(theirs)));
	if (mine->fin && theirs->fin && !half_pending(mine) &&
	    !half_pending(theirs)) {
		flows_drop(fs, f);
		*flow = NULL;
	}
}

void
flows_eaten(struct flows *fs, struct flow *f)
{
	f->deaf = true;
	set_pending(fs, f, false);
}

void
flows_give_up(struct flows *fs)
{
	for (size_t i = 0; i < fs->chain_count && fs->in_flight > 0; i++)
		for (struct flow *f = fs->chains[i]; f != NULL; f = f->next)
			if (f->pending)
				flows_eaten(fs, f);
}

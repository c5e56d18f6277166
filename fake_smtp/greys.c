/* The triplets of RFC 6647 that one host has seen. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake_smtp/session.h"
#include "harness/base/xalloc.h"

struct grey {
	struct addr	 client;
	char		*sender, *recipient;
	int64_t		 first_us;
};

struct fsmtp_greys {
	struct grey	*items;
	size_t		 count, cap;
};

struct fsmtp_greys *
fsmtp_greys_new(void)
{
	return xcalloc(1, sizeof(struct fsmtp_greys));
}

void
fsmtp_greys_clear(struct fsmtp_greys *g)
{
	for (size_t i = 0; i < g->count; i++) {
		free(g->items[i].sender);
		free(g->items[i].recipient);
	}
	g->count = 0;
}

void
fsmtp_greys_free(struct fsmtp_greys *g)
{
	if (g == NULL)
		return;
	fsmtp_greys_clear(g);
	free(g->items);
	free(g);
}

int64_t
fsmtp_greys_seen(struct fsmtp_greys *g, const struct addr *client,
    const char *sender, const char *recipient, int64_t now_us)
{
	struct grey *e;

	for (size_t i = 0; i < g->count; i++) {
		e = &g->items[i];
		if (addr_same_ip(&e->client, client) &&
		    strcasecmp(e->sender, sender) == 0 &&
		    strcasecmp(e->recipient, recipient) == 0)
			return e->first_us;
	}
	if (g->count == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 16;
		g->items = xreallocarray(g->items, g->cap, sizeof *g->items);
	}
	e = &g->items[g->count++];
	e->client = *client;
	e->sender = xstrdup(sender);
	e->recipient = xstrdup(recipient);
	e->first_us = now_us;
	return TIME_NEVER;
}

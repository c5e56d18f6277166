#include <stdlib.h>
#include <string.h>

#include "fake_dns/internal.h"
#include "harness/base/xalloc.h"

void
outlet_init(struct outlet *o, struct fdns *f, enum fdns_transport transport,
    void (*send)(struct outlet *, const struct addr *,
    const struct fdns_reply *))
{
	o->fdns = f;
	o->transport = transport;
	o->send = send;
	LIST_INIT(&o->waiting);
}

static void
delayed_free(struct delayed *d)
{
	free(d->query);
	free(d->bytes);
	free(d);
}

void
outlet_fini(struct outlet *o)
{
	struct delayed *d;

	while ((d = LIST_FIRST(&o->waiting)) != NULL) {
		LIST_REMOVE(d, link);
		timers_cancel(o->fdns->timers, d->timer);
		delayed_free(d);
	}
}

static void
leave(struct outlet *o, const struct delayed *d)
{
	struct fdns_reply r = { .bytes = d->nothing ? NULL : d->bytes,
	    .len = d->len, .close = d->close, .other_port = d->other_port,
	    .pieces = d->pieces };

	if (o->fdns->sink != NULL)
		trace_reply(o->fdns, d, o->transport);
	/* Last: a connection may end here, and the outlet with it. */
	if (!d->nothing || d->close)
		o->send(o, &d->client, &r);
}

/* The timer of one delayed reply has come. */
static void
leave_late(void *arg)
{
	struct delayed *d = arg;

	LIST_REMOVE(d, link);
	leave(d->outlet, d);
	delayed_free(d);
}

static uint8_t *
copy(const uint8_t *bytes, size_t len)
{
	uint8_t *c = xmalloc(len);

	if (len > 0)
		memcpy(c, bytes, len);
	return c;
}

static void
postpone(struct outlet *o, const struct delayed *now, int64_t delay_us)
{
	struct delayed *d = xmalloc(sizeof *d);

	*d = *now;
	d->query = copy(now->query, now->query_len);
	d->bytes = now->nothing ? NULL : copy(now->bytes, now->len);
	d->outlet = o;
	LIST_INSERT_HEAD(&o->waiting, d, link);
	d->timer = timers_in(o->fdns->timers, delay_us, leave_late, d);
}

void
outlet_serve(struct outlet *o, const struct fdns_peer *peer,
    const uint8_t *query, size_t len)
{
	struct decision dec;

	fdns_decide(o->fdns, peer, query, len, &dec);
	for (size_t i = 0; i < dec.count; i++) {
		const struct fdns_reply *r = &dec.replies[i];
		struct delayed d;

		if (o->fdns->sink == NULL && r->delay_us <= 0) {
			if (r->bytes != NULL || r->close)
				o->send(o, &peer->client, r);
			continue;
		}
		d = (struct delayed){ .server = peer->server,
		    .client = peer->client, .host = peer->name,
		    .action = r->truth ? "truth" : dec.action,
		    .rule = dec.rule ? dec.rule->rule.id : NULL,
		    .query = (uint8_t *)(uintptr_t)query, .query_len = len,
		    .bytes = (uint8_t *)(uintptr_t)r->bytes, .len = r->len,
		    .nothing = r->bytes == NULL, .close = r->close,
		    .other_port = r->other_port, .pieces = r->pieces };
		if (r->delay_us > 0)
			postpone(o, &d, r->delay_us);
		else
			leave(o, &d);
	}
}

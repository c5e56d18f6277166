/*
 * What the MTA's kernel does of itself when time passes: sends again, probes,
 * gives up.
 */
#include <string.h>

#include "harness/base/timers.h"
#include "harness/lab/router_int.h"

typedef void send_fn(void *, const struct router_decision *);

static struct flow *
only_flow_of(const struct router *r, const struct addr *self)
{
	for (size_t i = 0; i < r->flows.chain_count; i++)
		for (struct flow *f = r->flows.chains[i]; f != NULL;
		    f = f->next)
			if (f->from_mta && addr_equal(&f->client, self))
				return f;
	return NULL;
}

static uint32_t
at_most(uint32_t n, uint32_t most)
{
	return n < most ? n : most;
}

void
router_limits(struct router *r, const struct addr *self,
    const struct addr *peer, const struct kernel_limits *set)
{
	struct packet p = { .src = *self, .dst = *peer };
	struct flow *f = peer->family == 0 ? only_flow_of(r, self) :
	    flows_find(&r->flows, &p);

	if (f == NULL || !f->from_mta || !r->cfg.own_limits)
		return;
	/* What the kernel would take: a process may write anything here. */
	f->limit.set = *set;
	f->limit.set.syn_retries = at_most(set->syn_retries, 127);
	f->limit.set.keep_idle_s = at_most(set->keep_idle_s, 32767);
	f->limit.set.keep_interval_s = at_most(set->keep_interval_s, 32767);
	f->limit.set.keep_probes = at_most(set->keep_probes, 127);
	flows_watch(&r->flows, f);
}

int64_t
router_next_limit(const struct router *r)
{
	int64_t next = TIME_NEVER, due;

	for (const struct flow *f = r->flows.watched; f != NULL;
	    f = f->watch_next)
		if ((due = limit_due(&f->limit)) < next)
			next = due;
	return next;
}

static void
send_made(struct router *r, size_t len, send_fn *send, void *ctx)
{
	const struct router_decision d = { .send = true, .to = ROUTER_MTA,
	    .bytes = r->made, .len = len, .made = true };

	send(ctx, &d);
}

/*
 * Linux gives ETIMEDOUT to a socket only when its own timer says so.  The
 * mark is an error that ends a connect(), and that a connection remembers
 * until the reset comes; libmxclock makes ETIMEDOUT of it for the program
 * (harness/clock/mx_errno.c).
 */
static void
give_up(struct router *r, struct flow *f, send_fn *send, void *ctx)
{
	const struct limit *l = &f->limit;
	struct packet own = {
		.src = f->client, .dst = f->server, .proto = IPPROTO_TCP,
		.seq = l->up ? l->next : f->isn, .ack = l->want,
		.flags = l->up ? TCP_ACK : TCP_SYN,
	};
	uint8_t bytes[PACKET_MADE_MAX];

	own.len = packet_make_bare(&own, bytes);
	own.bytes = bytes;
	send_made(r, packet_make_mark(&own,
	    &r->self[own.src.family == AF_INET ? 0 : 1], r->made), send, ctx);
	if (l->up)
		send_made(r, packet_make_rst(&own, r->made), send, ctx);
	flows_drop(&r->flows, f);
}

static void
send_again(struct router *r, struct flow *f, int64_t now_us, send_fn *send,
    void *ctx)
{
	struct addr client = f->client, server = f->server;
	struct eaten *all = limit_take_eaten(&f->limit);
	struct router_decision d;
	struct packet p;

	for (struct eaten *e = all; e != NULL; e = e->next) {
		router_packet(r, now_us, e->of_mta ? ROUTER_MTA : ROUTER_INET,
		    e->bytes, e->len, &d);
		if (d.send)
			send(ctx, &d);
	}
	limit_eaten_free(all);
	/* One of them may have ended the connection. */
	p = (struct packet){ .src = client, .dst = server };
	f = flows_find(&r->flows, &p);
	if (f == NULL)
		return;
	limit_sent_again(&f->limit);
	flows_watch(&r->flows, f);
}

static void
probe(struct router *r, struct flow *f, int64_t now_us)
{
	limit_probed(&f->limit, now_us, router_rule_for(r, now_us,
	    &f->server, IPPROTO_TCP, false) == NULL);
	flows_watch(&r->flows, f);
}

static struct flow *
due_flow(const struct router *r, int64_t now_us)
{
	struct flow *f = r->flows.watched;

	while (f != NULL && limit_due(&f->limit) > now_us)
		f = f->watch_next;
	return f;
}

void
router_expire(struct router *r, int64_t now_us, send_fn *send, void *ctx)
{
	struct flow *f;

	while ((f = due_flow(r, now_us)) != NULL)
		switch (limit_act(&f->limit, now_us)) {
		case LIMIT_OVER:
			give_up(r, f, send, ctx);
			break;
		case LIMIT_AGAIN:
			send_again(r, f, now_us, send, ctx);
			break;
		case LIMIT_PROBE:
			probe(r, f, now_us);
			break;
		case LIMIT_WAIT:
			return;
		}
}

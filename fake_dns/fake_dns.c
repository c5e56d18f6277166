#include "fake_dns/fake_dns.h"

#include <stdlib.h>
#include <string.h>

#include "fake_dns/internal.h"
#include "fake_dns/zone.h"
#include "harness/base/xalloc.h"

static const struct {
	const char *word, *help;
} actions[FDNS_ACTION_COUNT] = {
#define X(sym, word, help) { word, help },
	FDNS_ACTIONS(X)
#undef X
};

const char *
fdns_action_word(enum fdns_action action)
{
	return actions[action].word;
}

const char *
fdns_action_help(enum fdns_action action)
{
	return actions[action].help;
}

static int
by_time(const void *va, const void *vb)
{
	const struct version *a = va, *b = vb;

	return (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

/* There is always one version, if only with the lab's own records. */
static bool
make_versions(struct fdns *f, const struct fdns_config *cf,
    struct fdns_error *error)
{
	size_t count = cf->zone_count ? cf->zone_count : 1;
	struct version *v;

	f->versions = arena_array(f->arena, count, sizeof *f->versions);
	for (size_t i = 0; i < count; i++) {
		v = &f->versions[i];
		v->from_us = cf->zone_count ? cf->zones[i].from_us : 0;
		v->store = store_new(cf->zone_count ? cf->zones[i].text : NULL,
		    cf->extra, error);
		if (v->store == NULL)
			return false;
		f->version_count++;
	}
	qsort(f->versions, count, sizeof *v, by_time);
	return true;
}

struct fdns *
fdns_new(const struct fdns_config *cf, struct fdns_error *error)
{
	struct fdns *f = xcalloc(1, sizeof *f);

	memset(error, 0, sizeof *error);
	f->arena = arena_new();
	f->timers = cf->timers;
	f->asleep = cf->healthy_first;
	f->sink = cf->sink;
	f->seed = cf->seed;
	f->start_us = timers_now(f->timers);
	LIST_INIT(&f->listeners);
	for (int i = 0; i < FDNS_MAX_REPLIES; i++)
		f->buffers[i] = xmalloc(DNS_MESSAGE_MAX);
	if (!make_versions(f, cf, error) || !matchers_make(f, cf, error)) {
		fdns_free(f);
		return NULL;
	}
	return f;
}

void
fdns_free(struct fdns *f)
{
	struct listener *l;

	if (f == NULL)
		return;
	while ((l = LIST_FIRST(&f->listeners)) != NULL) {
		LIST_REMOVE(l, link);
		free(l->name);
		l->free(l);
	}
	for (size_t i = 0; i < f->version_count; i++)
		store_free(f->versions[i].store);
	for (int i = 0; i < FDNS_MAX_REPLIES; i++)
		free(f->buffers[i]);
	described_free(f);
	arena_free(f->arena);
	free(f);
}

static void
ignore_record(void *ctx, const struct zone_rr *z)
{
	(void)ctx;
	(void)z;
}

bool
fdns_zone_check(const char *text, struct fdns_error *error)
{
	memset(error, 0, sizeof *error);
	return zone_parse(text, ignore_record, NULL, error);
}

void
fdns_start_phases(struct fdns *f)
{
	f->start_us = timers_now(f->timers);
	f->asleep = false;
	for (size_t i = 0; i < f->matcher_count; i++)
		f->matchers[i].contacts = 0;
}

int64_t
fdns_now(const struct fdns *f)
{
	return timers_now(f->timers) - f->start_us;
}

struct store *
fdns_store(const struct fdns *f)
{
	size_t i = f->version_count - 1;

	if (i > 0) {
		int64_t now_us = fdns_now(f);

		while (i > 0 && f->versions[i].from_us > now_us)
			i--;
	}
	return f->versions[i].store;
}

static int
add_listener(struct fdns *f, struct listener *l, const struct addr *addr,
    int resolver, const char *name)
{
	if (l == NULL)
		return -1;
	l->fdns = f;
	l->addr = *addr;
	l->resolver = resolver;
	l->name = xstrdup(name);
	LIST_INSERT_HEAD(&f->listeners, l, link);
	return 0;
}

int
fdns_listen(struct fdns *f, struct event_base *base, const struct addr *addr,
    int resolver, const char *name)
{
	struct listener *udp = udp_listen(f, base, addr), *tcp;

	if (add_listener(f, udp, addr, resolver, name) < 0)
		return -1;
	tcp = tcp_listen(f, base, addr);
	if (add_listener(f, tcp, addr, resolver, name) == 0)
		return 0;
	/* Half a server is none. */
	LIST_REMOVE(udp, link);
	free(udp->name);
	udp->free(udp);
	return -1;
}

static void
reply_rcode(struct fdns *f, const struct query *q, unsigned rcode,
    struct decision *d)
{
	struct msg m;

	msg_begin(&m, f->buffers[0], q);
	m.rcode = rcode;
	d->replies[0] = (struct fdns_reply){ .bytes = f->buffers[0],
	    .len = msg_end(&m) };
	d->count = 1;
}

/* The rcode for a question that is not even looked up; 0: it is. */
static unsigned
refuse_reason(const struct query *q, enum query_state state)
{
	if ((q->flags & FLAG_OPCODE) != 0)
		return RCODE_NOTIMP;
	if (state != QUERY_OK)
		return RCODE_FORMERR;
	if (q->edns && q->edns_version > 0)
		return RCODE_BADVERS;
	if (q->class != CLASS_IN && q->class != CLASS_ANY)
		return RCODE_REFUSED;
	return 0;
}

void
fdns_decide(struct fdns *f, const struct fdns_peer *peer,
    const uint8_t *bytes, size_t len, struct decision *d)
{
	struct truth truth = { .ctx = f };
	struct style plain = STYLE_PLAIN;
	struct matcher *m;
	enum query_state state;
	struct query q;
	struct msg msg;
	unsigned rcode;

	d->rule = NULL;
	d->count = 0;
	d->action = fdns_action_word(FDNS_TRUTH);
	state = query_read(&q, bytes, len, peer->transport == FDNS_TCP);
	if (f->sink != NULL)
		trace_query(f, peer, &q, state);
	if (state == QUERY_DROP)
		return;
	if ((rcode = refuse_reason(&q, state)) != 0) {
		reply_rcode(f, &q, rcode, d);
		return;
	}
	truth.store = fdns_store(f);
	if (f->matcher_count > 0) {
		truth.hidden = matchers_hide;
		if ((m = matchers_decide(f, peer, &q)) != NULL) {
			fault_apply(f, &truth, m, &q, peer, d);
			return;
		}
	}
	msg_begin(&msg, f->buffers[0], &q);
	truth_fill(&truth, &msg, &plain);
	d->replies[0] = (struct fdns_reply){ .bytes = f->buffers[0],
	    .len = msg_end(&msg) };
	d->count = 1;
}

size_t
fdns_answer(struct fdns *f, const struct fdns_peer *peer,
    const uint8_t *query, size_t len, struct fdns_reply out[FDNS_MAX_REPLIES])
{
	struct decision d;

	fdns_decide(f, peer, query, len, &d);
	for (size_t i = 0; i < d.count; i++)
		out[i] = d.replies[i];
	return d.count;
}

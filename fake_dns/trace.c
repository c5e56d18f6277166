#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns/internal.h"
#include "fake_dns/zone.h"
#include "harness/base/xalloc.h"

/* Strings of one event, alive while it is emitted. */
struct words {
	struct sbuf	 qname, qtype;
	char		 addr[ADDR_STRLEN], peer[ADDR_STRLEN];
};

static void
words_fini(struct words *w)
{
	sbuf_fini(&w->qname);
	sbuf_fini(&w->qtype);
}

static void
describe(struct event *ev, struct words *w, const struct addr *server,
    const struct addr *client, enum fdns_transport transport,
    const struct query *q, enum query_state state)
{
	struct addr ip = *server;

	ip.port = 0;
	ev->addr = addr_format(&ip, w->addr);
	ev->peer = addr_format(client, w->peer);
	ev->transport = transport == FDNS_TCP ? "tcp" : "udp";
	if (state != QUERY_DROP)
		ev->num = q->id;
	if (state == QUERY_OK || state == QUERY_BAD) {
		/* As it came: with its 0x20 case. */
		zone_name_text(&w->qname, q->bytes + DNS_HEADER,
		    q->question_len - 4);
		zone_type_text(&w->qtype, q->type);
		ev->qname = sbuf_str(&w->qname);
		ev->qtype = sbuf_str(&w->qtype);
	}
}

void
trace_query(struct fdns *f, const struct fdns_peer *peer,
    const struct query *q, enum query_state state)
{
	struct event ev = { .kind = EV_DNS_QUERY, .host = peer->name };
	struct words w = { 0 };

	describe(&ev, &w, &peer->server, &peer->client, peer->transport, q,
	    state);
	if (state != QUERY_OK)
		ev.text = "malformed";
	event_emit(f->sink, &ev);
	words_fini(&w);
}

static const char *
rcode_word(unsigned rcode, char buf[16])
{
	static const char *const words[] = { "NOERROR", "FORMERR", "SERVFAIL",
	    "NXDOMAIN", "NOTIMP", "REFUSED" };

	if (rcode < sizeof words / sizeof *words)
		return words[rcode];
	snprintf(buf, 16, "RCODE%u", rcode);
	return buf;
}

/*
 * What the reply says.  The same few come again and again, each with an ID of
 * its own: those described last are kept.
 */
static const char *
reply_text(struct fdns *f, const uint8_t *bytes, size_t len)
{
	struct described *d = f->described;

	for (; d < f->described + DESCRIBED_MAX; d++)
		if (d->len == len && len > 2 &&
		    memcmp(d->bytes + 2, bytes + 2, len - 2) == 0)
			return sbuf_str(&d->text);
	d = &f->described[f->described_next++ % DESCRIBED_MAX];
	d->bytes = xreallocarray(d->bytes, len + 1, 1);
	memcpy(d->bytes, bytes, len);
	d->len = len;
	sbuf_clear(&d->text);
	zone_reply_text(&d->text, bytes, len);
	return sbuf_str(&d->text);
}

void
described_free(struct fdns *f)
{
	for (int i = 0; i < DESCRIBED_MAX; i++) {
		free(f->described[i].bytes);
		sbuf_fini(&f->described[i].text);
	}
}

void
trace_reply(struct fdns *f, const struct delayed *d,
    enum fdns_transport transport)
{
	struct event ev = { .kind = EV_DNS_REPLY, .host = d->host,
	    .action = d->action, .rule = d->rule };
	struct words w = { 0 };
	enum query_state state;
	struct query q;
	char rcode[16];
	const char *text;

	state = query_read(&q, d->query, d->query_len, transport == FDNS_TCP);
	describe(&ev, &w, &d->server, &d->client, transport, &q, state);
	if (!d->nothing) {
		if (d->len >= 4)
			ev.rcode = rcode_word(d->bytes[3] & 15, rcode);
		text = reply_text(f, d->bytes, d->len);
		if (*text != '\0')
			ev.text = text;
		ev.bytes = (int64_t)d->len;
	}
	event_emit(f->sink, &ev);
	words_fini(&w);
}

#include <stdio.h>

#include "fake_dns/internal.h"
#include "fake_dns/zone.h"

/* Strings of one event, alive while it is emitted. */
struct words {
	struct sbuf	 qname, qtype, text;
	char		 addr[ADDR_STRLEN], peer[ADDR_STRLEN];
};

static void
words_fini(struct words *w)
{
	sbuf_fini(&w->qname);
	sbuf_fini(&w->qtype);
	sbuf_fini(&w->text);
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

	state = query_read(&q, d->query, d->query_len, transport == FDNS_TCP);
	describe(&ev, &w, &d->server, &d->client, transport, &q, state);
	if (!d->nothing) {
		if (d->len >= 4)
			ev.rcode = rcode_word(d->bytes[3] & 15, rcode);
		zone_reply_text(&w.text, d->bytes, d->len);
		ev.bytes = (int64_t)d->len;
	}
	if (w.text.len > 0)
		ev.text = sbuf_str(&w.text);
	event_emit(f->sink, &ev);
	words_fini(&w);
}

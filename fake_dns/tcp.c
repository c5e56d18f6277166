#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_dns/internal.h"
#include "harness/base/xalloc.h"

#define TCP_MAGIC	0x74637031
#define CONN_MAGIC	0x74637032
#define OUTPUT_MOST	(1 << 20)	/* octets unread: no more is served */
#define BACKLOG		512

/* A part of a reply that waits for its pause, or for the one before it. */
struct piece {
	STAILQ_ENTRY(piece) link;
	int64_t		 pause_us;	/* before it; 0: none */
	size_t		 len;
	uint8_t		 bytes[];
};

struct conn {
	uint32_t	 magic;
	LIST_ENTRY(conn) link;
	struct tcp	*tcp;
	struct bufferevent *bev;
	struct addr	 client;
	struct outlet	 outlet;
	STAILQ_HEAD(, piece) pieces;
	struct timer	*pause;
	bool		 eof;		/* the client has sent all it will */
	bool		 ending;	/* to be freed once unwound */
	unsigned	 depth;		/* of callbacks that use it */
};

struct tcp {
	uint32_t	 magic;
	struct listener	 listener;
	struct evconnlistener *acceptor;
	LIST_HEAD(, conn) conns;
};

static void
conn_free(struct conn *c)
{
	struct piece *p;

	LIST_REMOVE(c, link);
	timers_cancel(c->tcp->listener.fdns->timers, c->pause);
	while ((p = STAILQ_FIRST(&c->pieces)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->pieces, link);
		free(p);
	}
	outlet_fini(&c->outlet);
	bufferevent_free(c->bev);
	free(c);
}

/* The connection is used no more by the callback that entered it. */
static void
conn_leave(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (--c->depth > 0)
		return;
	/* RFC 7766 section 6.2.4: what was asked before is still answered. */
	if (c->ending || (c->eof && LIST_EMPTY(&c->outlet.waiting) &&
	    STAILQ_EMPTY(&c->pieces) &&
	    evbuffer_get_length(out) == 0))
		conn_free(c);
}

static void on_pause(void *);

/* Sends what need not wait; then the pause before the rest begins. */
static void
send_pieces(struct conn *c)
{
	struct piece *p;

	while ((p = STAILQ_FIRST(&c->pieces)) != NULL) {
		if (p->pause_us > 0) {
			if (c->pause == NULL)
				c->pause = timers_in(
				    c->tcp->listener.fdns->timers,
				    p->pause_us, on_pause, c);
			return;
		}
		evbuffer_add(bufferevent_get_output(c->bev), p->bytes, p->len);
		STAILQ_REMOVE_HEAD(&c->pieces, link);
		free(p);
	}
}

/* A timer: the pause before the next piece is over. */
static void
on_pause(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->pause = NULL;
	c->depth++;
	STAILQ_FIRST(&c->pieces)->pause_us = 0;
	send_pieces(c);
	conn_leave(c);
}

static void
add_piece(struct conn *c, const uint8_t *bytes, size_t len, int64_t pause_us)
{
	struct piece *p = xmalloc(sizeof *p + len);

	p->pause_us = pause_us;
	p->len = len;
	memcpy(p->bytes, bytes, len);
	STAILQ_INSERT_TAIL(&c->pieces, p, link);
}

/* A whole reply with its prefix, cut up as the rule says; NULL: not. */
static void
add_reply(struct conn *c, const uint8_t *bytes, size_t len,
    const struct fdns_rule *rule)
{
	int64_t pause_us = 0;
	size_t n;

	for (size_t i = 0; rule != NULL && i < rule->piece_count; i++) {
		n = rule->pieces[i];
		if (n >= len)
			break;
		add_piece(c, bytes, n, pause_us);
		pause_us = rule->pause_us;
		bytes += n;
		len -= n;
	}
	add_piece(c, bytes, len, pause_us);
}

/* Called by the outlet when a reply is due, in any order (RFC 7766 7). */
static void
conn_send(struct outlet *o, const struct addr *client,
    const struct fdns_reply *r)
{
	struct conn *c = (struct conn *)((char *)o -
	    offsetof(struct conn, outlet));
	struct sbuf whole = { 0 };
	uint8_t prefix[2];

	(void)client;
	c->depth++;
	if (r->close)
		c->ending = true;
	else if (!c->ending) {
		put16(prefix, (unsigned)r->len);
		sbuf_add(&whole, (const char *)prefix, sizeof prefix);
		sbuf_add(&whole, (const char *)r->bytes, r->len);
		add_reply(c, (const uint8_t *)whole.data, whole.len,
		    r->pieces);
		send_pieces(c);
		sbuf_fini(&whole);
	}
	conn_leave(c);
}

/* Serves every whole message that has come. */
static void
conn_serve(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct listener *l = &c->tcp->listener;
	struct fdns_peer peer = { .server = l->addr, .client = c->client,
	    .transport = FDNS_TCP, .resolver = l->resolver, .name = l->name };
	uint8_t prefix[2];
	uint8_t *bytes;
	size_t len;

	while (!c->ending && evbuffer_get_length(out) < OUTPUT_MOST &&
	    evbuffer_copyout(in, prefix, 2) == 2) {
		len = get16(prefix);
		if (evbuffer_get_length(in) < 2 + len)
			break;
		bytes = evbuffer_pullup(in, (ev_ssize_t)(2 + len));
		outlet_serve(&c->outlet, &peer, bytes + 2, len);
		evbuffer_drain(in, 2 + len);
	}
}

/* bufferevent: octets came. */
static void
on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	assert(c->magic == CONN_MAGIC);
	c->depth++;
	conn_serve(c);
	conn_leave(c);
}

/* bufferevent: the output has drained, more can be served. */
static void
on_written(struct bufferevent *bev, void *arg)
{
	on_read(bev, arg);
}

/* bufferevent: end of file or an error. */
static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->depth++;
	if (what & BEV_EVENT_EOF) {
		c->eof = true;
		bufferevent_disable(bev, EV_READ);
		conn_serve(c);
	} else if (what & BEV_EVENT_ERROR)
		c->ending = true;
	conn_leave(c);
}

/* evconnlistener: a client has connected. */
static void
on_accept(struct evconnlistener *acceptor, evutil_socket_t fd,
    struct sockaddr *sa, int len, void *arg)
{
	struct event_base *base = evconnlistener_get_base(acceptor);
	struct tcp *t = arg;
	struct conn *c;
	int one = 1;

	(void)len;
	assert(t->magic == TCP_MAGIC);
	c = xcalloc(1, sizeof *c);
	c->magic = CONN_MAGIC;
	c->tcp = t;
	STAILQ_INIT(&c->pieces);
	c->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL || !addr_from_sockaddr(&c->client, sa)) {
		if (c->bev != NULL)
			bufferevent_free(c->bev);
		else
			close(fd);
		free(c);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	outlet_init(&c->outlet, t->listener.fdns, FDNS_TCP, conn_send);
	LIST_INSERT_HEAD(&t->conns, c, link);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	/* A client that never ends a message cannot fill our memory. */
	bufferevent_setwatermark(c->bev, EV_READ, 0, 2 * DNS_MESSAGE_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
tcp_free(struct listener *l)
{
	struct tcp *t = (struct tcp *)((char *)l -
	    offsetof(struct tcp, listener));
	struct conn *c;

	while ((c = LIST_FIRST(&t->conns)) != NULL)
		conn_free(c);
	evconnlistener_free(t->acceptor);
	free(t);
}

struct listener *
tcp_listen(struct fdns *f, struct event_base *base, const struct addr *addr)
{
	struct tcp *t = xcalloc(1, sizeof *t);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(addr, &ss);
	unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE |
	    LEV_OPT_CLOSE_ON_EXEC |
	    (addr->family == AF_INET6 ? LEV_OPT_BIND_IPV6ONLY : 0);

	t->magic = TCP_MAGIC;
	t->listener.free = tcp_free;
	t->listener.fdns = f;
	LIST_INIT(&t->conns);
	t->acceptor = evconnlistener_new_bind(base, on_accept, t, flags,
	    BACKLOG, (struct sockaddr *)&ss, (int)len);
	if (t->acceptor == NULL) {
		int saved = errno;

		free(t);
		errno = saved;
		return NULL;
	}
	return &t->listener;
}

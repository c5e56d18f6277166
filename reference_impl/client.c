#include "reference_impl/client.h"

#include "harness/base/bev.h"
#include "harness/base/xalloc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USEC_QUIT	INT64_C(20000000)	/* for the last words */

struct client {
	struct event_base *base;
	struct session_mail mail;
	struct session	 session;
	client_fn	*fn;
	void		*ctx;
	int		 fd;		/* while connecting */
	int		 error;		/* of connect, errno */
	struct event	*io, *timer;
	struct bufferevent *bev;
	unsigned	 armed;
	bool		 reported;
};

static void
client_free(struct client *c)
{
	if (c->io != NULL)
		event_free(c->io);
	event_free(c->timer);
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	else if (c->fd != -1)
		close(c->fd);
	session_fini(&c->session);
	free(c);
}

static void
set_timer(struct client *c, int64_t us)
{
	struct timeval tv = { us / 1000000, us % 1000000 };

	event_add(c->timer, &tv);
}

static void
connect_failed(struct client *c, int error)
{
	/* Reset: the connection was there and is gone already. */
	enum try_result r = error == ECONNREFUSED ? TRY_REFUSED
	    : error == ECONNRESET ? TRY_NO_GREETING
	    : error == ETIMEDOUT ? TRY_NO_ANSWER : TRY_UNREACHABLE;

	c->fn(c->ctx, r, NULL, strerror(error));
	client_free(c);
}

/* After every call of the session: send, report, re-arm, perhaps end. */
static void
pump(struct client *c)
{
	struct session *s = &c->session;

	if (s->out.len > 0) {
		if (bev_write(c->bev, s->out.data, s->out.len))
			session_drained(s);
		sbuf_clear(&s->out);
	}
	if (s->finished && !c->reported) {
		c->reported = true;
		c->fn(c->ctx, s->result, &s->why, s->why.text);
	}
	if (s->closing &&
	    evbuffer_get_length(bufferevent_get_output(c->bev)) == 0) {
		client_free(c);
		return;
	}
	if (c->armed != s->armed) {
		c->armed = s->armed;
		set_timer(c, s->timeout_us);
	}
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);

	if (evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		session_drained(&c->session);
	session_input(&c->session, (char *)evbuffer_pullup(in, -1), len);
	evbuffer_drain(in, len);
	pump(c);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	session_drained(&c->session);
	pump(c);
}

/* Each block that leaves renews the deadline (RFC 5321 4.5.3.2.5). */
static void
on_progress(struct evbuffer *buf, const struct evbuffer_cb_info *info,
    void *arg)
{
	struct client *c = arg;

	(void)buf;
	if (info->n_deleted > 0 && c->session.sending)
		set_timer(c, c->session.timeout_us);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;
	struct evbuffer *out = bufferevent_get_output(bev);

	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
		return;
	if (evbuffer_get_length(out) == 0)
		session_drained(&c->session);
	session_lost(&c->session, what & BEV_EVENT_EOF ? "connection closed"
	    : "connection lost");
	bufferevent_disable(bev, EV_READ | EV_WRITE);
	sbuf_clear(&c->session.out);
	if (!c->reported) {
		c->reported = true;
		c->fn(c->ctx, c->session.result, &c->session.why,
		    c->session.why.text);
	}
	client_free(c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	bool again = c->session.closing;

	(void)fd;
	(void)what;
	if (c->bev == NULL) {
		connect_failed(c, c->error != 0 ? c->error : ETIMEDOUT);
		return;
	}
	session_timeout(&c->session);
	if (again) {			/* not even the last words leave */
		client_free(c);
		return;
	}
	if (c->session.why.code == 0 && c->session.out.len == 0)
		evbuffer_drain(bufferevent_get_output(c->bev),
		    evbuffer_get_length(bufferevent_get_output(c->bev)));
	set_timer(c, USEC_QUIT);
	pump(c);
}

static void
on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	int error = 0;
	socklen_t len = sizeof error;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0) {
		connect_failed(c, error);
		return;
	}
	event_free(c->io);
	c->io = NULL;
	c->bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);
	session_init(&c->session, &c->mail);
	evbuffer_add_cb(bufferevent_get_output(c->bev), on_progress, c);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_enable(c->bev, EV_READ);
	c->armed = c->session.armed;
	set_timer(c, c->session.timeout_us);
}

void
client_start(struct event_base *base, const struct addr *addr,
    int64_t connect_us, const struct session_mail *mail, client_fn *fn,
    void *ctx)
{
	struct client *c = xcalloc(1, sizeof *c);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(addr, &ss);

	c->base = base;
	c->mail = *mail;
	c->fn = fn;
	c->ctx = ctx;
	c->timer = evtimer_new(base, on_timer, c);
	c->fd = socket(addr->family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (c->fd == -1 || (connect(c->fd, (struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)) {
		c->error = errno;
		event_active(c->timer, EV_TIMEOUT, 1);
		return;
	}
	c->io = event_new(base, c->fd, EV_WRITE, on_connected, c);
	event_add(c->io, NULL);
	set_timer(c, connect_us);
}

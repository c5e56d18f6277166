/* The wires of submit.h: listens, reads, writes, stores. */
#include "reference_impl/submit.h"

#include "harness/base/bev.h"
#include "harness/base/xalloc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDLE_SECS	300	/* RFC 5321 4.5.3.2.7 */

struct connection {
	struct engine	*engine;
	struct bufferevent *bev;
	struct submit	*submit;
	struct sbuf	 out;
};

/* For one bug: what was promised and is stored "soon". */
struct promise {
	struct engine	*engine;
	struct message	*message;
	char		*content;
	size_t		 len;
	struct event	*timer;
};

static void
keep_promise(evutil_socket_t fd, short what, void *arg)
{
	struct promise *p = arg;

	(void)fd;
	(void)what;
	p->message->id[0] = '\0';
	if (queue_store(&p->engine->queue, p->message, p->content, p->len,
	    now_us()))
		engine_add(p->engine, p->message);
	event_free(p->timer);
	free(p->content);
	free(p);
}

static bool
store(void *ctx, struct message *m, const char *content, size_t len)
{
	struct engine *e = ctx;
	struct timeval soon = { 5, 0 };
	struct promise *p;

	if (HAS_BUG(&e->config->bugs, ACCEPT_BEFORE_STORE)) {
		p = xcalloc(1, sizeof *p);
		p->engine = e;
		p->message = m;
		p->content = xmalloc(len + 1);
		memcpy(p->content, content, len);
		p->len = len;
		snprintf(m->id, sizeof m->id, "memory");
		p->timer = evtimer_new(e->base, keep_promise, p);
		event_add(p->timer, &soon);
		return true;
	}
	if (!queue_store(&e->queue, m, content, len, now_us())) {
		fprintf(stderr, "not stored: %s\n", strerror(errno));
		return false;
	}
	engine_add(e, m);
	return true;
}

static void
connection_free(struct connection *c)
{
	bufferevent_free(c->bev);
	submit_free(c->submit);
	sbuf_fini(&c->out);
	free(c);
}

/* What is to be said; after the last words the connection is gone. */
static void
flush(struct connection *c)
{
	bool left = c->out.len > 0 &&
	    bev_write(c->bev, c->out.data, c->out.len);

	sbuf_clear(&c->out);
	if (left && submit_is_over(c->submit))
		connection_free(c);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);

	submit_input(c->submit, (char *)evbuffer_pullup(in, -1), len);
	evbuffer_drain(in, len);
	flush(c);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;

	(void)bev;
	if (submit_is_over(c->submit))
		connection_free(c);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;		/* closed, broken or silent: all the same */
	connection_free(arg);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct engine *e = arg;
	struct connection *c = xcalloc(1, sizeof *c);
	struct timeval idle = { IDLE_SECS, 0 };
	struct addr client = { 0 };

	(void)l;
	(void)len;
	addr_from_sockaddr(&client, sa);
	c->engine = e;
	c->bev = bufferevent_socket_new(e->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->submit = submit_new(e->config, &client, store, e, &c->out);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_set_timeouts(c->bev, &idle, &idle);
	bufferevent_enable(c->bev, EV_READ);
	flush(c);
}

int
submit_listen(struct engine *e, const struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss);
	struct evconnlistener *l = evconnlistener_new_bind(e->base, on_accept,
	    e, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE |
	    LEV_OPT_CLOSE_ON_EXEC | (a->family == AF_INET6 ?
	    LEV_OPT_BIND_IPV6ONLY : 0), 128, (struct sockaddr *)&ss,
	    (int)len);

	return l == NULL ? -1 : 0;
}

/* Hosts, contacts and listeners. */
#include "fake_smtp/fake_smtp.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_smtp/server_impl.h"
#include "harness/base/xalloc.h"

#define ACCEPT_BATCH	64

struct fsmtp *
fsmtp_new(const struct fsmtp_config *c)
{
	struct fsmtp *f = xcalloc(1, sizeof *f);

	f->c = *c;
	f->asleep = c->healthy_first;
	f->hosts = xcalloc(c->host_count ? c->host_count : 1,
	    sizeof *f->hosts);
	for (size_t i = 0; i < c->host_count; i++) {
		f->hosts[i].host = &c->hosts[i];
		f->hosts[i].greys = fsmtp_greys_new();
	}
	f->syns = xcalloc(SYN_MEMORY, sizeof *f->syns);
	return f;
}

void
fsmtp_free(struct fsmtp *f)
{
	struct listener *l;
	struct conn *c;

	if (f == NULL)
		return;
	while ((c = f->live) != NULL)
		conn_abandon(c);
	while ((c = f->idle) != NULL) {
		f->idle = conn_next(c);
		conn_free(c);
	}
	while ((l = f->listeners) != NULL) {
		f->listeners = l->next;
		event_free(l->ready);
		close(l->fd);
		free(l);
	}
	for (size_t i = 0; i < f->c.host_count; i++)
		fsmtp_greys_free(f->hosts[i].greys);
	free(f->hosts);
	free(f->syns);
	free(f);
}

void
fsmtp_start_phases(struct fsmtp *f)
{
	f->origin_us = timers_now(f->c.timers);
	f->asleep = false;
	/* Still to be accepted as was decided, but of no phase's contacts. */
	for (size_t i = 0; i < f->syn_count; i++)
		f->syns[i].contact = 0;
	for (struct conn *c = f->live; c != NULL; c = conn_next(c))
		conn_uncount(c);
	for (size_t i = 0; i < f->c.host_count; i++) {
		struct fsmtp_host *h = f->hosts[i].host;

		f->hosts[i].contacts = 0;
		fsmtp_greys_clear(f->hosts[i].greys);
		/* What a canary met before proves nothing. */
		h->greylist.rule.fired = 0;
		for (size_t n = 0; n < h->rule_count; n++) {
			h->rules[n].rule.fired = 0;
			h->rules[n].contacts = 0;
		}
	}
}

static struct server_host *
host_at(struct fsmtp *f, const struct addr *server)
{
	for (size_t i = 0; i < f->c.host_count; i++)
		for (size_t n = 0; n < f->hosts[i].host->addr_count; n++)
			if (addr_same_ip(&f->hosts[i].host->addrs[n], server))
				return &f->hosts[i];
	return NULL;
}

/* Counts a contact and lets the host's CONNECT rules decide it. */
static struct syn
decide(struct fsmtp *f, struct server_host *h, const struct addr *server,
    const struct addr *client)
{
	struct syn s = { .server = *server, .client = *client, .host = h,
		.connect = FSMTP_CONNECT_OPEN };

	if (f->asleep)
		return s;
	s.contact = ++h->contacts;
	s.rule = fsmtp_rule_for_contact(h->host, client, s.contact,
	    timers_now(f->c.timers) - f->origin_us);
	if (s.rule != NULL) {
		s.connect = s.rule->connect;
		s.rule->rule.fired++;
	}
	return s;
}

static struct syn *
find_syn(struct fsmtp *f, const struct addr *server, const struct addr *client)
{
	for (size_t i = 0; i < f->syn_count; i++) {
		struct syn *s = &f->syns[i];

		if (s->host != NULL && addr_equal(&s->client, client) &&
		    addr_same_ip(&s->server, server))
			return s;
	}
	return NULL;
}

/* RST and, while it connects, any ICMP error end a client's attempt. */
static bool
ends_attempt(enum fsmtp_connect connect)
{
	return connect != FSMTP_CONNECT_OPEN &&
	    connect != FSMTP_CONNECT_BLACKHOLE &&
	    connect != FSMTP_CONNECT_CLOSE && connect != FSMTP_CONNECT_RESET;
}

bool
fsmtp_syn(struct fsmtp *f, const struct addr *server,
    const struct addr *client, struct fsmtp_contact *out)
{
	struct server_host *h = host_at(f, server);
	struct syn *s;

	if (h == NULL)
		return false;
	/* The kernel sends a SYN again until it is answered: one contact.
	 * After an error the port's next SYN is a new attempt. */
	s = find_syn(f, server, client);
	if (s == NULL || ends_attempt(s->connect)) {
		if (s == NULL) {
			s = &f->syns[f->syn_next];
			f->syn_next = (f->syn_next + 1) % SYN_MEMORY;
			if (f->syn_count < SYN_MEMORY)
				f->syn_count++;
		}
		*s = decide(f, h, server, client);
	}
	out->connect = s->connect;
	out->host = h->host->name;
	out->contact = s->contact;
	out->rule = s->rule ? s->rule->rule.id : NULL;
	return true;
}

/* What a router would have told before. */
static void
tell_syn(struct fsmtp *f, const struct syn *s)
{
	struct event ev = { .kind = EV_SYN };
	char addr[ADDR_STRLEN], peer[ADDR_STRLEN];
	struct addr ip = s->server;

	ip.port = 0;
	ev.host = s->host->host->name;
	ev.addr = addr_format(&ip, addr);
	ev.peer = addr_format(&s->client, peer);
	ev.state = fsmtp_connect_word(s->connect);
	ev.num = s->contact;
	ev.rule = s->rule != NULL ? s->rule->rule.id : NULL;
	event_emit(f->c.sink, &ev);
}

static struct syn
contact_at_accept(struct fsmtp *f, struct listener *l,
    const struct addr *client)
{
	struct syn s;

	if (f->asleep && f->c.on_first != NULL)
		f->c.on_first(f->c.ctx);
	s = decide(f, l->host, &l->addr, client);
	if (f->c.no_router) {
		if (s.connect != FSMTP_CONNECT_CLOSE &&
		    s.connect != FSMTP_CONNECT_RESET)
			s.connect = FSMTP_CONNECT_OPEN;
		tell_syn(f, &s);
	}
	return s;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct sockaddr_storage ss;
	struct addr client;
	struct syn *known, syn;
	socklen_t len;
	int c;

	(void)what;
	assert(l->magic == LISTENER_MAGIC);
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		len = sizeof ss;
		c = accept4(fd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c < 0)
			return;
		if (!addr_from_sockaddr(&client, (struct sockaddr *)&ss)) {
			close(c);
			continue;
		}
		known = find_syn(l->server, &l->addr, &client);
		if (known != NULL) {
			syn = *known;
			known->host = NULL;	/* the port may come again */
		} else
			syn = contact_at_accept(l->server, l, &client);
		conn_open(l->server, l, c, &client, &syn);
	}
}

static int
listen_at(struct fsmtp *f, struct server_host *h, const struct addr *at,
    uint16_t port)
{
	struct sockaddr_storage ss;
	struct addr a = *at;
	struct listener *l;
	socklen_t len;
	int fd, one = 1, err;

	if (a.port == 0)
		a.port = port;
	len = addr_to_sockaddr(&a, &ss);
	fd = socket(a.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	/* For what is accepted: it inherits. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (a.family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&ss, len) != 0 ||
	    listen(fd, SOMAXCONN) != 0) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	l = xcalloc(1, sizeof *l);
	l->magic = LISTENER_MAGIC;
	l->server = f;
	l->host = h;
	l->addr = a;
	l->fd = fd;
	l->ready = event_new(f->base, fd, EV_READ | EV_PERSIST, on_accept, l);
	event_add(l->ready, NULL);
	l->next = f->listeners;
	f->listeners = l;
	return 0;
}

int
fsmtp_listen(struct fsmtp *f, struct event_base *base, uint16_t port,
    struct addr *failed)
{
	f->base = base;
	for (size_t i = 0; i < f->c.host_count; i++) {
		const struct fsmtp_host *h = f->hosts[i].host;

		for (size_t n = 0; n < h->addr_count; n++)
			if (listen_at(f, &f->hosts[i], &h->addrs[n], port) !=
			    0) {
				*failed = h->addrs[n];
				return -1;
			}
	}
	return 0;
}

size_t
fsmtp_sessions(const struct fsmtp *f)
{
	return f->open;
}

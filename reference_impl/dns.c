#include "reference_impl/dns.h"

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#define DNS_ROUNDS	2
#define DNS_PORT	53
#define WIRE_MAX	65536

struct asker {
	struct asker	*next;
	dns_fn		*fn;
	void		*ctx;
};

struct query {
	struct resolver	*resolver;
	struct query	*next;		/* the resolver's */
	struct fact	 fact;
	struct asker	*askers, **last_asker;
	uint16_t	 id;
	uint8_t		 wire[300];	/* two octets of length, the query */
	size_t		 len;		/* without the length */
	size_t		 attempt;	/* over all servers and rounds */
	bool		 useless[DNS_SERVERS_MAX];	/* it answered so */
	bool		 tcp;
	int		 fd;
	struct event	*io, *timer;
	struct sbuf	 in;		/* TCP */
};

static void try_next(struct query *);

void
dns_config_read(struct dns_config *c, const char *path)
{
	struct sbuf text = { 0 };
	char *line, *save = NULL, *word, *rest;

	c->try_us = 5 * 1000000;
	if (sbuf_read_file(&text, path) == -1 || text.data == NULL)
		return;
	for (line = strtok_r(text.data, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		word = strtok_r(line, " \t", &rest);
		if (word == NULL)
			continue;
		line = strtok_r(NULL, " \t", &rest);
		if (line == NULL)
			continue;
		if (strcmp(word, "nameserver") == 0 &&
		    c->count < DNS_SERVERS_MAX &&
		    addr_parse(&c->servers[c->count], line))
			c->servers[c->count++].port = DNS_PORT;
		else if (strcmp(word, "search") == 0 ||
		    strcmp(word, "domain") == 0)
			snprintf(c->search, sizeof c->search, "%s", line);
	}
	sbuf_fini(&text);
}

/* --- one query's wire ------------------------------------------------ */

static bool
put_name(struct query *q, const char *name)
{
	size_t at = q->len + 2;

	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > 63 || at + n + 6 > sizeof q->wire)
			return false;
		q->wire[at++] = (uint8_t)n;
		memcpy(q->wire + at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	q->wire[at++] = 0;
	q->len = at - 2;
	return q->len - 12 <= 255;
}

/* A plain query, RD set, no EDNS: larger answers come over TCP. */
static bool
build(struct query *q)
{
	static const uint8_t types[] = { [FACT_A] = 1, [FACT_AAAA] = 28,
		[FACT_MX] = 15 };
	uint8_t *w = q->wire + 2;

	while (getrandom(&q->id, sizeof q->id, 0) != sizeof q->id)
		;
	memset(w, 0, 12);
	w[0] = q->id >> 8;
	w[1] = q->id & 0xff;
	w[2] = 1;			/* RD */
	w[5] = 1;			/* QDCOUNT */
	q->len = 12;
	if (!put_name(q, q->fact.name))
		return false;
	w += q->len;
	w[0] = 0;
	w[1] = types[q->fact.type];
	w[2] = 0;
	w[3] = 1;			/* IN */
	q->len += 4;
	q->wire[0] = (uint8_t)(q->len >> 8);
	q->wire[1] = q->len & 0xff;
	return true;
}

/* --- life of a query ------------------------------------------------- */

static void
close_try(struct query *q)
{
	if (q->io != NULL)
		event_free(q->io);
	if (q->fd != -1)
		close(q->fd);
	q->io = NULL;
	q->fd = -1;
	sbuf_clear(&q->in);
	event_del(q->timer);
}

/* Each asker gets records of its own. */
static void
tell(const struct query *q, const struct asker *a)
{
	struct fact f = q->fact;

	f.rrs = NULL;
	if (f.count > 0) {
		f.rrs = xreallocarray(NULL, f.count, sizeof *f.rrs);
		memcpy(f.rrs, q->fact.rrs, f.count * sizeof *f.rrs);
	}
	a->fn(a->ctx, &f);
}

static void
finish(struct query *q)
{
	struct query **at = &q->resolver->queries;
	struct asker *a;

	close_try(q);
	event_free(q->timer);
	sbuf_fini(&q->in);
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	while ((a = q->askers) != NULL) {
		q->askers = a->next;
		tell(q, a);
		free(a);
	}
	free(q->fact.rrs);
	free(q);
}

static size_t
server_count(const struct query *q)
{
	const struct dns_config *config = q->resolver->config;

	return config->count > 1 && HAS_BUG(config->bugs, FIRST_SERVER_ONLY) ?
	    1 : config->count;
}

static size_t
server_index(const struct query *q)
{
	return q->attempt % server_count(q);
}

static void
give_up_try(struct query *q)
{
	q->attempt++;
	q->tcp = false;
	try_next(q);
}

static void
on_try_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	give_up_try(arg);
}

static void
on_reply(struct query *q, const uint8_t *wire, size_t len)
{
	switch (dns_judge(wire, len, q->id, q->tcp, q->resolver->config->bugs,
	    &q->fact)) {
	case DNS_IGNORE:
		break;
	case DNS_ANSWER:
		finish(q);
		break;
	case DNS_TRUNCATED:
		q->tcp = true;
		try_next(q);
		break;
	case DNS_USELESS:
		q->useless[server_index(q)] = true;
		give_up_try(q);
		break;
	}
}

static void
on_udp(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t wire[WIRE_MAX];
	struct query *q = arg;
	ssize_t n = recv(fd, wire, sizeof wire, 0);

	(void)what;
	if (n >= 0)
		on_reply(q, wire, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		give_up_try(q);		/* ICMP says nobody is there */
}

static void
on_tcp_read(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t wire[WIRE_MAX + 2];
	struct query *q = arg;
	ssize_t n = recv(fd, wire, sizeof wire, 0);
	size_t want;

	(void)what;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		give_up_try(q);
		return;
	}
	sbuf_add(&q->in, wire, (size_t)n);
	if (q->in.len < 2)
		return;
	want = (size_t)(uint8_t)q->in.data[0] << 8 | (uint8_t)q->in.data[1];
	if (q->in.len < want + 2)
		return;
	memcpy(wire, q->in.data + 2, want);
	sbuf_consume(&q->in, want + 2);
	on_reply(q, wire, want);
}

static void
await(struct query *q, short what, event_callback_fn fn)
{
	q->io = event_new(q->resolver->base, q->fd, what, fn, q);
	event_add(q->io, NULL);
}

static void
on_tcp_connected(evutil_socket_t fd, short what, void *arg)
{
	struct query *q = arg;
	ssize_t n = send(fd, q->wire, q->len + 2, MSG_NOSIGNAL);

	(void)what;
	if (n != (ssize_t)q->len + 2) {
		give_up_try(q);
		return;
	}
	event_free(q->io);
	await(q, EV_READ | EV_PERSIST, on_tcp_read);
}

static bool
start_try(struct query *q)
{
	const struct dns_config *config = q->resolver->config;
	const struct addr *server = &config->servers[server_index(q)];
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(server, &ss);

	q->fd = socket(server->family, (q->tcp ? SOCK_STREAM : SOCK_DGRAM) |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (q->fd == -1)
		return false;
	if (connect(q->fd, (struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)
		return false;
	if (!q->tcp && send(q->fd, q->wire + 2, q->len, 0) == -1)
		return false;
	if (q->tcp)
		await(q, EV_WRITE, on_tcp_connected);
	else
		await(q, EV_READ | EV_PERSIST, on_udp);
	return true;
}

static void
try_next(struct query *q)
{
	int64_t try_us = q->resolver->config->try_us;
	struct timeval tv = { try_us / 1000000, try_us % 1000000 };
	size_t total = server_count(q) * DNS_ROUNDS;

	close_try(q);
	for (; q->attempt < total; q->attempt++, q->tcp = false) {
		if (!q->tcp && q->useless[server_index(q)])
			continue;
		if (start_try(q)) {
			event_add(q->timer, &tv);
			return;
		}
		close_try(q);
	}
	q->fact.state = FACT_FAILED;
	finish(q);
}

static void
on_start(evutil_socket_t fd, short what, void *arg)
{
	struct query *q = arg;

	(void)fd;
	(void)what;
	event_free(q->timer);
	q->timer = evtimer_new(q->resolver->base, on_try_over, q);
	if (q->resolver->config->count == 0) {
		q->fact.state = FACT_FAILED;
		finish(q);
	} else if (!build(q)) {
		/* A name that DNS cannot hold does not exist. */
		q->fact.state = FACT_NXDOMAIN;
		finish(q);
	} else
		try_next(q);
}

static struct query *
find_query(const struct resolver *r, const char *name, enum fact_type type)
{
	struct query *q = r->queries;

	while (q != NULL && (q->fact.type != type ||
	    strcasecmp(q->fact.name, name) != 0))
		q = q->next;
	return q;
}

static struct query *
start_query(struct resolver *r, const char *name, enum fact_type type)
{
	struct query *q = xcalloc(1, sizeof *q);

	q->resolver = r;
	q->next = r->queries;
	r->queries = q;
	snprintf(q->fact.name, sizeof q->fact.name, "%s", name);
	q->fact.type = type;
	q->last_asker = &q->askers;
	q->fd = -1;
	q->timer = evtimer_new(r->base, on_start, q);
	event_active(q->timer, EV_TIMEOUT, 1);
	return q;
}

void
dns_ask(struct resolver *r, const char *name, enum fact_type type, dns_fn *fn,
    void *ctx)
{
	struct query *q = find_query(r, name, type);
	struct asker *a = xcalloc(1, sizeof *a);

	if (q == NULL)
		q = start_query(r, name, type);
	a->fn = fn;
	a->ctx = ctx;
	*q->last_asker = a;
	q->last_asker = &a->next;
}

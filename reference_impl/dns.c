#include "reference_impl/dns.h"

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
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
	unsigned	 first;		/* server that is asked first */
	bool		 edns;
	bool		 useless[DNS_SERVERS_MAX];	/* it answered so */
	bool		 tcp;
	bool		 known;		/* from the cache */
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

/* RFC 1035 2.3.3: a name is the same in whatever letters. */
static void
mix_case(const struct query *q, uint8_t *label, size_t n)
{
	uint8_t random[64];

	if (!HAS_WAY(q->resolver->config->ways, MIXED_CASE) ||
	    getrandom(random, n, 0) != (ssize_t)n)
		return;
	for (size_t i = 0; i < n; i++)
		if (isalpha(label[i]) && (random[i] & 1) != 0)
			label[i] ^= 0x20;
}

/* RFC 6891 6.1: root, OPT, room for 1232 octets, nothing else. */
static void
put_opt(struct query *q)
{
	static const uint8_t opt[11] = { 0, 0, 41, 1232 >> 8, 1232 & 0xff };

	memcpy(q->wire + 2 + q->len, opt, sizeof opt);
	q->len += sizeof opt;
	q->wire[2 + 11] = 1;		/* ARCOUNT */
}

static bool
put_name(struct query *q, const char *name)
{
	size_t at = q->len + 2;

	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > 63 || at + n + 17 > sizeof q->wire)
			return false;
		q->wire[at++] = (uint8_t)n;
		memcpy(q->wire + at, name, n);
		mix_case(q, q->wire + at, n);
		at += n;
		name += n + (name[n] == '.');
	}
	q->wire[at++] = 0;
	q->len = at - 2;
	return q->len - 12 <= 255;
}

/* RD set, mostly without EDNS: larger answers come over TCP. */
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
	if (q->edns)
		put_opt(q);
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

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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

/* It is nobody's any more. */
static void
query_free(struct query *q)
{
	struct asker *a;

	close_try(q);
	event_free(q->timer);
	sbuf_fini(&q->in);
	while ((a = q->askers) != NULL) {
		q->askers = a->next;
		free(a);
	}
	free(q->fact.rrs);
	free(q);
}

static void
finish(struct query *q)
{
	struct query **at = &q->resolver->queries;
	struct asker *a;

	close_try(q);
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (!q->known)
		dns_cache_keep(&q->resolver->cache, &q->fact,
		    q->resolver->config->ways, clock_us());
	while ((a = q->askers) != NULL) {
		q->askers = a->next;
		tell(q, a);
		free(a);
	}
	query_free(q);
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
	return (q->attempt + q->first) % server_count(q);
}

/* The way that asks over TCP who did not answer over UDP. */
static bool
in_tcp_round(const struct query *q)
{
	return HAS_WAY(q->resolver->config->ways, TCP_AFTER_UDP) &&
	    q->attempt >= server_count(q);
}

static void
give_up_try(struct query *q)
{
	q->attempt++;
	q->tcp = in_tcp_round(q);
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
		if (q->edns && q->fact.rcode == RCODE_FORMERR) {
			q->edns = false;	/* RFC 6891 6.2.2 */
			build(q);
			try_next(q);
			break;
		}
		q->useless[server_index(q)] = !HAS_BUG(
		    q->resolver->config->bugs, SERVFAIL_LOOP);
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
	size_t total = server_count(q) * (HAS_BUG(q->resolver->config->bugs,
	    SERVFAIL_LOOP) ? 500 : DNS_ROUNDS);

	close_try(q);
	for (; q->attempt < total; q->attempt++, q->tcp = in_tcp_round(q)) {
		if ((!q->tcp || in_tcp_round(q)) &&
		    q->useless[server_index(q)])
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
	} else if (dns_cache_find(&q->resolver->cache, &q->fact,
	    clock_us())) {
		q->known = true;
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
	if (HAS_WAY(r->config->ways, SERVERS_IN_TURN))
		q->first = r->turn++;
	q->edns = HAS_WAY(r->config->ways, EDNS);
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

void
dns_close(struct resolver *r)
{
	struct query *q;

	while ((q = r->queries) != NULL) {
		r->queries = q->next;
		query_free(q);
	}
	dns_cache_fini(&r->cache);
}

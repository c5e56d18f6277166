#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_dns/internal.h"
#include "harness/base/xalloc.h"

#define UDP_MAGIC	0x75647031
#define BATCH		64
#define BATCHES_MOST	16		/* before others have their turn */
#define BUFFER_BYTES	(4 << 20)	/* asked of the kernel each way */

/* Room for one datagram. */
typedef uint8_t datagram[DNS_UDP_MOST];

/*
 * Made when the first datagram comes: of a lab's resolvers most are never
 * asked, and no octet is touched before it is needed.
 */
struct batch {
	struct mmsghdr	 in[BATCH], out[BATCH];
	struct iovec	 in_vec[BATCH], out_vec[BATCH];
	struct sockaddr_storage from[BATCH], to[BATCH];
	datagram	*received, *replies;
	unsigned	 out_count;
};

struct udp {
	uint32_t	 magic;
	struct listener	 listener;
	struct outlet	 outlet;
	struct event	*readable;
	int		 fd;
	int		 other_fd;	/* for forged sources; -1: not yet */
	struct batch	*batch;		/* NULL: nobody has asked yet */
	bool		 batching;
};

static struct udp *
of_listener(struct listener *l)
{
	return (struct udp *)((char *)l - offsetof(struct udp, listener));
}

static int
open_socket(const struct addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(addr, &ss);
	int fd, one = 1, bytes = BUFFER_BYTES;

	fd = socket(addr->family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	if (addr->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&ss, len) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* The same address, a port of the kernel's choice: not the asked server. */
static int
other_fd(struct udp *u)
{
	struct addr a = u->listener.addr;

	a.port = 0;
	if (u->other_fd < 0)
		u->other_fd = open_socket(&a);
	return u->other_fd;
}

/* A reply that cannot be sent is lost, as datagrams are. */
static void
send_alone(struct udp *u, const struct addr *client,
    const struct fdns_reply *r)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(client, &ss);
	int fd = r->other_port ? other_fd(u) : u->fd;

	if (fd >= 0)
		(void)sendto(fd, r->bytes, r->len, 0, (struct sockaddr *)&ss,
		    len);
}

/* Called by the outlet when a reply is due. */
static void
udp_send(struct outlet *o, const struct addr *client,
    const struct fdns_reply *r)
{
	struct udp *u = (struct udp *)((char *)o -
	    offsetof(struct udp, outlet));
	struct batch *b = u->batch;
	unsigned n;

	if (r->bytes == NULL)
		return;
	if (!u->batching || r->other_port || b->out_count == BATCH ||
	    r->len > sizeof *b->replies) {
		send_alone(u, client, r);
		return;
	}
	n = b->out_count++;
	memcpy(b->replies[n], r->bytes, r->len);
	b->out_vec[n].iov_len = r->len;
	b->out[n].msg_hdr.msg_namelen = addr_to_sockaddr(client, &b->to[n]);
}

static void
flush(struct udp *u)
{
	struct batch *b = u->batch;
	unsigned sent = 0;
	int n;

	while (sent < b->out_count) {
		n = sendmmsg(u->fd, b->out + sent, b->out_count - sent, 0);
		/* The first of the rest cannot be sent: lost. */
		sent += n > 0 ? (unsigned)n : 1;
	}
	b->out_count = 0;
}

static void
serve_batch(struct udp *u, unsigned n)
{
	struct fdns_peer peer = { .server = u->listener.addr,
	    .transport = FDNS_UDP, .resolver = u->listener.resolver,
	    .name = u->listener.name };
	struct batch *b = u->batch;

	u->batching = true;
	for (unsigned i = 0; i < n; i++) {
		if (addr_from_sockaddr(&peer.client,
		    (struct sockaddr *)&b->from[i]))
			outlet_serve(&u->outlet, &peer, b->received[i],
			    b->in[i].msg_len);
		b->in[i].msg_hdr.msg_namelen = sizeof b->from[i];
	}
	u->batching = false;
	flush(u);
}

static struct batch *
batch_new(void)
{
	struct batch *b = xcalloc(1, sizeof *b);

	b->received = xmalloc(BATCH * sizeof *b->received);
	b->replies = xmalloc(BATCH * sizeof *b->replies);
	for (int i = 0; i < BATCH; i++) {
		b->in_vec[i] = (struct iovec){ b->received[i],
		    sizeof b->received[i] };
		b->out_vec[i] = (struct iovec){ b->replies[i], 0 };
		b->in[i].msg_hdr = (struct msghdr){ .msg_name = &b->from[i],
		    .msg_namelen = sizeof b->from[i],
		    .msg_iov = &b->in_vec[i], .msg_iovlen = 1 };
		b->out[i].msg_hdr = (struct msghdr){ .msg_name = &b->to[i],
		    .msg_iov = &b->out_vec[i], .msg_iovlen = 1 };
	}
	return b;
}

static void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->received);
	free(b->replies);
	free(b);
}

/* libevent: datagrams are there. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct udp *u = arg;
	int n;

	(void)what;
	assert(u->magic == UDP_MAGIC);
	if (u->batch == NULL)
		u->batch = batch_new();
	for (int i = 0; i < BATCHES_MOST; i++) {
		n = recvmmsg(fd, u->batch->in, BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		serve_batch(u, (unsigned)n);
		if (n < BATCH)
			return;
	}
}

static void
udp_free(struct listener *l)
{
	struct udp *u = of_listener(l);

	outlet_fini(&u->outlet);
	event_free(u->readable);
	close(u->fd);
	if (u->other_fd >= 0)
		close(u->other_fd);
	batch_free(u->batch);
	free(u);
}

struct listener *
udp_listen(struct fdns *f, struct event_base *base, const struct addr *addr)
{
	int fd = open_socket(addr);
	struct udp *u;

	if (fd < 0)
		return NULL;
	u = xcalloc(1, sizeof *u);
	u->magic = UDP_MAGIC;
	u->fd = fd;
	u->other_fd = -1;
	u->listener.free = udp_free;
	outlet_init(&u->outlet, f, FDNS_UDP, udp_send);
	u->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, u);
	event_add(u->readable, NULL);
	return &u->listener;
}

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

/* One datagram in and its reply out. */
struct slot {
	uint8_t		 in[DNS_UDP_MOST], out[DNS_UDP_MOST];
	struct sockaddr_storage from, to;
	struct iovec	 in_vec, out_vec;
};

struct udp {
	uint32_t	 magic;
	struct listener	 listener;
	struct outlet	 outlet;
	struct event	*readable;
	int		 fd;
	int		 other_fd;	/* for forged sources; -1: not yet */
	struct slot	*slots;
	struct mmsghdr	 in[BATCH], out[BATCH];
	unsigned	 out_count;
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
	struct slot *s;

	if (r->bytes == NULL)
		return;
	if (!u->batching || r->other_port || u->out_count == BATCH ||
	    r->len > sizeof s->out) {
		send_alone(u, client, r);
		return;
	}
	s = &u->slots[u->out_count];
	memcpy(s->out, r->bytes, r->len);
	s->out_vec.iov_len = r->len;
	u->out[u->out_count++].msg_hdr.msg_namelen =
	    addr_to_sockaddr(client, &s->to);
}

static void
flush(struct udp *u)
{
	unsigned sent = 0;
	int n;

	while (sent < u->out_count) {
		n = sendmmsg(u->fd, u->out + sent, u->out_count - sent, 0);
		/* The first of the rest cannot be sent: lost. */
		sent += n > 0 ? (unsigned)n : 1;
	}
	u->out_count = 0;
}

static void
serve_batch(struct udp *u, unsigned n)
{
	struct fdns_peer peer = { .server = u->listener.addr,
	    .transport = FDNS_UDP, .resolver = u->listener.resolver,
	    .name = u->listener.name };

	u->batching = true;
	for (unsigned i = 0; i < n; i++) {
		if (addr_from_sockaddr(&peer.client,
		    (struct sockaddr *)&u->slots[i].from))
			outlet_serve(&u->outlet, &peer, u->slots[i].in,
			    u->in[i].msg_len);
		u->in[i].msg_hdr.msg_namelen = sizeof u->slots[i].from;
	}
	u->batching = false;
	flush(u);
}

/* libevent: datagrams are there. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct udp *u = arg;
	int n;

	(void)what;
	assert(u->magic == UDP_MAGIC);
	for (int i = 0; i < BATCHES_MOST; i++) {
		n = recvmmsg(fd, u->in, BATCH, MSG_DONTWAIT, NULL);
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
	free(u->slots);
	free(u);
}

static void
wire_slots(struct udp *u)
{
	u->slots = xcalloc(BATCH, sizeof *u->slots);
	for (int i = 0; i < BATCH; i++) {
		struct slot *s = &u->slots[i];

		s->in_vec = (struct iovec){ s->in, sizeof s->in };
		s->out_vec = (struct iovec){ s->out, 0 };
		u->in[i].msg_hdr = (struct msghdr){ .msg_name = &s->from,
		    .msg_namelen = sizeof s->from, .msg_iov = &s->in_vec,
		    .msg_iovlen = 1 };
		u->out[i].msg_hdr = (struct msghdr){ .msg_name = &s->to,
		    .msg_iov = &s->out_vec, .msg_iovlen = 1 };
	}
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
	wire_slots(u);
	u->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, u);
	event_add(u->readable, NULL);
	return &u->listener;
}

#include "harness/lab/netlink.h"

#include <assert.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

/* A worker of the kernel that takes longer is stuck. */
#define AWAIT_MS	5000

/* One request, its attributes appended to the fixed part. */
struct request {
	struct nlmsghdr	 head;
	char		 rest[512];
};

static void *
request_init(struct request *r, uint16_t type, uint16_t flags, size_t fixed)
{
	memset(r, 0, sizeof *r);
	r->head.nlmsg_len = NLMSG_LENGTH(fixed);
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return NLMSG_DATA(&r->head);
}

static struct rtattr *
request_attr(struct request *r, uint16_t type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)&r->head +
	    NLMSG_ALIGN(r->head.nlmsg_len));

	assert(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_SPACE(len) <= sizeof *r);
	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	if (len > 0)
		memcpy(RTA_DATA(a), data, len);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) +
	    (uint32_t)RTA_SPACE(len);
	return a;
}

static void
request_addr(struct request *r, uint16_t type, const struct addr *a)
{
	request_attr(r, type, a->ip, a->family == AF_INET ? 4 : 16);
}

/* Sends it and waits for the kernel's verdict, which comes at once. */
static int
request_send(int nl, struct request *r)
{
	struct {
		struct nlmsghdr	 head;
		struct nlmsgerr	 error;
		char		 rest[1024];
	} reply;
	ssize_t n;

	if (send(nl, r, r->head.nlmsg_len, 0) < 0)
		return -1;
	do {
		n = recv(nl, &reply, sizeof reply, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n < NLMSG_LENGTH(sizeof reply.error.error) ||
	    reply.head.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -reply.error.error;
	return errno == 0 ? 0 : -1;
}

int
netlink_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

int
netlink_link(int nl, int ifindex, bool up, uint32_t mtu)
{
	struct request r;
	struct ifinfomsg *ifi = request_init(&r, RTM_NEWLINK, 0, sizeof *ifi);

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	ifi->ifi_change = 1;		/* IFF_UP */
	ifi->ifi_flags = up ? 1 : 0;
	if (mtu != 0)
		request_attr(&r, IFLA_MTU, &mtu, sizeof mtu);
	return request_send(nl, &r);
}

int
netlink_addr(int nl, int ifindex, const struct addr *a)
{
	struct request r;
	struct ifaddrmsg *ifa = request_init(&r, RTM_NEWADDR,
	    NLM_F_CREATE | NLM_F_EXCL, sizeof *ifa);

	ifa->ifa_family = (uint8_t)a->family;
	ifa->ifa_prefixlen = a->family == AF_INET ? 32 : 128;
	ifa->ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0;
	ifa->ifa_index = (uint32_t)ifindex;
	request_addr(&r, IFA_LOCAL, a);
	request_addr(&r, IFA_ADDRESS, a);
	return request_send(nl, &r);
}

int
netlink_watch(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
	    .nl_groups = RTMGRP_IPV6_ROUTE };
	int fd = netlink_open();

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The destination of a new local IPv6 route, or false. */
static bool
new_local_route(const struct nlmsghdr *head, struct addr *a)
{
	const struct rtmsg *rtm = NLMSG_DATA(head);
	const struct rtattr *rta;
	int len;

	if (head->nlmsg_type != RTM_NEWROUTE || rtm->rtm_type != RTN_LOCAL ||
	    rtm->rtm_family != AF_INET6 || rtm->rtm_dst_len != 128)
		return false;
	len = (int)RTM_PAYLOAD(head);
	for (rta = RTM_RTA(rtm); RTA_OK(rta, len); rta = RTA_NEXT(rta, len))
		if (rta->rta_type == RTA_DST) {
			memset(a, 0, sizeof *a);
			a->family = AF_INET6;
			memcpy(a->ip, RTA_DATA(rta), 16);
			return true;
		}
	return false;
}

/* Ticks off the addresses that one datagram of the kernel tells of. */
static size_t
tick_off(const struct nlmsghdr *head, unsigned left,
    const struct addr *addrs, size_t count, bool *seen)
{
	size_t news = 0;
	struct addr a;

	for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
		if (!new_local_route(head, &a))
			continue;
		for (size_t i = 0; i < count; i++)
			if (!seen[i] && addr_same_ip(&addrs[i], &a)) {
				seen[i] = true;
				news++;
			}
	}
	return news;
}

int
netlink_await(int watch, const struct addr *addrs, size_t count)
{
	struct pollfd pfd = { .fd = watch, .events = POLLIN };
	union {
		struct nlmsghdr	 head;
		char		 bytes[8192];
	} msg;
	bool *seen = xcalloc(count, sizeof *seen);
	size_t missing = 0;
	ssize_t n;
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		missing += !(seen[i] = addrs[i].family != AF_INET6);
	while (missing > 0 && rc == 0) {
		if (poll(&pfd, 1, AWAIT_MS) <= 0 ||
		    (n = recv(watch, &msg, sizeof msg, 0)) < 0) {
			errno = ETIMEDOUT;
			rc = -1;
		} else
			missing -= tick_off(&msg.head, (unsigned)n, addrs,
			    count, seen);
	}
	free(seen);
	return rc;
}

static int
route_request(int nl, const struct netlink_route_spec *s, uint16_t type,
    uint16_t flags)
{
	struct request r;
	struct rtmsg *rtm = request_init(&r, type, flags, sizeof *rtm);
	uint32_t one = 1;
	struct rtattr *metrics;

	rtm->rtm_family = (uint8_t)s->family;
	rtm->rtm_dst_len = (uint8_t)(s->dst != NULL ? s->prefix : 0);
	rtm->rtm_protocol = RTPROT_BOOT;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_scope = RT_SCOPE_LINK;
	rtm->rtm_type = RTN_UNICAST;
	if (s->kind == NETLINK_THROW) {
		rtm->rtm_type = RTN_THROW;
		rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	} else if (s->kind == NETLINK_LOCAL_QUICK) {
		rtm->rtm_type = RTN_LOCAL;
		rtm->rtm_table = RT_TABLE_LOCAL;
		rtm->rtm_scope = RT_SCOPE_HOST;
		rtm->rtm_protocol = RTPROT_KERNEL;
	}
	if (s->dst != NULL)
		request_addr(&r, RTA_DST, s->dst);
	if (s->src != NULL)
		request_addr(&r, RTA_PREFSRC, s->src);
	if (s->ifindex != 0)
		request_attr(&r, RTA_OIF, &s->ifindex, sizeof s->ifindex);
	if (s->kind != NETLINK_THROW) {
		metrics = request_attr(&r, RTA_METRICS, NULL, 0);
		request_attr(&r, RTAX_QUICKACK, &one, sizeof one);
		metrics->rta_len = (uint16_t)((char *)&r.head +
		    r.head.nlmsg_len - (char *)metrics);
	}
	return request_send(nl, &r);
}

int
netlink_route_add(int nl, const struct netlink_route_spec *s)
{
	return route_request(nl, s, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
}

int
netlink_route_del(int nl, const struct netlink_route_spec *s)
{
	return route_request(nl, s, RTM_DELROUTE, 0);
}

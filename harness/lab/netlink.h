/*
 * What the lab asks of rtnetlink(7).  A socket speaks for the
 * network namespace in which it was opened, for as long as it lives, also
 * after its owner has moved on to another namespace.
 *
 * All return 0, or -1 with errno as the kernel gave it.
 */
#ifndef MXD_LAB_NETLINK_H
#define MXD_LAB_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/addr.h"

int	 netlink_open(void);		/* the fd, close-on-exec */
/* `mtu` 0: leave as it is. */
int	 netlink_link(int nl, int ifindex, bool up, uint32_t mtu);
/* A host address (/32, /128), without duplicate address detection. */
int	 netlink_addr(int nl, int ifindex, const struct addr *);

/*
 * The kernel makes an IPv6 address usable in a worker of its own, some time
 * after netlink_addr() has returned.  netlink_watch() listens from now on
 * (an fd); netlink_await() returns when every IPv6 address of the list has
 * its local route, -1 with ETIMEDOUT if that takes seconds.
 */
int	 netlink_watch(void);
int	 netlink_await(int watch, const struct addr *, size_t count);

enum netlink_route {
	NETLINK_DEV,		/* through the interface, with quickack */
	NETLINK_THROW,		/* "no route to it in here": ENETUNREACH */
	NETLINK_LOCAL_QUICK,	/* quickack for an address of our own */
};
struct netlink_route_spec {
	enum netlink_route kind;
	int		 family;
	const struct addr *dst;	/* NULL: default route */
	int		 prefix;	/* bits of dst */
	int		 ifindex;
	const struct addr *src;	/* preferred source, or NULL */
};
int	 netlink_route_add(int nl, const struct netlink_route_spec *);
int	 netlink_route_del(int nl, const struct netlink_route_spec *);

#endif

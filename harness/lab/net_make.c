/*
 * Makes the two network namespaces and the TUN interfaces that join them.
 *
 * mta:  lo; "mxsub", which has the MTA's addresses and a route to the
 *       submission client; "mxout" with the default routes.  No fault ever
 *       touches mxsub: the harness can hand mail in while the MTA's way to
 *       the world is down, and the MTA keeps its own addresses.
 * inet: every address of the fake Internet on lo; "mxi" with routes to the
 *       MTA's addresses and to nothing else.
 *
 * Every route has quickack: a delayed acknowledgement is a timer of the
 * kernel, and those stay in real time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"
#include "harness/lab/netlink.h"

#define OUTSIDE		"mxout"
#define SUBMIT		"mxsub"
#define INET		"mxi"

enum { MTU = 65520 };

static char *
failed(const char *what)
{
	return xasprintf("network: %s: %s", what, strerror(errno));
}

/*
 * Settings that keep the kernel from doing anything on its own.  Older or
 * stranger kernels may lack one: none is needed for a right answer.
 */
static void
quiet_namespace(void)
{
	static const struct {
		const char *path, *value;
	} settings[] = {
		{ "ipv4/conf/all/rp_filter", "0" },
		{ "ipv4/conf/default/rp_filter", "0" },
		{ "ipv4/conf/all/accept_local", "1" },
		{ "ipv4/icmp_ratelimit", "0" },
		{ "ipv4/icmp_msgs_per_sec", "100000" },
		{ "ipv6/icmp/ratelimit", "0" },
		{ "ipv4/tcp_tw_reuse", "1" },
		{ "ipv4/ip_local_port_range", "16384 65535" },
		{ "ipv6/conf/default/addr_gen_mode", "1" },
		{ "ipv6/conf/default/accept_ra", "0" },
		{ "ipv6/conf/default/accept_dad", "0" },
		{ "ipv6/conf/default/router_solicitations", "0" },
		{ "unix/max_dgram_qlen", "512" },
		/* As harness/clock/kernel.h counts them, on any machine. */
		{ "ipv4/tcp_syn_retries", "6" },
		{ "ipv4/tcp_syn_linear_timeouts", "0" },
		{ "ipv4/tcp_retries2", "15" },
		{ "ipv4/tcp_keepalive_time", "7200" },
		{ "ipv4/tcp_keepalive_intvl", "75" },
		{ "ipv4/tcp_keepalive_probes", "9" },
	};
	char *path;
	int fd;

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		path = xasprintf("/proc/sys/net/%s", settings[i].path);
		if ((fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0) {
			if (write(fd, settings[i].value,
			    strlen(settings[i].value)) < 0)
				errno = 0;
			close(fd);
		}
		free(path);
	}
}

static char *
no_ipv6(void)
{
	const char *path = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	char *error = NULL;

	if (fd < 0)
		return errno == ENOENT ? NULL : failed(path);
	if (write(fd, "1", 1) != 1)
		error = failed(path);
	close(fd);
	return error;
}

static char *
tun_open(int *fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	*fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return xasprintf("/dev/net/tun: %s: %s", strerror(errno),
		    errno == EACCES ? "as root: chmod 0666 /dev/net/tun" :
		    errno == ENOENT ? "as root: modprobe tun (in a container: "
		    "--device /dev/net/tun)" : "as root: modprobe tun");
	strcpy(ifr.ifr_name, name);
	/*
	 * Persistent, so that it goes with its namespace, behind our back:
	 * taking one down on close(2) keeps us waiting for 15 ms.
	 */
	if (ioctl(*fd, TUNSETIFF, &ifr) < 0 ||
	    ioctl(*fd, TUNSETPERSIST, 1) < 0)
		return failed("making a TUN interface");
	return NULL;
}

static char *
link_up(int nl, const char *name, uint32_t mtu, int *ifindex)
{
	*ifindex = (int)if_nametoindex(name);
	if (*ifindex == 0 || netlink_link(nl, *ifindex, true, mtu) < 0)
		return failed(name);
	return NULL;
}

/* Adds them all and returns when all can be used. */
static char *
add_addrs(int nl, int ifindex, const struct addr *addrs, size_t count)
{
	char text[ADDR_STRLEN], *error = NULL;
	int watch = netlink_watch();

	if (watch < 0)
		return failed("netlink");
	for (size_t i = 0; i < count && error == NULL; i++)
		if (netlink_addr(nl, ifindex, &addrs[i]) < 0 &&
		    errno != EEXIST)
			error = failed(addr_format(&addrs[i], text));
	if (error == NULL && netlink_await(watch, addrs, count) < 0)
		error = failed("IPv6 addresses");
	close(watch);
	return error;
}

static char *
add_route(int nl, enum netlink_route kind, int ifindex,
    const struct addr *dst, const struct addr *src)
{
	const struct addr *a = dst != NULL ? dst : src;
	struct netlink_route_spec spec = {
		.kind = kind, .family = a->family, .dst = dst, .src = src,
		.prefix = a->family == AF_INET ? 32 : 128,
		.ifindex = ifindex,
	};
	char text[ADDR_STRLEN];

	if (netlink_route_add(nl, &spec) < 0)
		return xasprintf("network: route for %s: %s",
		    addr_format(a, text), strerror(errno));
	return NULL;
}

static struct addr
addr_of(const char *text)
{
	struct addr a;

	if (!addr_parse(&a, text))
		abort();
	return a;
}

/* The MTA's addresses by family; 0 to 2 of them. */
static int
mta_addrs(const struct lab_config *cfg, struct addr self[2],
    struct addr client[2])
{
	int n = 0;

	if (cfg->mta_ipv4) {
		self[n] = addr_of(LAB_MTA_IP4);
		client[n++] = addr_of(LAB_SUBMIT_IP4);
	}
	if (cfg->mta_ipv6) {
		self[n] = addr_of(LAB_MTA_IP6);
		client[n++] = addr_of(LAB_SUBMIT_IP6);
	}
	return n;
}

char *
net_outside_up(const struct net *net, const struct lab_config *cfg)
{
	struct addr self[2], client[2];
	char *error = NULL;
	int n = mta_addrs(cfg, self, client);

	if (netlink_link(net->mta_netlink, net->mta_outside, true, MTU) < 0)
		return failed(OUTSIDE);
	for (int i = 0; i < n && error == NULL; i++)
		error = add_route(net->mta_netlink, NETLINK_DEV,
		    net->mta_outside, NULL, &self[i]);
	return error;
}

/* quickack on the loopback too, where an MTA talks to its own filters. */
static char *
quick_loopback(int nl, int lo)
{
	struct netlink_route_spec net127 = {
		.kind = NETLINK_LOCAL_QUICK, .family = AF_INET, .prefix = 8,
		.ifindex = lo
	}, host = net127;
	struct addr a = addr_of("127.0.0.0"), one = addr_of("127.0.0.1");

	net127.dst = &a;
	net127.src = host.src = host.dst = &one;
	host.prefix = 32;
	if (netlink_route_add(nl, &net127) < 0 ||
	    netlink_route_add(nl, &host) < 0)
		return failed("quickack on lo");
	return NULL;
}

static char *
make_mta(struct net *net, const struct lab_config *cfg)
{
	struct addr self[2], client[2];
	int n = mta_addrs(cfg, self, client), nl, lo, sub;
	char *error;

	quiet_namespace();
	if ((net->mta_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) < 0)
		return failed("/proc/self/ns/net");
	if ((nl = net->mta_netlink = netlink_open()) < 0)
		return failed("netlink");
	net->wake_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (net->wake_socket < 0)
		return failed("socket");
	if ((error = tun_open(&net->tun[ROUTER_MTA], OUTSIDE)) != NULL ||
	    (error = tun_open(&net->tun[ROUTER_SUBMIT], SUBMIT)) != NULL ||
	    (!cfg->mta_ipv6 && (error = no_ipv6()) != NULL) ||
	    (error = link_up(nl, "lo", 0, &lo)) != NULL ||
	    (error = quick_loopback(nl, lo)) != NULL ||
	    (error = link_up(nl, SUBMIT, MTU, &sub)) != NULL)
		return error;
	if ((error = add_addrs(nl, sub, self, (size_t)n)) != NULL)
		return error;
	for (int i = 0; i < n && error == NULL; i++)
		error = add_route(nl, NETLINK_DEV, sub, &client[i],
		    &self[i]);
	net->mta_outside = (int)if_nametoindex(OUTSIDE);
	return error != NULL ? error : net_outside_up(net, cfg);
}

static bool
is_mine(const struct addr *a, const struct addr *self, int n)
{
	for (int i = 0; i < n; i++)
		if (addr_same_ip(a, &self[i]))
			return true;
	return false;
}

/* Everything that lives in the fake Internet (free(3)). */
static struct addr *
inet_addrs(const struct lab_config *cfg, const struct addr *self, int n,
    size_t *count)
{
	static const char *const always[] = {
		LAB_RESOLVER1_IP4, LAB_RESOLVER1_IP6, LAB_RESOLVER2_IP4,
		LAB_RESOLVER2_IP6, LAB_SUBMIT_IP4, LAB_SUBMIT_IP6
	};
	const size_t fixed = sizeof always / sizeof always[0];
	struct addr *list = xcalloc(fixed + cfg->addr_count, sizeof *list);

	for (*count = 0; *count < fixed; ++*count)
		list[*count] = addr_of(always[*count]);
	/* An MX that points at the MTA itself is the MTA's own business. */
	for (size_t i = 0; i < cfg->addr_count; i++)
		if (!is_mine(&cfg->addrs[i], self, n))
			list[(*count)++] = cfg->addrs[i];
	return list;
}

static char *
make_inet(struct net *net, const struct lab_config *cfg)
{
	struct addr self[2], client[2], *list;
	int n = mta_addrs(cfg, self, client), nl, lo, out;
	size_t count;
	char *error;

	quiet_namespace();
	if ((nl = netlink_open()) < 0)
		return failed("netlink");
	if ((error = tun_open(&net->tun[ROUTER_INET], INET)) != NULL ||
	    (error = link_up(nl, "lo", 0, &lo)) != NULL ||
	    (error = link_up(nl, INET, MTU, &out)) != NULL)
		goto out;
	list = inet_addrs(cfg, self, n, &count);
	error = add_addrs(nl, lo, list, count);
	free(list);
	for (int i = 0; i < n && error == NULL; i++)
		error = add_route(nl, NETLINK_DEV, out, &self[i], NULL);
out:
	close(nl);
	return error;
}

char *
net_make(struct net *net, const struct lab_config *cfg)
{
	char *error = make_mta(net, cfg);

	if (error != NULL)
		return error;
	if (unshare(CLONE_NEWNET) < 0)
		return failed("second network namespace");
	return make_inet(net, cfg);
}

/*
 * The network while the lab runs: moves packets between the TUN interfaces
 * as the router says, and switches link and routes at the times of the rules
 * that the MTA's own kernel carries out.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"
#include "harness/lab/netlink.h"
#include "harness/lab/packet_log.h"

static void
send_packet(struct lab *lab, enum router_side to, const uint8_t *bytes,
    size_t len)
{
	/*
	 * A link that is down says EIO, a full queue drops: both are what a
	 * network does.
	 */
	if (write(lab->net.tun[to], bytes, len) < 0)
		return;
	lab->packets++;
}

static void
repeat_later(struct lab *lab, const struct router_decision *d)
{
	struct repeat *r = xmalloc(sizeof *r);

	r->next = lab->repeats;
	r->to = d->to;
	r->len = d->len;
	memcpy(r->bytes, d->bytes, d->len);
	lab->repeats = r;
}

bool
net_say_again(struct lab *lab)
{
	struct repeat *r = lab->repeats;

	if (r == NULL)
		return false;
	lab->repeats = NULL;
	for (struct repeat *next; r != NULL; r = next) {
		next = r->next;
		send_packet(lab, r->to, r->bytes, r->len);
		free(r);
	}
	return true;
}

static void
one_packet(struct lab *lab, enum router_side from, const uint8_t *bytes,
    size_t len)
{
	struct router_decision d;
	int64_t now = lab_now(lab);

	router_packet(lab->router, now, from, bytes, len, &d);
	if (d.bytes == NULL)
		return;			/* none of the Internet's business */
	packet_log_packet(lab->packet_log, now, bytes, len);
	if (d.made)
		packet_log_packet(lab->packet_log, now, d.bytes, d.len);
	if (d.repeat)
		repeat_later(lab, &d);
	if (d.send)
		send_packet(lab, d.to, d.bytes, d.len);
}

/* What the kernel would have sent; the router's own signs are not shown. */
static void
send_due(void *arg, const struct router_decision *d)
{
	struct lab *lab = arg;

	if (!d->made)
		packet_log_packet(lab->packet_log, lab_now(lab), d->bytes,
		    d->len);
	send_packet(lab, d->to, d->bytes, d->len);
}

static void
on_limit(void *arg)
{
	struct lab *lab = arg;

	lab->limit_timer = NULL;
	lab->limit_us = TIME_NEVER;
	router_expire(lab->router, lab_now(lab), send_due, lab);
}

void
net_arm_limits(struct lab *lab)
{
	int64_t next = router_next_limit(lab->router);

	if (next == lab->limit_us)
		return;
	timers_cancel(lab->timers, lab->limit_timer);
	lab->limit_timer = next == TIME_NEVER ? NULL :
	    timers_at(lab->timers, next, on_limit, lab);
	lab->limit_us = next;
}

void
net_socket_limits(void *arg, const struct clock_socket *s)
{
	struct lab *lab = arg;
	struct addr self, peer = { .family = 0 };

	if (!addr_from_sockaddr(&self, (const struct sockaddr *)s->self))
		return;
	addr_from_sockaddr(&peer, (const struct sockaddr *)s->peer);
	router_limits(lab->router, &self, &peer, &s->limits);
}

static void
on_tun(int fd, short what, void *arg)
{
	static uint8_t buf[PACKET_MAX];
	struct lab *lab = arg;
	enum router_side from = 0;
	ssize_t n;

	(void)what;
	while (lab->net.tun[from] != fd)
		from++;
	/* One at a time: PRIORITY_MTA says why. */
	if ((n = read(fd, buf, sizeof buf)) > 0)
		one_packet(lab, from, buf, (size_t)n);
}

void
net_start(struct lab *lab)
{
	struct net *net = &lab->net;

	net->rule_on = xcalloc(lab->cfg->net_rule_count + 1,
	    sizeof *net->rule_on);
	for (int i = 0; i < ROUTER_SIDES; i++) {
		net->tun_event[i] = event_new(lab->base, net->tun[i],
		    EV_READ | EV_PERSIST, on_tun, lab);
		event_priority_set(net->tun_event[i], i == ROUTER_INET ?
		    PRIORITY_INET : PRIORITY_MTA);
		event_add(net->tun_event[i], NULL);
	}
}

void
net_stop(struct lab *lab)
{
	struct net *net = &lab->net;

	net_say_again(lab);
	for (int i = 0; i < ROUTER_SIDES; i++) {
		event_free(net->tun_event[i]);
		close(net->tun[i]);
	}
	close(net->mta_ns);
	close(net->mta_netlink);
	free(net->rule_on);
}

static void
harness_fault(struct lab *lab, const char *text)
{
	struct event ev = { .kind = EV_HARNESS_FAULT, .text = text };

	event_emit(lab->cfg->sink, &ev);
}

static void
say_switched(struct lab *lab, const struct net_rule *nr, bool on)
{
	struct event ev = {
		.kind = EV_NETWORK, .rule = nr->rule.id,
		.host = nr->at != NULL ? nr->at : "link",
		.state = on ? net_state_word(nr->state) : "up",
	};

	event_emit(lab->cfg->sink, &ev);
}

static void
throw_route(struct lab *lab, const struct addr *dst, bool add)
{
	struct netlink_route_spec spec = {
		.kind = NETLINK_THROW, .family = dst->family, .dst = dst,
		.prefix = dst->family == AF_INET ? 32 : 128,
	};
	int nl = lab->net.mta_netlink;

	/* Two rules may name one address: the second finds it done. */
	if ((add ? netlink_route_add(nl, &spec) : netlink_route_del(nl, &spec))
	    < 0 && errno != ESRCH && errno != EEXIST)
		harness_fault(lab, "cannot switch a route");
}

static void
default_route_del(struct lab *lab, int family)
{
	struct netlink_route_spec spec = {
		.kind = NETLINK_DEV, .family = family,
		.ifindex = lab->net.mta_outside,
	};

	if (netlink_route_del(lab->net.mta_netlink, &spec) < 0 &&
	    errno != ESRCH)
		harness_fault(lab, "cannot remove the default route");
}

/*
 * Brings link and routes into the state that the rules ask for now: first
 * everything healthy, then what is broken.  Switches are rare, so the plain
 * way is the best one.
 */
static void
apply_rules(struct lab *lab)
{
	const struct lab_config *cfg = lab->cfg;
	struct net *net = &lab->net;
	const struct net_rule *nr;
	bool down = false;
	char *error;

	for (size_t i = 0; i < cfg->net_rule_count; i++) {
		nr = &cfg->net_rules[i];
		if (nr->state == NET_NO_ROUTE && !net->rule_on[i])
			for (size_t a = 0; a < nr->addr_count; a++)
				throw_route(lab, &nr->addrs[a], false);
		if (nr->state == NET_LINK_DOWN && net->rule_on[i] &&
		    nr->family == 0)
			down = true;
	}
	net->link_down = down;
	if (down) {
		netlink_link(net->mta_netlink, net->mta_outside, false, 0);
		return;
	}
	if ((error = net_outside_up(net, cfg)) != NULL)
		harness_fault(lab, error);
	free(error);
	for (size_t i = 0; i < cfg->net_rule_count; i++) {
		nr = &cfg->net_rules[i];
		if (!net->rule_on[i] || (nr->state != NET_NO_ROUTE &&
		    nr->state != NET_LINK_DOWN))
			continue;
		for (size_t a = 0; a < nr->addr_count; a++)
			if (nr->family == 0 ||
			    nr->family == nr->addrs[a].family)
				throw_route(lab, &nr->addrs[a], true);
		if (nr->addr_count > 0)
			continue;
		if (nr->family != AF_INET6 && cfg->mta_ipv4)
			default_route_del(lab, AF_INET);
		if (nr->family != AF_INET && cfg->mta_ipv6)
			default_route_del(lab, AF_INET6);
	}
}

static void
on_switch_time(void *arg)
{
	struct lab *lab = arg;

	lab->net_timer = NULL;
	net_switch(lab);
}

void
net_switch(struct lab *lab)
{
	int64_t now = lab_now(lab), t = now - lab->start_us, next = TIME_NEVER;
	const struct lab_config *cfg = lab->cfg;
	const struct net_rule *nr;
	bool on, kernel, change = false;

	for (size_t i = 0; i < cfg->net_rule_count; i++) {
		nr = &cfg->net_rules[i];
		kernel = nr->state == NET_LINK_DOWN ||
		    nr->state == NET_NO_ROUTE;
		on = router_rule_on(lab->router, nr, now);
		if (t < nr->rule.phase.from_us &&
		    nr->rule.phase.from_us < next)
			next = nr->rule.phase.from_us;
		if (t < nr->rule.phase.until_us &&
		    nr->rule.phase.until_us < next)
			next = nr->rule.phase.until_us;
		if (on == lab->net.rule_on[i])
			continue;
		lab->net.rule_on[i] = on;
		change |= kernel;
		if (kernel || nr->rule.phase.from_us > 0 ||
		    nr->rule.phase.until_us != TIME_NEVER)
			say_switched(lab, nr, on);
	}
	if (change)
		apply_rules(lab);
	timers_cancel(lab->timers, lab->net_timer);
	lab->net_timer = next == TIME_NEVER ? NULL :
	    timers_at(lab->timers, lab->start_us + next, on_switch_time, lab);
}

static void
connect_failed(void *arg, const struct clock_failure *cf)
{
	struct lab *lab = arg;
	struct event ev = { .kind = EV_CONNECT_FAILED, .text = cf->comm };
	char text[ADDR_STRLEN];
	struct net_rule *nr;
	struct addr peer;

	if (cf->peer == NULL || !addr_from_sockaddr(&peer,
	    (const struct sockaddr *)cf->peer))
		return;
	ev.addr = addr_format(&peer, text);
	ev.num = peer.port;
	ev.state = strerrorname_np(cf->error);
	for (size_t i = 0; i < lab->cfg->net_rule_count; i++) {
		nr = &lab->cfg->net_rules[i];
		if (lab->net.rule_on[i] && (nr->state == NET_LINK_DOWN ||
		    nr->state == NET_NO_ROUTE) && net_rule_about(nr, &peer)) {
			nr->rule.fired++;
			ev.rule = nr->rule.id;
			break;
		}
	}
	event_emit(lab->cfg->sink, &ev);
}

void
net_tell_failures(struct lab *lab)
{
	if (lab->clock != NULL)
		clock_failures(lab->clock, connect_failed, lab);
}

/* A packet may be read before the failure that led to it is looked for. */
void
net_packet_told(void *arg, struct event *ev)
{
	struct lab *lab = arg;

	net_tell_failures(lab);
	event_emit(lab->cfg->sink, ev);
}

/*
 * Which network rule decides on a packet, and what it says.
 */
#include "harness/lab/router_int.h"

bool
net_rule_about(const struct net_rule *nr, const struct addr *remote)
{
	if (nr->family != 0 && nr->family != remote->family)
		return false;
	for (size_t i = 0; i < nr->addr_count; i++)
		if (addr_same_ip(&nr->addrs[i], remote))
			return true;
	return nr->addr_count == 0;
}

bool
router_rule_on(const struct router *r, const struct net_rule *nr,
    int64_t now_us)
{
	const struct phase *ph = &nr->rule.phase;
	int64_t t = now_us - r->start_us;

	return r->started && t >= ph->from_us && t < ph->until_us;
}

static bool
decided_by_kernel(const struct net_rule *nr)
{
	return nr->state == NET_LINK_DOWN || nr->state == NET_NO_ROUTE;
}

static bool
proto_matches(const struct net_rule *nr, uint8_t proto)
{
	switch (nr->proto) {
	case NET_TCP:
		return proto == IPPROTO_TCP;
	case NET_UDP:
		return proto == IPPROTO_UDP;
	default:
		return true;
	}
}

struct net_rule *
router_rule_for(struct router *r, int64_t now_us, const struct addr *remote,
    uint8_t proto, bool contact)
{
	struct net_rule *nr, *found = NULL;
	const struct phase *ph;

	for (size_t i = 0; i < r->cfg.rule_count; i++) {
		nr = &r->cfg.rules[i];
		ph = &nr->rule.phase;
		if (decided_by_kernel(nr) || !proto_matches(nr, proto) ||
		    !net_rule_about(nr, remote))
			continue;
		if (contact)
			r->contacts[i]++;
		else if (ph->first != 0 || ph->after != 0)
			continue;
		if (found == NULL && router_rule_on(r, nr, now_us) &&
		    (!contact || phase_covers(ph, r->contacts[i],
		    now_us - r->start_us)))
			found = nr;
	}
	return found;
}

int
router_verdict_of(const struct net_rule *nr, uint8_t proto)
{
	switch (nr->state) {
	case NET_BLACKHOLE:
		return VANISH;
	case NET_REFUSE:
		return proto == IPPROTO_TCP ? RESET : ICMP + PACKET_ICMP_PORT;
	case NET_ICMP_NET:
		return ICMP + PACKET_ICMP_NET;
	case NET_ICMP_HOST:
		return ICMP + PACKET_ICMP_HOST;
	case NET_ICMP_PORT:
		return ICMP + PACKET_ICMP_PORT;
	case NET_ICMP_PROHIBITED:
		return ICMP + PACKET_ICMP_PROHIBITED;
	default:
		return PASS;
	}
}

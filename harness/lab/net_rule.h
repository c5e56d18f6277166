/*
 * A network fault between the MTA and the rest of the fake Internet that is
 * no single MX host's doing: its own link, its routes, its resolver's
 * reachability.  Pure data; phases are bounded by time only for what is
 * switched in the MTA's own namespace (link, no-route), by contacts too for
 * what the router decides packet by packet.
 */
#ifndef MXD_LAB_NET_RULE_H
#define MXD_LAB_NET_RULE_H

#include "harness/base/addr.h"
#include "harness/base/phase.h"

/* X(symbol, "word", "help"): values of `state:` under `network:`. */
#define NET_STATES(X)							\
	X(LINK_DOWN, "link-down", "the MTA's interface is down")		\
	X(NO_ROUTE, "no-route", "no route to the address (ENETUNREACH); without `at`: no default route") \
	X(BLACKHOLE, "blackhole", "packets to the address vanish")		\
	X(REFUSE, "refuse", "RST (TCP), ICMP port unreachable (UDP)")		\
	X(ICMP_NET, "icmp-net", "ICMP network unreachable")			\
	X(ICMP_HOST, "icmp-host", "ICMP host unreachable")			\
	X(ICMP_PORT, "icmp-port", "ICMP port unreachable")			\
	X(ICMP_PROHIBITED, "icmp-prohibited", "ICMP administratively prohibited")

enum net_state {
#define X(sym, word, help) NET_##sym,
	NET_STATES(X)
#undef X
	NET_STATE_COUNT
};

enum net_proto { NET_ANY_PROTO, NET_TCP, NET_UDP };

struct net_rule {
	struct rule	 rule;
	const char	*at;		/* as written: host, addr, resolver1 */
	const struct addr *addrs;	/* what `at` means; none: everything */
	size_t		 addr_count;
	int		 family;	/* AF_INET, AF_INET6; 0: both */
	enum net_proto	 proto;
	enum net_state	 state;
};

const char *net_state_word(enum net_state);
const char *net_state_help(enum net_state);

#endif

/*
 * What the files of the router share.
 */
#ifndef MXD_LAB_ROUTER_INT_H
#define MXD_LAB_ROUTER_INT_H

#include "harness/lab/router.h"

/* What becomes of a packet that is not let through. */
enum verdict {
	PASS, VANISH, RESET,
	ICMP,			/* ICMP + enum packet_icmp */
};

struct router {
	struct router_config cfg;
	struct flows	 flows;
	uint32_t	*contacts;	/* one a rule */
	bool		 started;
	int64_t		 start_us;
	struct addr	 self[2];	/* who sends the ICMP errors */
	uint8_t		 made[PACKET_MADE_MAX];
};

/*
 * The rule that decides on a packet to or from `remote`, or NULL.  A contact
 * counts for every rule that it matches, whichever decides.
 */
struct net_rule *router_rule_for(struct router *, int64_t now_us,
	    const struct addr *remote, uint8_t proto, bool contact);
/* An enum verdict. */
int	 router_verdict_of(const struct net_rule *, uint8_t proto);

#endif

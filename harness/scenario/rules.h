/*
 * All that a scenario gets wrong, one rule after the other: DNS, then host by
 * host its rules and its greylist, the network, the events of the MTA.  Who
 * asks the same of every rule walks here; who needs a fake's own members
 * finds them beside it.
 */
#ifndef MXD_SCENARIO_RULES_H
#define MXD_SCENARIO_RULES_H

#include "harness/scenario/scenario.h"

enum rule_kind {
	RULE_DNS, RULE_SMTP, RULE_GREYLIST, RULE_NETWORK, RULE_MTA,
};

struct scenario_rule {
	enum rule_kind	 kind;
	const struct rule *rule;	/* what all kinds have */
	/* Of SMTP and GREYLIST. */
	const struct fsmtp_host *host;
	/* The one that the kind says; NULL the others. */
	const struct fdns_rule *dns;
	const struct fsmtp_rule *smtp;
	const struct fsmtp_greylist *greylist;
	const struct net_rule *network;
	const struct mta_event *mta;
	/* Where the walk stands; the caller leaves it alone. */
	size_t		 at, host_at;
};

/*
 * The next rule; false after the last.
 *
 *	for (struct scenario_rule r = { 0 }; scenario_rules(sc, &r); )
 */
bool	 scenario_rules(const struct scenario *, struct scenario_rule *);

#endif

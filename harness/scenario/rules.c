#include "harness/scenario/rules.h"

/* The rule at r->at of the kind that r->kind says, or false. */
static bool
take_dns(const struct scenario *sc, struct scenario_rule *r)
{
	if (r->at >= sc->dns_count)
		return false;
	r->dns = &sc->dns[r->at];
	r->rule = &r->dns->rule;
	return true;
}

static bool
take_network(const struct scenario *sc, struct scenario_rule *r)
{
	if (r->at >= sc->network_count)
		return false;
	r->network = &sc->network[r->at];
	r->rule = &r->network->rule;
	return true;
}

static bool
take_mta(const struct scenario *sc, struct scenario_rule *r)
{
	if (r->at >= sc->mta_count)
		return false;
	r->mta = &sc->mta[r->at];
	r->rule = &r->mta->rule;
	return true;
}

/* A host's rules, and one more place for its greylist. */
static bool
take_host(const struct scenario *sc, struct scenario_rule *r)
{
	const struct fsmtp_host *h;

	for (; r->host_at < sc->host_count; r->host_at++, r->at = 0) {
		h = &sc->hosts[r->host_at];
		if (r->at < h->rule_count) {
			r->kind = RULE_SMTP;
			r->smtp = &h->rules[r->at];
			r->rule = &r->smtp->rule;
			r->host = h;
			return true;
		}
		if (r->at == h->rule_count && fsmtp_greylists(h)) {
			r->kind = RULE_GREYLIST;
			r->greylist = &h->greylist;
			r->rule = &h->greylist.rule;
			r->host = h;
			return true;
		}
	}
	return false;
}

static bool
take(const struct scenario *sc, struct scenario_rule *r)
{
	switch (r->kind) {
	case RULE_DNS:
		return take_dns(sc, r);
	case RULE_SMTP:
	case RULE_GREYLIST:
		return take_host(sc, r);
	case RULE_NETWORK:
		return take_network(sc, r);
	case RULE_MTA:
		return take_mta(sc, r);
	}
	return false;
}

bool
scenario_rules(const struct scenario *sc, struct scenario_rule *r)
{
	static const enum rule_kind after[] = {
		[RULE_DNS] = RULE_SMTP, [RULE_SMTP] = RULE_NETWORK,
		[RULE_GREYLIST] = RULE_NETWORK, [RULE_NETWORK] = RULE_MTA,
	};
	size_t at = r->rule != NULL ? r->at + 1 : 0;

	*r = (struct scenario_rule){ .kind = r->kind, .at = at,
	    .host_at = r->host_at };
	while (!take(sc, r)) {
		if (r->kind == RULE_MTA)
			return false;
		r->kind = after[r->kind];
		r->at = 0;
	}
	return true;
}

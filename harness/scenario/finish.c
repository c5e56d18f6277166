/*
 * What follows from the file as a whole: hosts that only the zone names,
 * addresses, the level, and from when on a working path is guaranteed.
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/lab/places.h"
#include "harness/scenario/parser.h"
#include "harness/scenario/requirement.h"
#include "harness/scenario/rules.h"

static struct fsmtp_host *
host_get(struct parser *p, const char *name, bool add)
{
	struct scenario *sc = p->sc;
	struct fsmtp_host *h;

	for (size_t i = 0; i < sc->host_count; i++)
		if (strcasecmp(sc->hosts[i].name, name) == 0)
			return &sc->hosts[i];
	if (!add)
		return NULL;
	h = arena_push(p->arena, &sc->hosts, &sc->host_count, sizeof *h);
	h->name = name;
	h->greylist.rule.id = "";
	return h;
}

/* One address belongs to one host: the first name that has it. */
static bool
taken(const struct scenario *sc, const struct addr *addr)
{
	for (size_t i = 0; i < sc->host_count; i++)
		for (size_t k = 0; k < sc->hosts[i].addr_count; k++)
			if (addr_same_ip(&sc->hosts[i].addrs[k], addr))
				return true;
	return false;
}

bool
scenario_is_mtas_own(const struct addr *addr)
{
	struct addr own;

	return (addr_parse(&own, LAB_MTA_IP4) && addr_same_ip(addr, &own)) ||
	    (addr_parse(&own, LAB_MTA_IP6) && addr_same_ip(addr, &own));
}

bool
scenario_in_lab(const struct addr *addr)
{
	if (addr->family == AF_INET)
		return addr->ip[0] == 198 && (addr->ip[1] & 0xfe) == 18;
	return addr->ip[0] == 0x20 && addr->ip[1] == 0x01 &&
	    addr->ip[2] == 0x0d && addr->ip[3] == 0xb8;
}

/*
 * A host without `addresses` has those of its name in every state of the
 * zone; a name in the zone alone becomes a healthy host.  Addresses outside
 * the lab's (loopback as a trap) are nobody's, and lint says so; so is the
 * MTA's own.
 */
static void
take_addresses(struct parser *p, const struct zone_scan *scan,
    const bool *given, size_t given_count)
{
	const struct zone_record *rec;
	struct fsmtp_host *h;
	struct addr addr, *list;
	size_t index;

	for (size_t i = 0; i < scan->count; i++) {
		rec = &scan->records[i];
		if ((strcmp(rec->type, "A") != 0 &&
		    strcmp(rec->type, "AAAA") != 0) || rec->owner[0] == '*' ||
		    !addr_parse(&addr, rec->data) ||
		    scenario_is_mtas_own(&addr) ||
		    !scenario_in_lab(&addr) || taken(p->sc, &addr))
			continue;
		h = host_get(p, rec->owner, true);
		index = (size_t)(h - p->sc->hosts);
		if (index < given_count && given[index])
			continue;
		list = arena_array(p->arena, h->addr_count + 1, sizeof *list);
		if (h->addr_count > 0)
			memcpy(list, h->addrs, h->addr_count * sizeof *list);
		list[h->addr_count++] = addr;
		h->addrs = list;
	}
}

static void
finish_hosts(struct parser *p)
{
	struct scenario *sc = p->sc;
	size_t given_count = sc->host_count;
	bool *given = arena_array(p->arena, given_count + 1, sizeof *given);
	struct zone_scan scan;

	for (size_t i = 0; i < given_count; i++)
		given[i] = sc->hosts[i].addr_count > 0;
	for (size_t z = 0; z < sc->zone_count; z++) {
		zone_scan(p->arena, sc->zones[z].text, &scan);
		take_addresses(p, &scan, given, given_count);
	}
	/* A name of the zone wins over the lab's own of the same name. */
	for (size_t i = 0; i < given_count; i++)
		given[i] = sc->hosts[i].addr_count > 0;
	zone_scan(p->arena, scenario_builtin_zone, &scan);
	take_addresses(p, &scan, given, given_count);
	if (!sc->search_trap)
		return;
	zone_scan(p->arena, scenario_search_trap_zone, &scan);
	take_addresses(p, &scan, given, given_count);
}

/* Is the host below the DOMAIN of "*.DOMAIN"? */
static bool
is_below(const char *name, const char *pattern)
{
	size_t len = strlen(name), n = strlen(pattern + 1);

	return len > n && strcasecmp(name + len - n, pattern + 1) == 0;
}

/* What is said of all hosts of a domain comes after what is said of one. */
static void
take_pattern(struct parser *p, struct fsmtp_host *h,
    const struct fsmtp_host *pattern)
{
	struct fsmtp_rule *rule;

	for (size_t i = 0; i < pattern->rule_count; i++) {
		rule = arena_push(p->arena, &h->rules, &h->rule_count,
		    sizeof *rule);
		*rule = pattern->rules[i];
	}
	if (!fsmtp_greylists(h) && fsmtp_greylists(pattern))
		h->greylist = pattern->greylist;
	if (h->keywords == NULL) {
		h->keywords = pattern->keywords;
		h->keyword_count = pattern->keyword_count;
	}
}

static void
finish_patterns(struct parser *p)
{
	const struct fsmtp_host *pattern;
	bool met;

	for (size_t i = 0; i < p->pattern_count; i++) {
		pattern = &p->patterns[i];
		met = false;
		for (size_t k = 0; k < p->sc->host_count; k++)
			if (is_below(p->sc->hosts[k].name, pattern->name)) {
				take_pattern(p, &p->sc->hosts[k], pattern);
				met = true;
			}
		if (!met)
			lint_no_host_below(p, pattern->name);
	}
}

static void
add_addr(struct parser *p, struct net_rule *r, const char *text)
{
	struct addr *list;

	list = arena_array(p->arena, r->addr_count + 1, sizeof *list);
	if (r->addr_count > 0)
		memcpy(list, r->addrs, r->addr_count * sizeof *list);
	if (addr_parse(&list[r->addr_count], text))
		r->addr_count++;
	r->addrs = list;
}

/* `at: NAME` stands for addresses; unknown names are left to lint. */
static void
finish_network(struct parser *p, struct net_rule *r)
{
	const struct fsmtp_host *h;
	bool both;

	if (r->at == NULL)
		return;
	both = strcmp(r->at, "resolvers") == 0;
	if (both || strcmp(r->at, "resolver1") == 0) {
		add_addr(p, r, LAB_RESOLVER1_IP4);
		add_addr(p, r, LAB_RESOLVER1_IP6);
	}
	if (both || strcmp(r->at, "resolver2") == 0) {
		add_addr(p, r, LAB_RESOLVER2_IP4);
		add_addr(p, r, LAB_RESOLVER2_IP6);
	}
	if (r->addr_count == 0 &&
	    (h = host_get(p, r->at, false)) != NULL) {
		r->addrs = h->addrs;
		r->addr_count = h->addr_count;
	}
	if (r->addr_count == 0)
		add_addr(p, r, r->at);
}

static void
finish_level(struct parser *p)
{
	struct scenario *sc = p->sc;
	const struct requirement *r;

	sc->level_is_given = yaml_get(p->root, "level") != NULL ||
	    sc->covers_count == 0;
	if (sc->level_is_given)
		return;
	sc->level = LEVEL_INFO;
	for (size_t i = 0; i < sc->covers_count; i++)
		if ((r = requirement_find(sc->covers[i])) != NULL &&
		    requirement_level(r) < sc->level)
			sc->level = requirement_level(r);
}

/* By when this rule's fault has ended; 0: time does not end it. */
static int64_t
end_of(const struct scenario_rule *r)
{
	if (r->kind == RULE_MTA)
		return r->mta->verb == MTA_START ? r->rule->phase.from_us : 0;
	if (r->kind == RULE_GREYLIST)
		return r->greylist->delay_us;
	return r->rule->phase.until_us == TIME_NEVER ? 0 :
	    r->rule->phase.until_us;
}

/*
 * The end of the last fault that is bounded in time, or the last change of
 * the zone.  Faults bounded by a count end when they end: the judge takes
 * their last firing.  Faults without an end are the world as it is; where
 * they leave no path, the file says `repair: never`.
 */
static void
finish_repair(struct scenario *sc)
{
	int64_t repair = 0;

	if (sc->repair_us >= 0)
		return;
	for (size_t i = 0; i < sc->zone_count; i++)
		if (sc->zones[i].from_us > repair)
			repair = sc->zones[i].from_us;
	for (struct scenario_rule r = { 0 }; scenario_rules(sc, &r); )
		if (end_of(&r) > repair)
			repair = end_of(&r);
	sc->repair_us = repair;
}

void
scenario_finish(struct parser *p)
{
	finish_hosts(p);
	finish_patterns(p);
	for (size_t i = 0; i < p->sc->network_count; i++)
		finish_network(p, &p->sc->network[i]);
	finish_level(p);
	finish_repair(p->sc);
}

#include "harness/scenario/lint_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "fake_smtp/grammar.h"
#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/scenario/requirement.h"

static const struct {
	const char	*name;
	enum diag_level	 level;
	const char	*help;
} rules[] = {
#define X(sym, name, level, help) { name, level, help },
	LINT_RULES(X)
#undef X
};

struct diag *
lint_found(struct parser *p, enum lint_rule rule, struct loc loc,
    const char *what)
{
	struct diag *d;

	/* A rule for many hosts is wrong once. */
	for (size_t i = 0; i < p->diags->count; i++) {
		d = &p->diags->items[i];
		if (d->line == loc.line && d->col == loc.col &&
		    d->rule == rules[rule].name &&
		    strncmp(d->message, what, strlen(what)) == 0)
			return d;
	}
	d = diags_add(p->diags, rules[rule].level, p->path, loc.line, loc.col,
	    "%s: %s", what, rules[rule].help);
	d->rule = rules[rule].name;
	return d;
}

void
lint_no_host_below(struct parser *p, const char *pattern)
{
	const struct node *map = yaml_get(p->root, "hosts");
	struct loc loc = p->root->loc;

	for (size_t i = 0; map != NULL && i < map->count; i++)
		if (strcmp(map->items[i].text, pattern) == 0)
			loc = map->items[i].loc;
	lint_found(p, L_NO_HOST_BELOW, loc, pattern);
}

/* A rule's id is its place. */
static struct loc
rule_loc(const struct rule *rule)
{
	struct loc loc = { 0, 0 };
	char *end;

	loc.line = (int)strtol(rule->id, &end, 10);
	if (*end == ':')
		loc.col = atoi(end + 1);
	return loc;
}

static struct loc
node_loc(const struct node *node, const char *key, size_t i)
{
	const struct node *v = yaml_get(node, key);

	if (v == NULL)
		return node->loc;
	return v->kind == NODE_LIST && i < v->count ? v->items[i].loc :
	    v->loc;
}

static const char *
nearest_requirement(const char *to)
{
	const char *ids[512];
	size_t n = 0;

	while (n < requirement_count() && n < sizeof ids / sizeof *ids) {
		ids[n] = requirement_at(n)->id;
		n++;
	}
	return diag_nearest(to, ids, n);
}

static void
lint_covers(struct parser *p)
{
	struct scenario *sc = p->sc;

	for (size_t i = 0; i < sc->covers_count; i++)
		if (requirement_find(sc->covers[i]) == NULL)
			lint_found(p, L_COVERS_UNKNOWN, node_loc(p->root,
			    "covers", i), sc->covers[i])->meant =
			    nearest_requirement(sc->covers[i]);
	if (sc->covers_count == 0)
		lint_found(p, L_COVERS_NOTHING, p->root->loc, "covers");
}

static const struct fsmtp_host *
find_host(const struct scenario *sc, const char *name)
{
	for (size_t i = 0; i < sc->host_count; i++)
		if (strcasecmp(sc->hosts[i].name, name) == 0)
			return &sc->hosts[i];
	return NULL;
}

static void
need_host(struct parser *p, struct loc loc, const char *name)
{
	const char *names[64], *meant;
	size_t n = 0;

	if (find_host(p->sc, name) != NULL)
		return;
	for (size_t i = 0; i < p->sc->host_count && n < 64; i++)
		names[n++] = p->sc->hosts[i].name;
	/* The names die with the scenario, the diagnostics do not. */
	meant = diag_nearest(name, names, n);
	lint_found(p, L_UNKNOWN_HOST, loc, name)->meant = meant == NULL ? NULL :
	    arena_strdup(p->diags->arena, meant);
}

static void
lint_hosts(struct parser *p)
{
	const struct node *map = yaml_get(p->root, "hosts");
	struct scenario *sc = p->sc;
	char text[ADDR_STRLEN];

	for (size_t i = 0; i < sc->host_count; i++) {
		const struct fsmtp_host *h = &sc->hosts[i];
		struct loc loc = p->root->loc;

		for (size_t k = 0; map != NULL && k < map->count; k++)
			if (strcasecmp(map->items[k].text, h->name) == 0)
				loc = map->items[k].loc;
		if (h->addr_count == 0 && !lint_zone_address(p, h))
			lint_found(p, L_HOST_WITHOUT_ADDRESS, loc, h->name);
		for (size_t a = 0; a < h->addr_count; a++) {
			if (!scenario_in_lab(&h->addrs[a]))
				lint_found(p, L_ADDRESS_OUTSIDE, loc,
				    addr_format(&h->addrs[a], text));
			for (size_t j = 0; j < i; j++)
				for (size_t b = 0; b < sc->hosts[j].addr_count;
				    b++)
					if (addr_same_ip(&h->addrs[a],
					    &sc->hosts[j].addrs[b]))
						lint_found(p, L_ADDRESS_TWICE,
						    loc, h->name);
		}
	}
}

static void
lint_phase(struct parser *p, const struct rule *rule)
{
	if (rule->phase.until_us <= rule->phase.from_us)
		lint_found(p, L_PHASE_EMPTY, rule_loc(rule), "phase");
}

static bool
always(const struct rule *rule)
{
	return rule->phase.first == 0 && rule->phase.after == 0 &&
	    rule->phase.from_us == 0 && rule->phase.until_us == TIME_NEVER;
}

static bool
same_or_any(const char *a, const char *b)
{
	return a == NULL || (b != NULL && strcasecmp(a, b) == 0);
}

/* Does `a` match all that `b` matches? */
static bool
dns_covers(const struct fdns_rule *a, const struct fdns_rule *b)
{
	return same_or_any(a->name, b->name) &&
	    (a->type == 0 || a->type == b->type) &&
	    (a->transport == FDNS_ANY || a->transport == b->transport) &&
	    (a->resolver == 0 || a->resolver == b->resolver) &&
	    (a->edns == FDNS_EDNS_ANY || a->edns == b->edns) &&
	    a->name_case == FDNS_CASE_ANY && a->piece_count == 0;
}

static bool
smtp_covers(const struct fsmtp_rule *a, const struct fsmtp_rule *b)
{
	return a->stage == b->stage && a->client.family == 0 &&
	    same_or_any(a->sender, b->sender) &&
	    same_or_any(a->recipient, b->recipient) &&
	    (a->nth_in_session == 0 ||
	    a->nth_in_session == b->nth_in_session) &&
	    a->from_nth == 0 && a->after_rcpts == 0 &&
	    (a->family == 0 || a->family == b->family);
}

static void
lint_dns(struct parser *p)
{
	struct scenario *sc = p->sc;

	for (size_t i = 0; i < sc->dns_count; i++) {
		const struct fdns_rule *r = &sc->dns[i];

		lint_phase(p, &r->rule);
		if (r->resolver > sc->resolvers)
			lint_found(p, L_SECOND_RESOLVER, rule_loc(&r->rule),
			    "resolver: 2");
		for (size_t j = 0; j < i; j++)
			if (always(&sc->dns[j].rule) &&
			    dns_covers(&sc->dns[j], r)) {
				lint_found(p, L_FAULT_NEVER_REACHABLE,
				    rule_loc(&r->rule), "dns");
				break;
			}
	}
}

static void
lint_host_rules(struct parser *p)
{
	struct scenario *sc = p->sc;

	for (size_t h = 0; h < sc->host_count; h++)
		for (size_t i = 0; i < sc->hosts[h].rule_count; i++) {
			const struct fsmtp_rule *r = &sc->hosts[h].rules[i];

			lint_phase(p, &r->rule);
			if ((r->family == AF_INET && !sc->mta_ipv4) ||
			    (r->family == AF_INET6 && !sc->mta_ipv6))
				lint_found(p, L_FAMILY_WITHOUT_HOST,
				    rule_loc(&r->rule), "family");
			for (size_t j = 0; j < i; j++)
				if (always(&sc->hosts[h].rules[j].rule) &&
				    smtp_covers(&sc->hosts[h].rules[j], r)) {
					lint_found(p, L_FAULT_NEVER_REACHABLE,
					    rule_loc(&r->rule),
					    sc->hosts[h].name);
					break;
				}
		}
}

static void
lint_network(struct parser *p)
{
	struct scenario *sc = p->sc;

	for (size_t i = 0; i < sc->network_count; i++) {
		const struct net_rule *r = &sc->network[i];
		bool counted = r->rule.phase.first != 0 ||
		    r->rule.phase.after != 0;

		lint_phase(p, &r->rule);
		if (counted && (r->state == NET_LINK_DOWN ||
		    r->state == NET_NO_ROUTE))
			lint_found(p, L_COUNT_PHASE_ON_LINK, rule_loc(&r->rule),
			    word_of(words_state, r->state));
		if (r->at != NULL && strcmp(r->at, "resolver2") == 0 &&
		    sc->resolvers < 2)
			lint_found(p, L_SECOND_RESOLVER, rule_loc(&r->rule),
			    "at: resolver2");
		else if (r->at != NULL && r->addr_count == 0)
			need_host(p, rule_loc(&r->rule), r->at);
	}
}

static void
lint_mta(struct parser *p)
{
	struct scenario *sc = p->sc;
	bool stopped = false;

	for (size_t i = 0; i < sc->mta_count; i++) {
		const struct mta_event *ev = &sc->mta[i];

		if (ev->host != NULL)
			need_host(p, rule_loc(&ev->rule), ev->host);
		if (ev->verb == MTA_START && !stopped)
			lint_found(p, L_START_WITHOUT_STOP, rule_loc(&ev->rule),
			    "mta");
		if (ev->verb == MTA_STOP)
			stopped = true;
	}
}

static bool
address_ok(const char *address)
{
	return smtp_mailbox_valid((struct span){ address, strlen(address) });
}

static bool
goes_to(const struct message *m, const char *recipient)
{
	for (size_t i = 0; i < m->to_count; i++)
		if (strcmp(m->to[i], recipient) == 0)
			return true;
	return false;
}

/* Where the file says this of the message; `send` is short for one. */
static struct loc
message_loc(const struct parser *p, const struct message *m, const char *key,
    size_t i)
{
	const struct node *node = yaml_get(p->root, "messages");
	size_t n = (size_t)(m - p->sc->messages);

	if (node == NULL)
		return node_loc(p->root, "send", i);
	return node_loc(node->kind == NODE_LIST ? &node->items[n] : node, key,
	    i);
}

static bool
notify_ok(const char *v)
{
	static const char *const words[] = { "SUCCESS", "FAILURE", "DELAY" };
	size_t n, w;

	if (strcasecmp(v, "NEVER") == 0)
		return true;
	for (;; v += n + 1) {
		n = strcspn(v, ",");
		for (w = 0; w < 3 && (strlen(words[w]) != n ||
		    strncasecmp(words[w], v, n) != 0); w++)
			;
		if (w == 3)
			return false;
		if (v[n] == '\0')
			return true;
	}
}

static bool
envid_ok(const char *v)
{
	size_t len = strlen(v);

	for (size_t i = 0; i < len; i++)
		if (v[i] < ' ' || v[i] > '~')
			return false;
	/* RFC 3461 4.4: 100 characters, as they are on the wire. */
	return len > 0 && smtp_xtext_len((struct span){ v, len }) <= 100;
}

static void
lint_dsn_parameters(struct parser *p, const struct message *m)
{
	if (m->notify != NULL && !notify_ok(m->notify))
		lint_found(p, L_BAD_NOTIFY, message_loc(p, m, "notify", 0),
		    m->notify);
	if (m->ret != NULL && strcasecmp(m->ret, "FULL") != 0 &&
	    strcasecmp(m->ret, "HDRS") != 0)
		lint_found(p, L_BAD_RET, message_loc(p, m, "ret", 0), m->ret);
	if (m->envid != NULL && !envid_ok(m->envid))
		lint_found(p, L_BAD_ENVID, message_loc(p, m, "envid", 0),
		    m->envid);
}

static void
lint_message(struct parser *p, const struct message *m)
{
	struct scenario *sc = p->sc;

	if (*m->from != '\0' && !address_ok(m->from))
		lint_found(p, L_BAD_ADDRESS, message_loc(p, m, "from", 0),
		    m->from);
	else
		lint_sender(p, m, message_loc(p, m, "from", 0));
	for (size_t i = 0; i < m->to_count; i++) {
		if (!address_ok(m->to[i]))
			lint_found(p, L_BAD_ADDRESS, message_loc(p, m, "to", i),
			    m->to[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(m->to[i], m->to[j]) == 0)
				lint_found(p, L_DUPLICATE_RECIPIENT, m->loc,
				    m->to[i]);
		for (size_t k = 0; *m->from == '\0' && k < sc->message_count;
		    k++)
			if ((&sc->messages[k] != m || m->count > 1) &&
			    goes_to(&sc->messages[k], m->to[i]))
				lint_found(p, L_NULL_SENDER_RECIPIENT, m->loc,
				    m->to[i]);
	}
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Does the expectation ask for a report with this action? */
static bool
wants_report(const struct expectation *ex, enum report_action action)
{
	for (size_t i = 0; i < ex->report_count; i++)
		if (ex->reports[i].action == action)
			return true;
	return false;
}

static void
lint_report_counts(struct parser *p, const struct expectation *ex)
{
	const struct {
		const char *what;
		int least, most;
		enum report_action action;
	} counts[] = {
		{ "delays-min and delays-max", ex->delays_min, ex->delays_max,
		    REPORT_DELAYED },
		{ "relayed-min and relayed-max", ex->relayed_min,
		    ex->relayed_max, REPORT_RELAYED },
	};

	for (size_t i = 0; i < 2; i++) {
		if (counts[i].most >= 0 && counts[i].least > counts[i].most)
			lint_found(p, L_OUTCOME_CONTRADICTION, ex->loc,
			    counts[i].what);
		if (counts[i].most == 0 && wants_report(ex, counts[i].action))
			lint_found(p, L_OUTCOME_CONTRADICTION, ex->loc,
			    "a report of which there must be none");
	}
}

static void
lint_contradiction(struct parser *p, const struct expectation *ex)
{
	verdict_set delivered = VSET(V_DELIVERED) | VSET(V_DELIVERED_LATE) |
	    VSET(V_DUPLICATE_EXCUSED) | VSET(V_DUPLICATE) |
	    VSET(V_DELIVERED_TOO_LATE);
	verdict_set bounced = VSET(V_BOUNCED_CORRECT) | VSET(V_LATE_BOUNCE) |
	    VSET(V_BOUNCED_MALFORMED) | VSET(V_DUPLICATE_DSN) |
	    VSET(V_PREMATURE_BOUNCE);
	verdict_set all = ex->outcome | ex->tolerate;

	if (ex->within_us != 0 && ex->not_before_us >= ex->within_us)
		lint_found(p, L_OUTCOME_CONTRADICTION, ex->loc,
		    "within and not-before");
	if (ex->attempts_max != 0 && ex->attempts_min > ex->attempts_max)
		lint_found(p, L_OUTCOME_CONTRADICTION, ex->loc,
		    "attempts-min and attempts-max");
	if (ex->outcome != 0 && ex->via != NULL && !(all & delivered))
		lint_found(p, L_OUTCOME_CONTRADICTION, ex->outcome_loc,
		    "via without an outcome that delivers");
	if (ex->outcome != 0 && ex->status != NULL && !(all & bounced))
		lint_found(p, L_OUTCOME_CONTRADICTION, ex->outcome_loc,
		    "status without an outcome that bounces");
	for (size_t i = 0; i < ex->report_count; i++)
		if (ex->outcome != 0 && !(all & bounced) &&
		    ex->reports[i].action == REPORT_FAILED)
			lint_found(p, L_OUTCOME_CONTRADICTION,
			    ex->reports[i].loc, "a report of failure without "
			    "an outcome that bounces");
	lint_report_counts(p, ex);
	if (ex->outcome & ex->tolerate)
		lint_found(p, L_OUTCOME_CONTRADICTION, ex->outcome_loc,
		    "the same word in outcome and tolerate");
}

static bool
says_nothing(const struct expectation *ex)
{
	return ex->outcome == 0 && ex->within_us == 0 && ex->via == NULL &&
	    ex->not_before_us == 0 && ex->status == NULL &&
	    ex->attempts_min == 0 && ex->attempts_max == 0 &&
	    ex->copies_max == 0 && ex->report_count == 0 &&
	    ex->delays_min == 0 && ex->delays_max < 0 &&
	    ex->relayed_min == 0 && ex->relayed_max < 0;
}

static void
lint_expect(struct parser *p)
{
	struct scenario *sc = p->sc;

	for (size_t i = 0; i < sc->expect_count; i++) {
		const struct expectation *ex = &sc->expect[i];
		bool message = ex->message == NULL, rcpt =
		    ex->recipient == NULL;

		for (size_t k = 0; k < sc->message_count; k++) {
			const struct message *m = &sc->messages[k];

			message |= same(ex->message, m->key);
			if (ex->recipient != NULL && (ex->message == NULL ||
			    same(ex->message, m->key)))
				rcpt |= goes_to(m, ex->recipient);
		}
		if (!message)
			lint_found(p, L_EXPECT_MESSAGE, ex->loc, ex->message);
		else if (!rcpt)
			lint_found(p, L_EXPECT_RECIPIENT, ex->loc,
			    ex->recipient);
		if (says_nothing(ex))
			lint_found(p, L_EXPECT_NOTHING, ex->loc, "expect");
		for (size_t j = 0; j < i; j++)
			if (ex->outcome != 0 && sc->expect[j].outcome != 0 &&
			    same(ex->message, sc->expect[j].message) &&
			    same(ex->recipient, sc->expect[j].recipient))
				lint_found(p, L_EXPECT_TWICE, ex->loc,
				    "expect");
		if (ex->via != NULL)
			need_host(p, ex->loc, ex->via);
		lint_contradiction(p, ex);
	}
}

static void
lint_smarthosts(struct parser *p)
{
	struct scenario *sc = p->sc;
	struct loc loc;

	for (size_t i = 0; i < sc->smarthost_count; i++) {
		loc = node_loc(p->root, "smarthosts", i);
		need_host(p, loc, sc->smarthosts[i]);
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(sc->smarthosts[i],
			    sc->smarthosts[k]) == 0)
				lint_found(p, L_SMARTHOST_TWICE, loc,
				    sc->smarthosts[i]);
	}
	if (sc->smarthost_count > 0 && sc->relay_domain != NULL)
		lint_found(p, L_SMARTHOST_RELAY, node_loc(p->root,
		    "relay-domain", 0), sc->relay_domain);
}

void
scenario_lint(struct parser *p)
{
	static const char *const lists[] = { "untouched", "order", "spread" };
	struct checks *c = &p->sc->checks;
	const char *const *texts[] = { c->untouched, c->order, c->spread };
	size_t counts[] = { c->untouched_count, c->order_count,
	    c->spread_count };

	lint_covers(p);
	lint_zones(p);
	lint_hosts(p);
	lint_smarthosts(p);
	lint_dns(p);
	lint_host_rules(p);
	lint_network(p);
	lint_mta(p);
	for (size_t i = 0; i < p->sc->message_count; i++) {
		lint_message(p, &p->sc->messages[i]);
		lint_dsn_parameters(p, &p->sc->messages[i]);
	}
	lint_expect(p);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < counts[i]; k++)
			need_host(p, node_loc(p->root, lists[i], k),
			    texts[i][k]);
}

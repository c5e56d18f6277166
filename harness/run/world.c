#include "harness/run/world.h"

#include <string.h>

#include "fake_dns/fake_dns.h"
#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/lab/lab.h"
#include "harness/lab/places.h"
#include "harness/scenario/mailbox.h"
#include "harness/scenario/rules.h"
#include "harness/scenario/zone_scan.h"

/* X(name, IPv4, IPv6): hosts that every lab has. */
#define OUR_HOSTS(X)							\
	X(WORLD_SENDER_MX, "198.18.0.10", "2001:db8:2::10")		\
	X(WORLD_HEALTHY_MX, "198.18.0.11", "2001:db8:2::11")		\
	X(WORLD_CONTROL_MX, "198.18.0.20", "2001:db8:2::20")		\
	X(LAB_DECOY_NAME, "198.18.0.66", "2001:db8:2::66")

static const struct {
	const char *name, *ip4, *ip6;
} our_hosts[] = {
#define X(name, ip4, ip6) { name, ip4, ip6 },
	OUR_HOSTS(X)
#undef X
};

/* Names of our own end that MTAs look up backwards. */
static const char reverse_zone[] =
    "1.2.0.192.in-addr.arpa. PTR " LAB_MTA_NAME ".\n"
    "25.2.0.192.in-addr.arpa. PTR client.sut.test.\n";

static bool
sender_is_redefined(const struct scenario *sc)
{
	struct zone_scan scan;

	for (size_t i = 0; i < sc->zone_count; i++) {
		zone_scan(sc->arena, sc->zones[i].text, &scan);
		if (zone_find(&scan, "s.test", NULL, 0) != NULL)
			return true;
	}
	return false;
}

static bool
has_host(const struct scenario *sc, const char *name)
{
	for (size_t i = 0; i < sc->host_count; i++)
		if (strcmp(sc->hosts[i].name, name) == 0)
			return true;
	return false;
}

static void
add_our_hosts(struct world *w, struct scenario *sc)
{
	struct fsmtp_host *h;
	struct addr *addrs;

	for (size_t i = 0; i < sizeof our_hosts / sizeof *our_hosts; i++) {
		if (has_host(sc, our_hosts[i].name) ||
		    (strcmp(our_hosts[i].name, WORLD_HEALTHY_MX) == 0 &&
		    !sc->healthy_senders) ||
		    (strcmp(our_hosts[i].name, LAB_DECOY_NAME) == 0 &&
		    !sc->search_trap))
			continue;
		h = arena_push(sc->arena, &w->hosts, &w->host_count,
		    sizeof *h);
		addrs = arena_array(sc->arena, 2, sizeof *addrs);
		addr_parse(&addrs[0], our_hosts[i].ip4);
		addr_parse(&addrs[1], our_hosts[i].ip6);
		h->name = our_hosts[i].name;
		h->addrs = addrs;
		h->addr_count = 2;
	}
}

/* `sender-domains: healthy`: the domains that no zone has get a host. */
static void
put_senders(struct sbuf *b, const struct scenario *sc)
{
	const char *domain;

	if (!sc->healthy_senders)
		return;
	sbuf_puts(b, WORLD_HEALTHY_MX ". 3600 IN A 198.18.0.11\n"
	    WORLD_HEALTHY_MX ". 3600 IN AAAA 2001:db8:2::11\n");
	for (size_t i = 0; i < sc->message_count; i++) {
		domain = mailbox_domain(sc->messages[i].from);
		if (*domain != '\0' && *domain != '[' &&
		    !mailbox_sent_before(sc, i, domain) &&
		    mailbox_of(sc, domain) == MAILBOX_NONE)
			sbuf_printf(b, "%s. 3600 IN MX 10 " WORLD_HEALTHY_MX
			    ".\n", domain);
	}
}

/* What every lab has, less the senders' domain if the scenario has its own. */
static const char *
common_zone(const struct scenario *sc)
{
	const bool own = sender_is_redefined(sc);
	const char *line = scenario_builtin_zone, *end, *zone;
	struct sbuf b = { 0 };

	for (; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (own && (strncmp(line, "s.test.", 7) == 0 ||
		    strncmp(line, "mx.s.test.", 10) == 0))
			continue;
		sbuf_add(&b, line, (size_t)(end + 1 - line));
	}
	put_senders(&b, sc);
	zone = arena_printf(sc->arena, "%s%s%s", sbuf_str(&b),
	    sc->search_trap ? scenario_search_trap_zone : "", reverse_zone);
	sbuf_fini(&b);
	return zone;
}

void
world_build(struct world *w, struct scenario *sc)
{
	const struct fsmtp_host *h;
	struct addr *a;

	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < sc->host_count; i++)
		*(struct fsmtp_host *)arena_push(sc->arena, &w->hosts,
		    &w->host_count, sizeof *w->hosts) = sc->hosts[i];
	add_our_hosts(w, sc);
	for (size_t i = 0; i < w->host_count; i++) {
		h = &w->hosts[i];
		for (size_t k = 0; k < h->addr_count; k++) {
			a = arena_push(sc->arena, &w->addrs, &w->addr_count,
			    sizeof *a);
			*a = h->addrs[k];
		}
	}
	w->zone = common_zone(sc);
}

const struct fsmtp_host *
world_host(const struct world *w, const struct addr *addr)
{
	for (size_t i = 0; i < w->host_count; i++)
		for (size_t k = 0; k < w->hosts[i].addr_count; k++)
			if (addr_same_ip(&w->hosts[i].addrs[k], addr))
				return &w->hosts[i];
	return NULL;
}

struct emitter {
	const struct world	*world;
	const struct event_sink	*sink;
	const char		*domain;
	unsigned		 found;
	int			 rank;	/* of the smarthost; -1: by MX */
};

static void
emit_legit_host(void *ctx, int preference, const char *name,
    const struct addr *addr)
{
	struct emitter *em = ctx;
	const struct fsmtp_host *h = world_host(em->world, addr);
	char text[ADDR_STRLEN];
	struct event ev = { .kind = EV_FLAG, .name = "legit" };

	em->found++;
	ev.rcpt = em->domain;
	ev.host = h != NULL ? h->name : name;
	ev.addr = addr_format(addr, text);
	ev.num = em->rank >= 0 ? em->rank : preference;
	event_emit(em->sink, &ev);
}

static bool
seen_before(const char *const *seen, size_t count, const char *domain)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(seen[i], domain) == 0)
			return true;
	return false;
}

/* user@[192.0.2.1]: the literal is the one legitimate host. */
static bool
emit_literal(struct emitter *em)
{
	struct addr addr;
	char text[ADDR_STRLEN];
	const char *p = em->domain;
	size_t len = strlen(p);

	if (len < 3 || len >= sizeof text || p[0] != '[')
		return false;
	if (strncasecmp(p, "[IPv6:", 6) == 0)
		p += 5;
	snprintf(text, sizeof text, "%.*s", (int)strcspn(p + 1, "]"), p + 1);
	if (addr_parse(&addr, text))
		emit_legit_host(em, 0, text, &addr);
	return true;
}

/* They are legitimate for all mail, and nobody else is. */
static void
emit_smarthosts(struct emitter *em, const struct scenario *sc,
    struct fdns *dns)
{
	for (size_t i = 0; i < sc->smarthost_count; i++) {
		em->rank = (int)i;
		fdns_mail_hosts(dns, sc->smarthosts[i], emit_legit_host, em);
	}
}

static void
emit_domain(struct emitter *em, const struct scenario *sc, struct fdns *dns,
    const char *domain)
{
	struct event none = { .kind = EV_FLAG, .name = "legit" };

	em->domain = domain;
	em->found = 0;
	if (sc->smarthost_count > 0)
		emit_smarthosts(em, sc, dns);
	else if (!emit_literal(em))
		fdns_mail_hosts(dns, domain, emit_legit_host, em);
	none.rcpt = domain;
	if (em->found == 0)
		event_emit(em->sink, &none);
}

static void
add_domain(const struct scenario *sc, const char ***list, size_t *count,
    const char *domain)
{
	if (*domain != '\0' && *domain != '*' &&
	    !seen_before(*list, *count, domain))
		*(const char **)arena_push(sc->arena, list, count,
		    sizeof **list) = domain;
}

/*
 * The recipients', and the senders', where reports go; and what else the
 * zones name as mail domains: the MTA's own tables may lead there.
 */
static size_t
list_domains(const struct scenario *sc, const char ***list)
{
	struct zone_scan scan;
	size_t count = 0;

	*list = NULL;
	for (size_t i = 0; i < sc->message_count; i++) {
		const struct message *m = &sc->messages[i];

		for (size_t k = 0; k <= m->to_count; k++)
			add_domain(sc, list, &count, mailbox_domain(k <
			    m->to_count ? m->to[k] : m->from));
	}
	for (size_t z = 0; z < sc->zone_count; z++) {
		zone_scan(sc->arena, sc->zones[z].text, &scan);
		for (size_t i = 0; i < scan.count; i++)
			if (strcmp(scan.records[i].type, "MX") == 0)
				add_domain(sc, list, &count,
				    scan.records[i].owner);
	}
	return count;
}

void
world_emit_legit(const struct world *w, const struct scenario *sc,
    struct fdns *dns, const struct event_sink *sink)
{
	struct emitter em = { .world = w, .sink = sink, .rank = -1 };
	const char **domains;
	size_t count = list_domains(sc, &domains);

	for (size_t i = 0; i < count; i++)
		emit_domain(&em, sc, dns, domains[i]);
}

static void
emit_rule(const struct event_sink *sink, const struct rule *r,
    const char *host, const char *text)
{
	struct event ev = { .kind = EV_FLAG, .name = "rule" };

	ev.rule = r->id;
	ev.host = host;
	ev.text = text;
	ev.ok = r->optional ? YES : NO;
	event_emit(sink, &ev);
}

static const char *
smtp_rule_words(const struct fsmtp_rule *r, struct sbuf *b)
{
	sbuf_clear(b);
	sbuf_printf(b, "%s: ", fsmtp_stage_word(r->stage));
	if (r->stage == FSMTP_CONNECT)
		sbuf_puts(b, fsmtp_connect_word(r->connect));
	else if (r->action == FSMTP_DO_REPLY && r->line_count > 0)
		sbuf_puts(b, r->lines[0]);
	else
		sbuf_puts(b, fsmtp_action_word(r->action));
	return sbuf_str(b);
}

/* What a fault is about: a name, a host, a place in the network. */
static const char *
rule_place(const struct scenario_rule *r)
{
	switch (r->kind) {
	case RULE_DNS:
		return r->dns->name;
	case RULE_SMTP:
	case RULE_GREYLIST:
		return r->host->name;
	case RULE_NETWORK:
		return r->network->at;
	case RULE_MTA:
		break;
	}
	return NULL;
}

static const char *
rule_words(const struct scenario_rule *r, struct sbuf *b)
{
	switch (r->kind) {
	case RULE_DNS:
		sbuf_clear(b);
		sbuf_printf(b, "DNS answers %s",
		    fdns_action_word(r->dns->action));
		return sbuf_str(b);
	case RULE_SMTP:
		return smtp_rule_words(r->smtp, b);
	case RULE_GREYLIST:
		return "greylisting";
	case RULE_NETWORK:
		return net_state_word(r->network->state);
	case RULE_MTA:
		break;
	}
	return "event of the MTA";
}

void
world_emit_rules(const struct scenario *sc, const struct event_sink *sink)
{
	struct sbuf b = { 0 };

	for (struct scenario_rule r = { 0 }; scenario_rules(sc, &r); )
		emit_rule(sink, r.rule, rule_place(&r), rule_words(&r, &b));
	sbuf_fini(&b);
}

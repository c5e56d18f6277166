#include "harness/lab/router.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

enum { SMTP_PORT = 25 };

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

static const char *const connect_words[] = {
#define X(sym, word, help) [FSMTP_CONNECT_##sym] = word,
	FSMTP_CONNECTS(X)
#undef X
};

/* What is not named here passes: open, close and reset are the host's. */
static const int connect_verdicts[sizeof connect_words /
    sizeof connect_words[0]] = {
	[FSMTP_CONNECT_REFUSE] = RESET,
	[FSMTP_CONNECT_BLACKHOLE] = VANISH,
	[FSMTP_CONNECT_ICMP_NET] = ICMP + PACKET_ICMP_NET,
	[FSMTP_CONNECT_ICMP_HOST] = ICMP + PACKET_ICMP_HOST,
	[FSMTP_CONNECT_ICMP_PORT] = ICMP + PACKET_ICMP_PORT,
	[FSMTP_CONNECT_ICMP_NET_PROHIBITED] =
	    ICMP + PACKET_ICMP_NET_PROHIBITED,
	[FSMTP_CONNECT_ICMP_HOST_PROHIBITED] =
	    ICMP + PACKET_ICMP_HOST_PROHIBITED,
	[FSMTP_CONNECT_ICMP_PROHIBITED] = ICMP + PACKET_ICMP_PROHIBITED,
};

struct router *
router_new(const struct router_config *cfg)
{
	struct router *r = xcalloc(1, sizeof *r);

	r->cfg = *cfg;
	r->contacts = xcalloc(cfg->rule_count + 1, sizeof *r->contacts);
	flows_init(&r->flows);
	addr_parse(&r->self[0], "192.0.2.254");
	addr_parse(&r->self[1], "2001:db8:0:fe::1");
	return r;
}

void
router_free(struct router *r)
{
	if (r == NULL)
		return;
	flows_fini(&r->flows);
	free(r->contacts);
	free(r);
}

void
router_start_phases(struct router *r, int64_t now_us)
{
	r->started = true;
	r->start_us = now_us;
	memset(r->contacts, 0, r->cfg.rule_count * sizeof *r->contacts);
}

size_t
router_in_flight(const struct router *r)
{
	return r->flows.in_flight;
}

void
router_give_up(struct router *r)
{
	flows_give_up(&r->flows);
}

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

/*
 * The rule that decides on a packet to or from `remote`, or NULL.  A contact
 * counts for every rule that it matches, whichever decides.
 */
static struct net_rule *
rule_for(struct router *r, int64_t now_us, const struct addr *remote,
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

static enum verdict
rule_verdict(const struct net_rule *nr, uint8_t proto)
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

static void
say(struct router *r, enum event_kind kind, const struct packet *p,
    const char *host, const char *state, uint32_t contact, const char *rule)
{
	char server[ADDR_STRLEN], client[ADDR_STRLEN];
	struct addr bare = p->dst;
	struct event ev = { .kind = kind };

	/* Port 25 goes without saying in a SYN, port 53 in a datagram. */
	if (bare.port == (kind == EV_SYN ? SMTP_PORT : 53))
		bare.port = 0;
	ev.addr = addr_format(&bare, server);
	ev.peer = addr_format(&p->src, client);
	ev.host = host;
	ev.state = state;
	ev.num = contact;
	ev.rule = rule;
	event_emit(r->cfg.sink, &ev);
}

/* Carries a verdict out: drop the packet or answer it. */
static void
carry_out(struct router *r, int verdict, enum router_side from,
    const struct packet *p, struct router_decision *d)
{
	bool to_mta = from == ROUTER_INET;
	enum packet_icmp kind;
	const struct addr *who;

	/* The MTA's side alone hears of it; and a reset is never answered. */
	if (verdict == VANISH || to_mta || (p->flags & TCP_RST))
		return;
	if (verdict == RESET)
		d->len = packet_make_rst(p, r->made);
	else {
		kind = (enum packet_icmp)(verdict - ICMP);
		who = kind == PACKET_ICMP_PORT ? &p->dst :
		    &r->self[p->src.family == AF_INET ? 0 : 1];
		d->len = packet_make_icmp(p, who, kind, r->made);
		d->repeat = (p->flags & TCP_SYN) != 0;
	}
	d->bytes = r->made;
	d->made = true;
	d->send = true;
	d->to = from;
}

/* The name servers are there whatever the scenario says. */
static bool
is_resolver(const struct addr *a)
{
	static const char *const texts[] = {
		LAB_RESOLVER1_IP4, LAB_RESOLVER1_IP6,
		LAB_RESOLVER2_IP4, LAB_RESOLVER2_IP6
	};
	struct addr b;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (addr_parse(&b, texts[i]) && addr_same_ip(a, &b))
			return true;
	return false;
}

/* The scenario knows no such address: a true network has no host there. */
static bool
exists(const struct router *r, const struct addr *a)
{
	if (is_resolver(a))
		return true;
	for (size_t i = 0; i < r->cfg.addr_count; i++)
		if (addr_same_ip(&r->cfg.addrs[i], a))
			return true;
	return r->cfg.addrs == NULL;
}

/* Decides on a new SYN from the MTA; the flow keeps the decision. */
static void
judge_syn(struct router *r, int64_t now_us, const struct packet *p,
    struct flow *f)
{
	struct lab_syn syn = { .connect = FSMTP_CONNECT_OPEN };
	struct net_rule *nr;

	if ((nr = rule_for(r, now_us, &p->dst, IPPROTO_TCP, true)) != NULL) {
		nr->rule.fired++;
		f->verdict = rule_verdict(nr, IPPROTO_TCP);
		say(r, EV_SYN, p, NULL, net_state_word(nr->state), 0,
		    nr->rule.id);
		return;
	}
	if (!exists(r, &p->dst)) {
		f->verdict = ICMP + PACKET_ICMP_HOST;
		say(r, EV_SYN, p, NULL, "icmp-host", 0, NULL);
		return;
	}
	if (p->dst.port != SMTP_PORT)
		return;
	if (r->cfg.on_syn != NULL)
		r->cfg.on_syn(r->cfg.ctx, &p->dst, &p->src, &syn);
	assert((size_t)syn.connect < sizeof connect_words /
	    sizeof connect_words[0]);
	f->verdict = connect_verdicts[syn.connect];
	say(r, EV_SYN, p, syn.host, connect_words[syn.connect], syn.contact,
	    syn.rule);
}

static void
route_tcp(struct router *r, int64_t now_us, enum router_side from,
    const struct packet *p, struct router_decision *d)
{
	bool syn = (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	const struct addr *remote = from == ROUTER_MTA ? &p->dst : &p->src;
	struct flow *f = flows_find(&r->flows, p);
	struct net_rule *nr = NULL;

	if (syn && (f == NULL || f->isn != p->seq ||
	    !addr_equal(&f->client, &p->src))) {
		f = flows_open(&r->flows, p);
		if ((f->from_mta = from == ROUTER_MTA))
			judge_syn(r, now_us, p, f);
	} else if (from != ROUTER_SUBMIT && d->to != ROUTER_SUBMIT &&
	    (nr = rule_for(r, now_us, remote, IPPROTO_TCP, false)) != NULL &&
	    !(syn && f->verdict != PASS)) {
		nr->rule.fired++;
		carry_out(r, rule_verdict(nr, IPPROTO_TCP), from, p, d);
		if (f != NULL)
			flows_eaten(&r->flows, f);
		return;
	}
	if (f != NULL && f->verdict != PASS) {
		carry_out(r, f->verdict, from, p, d);
		flows_eaten(&r->flows, f);
		return;
	}
	if (f != NULL)
		flows_pass(&r->flows, &f, p);
	d->send = true;
}

static void
route_other(struct router *r, int64_t now_us, enum router_side from,
    const struct packet *p, struct router_decision *d)
{
	bool contact = from == ROUTER_MTA && p->proto == IPPROTO_UDP;
	const struct addr *remote = from == ROUTER_MTA ? &p->dst : &p->src;
	struct net_rule *nr = NULL;
	const char *state, *id = NULL;
	int verdict;

	if (from != ROUTER_SUBMIT && d->to != ROUTER_SUBMIT)
		nr = rule_for(r, now_us, remote, p->proto, contact);
	if (nr != NULL) {
		nr->rule.fired++;
		state = net_state_word(nr->state);
		id = nr->rule.id;
		verdict = rule_verdict(nr, p->proto);
	} else if (from == ROUTER_MTA && !exists(r, &p->dst)) {
		state = "icmp-host";
		verdict = ICMP + PACKET_ICMP_HOST;
	} else {
		d->send = true;
		return;
	}
	if (contact)
		say(r, EV_DATAGRAM, p, NULL, state, 0, id);
	/* RFC 1122 3.2.2: no ICMP error about an ICMP message. */
	if (p->proto == IPPROTO_UDP)
		carry_out(r, verdict, from, p, d);
}

static bool
is_multicast(const struct addr *a)
{
	return a->family == AF_INET ? a->ip[0] >= 224 : a->ip[0] == 0xff;
}

static bool
is_submit_client(const struct addr *a)
{
	struct addr self;

	return addr_parse(&self, a->family == AF_INET ? LAB_SUBMIT_IP4 :
	    LAB_SUBMIT_IP6) && addr_same_ip(&self, a);
}

void
router_packet(struct router *r, int64_t now_us, enum router_side from,
    const uint8_t *bytes, size_t len, struct router_decision *d)
{
	struct packet p;

	memset(d, 0, sizeof *d);
	if (!packet_parse(&p, bytes, len) || is_multicast(&p.dst))
		return;
	d->bytes = bytes;
	d->len = p.len;
	if (from != ROUTER_INET)
		d->to = ROUTER_INET;
	else
		d->to = is_submit_client(&p.src) ? ROUTER_SUBMIT : ROUTER_MTA;
	if (p.proto == IPPROTO_TCP)
		route_tcp(r, now_us, from, &p, d);
	else
		route_other(r, now_us, from, &p, d);
}

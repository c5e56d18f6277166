#include "harness/lab/router_int.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

enum { SMTP_PORT = 25 };

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

	nr = router_rule_for(r, now_us, &p->dst, IPPROTO_TCP, true);
	if (nr != NULL) {
		nr->rule.fired++;
		f->verdict = router_verdict_of(nr, IPPROTO_TCP);
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

/* The packet goes no further; what the MTA's kernel makes of that. */
static void
eat(struct router *r, int64_t now_us, struct flow *f, int verdict,
    const struct packet *p, bool of_mta)
{
	if (f == NULL)
		return;
	flows_eaten(&r->flows, f);
	if (!f->from_mta || !r->cfg.own_limits)
		return;
	if (verdict != VANISH && of_mta && (verdict == RESET ||
	    (p->flags & TCP_SYN)))
		limit_close(&f->limit);
	else
		limit_eaten(&f->limit, now_us, p, of_mta);
	flows_watch(&r->flows, f);
}

static void
let_pass(struct router *r, int64_t now_us, struct flow *f,
    const struct packet *p, bool of_mta)
{
	if (f->from_mta && r->cfg.own_limits) {
		limit_passes(&f->limit, now_us, p, of_mta);
		flows_watch(&r->flows, f);
	}
	flows_pass(&r->flows, &f, p);
}

/* A new connection, as its SYN shows it. */
static struct flow *
open_flow(struct router *r, int64_t now_us, enum router_side from,
    const struct packet *p)
{
	struct flow *f = flows_open(&r->flows, p);

	f->from_mta = from == ROUTER_MTA;
	if (!f->from_mta)
		return f;
	if (r->cfg.own_limits) {
		limit_init(&f->limit, now_us, p);
		flows_watch(&r->flows, f);
	}
	judge_syn(r, now_us, p, f);
	return f;
}

static void
route_tcp(struct router *r, int64_t now_us, enum router_side from,
    const struct packet *p, struct router_decision *d)
{
	bool syn = (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	bool of_mta = from == ROUTER_MTA;
	const struct addr *remote = of_mta ? &p->dst : &p->src;
	struct flow *f = flows_find(&r->flows, p);
	struct net_rule *nr = NULL;
	int verdict;

	if (syn && (f == NULL || f->isn != p->seq ||
	    !addr_equal(&f->client, &p->src))) {
		f = open_flow(r, now_us, from, p);
	} else if (f != NULL && f->watched &&
	    limit_is_repeat(&f->limit, p, of_mta)) {
		return;
	} else if (from != ROUTER_SUBMIT && d->to != ROUTER_SUBMIT &&
	    (nr = router_rule_for(r, now_us, remote, IPPROTO_TCP, false)) !=
	    NULL && !(syn && f->verdict != PASS)) {
		nr->rule.fired++;
		verdict = router_verdict_of(nr, IPPROTO_TCP);
		carry_out(r, verdict, from, p, d);
		eat(r, now_us, f, verdict, p, of_mta);
		return;
	}
	if (f != NULL && f->verdict != PASS) {
		carry_out(r, f->verdict, from, p, d);
		eat(r, now_us, f, f->verdict, p, of_mta);
		return;
	}
	if (f != NULL)
		let_pass(r, now_us, f, p, of_mta);
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
		nr = router_rule_for(r, now_us, remote, p->proto, contact);
	if (nr != NULL) {
		nr->rule.fired++;
		state = net_state_word(nr->state);
		id = nr->rule.id;
		verdict = router_verdict_of(nr, p->proto);
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

/* One random fault, from any table of the language, with any bound. */
#include <string.h>
#include <sys/socket.h>

#include "harness/base/rng.h"
#include "harness/base/timers.h"
#include "harness/explore/draft.h"
#include "harness/scenario/keys.h"

#define COUNT_OF(list)	((uint32_t)(sizeof (list) / sizeof *(list)))
#define ONE_OF(r, list)	((list)[rng_below((r), COUNT_OF(list))])

#define TYPE_A		1
#define TYPE_MX		15
#define TYPE_AAAA	28

static bool
chance(struct rng *r, uint32_t percent)
{
	return rng_below(r, 100) < percent;
}

static struct rule *
rule_of(struct draft_fault *f)
{
	switch (f->table) {
	case DRAFT_IN_DNS:	return &f->as.dns.rule;
	case DRAFT_IN_HOST:	return &f->as.host.rule;
	case DRAFT_IN_GREYLIST:	return &f->as.greylist.rule;
	case DRAFT_IN_NETWORK:	return &f->as.network.rule;
	default:		return &f->as.mta.rule;
	}
}

struct phase *
draft_phase(struct draft_fault *f)
{
	return &rule_of(f)->phase;
}

const struct phase *
draft_phase_of(const struct draft_fault *f)
{
	return draft_phase((struct draft_fault *)(uintptr_t)f);
}

/* --- bounds --- */

/* In seconds, from less than a timeout to near the end of a lifetime. */
static const int64_t times[] = { 10, 60, 90, 300, 600, 1800, 3600, 7200,
	14400, 21600, 43200, 86400, 172800, 259200, 388800 };

static void
make_times(struct phase *p, struct rng *r)
{
	uint32_t from = rng_below(r, COUNT_OF(times) - 1);

	if (chance(r, 35))
		p->from_us = times[from] * USEC_PER_SEC;
	if (p->from_us == 0 || chance(r, 60))
		p->until_us = (p->from_us == 0 ? ONE_OF(r, times) :
		    times[from + 1 + rng_below(r, COUNT_OF(times) - 1 - from)])
		    * USEC_PER_SEC;
}

static void
make_phase(struct phase *p, struct rng *r, bool counts)
{
	uint32_t kind = rng_below(r, 100);

	*p = (struct phase)PHASE_ALWAYS;
	if (kind < 15)
		return;
	if (kind < 60 || !counts)
		make_times(p, r);
	if (kind >= 50 && counts) {
		if (chance(r, 75))
			p->first = 1 + rng_below(r, 4);
		if (p->first == 0 || chance(r, 20))
			p->after = 1 + rng_below(r, 3);
	}
}

/* --- DNS --- */

static const char *
dns_name(const struct draft *d, struct rng *r)
{
	uint32_t n = rng_below(r, 100);
	int host = (int)rng_below(r, DRAFT_MX);

	if (n < 38)
		return "r.test";
	if (n < 72)
		return d->hosts[host].there ? draft_host_name(d, host) :
		    "r.test";
	if (n < 80)
		return "*.r.test";
	if (n < 86)
		return d->alias ? "alias.test" : "r.test";
	if (n < 91)
		return "s.test";
	return n < 94 ? "mx.s.test" : NULL;
}

static uint16_t
dns_type(const char *name, struct rng *r)
{
	static const uint16_t addresses[] = { 0, TYPE_A, TYPE_AAAA };
	static const uint16_t domains[] = { 0, TYPE_MX, TYPE_MX, TYPE_A };

	return name != NULL && (strcmp(name, "r.test") == 0 ||
	    strcmp(name, "s.test") == 0 || strcmp(name, "alias.test") == 0) ?
	    ONE_OF(r, domains) : ONE_OF(r, addresses);
}

/*
 * A lie that would lead to another of the hosts, to none or to ourselves.
 * "@" is the name asked for.
 */
static const char *
dns_records(uint16_t type, struct rng *r)
{
	static const char *const mx[] = { "@ MX 10 mx1.r.test.",
	    "@ MX 10 mx2.r.test.", "@ MX 10 mx4.r.test.\\n@ MX 20 mx1.r.test.",
	    "@ MX 0 .", "@ MX 10 nowhere.r.test.", "@ MX 10 mta.sut.test.",
	    "@ MX 5 mta.sut.test.\\n@ MX 1 mx1.r.test.",
	    "@ MX 10 mx1.r.test.\\n@ MX 10 mx1.r.test.",
	    "@ MX 10 localhost." };
	static const char *const a[] = { "@ A 198.18.1.1", "@ A 198.18.1.3",
	    "@ A 127.0.0.1", "@ A 0.0.0.0", "@ A 192.0.2.1",
	    "@ A 198.18.1.1\\n@ A 198.18.1.2",
	    "@ CNAME mx2.r.test." };
	static const char *const aaaa[] = { "@ AAAA 2001:db8:1::1",
	    "@ AAAA 2001:db8:1::4", "@ AAAA ::1",
	    "@ AAAA 2001:db8:0:1::1", "@ CNAME mx1.r.test." };

	if (type == TYPE_AAAA)
		return ONE_OF(r, aaaa);
	return type == TYPE_MX || (type == 0 && chance(r, 50)) ?
	    ONE_OF(r, mx) : ONE_OF(r, a);
}

/* What nobody may believe leads into a trap. */
static const char *
dns_forged(uint16_t type)
{
	return type == TYPE_A ? "@ A 198.18.1.66" :
	    type == TYPE_AAAA ? "@ AAAA 2001:db8:1::66" :
	    "@ MX 1 trap.test.";
}

static void
make_action(struct fdns_rule *rule, struct rng *r)
{
	static const uint8_t headers[][11] = {
		{ 0x81, 0x83 },			/* NXDOMAIN, cut short */
		{ 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0 },	/* no question */
		{ 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0 },	/* empty, no error */
		{ 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 0 },	/* SERVFAIL, bare */
	};
	uint32_t which = rng_below(r, COUNT_OF(headers));

	switch (rule->action) {
	case FDNS_RECORDS:
	case FDNS_TRUNCATE_PARTIAL:
		rule->records = dns_records(rule->type, r);
		break;
	case FDNS_WRONG_ID:
	case FDNS_WRONG_QUESTION:
	case FDNS_WRONG_SOURCE:
		if (rule->type == 0)
			rule->type = TYPE_MX;
		rule->records = dns_forged(rule->type);
		if (rule->action == FDNS_WRONG_SOURCE)
			rule->transport = FDNS_UDP;
		break;
	case FDNS_RAW:
		rule->raw = headers[which];
		rule->raw_len = which == 0 ? 2 : 10;
		break;
	case FDNS_CUT:
		rule->octets = 1 + (int)rng_below(r, 40);
		break;
	case FDNS_CLOSE:
		if (rule->transport == FDNS_UDP)
			rule->transport = FDNS_ANY;
		break;
	default:
		break;
	}
}

/* Records are parsed for these alone (check_dns_rule() of the language). */
static bool
takes_records(enum fdns_action a)
{
	return a == FDNS_RECORDS || a == FDNS_TRUNCATE_PARTIAL ||
	    a == FDNS_WRONG_ID;
}

static void
make_dns(const struct draft *d, struct rng *r, struct fdns_rule *rule)
{
	static const enum fdns_transport transports[] = { FDNS_ANY, FDNS_ANY,
	    FDNS_ANY, FDNS_UDP, FDNS_TCP };
	static const int64_t delays[] = { 1, 3, 6, 20, 60 };
	static const int64_t ttls[] = { 0, 1, 60, 86400 };

	rule->name = dns_name(d, r);
	rule->type = dns_type(rule->name, r);
	rule->transport = ONE_OF(r, transports);
	if (d->resolvers > 1)
		rule->resolver = (int)rng_below(r, 3);
	rule->action = (enum fdns_action)rng_below(r, FDNS_ACTION_COUNT);
	rule->ttl = chance(r, 8) ? ONE_OF(r, ttls) : -1;
	rule->shuffle = chance(r, 8);
	rule->mix_case = chance(r, 8);
	rule->ad = chance(r, 4);
	if (chance(r, rule->action == FDNS_TRUTH ? 60 : 10))
		rule->delay_us = ONE_OF(r, delays) * USEC_PER_SEC;
	make_action(rule, r);
	if (!takes_records(rule->action))
		rule->records = NULL;
	make_phase(&rule->rule.phase, r, true);
}

/* --- hosts --- */

static int
some_host(const struct draft *d, struct rng *r)
{
	int host = (int)rng_below(r, DRAFT_MX);

	if (chance(r, 10))
		return DRAFT_SENDER_MX;
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[(host + i) % DRAFT_MX].there)
			return (host + i) % DRAFT_MX;
	return DRAFT_SENDER_MX;
}

static const char *const refusals[] = { "421 4.3.2 closing", "450 4.2.0 busy",
	"451 4.3.0 try later", "452 4.3.1 no room", "550 5.1.1 no such user",
	"552 5.2.2 over quota", "554 5.7.1 refused", "521 5.3.2 no mail here",
	"500 5.5.1 what?", "451", "550" };

static void
make_lines(struct draft_fault *f, struct rng *r)
{
	enum fsmtp_stage stage = f->as.host.stage;
	uint32_t odd = rng_below(r, 100);
	size_t n = 1;

	f->lines[0] = ONE_OF(r, refusals);
	if (odd < 6 && stage == FSMTP_RCPT) {
		f->lines[0] = "251 2.1.5 will forward";
	} else if (odd < 6 && stage == FSMTP_DATA) {
		f->lines[0] = "354-go";
		f->lines[n++] = "354 ahead";
	} else if (odd < 6 && stage == FSMTP_GREETING) {
		f->lines[0] = "220-mx.r.test";
		f->lines[n++] = "220-waits";
		f->lines[n++] = "220 and goes on";
	} else if (odd < 14) {
		f->lines[0] = odd % 2 == 0 ? "451-4.3.0 later" :
		    "554-5.7.1 never";
		f->lines[n++] = odd % 2 == 0 ? "451 4.3.0 much later" :
		    "554 5.7.1 really never";
	}
}

/*
 * The truth about a message whose reply is lost is the host's to choose; to
 * say 250 and forget, or 451 and keep, is a lie that no MTA can see through.
 */
static void
make_keep(struct fsmtp_rule *h, struct rng *r)
{
	if (h->action != FSMTP_DO_SILENCE && h->action != FSMTP_DO_CLOSE &&
	    h->action != FSMTP_DO_RESET)
		return;
	h->keep = chance(r, 50) ? FSMTP_KEEP_STORE : FSMTP_KEEP_DISCARD;
}

/* Octets that are no reply, half of one, or one after all. */
static void
make_raw(struct fsmtp_rule *h, struct rng *r)
{
	static const uint8_t rows[][8] = { { '4', '5', '1', ' ', 'x', '\r',
	    '\n' }, { '5', '5', '0', '-', 'x', '\r', '\n' },
	    { 0x80, 0xff, '\r', '\n' }, { '4', '\r', '\n' }, { 0 } };
	static const size_t lengths[] = { 7, 7, 4, 3, 1 };
	uint32_t which = rng_below(r, COUNT_OF(rows));

	h->raw = rows[which];
	h->raw_len = lengths[which];
}

/* In pieces, as a slow or careful network brings them. */
static void
make_pieces(struct fsmtp_rule *h, struct rng *r)
{
	static const size_t pieces[] = { 2, 4 };

	if (h->drip_us > 0)
		return;
	h->pieces = pieces;
	h->piece_count = 1 + rng_below(r, 2);
	h->pause_us = (chance(r, 50) ? 1 : 30) * USEC_PER_SEC;
}

static void
make_reply(struct draft_fault *f, struct rng *r)
{
	static const size_t octets[] = { 600, 5000, 70000 };
	static const int64_t delays[] = { 1, 20, 100, 310, 700 };
	struct fsmtp_rule *h = &f->as.host;
	uint32_t n = rng_below(r, 100);

	h->action = n < 55 ? FSMTP_DO_REPLY :
	    (enum fsmtp_action)rng_below(r, FSMTP_ACTION_COUNT);
	if (h->action == FSMTP_DO_REPLY)
		make_lines(f, r);
	if (h->action == FSMTP_DO_OVERSIZED)
		h->octets = ONE_OF(r, octets);
	if (chance(r, h->action == FSMTP_DO_HEALTHY ? 60 : 12))
		h->delay_us = ONE_OF(r, delays) * USEC_PER_SEC;
	if (h->action == FSMTP_DO_RAW)
		make_raw(h, r);
	if (chance(r, 5))
		h->drip_us = USEC_PER_SEC;
	if (chance(r, 5))
		make_pieces(h, r);
	if (chance(r, 15))
		h->then = (enum fsmtp_then)(1 + rng_below(r, 3));
	if (h->action == FSMTP_DO_REPLY && chance(r, 5)) {
		/* Who dies in the midst of a line says nothing more. */
		h->cut = 1 + rng_below(r, 6);
		h->then = chance(r, 50) ? FSMTP_THEN_CLOSE : FSMTP_THEN_RESET;
	}
	/* An early "yes" to what has not come is no server's. */
	if (h->action == FSMTP_DO_REPLY && (*f->lines[0] == '4' ||
	    *f->lines[0] == '5') && h->stage > FSMTP_GREETING && chance(r, 5))
		h->early = true;
	if (h->stage == FSMTP_EOD || h->stage == FSMTP_BDAT)
		make_keep(h, r);
	if (h->stage == FSMTP_BODY && chance(r, 60))
		h->octets = 1 + rng_below(r, 1500);
	/* Who refuses in the midst of the content does not take it then. */
	if (h->stage == FSMTP_BODY && h->then != FSMTP_THEN_RESET)
		h->then = FSMTP_THEN_CLOSE;
}

static void
make_patterns(const struct draft *d, struct fsmtp_rule *h, struct rng *r)
{
	static const char *const senders[] = { "*@s.test", "", "sender@*",
	    "nobody@*", "*" };
	static const char *const rcpts[] = { "a@r.test", "b@r.test",
	    "*@r.test", "?@R.TEST", "d*" };

	enum fsmtp_who known = fsmtp_stage_knows(h->stage);

	if (known != FSMTP_KNOWS_NOBODY && chance(r, 10))
		h->sender = ONE_OF(r, senders);
	if (known == FSMTP_KNOWS_RECIPIENT && chance(r, h->stage ==
	    FSMTP_RCPT ? 45 : 10))
		h->recipient = ONE_OF(r, rcpts);
	if (h->stage > FSMTP_GREETING && chance(r, 6))
		h->nth_in_session = 1 + (int)rng_below(r, 3);
	if (h->stage > FSMTP_GREETING && chance(r, 4))
		h->from_nth = 1 + (int)rng_below(r, 3);
	if (known == FSMTP_KNOWS_RECIPIENT && chance(r, 6))
		h->after_rcpts = 1 + (int)rng_below(r, 3);
	if (chance(r, 10) && d->mta_ipv4 && d->mta_ipv6)
		h->family = chance(r, 50) ? AF_INET : AF_INET6;
	if (chance(r, 3) && d->mta_ipv4)
		addr_parse(&h->client, "192.0.2.1");
}

static void
make_host(const struct draft *d, struct rng *r, struct draft_fault *f)
{
	static const enum fsmtp_stage common[] = { FSMTP_CONNECT,
	    FSMTP_CONNECT, FSMTP_GREETING, FSMTP_EHLO, FSMTP_MAIL, FSMTP_RCPT,
	    FSMTP_RCPT, FSMTP_DATA, FSMTP_BODY, FSMTP_EOD, FSMTP_EOD };
	struct fsmtp_rule *h = &f->as.host;

	f->host = some_host(d, r);
	h->stage = chance(r, 80) ? ONE_OF(r, common) :
	    (enum fsmtp_stage)rng_below(r, FSMTP_STAGE_COUNT);
	if (h->stage == FSMTP_CONNECT)
		h->connect = (enum fsmtp_connect)(1 +
		    rng_below(r, FSMTP_CONNECT_COUNT - 1));
	else
		make_reply(f, r);
	make_patterns(d, h, r);
	make_phase(&h->rule.phase, r, true);
	if (fsmtp_stage_knows(h->stage) != FSMTP_KNOWS_NOBODY &&
	    h->rule.phase.first + h->rule.phase.after > 0 && chance(r, 20))
		h->counts = FSMTP_COUNT_TRANSACTIONS;
}

static void
make_greylist(const struct draft *d, struct rng *r, struct draft_fault *f)
{
	static const int64_t delays[] = { 0, 60, 300, 1800, 7200, 28800 };
	static const char *const replies[] = { NULL, NULL,
	    "451 4.7.1 greylisted", "421 4.7.1 come again" };

	f->host = some_host(d, r);
	f->as.greylist.delay_us = ONE_OF(r, delays) * USEC_PER_SEC;
	f->as.greylist.reply = ONE_OF(r, replies);
	f->as.greylist.rule.phase = (struct phase)PHASE_ALWAYS;
}

/* --- network, MTA --- */

static const char *
net_place(const struct draft *d, struct rng *r)
{
	uint32_t n = rng_below(r, 10);
	int host = some_host(d, r);

	if (n < 3)
		return NULL;
	if (n < 6)
		return n < 4 ? "resolvers" : n < 5 || d->resolvers < 2 ?
		    "resolver1" : "resolver2";
	return draft_host_name(d, host);
}

static void
make_network(const struct draft *d, struct rng *r, struct net_rule *n)
{
	static const int families[] = { 0, 0, 0, AF_INET, AF_INET6 };
	static const enum net_proto protos[] = { NET_ANY_PROTO, NET_ANY_PROTO,
	    NET_TCP, NET_UDP };
	bool switched;

	n->state = (enum net_state)rng_below(r, NET_STATE_COUNT);
	switched = n->state == NET_LINK_DOWN || n->state == NET_NO_ROUTE;
	if (n->state != NET_LINK_DOWN) {
		n->at = net_place(d, r);
		n->family = ONE_OF(r, families);
	}
	if (!switched)
		n->proto = ONE_OF(r, protos);
	make_phase(&n->rule.phase, r, !switched);
}

static void
make_mta(const struct draft *d, struct rng *r, struct draft_fault *f)
{
	static const enum mta_verb verbs[] = { MTA_KILL, MTA_KILL,
	    MTA_RESTART, MTA_STOP, MTA_KICK };
	struct mta_event *e = &f->as.mta;
	uint32_t at = rng_below(r, COUNT_OF(times) - 2);
	int host = some_host(d, r);

	e->verb = ONE_OF(r, verbs);
	e->rule.phase = (struct phase)PHASE_ALWAYS;
	e->rule.phase.from_us = times[at] * USEC_PER_SEC;
	e->nth = 1;
	if (e->verb == MTA_STOP) {
		f->start_us = times[at + 1] * USEC_PER_SEC;
		return;
	}
	if (chance(r, 50))
		return;
	e->rule.phase.from_us = 0;
	e->when = 1 + rng_below(r, 3);
	e->nth = 1 + (int)rng_below(r, 3);
	if (e->when != MTA_AFTER_INJECT && chance(r, 30))
		e->host = draft_host_name(d, host);
}

void
draft_fault(const struct draft *d, struct rng *r, struct draft_fault *f)
{
	static const int weights[] = {
#define X(sym, member, weight) weight,
		DRAFT_TABLES(X)
#undef X
	};
	int n = (int)rng_below(r, 100), table = 0;

	while ((n -= weights[table]) >= 0)
		table++;
	f->table = (enum draft_table)table;
	switch (f->table) {
	case DRAFT_IN_DNS:
		make_dns(d, r, &f->as.dns);
		break;
	case DRAFT_IN_HOST:
		make_host(d, r, f);
		break;
	case DRAFT_IN_GREYLIST:
		make_greylist(d, r, f);
		break;
	case DRAFT_IN_NETWORK:
		make_network(d, r, &f->as.network);
		break;
	default:
		make_mta(d, r, f);
		break;
	}
}

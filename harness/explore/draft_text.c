/* A draft as a scenario file. */
#include <string.h>
#include <sys/socket.h>

#include "harness/base/timers.h"
#include "harness/explore/draft.h"
#include "harness/scenario/keys.h"

/* --- the zone --- */

static void
put_ttl(const struct draft *d, struct sbuf *out)
{
	if (d->ttl > 0)
		sbuf_printf(out, "%d ", d->ttl);
}

static void
put_mx(const struct draft *d, const char *owner, struct sbuf *out)
{
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[i].there) {
			sbuf_printf(out, "  %s. ", owner);
			put_ttl(d, out);
			sbuf_printf(out, "MX %d %s.\n", d->hosts[i].preference,
			    draft_host_name(d, i));
		}
}

static void
put_addresses(const struct draft *d, int i, struct sbuf *out)
{
	if (d->hosts[i].ipv4) {
		sbuf_printf(out, "  %s. ", draft_host_name(d, i));
		put_ttl(d, out);
		sbuf_printf(out, "A 198.18.1.%d\n", i + 1);
	}
	if (d->hosts[i].ipv6) {
		sbuf_printf(out, "  %s. ", draft_host_name(d, i));
		put_ttl(d, out);
		sbuf_printf(out, "AAAA 2001:db8:1::%d\n", i + 1);
	}
}

/* Does a forged reply lead there? */
bool
draft_uses_trap(const struct draft *d)
{
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table == DRAFT_IN_DNS &&
		    d->faults[i].as.dns.action == FDNS_WRONG_ID)
			return true;
	return false;
}

static void
put_zone(const struct draft *d, struct sbuf *out)
{
	const char *domain = d->alias ? "alias.test" : "r.test";

	sbuf_puts(out, "zone: |\n");
	/* A zone needs a record; this one is nobody's. */
	if (d->kind == DRAFT_BY_NOTHING)
		sbuf_puts(out, "  other.test. A 198.18.9.9\n");
	if (d->kind == DRAFT_BY_NULL_MX)
		sbuf_puts(out, "  r.test. MX 0 .\n");
	if (d->alias)
		sbuf_puts(out, "  r.test. CNAME alias.test.\n");
	if (d->kind == DRAFT_BY_MX)
		put_mx(d, domain, out);
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[i].there)
			put_addresses(d, i, out);
	if (draft_uses_trap(d))
		sbuf_puts(out, "  trap.test. A 198.18.1.66\n"
		    "  trap.test. AAAA 2001:db8:1::66\n");
}

/* --- rules, each a map on one line --- */

struct map {
	struct sbuf	*out;
	bool		 begun;
};

static void
put_key(struct map *m, const char *key)
{
	sbuf_printf(m->out, "%s%s: ", m->begun ? ", " : "{", key);
	m->begun = true;
}

static void
put_word(struct map *m, const char *key, const char *word)
{
	put_key(m, key);
	sbuf_puts(m->out, word);
}

/* In quotes; "\n" is written as such in our texts already. */
static void
put_text(struct map *m, const char *key, const char *text)
{
	if (text == NULL)
		return;
	put_key(m, key);
	sbuf_printf(m->out, "\"%s\"", text);
}

static void
put_number(struct map *m, const char *key, int64_t n)
{
	if (n <= 0)
		return;
	put_key(m, key);
	sbuf_printf(m->out, "%lld", (long long)n);
}

static void
put_time(struct map *m, const char *key, int64_t us)
{
	if (us > 0)
		put_word(m, key, scenario_duration_text(us));
}

static void
put_phase(struct map *m, const struct phase *p)
{
	put_number(m, "first", p->first);
	put_number(m, "after", p->after);
	put_time(m, "from", p->from_us);
	if (p->until_us != TIME_NEVER)
		put_time(m, "until", p->until_us);
}

/* Nothing here need be met: an MTA may well go another way. */
static void
put_end(struct map *m)
{
	put_word(m, "optional", "true");
	sbuf_puts(m->out, "}\n");
}

static void
put_truth(struct map *m, const char *key, bool truth)
{
	if (truth)
		put_word(m, key, "true");
}

static void
put_hex(struct map *m, const uint8_t *raw, size_t len)
{
	if (len == 0)
		return;
	put_key(m, "raw");
	sbuf_putc(m->out, '"');
	for (size_t i = 0; i < len; i++)
		sbuf_printf(m->out, "%02x", raw[i]);
	sbuf_putc(m->out, '"');
}

static void
put_pieces(struct map *m, const struct fsmtp_rule *h)
{
	if (h->piece_count == 0)
		return;
	put_key(m, "pieces");
	for (size_t i = 0; i < h->piece_count; i++)
		sbuf_printf(m->out, "%s%zu", i > 0 ? ", " : "[",
		    h->pieces[i]);
	sbuf_putc(m->out, ']');
	put_time(m, "pause", h->pause_us);
}

static void
put_dns_rule(const struct fdns_rule *r, struct sbuf *out)
{
	struct map m = { .out = out };

	sbuf_puts(out, "  - ");
	put_text(&m, "name", r->name);
	if (r->type != 0)
		put_word(&m, "type", word_of(words_rrtype, r->type));
	if (r->transport != FDNS_ANY)
		put_word(&m, "transport", word_of(words_transport,
		    r->transport));
	put_number(&m, "resolver", r->resolver);
	put_word(&m, "answer", word_of(words_answer, r->action));
	put_time(&m, "delay", r->delay_us);
	put_text(&m, "records", r->records);
	put_hex(&m, r->raw, r->raw_len);
	put_number(&m, "octets", r->octets);
	if (r->ttl >= 0) {
		put_key(&m, "ttl");
		sbuf_printf(out, "%lld", (long long)r->ttl);
	}
	put_truth(&m, "shuffle", r->shuffle);
	put_truth(&m, "mix-case", r->mix_case);
	put_truth(&m, "ad", r->ad);
	put_phase(&m, &r->rule.phase);
	put_end(&m);
}

static void
put_reply(struct map *m, const struct draft_fault *f)
{
	const struct fsmtp_rule *h = &f->as.host;

	put_key(m, fsmtp_stage_word(h->stage));
	if (h->stage == FSMTP_CONNECT)
		sbuf_puts(m->out, fsmtp_connect_word(h->connect));
	else if (h->action != FSMTP_DO_REPLY)
		sbuf_puts(m->out, fsmtp_action_word(h->action));
	else if (f->lines[1] == NULL)
		sbuf_printf(m->out, "\"%s\"", f->lines[0]);
	else {
		for (int i = 0; i < DRAFT_LINES && f->lines[i] != NULL; i++)
			sbuf_printf(m->out, "%s\"%s\"", i > 0 ? ", " : "[",
			    f->lines[i]);
		sbuf_putc(m->out, ']');
	}
}

static void
put_host_rule(const struct draft_fault *f, struct sbuf *out)
{
	const struct fsmtp_rule *h = &f->as.host;
	struct map m = { .out = out };

	sbuf_puts(out, "      - ");
	put_reply(&m, f);
	if (h->client.family != 0)
		put_text(&m, "client", "192.0.2.1");
	put_text(&m, "sender", h->sender);
	put_text(&m, "recipient", h->recipient);
	put_number(&m, "nth", h->nth_in_session);
	put_number(&m, "from-nth", h->from_nth);
	put_number(&m, "after-recipients", h->after_rcpts);
	if (h->counts != FSMTP_COUNT_CONNECTIONS)
		put_word(&m, "counts", word_of(words_counts, (int)h->counts));
	if (h->family != 0)
		put_word(&m, "family", word_of(words_family, h->family));
	put_time(&m, "delay", h->delay_us);
	put_time(&m, "drip", h->drip_us);
	put_hex(&m, h->raw, h->raw_len);
	put_pieces(&m, h);
	put_truth(&m, "early", h->early);
	put_number(&m, "octets", (int64_t)h->octets);
	put_number(&m, "cut", (int64_t)h->cut);
	if (h->then != FSMTP_THEN_NOTHING)
		put_word(&m, "then", word_of(words_then, h->then));
	if (h->keep != FSMTP_KEEP_BY_REPLY)
		put_word(&m, "keep", word_of(words_keep, h->keep));
	put_phase(&m, &h->rule.phase);
	put_end(&m);
}

static void
put_greylist(const struct fsmtp_greylist *g, struct sbuf *out)
{
	struct map m = { .out = out };

	sbuf_puts(out, "    greylist: ");
	put_word(&m, "delay", scenario_duration_text(g->delay_us));
	put_text(&m, "reply", g->reply);
	put_end(&m);
}

static void
put_network_rule(const struct net_rule *n, struct sbuf *out)
{
	struct map m = { .out = out };

	sbuf_puts(out, "  - ");
	put_word(&m, "state", net_state_word(n->state));
	put_text(&m, "at", n->at);
	if (n->family != 0)
		put_word(&m, "family", word_of(words_family, n->family));
	if (n->proto != NET_ANY_PROTO)
		put_word(&m, "proto", word_of(words_proto, (int)n->proto));
	put_phase(&m, &n->rule.phase);
	put_end(&m);
}

static void
put_event(const struct draft_fault *f, struct sbuf *out)
{
	const struct mta_event *e = &f->as.mta;
	struct map m = { .out = out };

	sbuf_puts(out, "  - ");
	put_word(&m, "do", word_of(words_verb, e->verb));
	if (e->when == MTA_AT_TIME) {
		put_time(&m, "at", e->rule.phase.from_us);
	} else {
		put_word(&m, "on", word_of(words_on, (int)e->when));
		put_number(&m, "nth", e->nth);
		put_text(&m, "host", e->host);
	}
	put_end(&m);
	if (e->verb == MTA_STOP)
		sbuf_printf(out, "  - {do: start, at: %s}\n",
		    scenario_duration_text(f->start_us));
}

/* --- members --- */

/* Is there a rule for the host in this table? */
static bool
has(const struct draft *d, enum draft_table table, int host)
{
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table == table && (host < 0 ||
		    d->faults[i].host == host))
			return true;
	return false;
}

static void
put_host(const struct draft *d, int host, struct sbuf *out)
{
	sbuf_printf(out, "  %s:\n", draft_host_name(d, host));
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table == DRAFT_IN_GREYLIST &&
		    d->faults[i].host == host)
			put_greylist(&d->faults[i].as.greylist, out);
	if (!has(d, DRAFT_IN_HOST, host))
		return;
	sbuf_puts(out, "    rules:\n");
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table == DRAFT_IN_HOST &&
		    d->faults[i].host == host)
			put_host_rule(&d->faults[i], out);
}

static void
put_hosts(const struct draft *d, struct sbuf *out)
{
	if (!has(d, DRAFT_IN_HOST, -1) && !has(d, DRAFT_IN_GREYLIST, -1))
		return;
	sbuf_puts(out, "hosts:\n");
	for (int i = 0; i < DRAFT_HOSTS; i++)
		if (has(d, DRAFT_IN_HOST, i) || has(d, DRAFT_IN_GREYLIST, i))
			put_host(d, i, out);
}

static void
put_list(const struct draft *d, const char *member, enum draft_table table,
    struct sbuf *out)
{
	if (!has(d, table, -1))
		return;
	sbuf_printf(out, "%s:\n", member);
	for (size_t i = 0; i < d->fault_count; i++) {
		const struct draft_fault *f = &d->faults[i];

		if (f->table != table)
			continue;
		if (table == DRAFT_IN_DNS)
			put_dns_rule(&f->as.dns, out);
		else if (table == DRAFT_IN_NETWORK)
			put_network_rule(&f->as.network, out);
		else
			put_event(f, out);
	}
}

static void
put_rcpts(unsigned set, struct sbuf *out)
{
	const char *sep = "[";

	for (int i = 0; i < DRAFT_RCPTS; i++)
		if (set & 1u << i) {
			sbuf_printf(out, "%s%s", sep, draft_rcpt(i));
			sep = ", ";
		}
	sbuf_putc(out, ']');
}

static void
put_messages(const struct draft *d, struct sbuf *out)
{
	sbuf_puts(out, "messages:\n");
	for (size_t i = 0; i < d->message_count; i++) {
		const struct draft_message *msg = &d->messages[i];
		struct map m = { .out = out };

		sbuf_puts(out, "  - ");
		put_key(&m, "to");
		put_rcpts(msg->to, out);
		if (strcmp(msg->from, "sender@s.test") != 0)
			put_text(&m, "from", msg->from);
		put_time(&m, "at", msg->at_us);
		put_number(&m, "size", (int64_t)msg->size);
		put_truth(&m, "eight-bit", msg->eight_bit);
		put_text(&m, "notify", msg->notify);
		sbuf_puts(out, "}\n");
	}
}

static void
put_world(const struct draft *d, struct sbuf *out)
{
	const char *sep = "smarthosts: [";

	if (!d->mta_ipv4 || !d->mta_ipv6)
		sbuf_printf(out, "mta-families: [%s]\n",
		    d->mta_ipv4 ? "ipv4" : "ipv6");
	if (d->resolvers > 1)
		sbuf_printf(out, "resolvers: %d\n", d->resolvers);
	for (int i = 0; d->kind == DRAFT_BY_SMART && i < DRAFT_MX; i++)
		if (d->hosts[i].there) {
			sbuf_printf(out, "%s%s", sep, draft_host_name(d, i));
			sep = ", ";
		}
	if (d->kind == DRAFT_BY_SMART)
		sbuf_puts(out, "]\n");
	put_zone(d, out);
}

void
draft_text(const struct draft *d, struct sbuf *out)
{
	static const char *const kinds[] = {
#define X(sym, help) help,
		DRAFT_KINDS(X)
#undef X
	};

	sbuf_printf(out, "title: a made-up world, %s, %zu fault%s (seed "
	    "%llu)\n", kinds[d->kind], d->fault_count,
	    d->fault_count == 1 ? "" : "s", (unsigned long long)d->seed);
	sbuf_puts(out, "covers: [R-5321-3.6.3-b, R-5321-6.1-a]\n");
	put_world(d, out);
	put_list(d, "dns", DRAFT_IN_DNS, out);
	put_hosts(d, out);
	put_list(d, "network", DRAFT_IN_NETWORK, out);
	put_list(d, "mta", DRAFT_IN_MTA, out);
	put_messages(d, out);
	if (draft_uses_trap(d))
		sbuf_puts(out, "untouched: [trap.test]\n");
	draft_promise(d, out);
}

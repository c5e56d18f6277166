/* Worlds are sound, whatever the seed, and all that the language has. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "harness/base/timers.h"
#include "harness/explore/draft.h"
#include "tests/unit/suite.h"

#define SEEDS		3000
#define MANY_SEEDS	30000

/* Aborts with all that is wrong if the draft is not a clean scenario. */
static struct scenario *
parse(const struct draft *d)
{
	struct sbuf text = { 0 };
	struct scenario *sc;
	struct diags diags;

	draft_text(d, &text);
	diags_init(&diags);
	sc = scenario_parse(sbuf_str(&text), text.len, "explore/x.yaml",
	    &diags);
	diags_print(&diags, sbuf_str(&text), stderr);
	ck_assert_msg(sc != NULL && diags.count == 0, "seed %llu:\n%s",
	    (unsigned long long)d->seed, sbuf_str(&text));
	diags_fini(&diags);
	sbuf_fini(&text);
	return sc;
}

START_TEST(every_seed_makes_a_scenario_that_lints_clean)
{
	struct scenario *sc;
	struct draft d;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		draft_make(&d, seed);
		ck_assert(draft_is_sound(&d));
		sc = parse(&d);
		ck_assert_uint_eq(sc->message_count, d.message_count);
		ck_assert_uint_eq(sc->expect_count, d.message_count);
		scenario_free(sc);
	}
}
END_TEST

START_TEST(a_seed_makes_one_world)
{
	struct draft a, b;

	for (uint64_t seed = 0; seed < 200; seed++) {
		draft_make(&a, seed);
		draft_make(&b, seed);
		ck_assert_mem_eq(&a, &b, sizeof a);
		draft_make(&b, seed + 1);
		b.seed = seed;
		ck_assert_mem_ne(&a, &b, sizeof a);
	}
}
END_TEST

/* --- what is written is what was meant --- */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
same_rule(const struct draft_fault *f, const struct rule *got)
{
	const struct phase *p = draft_phase_of(f);

	ck_assert(got->optional);
	ck_assert_uint_eq(p->first, got->phase.first);
	ck_assert_uint_eq(p->after, got->phase.after);
	ck_assert_int_eq(p->from_us, got->phase.from_us);
	ck_assert_int_eq(p->until_us, got->phase.until_us);
}

static void
same_dns(const struct draft_fault *f, const struct fdns_rule *got)
{
	const struct fdns_rule *r = &f->as.dns;

	same_rule(f, &got->rule);
	ck_assert(same_text(r->name, got->name));
	ck_assert_int_eq(r->type, got->type);
	ck_assert_int_eq(r->transport, got->transport);
	ck_assert_int_eq(r->resolver, got->resolver);
	ck_assert_int_eq(r->action, got->action);
	ck_assert_int_eq(r->delay_us, got->delay_us);
	ck_assert_int_eq(r->records == NULL, got->records == NULL);
	ck_assert_uint_eq(r->raw_len, got->raw_len);
	ck_assert_int_eq(r->octets, got->octets);
	ck_assert_int_eq(r->ttl, got->ttl);
	ck_assert_int_eq(r->shuffle, got->shuffle);
	ck_assert_int_eq(r->mix_case, got->mix_case);
	ck_assert_int_eq(r->ad, got->ad);
}

static void
same_host(const struct draft_fault *f, const struct fsmtp_rule *got)
{
	const struct fsmtp_rule *h = &f->as.host;

	same_rule(f, &got->rule);
	ck_assert_int_eq(h->stage, got->stage);
	ck_assert_int_eq(h->client.family, got->client.family);
	ck_assert(same_text(h->sender, got->sender));
	ck_assert(same_text(h->recipient, got->recipient));
	ck_assert_int_eq(h->nth_in_session, got->nth_in_session);
	ck_assert_int_eq(h->from_nth, got->from_nth);
	ck_assert_int_eq(h->after_rcpts, got->after_rcpts);
	ck_assert_int_eq(h->family, got->family);
	ck_assert_int_eq(h->action, got->action);
	ck_assert_int_eq(h->connect, got->connect);
	ck_assert_int_eq(h->delay_us, got->delay_us);
	ck_assert_int_eq(h->drip_us, got->drip_us);
	ck_assert_int_eq(h->early, got->early);
	ck_assert_int_eq(h->counts, got->counts);
	ck_assert_uint_eq(h->raw_len, got->raw_len);
	if (h->raw_len > 0)
		ck_assert_mem_eq(h->raw, got->raw, h->raw_len);
	ck_assert_uint_eq(h->piece_count, got->piece_count);
	if (h->piece_count > 0)
		ck_assert_int_eq(h->pause_us, got->pause_us);
	ck_assert_uint_eq(h->octets, got->octets);
	ck_assert_uint_eq(h->cut, got->cut);
	ck_assert_int_eq(h->then, got->then);
	ck_assert_int_eq(h->keep, got->keep);
	for (size_t i = 0; i < got->line_count; i++)
		ck_assert_str_eq(f->lines[i], got->lines[i]);
}

static const struct fsmtp_host *
host_of(const struct scenario *sc, const char *name)
{
	for (size_t i = 0; i < sc->host_count; i++)
		if (strcasecmp(sc->hosts[i].name, name) == 0)
			return &sc->hosts[i];
	ck_abort_msg("%s is not there", name);
}

static void
same_fault(const struct draft *d, const struct draft_fault *f,
    const struct scenario *sc, size_t nth)
{
	const struct fsmtp_host *h;

	switch (f->table) {
	case DRAFT_IN_DNS:
		same_dns(f, &sc->dns[nth]);
		break;
	case DRAFT_IN_HOST:
		h = host_of(sc, draft_host_name(d, f->host));
		same_host(f, &h->rules[nth]);
		break;
	case DRAFT_IN_GREYLIST:
		h = host_of(sc, draft_host_name(d, f->host));
		ck_assert_int_eq(h->greylist.delay_us,
		    f->as.greylist.delay_us);
		ck_assert(same_text(h->greylist.reply, f->as.greylist.reply));
		ck_assert(h->greylist.rule.optional);
		break;
	case DRAFT_IN_NETWORK:
		same_rule(f, &sc->network[nth].rule);
		ck_assert(same_text(sc->network[nth].at, f->as.network.at));
		ck_assert_int_eq(sc->network[nth].family,
		    f->as.network.family);
		ck_assert_int_eq(sc->network[nth].proto, f->as.network.proto);
		ck_assert_int_eq(sc->network[nth].state, f->as.network.state);
		break;
	default:
		ck_assert_int_eq(sc->mta[nth].verb, f->as.mta.verb);
		ck_assert_int_eq(sc->mta[nth].when, f->as.mta.when);
		ck_assert_int_eq(sc->mta[nth].nth, f->as.mta.nth);
		ck_assert(same_text(sc->mta[nth].host, f->as.mta.host));
		ck_assert_int_eq(sc->mta[nth].rule.phase.from_us,
		    f->as.mta.rule.phase.from_us);
		break;
	}
}

/* The place of a fault among those of its table and host. */
static size_t
place_of(const struct draft *d, size_t i)
{
	const struct draft_fault *f = &d->faults[i], *other;
	size_t n = 0;

	for (size_t k = 0; k < i; k++) {
		other = &d->faults[k];
		if (other->table != f->table || (f->table == DRAFT_IN_HOST &&
		    other->host != f->host))
			continue;
		/* A stop is written with its start. */
		n += f->table == DRAFT_IN_MTA && other->as.mta.verb ==
		    MTA_STOP ? 2 : 1;
	}
	return n;
}

START_TEST(the_file_says_what_the_draft_means)
{
	struct scenario *sc;
	struct draft d;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		draft_make(&d, seed);
		sc = parse(&d);
		for (size_t i = 0; i < d.fault_count; i++)
			same_fault(&d, &d.faults[i], sc, place_of(&d, i));
		ck_assert_int_eq(sc->resolvers, d.resolvers);
		ck_assert_int_eq(sc->mta_ipv4, d.mta_ipv4);
		ck_assert_int_eq(sc->mta_ipv6, d.mta_ipv6);
		ck_assert_int_eq(sc->smarthost_count > 0,
		    d.kind == DRAFT_BY_SMART);
		scenario_free(sc);
	}
}
END_TEST

/* --- nothing of the language is left out --- */

static unsigned seen_answer, seen_stage, seen_action, seen_connect, seen_state,
    seen_verb, seen_when, seen_then, seen_keep, seen_bound, seen_pattern;

#define ALL(count)	((1u << (count)) - 1)

static void
see_phase(const struct phase *p)
{
	seen_bound |= (p->first > 0) | (p->after > 0) << 1 |
	    (p->from_us > 0) << 2 | (p->until_us != TIME_NEVER) << 3;
}

static void
see_host(const struct fsmtp_rule *h)
{
	seen_stage |= 1u << h->stage;
	if (h->stage == FSMTP_CONNECT)
		seen_connect |= 1u << h->connect;
	else
		seen_action |= 1u << h->action;
	seen_then |= 1u << h->then;
	seen_keep |= 1u << h->keep;
	seen_pattern |= (h->sender != NULL) | (h->recipient != NULL) << 1 |
	    (h->family != 0) << 2 | (h->client.family != 0) << 3 |
	    (h->nth_in_session > 0) << 4 | (h->from_nth > 0) << 5 |
	    (h->after_rcpts > 0) << 6 | (h->delay_us > 0) << 7 |
	    (h->drip_us > 0) << 8 | h->early << 9 | (h->cut > 0) << 10 |
	    (h->counts == FSMTP_COUNT_TRANSACTIONS) << 11 |
	    (h->piece_count > 0) << 12;
}

static void
see(const struct draft_fault *f)
{
	if (f->table != DRAFT_IN_MTA && f->table != DRAFT_IN_GREYLIST)
		see_phase(draft_phase_of(f));
	if (f->table == DRAFT_IN_DNS)
		seen_answer |= 1u << f->as.dns.action;
	if (f->table == DRAFT_IN_HOST)
		see_host(&f->as.host);
	if (f->table == DRAFT_IN_NETWORK)
		seen_state |= 1u << f->as.network.state;
	if (f->table == DRAFT_IN_MTA) {
		seen_verb |= 1u << f->as.mta.verb;
		seen_when |= 1u << f->as.mta.when;
	}
}

START_TEST(every_word_and_every_bound_is_met)
{
	struct draft d;

	for (uint64_t seed = 0; seed < MANY_SEEDS; seed++) {
		draft_make(&d, seed);
		for (size_t i = 0; i < d.fault_count; i++)
			see(&d.faults[i]);
	}
	ck_assert_uint_eq(seen_answer, ALL(FDNS_ACTION_COUNT));
	ck_assert_uint_eq(seen_stage, ALL(FSMTP_STAGE_COUNT));
	ck_assert_uint_eq(seen_action, ALL(FSMTP_ACTION_COUNT));
	/* An open connection is no fault. */
	ck_assert_uint_eq(seen_connect, ALL(FSMTP_CONNECT_COUNT) &
	    ~(1u << FSMTP_CONNECT_OPEN));
	ck_assert_uint_eq(seen_state, ALL(NET_STATE_COUNT));
	/* A start comes with its stop. */
	ck_assert_uint_eq(seen_verb, ALL(MTA_VERB_COUNT) & ~(1u << MTA_START));
	ck_assert_uint_eq(seen_when, ALL(4));
	ck_assert_uint_eq(seen_then, ALL(4));
	ck_assert_uint_eq(seen_keep, ALL(3));
	ck_assert_uint_eq(seen_bound, ALL(4));
	ck_assert_uint_eq(seen_pattern, ALL(13));
}
END_TEST

START_TEST(worlds_are_small_and_of_all_sizes)
{
	unsigned hosts = 0, rcpts = 0, faults = 0, kinds = 0;
	struct draft d;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		int n = 0;

		draft_make(&d, seed);
		for (int i = 0; i < DRAFT_MX; i++)
			n += d.hosts[i].there;
		hosts |= 1u << n;
		rcpts |= 1u << __builtin_popcount(d.messages[0].to);
		faults |= 1u << d.fault_count;
		kinds |= 1u << d.kind;
	}
	ck_assert_uint_eq(hosts, ALL(DRAFT_MX + 1));
	ck_assert_uint_eq(rcpts, ALL(DRAFT_RCPTS + 1) & ~1u);
	ck_assert_uint_eq(faults, ALL(DRAFT_FAULTS + 1));
	ck_assert_uint_eq(kinds, ALL(DRAFT_KIND_COUNT));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("explore draft");
	TCase *tc = tcase_create("draft");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_seed_makes_a_scenario_that_lints_clean);
	tcase_add_test(tc, a_seed_makes_one_world);
	tcase_add_test(tc, the_file_says_what_the_draft_means);
	tcase_add_test(tc, every_word_and_every_bound_is_met);
	tcase_add_test(tc, worlds_are_small_and_of_all_sizes);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

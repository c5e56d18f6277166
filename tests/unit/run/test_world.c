#include "harness/run/world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns/fake_dns.h"
#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/scenario/control.h"
#include "tests/unit/suite.h"

#define HEAD "title: t\ncovers: [R-DF-CON-a]\nexpect: {outcome: delivered}\n"
#define ZONE "zone: |\n  r.test.  MX 10 mx1.r.test.\n"			\
	"  r.test.  MX 20 mx2.r.test.\n"				\
	"  mx1.r.test.  A 198.18.1.1\n  mx2.r.test.  A 198.18.1.2\n"

static struct scenario *sc;
static struct world world;
static struct timers *timers;
static struct fdns *dns;
static struct sbuf flags;	/* one line each */

static void
note(void *ctx, struct event *ev)
{
	(void)ctx;
	ck_assert_int_eq(ev->kind, EV_FLAG);
	sbuf_puts(&flags, ev->name);
#define X(f)								\
	if (ev->f != NULL)						\
		sbuf_printf(&flags, " " #f "=%s", ev->f);
	X(rcpt) X(host) X(addr) X(rule) X(text)
#undef X
	if (strcmp(ev->name, "legit") == 0)
		sbuf_printf(&flags, " num=%lld", (long long)ev->num);
	else
		sbuf_puts(&flags, ev->ok == YES ? " optional" : " must");
	sbuf_putc(&flags, '\n');
}

static const struct event_sink sink = { .emit = note };

static void
setup(void)
{
	timers = timers_new();
}

static void
teardown(void)
{
	fdns_free(dns);
	timers_free(timers);
	scenario_free(sc);
	sbuf_fini(&flags);
}

static void
build(const char *text)
{
	struct fdns_error error;
	struct fdns_config cf = { .timers = timers };
	struct diags diags;

	diags_init(&diags);
	sc = scenario_parse(text, strlen(text), "scenarios/a.yaml", &diags);
	diags_print(&diags, text, stderr);
	ck_assert_ptr_nonnull(sc);
	diags_fini(&diags);
	world_build(&world, sc);
	cf.zones = sc->zones;
	cf.zone_count = sc->zone_count;
	cf.extra = world.zone;
	dns = fdns_new(&cf, &error);
	ck_assert_msg(dns != NULL, "%s", error.text);
}

static const char *
legit(const char *text)
{
	build(text);
	world_emit_legit(&world, sc, dns, &sink);
	return sbuf_str(&flags);
}

static const struct fsmtp_host *
host_at(const char *ip)
{
	struct addr a;

	ck_assert(addr_parse(&a, ip));
	return world_host(&world, &a);
}

static const char *
name_at(const char *ip)
{
	const struct fsmtp_host *h = host_at(ip);

	return h != NULL ? h->name : "";
}

START_TEST(every_lab_has_the_hosts_of_ours_in_both_families)
{
	build(HEAD ZONE);
	ck_assert_str_eq(name_at("198.18.1.1"), "mx1.r.test");
	ck_assert_str_eq(name_at("198.18.0.10"), "mx.s.test");
	ck_assert_str_eq(name_at("2001:db8:2::10"), "mx.s.test");
	ck_assert_str_eq(name_at("2001:db8:2::20"), "mx.good.test");
	ck_assert_ptr_null(host_at("198.18.9.9"));
	/* Two of the scenario, two of ours. */
	ck_assert_uint_eq(world.host_count, 4);
	ck_assert_uint_eq(world.addr_count, 6);
}
END_TEST

/* How many hosts mail for the name may go to, by the truth of the zone. */
static void
count_host(void *ctx, int preference, const char *name,
    const struct addr *addr)
{
	char text[ADDR_STRLEN];

	(void)preference;
	ck_assert_str_eq(name, "decoy.sut.test");
	ck_assert_str_eq(addr_format(addr, text), "198.18.0.66");
	(*(unsigned *)ctx)++;
}

START_TEST(no_name_below_the_search_domain_exists_unless_it_is_a_trap)
{
	unsigned found = 0;

	build(HEAD ZONE);
	ck_assert_ptr_null(strstr(world.zone, "*.sut.test."));
	ck_assert_ptr_null(host_at("198.18.0.66"));
	fdns_mail_hosts(dns, "r.test.sut.test", count_host, &found);
	ck_assert_uint_eq(found, 0);
}
END_TEST

START_TEST(with_the_search_trap_every_name_below_leads_to_the_decoy)
{
	unsigned found = 0;

	build(HEAD ZONE "search-trap: true\nuntouched: decoy.sut.test\n");
	ck_assert_str_eq(name_at("198.18.0.66"), "decoy.sut.test");
	/* The decoy has no AAAA. */
	ck_assert_uint_eq(world.host_count, 5);
	ck_assert_uint_eq(world.addr_count, 7);
	fdns_mail_hosts(dns, "r.test.sut.test", count_host, &found);
	ck_assert_uint_eq(found, 1);
}
END_TEST

START_TEST(the_trap_can_be_asked_for_when_the_scenario_does_not)
{
	build(HEAD ZONE);
	sc->search_trap = true;
	world_build(&world, sc);
	ck_assert_str_eq(name_at("198.18.0.66"), "decoy.sut.test");
	ck_assert_ptr_nonnull(strstr(world.zone, "\n*.sut.test."));
}
END_TEST

START_TEST(a_host_of_ours_that_the_scenario_breaks_is_not_made_twice)
{
	build(HEAD ZONE "hosts:\n  mx.s.test:\n    - {mail: 451 no}\n");
	ck_assert_uint_eq(world.host_count, 4);
	ck_assert_uint_eq(host_at("198.18.0.10")->rule_count, 1);
}
END_TEST

START_TEST(the_common_zone_has_our_names_backwards_too)
{
	build(HEAD ZONE);
	ck_assert_ptr_nonnull(strstr(world.zone, "\nmx.s.test."));
	ck_assert_ptr_nonnull(strstr(world.zone,
	    "1.2.0.192.in-addr.arpa. PTR mta.sut.test."));
}
END_TEST

START_TEST(a_scenario_with_its_own_senders_domain_does_not_get_ours)
{
	build(HEAD ZONE "  s.test.  MX 5 mx3.r.test.\n"
	    "  mx3.r.test.  A 198.18.1.3\n");
	ck_assert_ptr_null(strstr(world.zone, "s.test. "));
	ck_assert_ptr_nonnull(strstr(world.zone, "\nmx.good.test."));
}
END_TEST

START_TEST(a_name_that_only_ends_like_the_senders_does_not_redefine_it)
{
	build(HEAD ZONE "  other.s.test.  A 198.18.1.3\n");
	ck_assert_ptr_nonnull(strstr(world.zone, "\nmx.s.test."));
	ck_assert_int_eq(strncmp(world.zone, "s.test.", 7), 0);
}
END_TEST

START_TEST(senders_domains_without_a_zone_get_a_host_where_asked_for)
{
	static const char *const from = "messages:\n"
	    "  - {from: a@x.test, to: u@r.test}\n"
	    "  - {from: b@X.test, to: u@r.test}\n"
	    "  - {from: c@r.test, to: u@r.test}\n"
	    "  - {from: \"d@[198.18.1.1]\", to: u@r.test}\n";
	static const char mx[] = "x.test. 3600 IN MX 10 mx.senders.test.\n";
	char text[1000];
	const char *at;
	size_t i;

	snprintf(text, sizeof text, HEAD ZONE "sender-domains: healthy\n%s",
	    from);
	build(text);
	at = strstr(world.zone, mx);
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_null(strcasestr(at + 1, mx));
	ck_assert_ptr_null(strstr(world.zone, "r.test. 3600 IN MX"));
	ck_assert_ptr_nonnull(strstr(world.zone, "mx.senders.test. 3600 IN A"
	    " 198.18.0.11\n"));
	for (i = 0; i < world.host_count && strcmp(world.hosts[i].name,
	    "mx.senders.test") != 0; i++)
		;
	ck_assert_uint_lt(i, world.host_count);
}
END_TEST

START_TEST(the_control_message_goes_to_the_healthy_domain)
{
	const struct message *m;

	build(HEAD ZONE);
	scenario_add_control(sc);
	ck_assert_uint_eq(sc->message_count, 2);
	m = &sc->messages[1];
	ck_assert_str_eq(m->key, "control");
	ck_assert(m->control);
	ck_assert_str_eq(m->to[0], "control@good.test");
	ck_assert_uint_eq(m->to_count, 1);
	ck_assert_int_eq(m->count, 1);
	ck_assert(!sc->messages[0].control);
	world_emit_legit(&world, sc, dns, &sink);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&flags),
	    "legit rcpt=good.test host=mx.good.test addr=198.18.0.20 "
	    "num=10\n"));
}
END_TEST

START_TEST(legitimate_hosts_are_told_best_first)
{
	ck_assert_str_eq(legit(HEAD ZONE),
	    "legit rcpt=r.test host=mx1.r.test addr=198.18.1.1 num=10\n"
	    "legit rcpt=r.test host=mx2.r.test addr=198.18.1.2 num=20\n"
	    "legit rcpt=s.test host=mx.s.test addr=198.18.0.10 num=10\n"
	    "legit rcpt=s.test host=mx.s.test addr=2001:db8:2::10 num=10\n");
}
END_TEST

START_TEST(a_domain_is_told_once_however_many_recipients_it_has)
{
	ck_assert_str_eq(legit(HEAD ZONE "messages:\n"
	    "  - {to: [a@r.test, b@R.test]}\n  - {to: c@r.test}\n"),
	    "legit rcpt=r.test host=mx1.r.test addr=198.18.1.1 num=10\n"
	    "legit rcpt=r.test host=mx2.r.test addr=198.18.1.2 num=20\n"
	    "legit rcpt=s.test host=mx.s.test addr=198.18.0.10 num=10\n"
	    "legit rcpt=s.test host=mx.s.test addr=2001:db8:2::10 num=10\n");
}
END_TEST

START_TEST(a_domain_without_a_host_is_told_without_one)
{
	ck_assert_str_eq(legit(HEAD "zone: |\n  r.test.  MX 0 .\n"),
	    "legit rcpt=r.test num=0\n"
	    "legit rcpt=s.test host=mx.s.test addr=198.18.0.10 num=10\n"
	    "legit rcpt=s.test host=mx.s.test addr=2001:db8:2::10 num=10\n");
}
END_TEST

START_TEST(an_address_literal_is_its_own_host)
{
	const char *const to[] = { "a@[198.18.1.2]", "b@[IPv6:2001:db8:2::20]",
		"c@[198.18.9.9]", "d@[nonsense]" };

	build(HEAD ZONE);
	sc->messages[0].to = to;
	sc->messages[0].to_count = 4;
	world_emit_legit(&world, sc, dns, &sink);
	ck_assert_str_eq(sbuf_str(&flags),
	    "legit rcpt=[198.18.1.2] host=mx2.r.test addr=198.18.1.2 num=0\n"
	    "legit rcpt=[IPv6:2001:db8:2::20] host=mx.good.test "
	    "addr=2001:db8:2::20 num=0\n"
	    "legit rcpt=[198.18.9.9] host=198.18.9.9 addr=198.18.9.9 num=0\n"
	    "legit rcpt=[nonsense] num=0\n"
	    "legit rcpt=s.test host=mx.s.test addr=198.18.0.10 num=10\n"
	    "legit rcpt=s.test host=mx.s.test addr=2001:db8:2::10 num=10\n"
	    "legit rcpt=r.test host=mx1.r.test addr=198.18.1.1 num=10\n"
	    "legit rcpt=r.test host=mx2.r.test addr=198.18.1.2 num=20\n");
}
END_TEST

START_TEST(every_rule_is_told_in_words_with_its_place)
{
	build(HEAD ZONE
	    "dns:\n  - {name: mx2.r.test, type: A, answer: servfail}\n"
	    "hosts:\n  mx1.r.test:\n    - {rcpt: 450 4.2.1 later, until: 1h}\n"
	    "    - {connect: refuse, from: 2h, until: 3h, optional: true}\n"
	    "    - {eod: silence, first: 1}\n"
	    "network:\n  - {at: mx2.r.test, state: no-route, until: 1h}\n"
	    "mta:\n  - {do: restart, at: 1h}\n");
	world_emit_rules(sc, &sink);
	ck_assert_str_eq(sbuf_str(&flags),
	    "rule host=mx2.r.test rule=10:5 text=DNS answers servfail must\n"
	    "rule host=mx1.r.test rule=13:7 text=rcpt: 450 4.2.1 later must\n"
	    "rule host=mx1.r.test rule=14:7 text=connect: refuse optional\n"
	    "rule host=mx1.r.test rule=15:7 text=eod: silence must\n"
	    "rule host=mx2.r.test rule=17:5 text=no-route must\n"
	    "rule rule=19:5 text=event of the MTA must\n");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/world");
	TCase *tc = tcase_create("world");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_lab_has_the_hosts_of_ours_in_both_families);
	tcase_add_test(tc,
	    no_name_below_the_search_domain_exists_unless_it_is_a_trap);
	tcase_add_test(tc,
	    with_the_search_trap_every_name_below_leads_to_the_decoy);
	tcase_add_test(tc,
	    the_trap_can_be_asked_for_when_the_scenario_does_not);
	tcase_add_test(tc,
	    a_host_of_ours_that_the_scenario_breaks_is_not_made_twice);
	tcase_add_test(tc, the_common_zone_has_our_names_backwards_too);
	tcase_add_test(tc,
	    a_scenario_with_its_own_senders_domain_does_not_get_ours);
	tcase_add_test(tc,
	    a_name_that_only_ends_like_the_senders_does_not_redefine_it);
	tcase_add_test(tc,
	    senders_domains_without_a_zone_get_a_host_where_asked_for);
	tcase_add_test(tc, the_control_message_goes_to_the_healthy_domain);
	tcase_add_test(tc, legitimate_hosts_are_told_best_first);
	tcase_add_test(tc,
	    a_domain_is_told_once_however_many_recipients_it_has);
	tcase_add_test(tc, a_domain_without_a_host_is_told_without_one);
	tcase_add_test(tc, an_address_literal_is_its_own_host);
	tcase_add_test(tc, every_rule_is_told_in_words_with_its_place);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

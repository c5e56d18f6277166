/* What is asked of a world is what is certain in it, and no more. */
#include <check.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/explore/draft.h"
#include "tests/unit/suite.h"

#define HOUR	(3600 * USEC_PER_SEC)

static struct draft d;

static void
setup(void)
{
	memset(&d, 0, sizeof d);
	d.resolvers = 1;
	d.mta_ipv4 = d.mta_ipv6 = true;
	d.hosts[0] = (struct draft_host){ true, true, false, 10 };
	d.message_count = 1;
	d.messages[0].from = "sender@s.test";
	d.messages[0].to = 1;
}

static struct draft_fault *
fault(enum draft_table table)
{
	struct draft_fault *f = &d.faults[d.fault_count++];

	memset(f, 0, sizeof *f);
	f->table = table;
	*draft_phase(f) = (struct phase)PHASE_ALWAYS;
	return f;
}

static struct draft_fault *
refuse(const char *line)
{
	struct draft_fault *f = fault(DRAFT_IN_HOST);

	f->as.host.stage = FSMTP_RCPT;
	f->lines[0] = line;
	return f;
}

static struct draft_fault *
answer(enum fdns_action action)
{
	struct draft_fault *f = fault(DRAFT_IN_DNS);

	f->as.dns.action = action;
	f->as.dns.ttl = -1;
	return f;
}

static void
promises(const char *outcome, bool never)
{
	struct sbuf out = { 0 };
	char want[128];

	draft_promise(&d, &out);
	snprintf(want, sizeof want, "%sexpect:\n  - {message: m1, outcome: "
	    "%s}\n", never ? "repair: never\n" : "", outcome);
	ck_assert_str_eq(sbuf_str(&out), want);
	sbuf_fini(&out);
}

START_TEST(a_healthy_world_delivers)
{
	promises("delivered", false);
	d.mta_ipv4 = false;
	promises("any-safe", true);
}
END_TEST

START_TEST(what_heals_in_time_delivers)
{
	refuse("451 later")->as.host.rule.phase.until_us = 12 * HOUR;
	promises("[delivered, duplicate-excused]", false);
	answer(FDNS_SERVFAIL)->as.dns.rule.phase.first = 3;
	promises("[delivered, duplicate-excused]", false);
}
END_TEST

START_TEST(dns_alone_makes_no_second_copy)
{
	answer(FDNS_SERVFAIL)->as.dns.rule.phase.until_us = HOUR;
	answer(FDNS_TRUTH)->as.dns.shuffle = true;
	promises("delivered", false);
}
END_TEST

static struct draft_fault *
refuse_connections(int host)
{
	struct draft_fault *f = fault(DRAFT_IN_HOST);

	f->host = host;
	f->as.host.stage = FSMTP_CONNECT;
	f->as.host.connect = FSMTP_CONNECT_REFUSE;
	return f;
}

START_TEST(a_host_that_is_well_takes_it_though_another_is_dead)
{
	d.hosts[1] = (struct draft_host){ true, true, true, 20 };
	refuse_connections(0);
	promises("delivered", true);
	/* Of no use to who cannot reach one of its addresses. */
	d.mta_ipv6 = false;
	promises("any-safe", true);
	d.mta_ipv6 = true;
	/* Who tries two addresses may never come to it. */
	d.hosts[0].ipv6 = true;
	promises("any-safe", true);
	d.hosts[0].ipv6 = false;
	/* A refusal of the mail may be the end of it. */
	d.faults[0].as.host.stage = FSMTP_RCPT;
	d.faults[0].lines[0] = "451 later";
	promises("any-safe", true);
}
END_TEST

START_TEST(what_is_wrong_everywhere_spares_no_host)
{
	d.hosts[1] = (struct draft_host){ true, true, false, 20 };
	refuse_connections(0);
	refuse_connections(DRAFT_SENDER_MX);
	promises("delivered", true);
	fault(DRAFT_IN_NETWORK)->as.network.state = NET_BLACKHOLE;
	promises("any-safe", true);
}
END_TEST

START_TEST(what_heals_too_late_promises_nothing)
{
	refuse("451 later")->as.host.rule.phase.until_us = 80 * HOUR;
	promises("any-safe", false);
}
END_TEST

START_TEST(counts_add_up)
{
	for (int i = 0; i < 4; i++)
		refuse("451 later")->as.host.rule.phase.first = 4;
	promises("any-safe", false);
}
END_TEST

START_TEST(what_has_no_end_promises_nothing)
{
	refuse("451 later");
	promises("any-safe", true);
	d.faults[0].as.host.rule.phase.after = 1;
	promises("any-safe", true);
}
END_TEST

START_TEST(what_may_be_final_promises_nothing)
{
	refuse("550 never")->as.host.rule.phase.first = 1;
	promises("any-safe", false);
	d.fault_count = 0;
	answer(FDNS_NXDOMAIN)->as.dns.rule.phase.first = 1;
	promises("any-safe", false);
}
END_TEST

START_TEST(where_nobody_is_the_report_is_certain)
{
	memset(d.hosts, 0, sizeof d.hosts);
	d.kind = DRAFT_BY_NULL_MX;
	promises("bounced", true);
	d.messages[0].notify = "NEVER";
	promises("discarded", true);
	d.messages[0].notify = NULL;
	d.messages[0].from = "";
	promises("discarded", true);
	answer(FDNS_SERVFAIL);
	promises("any-safe", true);
}
END_TEST

START_TEST(a_stopped_mta_comes_back)
{
	struct draft_fault *f = fault(DRAFT_IN_MTA);

	f->as.mta.verb = MTA_STOP;
	f->as.mta.rule.phase.from_us = HOUR;
	f->start_us = 2 * HOUR;
	promises("[delivered, duplicate-excused]", false);
	f->start_us = 90 * HOUR;
	promises("any-safe", false);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("explore promise");
	TCase *tc = tcase_create("promise");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_healthy_world_delivers);
	tcase_add_test(tc, what_heals_in_time_delivers);
	tcase_add_test(tc, dns_alone_makes_no_second_copy);
	tcase_add_test(tc,
	    a_host_that_is_well_takes_it_though_another_is_dead);
	tcase_add_test(tc, what_is_wrong_everywhere_spares_no_host);
	tcase_add_test(tc, what_heals_too_late_promises_nothing);
	tcase_add_test(tc, counts_add_up);
	tcase_add_test(tc, what_has_no_end_promises_nothing);
	tcase_add_test(tc, what_may_be_final_promises_nothing);
	tcase_add_test(tc, where_nobody_is_the_report_is_certain);
	tcase_add_test(tc, a_stopped_mta_comes_back);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

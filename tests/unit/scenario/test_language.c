/* What the keys of the language become. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/scenario/rules.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/show.h"
#include "tests/unit/suite.h"

static struct scenario *
parse(const char *text)
{
	struct scenario *sc;
	struct diags diags;

	diags_init(&diags);
	sc = scenario_parse(text, strlen(text), "scenarios/a/b.yaml", &diags);
	if (diags.count > 0)
		diags_print(&diags, text, stderr);
	ck_assert_ptr_nonnull(sc);
	ck_assert_uint_eq(diags.count, 0);
	diags_fini(&diags);
	return sc;
}

#define HEAD "title: t\ncovers: [R-DF-CON-a]\n"				\
	"zone: |\n  r.test.  MX 10 mx1.r.test.\n"			\
	"  mx1.r.test.  A 198.18.1.1\n"
#define DELIVERED "expect: {outcome: delivered}\n"

static void
check_shown(const struct scenario *sc, const char *part)
{
	struct sbuf out = { 0 };

	scenario_show(sc, &out);
	ck_assert_msg(strstr(sbuf_str(&out), part) != NULL, "%s\nin\n%s",
	    part, sbuf_str(&out));
	sbuf_fini(&out);
}

START_TEST(an_expectation_asks_for_the_fields_of_reports)
{
	struct scenario *sc = parse(HEAD "expect:\n  outcome: bounced\n"
	    "  report:\n"
	    "    - {from: \"\", remote-mta: mx1.r.test, envid: \"*\"}\n"
	    "    - {action: delayed, status: \"4.*\"}\n"
	    "  delays-min: 1\n  delays-max: 2\n  relayed-max: 0\n");
	const struct expectation *ex = &sc->expect[0];

	ck_assert_uint_eq(ex->report_count, 2);
	ck_assert_int_eq(ex->reports[0].action, REPORT_FAILED);
	ck_assert_str_eq(ex->reports[0].fields[REPORT_FIELD_FROM], "");
	ck_assert_str_eq(ex->reports[0].fields[REPORT_FIELD_REMOTE_MTA],
	    "mx1.r.test");
	ck_assert_str_eq(ex->reports[0].fields[REPORT_FIELD_ENVID], "*");
	ck_assert_ptr_null(ex->reports[0].fields[REPORT_FIELD_STATUS]);
	ck_assert_int_eq(ex->reports[0].loc.line, 9);
	ck_assert_int_eq(ex->reports[1].action, REPORT_DELAYED);
	ck_assert_str_eq(ex->reports[1].fields[REPORT_FIELD_STATUS], "4.*");
	ck_assert_int_eq(ex->delays_min, 1);
	ck_assert_int_eq(ex->delays_max, 2);
	ck_assert_int_eq(ex->relayed_min, 0);
	ck_assert_int_eq(ex->relayed_max, 0);
	check_shown(sc, "bounced, a report \"failed\" with from \"\" and "
	    "envid \"*\" and remote-mta \"mx1.r.test\", a report \"delayed\" "
	    "with status \"4.*\", at least 1 report \"delayed\", at most 2 "
	    "reports \"delayed\", no report \"relayed\".");
	scenario_free(sc);
}
END_TEST

START_TEST(an_expectation_that_does_not_count_reports_allows_any_number)
{
	struct scenario *sc = parse(HEAD DELIVERED);

	ck_assert_uint_eq(sc->expect[0].report_count, 0);
	ck_assert_int_eq(sc->expect[0].delays_max, -1);
	ck_assert_int_eq(sc->expect[0].relayed_max, -1);
	scenario_free(sc);
}
END_TEST

START_TEST(a_rule_counts_connections_or_transactions)
{
	struct scenario *sc = parse(HEAD "hosts:\n  mx1.r.test:\n"
	    "    - {eod: close, nth-transaction: 3}\n"
	    "    - {rcpt: \"450 no\", counts: transactions, first: 2, "
	    "nth: 2}\n"
	    "    - {rcpt: \"450 no\", first: 1}\n" DELIVERED);
	const struct fsmtp_rule *r = sc->hosts[0].rules;

	ck_assert_int_eq(r[0].counts, FSMTP_COUNT_TRANSACTIONS);
	ck_assert_uint_eq(r[0].rule.phase.after, 2);
	ck_assert_uint_eq(r[0].rule.phase.first, 1);
	ck_assert_int_eq(r[1].counts, FSMTP_COUNT_TRANSACTIONS);
	ck_assert_int_eq(r[2].counts, FSMTP_COUNT_CONNECTIONS);
	check_shown(sc, "the end of data: close, after the first 2 "
	    "transactions, only 1 transaction.");
	check_shown(sc, "RCPT TO, number 2 in a session is \"450 no\", only "
	    "2 transactions.");
	scenario_free(sc);
}
END_TEST

START_TEST(replies_and_answers_come_in_pieces)
{
	struct scenario *sc = parse(HEAD "dns:\n"
	    "  - {name: R.test, case: same, edns: with, answer: truth, "
	    "pieces: [1, 20], pause: 5s}\n"
	    "hosts:\n  mx1.r.test:\n"
	    "    - {mail: raw, raw: 3235300d0a, pieces: 2}\n"
	    "    - {idle: \"421 bye\", delay: 30s}\n" DELIVERED);
	const struct fsmtp_rule *r = sc->hosts[0].rules;

	ck_assert_uint_eq(sc->dns[0].piece_count, 2);
	ck_assert_uint_eq(sc->dns[0].pieces[1], 20);
	ck_assert_int_eq(sc->dns[0].pause_us, 5 * USEC_PER_SEC);
	ck_assert_int_eq(sc->dns[0].edns, FDNS_EDNS_WITH);
	ck_assert_int_eq(sc->dns[0].name_case, FDNS_CASE_SAME);
	ck_assert_int_eq(r[0].action, FSMTP_DO_RAW);
	ck_assert_uint_eq(r[0].raw_len, 5);
	ck_assert_mem_eq(r[0].raw, "250\r\n", 5);
	ck_assert_uint_eq(r[0].pieces[0], 2);
	ck_assert_int_eq(r[0].pause_us, USEC_PER_SEC);
	ck_assert_int_eq(r[1].stage, FSMTP_IDLE);
	check_shown(sc, "with EDNS in same case: truth, in pieces of 1 and 20 "
	    "octets and the rest, 5s between them.");
	check_shown(sc, "the reply to MAIL FROM: raw, in pieces of 2 octets "
	    "and the rest, 1s between them.");
	check_shown(sc, "is \"421 bye\", after 30s.");
	scenario_free(sc);
}
END_TEST

START_TEST(a_rule_for_a_domain_is_one_of_each_host_below_it)
{
	struct scenario *sc = parse(HEAD "  in.r.test. A 198.18.1.8\n"
	    "  a.in.r.test. A 198.18.1.9\n"
	    "hosts:\n  \"*.in.r.test\": [{mail: \"450 all\"}]\n"
	    "  \"*.R.test\":\n    keywords: [SIZE]\n"
	    "    greylist: {delay: 5m}\n    rules: [{rcpt: \"450 any\"}]\n"
	    "  a.in.r.test: [{ehlo: \"450 own\"}]\n" DELIVERED);
	size_t seen = 0;

	for (size_t i = 0; i < sc->host_count; i++) {
		const struct fsmtp_host *h = &sc->hosts[i];

		if (strcmp(h->name, "a.in.r.test") == 0) {
			ck_assert_uint_eq(h->rule_count, 3);
			ck_assert_int_eq(h->rules[0].stage, FSMTP_EHLO);
			ck_assert_int_eq(h->rules[1].stage, FSMTP_MAIL);
			ck_assert_int_eq(h->rules[2].stage, FSMTP_RCPT);
		} else if (strstr(h->name, "r.test") != NULL) {
			ck_assert_uint_eq(h->rule_count, 1);
			ck_assert_str_eq(h->keywords[0], "SIZE");
			ck_assert(fsmtp_greylists(h));
		} else {
			ck_assert_uint_eq(h->rule_count, 0);
			continue;
		}
		seen++;
	}
	ck_assert_uint_eq(seen, 3);
	scenario_free(sc);
}
END_TEST

START_TEST(a_message_brings_its_own_header_and_body)
{
	struct scenario *sc = parse(HEAD "messages:\n  to: a@r.test\n"
	    "  header: |\n    Subject: x\n  body: |\n    Gr\xc3\xbc\xc3\x9f"
	    "e\n    .\n" DELIVERED);

	ck_assert_str_eq(sc->messages[0].header, "Subject: x\n");
	ck_assert_str_eq(sc->messages[0].body, "Gr\xc3\xbc\xc3\x9f" "e\n.\n");
	ck_assert(sc->messages[0].eight_bit);
	check_shown(sc, "with a header of its own, with a body of its own.");
	scenario_free(sc);
}
END_TEST

START_TEST(the_walk_over_the_rules_meets_each_once_in_order)
{
	static const char *const want[] = { "8:5", "9:5", "13:17", "17:9",
		"18:9", "20:5", "22:5" };
	static const enum rule_kind kinds[] = { RULE_DNS, RULE_DNS,
		RULE_GREYLIST, RULE_SMTP, RULE_SMTP, RULE_NETWORK, RULE_MTA };
	struct scenario *sc = parse(HEAD
	    "hosts:\n  mx1.r.test: []\n"
	    DELIVERED);
	size_t n = 0;

	for (struct scenario_rule r = { 0 }; scenario_rules(sc, &r); )
		n++;
	ck_assert_uint_eq(n, 0);
	scenario_free(sc);
	sc = parse(HEAD "mta-families: [ipv4]\ndns:\n"
	    "  - {name: r.test, answer: servfail, first: 1}\n"
	    "  - {name: x.test, answer: drop}\n"
	    "hosts:\n  mx0.r.test:\n    addresses: [198.18.1.9]\n"
	    "    greylist:   {delay: 5m}\n"
	    "  mx3.r.test: {addresses: [198.18.1.3]}\n"
	    "  mx1.r.test:\n    rules:\n"
	    "      - {rcpt: \"450 no\", first: 1}\n"
	    "      - {eod: close}\n"
	    "network:\n  - {state: link-down, until: 1h}\n"
	    "mta:\n  - {do: kill, at: 1h}\n" DELIVERED);
	for (struct scenario_rule r = { 0 }; scenario_rules(sc, &r); n++) {
		ck_assert_uint_lt(n, 7);
		ck_assert_str_eq(r.rule->id, want[n]);
		ck_assert_int_eq(r.kind, kinds[n]);
		ck_assert((r.dns != NULL) == (r.kind == RULE_DNS));
		ck_assert((r.smtp != NULL) == (r.kind == RULE_SMTP));
		ck_assert((r.mta != NULL) == (r.kind == RULE_MTA));
	}
	ck_assert_uint_eq(n, 7);
	scenario_free(sc);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("language");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, an_expectation_asks_for_the_fields_of_reports);
	tcase_add_test(tc,
	    an_expectation_that_does_not_count_reports_allows_any_number);
	tcase_add_test(tc, a_rule_counts_connections_or_transactions);
	tcase_add_test(tc, replies_and_answers_come_in_pieces);
	tcase_add_test(tc,
	    a_rule_for_a_domain_is_one_of_each_host_below_it);
	tcase_add_test(tc, a_message_brings_its_own_header_and_body);
	tcase_add_test(tc, the_walk_over_the_rules_meets_each_once_in_order);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

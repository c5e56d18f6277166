#include "fake_dns/rule.h"

#include "tests/unit/fake_dns/ask.h"

static const char zone[] =
    "r.test. MX 10 mx1.r.test.\n"
    "r.test. MX 20 mx2.r.test.\n"
    "r.test. MX 30 mx3.r.test.\n"
    "r.test. MX 40 mx4.r.test.\n"
    "mx1.r.test. A 198.18.1.1\n"
    "mx2.r.test. A 198.18.1.2\n";
static const char truth[] = "MX 10 mx1.r.test, MX 20 mx2.r.test, "
    "MX 30 mx3.r.test, MX 40 mx4.r.test";
static const char trap[] = "r.test. MX 1 trap.test.\n"
    "trap.test. A 192.0.2.66\n";

static struct fdns_rule rule;

/* A server with one rule about r.test MX. */
static void
serve_rule(struct fdns_rule r)
{
	rule = r;
	rule.name = "r.test";
	rule.type = TYPE_MX;
	serve(zone, &rule, 1);
}

START_TEST(each_failure_code_is_answered_without_records)
{
	static const struct {
		enum fdns_action action;
		int rcode;
	} codes[] = { { FDNS_SERVFAIL, 2 }, { FDNS_REFUSED, 5 },
		{ FDNS_FORMERR, 1 }, { FDNS_NOTIMP, 4 } };

	for (int i = 0; i < 4; i++) {
		serve_rule((struct fdns_rule){ ALWAYS,
		    .action = codes[i].action });
		ck_assert_str_eq(ask("r.test", TYPE_MX), "");
		ck_assert_int_eq(rcode(), codes[i].rcode);
		ck_assert_int_eq(in_section(SEC_AUTHORITY), 0);
		ck_assert_uint_eq(get16(replies[0].bytes), 0x1234);
		ck_assert_uint_eq(rule.rule.fired, 1);
	}
}
END_TEST

START_TEST(negative_answers_carry_the_soa)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_NODATA });
	ck_assert_str_eq(ask("r.test", TYPE_MX), "");
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_NXDOMAIN });
	ck_assert_str_eq(ask("r.test", TYPE_MX), "");
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
}
END_TEST

START_TEST(drop_sends_nothing_and_close_closes)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_DROP });
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 0), 1);
	ck_assert_ptr_null(replies[0].bytes);
	ck_assert(!replies[0].close);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_CLOSE });
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	ck_assert_uint_eq(rule.rule.fired, 0);
	peer.transport = FDNS_TCP;
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 0), 1);
	ck_assert_ptr_null(replies[0].bytes);
	ck_assert(replies[0].close);
	ck_assert_uint_eq(rule.rule.fired, 1);
}
END_TEST

START_TEST(given_records_answer_and_others_come_along)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_RECORDS,
	    .records = trap });
	ck_assert_str_eq(ask("r.test", TYPE_MX), "MX 1 trap.test");
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 1);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_RECORDS,
	    .records = "b.test. MX 3 m.\n@ CNAME b.test.\n" });
	ck_assert_int_eq((int)strlen(ask("r.test", TYPE_MX)),
	    (int)strlen("MX 3 m, CNAME b.test"));
	ck_assert_int_eq(in_section(SEC_ANSWER), 2);
}
END_TEST

START_TEST(a_rule_for_any_type_gives_the_type_asked_for)
{
	rule = (struct fdns_rule){ ALWAYS, .name = "*.x.test",
	    .action = FDNS_RECORDS,
	    .records = "@ MX 3 m.test.\n@ A 192.0.2.3\n" };
	serve(zone, &rule, 1);
	ck_assert_str_eq(ask("a.b.x.test", TYPE_A), "A 192.0.2.3");
	ck_assert_str_eq(ask("a.b.x.test", TYPE_MX), "MX 3 m.test");
	ck_assert_str_eq(ask("a.b.x.test", TYPE_AAAA), "");
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
	ask("x.test", TYPE_A);
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	ck_assert_uint_eq(rule.rule.fired, 3);
}
END_TEST

START_TEST(truncation_is_for_udp_alone)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_TRUNCATE });
	ck_assert_str_eq(ask("r.test", TYPE_MX), "truncated");
	ck_assert_int_eq(in_section(SEC_ANSWER), 0);
	peer.transport = FDNS_TCP;
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	ck_assert_uint_eq(rule.rule.fired, 1);
	peer.transport = FDNS_UDP;
	serve_rule((struct fdns_rule){ ALWAYS,
	    .action = FDNS_TRUNCATE_PARTIAL, .records = trap });
	ck_assert_str_eq(ask("r.test", TYPE_MX), "truncated, MX 1 trap.test");
}
END_TEST

START_TEST(a_forgery_comes_before_the_truth)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_WRONG_ID,
	    .records = trap, .delay_us = 5 });
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 0), 2);
	ck_assert_uint_eq(get16(replies[0].bytes), 0x1235);
	ck_assert_str_eq(summary(0), "MX 1 trap.test");
	ck_assert_int_eq(replies[0].delay_us, 5);
	ck_assert_uint_eq(get16(replies[1].bytes), 0x1234);
	ck_assert_str_eq(summary(1), truth);
	ck_assert_int_eq(replies[1].delay_us, 200005);

	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_WRONG_QUESTION,
	    .records = trap });
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 0), 2);
	ck_assert_uint_eq(get16(replies[0].bytes), 0x1234);
	ck_assert_mem_eq(replies[0].bytes + 12, "\1x\4test", 8);
	ck_assert_str_eq(summary(0), "MX 1 trap.test");
	ck_assert_mem_eq(replies[1].bytes + 12, "\1r\4test", 8);

	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_WRONG_SOURCE,
	    .records = trap });
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 0), 2);
	ck_assert(replies[0].other_port);
	ck_assert_str_eq(summary(0), "MX 1 trap.test");
	ck_assert(!replies[1].other_port);
}
END_TEST

START_TEST(mutation_is_the_same_in_every_run_and_spares_the_id)
{
	uint8_t plain[512], first[512];
	size_t len;

	serve(zone, NULL, 0);
	ask("r.test", TYPE_MX);
	len = replies[0].len;
	memcpy(plain, replies[0].bytes, len);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_MUTATE });
	ask("r.test", TYPE_MX);
	ck_assert_uint_eq(replies[0].len, len);
	ck_assert_mem_eq(replies[0].bytes, plain, 2);
	ck_assert_mem_ne(replies[0].bytes, plain, len);
	memcpy(first, replies[0].bytes, len);
	ask("r.test", TYPE_MX);
	ck_assert_mem_ne(replies[0].bytes, first, len);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_MUTATE });
	ask("mx1.r.test", TYPE_A);	/* another query changes nothing */
	ask("r.test", TYPE_MX);
	ck_assert_mem_eq(replies[0].bytes, first, len);
}
END_TEST

START_TEST(raw_and_cut_send_what_is_no_message)
{
	static const uint8_t raw[] = { 1, 2, 3 };

	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_RAW,
	    .raw = raw, .raw_len = sizeof raw });
	ask("r.test", TYPE_MX);
	ck_assert_uint_eq(replies[0].len, 5);
	ck_assert_mem_eq(replies[0].bytes, "\x12\x34\1\2\3", 5);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_CUT,
	    .octets = 5 });
	ask("r.test", TYPE_MX);
	ck_assert_uint_eq(replies[0].len, 5);
}
END_TEST

START_TEST(the_truth_can_be_late_shuffled_short_lived_and_authentic)
{
	struct sbuf first = { 0 };
	bool differed = false;

	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_TRUTH,
	    .shuffle = true, .ad = true, .delay_us = 7 });
	rule.ttl = 0;
	sbuf_puts(&first, ask("r.test", TYPE_MX));
	ck_assert_int_eq(replies[0].delay_us, 7);
	ck_assert(flags() & FLAG_AD);
	ck_assert_uint_eq(get32(replies[0].bytes + 12 + 12 + 6), 0);
	ck_assert_uint_eq(strlen(sbuf_str(&first)), strlen(truth));
	for (int i = 0; i < 8; i++)
		differed |= strcmp(ask("r.test", TYPE_MX),
		    sbuf_str(&first)) != 0;
	ck_assert(differed);
	sbuf_fini(&first);
}
END_TEST

START_TEST(owner_names_come_in_random_case)
{
	bool upper = false;

	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_TRUTH,
	    .mix_case = true });
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	ck_assert_mem_eq(replies[0].bytes + 12, "\1r\4test", 8);
	ck_assert_int_eq(in_section(SEC_ANSWER), 4);
	for (int i = 0; i < 4; i++) {
		const uint8_t *owner = replies[0].bytes + 12 + 12;

		upper |= memcmp(owner, "\1r\4test", 8) != 0;
		ck_assert_uint_eq(owner[0], 1);
		ask("r.test", TYPE_MX);
	}
	ck_assert(upper);
}
END_TEST

START_TEST(a_rule_may_tell_queries_by_edns)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_SERVFAIL,
	    .edns = FDNS_EDNS_WITH });
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	ck_assert_uint_eq(ask_edns("r.test", TYPE_MX, 1232), 1);
	ck_assert_int_eq(rcode(), RCODE_SERVFAIL);
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_SERVFAIL,
	    .edns = FDNS_EDNS_WITHOUT });
	ask_edns("r.test", TYPE_MX, 1232);
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
	ask("r.test", TYPE_MX);
	ck_assert_int_eq(rcode(), RCODE_SERVFAIL);
	ck_assert_uint_eq(rule.rule.fired, 1);
}
END_TEST

static bool
decides(enum fdns_case name_case, const char *pattern, const char *asked)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_SERVFAIL,
	    .name_case = name_case });
	rule.name = pattern;
	serve(zone, &rule, 1);
	ask(asked, TYPE_MX);
	return rcode() == RCODE_SERVFAIL;
}

START_TEST(a_rule_may_tell_queries_by_the_case_of_the_name)
{
	ck_assert(decides(FDNS_CASE_ANY, "r.test", "R.tESt"));
	ck_assert(decides(FDNS_CASE_LOWER, "r.test", "r.test"));
	ck_assert(!decides(FDNS_CASE_LOWER, "r.test", "r.tesT"));
	ck_assert(decides(FDNS_CASE_MIXED, "r.test", "r.tesT"));
	ck_assert(!decides(FDNS_CASE_MIXED, "r.test", "r.test"));
	ck_assert(decides(FDNS_CASE_SAME, "R.test", "R.test"));
	ck_assert(!decides(FDNS_CASE_SAME, "R.test", "r.test"));
	ck_assert(decides(FDNS_CASE_SAME, "*.Test", "r.Test"));
	ck_assert(!decides(FDNS_CASE_SAME, "*.Test", "r.test"));
}
END_TEST

START_TEST(contacts_are_counted_whatever_rule_decided)
{
	struct fdns_rule rules[] = {
		{ ALWAYS, .name = "r.test", .action = FDNS_SERVFAIL },
		{ ALWAYS, .name = "R.test.", .action = FDNS_REFUSED },
	};

	rules[0].rule.phase.first = 2;
	rules[1].rule.phase.after = 3;
	serve(zone, rules, 2);
	for (int i = 0; i < 2; i++) {
		ask("r.test", TYPE_MX);
		ck_assert_int_eq(rcode(), RCODE_SERVFAIL);
	}
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	ask("r.test", TYPE_A);
	ck_assert_int_eq(rcode(), RCODE_REFUSED);
	ck_assert_uint_eq(rules[0].rule.fired, 2);
	ck_assert_uint_eq(rules[1].rule.fired, 1);
	fdns_start_phases(server);
	ask("r.test", TYPE_MX);
	ck_assert_int_eq(rcode(), RCODE_SERVFAIL);
}
END_TEST

START_TEST(a_phase_in_time_counts_from_the_start)
{
	serve_rule((struct fdns_rule){ ALWAYS, .action = FDNS_SERVFAIL });
	rule.rule.phase.from_us = 10;
	rule.rule.phase.until_us = 20;
	timers_advance(timers, 100);
	fdns_start_phases(server);
	for (int t = 100; t < 130; t++) {
		timers_advance(timers, t);
		ask("r.test", TYPE_MX);
		ck_assert_int_eq(rcode(), t >= 110 && t < 120 ? 2 : 0);
	}
	ck_assert_uint_eq(rule.rule.fired, 10);
}
END_TEST

START_TEST(a_rule_sees_only_its_type_transport_and_resolver)
{
	rule = (struct fdns_rule){ ALWAYS, .name = "r.test", .type = TYPE_MX,
	    .transport = FDNS_TCP, .resolver = 2, .action = FDNS_SERVFAIL };
	rule.rule.phase.first = 1;
	serve(zone, &rule, 1);
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	peer.transport = FDNS_TCP;
	ck_assert_str_eq(ask("r.test", TYPE_MX), truth);
	peer.resolver = 2;
	ask("r.test", TYPE_A);
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
	ask("r.test", TYPE_MX);
	ck_assert_int_eq(rcode(), RCODE_SERVFAIL);
}
END_TEST

START_TEST(a_faulty_address_is_not_added_to_an_mx_answer)
{
	rule = (struct fdns_rule){ ALWAYS, .name = "mx1.r.test",
	    .action = FDNS_SERVFAIL };
	serve(zone, &rule, 1);
	ask("r.test", TYPE_MX);
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 1);
}
END_TEST

START_TEST(wrong_records_and_names_of_a_rule_are_refused)
{
	struct fdns_config cf = { .rules = &rule, .rule_count = 1,
	    .timers = timers };
	struct fdns_error error;

	rule = (struct fdns_rule){ ALWAYS, .action = FDNS_RECORDS,
	    .records = "r.test. MX ten\n" };
	ck_assert_ptr_null(fdns_new(&cf, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "7:3"));
	rule = (struct fdns_rule){ ALWAYS, .name = "a..b" };
	ck_assert_ptr_null(fdns_new(&cf, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "a..b"));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		each_failure_code_is_answered_without_records,
		negative_answers_carry_the_soa,
		drop_sends_nothing_and_close_closes,
		given_records_answer_and_others_come_along,
		a_rule_for_any_type_gives_the_type_asked_for,
		truncation_is_for_udp_alone,
		a_forgery_comes_before_the_truth,
		mutation_is_the_same_in_every_run_and_spares_the_id,
		raw_and_cut_send_what_is_no_message,
		the_truth_can_be_late_shuffled_short_lived_and_authentic,
		owner_names_come_in_random_case,
		a_rule_may_tell_queries_by_edns,
		a_rule_may_tell_queries_by_the_case_of_the_name,
		contacts_are_counted_whatever_rule_decided,
		a_phase_in_time_counts_from_the_start,
		a_rule_sees_only_its_type_transport_and_resolver,
		a_faulty_address_is_not_added_to_an_mx_answer,
		wrong_records_and_names_of_a_rule_are_refused,
	};

	return run_suite("fake_dns/faults", tests,
	    sizeof tests / sizeof *tests);
}

/* RFC 5321 section 4.1.2 as tables: what is right, and what is nearly so. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fake_smtp/grammar.h"

static struct span
span(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static bool
span_equals(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static const char label63[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaa";

START_TEST(domains_and_literals_are_told_from_others)
{
	static const char *const good[] = { "a", "a.b", "a-b.c9", "9.9",
		"[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::]", "x.\303\266",
		label63 };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a",
		"a-", "a.-b", "a-.b", "a_b", "a b", "[192.0.2]", "[1.2.3.4",
		"1.2.3.4]", "[]", "[IPv6:192.0.2.1]", "[2001:db8::1]",
		"[1.2.3.4]x" };
	char text[600];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(smtp_domain_valid(span(good[i])), "%s",
		    good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!smtp_domain_valid(span(bad[i])), "%s", bad[i]);
	ck_assert_uint_eq(strlen(label63), 63);
	snprintf(text, sizeof text, "a%s", label63);
	ck_assert(!smtp_domain_valid(span(text)));
	/* 255 octets in all, RFC 5321 section 4.5.3.1.2. */
	snprintf(text, sizeof text, "%s.%s.%s.%s", label63, label63, label63,
	    label63);
	ck_assert_uint_eq(strlen(text), 255);
	ck_assert(smtp_domain_valid(span(text)));
	strcat(text, ".a");
	ck_assert(!smtp_domain_valid(span(text)));
}
END_TEST

START_TEST(a_host_says_its_whole_name)
{
	static const char *const good[] = { "a.b", "mx.9a", "x.\303\266",
		"[192.0.2.1]", "[IPv6:::1]" };
	static const char *const bad[] = { "localhost", "a", "192.0.2.1",
		"9.9" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(smtp_domain_qualified(span(good[i])), "%s",
		    good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!smtp_domain_qualified(span(bad[i])), "%s",
		    bad[i]);
}
END_TEST

START_TEST(paths_are_taken_apart)
{
	static const struct {
		const char *text, *mailbox, *rest;
		bool route, utf8;
	} all[] = {
		{ "<a@b>", "a@b", "", false, false },
		{ "<a.b+c@d.e> SIZE=1", "a.b+c@d.e", " SIZE=1", false, false },
		{ "<\"a b\"@c>", "\"a b\"@c", "", false, false },
		{ "<\"a\\\"b>\"@c>", "\"a\\\"b>\"@c", "", false, false },
		{ "<@x,@y.z:a@b>", "a@b", "", true, false },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "", false, false },
		{ "<\303\266@b>", "\303\266@b", "", false, true },
		{ "<a@\303\266.b>", "a@\303\266.b", "", false, true },
		{ "<\"\303\266\"@b>", "\"\303\266\"@b", "", false, true },
	};
	static const char *const bad[] = { "", "<", "a@b", "<a@b", "<a@b>x",
		"< a@b>", "<a>", "<@b>", "<a@>", "<a@@b>", "<.a@b>", "<a.@b>",
		"<a..c@b>", "<a@b.>", "<\"a@b>", "<\"a\\", "<a@b>>",
		"<@x:>", "<@x a@b>", "<@x;@y:a@b>", "<@x,a@b>", "<@x,:a@b>",
		"<a b@c>", "<\"a\001\"@b>", "<a\177@b>", "<a@[1.2.3]>" };
	struct smtp_path p;
	struct span rest;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_msg(smtp_path_parse(span(all[i].text), false, false,
		    &p, &rest), "%s", all[i].text);
		ck_assert_msg(span_equals(p.mailbox, all[i].mailbox), "%s",
		    all[i].text);
		ck_assert_msg(span_equals(rest, all[i].rest), "%s",
		    all[i].text);
		ck_assert_int_eq(p.route, all[i].route);
		ck_assert_msg(p.utf8 == all[i].utf8, "%s", all[i].text);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!smtp_path_parse(span(bad[i]), true, true, &p,
		    &rest), "%s", bad[i]);
}
END_TEST

START_TEST(empty_and_bare_paths_have_their_places)
{
	struct smtp_path p;
	struct span rest;

	ck_assert(smtp_path_parse(span("<>"), true, false, &p, &rest));
	ck_assert_uint_eq(p.mailbox.len, 0);
	ck_assert(!smtp_path_parse(span("<>"), false, true, &p, &rest));
	ck_assert(smtp_path_parse(span("<PostMaster>"), false, true, &p,
	    &rest));
	ck_assert(span_equals(p.mailbox, "PostMaster"));
	ck_assert(!smtp_path_parse(span("<postmaster>"), true, false, &p,
	    &rest));
	ck_assert(!smtp_path_parse(span("<@x:postmaster>"), true, true, &p,
	    &rest));
}
END_TEST

START_TEST(parameters_come_one_by_one)
{
	struct span t = span(" SIZE=10 SMTPUTF8 X-a=b;c+3D"), k, v;
	bool bad;

	ck_assert(smtp_param_next(&t, &k, &v, &bad));
	ck_assert(span_equals(k, "SIZE") && span_equals(v, "10"));
	ck_assert(smtp_param_next(&t, &k, &v, &bad));
	ck_assert(span_is(k, "SMTPUTF8"));
	ck_assert_ptr_null(v.at);
	ck_assert(smtp_param_next(&t, &k, &v, &bad));
	ck_assert(span_equals(k, "X-a") && span_equals(v, "b;c+3D"));
	ck_assert(!smtp_param_next(&t, &k, &v, &bad));
	ck_assert(!bad);
}
END_TEST

START_TEST(broken_parameters_are_told_from_their_end)
{
	static const char *const all[] = { " ", "SIZE", "  A", " =1", " -A",
		" A=", " A=b=c", " A_b", " A=\001", " A=\177", " A\tB" };
	struct span k, v;
	bool bad;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct span t = span(all[i]);

		bad = false;
		ck_assert_msg(!smtp_param_next(&t, &k, &v, &bad) && bad,
		    "\"%s\"", all[i]);
	}
}
END_TEST

START_TEST(verbs_are_known_in_either_case)
{
	struct span args;

	ck_assert_int_eq(smtp_verb_parse(span("mAiL FROM:<>"), &args),
	    SMTP_MAIL);
	ck_assert(span_equals(args, "FROM:<>"));
	ck_assert_int_eq(smtp_verb_parse(span("QUIT"), &args), SMTP_QUIT);
	ck_assert_uint_eq(args.len, 0);
	ck_assert_int_eq(smtp_verb_parse(span("RSET "), &args), SMTP_RSET);
	ck_assert_uint_eq(args.len, 0);
	ck_assert_int_eq(smtp_verb_parse(span("QUITE"), &args),
	    SMTP_UNKNOWN);
	ck_assert_int_eq(smtp_verb_parse(span(""), &args), SMTP_UNKNOWN);
	ck_assert_int_eq(smtp_verb_parse(span(" QUIT"), &args),
	    SMTP_UNKNOWN);
}
END_TEST

START_TEST(mailboxes_are_dot_strings_quoted_strings_and_literals)
{
	static const char *const good[] = { "a@b", "a.b@c.test",
		"\"a b\"@c.test", "\"a\\\"@b\"@c.test", "\"\"@c.test",
		"a@[192.0.2.1]", "a@[IPv6:2001:db8::1]" };
	static const char *const bad[] = { "", "@c.test", "a", "a@", "a b@c",
		"\"a@c.test", "\"a\"b@c.test", "a@c.test>", "a@[192.0.2]",
		"a@[192.0.2.1", "a..b@c.test", "a@c.test d", "Postmaster" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(smtp_mailbox_valid(span(good[i])), "%s",
		    good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!smtp_mailbox_valid(span(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(numbers_and_xtext_are_strict)
{
	unsigned long long n;

	ck_assert(smtp_number_parse(span("0123456789"), &n));
	ck_assert_uint_eq(n, 123456789);
	ck_assert(smtp_number_parse(span("9999999999999999999"), &n));
	ck_assert_uint_eq(n, 9999999999999999999ull);
	ck_assert(!smtp_number_parse(span("10000000000000000000"), &n));
	ck_assert(!smtp_number_parse(span(""), &n));
	ck_assert(!smtp_number_parse(span("-1"), &n));
	ck_assert(!smtp_number_parse(span("1a"), &n));
	ck_assert(smtp_xtext_valid(span("a+2Bb+3D")));
	ck_assert(!smtp_xtext_valid(span("")));
	ck_assert(!smtp_xtext_valid(span("a+2b")));
	ck_assert(!smtp_xtext_valid(span("a+B")));
	ck_assert(!smtp_xtext_valid(span("a=b")));
	ck_assert(!smtp_xtext_valid(span("a b")));
	ck_assert(!smtp_xtext_valid(span("a\177")));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fake_smtp grammar");
	TCase *tc = tcase_create("grammar");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, domains_and_literals_are_told_from_others);
	tcase_add_test(tc, a_host_says_its_whole_name);
	tcase_add_test(tc, paths_are_taken_apart);
	tcase_add_test(tc, empty_and_bare_paths_have_their_places);
	tcase_add_test(tc, parameters_come_one_by_one);
	tcase_add_test(tc, broken_parameters_are_told_from_their_end);
	tcase_add_test(tc, verbs_are_known_in_either_case);
	tcase_add_test(tc,
	    mailboxes_are_dot_strings_quoted_strings_and_literals);
	tcase_add_test(tc, numbers_and_xtext_are_strict);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed > 0;
}

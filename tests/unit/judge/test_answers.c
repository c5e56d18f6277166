/* What answers of DNS and replies of SMTP say, by the text in the trace. */
#include <stdio.h>
#include <string.h>

#include "harness/judge/answers.h"
#include "harness/judge/legit.h"
#include "harness/judge/replies.h"
#include "tests/unit/suite.h"

#define ALL(a)	(int)(sizeof a / sizeof *a)

/* --- one answer --- */

static const struct {
	const char *qtype, *rcode, *action, *text;
	enum answer says;
} answers[] = {
	{ "A", "NOERROR", "truth", "A 198.18.1.1", ANSWER_RECORDS },
	{ "A", "noerror", "truth", "A 198.18.1.1", ANSWER_RECORDS },
	{ "A", "NOERROR", NULL, "A 198.18.1.1", ANSWER_RECORDS },
	{ "A", "NOERROR", "records", "A 198.18.1.1", ANSWER_RECORDS },
	{ "A", "NOERROR", "truth", "CNAME e.test, A 198.18.1.1",
	    ANSWER_RECORDS },
	{ "A", "NOERROR", "truth", "CNAME A, CNAME e.test", ANSWER_NODATA },
	{ "A", "NOERROR", "truth", "AAAA 2001:db8::1", ANSWER_NODATA },
	{ "AAAA", "NOERROR", "truth", "A 198.18.1.1", ANSWER_NODATA },
	{ "A", "NOERROR", "truth", "NS ns.test, A 198.18.1.1",
	    ANSWER_RECORDS },
	{ "A", "NOERROR", "truth", NULL, ANSWER_NODATA },
	{ "A", "NOERROR", "truth", "", ANSWER_NODATA },
	{ NULL, "NOERROR", "truth", "A 198.18.1.1", ANSWER_NODATA },
	{ "A", "NXDOMAIN", "truth", NULL, ANSWER_NXDOMAIN },
	{ "A", "NXDOMAIN", "nxdomain", "CNAME e.test", ANSWER_NXDOMAIN },
	/* RFC 7505: one MX, and its target is the root */
	{ "MX", "NOERROR", "truth", "MX 0 .", ANSWER_NULL_MX },
	{ "MX", "NOERROR", "truth", "CNAME e.test, MX 10 .", ANSWER_NULL_MX },
	{ "MX", "NOERROR", "truth", "MX 0 ., MX 10 a.test", ANSWER_RECORDS },
	{ "MX", "NOERROR", "truth", "MX 10 a.test", ANSWER_RECORDS },
	{ "MX", "NOERROR", "truth", "MX none at all", ANSWER_RECORDS },
	{ "TXT", "NOERROR", "truth", "TXT MX 0 .", ANSWER_RECORDS },
	/* what has failed, or is not there */
	{ "A", "SERVFAIL", "truth", "A 198.18.1.1", ANSWER_SOFT },
	{ "A", "REFUSED", "truth", NULL, ANSWER_SOFT },
	{ "A", NULL, "truth", "A 198.18.1.1", ANSWER_SOFT },
	{ "A", "NOERROR", "truth", "truncated", ANSWER_SOFT },
	{ "A", "NOERROR", "truth", "truncated, A 198.18.1.1", ANSWER_SOFT },
};

START_TEST(an_answer_says_what_it_says)
{
	const struct event ev = { .kind = EV_DNS_REPLY,
	    .qtype = answers[_i].qtype, .rcode = answers[_i].rcode,
	    .action = answers[_i].action, .text = answers[_i].text };

	ck_assert_int_eq(answer_of(&ev), answers[_i].says);
	ck_assert(!answer_is_garbled(&ev));
}
END_TEST

/* Whatever is in it: the question stays open (21.2). */
static const char *const soft[] = { "drop", "servfail", "refused", "formerr",
	"notimp", "truncate", "truncate-partial", "wrong-id",
	"wrong-question", "wrong-source", "mutate", "raw", "cut", "close" };

START_TEST(what_a_rule_spoils_leaves_the_question_open)
{
	struct event ev = { .kind = EV_DNS_REPLY, .qtype = "A",
	    .rcode = "NOERROR", .action = soft[_i], .text = "A 198.18.1.1" };
	const bool garbled = strcmp(soft[_i], "mutate") == 0 ||
	    strcmp(soft[_i], "raw") == 0;

	ck_assert_int_eq(answer_of(&ev), ANSWER_SOFT);
	ck_assert_int_eq(answer_is_garbled(&ev), garbled);
	ev.rcode = "NXDOMAIN";
	ck_assert_int_eq(answer_of(&ev), ANSWER_SOFT);
	ck_assert_int_eq(answer_is_garbled(&ev), garbled);
	ev.rcode = "SERVFAIL";
	ck_assert_int_eq(answer_of(&ev), ANSWER_SOFT);
	ck_assert(!answer_is_garbled(&ev));
	ev.rcode = NULL;
	ck_assert(!answer_is_garbled(&ev));
}
END_TEST

/* --- its records --- */

#define LONG_10 "aaaaaaaaaa"
#define LONG_50 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10
#define LONG_250 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50

static const struct { const char *text, *hosts; } exchangers[] = {
	{ "MX 10 a.test", "10 a.test;" },
	{ "MX 10 a.test, MX 8 b.test", "10 a.test;8 b.test;" },
	{ "CNAME e.test, MX 65535 a.test, A 198.18.1.1", "65535 a.test;" },
	{ "MX 0 .", "0 .;" },
	{ "MX 10 .MX 20 x", "10 .MX;" },
	{ "MX 10 , MX 20 b.test", "20 b.test;" },
	{ "MX a.test, MX 20 b.test", "20 b.test;" },
	{ "MX 1x a.test, MX 20 b.test", "20 b.test;" },
	{ "AMX 10 a.test", "" },
	{ "MX  a.test", "" },
	{ "MX 5 " LONG_250 "aaaaa, MX 6 b", "5 " LONG_250 "aaaaa;6 b;" },
	{ "MX 5 " LONG_250 "aaaaaa, MX 6 b", "6 b;" },
	{ "", "" }, { "MX", "" }, { "MX ", "" }, { NULL, "" },
};

START_TEST(mail_exchangers_are_read)
{
	const char *at = exchangers[_i].text;
	char got[600] = "";
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		snprintf(got + strlen(got), sizeof got - strlen(got),
		    "%d %s;", mx.preference, mx.name);
	ck_assert_str_eq(got, exchangers[_i].hosts);
}
END_TEST

static const struct { const char *text, *addrs; } addresses[] = {
	{ "A 198.18.1.1", "198.18.1.1;" },
	{ "AAAA 2001:db8::1", "2001:db8::1;" },
	{ "A 198.18.1.1, A 198.18.1.2, AAAA ::1",
	    "198.18.1.1;198.18.1.2;::1;" },
	{ "CNAME e.test, A 198.18.1.1", "198.18.1.1;" },
	{ "MX 10 A, TXT AAAA", "" }, { "NS A 1, A 2", "2;" },
	{ "AAAB 1, B 2, AAAA 3", "3;" }, { "AAAAA 1", "" }, { "MX A", "" },
	{ "", "" }, { NULL, "" },
};

START_TEST(addresses_are_read)
{
	const char *at = addresses[_i].text;
	char got[200] = "", addr[64];

	while (answers_next_addr(&at, addr))
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s;",
		    addr);
	ck_assert_str_eq(got, addresses[_i].addrs);
}
END_TEST

/* --- addresses --- */

static const struct { const char *addr; bool own; } places[] = {
	{ "127.0.0.1", true }, { "127.9.9.9", true }, { "0.0.0.0", true },
	{ "0.1.2.3", true }, { "169.254.7.7", true },
	{ "128.0.0.1", false }, { "126.0.0.1", false }, { "1.0.0.1", false },
	{ "1.127.0.0", false }, { "169.253.0.1", false },
	{ "169.255.0.1", false }, { "168.254.0.1", false },
	{ "170.254.0.1", false }, { "254.254.0.1", false },
	{ "198.18.0.1", false }, { "192.0.2.1", false },
	{ "127.0.0.1:25", true },
	{ "::", true }, { "::1", true }, { "::2", false },
	{ "1::", false }, { "1::1", false }, { "::1:0", false },
	{ "::1:1", false }, { "::100", false }, { "::ffff:0:1", true },
	{ "::ffff:127.0.0.1", true }, { "::ffff:0.0.0.0", true },
	{ "::ffff:169.254.1.1", true }, { "::ffff:198.18.1.1", false },
	{ "::ffff:1.127.0.0", false }, { "::ff:127.0.0.1", false },
	{ "::ff00:127.0.0.1", false }, { "::1:ffff:127.0.0.1", false },
	{ "1::ffff:127.0.0.1", false },
	{ "fe80::1", true }, { "febf::1", true }, { "fec0::1", false },
	{ "fe40::1", false }, { "ff80::1", false }, { "fd80::1", false },
	{ "2001:db8::1", false }, { "1ffe::1", false }, { "0080::", false },
	{ "[::1]:25", true }, { "no address", false }, { NULL, false },
};

START_TEST(nobody_else_is_at_an_address_of_ones_own)
{
	if (addr_is_own(places[_i].addr) != places[_i].own)
		ck_abort_msg("%s: %s", places[_i].addr, places[_i].own ?
		    "own" : "another's");
}
END_TEST

static const struct { const char *name; bool addr; } names[] = {
	{ "198.18.1.1", true }, { "198.18.1.1.", true },
	{ "2001:db8::1", true }, { "::1.", true },
	{ "198.18.1.1..", false }, { "198.18.1", false },
	{ "a.test", false }, { "", false }, { ".", false },
	{ "198.18.1.1.test.", false },
	{ LONG_50 LONG_10 "aaaaa", false },
};

START_TEST(an_address_in_the_place_of_a_name_is_known)
{
	ck_assert_int_eq(name_is_addr(names[_i].name), names[_i].addr);
}
END_TEST

START_TEST(the_mta_is_known_by_name_and_address)
{
	ck_assert(name_is_self("MTA.sut.test."));
	ck_assert(!name_is_self("sut.test"));
	ck_assert(!name_is_self(NULL));
	ck_assert(addr_is_self("192.0.2.1"));
	ck_assert(addr_is_self("2001:db8:0:1::1"));
	ck_assert(!addr_is_self("192.0.2.2"));
	ck_assert(!addr_is_self("2001:db8:0:1::2"));
	ck_assert(!addr_is_self(NULL));
}
END_TEST

/* --- replies of SMTP --- */

static const struct {
	int code;
	const char *action, *text;
	int class;
} replies[] = {
	{ 250, NULL, "250 ok", 2 }, { 554, NULL, "554 no", 5 },
	{ 550, "cut", "550", 5 }, { 450, "early", "250 no", 4 },
	{ 0, "raw", "250-x", 2 }, { 0, "raw", "3", 3 }, { 0, "raw", "450", 4 },
	{ 0, "raw", "550-x", 5 }, { 0, "raw", "650", 0 },
	{ 0, "raw", "150", 0 }, { 0, "raw", "x550", 0 },
	{ 0, "raw", "", 0 }, { 0, "silence", NULL, 0 },
	{ 0, NULL, "550 no", 0 },
};

START_TEST(a_reply_is_of_the_class_that_may_be_read_in_it)
{
	const struct event ev = { .kind = EV_SMTP_REPLY,
	    .code = replies[_i].code, .action = replies[_i].action,
	    .text = replies[_i].text };

	ck_assert_int_eq(reply_class(&ev), replies[_i].class);
	ck_assert_int_eq(reply_is_odd(&ev), replies[_i].action != NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answers");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, an_answer_says_what_it_says, 0, ALL(answers));
	tcase_add_loop_test(tc, what_a_rule_spoils_leaves_the_question_open,
	    0, ALL(soft));
	tcase_add_loop_test(tc, mail_exchangers_are_read, 0,
	    ALL(exchangers));
	tcase_add_loop_test(tc, addresses_are_read, 0, ALL(addresses));
	tcase_add_loop_test(tc, nobody_else_is_at_an_address_of_ones_own, 0,
	    ALL(places));
	tcase_add_loop_test(tc, an_address_in_the_place_of_a_name_is_known,
	    0, ALL(names));
	tcase_add_test(tc, the_mta_is_known_by_name_and_address);
	tcase_add_loop_test(tc,
	    a_reply_is_of_the_class_that_may_be_read_in_it, 0, ALL(replies));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

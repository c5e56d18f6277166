/* Lawful ways of speaking SMTP, as transcripts without sockets. */
#include "reference_impl/convert.h"
#include "reference_impl/session.h"

#include "tests/unit/suite.h"

#include <string.h>

#define EHLO	"250-mx\r\n250-SIZE 100000\r\n250-8BITMIME\r\n250-DSN\r\n" \
		"250-CHUNKING\r\n250 PIPELINING\r\n"
#define OK	"250 ok\r\n"
#define GO	"354 go\r\n"

static struct ways ways;
static struct session_mail mail;
static struct session_rcpt rcpts[3];
static struct session s;
static struct sbuf sent;

static void
setup(void)
{
	memset(&ways, 0, sizeof ways);
	memset(rcpts, 0, sizeof rcpts);
	mail = (struct session_mail){ .helo = "sut.test", .from = "a@s.test",
		.content = "Subject: x\r\n\r\n.dot\r\n", .size = 20,
		.rcpts = rcpts, .count = 1, .ways = &ways };
	rcpts[0].addr = "MiXed@r.Test.";
	rcpts[1].addr = "v@r.test";
	rcpts[2].addr = "w@r.test";
}

static void
teardown(void)
{
	session_fini(&s);
	sbuf_fini(&sent);
}

/* What the client says, each of its turns ended by "| ". */
static const char *
play(const char *const *says)
{
	session_init(&s, &mail);
	for (; *says != NULL && !s.closing; says++) {
		session_input(&s, *says, strlen(*says));
		sbuf_add(&sent, sbuf_str(&s.out), s.out.len);
		sbuf_puts(&sent, "| ");
		sbuf_clear(&s.out);
		session_drained(&s);
	}
	return sbuf_str(&sent);
}
#define PLAY(...) play((const char *const[]){ "220 hi\r\n", __VA_ARGS__, NULL })

#define MAIL	"MAIL FROM:<a@s.test> SIZE=20\r\n"
#define MIXED	"RCPT TO:<MiXed@r.Test.>\r\n"
#define TEXT	"Subject: x\r\n\r\n..dot\r\n.\r\n"

/* One recipient, PIPELINING: what is said after EHLO. */
static const struct {
	int way;
	const char *said;
} words[] = {
	{ WAY_COUNT, MAIL MIXED "DATA\r\n| " },
	{ WAY_DATA_ALONE, MAIL MIXED "| | DATA\r\n| " },
	{ WAY_BDAT, MAIL MIXED "| | BDAT 20 LAST\r\nSubject: x\r\n\r\n.dot\r\n"
	    "| " },
	{ WAY_NO_PIPELINING, MAIL "| " MIXED "| DATA\r\n| " },
	{ WAY_NO_SIZE, "MAIL FROM:<a@s.test>\r\n" MIXED "DATA\r\n| " },
	{ WAY_SAYS_7BIT, "MAIL FROM:<a@s.test> SIZE=20 BODY=7BIT\r\n" MIXED
	    "DATA\r\n| " },
	{ WAY_LOWER_CASE_VERBS, "mail from:<a@s.test> SIZE=20\r\n"
	    "rcpt to:<MiXed@r.Test.>\r\ndata\r\n| " },
	{ WAY_NOOP_FIRST, "NOOP\r\n| " MAIL MIXED "DATA\r\n| " },
	{ WAY_ORCPT_ADDED, MAIL "RCPT TO:<MiXed@r.Test.> "
	    "ORCPT=rfc822;MiXed@r.Test.\r\nDATA\r\n| " },
	{ WAY_DOMAIN_UPPER_CASE, MAIL "RCPT TO:<MiXed@R.TEST.>\r\n"
	    "DATA\r\n| " },
	{ WAY_DOMAIN_LOWER_CASE, MAIL "RCPT TO:<MiXed@r.test.>\r\n"
	    "DATA\r\n| " },
	{ WAY_FINAL_DOT_DROPPED, MAIL "RCPT TO:<MiXed@r.Test>\r\nDATA\r\n| " },
};

START_TEST(each_way_says_it_in_its_words)
{
	char want[400];

	if (words[_i].way != WAY_COUNT)
		ways.on[words[_i].way] = true;
	snprintf(want, sizeof want, "%s sut.test\r\n| %s",
	    words[_i].way == WAY_LOWER_CASE_VERBS ? "ehlo" : "EHLO",
	    words[_i].said);
	PLAY(EHLO, OK, OK, GO);
	/* Replies come one a turn, so later turns are cut off. */
	sent.data[strlen(want) < sent.len ? strlen(want) : sent.len] = '\0';
	ck_assert_str_eq(sbuf_str(&sent), want);
}
END_TEST

START_TEST(one_recipient_a_transaction_delivers_each)
{
	mail.count = 2;
	ways.on[WAY_ONE_RECIPIENT] = true;
	PLAY("250 mx\r\n", OK, OK, GO, OK, OK, OK, GO, OK, "221 bye\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), "RCPT TO:<MiXed@r.Test.>"
	    "\r\n| DATA\r\n| " TEXT "| MAIL FROM:<a@s.test>\r\n| "
	    "RCPT TO:<v@r.test>\r\n| DATA"));
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_OK);
	ck_assert_int_eq(rcpts[1].verdict, VERDICT_OK);
	ck_assert_int_eq(s.result, TRY_OK);
}
END_TEST

START_TEST(rset_stands_between_transactions)
{
	mail.count = 2;
	ways.on[WAY_ONE_RECIPIENT] = ways.on[WAY_RSET_BETWEEN] = true;
	PLAY("250 mx\r\n", OK, OK, GO, OK, OK, OK, OK, GO, OK);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), TEXT "| RSET\r\n| MAIL"));
	ck_assert_int_eq(rcpts[1].verdict, VERDICT_OK);
}
END_TEST

START_TEST(held_back_data_is_not_sent_for_nobody)
{
	ways.on[WAY_DATA_ALONE] = true;
	PLAY(EHLO, OK, "550 no\r\n", "221 bye\r\n");
	ck_assert_ptr_null(strstr(sbuf_str(&sent), "DATA"));
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), "QUIT"));
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_PERMANENT);
}
END_TEST

START_TEST(held_back_data_is_not_sent_after_a_refused_mail)
{
	ways.on[WAY_DATA_ALONE] = true;
	PLAY(EHLO, "451 no\r\n", "503 no\r\n", "221 bye\r\n");
	ck_assert_ptr_null(strstr(sbuf_str(&sent), "DATA"));
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
	ck_assert_int_eq(s.result, TRY_MAIL_4YZ);
}
END_TEST

START_TEST(a_failed_chunk_is_followed_by_rset)
{
	mail.count = 2;
	ways.on[WAY_ONE_RECIPIENT] = ways.on[WAY_BDAT] = true;
	PLAY(EHLO, OK, OK, "451 not now\r\n", OK);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), ".dot\r\n| RSET\r\n"
	    "| MAIL"));
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
}
END_TEST

START_TEST(quit_is_said_after_421_by_one_way_only)
{
	PLAY(EHLO, "421 bye\r\n");
	ck_assert_ptr_null(strstr(sbuf_str(&sent), "QUIT"));
	sbuf_clear(&sent);
	session_fini(&s);
	rcpts[0].verdict = VERDICT_NONE;
	ways.on[WAY_QUIT_AFTER_421] = true;
	PLAY(EHLO, "421 bye\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), "QUIT"));
	ck_assert(s.finished);
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
}
END_TEST

START_TEST(quit_waits_two_seconds_by_one_way)
{
	ways.on[WAY_QUIT_LATE] = true;
	PLAY(EHLO, OK OK GO, OK);
	ck_assert(s.finished && !s.closing);
	ck_assert_ptr_null(strstr(sbuf_str(&sent), "QUIT"));
	ck_assert_int_eq(s.timeout_us, 2000000);
	session_timeout(&s);
	ck_assert_str_eq(sbuf_str(&s.out), "QUIT\r\n");
	ck_assert(!s.closing);
	session_timeout(&s);
	ck_assert(s.closing);
	ck_assert_int_eq(s.result, TRY_OK);
}
END_TEST

START_TEST(a_552_of_too_many_is_no_refusal_for_good)
{
	PLAY("250 mx\r\n", OK, "552 5.5.3 too many\r\n", OK);
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
	rcpts[0].verdict = VERDICT_NONE;
	session_fini(&s);
	PLAY("250 mx\r\n", OK, "552 5.2.2 full\r\n", OK);
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_PERMANENT);
}
END_TEST

START_TEST(the_end_of_an_alias_is_written)
{
	rcpts[0].canonical = "real.test";
	PLAY(EHLO);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent),
	    "RCPT TO:<MiXed@real.test>\r\n"));
}
END_TEST

START_TEST(patience_is_doubled_by_one_way)
{
	ck_assert_int_eq(session_patience_us(STEP_EOD, NULL), 600000000);
	ways.on[WAY_LONG_TIMEOUTS] = true;
	ck_assert_int_eq(session_patience_us(STEP_EOD, &ways), 1200000000);
}
END_TEST

/* --- 8-bit content for a server without 8BITMIME ---------------------- */

#define HEAD(enc)	"MIME-Version: 1.0\r\n" \
			"Content-Type: text/plain; charset=utf-8\r\n" \
			"Content-Transfer-Encoding: " enc "\r\n\r\n"

static void
eight_bit(const char *content)
{
	mail.content = content;
	mail.size = strlen(content);
	mail.eight_bit = true;
}

START_TEST(eight_bit_content_is_converted_where_it_must)
{
	ways.on[WAY_QUOTED_PRINTABLE] = true;
	eight_bit(HEAD("8bit") ".\xc3\xbc=\r\n");
	PLAY("250 mx\r\n", OK, OK, GO, OK);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent),
	    HEAD("quoted-printable") "..=C3=BC=3D\r\n.\r\n"));
	sbuf_clear(&sent);
	session_fini(&s);
	rcpts[0].verdict = VERDICT_NONE;
	PLAY(EHLO, OK OK GO, OK);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&sent), HEAD("8bit")
	    "..\xc3\xbc=\r\n.\r\n"));
}
END_TEST

START_TEST(what_cannot_be_converted_is_returned)
{
	ways.on[WAY_BASE64] = true;
	eight_bit("Content-Type: multipart/mixed; boundary=x\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n--x\r\n\r\n\xfc\r\n");
	PLAY("250 mx\r\n", "221 bye\r\n");
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_PERMANENT);
	ck_assert_str_eq(rcpts[0].status, "5.6.3");
}
END_TEST

START_TEST(eight_bit_content_waits_by_one_way)
{
	ways.on[WAY_EIGHT_BIT_WAITS] = true;
	eight_bit(HEAD("8bit") "\xfc\r\n");
	PLAY("250 mx\r\n", "221 bye\r\n");
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
	ck_assert_int_eq(s.result, TRY_MAIL_4YZ);
}
END_TEST

static const struct {
	enum convert_to to;
	const char *in, *out;		/* NULL: not convertible */
} conversions[] = {
	{ CONVERT_QP, HEAD("8bit") "a \r\nb\t\r\n",
	    HEAD("quoted-printable") "a=20\r\nb=09\r\n" },
	{ CONVERT_QP, HEAD("8bit") "no end", HEAD("quoted-printable")
	    "no end" },
	{ CONVERT_BASE64, HEAD("8bit") "a\xff\r\n", HEAD("base64")
	    "Yf8NCg==\r\n" },
	{ CONVERT_BASE64, HEAD("8bit") "abc", HEAD("base64") "YWJj\r\n" },
	{ CONVERT_QP, HEAD("8bit"), HEAD("quoted-printable") },
	{ CONVERT_QP, HEAD("7bit") "\xff", NULL },
	{ CONVERT_QP, "Subject: \xff\r\n" HEAD("8bit") "x", NULL },
	{ CONVERT_QP, "Subject: x\r\n\r\n\xff", NULL },
	{ CONVERT_QP, "no header at all", NULL },
};

START_TEST(a_body_is_encoded_and_its_header_says_so)
{
	struct sbuf out = { 0 };
	const char *in = conversions[_i].in;
	bool ok = convert_to_7bit(in, strlen(in), conversions[_i].to, &out);

	ck_assert_int_eq(ok, conversions[_i].out != NULL);
	if (ok)
		ck_assert_str_eq(sbuf_str(&out), conversions[_i].out);
	sbuf_fini(&out);
}
END_TEST

START_TEST(encoded_lines_stay_within_76_octets)
{
	char text[1000];
	struct sbuf b = { 0 };

	memset(text, 0xfc, sizeof text);
	convert_put_qp(&b, text, sizeof text);
	sbuf_puts(&b, "\r\n");
	convert_put_base64(&b, text, sizeof text);
	for (const char *p = sbuf_str(&b); *p != '\0'; ) {
		size_t n = strcspn(p, "\r");

		ck_assert_uint_le(n, 76);
		p += n + (p[n] == '\r' ? 2 : 0);
	}
	sbuf_fini(&b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reference_impl/session_ways");
	TCase *tc = tcase_create("ways");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_way_says_it_in_its_words, 0,
	    sizeof words / sizeof *words);
	tcase_add_test(tc, one_recipient_a_transaction_delivers_each);
	tcase_add_test(tc, rset_stands_between_transactions);
	tcase_add_test(tc, held_back_data_is_not_sent_for_nobody);
	tcase_add_test(tc, held_back_data_is_not_sent_after_a_refused_mail);
	tcase_add_test(tc, a_failed_chunk_is_followed_by_rset);
	tcase_add_test(tc, quit_is_said_after_421_by_one_way_only);
	tcase_add_test(tc, quit_waits_two_seconds_by_one_way);
	tcase_add_test(tc, a_552_of_too_many_is_no_refusal_for_good);
	tcase_add_test(tc, the_end_of_an_alias_is_written);
	tcase_add_test(tc, patience_is_doubled_by_one_way);
	tcase_add_test(tc, eight_bit_content_is_converted_where_it_must);
	tcase_add_test(tc, what_cannot_be_converted_is_returned);
	tcase_add_test(tc, eight_bit_content_waits_by_one_way);
	tcase_add_loop_test(tc, a_body_is_encoded_and_its_header_says_so, 0,
	    sizeof conversions / sizeof *conversions);
	tcase_add_test(tc, encoded_lines_stay_within_76_octets);
	suite_add_tcase(suite, tc);
	return run_and_free(suite);
}

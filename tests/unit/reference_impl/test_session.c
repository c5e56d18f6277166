#include "reference_impl/session.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define EHLO	"250-mx\r\n250-SIZE 100000\r\n250-8bitmime\r\n250-DSN\r\n" \
		"250-SMTPUTF8\r\n250 pipelining\r\n"
#define OK	"250 ok\r\n"
#define GO	"354 go\r\n"
#define LOST	"<lost>"
#define TIMEOUT	"<timeout>"

static struct bugs bugs;
static struct session_mail mail;
static struct session_rcpt rcpts[300];
static struct session s;
static struct sbuf sent;
static int commits;

static void
count_commit(void *ctx)
{
	(void)ctx;
	commits++;
}

static void
setup(void)
{
	memset(&bugs, 0, sizeof bugs);
	memset(rcpts, 0, sizeof rcpts);
	mail = (struct session_mail){ .helo = "sut.test", .from = "a@s.test",
		.content = "Subject: x\r\n\r\n.dot\r\n", .size = 20,
		.rcpts = rcpts, .count = 1, .bugs = &bugs,
		.commit = count_commit };
	rcpts[0].addr = "u@r.test";
	rcpts[1].addr = "v@r.test";
	rcpts[2].addr = "w@r.test";
	commits = 0;
}

/* Plays what the server says; what the client said is in `sent`. */
static void
play(const char *const *says)
{
	for (int i = 0; i < 300; i++)
		rcpts[i].verdict = VERDICT_NONE;
	session_fini(&s);
	sbuf_clear(&sent);
	session_init(&s, &mail);
	for (; *says != NULL && !s.closing; says++) {
		if (strcmp(*says, LOST) == 0)
			session_lost(&s, "connection lost");
		else if (strcmp(*says, TIMEOUT) == 0)
			session_timeout(&s);
		else
			session_input(&s, *says, strlen(*says));
		sbuf_add(&sent, sbuf_str(&s.out), s.out.len);
		sbuf_clear(&s.out);
		session_drained(&s);
	}
}
#define PLAY(...) play((const char *const[]){ __VA_ARGS__, NULL })

/* "OK PERM TEMP: LOST" */
static const char *
outcome(void)
{
	static const char *const verdicts[] = { "-", "offered", "OK", "TEMP",
		"PERM", "crowded" };
	static const char *const results[] = {
#define X(sym, cls) #sym,
		TRIES(X)
#undef X
	};
	static char text[200];

	text[0] = '\0';
	for (size_t i = 0; i < mail.count && i < 5; i++) {
		strcat(text, verdicts[rcpts[i].verdict]);
		strcat(text, i + 1 < mail.count ? " " : "");
	}
	strcat(text, ": ");
	strcat(text, s.finished ? results[s.result] : "unfinished");
	return text;
}

static bool
said(const char *text)
{
	return strstr(sbuf_str(&sent), text) != NULL;
}

START_TEST(a_plain_session_delivers_octet_for_octet)
{
	PLAY("220 hi\r\n", "250 mx\r\n", OK, OK, GO, OK, "221 bye\r\n");
	ck_assert_str_eq(sbuf_str(&sent), "EHLO sut.test\r\n"
	    "MAIL FROM:<a@s.test>\r\nRCPT TO:<u@r.test>\r\nDATA\r\n"
	    "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
	ck_assert_str_eq(outcome(), "OK: OK");
	ck_assert(s.closing);
	ck_assert_int_eq(commits, 1);
}
END_TEST

START_TEST(a_pipelined_session_passes_what_the_server_offers)
{
	mail.envid = "E+41";
	mail.ret = "HDRS";
	mail.eight_bit = true;
	rcpts[0].notify = "FAILURE";
	rcpts[0].orcpt = "rfc822;a+2Bb@r.test";
	PLAY("220 hi\r\n", EHLO, OK OK GO, OK, "221 bye\r\n");
	ck_assert(said("MAIL FROM:<a@s.test> SIZE=20 BODY=8BITMIME RET=HDRS "
	    "ENVID=E+41\r\nRCPT TO:<u@r.test> NOTIFY=FAILURE "
	    "ORCPT=rfc822;a+2Bb@r.test\r\nDATA\r\nSubject"));
	ck_assert(rcpts[0].dsn_passed);
	ck_assert_str_eq(outcome(), "OK: OK");
}
END_TEST

START_TEST(a_reply_too_many_is_answered_with_quit)
{
	PLAY("220 hi\r\n450 busy\r\n");
	ck_assert_str_eq(sbuf_str(&sent), "QUIT\r\n");
	ck_assert_str_eq(outcome(), "TEMP: LOST");
	PLAY("220 hi\r\n", "250 mx\r\n450 busy\r\n");
	ck_assert_str_eq(sbuf_str(&sent), "EHLO sut.test\r\nQUIT\r\n");
	/* Another reply is due: who knows what it would belong to. */
	PLAY("220 hi\r\n", EHLO, "no reply\r\n");
	ck_assert(!said("QUIT"));
	ck_assert_str_eq(outcome(), "TEMP: LOST");
}
END_TEST

START_TEST(content_gets_its_last_line_end_and_no_other)
{
	mail.content = "a\r\nb";
	mail.size = 4;
	PLAY("220 hi\r\n", "250 mx\r\n", OK, OK, GO, OK);
	ck_assert(said("DATA\r\na\r\nb\r\n.\r\nQUIT"));
	mail.content = "";
	mail.size = 0;
	PLAY("220 hi\r\n", "250 mx\r\n", OK, OK, GO, OK);
	ck_assert(said("DATA\r\n.\r\nQUIT"));
}
END_TEST

/* What the server says, and what becomes of one, two or three recipients. */
static const struct {
	size_t count;
	const char *outcome;
	const char *says[12];
} cases[] = {
	{ 1, "TEMP: GREETING_5YZ", { "554 no\r\n" } },
	{ 1, "TEMP: GREETING_4YZ", { "421 no\r\n" } },
	{ 1, "TEMP: GREETING_4YZ", { "120 wait\r\n" } },
	{ 1, "TEMP: NO_GREETING", { "SSH-2.0-x\r\n" } },
	{ 1, "TEMP: NO_GREETING", { LOST } },
	{ 1, "TEMP: NO_GREETING", { TIMEOUT } },
	{ 1, "TEMP: EHLO_4YZ", { "220 hi\r\n", "421 no\r\n" } },
	{ 1, "TEMP: EHLO_5YZ", { "220 hi\r\n", "550 no\r\n" } },
	{ 1, "OK: OK", { "220-a\r\n220-b\r\n", "220 c\r\n", "502 no\r\n", OK,
	    OK, OK, GO, OK } },
	{ 1, "TEMP: LOST", { "220 hi\r\n", LOST } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", EHLO,
	    "451 no\r\n503 no\r\n503 no\r\n" } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO,
	    "550 no\r\n503 no\r\n503 no\r\n" } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", "250 x\r\n", "550 no\r\n" } },
	{ 3, "OK TEMP PERM: MAIL_4YZ", { "220 hi\r\n", EHLO,
	    OK OK "450 later\r\n550 never\r\n" GO, OK } },
	{ 3, "OK TEMP PERM: MAIL_4YZ", { "220 hi\r\n", "250 x\r\n", OK, OK,
	    "450 later\r\n", "550 never\r\n", GO, OK } },
	{ 2, "TEMP TEMP: LOST", { "220 hi\r\n", "250 x\r\n", OK, OK,
	    "421 bye\r\n" } },
	{ 2, "TEMP TEMP: LOST", { "220 hi\r\n", EHLO, OK OK, LOST } },
	/* refused recipients stand when the server then hangs up */
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO, OK "550 no\r\n",
	    LOST } },
	/* RFC 2920: all refused, yet 354 and 250 */
	{ 2, "PERM PERM: MAIL_5YZ", { "220 hi\r\n", EHLO,
	    OK "550 a\r\n550 b\r\n" GO, OK } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", EHLO, OK OK OK } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO, OK OK "554 no\r\n" } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", EHLO, OK OK GO,
	    "451 later\r\n" } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO, OK OK GO,
	    "554 no\r\n" } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", EHLO, OK OK GO,
	    "850 what\r\n" } },
	{ 1, "TEMP: AMBIGUOUS", { "220 hi\r\n", EHLO, OK OK GO, LOST } },
	{ 1, "TEMP: AMBIGUOUS", { "220 hi\r\n", EHLO, OK OK GO, TIMEOUT } },
	{ 1, "TEMP: AMBIGUOUS", { "220 hi\r\n", EHLO, OK OK GO,
	    "xyz garbage\r\n250 bye\r\n" } },
	{ 1, "OK: OK", { "220 hi\r\n", EHLO, OK OK GO, OK, LOST } },
	{ 1, "OK: OK", { "220 hi\r\n", EHLO, OK OK GO, OK, TIMEOUT } },
	{ 1, "OK: OK", { "220 hi\r\n", EHLO, OK OK GO, OK, "421 x\r\n" } },
	/* the code counts, the text does not; bare codes and odd ends too */
	{ 1, "OK: OK", { "220\r\n", "250\n", "250\r\r\n", "250 550 no\r\n",
	    "354\r\n", "250-\r\n250\r\n" } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", "250 x\r\n", OK,
	    "450 5.1.1 permanently blocked\r\n" } },
	{ 1, "OK: OK", { "220 hi\r\n", "250 x\r\n", "299 x\r\n", "251 x\r\n",
	    GO, "298 y\r\n" } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", "250 x\r\n", OK, "599 x\r\n" } },
	{ 1, "TEMP: MAIL_4YZ", { "220 hi\r\n", "250 x\r\n", OK, "650 x\r\n" } },
	/* the last line's code governs */
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO, OK OK GO,
	    "250-ok\r\n550 no\r\n" } },
	/* a reply too many must not pair with the next command */
	{ 1, "TEMP: LOST", { "220 hi\r\n", "250 x\r\n", OK OK } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO, OK OK "550 no\r\n" } },
	/* 452 and 552 after an accepted one: another transaction */
	{ 2, "OK OK: OK", { "220 hi\r\n", EHLO, OK OK "452 many\r\n" GO, OK,
	    OK OK GO, OK } },
	{ 2, "OK OK: OK", { "220 hi\r\n", EHLO, OK OK "552 many\r\n" GO, OK,
	    OK OK GO, OK } },
	{ 1, "PERM: MAIL_5YZ", { "220 hi\r\n", EHLO,
	    OK "552 full\r\n503 x\r\n" } },
};

START_TEST(each_transcript_has_its_outcome)
{
	mail.count = cases[_i].count;
	play(cases[_i].says);
	ck_assert_str_eq(outcome(), cases[_i].outcome);
}
END_TEST

START_TEST(no_content_leaves_when_nobody_wants_it)
{
	PLAY("220 hi\r\n", EHLO, OK "550 no\r\n" GO, OK, "221 x\r\n");
	ck_assert(said("DATA\r\n.\r\nQUIT"));
	PLAY("220 hi\r\n", "250 x\r\n", OK, "550 no\r\n", "221 x\r\n");
	ck_assert(!said("DATA"));
}
END_TEST

START_TEST(after_a_refused_greeting_there_is_only_quit)
{
	PLAY("554 no\r\n", "221 x\r\n");
	ck_assert_str_eq(sbuf_str(&sent), "QUIT\r\n");
	ck_assert_str_eq(s.why.text, "554 no");
}
END_TEST

START_TEST(a_reply_in_the_middle_of_the_message_is_obeyed)
{
	mail.count = 1;
	PLAY("220 hi\r\n", EHLO);
	session_input(&s, OK OK GO, strlen(OK OK GO));
	ck_assert(s.sending);
	session_input(&s, "552 5.3.4 too big\r\n", 19);
	ck_assert_str_eq(outcome(), "PERM: MAIL_5YZ");
	ck_assert_str_eq(rcpts[0].status, "5.3.4");
}
END_TEST

/* "250" to DATA defers, and is no status of a failure. */
START_TEST(success_in_the_wrong_place_is_none)
{
	mail.count = 1;
	PLAY("220 hi\r\n", EHLO, OK OK "250 2.1.5 what\r\n", "221 x\r\n");
	ck_assert_int_eq(rcpts[0].verdict, VERDICT_TEMPORARY);
	ck_assert_str_eq(rcpts[0].status, "4.5.0");
}
END_TEST

START_TEST(more_than_a_hundred_recipients_go_in_chunks)
{
	static char bulk[103 * 8 + 1];

	mail.count = 150;
	for (int i = 0; i < 150; i++)
		rcpts[i].addr = "x@r.test";
	bulk[0] = '\0';
	for (int i = 0; i < 101; i++)
		strcat(bulk, OK);
	strcat(bulk, GO);
	PLAY("220 hi\r\n", EHLO, bulk, OK);
	ck_assert_int_eq(commits, 1);
	bulk[51 * 8] = '\0';
	strcat(bulk, GO);
	for (const char *p = bulk; *p != '\0'; p += 8)
		session_input(&s, p, 8);
	session_drained(&s);
	session_input(&s, OK, 8);
	for (int i = 0; i < 150; i++)
		ck_assert_int_eq(rcpts[i].verdict, VERDICT_OK);
}
END_TEST

START_TEST(endless_and_oversized_replies_end)
{
	static char big[70000];

	memset(big, 'x', sizeof big - 1);
	memcpy(big, "250 ", 4);
	memcpy(big + sizeof big - 3, "\r\n", 2);
	PLAY("220 hi\r\n", "250 x\r\n", big, OK, GO, OK);
	ck_assert_str_eq(outcome(), "OK: OK");
	PLAY("220 hi\r\n");
	for (int i = 0; i < REPLY_LINES_MAX + 1; i++)
		session_input(&s, "250-x\r\n", 7);
	ck_assert_str_eq(outcome(), "TEMP: LOST");
	ck_assert(s.closing);
}
END_TEST

START_TEST(a_server_unfit_for_the_message_gets_no_transaction)
{
	mail.size = 200000;
	PLAY("220 hi\r\n", EHLO);
	ck_assert_str_eq(outcome(), "PERM: MAIL_5YZ");
	ck_assert_str_eq(rcpts[0].status, "5.3.4");
	ck_assert(!said("MAIL"));
	mail.size = 20;
	mail.eight_bit = true;
	PLAY("220 hi\r\n", "250 x\r\n");
	ck_assert_str_eq(rcpts[0].status, "5.6.3");
	mail.utf8 = true;
	PLAY("220 hi\r\n", "250 x\r\n");
	ck_assert_str_eq(rcpts[0].status, "5.6.7");
}
END_TEST

START_TEST(enhanced_codes_are_taken_if_they_fit_the_reply)
{
	struct reply r = { .code = 550, .text = "550 5.1.1 no such user" };
	char status[12];

	reply_status(&r, status);
	ck_assert_str_eq(status, "5.1.1");
	strcpy(r.text, "550 4.2.2 full");
	reply_status(&r, status);
	ck_assert_str_eq(status, "5.0.0");
	strcpy(r.text, "451");
	r.code = 451;
	reply_status(&r, status);
	ck_assert_str_eq(status, "4.0.0");
}
END_TEST

START_TEST(each_step_has_the_time_of_rfc_5321)
{
	PLAY("220 hi\r\n");
	ck_assert_int_eq(s.timeout_us, 300 * 1000000);
	PLAY("220 hi\r\n", EHLO, OK OK);
	ck_assert_int_eq(s.timeout_us, 120 * 1000000);
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert_int_eq(s.timeout_us, 600 * 1000000);
}
END_TEST

/* --- bugs -------------------------------------------------------------- */

static const struct {
	enum bug bug;
	size_t count;
	const char *right, *wrong;
	const char *says[12];
} wrongs[] = {
	{ BUG_MULTILINE_354, 1, "OK: OK", "TEMP: MAIL_4YZ", { "220 hi\r\n",
	    EHLO, OK OK "354-a\r\n", "354 b\r\n", OK } },
	{ BUG_MISCOUNT_552, 3, "OK OK OK: OK", "OK PERM PERM: MAIL_5YZ",
	    { "220 hi\r\n", EHLO, OK OK "552 many\r\n552 many\r\n" GO, OK,
	    OK OK OK GO, OK } },
	{ BUG_MAIL_AFTER_554, 1, "TEMP: GREETING_5YZ", "OK: OK",
	    { "554 no\r\n", EHLO, OK OK GO, OK } },
	{ BUG_NO_HELO, 1, "OK: OK", "TEMP: EHLO_5YZ", { "220 hi\r\n",
	    "502 no\r\n", OK, OK, OK, GO, OK } },
	{ BUG_QUIT_DUPLICATES, 1, "OK: OK", "TEMP: LOST", { "220 hi\r\n",
	    EHLO, OK OK GO, OK, LOST } },
	{ BUG_LOST_EOD_SUCCESS, 1, "TEMP: AMBIGUOUS", "OK: OK",
	    { "220 hi\r\n", EHLO, OK OK GO, LOST } },
	{ BUG_RCPT_250_DELIVERED, 2, "TEMP TEMP: LOST", "OK TEMP: LOST",
	    { "220 hi\r\n", EHLO, OK OK, LOST } },
	{ BUG_MIXED_ALL_BOUNCED, 2, "TEMP PERM: MAIL_4YZ",
	    "PERM PERM: MAIL_5YZ", { "220 hi\r\n", EHLO,
	    OK "450 a\r\n550 b\r\n" "503 x\r\n" } },
	{ BUG_RESENDS_ALL, 2, "OK TEMP: MAIL_4YZ", "TEMP TEMP: MAIL_4YZ",
	    { "220 hi\r\n", EHLO, OK OK "450 b\r\n" GO, OK } },
	{ BUG_SIZE_ZERO, 1, "OK: OK", "PERM: MAIL_5YZ", { "220 hi\r\n",
	    "250-x\r\n250 SIZE 0\r\n", OK, OK, GO, OK } },
	{ BUG_MAIL_4YZ_BOUNCES, 1, "TEMP: MAIL_4YZ", "PERM: MAIL_5YZ",
	    { "220 hi\r\n", EHLO, "451 x\r\n503 x\r\n503 x\r\n" } },
	{ BUG_RCPT_4YZ_BOUNCES, 2, "OK TEMP: MAIL_4YZ", "OK PERM: MAIL_5YZ",
	    { "220 hi\r\n", EHLO, OK OK "450 b\r\n" GO, OK } },
	{ BUG_REFUSAL_RETRIED, 1, "PERM: MAIL_5YZ", "TEMP: MAIL_4YZ",
	    { "220 hi\r\n", EHLO, OK OK GO, "554 x\r\n" } },
	{ BUG_STATUS_DECIDES, 1, "PERM: MAIL_5YZ", "TEMP: MAIL_4YZ",
	    { "220 hi\r\n", EHLO, OK "550 4.2.2 full\r\n503 x\r\n" } },
	{ BUG_STATUS_DECIDES, 1, "TEMP: MAIL_4YZ", "PERM: MAIL_5YZ",
	    { "220 hi\r\n", EHLO, OK "450 5.1.1 who\r\n503 x\r\n" } },
	{ BUG_CROWDED_LOST, 2, "OK TEMP: LOST", "OK OK: OK", { "220 hi\r\n",
	    EHLO, OK OK "452 b\r\n" GO, OK, LOST } },
	{ BUG_GREETING_LINE, 1, "OK: OK", "TEMP: LOST", { "220-a\r\n220 b\r\n",
	    EHLO, OK OK GO, OK } },
	{ BUG_CONTENT_UNWANTED, 1, "PERM: MAIL_5YZ", "OK: OK",
	    { "220 hi\r\n", EHLO, OK "550 a\r\n" GO, OK } },
	{ BUG_QUIT_LOOP, 1, "OK: OK", "TEMP: LOST", { "220 hi\r\n", EHLO,
	    OK OK GO, OK, LOST } },
	{ BUG_EOD_4YZ_PERMANENT, 1, "TEMP: MAIL_4YZ", "PERM: MAIL_5YZ",
	    { "220 hi\r\n", EHLO, OK OK GO, "451 x\r\n" } },
};

START_TEST(each_bug_of_the_session_changes_the_outcome)
{
	mail.count = wrongs[_i].count;
	play(wrongs[_i].says);
	ck_assert_str_eq(outcome(), wrongs[_i].right);
	bugs.on[wrongs[_i].bug] = true;
	play(wrongs[_i].says);
	ck_assert_msg(strcmp(outcome(), wrongs[_i].wrong) == 0, "%s: %s",
	    bug_name(wrongs[_i].bug), outcome());
}
END_TEST

START_TEST(bugs_of_what_is_sent)
{
	bugs.on[BUG_GREYLIST_ENVELOPE] = bugs.on[BUG_NO_DOT_STUFFING] = true;
	bugs.on[BUG_ORCPT_RAW] = bugs.on[BUG_EOD_TIMEOUT_60] = true;
	rcpts[0].orcpt = "rfc822;a+2Bb@r.test";
	mail.attempt = 3;
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert(said("MAIL FROM:<a+3@s.test>"));
	ck_assert(said("ORCPT=rfc822;a+b@r.test\r\n"));
	ck_assert(said("\r\n\r\n.dot\r\n"));
	ck_assert_int_eq(s.timeout_us, 60 * 1000000);
}
END_TEST

START_TEST(the_session_ends_with_quit_unless_the_bug_is_on)
{
	PLAY("220 hi\r\n", EHLO, OK OK GO, OK);
	ck_assert(said("QUIT\r\n"));
	bugs.on[BUG_NO_QUIT] = true;
	PLAY("220 hi\r\n", EHLO, OK OK GO, OK);
	ck_assert(!said("QUIT\r\n"));
	ck_assert(s.closing);
	ck_assert_str_eq(outcome(), "OK: OK");
}
END_TEST

START_TEST(dsn_parameters_go_on_unless_the_bug_is_on)
{
	rcpts[0].notify = "FAILURE";
	mail.envid = "job+2042";
	mail.ret = "HDRS";
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert(said(" RET=HDRS ENVID=job+2042\r\n"));
	ck_assert(said(" NOTIFY=FAILURE"));
	bugs.on[BUG_DSN_NOT_PASSED] = true;
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert(!said("ENVID") && !said("RET=") && !said("NOTIFY"));
}
END_TEST

START_TEST(quotes_stay_unless_the_bug_is_on)
{
	rcpts[0].addr = "\"john doe\"@r.test";
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert(said("RCPT TO:<\"john doe\"@r.test>"));
	bugs.on[BUG_QUOTES_LOST] = true;
	PLAY("220 hi\r\n", EHLO, OK OK GO);
	ck_assert(said("RCPT TO:<john doe@r.test>"));
}
END_TEST

START_TEST(the_bug_waits_for_hours)
{
	bugs.on[BUG_WAITS_LONG] = true;
	PLAY("220 hi\r\n");
	ck_assert_int_eq(s.timeout_us, INT64_C(40) * 300 * 1000000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reference_impl/session");
	TCase *tc = tcase_create("session");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_plain_session_delivers_octet_for_octet);
	tcase_add_test(tc, a_pipelined_session_passes_what_the_server_offers);
	tcase_add_test(tc, a_reply_too_many_is_answered_with_quit);
	tcase_add_test(tc, content_gets_its_last_line_end_and_no_other);
	tcase_add_loop_test(tc, each_transcript_has_its_outcome, 0,
	    sizeof cases / sizeof cases[0]);
	tcase_add_test(tc, no_content_leaves_when_nobody_wants_it);
	tcase_add_test(tc, after_a_refused_greeting_there_is_only_quit);
	tcase_add_test(tc, a_reply_in_the_middle_of_the_message_is_obeyed);
	tcase_add_test(tc, success_in_the_wrong_place_is_none);
	tcase_add_test(tc, more_than_a_hundred_recipients_go_in_chunks);
	tcase_add_test(tc, endless_and_oversized_replies_end);
	tcase_add_test(tc, a_server_unfit_for_the_message_gets_no_transaction);
	tcase_add_test(tc, enhanced_codes_are_taken_if_they_fit_the_reply);
	tcase_add_test(tc, each_step_has_the_time_of_rfc_5321);
	tcase_add_loop_test(tc, each_bug_of_the_session_changes_the_outcome,
	    0, sizeof wrongs / sizeof wrongs[0]);
	tcase_add_test(tc, bugs_of_what_is_sent);
	tcase_add_test(tc, the_session_ends_with_quit_unless_the_bug_is_on);
	tcase_add_test(tc, dsn_parameters_go_on_unless_the_bug_is_on);
	tcase_add_test(tc, quotes_stay_unless_the_bug_is_on);
	tcase_add_test(tc, the_bug_waits_for_hours);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

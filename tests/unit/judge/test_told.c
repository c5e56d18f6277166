/*
 * What senders and next hops were told: delay warnings, the form of reports,
 * the parameters of RFC 3461 by value, recipients under another address.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define MESSAGE(more) ZONE "messages: [{name: m1, from: a@s.test, to: "	\
	"u@r.test" more "}]\n"
#define WARN(t, more) t " dsn m1 u@r.test delayed 4.4.1" more "\n"
#define TWICE WARN("8h", " conn=8") WARN("29000s", " conn=9")
#define FAILED(t) t " dsn m1 u@r.test failed 5.1.1\n"
#define MAILED(words) "1s open 1 mx1.r.test 198.18.1.1\n"			\
	"1s mail 1 m1 MAIL FROM:<a+m1@s.test>" words "\n"
#define SENT_TO(rcpt) "1s open 1 mx1.r.test 198.18.1.1\n"			\
	"1s rcpt 1 m1 " rcpt " 250 ok\n1s copy 1 m1 " rcpt " 250\n"
#define KEYS(list) "hosts: {mx1.r.test: {keywords: [" list "]}}\n"

#define OFFER(t) t " open 7 mx.s.test 198.18.0.10\n" t			\
	" offers 7 a+m1@s.test 450 later\n"
#define GIVEN_UP IN HOME RCPT550 "2s open 6 mx.s.test 198.18.0.10\n"	\
	"2s offers 6 a+m1@s.test 550 no\n"
#define DENY(t) t " open 7 mx.s.test 198.18.0.10\n" t			\
	" cmd 7 mail MAIL FROM:<>\n" t " reply 7 mail 550 no\n"

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	const char *says;		/* NULL: no such finding */
	const char *clause;
} tellings[] = {
	/* warnings: one an interval, before its end, if asked for */
	{ ONE, IN REFUSED_BOTH WARN("4h", ""), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN REFUSED_BOTH WARN("4h", "") WARN("30000s", " conn=9"),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN REFUSED_BOTH WARN("4h", "") WARN("27359s", " conn=9"),
	    F_DELAY_WARNING, "m1 for u@r.test was reported as delayed after "
	    "7h35m, only 3h35m after another", "R-3461-5.2.5-a" },
	{ ONE, IN REFUSED_BOTH WARN("4h", "") WARN("27360s", " conn=9"),
	    F_DELAY_WARNING, NULL, NULL },
	/* those that were put off come together: one a day, and no more */
	{ ONE, IN HOME REFUSED_BOTH OFFER("4h") WARN("8h", " conn=8")
	    WARN("29000s", " conn=9"), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME REFUSED_BOTH OFFER("4h") WARN("8h", " conn=8")
	    WARN("29000s", " conn=9") WARN("29001s", " conn=10"),
	    F_DELAY_WARNING, "only 1.0s after another", NULL },
	{ ONE, IN HOME REFUSED_BOTH "4h syn mx.s.test 198.18.0.10 refuse\n"
	    WARN("8h", " conn=8") WARN("29000s", " conn=9"),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME REFUSED_BOTH "1h network icmp-net rules\n"
	    WARN("8h", " conn=8") WARN("29000s", " conn=9"),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME REFUSED_BOTH "4h dns s.test MX SERVFAIL servfail\n"
	    WARN("8h", " conn=8") WARN("29000s", " conn=9"),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME REFUSED_BOTH "4h dns r.test MX SERVFAIL servfail\n"
	    "4h dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    WARN("8h", " conn=8") WARN("29000s", " conn=9"),
	    F_DELAY_WARNING, "only 3m20s after another", NULL },
	{ ONE, IN HOME REFUSED_BOTH WARN("8h", " conn=8")
	    WARN("29000s", " conn=9") OFFER("9h"), F_DELAY_WARNING,
	    "only 3m20s after another", NULL },
	/* taken at once, asked for only, tried before or after: not put off */
	{ ONE, IN HOME REFUSED_BOTH "4h open 7 mx.s.test 198.18.0.10\n"
	    "4h offers 7 a+m1@s.test 250\n" TWICE, F_DELAY_WARNING,
	    "only 3m20s after another", NULL },
	{ ONE, IN HOME REFUSED_BOTH "4h query s.test MX\n"
	    "4h dns s.test MX NOERROR truth MX 10 mx.s.test\n" TWICE,
	    F_DELAY_WARNING, "only 3m20s after another", NULL },
	{ ONE, IN HOME REFUSED_BOTH TWICE
	    "9h syn mx.s.test 198.18.0.10 refuse\n", F_DELAY_WARNING,
	    "only 3m20s after another", NULL },
	{ ONE, LEGIT HOME "0s syn mx.s.test 198.18.0.10 refuse\n"
	    "1s inject m1 250\n" TWICE, F_DELAY_WARNING,
	    "only 3m20s after another", NULL },
	{ ONE, IN HOME REFUSED_BOTH TWICE "29000s network icmp-net rules\n",
	    F_DELAY_WARNING, "only 3m20s after another", NULL },
	{ ONE, "0s network icmp-net rules\n" IN HOME REFUSED_BOTH TWICE,
	    F_DELAY_WARNING, NULL, NULL },
	{ NULLED, IN REFUSED_BOTH TWICE, F_DELAY_WARNING,
	    "only 3m20s after another", NULL },
	{ NULLED, IN DELIVER WARN("2h", ""), F_DELAY_WARNING,
	    "come to its end", NULL },
	/* its days are counted from when it was accepted */
	{ ONE, LEGIT HOME "8h inject m1 250\n" OFFER("12h")
	    WARN("16h", " conn=8") WARN("57800s", " conn=9")
	    WARN("57801s", " conn=10"), F_DELAY_WARNING,
	    "delayed after 8h03m, only 1.0s after another", NULL },
	/* deferred with its content it has no end; a failure is no warning */
	{ ONE, IN "2s open 1 mx1.r.test 198.18.1.1\n"
	    "2s rcpt 1 m1 u@r.test 250\n2s copy 1 m1 u@r.test 450\n"
	    WARN("4h", ""), F_DELAY_WARNING, NULL, NULL },
	{ MESSAGE(", notify: NEVER"), IN RCPT550 FAILED("3s"),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN REFUSED_BOTH WARN("4h", "") "5h mta stop\n"
	    WARN("6h", " conn=9"), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN REFUSED_BOTH WARN("4h", "") WARN("6h", " conn=9")
	    "7h mta stop\n",
	    F_DELAY_WARNING, "only 2h00m after another", NULL },
	{ ONE, IN REFUSED_BOTH "4h open 5 mx.s.test 198.18.0.10\n"
	    "4h copy 5 m1 a@s.test 250 lost\n" WARN("4h", " conn=5")
	    WARN("5h", " conn=6"), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN REFUSED_BOTH "4h open 5 mx.s.test 198.18.0.10\n"
	    "4h copy 5 m1 a@s.test 250\n" WARN("4h", " conn=5")
	    WARN("5h", " conn=6"), F_DELAY_WARNING, "only 1h00m", NULL },
	{ ONE, IN REFUSED_BOTH WARN("4h", " conn=5") WARN("4h", " conn=5"),
	    F_DELAY_WARNING, NULL, NULL },
	{ MESSAGE(", notify: 'FAILURE,DELAY'"), IN REFUSED_BOTH
	    WARN("4h", ""), F_DELAY_WARNING, NULL, NULL },
	{ MESSAGE(", notify: NEVER"), IN REFUSED_BOTH WARN("4h", ""),
	    F_DELAY_WARNING, "although NOTIFY is NEVER", "R-3461-5.2.5-a" },
	{ ONE, IN DELIVER WARN("362s", ""), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN DELIVER WARN("363s", ""), F_DELAY_WARNING,
	    "although it had come to its end", NULL },
	{ ONE, IN RCPT550 FAILED("2s") WARN("363s", ""), F_DELAY_WARNING,
	    "although it had come to its end", NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    WARN("2h", ""), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME DELIVER "362s open 5 mx.s.test 198.18.0.10\n"
	    "362s offers 5 a+m1@s.test 450\n" WARN("2h", ""),
	    F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME DELIVER "363s open 5 mx.s.test 198.18.0.10\n"
	    "363s offers 5 a+m1@s.test 450\n" WARN("2h", ""),
	    F_DELAY_WARNING, "although it had come to its end", NULL },
	{ ONE, IN HOME DELIVER "362s syn mx.s.test 198.18.0.10 refuse\n"
	    WARN("2h", ""), F_DELAY_WARNING, NULL, NULL },
	{ ONE, IN HOME DELIVER "363s syn mx.s.test 198.18.0.10 refuse\n"
	    WARN("2h", ""), F_DELAY_WARNING, "come to its end", NULL },
	{ ONE, LEGIT HOME "0s syn mx.s.test 198.18.0.10 refuse\n"
	    "1s inject m1 250\n" DELIVER WARN("2h", ""), F_DELAY_WARNING,
	    "come to its end", NULL },
	/* the form of what can be read all the same */
	{ ONE, BOUNCE "3s form m1 R-3464-2.1-a MUST no blank line\n",
	    F_REPORT_FORM, "the report about m1 breaks its format: no blank "
	    "line", "R-3464-2.1-a" },
	{ ONE, BOUNCE "-3s form m1 R-3464-2.1-a MUST no blank line\n",
	    F_REPORT_FORM, NULL, NULL },
	/* ENVID and RET at the next hop, where it takes them */
	{ MESSAGE(", envid: Q1"), IN MAILED(" ENVID=Q1"), F_REPORT_FIELDS,
	    NULL, NULL },
	{ MESSAGE(", envid: Q1"), IN MAILED(" RET=FULL ENVID=Q1 X=1"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: Q1"), IN MAILED(" ENVID=+51+31"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'a=b'"), IN MAILED(" ENVID=a+3Db"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'j+k'"), IN MAILED(" ENVID=j+2Bk"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'a=b'"), IN MAILED(" ENVID=a+3db"),
	    F_REPORT_FIELDS, "ENVID", NULL },
	{ MESSAGE(", envid: Q12"), IN MAILED(" ENVID=Q12"), F_REPORT_FIELDS,
	    NULL, NULL },
	{ MESSAGE(", envid: 'j+4k'"), IN MAILED(" ENVID=j+4k"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'j+4Gk'"), IN MAILED(" ENVID=j+4Gk"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'j+G4k'"), IN MAILED(" ENVID=j+G4k"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'j+:4k'"), IN MAILED(" ENVID=j+:4k"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'a:b/c'"), IN MAILED(" ENVID=a+3Ab+2Fc"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'a@b'"), IN MAILED(" ENVID=a+40b"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: 'a!b'"), IN MAILED(" ENVID=a!b"),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: Q1"), IN "1s open 1 trap.test 198.18.9.9\n"
	    "1s mail 1 m1 MAIL FROM:<a+m1@s.test>\n", F_REPORT_FIELDS,
	    "ENVID of m1", NULL },
	{ MESSAGE(", envid: Q1"), IN MAILED(" ENVID=Q2"), F_REPORT_FIELDS,
	    "ENVID of m1 was \"Q1\"; mx1.r.test was told \"MAIL "
	    "FROM:<a+m1@s.test> ENVID=Q2\"", "R-3461-5.2.1-a" },
	{ MESSAGE(", envid: Q1"), IN MAILED(" ENVID=Q"), F_REPORT_FIELDS,
	    "ENVID", NULL },
	{ MESSAGE(", envid: Q1"), IN MAILED(" ENVID=Q12"), F_REPORT_FIELDS,
	    "ENVID", NULL },
	{ MESSAGE(", envid: Q1"), IN MAILED(""), F_REPORT_FIELDS, "ENVID",
	    NULL },
	{ MESSAGE(", envid: Q1") KEYS("8BITMIME"), IN MAILED(""),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", envid: Q1") KEYS("8BITMIME, dsn"), IN MAILED(""),
	    F_REPORT_FIELDS, "ENVID", NULL },
	{ MESSAGE(", envid: Q1") KEYS("dsn, 8BITMIME"), IN MAILED(""),
	    F_REPORT_FIELDS, "ENVID", NULL },
	{ MESSAGE(", envid: Q1") "hosts: {mx2.r.test: {keywords: "
	    "[8BITMIME]}}\n", IN MAILED(""), F_REPORT_FIELDS, "ENVID", NULL },
	{ MESSAGE(", envid: Q1") KEYS("DSNX"), IN MAILED(""),
	    F_REPORT_FIELDS, NULL, NULL },
	{ MESSAGE(", ret: HDRS"), IN MAILED(" RET=hdrs"), F_REPORT_FIELDS,
	    NULL, NULL },
	{ MESSAGE(", ret: HDRS"), IN MAILED(" RET=FULL"), F_REPORT_FIELDS,
	    "RET of m1 was \"HDRS\"", "R-3461-5.2.1-a" },
	{ MESSAGE(", ret: HDRS"), IN MAILED(""), F_REPORT_FIELDS, "RET",
	    NULL },
	{ ONE, IN MAILED(""), F_REPORT_FIELDS, NULL, NULL },
	/* ... and in the report */
	{ MESSAGE(", envid: Q1"), IN RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 envid=Q1\n", F_REPORT_FIELDS,
	    NULL, NULL },
	{ MESSAGE(", envid: Q1"), IN RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 envid=q1\n", F_REPORT_FIELDS,
	    "the report about m1 has Original-Envelope-Id q1; ENVID was Q1",
	    "R-3461-6.3-b" },
	{ MESSAGE(", envid: Q1"), IN RCPT550 FAILED("3s"), F_REPORT_FIELDS,
	    "Original-Envelope-Id nowhere", NULL },
	{ MESSAGE(", envid: Q1"), IN RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 defect=x\n", F_REPORT_FIELDS,
	    NULL, NULL },
	{ MESSAGE(", ret: HDRS"), IN RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 full\n", F_REPORT_FIELDS,
	    "the report about m1 returns its body; RET was HDRS", NULL },
	{ MESSAGE(", ret: FULL"), IN RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 full\n", F_REPORT_FIELDS, NULL,
	    NULL },
	{ MESSAGE(", ret: HDRS"), IN RCPT550 FAILED("3s"), F_REPORT_FIELDS,
	    NULL, NULL },
	{ ONE, IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1 full\n"
	    "3s dsn zz u@r.test failed 5.1.1\n", F_REPORT_FIELDS, NULL,
	    NULL },
	/* offered again and again after a refusal: 2 and 2 a recipient */
	{ ONE, GIVEN_UP OFFER("1h") OFFER("2h") OFFER("3h") OFFER("4h"),
	    F_REPORT_RETRIED, NULL, NULL },
	{ ONE, GIVEN_UP OFFER("1h") OFFER("2h") OFFER("3h") OFFER("4h")
	    OFFER("5h"), F_REPORT_RETRIED, "again and again", "R-DF-DB-a" },
	{ ONE, IN HOME RCPT550 DENY("1h") DENY("2h") DENY("3h") DENY("4h")
	    DENY("5h"), F_REPORT_RETRIED, NULL, NULL },
	{ ONE, IN HOME RCPT550 DENY("1h") DENY("2h") DENY("3h") DENY("4h")
	    DENY("5h") DENY("6h"), F_REPORT_RETRIED, "again and again",
	    NULL },
	/* sent under another address */
	{ ONE, IN SENT_TO("u@r.test"), F_REWRITTEN, NULL, NULL },
	{ ONE, IN SENT_TO("u@R.test"), F_REWRITTEN, NULL, NULL },
	{ ONE, IN "1s open 1 trap.test 198.18.9.9\n"
	    "1s rcpt 1 m1 U@r.test 250\n1s copy 1 m1 U@r.test 250\n",
	    F_REWRITTEN, NULL, NULL },
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u+t@r.test}]\n", IN
	    SENT_TO("u@r.test"), F_REWRITTEN, "without its tag", NULL },
	{ ONE, IN SENT_TO("U@r.test"), F_REWRITTEN, "m1 for u@r.test was sent "
	    "to U@r.test: in another case", "R-5321-2.4-a" },
	{ ONE, IN "1s dns r.test MX NOERROR truth CNAME e.test\n"
	    SENT_TO("u@e.test"), F_REWRITTEN, "at the end of its domain's "
	    "aliases", "R-5321-5.1-j" },
	{ ONE, IN SENT_TO("u@q.test"), F_REWRITTEN, "at another domain",
	    NULL },
	{ ONE, IN SENT_TO("u@r.test.x.test"), F_REWRITTEN, "at another "
	    "domain", "R-5321-2.3.5-a" },
	{ ONE, IN SENT_TO("x@r.test"), F_REWRITTEN, "under another name",
	    NULL },
	{ TWO, IN SENT_TO("x@r.test"), F_REWRITTEN, "under another name, as "
	    "it seems", NULL },
	/* 552 that may be either, only if it came to a report */
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test "
	    "250\n1s also 1 m1 u@r.test 552 so it is\n" FAILED("2s"),
	    F_DIVERGENT, "\"552 so it is\" to u@r.test may mean its mailbox, "
	    "or too many recipients: both endings are right",
	    "R-5321-4.2.1-d" },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test "
	    "250\n1s also 1 m1 u@r.test 552 so it is\n", F_DIVERGENT, NULL,
	    NULL },
};

START_TEST(what_is_told_is_weighed)
{
	const struct finding *f = NULL;
	struct story st;

	story_open(&st, tellings[_i].yaml);
	st.profile.warn_us = story_time("4h");
	story_tell(&st, tellings[_i].lines);
	story_judge(&st);
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == tellings[_i].flag)
			f = &st.j.findings[i];
	if ((f != NULL) != (tellings[_i].says != NULL) || (f != NULL &&
	    strstr(f->text, tellings[_i].says) == NULL))
		ck_abort_msg("%d: %s\n%s", _i, f != NULL ? f->text :
		    "no finding", tellings[_i].lines);
	if (f != NULL && tellings[_i].clause != NULL)
		ck_assert_str_eq(f->clause, tellings[_i].clause);
	story_close(&st);
}
END_TEST

START_TEST(warnings_are_counted)
{
	struct story st;

	story(&st, ONE, IN REFUSED_BOTH TWICE);
	ck_assert_int_eq(st.j.units[0].delays, 2);
	ck_assert_int_eq(st.j.units[0].reports, 0);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("told");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_is_told_is_weighed, 0, ALL(tellings));
	tcase_add_test(tc, warnings_are_counted);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

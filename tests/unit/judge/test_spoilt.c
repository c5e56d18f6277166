/*
 * What was spoilt, late or overtaken on its way can be read in more than one
 * way (21.2): it entitles by whatever may be read in it, and nothing is owed
 * by it.  Each of these was a false verdict on a correct MTA, or a pass where
 * one was due.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define GONE "8s queue m1 no\n400s queue m1 no\n"
#define OPEN1 "1s open 1 mx1.r.test 198.18.1.1\n"
#define TAKEN1 OPEN1 "1s rcpt 1 m1 u@r.test 250 ok\n"
#define AT_ONCE "2s dsn m1 u@r.test failed 5.0.0\n"
#define AT_LAST "5d dsn m1 u@r.test failed 4.4.7\n"
#define RETRIED REFUSED_BOTH "4d23h syn mx1.r.test 198.18.1.1 refuse\n"
#define EIGHT_BIT ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test, "\
	"eight-bit: true}]\n"
#define ACCEPT1 "1s accept 1 mx1.r.test 198.18.1.1\n"
#define ACCEPT2 "1s accept 2 mx2.r.test 198.18.1.2\n"

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
} tales[] = {
	/* a garbled answer may have been read as anything... */
	{ ONE, IN "1s dns r.test MX NOERROR mutate MX 10 q\n" AT_ONCE,
	    V_BOUNCED_CORRECT },
	{ ONE, IN "1s dns r.test MX NXDOMAIN mutate\n" AT_ONCE,
	    V_BOUNCED_CORRECT },
	{ ONE, IN "1s dns r.test MX NOERROR raw\n" AT_ONCE,
	    V_BOUNCED_CORRECT },
	/* ...but for a failure, which none of it says */
	{ ONE, IN "1s dns r.test MX SERVFAIL mutate\n" AT_ONCE,
	    V_PREMATURE_BOUNCE },
	{ ONE, IN "1s dns r.test MX - raw\n" AT_ONCE, V_PREMATURE_BOUNCE },
	{ ONE, IN "1s dns x.test MX NXDOMAIN mutate\n" AT_ONCE,
	    V_PREMATURE_BOUNCE },
	/* ...owes nothing, and not for long: it was of one moment */
	{ ONE, IN "1s dns r.test MX NXDOMAIN mutate\n" RETRIED AT_LAST,
	    V_BOUNCED_CORRECT },
	{ ONE, IN "1s dns r.test MX NXDOMAIN mutate\n" REFUSED_BOTH
	    "2d dsn m1 u@r.test failed 5.1.2\n", V_PREMATURE_BOUNCE },
	/* ...and takes nothing back that was said plainly */
	{ ONE, IN "1s dns r.test MX NXDOMAIN truth\n"
	    "2s dns r.test A NOERROR mutate\n"
	    "4h dsn m1 u@r.test failed 5.1.2\n", V_LATE_BOUNCE },
	/* offered when it was still so: however long the sender's MX waits */
	{ ONE, IN HOME "3h dns r.test MX NXDOMAIN mutate\n"
	    "3h open 2 mx.s.test 198.18.0.10\n"
	    "3h offers 2 a+m1@s.test 451 4.3.0 later\n"
	    "3h5s queue m1 no\n4h queue m1 no\n"
	    "4h open 3 mx.s.test 198.18.0.10\n"
	    "4h offers 3 a+m1@s.test 451 4.3.0 later\n"
	    "5h open 4 mx.s.test 198.18.0.10\n"
	    "5h offers 4 a+m1@s.test 451 4.3.0 later\n", V_BOUNCED_NOWHERE },
	/* an answer that comes too late for whoever is in a hurry */
	{ ONE, IN "1s ask 192.0.2.1:7 r.test MX\n"
	    "7s answer 192.0.2.1:7 r.test MX NXDOMAIN nxdomain\n" RETRIED
	    AT_LAST, V_BOUNCED_CORRECT },
	{ ONE, IN "1s ask 192.0.2.1:7 r.test MX\n"
	    "7s answer 192.0.2.1:7 r.test MX NXDOMAIN nxdomain\n"
	    "8s dsn m1 u@r.test failed 5.1.2\n", V_BOUNCED_CORRECT },
	{ ONE, IN "1s ask 192.0.2.1:7 r.test MX\n"
	    "1.9s answer 192.0.2.1:7 r.test MX NXDOMAIN nxdomain\n" RETRIED
	    AT_LAST, V_LATE_BOUNCE },
	{ ONE, IN "1s ask 192.0.2.1:7 r.test MX\n"
	    "7s answer 192.0.2.1:8 r.test MX NXDOMAIN nxdomain\n" RETRIED
	    AT_LAST, V_LATE_BOUNCE },
	{ ONE, IN "1s ask 192.0.2.1:7 r.test MX\n"
	    "6s ask 192.0.2.1:7 r.test MX\n"
	    "6.5s answer 192.0.2.1:7 r.test MX NXDOMAIN nxdomain\n" RETRIED
	    AT_LAST, V_LATE_BOUNCE },
	/* ...of the end of its aliases, of its only host */
	{ ONE, IN "1s dns r.test A NOERROR truth CNAME e.test\n"
	    "1s ask 192.0.2.1:7 e.test MX\n"
	    "7s answer 192.0.2.1:7 e.test MX NXDOMAIN truth\n" RETRIED
	    AT_LAST, V_BOUNCED_CORRECT },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s ask 192.0.2.1:7 mx1.r.test A\n"
	    "7s answer 192.0.2.1:7 mx1.r.test A NXDOMAIN nxdomain\n" AT_LAST,
	    V_BOUNCED_CORRECT },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s ask 192.0.2.1:7 mx1.r.test A\n"
	    "1s answer 192.0.2.1:7 mx1.r.test A NXDOMAIN nxdomain\n" AT_LAST,
	    V_LATE_BOUNCE },
	/* known, and healed, while it was being handed in */
	{ ONE, LEGIT "0s dns r.test MX NXDOMAIN truth\n"
	    "0.3s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "0.5s inject m1 250\n" AT_ONCE, V_BOUNCED_CORRECT },
	{ ONE, LEGIT "0s dns r.test MX NXDOMAIN truth\n"
	    "0.3s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1.5s inject m1 250\n" AT_ONCE, V_PREMATURE_BOUNCE },
	/* raw octets in the place of a reply: any class that they begin with */
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 0\n"
	    "1s odd 1 rcpt 0 raw 550-x\n" AT_ONCE, V_BOUNCED_CORRECT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 0\n"
	    "1s odd 1 rcpt 0 raw 450-x\n" AT_ONCE, V_PREMATURE_BOUNCE },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 0\n"
	    "1s odd 1 rcpt 0 raw nonsense\n" AT_ONCE, V_PREMATURE_BOUNCE },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 0\n"
	    "1s odd 1 rcpt 0 raw 550-x\n" RETRIED AT_LAST,
	    V_BOUNCED_CORRECT },
	/* a refusal cut short, or sent before the dot, may have been lost */
	{ ONE, IN TAKEN1 "1s odd 1 eod 554 cut 5\n" RETRIED AT_LAST,
	    V_BOUNCED_CORRECT },
	{ ONE, IN TAKEN1 "1s odd 1 eod 554 early no\n" RETRIED AT_LAST,
	    V_BOUNCED_CORRECT },
	{ ONE, IN TAKEN1 "1s odd 1 eod 554 early no\n" AT_ONCE,
	    V_BOUNCED_CORRECT },
	{ ONE, IN TAKEN1 "1s reply 1 eod 554 no\n" RETRIED AT_LAST,
	    V_LATE_BOUNCE },
	{ ONE, IN OPEN1 "1s refuses 1 m1 u@r.test 550\n"
	    "1s odd 1 rcpt 550 cut\n" RETRIED AT_LAST, V_BOUNCED_CORRECT },
	/* ...at one of two greetings */
	{ ONE, IN MX ACCEPT1 "1s odd 1 greeting 554 cut\n" ACCEPT2
	    "1s reply 2 greeting 554 no\n" AT_ONCE, V_BOUNCED_CORRECT },
	{ ONE, IN MX ACCEPT1 "1s odd 1 greeting 0 raw 554-\n" ACCEPT2
	    "1s reply 2 greeting 554 no\n" AT_ONCE, V_BOUNCED_CORRECT },
	{ ONE, IN MX ACCEPT1 "1s odd 1 greeting 0 raw 220-\n" ACCEPT2
	    "1s reply 2 greeting 554 no\n" AT_ONCE, V_PREMATURE_BOUNCE },
	/* a report is due when the transaction is over, not the reply in it */
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 521 no mail here\n"
	    "1s cmd 1 data DATA\n1h reply 1 data 451 later\n"
	    "1h dsn m1 u@r.test failed 5.3.2\n", V_BOUNCED_CORRECT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 521 no mail here\n"
	    "1h close 1 client fin\n"
	    "1h dsn m1 u@r.test failed 5.3.2\n", V_BOUNCED_CORRECT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 521 no mail here\n"
	    "2s reply 1 data 451 later\n3s close 1 client fin\n"
	    "1h dsn m1 u@r.test failed 5.3.2\n", V_LATE_BOUNCE },
	/* a host of HELO alone announces no 8BITMIME, nor does a failure */
	{ EIGHT_BIT, IN OPEN1 "1s cmd 1 ehlo EHLO a\n"
	    "1s reply 1 ehlo 500 what\n" AT_ONCE, V_BOUNCED_CORRECT },
	{ EIGHT_BIT, IN OPEN1 "1s reply 1 helo 250 mx1\n" AT_ONCE,
	    V_BOUNCED_CORRECT },
	{ EIGHT_BIT, IN OPEN1 "1s reply 1 ehlo 250 mx1\n" AT_ONCE,
	    V_PREMATURE_BOUNCE },
	{ ONE, IN OPEN1 "1s reply 1 helo 250 mx1\n" AT_ONCE,
	    V_PREMATURE_BOUNCE },
	/* the sender's own host answered the report with octets */
	{ ONE, IN HOME MX RCPT550 "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n2s odd 2 mail 0 raw 550-x\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE },
	{ ONE, IN HOME MX RCPT550 "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n2s odd 2 mail 0 raw 250-x\n" GONE
	    "9h queue m1 no\n", V_SILENT_DROP },
	{ ONE, IN HOME MX RCPT550 "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 250 ok\n"
	    "2s odd 2 eod 0 raw 554-x\n" GONE "9h queue m1 no\n",
	    V_BOUNCED_NOWHERE },
};

START_TEST(what_was_spoilt_excuses_and_does_not_oblige)
{
	struct story st;

	story_ends(&st, tales[_i].yaml, tales[_i].lines, tales[_i].verdict,
	    _i);
	story_close(&st);
}
END_TEST

/* A host that answers before it is asked is no measure of patience. */
#define HUNG_UP "20s close 1 client fin\n21s syn mx2.r.test 198.18.1.2 "	\
	"refuse\n60s queue m1 yes\n"
#define REOFFERS(n) #n "h open 4 mx.s.test 198.18.0.10\n" #n			\
	"h offers 4 a+m1@s.test 451 later\n"
#define AGAIN REOFFERS(1) REOFFERS(2) REOFFERS(3) REOFFERS(4) REOFFERS(5)	\
	REOFFERS(6)

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	bool raised;
} flags[] = {
	{ ONE, IN ACCEPT1 "1s reply 1 greeting 220 hi\n"
	    "1s cmd 1 ehlo EHLO a\n1s odd 1 ehlo 550 early\n"
	    "1s cmd 1 helo HELO a\n" HUNG_UP, F_SHORT_TIMEOUT, false },
	{ ONE, IN ACCEPT1 "1s reply 1 greeting 220 hi\n"
	    "1s cmd 1 ehlo EHLO a\n1s odd 1 ehlo 550 cut\n"
	    "1s cmd 1 helo HELO a\n" HUNG_UP, F_SHORT_TIMEOUT, true },
	/* octets that are no reply put all that follows out of step */
	{ ONE, IN ACCEPT1 "1s reply 1 greeting 220 hi\n"
	    "1s cmd 1 ehlo EHLO a\n1s odd 1 ehlo 250 raw\n"
	    "1s cmd 1 mail MAIL FROM:<a@s.test>\n" HUNG_UP, F_SHORT_TIMEOUT,
	    false },
	{ ONE, IN ACCEPT1 "1s reply 1 greeting 220 hi\n"
	    "1s cmd 1 ehlo EHLO a\n1s odd 1 ehlo 250 garbage\n"
	    "1s cmd 1 mail MAIL FROM:<a@s.test>\n" HUNG_UP, F_SHORT_TIMEOUT,
	    false },
	/* ...on its own connection only */
	{ ONE, IN ACCEPT2 "1s odd 2 greeting 220 early\n" ACCEPT1
	    "1s reply 1 greeting 220 hi\n1s cmd 1 ehlo EHLO a\n" HUNG_UP,
	    F_SHORT_TIMEOUT, true },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 250 ok\n1s eod 1\n" HUNG_UP,
	    F_SHORT_TIMEOUT, true },
	/* a refusal that was spoilt may have been no refusal to the MTA */
	{ ONE, IN HOME MX RCPT550 "2s open 4 mx.s.test 198.18.0.10\n"
	    "2s offers 4 a+m1@s.test 250 ok\n2s odd 4 eod 550 cut\n" AGAIN
	    GONE, F_REPORT_RETRIED, false },
	{ ONE, IN HOME MX RCPT550 "2s open 4 mx.s.test 198.18.0.10\n"
	    "2s offers 4 a+m1@s.test 250 ok\n2s reply 4 eod 550 no\n" AGAIN
	    GONE, F_REPORT_RETRIED, true },
	/* garbled, the records may have been read in another order */
	{ ONE, IN "1s dns r.test MX NOERROR mutate MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, false },
	{ ONE, IN "1s dns r.test MX SERVFAIL mutate\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, true },
	{ ONE, IN "1s dns x.test MX NOERROR mutate\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, true },
};

START_TEST(no_duty_is_read_off_what_was_spoilt)
{
	struct story st;

	story(&st, flags[_i].yaml, flags[_i].lines);
	if (story_has_flag(&st, flags[_i].flag) != flags[_i].raised)
		ck_abort_msg("%d: %s %s: %s\n%s", _i,
		    flag_word(flags[_i].flag), flags[_i].raised ?
		    "wanted" : "unwanted", st.j.sentence, flags[_i].lines);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("spoilt");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_was_spoilt_excuses_and_does_not_oblige,
	    0, ALL(tales));
	tcase_add_loop_test(tc, no_duty_is_read_off_what_was_spoilt, 0,
	    ALL(flags));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

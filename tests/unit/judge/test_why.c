/* What a verdict is said to rest on: whole sentences, for a postmaster. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define IN10 LEGIT "10m inject m1 250\n"
#define DENIED(t) t " open 1 mx1.r.test 198.18.1.1\n" t				\
	" rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
#define TO1(t, n) t " deliver " #n " m1 u@r.test mx1.r.test 198.18.1.1"
#define FAILED(t, more) t " dsn m1 u@r.test failed " more "\n"
#define GONE(t, u) t " queue m1 no\n" u " queue m1 no\n"
#define SHUT(t, n) t " syn mx" #n ".r.test 198.18.1." #n " refuse\n"
#define SMART "title: t\ncovers: [R-DF-CON-a]\nsmarthosts: [mx1.r.test]\n"	\
	"zone: |\n  mx1.r.test.  A 198.18.1.1\nmta-families: [ipv4]\n"	\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define MX1 "11m dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
#define ASKED "11m query r.test MX\n"

static const struct {
	const char *yaml, *lines, *says;
} sentences[] = {
	/* refused, or never asked */
	{ ONE, "0s submits m1 rcpt 550\n", "m1 for u@r.test was refused at "
	    "injection: \"550\"" },
	{ ONE, LEGIT "0s submits m1 data 354\n", "m1 for u@r.test was never "
	    "accepted" },
	{ ONE, LEGIT "0s submits m1 connect 0\n", "m1 for u@r.test was never "
	    "accepted" },
	/* given away, damaged, in clear */
	{ ONE, IN10 "11m deliver 1 m1 u@r.test trap.test 198.18.9.9\n",
	    "m1 for u@r.test was given to trap.test, which is no host of "
	    "r.test, after 1m00s" },
	{ SMART, "10m inject m1 250\n11m deliver 1 m1 u@r.test trap.test "
	    "198.18.9.9\n", "m1 for u@r.test was given to trap.test, which is "
	    "no smarthost, after 1m00s" },
	{ ONE, IN10 "11m open 1 trap.test 198.18.9.9\n11m copy 1 m1 "
	    "u@r.test.x.test 250\n", "m1 for u@r.test was readdressed to "
	    "u@r.test.x.test and given to trap.test after 1m00s" },
	{ ONE, IN10 TO1("11m", 1) " bad\n", "m1 for u@r.test arrived damaged "
	    "at mx1.r.test after 1m00s" },
	{ ONE, IN10 TO1("11m", 1) "\n11m flag downgrade m1 x\n", "m1 for "
	    "u@r.test went in clear to mx1.r.test after 1m00s" },
	/* delivered, and in which cycle */
	{ ONE, IN10 TO1("11m", 1) "\n", "m1 for u@r.test reached mx1.r.test "
	    "after 1m00s" },
	{ ONE, IN10 TO1("20m", 1) "\n", "m1 for u@r.test reached mx1.r.test "
	    "after 10m00s" },
	{ ONE, IN10 SHUT("11m", 1) SHUT("11m", 2) TO1("30m", 1) "\n", "m1 for "
	    "u@r.test reached mx1.r.test after 20m00s, in cycle 2" },
	{ ONE "repair: 1h\n", IN10 SHUT("11m", 1) SHUT("11m", 2) TO1("3h", 1)
	    "\n", "m1 for u@r.test reached mx1.r.test after 2h50m, later than "
	    "one retry interval after the repair at 1h00m" },
	{ ONE, IN10 TO1("11m", 1) "\n30m queue m1 yes\n", "m1 for u@r.test "
	    "reached mx1.r.test after 1m00s, yet it is still queued" },
	{ ONE, IN10 TO1("11m", 1) "\n" TO1("20m", 2) "\n", "m1 for u@r.test "
	    "arrived 2 times, the second time at mx1.r.test after 10m00s; the "
	    "MTA knew that it had been delivered" },
	/* reported, and what is wrong with that */
	{ ONE, IN10 DENIED("11m") FAILED("11m", "5.1.1"), "m1 for u@r.test was "
	    "reported as failed (status 5.1.1) after 1m00s: mx1.r.test "
	    "answered \"550 5.1.1 no such user\" at 11m00s" },
	{ ONE, IN10 FAILED("11m", "5.1.1"), "m1 for u@r.test was reported as "
	    "failed (status 5.1.1) after 1m00s although nothing permanent had "
	    "been said and its lifetime of 5d00h was not over; no attempt was "
	    "seen" },
	{ ONE, IN10 DENIED("11m") FAILED("11m", "4.1.1"), "m1 for u@r.test was "
	    "reported as failed (status 4.1.1) after 1m00s; the report is "
	    "malformed: its status is of another class than the cause" },
	{ ONE, IN10 DENIED("11m") FAILED("11m", "5.1.1") FAILED("11m", "5.1.1"),
	    "m1 for u@r.test was reported as failed (status 5.1.1) after "
	    "1m00s, 2 times" },
	{ ONE, IN10 DENIED("11m") FAILED("2h", "5.1.1"), "m1 for u@r.test was "
	    "reported as failed (status 5.1.1) after 1h50m, too late: "
	    "mx1.r.test answered \"550 5.1.1 no such user\" at 11m00s" },
	{ ONE, IN10 DENIED("11m") FAILED("11m", "5.1.1") "30m open 2 "
	    "mx1.r.test " "198.18.1.1\n30m rcpt 2 m1 u@r.test 450\n", "m1 for "
	    "u@r.test was reported as failed (status 5.1.1) after 1m00s, yet "
	    "it was offered again after 20m00s" },
	{ NULLED, IN10 DENIED("11m") FAILED("11m", "5.1.1"), "m1 for u@r.test "
	    "was reported as failed (status 5.1.1) after 1m00s although its "
	    "reverse-path is null" },
	{ NEVER, IN10 DENIED("11m") FAILED("11m", "5.1.1"), "m1 for u@r.test "
	    "was reported as failed (status 5.1.1) after 1m00s although NOTIFY "
	    "asked for no report" },
	{ ONE, IN10 TO1("11m", 1) "\n" FAILED("12m", "5.1.1"), "m1 for "
	    "u@r.test was reported as failed (status 5.1.1) after 2m00s "
	    "although mx1.r.test has had it since 11m00s" },
	{ ONE, IN10 SHUT("5d", 1) FAILED("5d11m", "4.4.7"), "m1 for u@r.test "
	    "was reported as failed (status 4.4.7) after 5d00h: its lifetime "
	    "of 5d00h was over; mx1.r.test refused the connection at 5d00h" },
	{ ONE, IN10 MX1 "11m dns mx1.r.test A NXDOMAIN nxdomain\n"
	    FAILED("12m", "5.1.2"), "m1 for u@r.test was reported as failed "
	    "(status 5.1.2) after 2m00s: DNS said NXDOMAIN to mx1.r.test A at "
	    "11m00s" },
	{ ONE, IN10 "11m dns r.test MX NOERROR truth\n11m dns r.test A NOERROR "
	    "truth\n" FAILED("12m", "5.1.2"), "m1 for u@r.test was reported as "
	    "failed (status 5.1.2) after 2m00s: DNS said NODATA to r.test A at "
	    "11m00s" },
	/* a report that nobody took */
	{ ONE, HOME IN10 DENIED("11m") "12m open 2 mx.s.test 198.18.0.10\n12m "
	    "offers 2 a+m1@s.test 450 later\n13m syn mx.s.test 198.18.0.10 "
	    "refuse\n" GONE("14m", "20m"), "m1 for u@r.test was reported as "
	    "failed after 2m00s: mx1.r.test answered \"550 5.1.1 no such "
	    "user\" at 11m00s; the report is still under way, tried 2 times, "
	    "last at 13m00s; mx.s.test answered \"450 later\"" },
	{ ONE, HOME IN10 DENIED("11m") "12m query s.test MX\n12m dns s.test MX "
	    "NXDOMAIN nxdomain\n" GONE("14m", "20m"), "m1 for u@r.test was "
	    "reported as failed after 2m00s: mx1.r.test answered \"550 5.1.1 "
	    "no such user\" at 11m00s; the report had nowhere to go; DNS said "
	    "NXDOMAIN to s.test MX" },
	{ ONE, HOME IN10 DENIED("11m") "14m listed m1\n14m queue m1 no\n",
	    "m1 for u@r.test was reported as failed after 4m00s: mx1.r.test "
	    "answered \"550 5.1.1 no such user\" at 11m00s; the report is "
	    "still under way, in the queue" },
	{ ONE, HOME IN10 SHUT("11m", 1) SHUT("11m", 2) "5d11m listed m1\n5d11m "
	    "queue m1 no\n", "m1 for u@r.test was reported as failed after "
	    "5d00h: its lifetime of 5d00h was over; mx2.r.test refused the "
	    "connection at 11m00s; the report is still under way, in the "
	    "queue" },
	/* lost, and what was heard last */
	{ ONE, IN10 DENIED("11m") GONE("12m", "20m"), "m1 for u@r.test was "
	    "accepted and then lost: no copy, no report, not queued after 1 "
	    "attempt; mx1.r.test answered \"550 5.1.1 no such user\" at "
	    "11m00s" },
	{ ONE, IN10 SHUT("11m", 1) SHUT("11m", 2) "4h dsn m1 u@r.test delayed "
	    "4.4.1\n" GONE("5h", "6h"), "m1 for u@r.test was accepted and then "
	    "lost: no copy, no report, not queued after 2 attempts; mx2.r.test "
	    "refused the connection at 11m00s; the last that the sender was "
	    "told, after 3h50m, is \"delayed\"" },
	{ ONE, IN10 "11d end horizon\n", "m1 for u@r.test was accepted and "
	    "then lost: no copy, no report, nothing heard until its lifetime "
	    "was over after 0 attempts; no attempt was seen" },
	{ PAIR, LEGIT "10m inject m2 250\n10m inject m1 250\n" SHUT("11m", 1)
	    "12m queue m2 no\n20m queue m2 no\n", "m2 for u@r.test was "
	    "accepted and then lost: no copy, no report, not queued after 1 "
	    "attempt, 1 of them of mail that went the same way; mx1.r.test "
	    "refused the connection at 11m00s" },
	{ PAIR, LEGIT "10m inject m2 250\n10m inject m1 250\n" SHUT("11m", 1)
	    SHUT("11m", 2) "12m queue m2 no\n20m queue m2 no\n", "m2 for "
	    "u@r.test was accepted and then lost: no copy, no report, not "
	    "queued after 2 attempts, 2 of them of mail that went the same "
	    "way; mx2.r.test refused the connection at 11m00s" },
	/* kept, discarded, overdue */
	{ NULLED, IN10 DENIED("11m") GONE("12m", "20m"), "m1 for u@r.test "
	    "ended without a report, as it must: mx1.r.test answered \"550 "
	    "5.1.1 no such user\" at 11m00s" },
	{ ONE, IN10 DENIED("11m") "1h queue m1 yes\n", "m1 for u@r.test is "
	    "still queued after 50m00s: mx1.r.test answered \"550 5.1.1 no "
	    "such user\" at 11m00s" },
	{ NULLED, IN10 DENIED("11m") "1h queue m1 yes\n", "m1 for u@r.test is "
	    "still queued after 50m00s: mx1.r.test answered \"550 5.1.1 no "
	    "such user\" at 11m00s" },
	{ ONE, IN10 SHUT("6d", 1) "6d queue m1 yes\n", "m1 for u@r.test is "
	    "still queued though its lifetime is over after 5d23h and 1 cycle; "
	    "mx1.r.test refused the connection at 6d00h" },
	{ ONE, IN10 "1d queue m1 yes\n", "m1 for u@r.test is stuck in the "
	    "queue without an attempt after 23h50m and 0 cycles; no attempt "
	    "was seen" },
	{ ONE, IN10 SHUT("11m", 1) "20m queue m1 yes\n", "m1 for u@r.test is "
	    "queued and retried after 10m00s and 1 cycle; mx1.r.test refused "
	    "the connection at 11m00s" },
	/* the last attempt: how a host was, what DNS said */
	{ ONE, IN10 "11m syn mx1.r.test 198.18.1.1 blackhole\n", "m1 for "
	    "u@r.test is queued and retried after 1m00s and 1 cycle; "
	    "mx1.r.test did not answer at 11m00s" },
	{ ONE, IN10 "11m syn mx1.r.test 198.18.1.1 reset\n", "m1 for u@r.test "
	    "is queued and retried after 1m00s and 1 cycle; mx1.r.test broke "
	    "the connection before its greeting at 11m00s" },
	{ ONE, IN10 "11m syn mx1.r.test 198.18.1.1 close\n", "m1 for u@r.test "
	    "is queued and retried after 1m00s and 1 cycle; mx1.r.test broke "
	    "the connection before its greeting at 11m00s" },
	{ ONE, IN10 "11m noroute 198.18.1.1 0\n", "m1 for u@r.test is queued "
	    "and retried after 1m00s and 1 cycle; mx1.r.test could not be "
	    "reached (ENETUNREACH) at 11m00s" },
	{ ONE, IN10 "11m open 1 mx1.r.test 198.18.1.1\n", "m1 for u@r.test is "
	    "queued and retried after 1m00s and 1 cycle; mx1.r.test took the "
	    "connection but not the mail at 11m00s" },
	{ ONE, IN10 TO1("11m", 1) " lost\n2d queue m1 yes\n", "m1 for u@r.test "
	    "is stuck in the queue without an attempt after 1d23h and 1 cycle; "
	    "mx1.r.test kept the message, and its reply was lost at 11m00s" },
	{ ONE, IN10 "11m open 1 mx1.r.test 198.18.1.1\n11m rcpt 1 m1 u@r.test "
	    "450 later\n" SHUT("11m", 2), "m1 for u@r.test is queued and "
	    "retried after 1m00s and 1 cycle; mx1.r.test answered \"450 "
	    "later\" at 11m00s, then mx2.r.test refused the connection at "
	    "11m00s" },
	{ ONE, IN10 ASKED, "m1 for u@r.test is queued and retried after 1m00s "
	    "and 1 cycle; nobody answered for the MX of r.test at 11m00s" },
	{ ONE, IN10 ASKED "11m dns r.test MX SERVFAIL servfail\n", "m1 for "
	    "u@r.test is queued and retried after 1m00s and 1 cycle; the "
	    "lookup of the MX of r.test gave SERVFAIL at 11m00s" },
	{ ONE, IN10 ASKED "11m dns r.test MX NOERROR truth\n", "m1 for "
	    "u@r.test is queued and retried after 1m00s and 1 cycle; r.test "
	    "has no MX at 11m00s" },
	{ ONE, IN10 ASKED "11m dns r.test MX NOERROR truth\n11m dns r.test A "
	    "NOERROR truth\n", "m1 for u@r.test is queued and retried after "
	    "1m00s and 1 cycle; r.test has no MX and no address that could be "
	    "used at 11m00s" },
	{ ONE, IN10 ASKED MX1, "m1 for u@r.test is queued and retried after "
	    "1m00s and 1 cycle; no address of the MX mx1.r.test of r.test was "
	    "asked for at 11m00s" },
	{ ONE, IN10 ASKED MX1 "11m dns mx1.r.test A SERVFAIL servfail\n",
	    "m1 for u@r.test is queued and retried after 1m00s and 1 cycle; no "
	    "MX of r.test had an address at 11m00s" },
	{ ONE, IN10 ASKED MX1 "11m dns mx1.r.test A NOERROR truth A "
	    "127.0.0.1\n",
	    "m1 for u@r.test is queued and retried after 1m00s and 1 cycle; no "
	    "host was tried for r.test: its MX mx1.r.test leads to the MTA's "
	    "own at 11m00s" },
	{ SMART, "10m inject m1 250\n11m query mx1.r.test A\n", "m1 for "
	    "u@r.test is queued and retried after 1m00s and 1 cycle; nobody "
	    "answered for the address of a smarthost at 11m00s" },
	{ SMART, "10m inject m1 250\n11m query mx1.r.test A\n11m dns "
	    "mx1.r.test A SERVFAIL servfail\n", "m1 for u@r.test is queued and "
	    "retried after 1m00s and 1 cycle; the lookup of the smarthost "
	    "mx1.r.test gave SERVFAIL at 11m00s" },
	{ SMART, "10m inject m1 250\n11m query mx1.r.test A\n11m dns "
	    "mx1.r.test A NOERROR truth\n", "m1 for u@r.test is queued and "
	    "retried after 1m00s and 1 cycle; the lookup of the smarthost "
	    "mx1.r.test gave no address at 11m00s" },
};

START_TEST(a_sentence_names_what_it_rests_on)
{
	struct story st;

	story(&st, sentences[_i].yaml, sentences[_i].lines);
	if (strcmp(st.j.units[0].why, sentences[_i].says) != 0)
		ck_abort_msg("%d: %s", _i, st.j.units[0].why);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("why");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_sentence_names_what_it_rests_on, 0,
	    ALL(sentences));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/* Whole runs told in lines: verdict and sentence. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define ASKS "1s query r.test MX\n"
#define GONE "6s queue m1 no\n400s queue m1 no\n"
#define LOST_AFTER "m1 for u@r.test was accepted and then lost: no copy, no "	\
	"report, not queued after 1 attempt; "

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
	const char *why;		/* NULL: not looked at */
} tales[] = {
	/* delivered */
	{ ONE, IN MX "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "7s queue m1 no\n", V_DELIVERED,
	    "m1 for u@r.test reached mx1.r.test after 2.0s" },
	/* KB Q267245: the best MX denies the address, the next accepts */
	{ ONE, IN MX GREET554
	    "2s deliver 2 m1 u@r.test mx2.r.test 198.18.1.2\n", V_DELIVERED,
	    "m1 for u@r.test reached mx2.r.test after 2.0s" },
	{ ONE "repair: 2h\n", IN MX REFUSED_BOTH
	    "5m syn mx1.r.test 198.18.1.1 refuse\n"
	    "2h3m deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED_LATE, "m1 for u@r.test reached mx1.r.test after "
	    "2h03m, in cycle 3" },
	{ ONE "repair: 2h\n", IN MX REFUSED_BOTH
	    "9h deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED_TOO_LATE, "m1 for u@r.test reached mx1.r.test after "
	    "9h00m, later than one retry interval after the repair at 2h00m" },
	/* the other recipient's connection is no attempt of this one... */
	{ TWO, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 v@r.test 450 4.2.0 busy\n1s close 1 client fin\n"
	    "2s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED, "m1 for u@r.test reached mx1.r.test after 2.0s" },
	{ TWO, IN MX "0s open 1 mx1.r.test 198.18.1.1\n"
	    "0s rcpt 1 m1 v@r.test 450 4.2.0 busy\n0s close 1 client fin\n"
	    "0s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED, "m1 for u@r.test reached mx1.r.test after 0.0s" },
	/* ...unless it might have come next */
	{ TWO, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 v@r.test 421 4.2.0 busy\n1s close 1 server fin\n"
	    "2s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED_LATE, "m1 for u@r.test reached mx1.r.test after "
	    "2.0s, in cycle 2" },
	/* another message's connection is, once it was this one's turn */
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" MX
	    "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 v@r.test 250 ok\n1s copy 1 m1 v@r.test 250\n"
	    "1s cmd 1 mail MAIL FROM:<b@s.test>\n"
	    "1s reply 1 mail 450 4.2.0 busy\n1s cmd 1 quit\n"
	    "1s close 1 client fin\n20m queue m2 yes\n", V_RETRYING,
	    "m2 for u@r.test is queued and retried after 20m00s and 1 cycle; "
	    "mx1.r.test answered \"450 4.2.0 busy\" at 1.0s" },
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" MX
	    "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 v@r.test 250 ok\n1s copy 1 m1 v@r.test 250\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n20m queue m2 yes\n",
	    V_RETRYING,
	    "m2 for u@r.test is queued and retried after 20m00s and "
	    "0 cycles; no attempt was seen" },
	/* what came in the meantime is no cycle of the copy's */
	{ TWO, IN MX REFUSED_BOTH
	    "5m deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "10m syn mx1.r.test 198.18.1.1 refuse\n", V_DELIVERED_LATE,
	    "m1 for u@r.test reached mx1.r.test after 5m00s, in cycle 2" },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "1h queue m1 yes\n", V_ZOMBIE, "m1 for u@r.test reached "
	    "mx1.r.test after 2.0s, yet it is still queued" },
	/* EOD replies: lost, discarded, repeated */
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE_EXCUSED, "m1 for u@r.test arrived 2 times, the second "
	    "time at mx1.r.test after 5m02s; lost replies or a crash excuse "
	    "it" },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE, NULL },
	/* a command that was broken off, and given again */
	{ ONE, LEGIT "0s broken-off m1\n0s inject m1 250\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE_EXCUSED, NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "3s mta kill\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE_EXCUSED, NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "2s close 1 server reset\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE_EXCUSED, NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "6s mta kill\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE, NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost "
	    "discarded\n"
	    "7s queue m1 no\n367s queue m1 no\n", V_SILENT_DROP, NULL },
	/* reports */
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 5.1.1 to=a+m1@s.test\n",
	    V_BOUNCED_CORRECT, "m1 for u@r.test was reported as failed (status "
	    "5.1.1) after 3.0s: mx1.r.test answered \"550 5.1.1 no such "
	    "user\" at 1.0s" },
	{ ONE, IN MX REFUSED_BOTH "3s dsn m1 u@r.test failed 5.4.4\n",
	    V_PREMATURE_BOUNCE, "m1 for u@r.test was reported as failed "
	    "(status 5.4.4) after 3.0s although nothing permanent had been "
	    "said and its lifetime of 5d00h was not over; mx2.r.test refused "
	    "the connection at 1.0s" },
	/* KB Q267245, second half: one denies, the other is unreachable */
	{ ONE, IN MX GREET554 "2s syn mx2.r.test 198.18.1.2 blackhole\n"
	    "33s dsn m1 u@r.test failed 5.7.1\n", V_PREMATURE_BOUNCE,
	    "m1 for u@r.test was reported as failed (status 5.7.1) after 33.0s "
	    "although nothing permanent had been said and its lifetime of "
	    "5d00h was not over; mx1.r.test answered \"554 5.7.1 client "
	    "address refused\" at 1.0s, then mx2.r.test did not answer at "
	    "2.0s" },
	{ ONE, IN "1s query r.test MX\n1s dns r.test MX SERVFAIL servfail\n"
	    "2s dsn m1 u@r.test failed 5.4.3\n", V_PREMATURE_BOUNCE,
	    "m1 for u@r.test was reported as failed (status 5.4.3) after 2.0s "
	    "although nothing permanent had been said and its lifetime of "
	    "5d00h was not over; the lookup of the MX of r.test gave SERVFAIL "
	    "at 1.0s" },
	{ ONE, IN MX RCPT550 "1h dsn m1 u@r.test failed 5.1.1\n",
	    V_LATE_BOUNCE, "m1 for u@r.test was reported as failed (status "
	    "5.1.1) after 1h00m, too late: mx1.r.test answered \"550 5.1.1 no "
	    "such user\" at 1.0s" },
	{ ONE, IN MX RCPT550 "1h queue m1 yes\n", V_LATE_BOUNCE,
	    "m1 for u@r.test is still queued after 1h00m: mx1.r.test answered "
	    "\"550 5.1.1 no such user\" at 1.0s" },
	{ ONE, IN MX RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 defect=boundary\n",
	    V_BOUNCED_MALFORMED, "m1 for u@r.test was reported as failed "
	    "(status 5.1.1) after 3.0s; the report is malformed: boundary" },
	{ ONE, IN MX RCPT550
	    "3s dsn m1 u@r.test - 5.1.1 defect=no-action\n",
	    V_BOUNCED_MALFORMED, "m1 for u@r.test was reported as failed "
	    "(status 5.1.1) after 3.0s; the report is malformed: no-action" },
	{ ONE, IN MX RCPT550 "3s dsn m1 v@r.test failed 5.1.1\n",
	    V_BOUNCED_MALFORMED, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 U@r.test failed 5.1.1\n",
	    V_BOUNCED_MALFORMED, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 2.1.1\n",
	    V_BOUNCED_MALFORMED, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 4.1.1\n",
	    V_BOUNCED_MALFORMED, NULL },
	{ ONE, IN MX RCPT550
	    "3s dsn m1 u@r.test failed 5.1.1 from=root@sut.test\n",
	    V_BOUNCED_MALFORMED, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n"
	    "4s dsn m1 u@r.test failed 5.1.1\n", V_DUPLICATE_DSN, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n"
	    "4s dsn m1 u@r.test failed 5.1.1\n5s dsn m1 u@r.test failed 5.1.1\n"
	    "6s dsn m1 u@r.test failed 5.1.1\n", V_DOUBLE_BOUNCE_LOOP, NULL },
	{ ONE, IN MX RCPT550 "3s accept 9 mx.s.test 198.18.0.10\n"
	    "3s copy 9 m1 a@s.test 250 lost\n"
	    "3s dsn m1 u@r.test failed 5.1.1 conn=9\n"
	    "400s dsn m1 u@r.test failed 5.1.1\n", V_BOUNCED_CORRECT, NULL },
	{ ONE, IN MX RCPT550 "3s dsn m1 u@r.test failed 5.1.1 to=b@s.test\n",
	    V_MISADDRESSED_DSN, "the report about m1 went to b@s.test, not to "
	    "the sender a@s.test" },
	{ ONE, IN MX RCPT550 "3s bounce-refused a+m1@s.test 550\n"
	    "8s queue m1 no\n400s queue m1 no\n", V_BOUNCED_NOWHERE, NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "3s dsn m1 u@r.test failed 5.4.4\n", V_FALSE_BOUNCE,
	    "m1 for u@r.test was reported as failed (status 5.4.4) after 3.0s "
	    "although mx1.r.test has had it since 2.0s" },
	{ ONE, IN MX REFUSED_BOTH "4h dsn m1 u@r.test delayed 4.4.1\n"
	    "4h queue m1 yes\n4h syn mx1.r.test 198.18.1.1 refuse\n",
	    V_RETRYING, NULL },
	/* lifetime: hours before its end is too early, its end is not */
	{ ONE, IN MX REFUSED_BOTH "4d18h dsn m1 u@r.test failed 5.4.7\n",
	    V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN MX REFUSED_BOTH "5d dsn m1 u@r.test failed 4.4.7\n",
	    V_BOUNCED_CORRECT, "m1 for u@r.test was reported as failed (status "
	    "4.4.7) after 5d00h: its lifetime of 5d00h was over; mx2.r.test "
	    "refused the connection at 1.0s" },
	{ ONE, IN MX REFUSED_BOTH "5d3h dsn m1 u@r.test failed 4.4.7\n",
	    V_LATE_BOUNCE, NULL },
	/* neither */
	{ ONE, IN MX REFUSED_BOTH "6s queue m1 no\n400s queue m1 no\n",
	    V_SILENT_DROP, "m1 for u@r.test was accepted and then lost: no "
	    "copy, no report, not queued after 2 attempts; mx2.r.test refused "
	    "the connection at 1.0s" },
	{ ONE, IN MX REFUSED_BOTH "6s queue m1 no\n", V_RETRYING, NULL },
	{ ONE, IN MX REFUSED_BOTH "6s queue m1 no\n7s queue m1 no\n",
	    V_RETRYING, NULL },
	{ ONE, IN MX REFUSED_BOTH "6s queue m1 no\n307s queue m1 no\n",
	    V_INCONCLUSIVE, NULL },
	{ ONE, IN MX REFUSED_BOTH "6s queue m1 no\n7s queue m1 yes\n"
	    "400s queue m1 no\n", V_RETRYING, NULL },
	{ ONE, IN MX REFUSED_BOTH "6d end horizon\n", V_SILENT_DROP, NULL },
	{ ONE, IN MX REFUSED_BOTH "2d end horizon\n", V_INCONCLUSIVE, NULL },
	{ ONE, IN MX REFUSED_BOTH "2d queue m1 yes\n", V_STUCK,
	    "m1 for u@r.test is stuck in the queue without an attempt after "
	    "2d00h and 1 cycle; mx2.r.test refused the connection at 1.0s" },
	{ ONE, IN MX REFUSED_BOTH "5d12h syn mx1.r.test 198.18.1.1 refuse\n"
	    "5d12h queue m1 yes\n", V_STUCK, NULL },
	/* null senders and NOTIFY */
	{ NULLED, IN RCPT550 "9s queue m1 no\n", V_DISCARDED_OK,
	    "m1 for u@r.test ended without a report, as it must: mx1.r.test "
	    "answered \"550 5.1.1 no such user\" at 1.0s" },
	{ NULLED, IN RCPT550 "2m open 2 mx1.r.test 198.18.1.1\n"
	    "2m rcpt 2 m1 u@r.test 550\n3m queue m1 no\n", V_DISCARDED_OK,
	    NULL },
	{ NULLED, IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n",
	    V_BOUNCE_TO_NULL, NULL },
	{ NULLED, IN MX REFUSED_BOTH "6s queue m1 no\n400s queue m1 no\n",
	    V_SILENT_DROP, NULL },
	{ NULLED, IN RCPT550 "3h open 2 mx1.r.test 198.18.1.1\n"
	    "3h rcpt 2 m1 u@r.test 550\n3h queue m1 yes\n", V_STUCK, NULL },
	{ NULLED, IN MX REFUSED_BOTH "5d5m syn mx1.r.test 198.18.1.1 refuse\n"
	    "5d6m queue m1 no\n", V_DISCARDED_OK, NULL },
	{ NEVER, IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n",
	    V_UNWANTED_DSN, NULL },
	/* the wrong place, the wrong content */
	{ ONE, IN "2s deliver 1 m1 u@r.test trap.test 198.18.9.9\n",
	    V_MISROUTED, "m1 for u@r.test was given to trap.test, which is no "
	    "host of r.test, after 2.0s" },
	{ ONE, IN "2s open 1 trap.test 198.18.9.9\n"
	    "2s rcpt 1 m1 u@r.test 250 ok\n", V_MISROUTED, NULL },
	/* Both addresses were completed with a search list. */
	{ ONE, IN "2s open 1 trap.test 198.18.9.9\n"
	    "2s copy 1 m1 u@r.test.x.test 250 from=a+m1@s.test.x.test\n"
	    "9s queue m1 no\n2h queue m1 no\n", V_MISROUTED, NULL },
	{ ONE, IN "2s open 1 trap.test 198.18.9.9\n"
	    "2s copy 1 m1 v@x.test 250 from=SRS0=a+m1@mta.test\n"
	    "9s queue m1 no\n2h queue m1 no\n", V_MISROUTED,
	    "m1 for u@r.test was readdressed to v@x.test and given to "
	    "trap.test after 2.0s" },
	{ ONE, IN "2s open 1 trap.test 198.18.9.9\n"
	    "2s rcpt 1 m1 u@r.test 550 no\n3s dsn m1 u@r.test failed 5.1.1\n",
	    V_PREMATURE_BOUNCE, NULL },
	{ ONE, "0s legit other.test -\n0s inject m1 250\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n", V_MISROUTED,
	    NULL },
	{ ONE, "0s legit r.test -\n0s inject m1 250\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n", V_MISROUTED,
	    NULL },
	{ ONE, IN "10m legit r.test mx9.r.test 198.18.1.9 10\n"
	    "20m deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED_LATE, NULL },
	{ ONE, IN "10m legit r.test mx9.r.test 198.18.1.9 10\n"
	    "2h deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n", V_MISROUTED,
	    NULL },
	{ ONE, IN "1s dns r.test MX NOERROR records MX 5 mx9.r.test\n"
	    "2s deliver 1 m1 u@r.test mx9.r.test 198.18.1.9\n", V_DELIVERED,
	    NULL },
	{ ONE, IN "1s dns r.test MX NOERROR wrong-id MX 5 mx9.r.test\n"
	    "2s deliver 1 m1 u@r.test mx9.r.test 198.18.1.9\n", V_MISROUTED,
	    NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 5 mx9.r.test\n"
	    "2s deliver 1 m1 u@r.test mx9.r.test 198.18.1.9\n", V_MISROUTED,
	    NULL },
	{ ONE, IN "0s legit r.test mta.sut.test 192.0.2.1 15\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n", V_MISROUTED,
	    NULL },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 bad\n",
	    V_CORRUPTED, "m1 for u@r.test arrived damaged at mx1.r.test after "
	    "2.0s" },
	{ ONE, IN "2s flag downgrade m1 -\n", V_DOWNGRADE, NULL },
	/* injection */
	{ ONE, LEGIT "0s inject m1 550\n", V_NOT_ACCEPTED,
	    "m1 for u@r.test was refused at injection: "
	    "\"550 5.7.1 not here\"" },
	{ ONE, LEGIT "0s inject m1 u@r.test 550\n0s inject m1 250\n",
	    V_NOT_ACCEPTED, NULL },
	{ ONE, LEGIT, V_INCONCLUSIVE, NULL },
	/* P2: to MAIL, and after DATA */
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s cmd 1 mail MAIL FROM:<a+m1@s.test> SIZE=1\n"
	    "1s reply 1 mail 550 5.7.1 no\n3s dsn m1 u@r.test failed 5.7.1\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s cmd 1 mail MAIL FROM:<a+m2@s.test>\n"
	    "1s reply 1 mail 550 5.7.1 no\n3s dsn m1 u@r.test failed 5.7.1\n",
	    V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 u@r.test 250\n"
	    "1s reply 1 eod 552 5.3.4 big\n3s dsn m1 u@r.test failed 5.3.4\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 u@r.test 450\n"
	    "1s reply 1 data 554 none\n3s dsn m1 u@r.test failed 5.3.4\n",
	    V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m2 v@r.test 250\n"
	    "1s rcpt 1 m1 u@r.test 552\n3s dsn m1 u@r.test failed 5.3.4\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test 250\n"
	    "1s also 1 m1 u@r.test 552\n3s dsn m1 u@r.test failed 5.3.4\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test 250\n"
	    "1s also 1 m1 u@r.test 552 5.5.3 enough\n"
	    "3s dsn m1 u@r.test failed 5.3.4\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test 250\n"
	    "1s also 1 m1 u@r.test 552 Too many recipients\n"
	    "3s dsn m1 u@r.test failed 5.3.4\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n1s rcpt 1 m1 v@r.test 250\n"
	    "1s also 1 m1 u@r.test 552 5.2.2 mailbox full\n"
	    "3s dsn m1 u@r.test failed 5.2.2\n", V_BOUNCED_CORRECT, NULL },
	/* P3 */
	{ ONE, IN "1s dns r.test MX NXDOMAIN truth\n"
	    "2s dsn m1 u@r.test failed 5.1.2\n", V_BOUNCED_CORRECT,
	    "m1 for u@r.test was reported as failed (status 5.1.2) after 2.0s: "
	    "DNS said NXDOMAIN to r.test MX at 1.0s" },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 0 .\n"
	    "2s dsn m1 u@r.test failed 5.1.10\n", V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR nodata\n1s dns r.test A NOERROR "
	    "truth\n2s dsn m1 u@r.test failed 5.1.2\n", V_BOUNCED_CORRECT,
	    NULL },
	{ ONE, IN "1s dns r.test MX NOERROR nodata\n1s dns r.test A SERVFAIL "
	    "servfail\n2s dsn m1 u@r.test failed 5.1.2\n",
	    V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth CNAME e.test\n"
	    "1s dns e.test MX NXDOMAIN truth\n"
	    "2s dsn m1 u@r.test failed 5.1.2\n", V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s dns x.test MX NXDOMAIN truth\n"
	    "2s dsn m1 u@r.test failed 5.1.2\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s dns r.test MX NXDOMAIN wrong-id\n"
	    "2s dsn m1 u@r.test failed 5.1.2\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth CNAME e.test\n"
	    "1s dns e.test A NXDOMAIN truth\n"
	    "2s dsn m1 u@r.test failed 5.1.2\n", V_BOUNCED_CORRECT, NULL },
	/* P4: both targets gone; one gone, one undetermined */
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n1s dns mx1.r.test A NXDOMAIN nxdomain\n"
	    "1s dns mx2.r.test A NOERROR nodata\n"
	    "2s dsn m1 u@r.test failed 5.4.4\n", V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n1s dns mx1.r.test A NXDOMAIN nxdomain\n"
	    "1s dns mx2.r.test A SERVFAIL servfail\n"
	    "2s dsn m1 u@r.test failed 5.4.4\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n1s dns mx1.r.test A NXDOMAIN nxdomain\n"
	    "2s dsn m1 u@r.test failed 5.4.4\n", V_PREMATURE_BOUNCE, NULL },
	{ BOTH, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s dns mx1.r.test A SERVFAIL servfail\n"
	    "1s dns mx1.r.test AAAA NXDOMAIN truth\n"
	    "2s dsn m1 u@r.test failed 5.4.4\n", V_PREMATURE_BOUNCE, NULL },
	{ ONE, IN MX GREET554 "1s accept 2 mx2.r.test 198.18.1.2\n"
	    "1s reply 2 greeting 521 no mail\n"
	    "2s dsn m1 u@r.test failed 5.7.1\n", V_BOUNCED_CORRECT, NULL },
	{ ONE, IN MX GREET554 "1s accept 2 mx2.r.test 198.18.1.2\n"
	    "1s reply 2 greeting 521 no mail\n1h queue m1 yes\n",
	    V_RETRYING, NULL },
	/* P5: only the MTA itself is left */
	{ ONE, "0s legit r.test mta.sut.test 192.0.2.1 5\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR truth MX 5 mta.sut.test, MX 20 "
	    "mx2.r.test\n2s dsn m1 u@r.test failed 5.4.6\n",
	    V_BOUNCED_CORRECT, NULL },
	/* P6: it has come round, 25 hops or more */
	{ TRAVELLED(HOPS_8 HOP), IN "2s dsn m1 u@r.test failed 5.4.6\n",
	    V_BOUNCED_CORRECT, NULL },
	{ TRAVELLED(HOPS_8), IN "2s dsn m1 u@r.test failed 5.4.6\n",
	    V_PREMATURE_BOUNCE, NULL },
	/* P7 */
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test, "
	    "eight-bit: true}]\n"
	    "hosts: {mx1.r.test: {keywords: [PIPELINING]}}\n",
	    IN "1s open 1 mx1.r.test 198.18.1.1\n1s reply 1 ehlo 250 mx1\n"
	    "2s dsn m1 u@r.test failed 5.6.3\n", V_BOUNCED_CORRECT, NULL },
	/* why nobody was contacted, by what was asked for */
	{ ONE, IN ASKS "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n1s dns mx1.r.test A NXDOMAIN nxdomain\n"
	    "1s dns mx2.r.test A NXDOMAIN nxdomain\n" GONE, V_SILENT_DROP,
	    LOST_AFTER "no MX of r.test had an address at 1.0s" },
	{ ONE, IN ASKS "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n1s dns mx1.r.test A NXDOMAIN nxdomain\n" GONE,
	    V_SILENT_DROP, LOST_AFTER "no address of the MX mx2.r.test of "
	    "r.test was asked for at 1.0s" },
	{ ONE, IN ASKS "1s dns r.test MX NOERROR truth MX 10 localhost\n"
	    "1s dns localhost A NOERROR truth A 127.0.0.1\n" GONE,
	    V_SILENT_DROP, LOST_AFTER "no host was tried for r.test: its MX "
	    "localhost leads to the MTA's own at 1.0s" },
};

START_TEST(every_tale_ends_as_it_must)
{
	struct story st;

	story_ends(&st, tales[_i].yaml, tales[_i].lines, tales[_i].verdict,
	    _i);
	if (tales[_i].why != NULL)
		ck_assert_str_eq(st.j.units[0].why, tales[_i].why);
	ck_assert_uint_le(st.j.units[0].decisive, st.trace.count);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stories");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_tale_ends_as_it_must, 0, ALL(tales));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/* Injection, copies and the queue of one unit (21.1). */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define TO1(t, n) t " deliver " #n " m1 u@r.test mx1.r.test 198.18.1.1\n"
#define COPY(how) "2s open 1 mx1.r.test 198.18.1.1\n"				\
	"2s rcpt 1 m1 u@r.test 250 ok\n2s copy 1 m1 u@r.test " how "\n"
#define AGAIN TO1("302s", 2)
#define TWICE TO1("2s", 1) AGAIN
#define SENT "0s submits m1 eod 250\n"
#define GONE "6s queue m1 no\n400s queue m1 no\n"
#define QHOME "0s legit q.test mx.q.test 198.18.3.1 10\n"
#define AT_Q "2s open 2 mx.q.test 198.18.3.1\n2s rcpt 2 m1 x@q.test 250 ok\n"	\
	"2s copy 2 m1 x@q.test 250\n"
#define ELSEWHERE "2s open 2 mx.q.test 198.18.3.1\n"				\
	"2s rcpt 2 m1 u@q.test 250 ok\n2s copy 2 m1 u@q.test 250\n"
#define SAID(words) "1s open 1 mx1.r.test 198.18.1.1\n"			\
	"1s rcpt 1 m1 u@r.test " words "\n"

#define OFFERED(t) t " open 1 mx1.r.test 198.18.1.1\n" t			\
	" mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
#define TAKEN1 "2s open 1 mx1.r.test 198.18.1.1\n2s rcpt 1 m1 u@r.test 250\n"
#define STORED1 "2s copy 1 m1 u@r.test 250\n"

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
} tales[] = {
	/* accepted by the end of data, if its RCPT was not refused */
	{ ONE, LEGIT SENT DELIVER, V_DELIVERED },
	{ ONE, LEGIT "0s submits m1 eod 299\n" DELIVER, V_DELIVERED },
	{ ONE, LEGIT "0s submits m1 eod 451\n" DELIVER, V_NOT_ACCEPTED },
	{ ONE, LEGIT "0s submits m1 rcpt 550\n" SENT DELIVER,
	    V_NOT_ACCEPTED },
	{ ONE, LEGIT "0s submits m1 rcpt 550\n0s submits m1 mail 250\n" SENT
	    DELIVER, V_DELIVERED },
	{ ONE, LEGIT "0s submits m1 mail 450\n0s submits m1 rcpt 250\n" SENT
	    DELIVER, V_NOT_ACCEPTED },
	{ ONE, LEGIT "0s submits m1 data 354\n" DELIVER, V_NOT_ACCEPTED },
	{ ONE, LEGIT "0s submits m1 exit 250\n" DELIVER, V_DELIVERED },
	{ ONE, LEGIT "0s submits m1 exit 550\n", V_NOT_ACCEPTED },
	{ ONE, LEGIT SENT "1s submits m1 eod 550\n" DELIVER, V_DELIVERED },
	{ ONE, LEGIT SENT "90s submits m1 eod 250\n" TO1("100s", 1),
	    V_DELIVERED_LATE },
	/* of one recipient, of none that it has */
	{ TWO, LEGIT "0s inject m1 v@r.test 550\n" SENT DELIVER,
	    V_DELIVERED },
	{ ONE, LEGIT "0s inject m1 zz@r.test 550\n" SENT DELIVER,
	    V_DELIVERED },
	/* broken off behind its content: that copy may be queued */
	{ ONE, LEGIT "0s submits m1 data 354\n0s submits m1 connect 0\n" SENT
	    TWICE, V_DUPLICATE_EXCUSED },
	{ ONE, LEGIT "0s submits m1 mail 250\n0s submits m1 connect 0\n"
	    "0s submits m1 mail 250\n" SENT TWICE, V_DUPLICATE },
	{ ONE, LEGIT "0s submits m1 data 451\n0s submits m1 connect 0\n"
	    "0s submits m1 mail 250\n" SENT TWICE, V_DUPLICATE },
	{ ONE, LEGIT "0s broken-off m1\n0s submits m1 mail 250\n" SENT
	    TO1("2s", 1) "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1 "
	    "lost\n" TO1("602s", 3), V_DUPLICATE },
	{ ONE, LEGIT "0s submits m1 data 354\n0s submits m1 eod 450\n"
	    "0s submits m1 connect 0\n0s submits m1 mail 250\n" SENT TWICE,
	    V_DUPLICATE },
	{ ONE, LEGIT "0s submits m1 exit 75\n0s submits m1 mail 250\n" SENT
	    TWICE, V_DUPLICATE },
	{ ONE, LEGIT "0s broken-off m1\n0s submits m1 mail 250\n" SENT TWICE
	    TO1("602s", 3), V_DUPLICATE },
	{ ONE, LEGIT "0s broken-off m1\n0s broken-off m1\n"
	    "0s submits m1 mail 250\n" SENT TWICE TO1("602s", 3),
	    V_DUPLICATE_EXCUSED },
	/* killed within two seconds of the reply, and not before it */
	{ ONE, IN TO1("2s", 1) "4s mta kill\n" AGAIN, V_DUPLICATE_EXCUSED },
	{ ONE, IN TO1("2s", 1) "4.1s mta kill\n" AGAIN, V_DUPLICATE },
	{ ONE, IN "1.9s mta kill\n1.9s mta start\n" TWICE, V_DUPLICATE },
	{ ONE, IN TO1("2s", 1) "2s cmd 1 quit\n3s mta stop\n" AGAIN,
	    V_DUPLICATE },
	/* told to stop before it gave a sign that it had heard the reply */
	{ ONE, IN TAKEN1 "2s eod 1\n2s reply 1 eod 250 ok\n2s mta restart\n"
	    STORED1 "2s close 1 client fin\n2s mta start\n" AGAIN,
	    V_DUPLICATE_EXCUSED },
	{ ONE, IN TAKEN1 "2s eod 1\n2s reply 1 eod 250 ok\n2s cmd 1 quit\n"
	    "2s mta restart\n" STORED1 "2s mta start\n" AGAIN, V_DUPLICATE },
	{ ONE, IN TAKEN1 "2s mta restart\n2s eod 1\n2s reply 1 eod 250 ok\n"
	    STORED1 "2s close 1 client fin\n2s mta start\n" AGAIN,
	    V_DUPLICATE_EXCUSED },
	{ ONE, IN TO1("2s", 1) "3s mta kill\n3s mta stop\n4s mta start\n"
	    AGAIN, V_DUPLICATE_EXCUSED },
	/* sent by what was left of it while it was down */
	{ ONE, IN "1.9s mta kill\n" TO1("2s", 1) "3s mta start\n" AGAIN,
	    V_DUPLICATE_EXCUSED },
	/* killed between its dot and its copy, or in its session at least */
	{ ONE, IN TAKEN1 "2s eod 1\n2s mta kill\n2s mta start\n" STORED1
	    AGAIN, V_DUPLICATE_EXCUSED },
	{ ONE, IN TAKEN1 "2s mta kill\n2s mta start\n2s eod 1\n" STORED1
	    AGAIN, V_DUPLICATE_EXCUSED },
	{ ONE, IN "2s mta kill\n2s mta start\n" TAKEN1 "2s eod 1\n" STORED1
	    AGAIN, V_DUPLICATE },
	/* kept last, but sent first */
	{ ONE, IN TAKEN1 "2s eod 1\n3s mta kill\n3s mta start\n"
	    TO1("302s", 2) "400s copy 1 m1 u@r.test 250\n",
	    V_DUPLICATE_EXCUSED },
	/* reset by the host within a second, before any other command */
	{ ONE, IN TO1("2s", 1) "3s close 1 server reset\n" AGAIN,
	    V_DUPLICATE_EXCUSED },
	{ ONE, IN TO1("2s", 1) "3.1s close 1 server reset\n" AGAIN,
	    V_DUPLICATE },
	{ ONE, IN TO1("2s", 1) "2s close 1 server fin\n" AGAIN,
	    V_DUPLICATE },
	{ ONE, IN TO1("2s", 1) "2s close 1 client reset\n" AGAIN,
	    V_DUPLICATE },
	{ ONE, IN TO1("2s", 1) "2s cmd 1 quit\n2s close 1 server reset\n"
	    AGAIN, V_DUPLICATE },
	/* what is a copy, and what is none */
	{ ONE, IN COPY("0"), V_DELIVERED },
	{ ONE, IN COPY("0") AGAIN, V_DUPLICATE_EXCUSED },
	{ ONE, IN COPY("250 lost") AGAIN, V_DUPLICATE_EXCUSED },
	{ ONE, IN COPY("450") AGAIN, V_DELIVERED_LATE },
	{ ONE, IN COPY("450") "302s deliver 2 m1 u@r.test mx1.r.test "
	    "198.18.1.1 lost\n" TO1("602s", 3), V_DUPLICATE_EXCUSED },
	{ ONE, IN COPY("250 discarded") AGAIN, V_DELIVERED_LATE },
	{ ONE, IN COPY("250 discarded bad") AGAIN, V_DELIVERED_LATE },
	{ ONE, IN COPY("250 bad") AGAIN, V_CORRUPTED },
	{ ONE, IN COPY("0 bad"), V_CORRUPTED },
	/* an address that a host named is no alias of the MTA's own */
	{ ONE, IN QHOME SAID("551 5.7.1 try <u@q.test>") ELSEWHERE,
	    V_MISROUTED },
	{ ONE, IN QHOME SAID("551 5.7.1 try <U@Q.TEST>") ELSEWHERE,
	    V_MISROUTED },
	{ ONE, IN QHOME SAID("551 5.7.1 not here") ELSEWHERE, V_DELIVERED },
	{ ONE, IN SAID("250 <u@r.test> ok") "1s copy 1 m1 u@r.test 250\n",
	    V_DELIVERED },
	{ ONE, IN QHOME "2s open 2 trap.test 198.18.9.9\n"
	    "2s rcpt 2 m1 x@q.test 250 ok\n2s copy 2 m1 x@q.test 250\n",
	    V_MISROUTED },
	{ ONE, IN QHOME AT_Q, V_DELIVERED },
	{ ONE, IN AT_Q, V_MISROUTED },
	{ ONE, IN QHOME "2s open 2 mx1.r.test 198.18.1.1\n"
	    "2s rcpt 2 m1 x@q.test 250 ok\n2s copy 2 m1 x@q.test 250\n",
	    V_DELIVERED },
	{ ONE, IN QHOME "2s open 2 mx.q.test 198.18.3.1\n"
	    "2s rcpt 2 m1 u@r.test 250 ok\n2s copy 2 m1 u@r.test 250\n",
	    V_MISROUTED },
	/* "no", twice, with nothing in between, after it was accepted */
	{ ONE, IN REFUSED_BOTH GONE, V_SILENT_DROP },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n7s queue m1 unknown\n"
	    "400s queue m1 no\n", V_RETRYING },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n"
	    "100s open 2 mx1.r.test 198.18.1.1\n"
	    "100s rcpt 2 m1 u@r.test 450 later\n400s queue m1 no\n",
	    V_RETRYING },
	{ ONE, LEGIT "0s queue m1 no\n1s inject m1 250\n" REFUSED_BOTH
	    "400s queue m1 no\n", V_RETRYING },
	{ ONE, LEGIT "1s inject m1 250\n1s queue m1 no\n" REFUSED_BOTH
	    "400s queue m1 no\n", V_SILENT_DROP },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n306s queue m1 no\n",
	    V_INCONCLUSIVE },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n305.9s queue m1 no\n",
	    V_RETRYING },
	{ ONE, IN REFUSED_BOTH "2d queue m1 unknown\n", V_INCONCLUSIVE },
	/* what a slow host reads was sent before it was gone */
	{ ONE, IN OFFERED("5s") "6s queue m1 no\n"
	    "100s also 1 m1 u@r.test 450\n400s queue m1 no\n",
	    V_SILENT_DROP },
	{ ONE, IN "6s queue m1 no\n" OFFERED("6s")
	    "100s also 1 m1 u@r.test 450\n400s queue m1 no\n",
	    V_RETRYING },
	{ ONE, IN REFUSED_BOTH "6s queue m2 no\n400s queue m2 no\n",
	    V_RETRYING },
	/* clear text is told of the message, or of one recipient */
	{ ONE, IN DELIVER "2s flag downgrade m1 x\n", V_DOWNGRADE },
	{ ONE, IN DELIVER "2s flag upgrade m1 x\n", V_DELIVERED },
};

START_TEST(a_unit_is_what_the_wire_shows_of_it)
{
	struct story st;

	story_ends(&st, tales[_i].yaml, tales[_i].lines, tales[_i].verdict,
	    _i);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("units");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_unit_is_what_the_wire_shows_of_it, 0,
	    ALL(tales));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/*
 * The times of 21.1 to 21.10, to the second: each bound is met once and
 * missed once.  R1 300s, Rmax 4000s, QR 300s, LIFE 5d; EPS is a tenth.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define HOME2 HOME "0s legit s.test mx2.s.test 198.18.0.11 20\n"
#define BOUNCING IN HOME RCPT550
#define REPORT(n, when, code) when " open " #n " mx.s.test 198.18.0.10\n"	\
	when " offers " #n " a+m1@s.test " code "\n"
#define AGAIN(t, code) t " open 3 mx1.r.test 198.18.1.1\n" t			\
	" rcpt 3 m1 u@r.test " code "\n"
#define TO1(t, n) t " deliver " #n " m1 u@r.test mx1.r.test 198.18.1.1\n"
#define TO2(t, n) t " deliver " #n " m1 u@r.test mx2.r.test 198.18.1.2\n"
#define YES_AT(t) t " queue m1 yes\n"
#define NOT_AT(t) t " queue m1 no\n"
#define END_AT(t) t " end horizon\n"
#define DOWN(t, until) t " mta stop\n" until " mta start\n"
#define FAILED(t, status) t " dsn m1 u@r.test failed " status "\n"
#define MENDED ONE "repair: 2h\n"
#define NO_USE MX DNS_A1 DNS_A2
#define DNS_A1 "1s dns mx1.r.test A NOERROR truth\n"
#define DNS_A2 "1s dns mx2.r.test A NOERROR truth\n"
#define SHARED ZONE "messages:\n"						\
	"  - {name: m1, from: a@s.test, to: u@r.test}\n"			\
	"  - {name: m2, from: b@q.test, to: x@s.test}\n"
#define NULLS ZONE "messages: [{name: m1, from: '', to: [u@r.test, "	\
	"v@r.test]}]\n"

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
} tales[] = {
	/* CYC1: 5 s, Tdns, and what the dead candidates may cost */
	{ ONE, IN TO1("65s", 1), V_DELIVERED },
	{ ONE, IN TO1("66s", 1), V_DELIVERED_LATE },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 blackhole\n" TO2("365s", 1),
	    V_DELIVERED },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 blackhole\n" TO2("366s", 1),
	    V_DELIVERED_LATE },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n" TO2("125s", 1),
	    V_DELIVERED },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n" TO2("126s", 1),
	    V_DELIVERED_LATE },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "2000s close 1 client fin\n" TO2("2165s", 2), V_DELIVERED },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "2000s close 1 client fin\n" TO2("2166s", 2), V_DELIVERED_LATE },
	{ ONE, IN "60s open 1 mx1.r.test 198.18.1.1\n"
	    "60s rcpt 1 m1 u@r.test 250\n900s copy 1 m1 u@r.test 250\n",
	    V_DELIVERED },
	/* one retry after the repair, the acceptance, the last fault met */
	{ MENDED, IN REFUSED_BOTH TO1("11930s", 1), V_DELIVERED_LATE },
	{ MENDED, IN REFUSED_BOTH TO1("11931s", 1), V_DELIVERED_TOO_LATE },
	{ MENDED, LEGIT "3h inject m1 250\n" TO1("15530s", 1),
	    V_DELIVERED_LATE },
	{ MENDED, LEGIT "3h inject m1 250\n" TO1("15531s", 1),
	    V_DELIVERED_TOO_LATE },
	{ MENDED "hosts: {mx1.r.test: [{rcpt: '450', first: 1}]}\n", IN
	    "3h open 1 mx1.r.test 198.18.1.1\n3h refuses 1 m1 u@r.test 450\n"
	    "3h ruled 1 rcpt 450 11:22\n" TO1("15530s", 2), V_DELIVERED_LATE },
	{ MENDED "hosts: {mx1.r.test: [{rcpt: '450', first: 1}]}\n", IN
	    "3h open 1 mx1.r.test 198.18.1.1\n3h refuses 1 m1 u@r.test 450\n"
	    "3h ruled 1 rcpt 450 11:22\n" TO1("15531s", 2),
	    V_DELIVERED_TOO_LATE },
	{ ONE "repair: never\n", IN REFUSED_BOTH TO1("4d", 1),
	    V_DELIVERED_LATE },
	/* an owed report: DSN_MAX and a tenth, by its first offer */
	{ ONE, BOUNCING FAILED("397s", "5.1.1"), V_BOUNCED_CORRECT },
	{ ONE, BOUNCING FAILED("398s", "5.1.1"), V_LATE_BOUNCE },
	{ ONE, BOUNCING REPORT(2, "397s", "450") FAILED("2h", "5.1.1"),
	    V_BOUNCED_CORRECT },
	{ ONE, BOUNCING REPORT(2, "398s", "450") FAILED("2h", "5.1.1"),
	    V_LATE_BOUNCE },
	{ ONE, BOUNCING REPORT(2, "0.5s", "450") FAILED("2h", "5.1.1"),
	    V_BOUNCED_CORRECT },
	{ ONE, BOUNCING YES_AT("397s"), V_RETRYING },
	{ ONE, BOUNCING YES_AT("398s"), V_LATE_BOUNCE },
	/* one that was held down may wait for its next retry */
	{ ONE, BOUNCING DOWN("2s", "1h") FAILED("8330s", "5.1.1"),
	    V_BOUNCED_CORRECT },
	{ ONE, BOUNCING DOWN("2s", "1h") FAILED("8331s", "5.1.1"),
	    V_LATE_BOUNCE },
	{ ONE, BOUNCING DOWN("397s", "1h") FAILED("8330s", "5.1.1"),
	    V_BOUNCED_CORRECT },
	{ ONE, BOUNCING DOWN("398s", "1h") FAILED("8330s", "5.1.1"),
	    V_LATE_BOUNCE },
	{ ONE, IN "0s mta stop\n1s mta start\n" AGAIN("10s", "550")
	    FAILED("407s", "5.1.1"), V_LATE_BOUNCE },
	/* ...started at the moment it was due, or stopped before it is due */
	{ ONE, IN "0s mta stop\n0s mta start\n" RCPT550
	    FAILED("4730s", "5.1.1"), V_BOUNCED_CORRECT },
	{ ONE, IN REFUSED_BOTH DOWN("2s", "3s") FAILED("436660s", "4.4.7"),
	    V_BOUNCED_CORRECT },
	/* each time by itself; killed while it is down it is down once */
	{ ONE, BOUNCING DOWN("2s", "3s") DOWN("5000s", "6000s")
	    FAILED("6100s", "5.1.1"), V_LATE_BOUNCE },
	{ ONE, BOUNCING "2s mta stop\n3s mta kill\n3s mta start\n"
	    FAILED("4734s", "5.1.1"), V_LATE_BOUNCE },
	{ ONE, BOUNCING "2s mta stop\n" YES_AT("1h"), V_RETRYING },
	{ ONE, BOUNCING "2s mta kick\n" YES_AT("1h"), V_LATE_BOUNCE },
	/* the lifetime's: LIFE, Rmax, QR and EPS */
	{ ONE, IN REFUSED_BOTH FAILED("436660s", "4.4.7"),
	    V_BOUNCED_CORRECT },
	{ ONE, IN REFUSED_BOTH FAILED("436661s", "4.4.7"), V_LATE_BOUNCE },
	{ ONE, IN REFUSED_BOTH "435000s syn mx1.r.test 198.18.1.1 refuse\n"
	    YES_AT("436660s"), V_RETRYING },
	{ ONE, IN REFUSED_BOTH "435000s syn mx1.r.test 198.18.1.1 refuse\n"
	    YES_AT("436661s"), V_STUCK },
	/* an attempt within Rmax, QR and EPS */
	{ ONE, IN REFUSED_BOTH YES_AT("4731s"), V_RETRYING },
	{ ONE, IN REFUSED_BOTH YES_AT("4732s"), V_STUCK },
	/* queued beyond QR and EPS after its end */
	{ ONE, IN DELIVER YES_AT("332s"), V_DELIVERED },
	{ ONE, IN DELIVER YES_AT("333s"), V_ZOMBIE },
	{ ONE, BOUNCE YES_AT("333s"), V_BOUNCED_CORRECT },
	{ ONE, BOUNCE YES_AT("334s"), V_BOUNCED_QUEUED },
	{ ONE, BOUNCE AGAIN("4s", "450"), V_BOUNCED_CORRECT },
	{ ONE, BOUNCE AGAIN("4.1s", "450"), V_BOUNCED_QUEUED },
	{ ONE, BOUNCE FAILED("4s", "5.1.1") FAILED("5s", "5.1.1"),
	    V_DUPLICATE_DSN },
	/* not queued: DSN_MAX, or one retry where a report was tried */
	{ ONE, IN REFUSED_BOTH NOT_AT("6s") NOT_AT("366s"), V_SILENT_DROP },
	{ ONE, IN REFUSED_BOTH NOT_AT("6s") NOT_AT("365s"),
	    V_INCONCLUSIVE },
	{ ONE, BOUNCING REPORT(2, "2s", "450") NOT_AT("6s")
	    NOT_AT("4736s"), V_SILENT_DROP },
	{ ONE, BOUNCING REPORT(2, "2s", "450") NOT_AT("6s")
	    NOT_AT("4735s"), V_INCONCLUSIVE },
	{ ONE, BOUNCING REPORT(2, "2s", "450") NOT_AT("6s")
	    NOT_AT("4732s"), V_BOUNCED_NOWHERE },
	/* unknown, or "no" once: the horizon makes it certain */
	{ ONE, IN REFUSED_BOTH END_AT("436396s"), V_SILENT_DROP },
	{ ONE, IN REFUSED_BOTH END_AT("436395s"), V_INCONCLUSIVE },
	{ ONE, IN REFUSED_BOTH NOT_AT("436396s"), V_SILENT_DROP },
	{ ONE, IN REFUSED_BOTH NOT_AT("436395s"), V_INCONCLUSIVE },
	/* signs that may be of other mail are no report, and no loss */
	{ SHARED, BOUNCING "0s inject m2 250\n" NOT_AT("8s")
	    "4000s syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("5000s"),
	    V_INCONCLUSIVE },
	{ ONE, BOUNCING NOT_AT("8s")
	    "4000s syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("5000s"),
	    V_LATE_BOUNCE },
	/* offered itself after the last sign of a report: no report yet */
	{ ONE, BOUNCING REPORT(2, "2s", "450") AGAIN("10s", "450")
	    NOT_AT("16s") NOT_AT("400s"), V_INCONCLUSIVE },
	{ ONE, BOUNCING REPORT(2, "10s", "450") AGAIN("10s", "450")
	    NOT_AT("16s") NOT_AT("400s"), V_BOUNCED_NOWHERE },
	{ ONE, IN HOME "5d syn mx1.r.test 198.18.1.1 refuse\n"
	    REPORT(2, "5d", "450") NOT_AT("432006s") NOT_AT("432400s"),
	    V_BOUNCED_NOWHERE },
	{ ONE, IN HOME "5d syn mx1.r.test 198.18.1.1 refuse\n"
	    "5d syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("432006s")
	    NOT_AT("432400s"), V_BOUNCED_NOWHERE },
	/* given up after its own lifetime, less a retry and EPS */
	{ ONE, BOUNCING "2s syn mx.s.test 198.18.0.10 refuse\n"
	    "426912s syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("426920s")
	    NOT_AT("6d"), V_BOUNCED_NOWHERE },
	{ ONE, BOUNCING "2s syn mx.s.test 198.18.0.10 refuse\n"
	    "426911s syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("426920s")
	    NOT_AT("6d"), V_SILENT_DROP },
	/* what was offered when its time had come was no warning */
	{ ONE, IN HOME REFUSED_BOTH REPORT(2, "431640s", "451")
	    "6d dsn m1 u@r.test delayed 4.4.1\n" FAILED("7d", "4.4.7"),
	    V_BOUNCED_CORRECT },
	/* class 4 is right when its time was over, or nothing was final */
	{ ONE, IN REFUSED_BOTH AGAIN("431639s", "550")
	    FAILED("431640s", "4.4.7"), V_BOUNCED_CORRECT },
	{ ONE, IN REFUSED_BOTH AGAIN("431638s", "550")
	    FAILED("431639s", "4.4.7"), V_BOUNCED_MALFORMED },
	{ ONE, IN NO_USE FAILED("2s", "4.4.4"), V_BOUNCED_CORRECT },
	/* silent mail: tried after the time to give up */
	{ NULLED, IN RCPT550 AGAIN("397s", "550"), V_DISCARDED_OK },
	{ NULLED, IN RCPT550 AGAIN("398s", "550"), V_RETRYING },
	{ NULLED, IN NO_USE AGAIN("5091s", "450"), V_DISCARDED_OK },
	{ NULLED, IN NO_USE AGAIN("5092s", "450"), V_RETRYING },
	{ NULLED, IN RCPT550 "398s syn mx1.r.test 198.18.1.1 refuse\n",
	    V_RETRYING },
	{ NULLS, IN RCPT550 "398s syn mx1.r.test 198.18.1.1 refuse\n",
	    V_DISCARDED_OK },
	{ NULLED, IN RCPT550 END_AT("398s"), V_DISCARDED_OK },
};

START_TEST(every_bound_is_met_and_missed)
{
	struct story st;

	story_ends(&st, tales[_i].yaml, tales[_i].lines, tales[_i].verdict,
	    _i);
	story_close(&st);
}
END_TEST

START_TEST(a_remembered_host_may_wait_longer)
{
	struct story st;

	for (int late = 0; late < 2; late++) {
		story_open(&st, MENDED);
		st.profile.host_cache_us = story_time("10m");
		/* 2h + (4000 + 300 + 600) * 1.1 */
		story_tell(&st, late ? IN REFUSED_BOTH TO1("12591s", 1) :
		    IN REFUSED_BOTH TO1("12590s", 1));
		story_judge(&st);
		ck_assert_int_eq(st.j.units[0].verdict, late ?
		    V_DELIVERED_TOO_LATE : V_DELIVERED_LATE);
		story_close(&st);
	}
}
END_TEST

START_TEST(an_unproven_listing_counts_at_the_horizon_only)
{
	static const struct { const char *lines; enum verdict v; } ends[] = {
		{ NOT_AT("6s") NOT_AT("400s"), V_RETRYING },
		{ NOT_AT("6s") NOT_AT("4732s"), V_INCONCLUSIVE },
		{ NOT_AT("6s") NOT_AT("436396s"), V_SILENT_DROP },
		{ YES_AT("6s") YES_AT("400s"), V_RETRYING },
	};
	struct story st;

	for (int i = 0; i < ALL(ends); i++) {
		story_open(&st, ONE);
		st.profile.queue_proven = false;
		story_tell(&st, IN REFUSED_BOTH);
		story_tell(&st, ends[i].lines);
		story_judge(&st);
		ck_assert_int_eq(st.j.units[0].verdict, ends[i].v);
		story_close(&st);
	}
}
END_TEST

/* --- `bounced` by a report that had nowhere to go --- */

#define DEAD(addr) "2s syn mx.s.test " addr " refuse\n"			\
	"2d syn mx.s.test " addr " refuse\n"				\
	"4d23h syn mx.s.test " addr " refuse\n"
#define DEAD1 DEAD("198.18.0.10")
#define OVER NOT_AT("8s") NOT_AT("400s") NOT_AT("6d")

static const struct {
	const char *lines;
	enum result result;
} chances[] = {
	{ BOUNCING DEAD1 OVER, RESULT_OK },
	{ IN HOME2 RCPT550 DEAD1 OVER, RESULT_FAIL },
	{ IN HOME2 RCPT550 "3s syn mx2.s.test 198.18.0.11 refuse\n" DEAD1
	    OVER, RESULT_OK },
	{ IN HOME2 RCPT550 DEAD1 "4d23h open 5 mx2.s.test 198.18.0.11\n"
	    "4d23h offers 5 a+m1@s.test 450 no\n" OVER, RESULT_OK },
	{ IN HOME2 RCPT550 "3s dns mx2.s.test A SERVFAIL servfail\n" DEAD1
	    OVER, RESULT_OK },
	{ IN HOME2 RCPT550 "3s dns mx2.s.test AAAA SERVFAIL servfail\n" DEAD1
	    OVER, RESULT_FAIL },
	{ IN HOME2 RCPT550 "3s dns mx2.s.test A NOERROR truth A 198.18.0.11\n"
	    DEAD1 OVER, RESULT_FAIL },
	/* of the other family, or not there any more: none of its chances */
	{ IN HOME "0s legit s.test mx2.s.test 2001:db8::2 20\n" RCPT550 DEAD1
	    OVER, RESULT_OK },
	{ "0s legit s.test mx2.s.test 198.18.0.11 20\n"
	    "1s legit s.test mx.s.test 198.18.0.10 10\n" IN RCPT550 DEAD1
	    OVER, RESULT_OK },
	/* deferred, and without a sign at any other host */
	{ IN HOME2 RCPT550 REPORT(2, "2s", "450") NOT_AT("8s")
	    NOT_AT("400s"), RESULT_OK },
	/* refused for good, or with nowhere to go at all */
	{ IN HOME2 RCPT550 REPORT(2, "2s", "550") OVER, RESULT_OK },
	{ IN HOME2 RCPT550 "2s query s.test MX\n"
	    "2s dns s.test MX NXDOMAIN truth\n" OVER, RESULT_OK },
};

START_TEST(a_report_is_offered_to_all_who_might_have_taken_it)
{
	struct story st;

	story(&st, ONE EXPECT("bounced"), chances[_i].lines);
	if (st.j.result != chances[_i].result)
		ck_abort_msg("%d: %s: %s\n%s", _i, result_word(st.j.result),
		    st.j.sentence, chances[_i].lines);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_bound_is_met_and_missed, 0, ALL(tales));
	tcase_add_test(tc, a_remembered_host_may_wait_longer);
	tcase_add_test(tc, an_unproven_listing_counts_at_the_horizon_only);
	tcase_add_loop_test(tc,
	    a_report_is_offered_to_all_who_might_have_taken_it, 0,
	    ALL(chances));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

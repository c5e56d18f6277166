/* Attempts and cycles (21.3): how they are counted; order, coverage, rate. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define SYN(t, n) t " syn mx" #n ".r.test 198.18.1." #n " refuse\n"
#define TO(t, n) t " deliver 9 m1 u@r.test mx" #n ".r.test 198.18.1." #n "\n"
#define UP(t, n) t " accept " #n " mx" #n ".r.test 198.18.1." #n "\n"
#define V_AT(t, n) t " deliver 8 m1 v@r.test mx" #n ".r.test 198.18.1." #n	\
	"\n"
#define END "1s close 1 client fin\n"
#define YES_AT(t) t " queue m1 yes\n"
#define ASK(t) t " query r.test MX\n"
#define DNS(t, question, answer) t " dns " question " " answer "\n"
#define SERVFAIL "SERVFAIL servfail"
#define LOST(t) t " noroute 192.0.2.53 53\n"
#define TRUTH(t, n, pref) t " legit r.test mx" #n ".r.test 198.18.1." #n " "	\
	#pref "\n"
#define ALONE "0s legit r.test mx1.r.test 198.18.1.1 10\n0s inject m1 250\n"

#define V_ASKED(t) t " open 2 mx1.r.test 198.18.1.1\n" t			\
	" rcpt 2 m1 v@r.test 250\n" t " eod 2\n" t " reply 2 eod 450\n"	\
	t " cmd 2 quit\n" t " close 2 client fin\n"

/* Profiles of the tales below: HC, the limit of addresses, R1. */
struct told {
	int	hc, limit, r1;
};

static void
judge_by(struct story *st, const char *yaml, const char *lines,
    const struct told *p)
{
	story_open(st, yaml);
	st->profile.host_cache_us = p->hc * 1000000LL;
	st->profile.address_limit = p->limit;
	if (p->r1 > 0)
		st->profile.first_retry_us = p->r1 * 1000000LL;
	story_tell(st, lines);
	story_judge(st);
}

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	bool raised;
	struct told p;
} rules[] = {
	/* order: what was tried, this time or within HC */
	{ ONE, IN TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2) TO("5m", 2), F_ORDER_VIOLATION,
	    true, { .hc = 298 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2) TO("5m", 2), F_ORDER_VIOLATION,
	    false, { .hc = 299 } },
	{ ONE, IN SYN("1s", 2), F_ORDER_VIOLATION, true, { .hc = 600 } },
	/* its lookup has no answer yet */
	{ ONE, IN "1s query mx1.r.test A\n" TO("10s", 2), F_ORDER_VIOLATION,
	    false, { 0 } },
	/* the transaction broke off before it came to the second recipient */
	{ TWO, IN UP("1s", 1) "1s rcpt 1 m1 u@r.test 421\n" END V_AT("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ TWO, IN UP("1s", 1) "1s rcpt 1 m1 u@r.test 421\n" END V_AT("3h", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ TWO, IN TO("1s", 1) "1s eod 9\n1s cmd 9 quit\n1s close 9 client "
	    "fin\n" V_AT("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	/* what is nobody's is not of one whose sender has been told */
	{ TWO, IN UP("1s", 1) "1s rcpt 1 m1 u@r.test 550\n" END
	    "2s dsn m1 u@r.test failed 5.1.1\n" V_ASKED("30m") SYN("30m", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ TWO, IN UP("1s", 1) "1s rcpt 1 m1 u@r.test 550\n" END
	    V_ASKED("30m") SYN("30m", 2), F_ORDER_VIOLATION, true, { 0 } },
	/* two that go from host to host side by side, and one that does not */
	{ TWO, IN SYN("1s", 1) SYN("1s", 1) SYN("2s", 2) SYN("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ TWO, IN SYN("1s", 1) SYN("1s", 1) SYN("3h", 2) SYN("3h", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 1) SYN("2s", 2) SYN("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	/* by one family's answer the better is an alias of the other */
	{ ONE, IN "1s dns mx1.r.test AAAA NOERROR records CNAME mx2.r.test\n"
	    TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN "1s dns r.test MX NOERROR records CNAME mx2.r.test\n"
	    TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN "1s dns r.test MX NOERROR truth CNAME mx2.r.test\n"
	    TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	/* its answer came when nobody may have waited for it any more */
	{ ONE, IN "1s query mx1.r.test A\n"
	    "2s dns mx1.r.test A NOERROR truth A 198.18.1.1\n" TO("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN "1s query mx1.r.test A\n"
	    "1.9s dns mx1.r.test A NOERROR truth A 198.18.1.1\n" TO("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	/* its answer was late, and came when it was asked for once more */
	{ ONE, IN "1s query mx1.r.test A\n" TO("10s", 2)
	    "10s query mx1.r.test A\n"
	    "10s dns mx1.r.test A NOERROR truth A 198.18.1.1\n",
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN "1s dns mx1.r.test AAAA NOERROR nodata\n" TO("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	/* the limit of addresses, two at least */
	{ ONE, TRUTH("0s", 3, 10) TRUTH("0s", 4, 10) IN SYN("1s", 1)
	    SYN("1s", 3) TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, TRUTH("0s", 3, 10) TRUTH("0s", 4, 10) IN SYN("1s", 1)
	    SYN("1s", 3) TO("2s", 2), F_ORDER_VIOLATION, false,
	    { .limit = 2 } },
	{ ONE, TRUTH("0s", 3, 10) TRUTH("0s", 4, 10) IN SYN("1s", 1)
	    SYN("1s", 3) TO("2s", 2), F_ORDER_VIOLATION, false,
	    { .limit = 1 } },
	{ ONE, TRUTH("0s", 3, 10) TRUTH("0s", 4, 10) IN SYN("1s", 1)
	    SYN("1s", 3) TO("2s", 2), F_ORDER_VIOLATION, true,
	    { .limit = 3 } },
	{ ONE, TRUTH("0s", 3, 10) IN SYN("1s", 1) TO("2s", 2),
	    F_ORDER_VIOLATION, true, { .limit = 1 } },
	/* no host at all, a later truth, another address of the same host */
	{ ONE, "0s legit r.test -\n" IN TO("2s", 1), F_ORDER_VIOLATION, false,
	    { 0 } },
	{ ONE, IN TO("2s", 1) TRUTH("10m", 3, 5), F_ORDER_VIOLATION, false,
	    { 0 } },
	{ ONE, "0s legit r.test mx1.r.test 198.18.1.5 10\n" IN SYN("1s", 1)
	    TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	/* what came to no connection tried nothing */
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", SERVFAIL) ASK("20m")
	    TO("20m", 2), F_ORDER_VIOLATION, true, { 0 } },
	/* one family's address for the other's, of the same host */
	{ BOTH, "0s legit r.test mx1.r.test 2001:db8:1::1 10\n" IN
	    SYN("1s", 1) TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ BOTH, "0s legit r.test mx1.r.test 2001:db8:1::1 10\n" IN
	    "1s syn mx1.r.test 2001:db8:1::1 refuse\n" TO("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ BOTH, "0s legit r.test mx3.r.test 2001:db8:1::3 10\n" IN
	    SYN("1s", 1) TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, "0s legit r.test mx3.r.test 2001:db8:1::3 10\n" IN
	    SYN("1s", 1) TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	/* its lookup failed, of that type, since the cycle before */
	{ ONE, IN DNS("1s", "mx1.r.test A", "NOERROR truth") TO("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN DNS("1s", "mx1.r.test A", "NOERROR truth A 198.18.1.1")
	    TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN DNS("1s", "mx1.r.test AAAA", SERVFAIL) TO("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN DNS("1s", "mx2.r.test A", SERVFAIL) TO("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN TO("2s", 2) DNS("3s", "mx1.r.test A", SERVFAIL),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN DNS("2s", "mx1.r.test A", SERVFAIL) TO("2s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN "1s query mx1.r.test A\n"
	    DNS("1s", "mx1.r.test A", "NOERROR truth A 198.18.1.1")
	    TO("2s", 2), F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN LOST("1s") TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2)
	    DNS("19m", "mx1.r.test A", SERVFAIL) SYN("20m", 1)
	    SYN("20m", 2) ASK("40m") TO("40m", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2) SYN("20m", 1) SYN("20m", 2)
	    DNS("21m", "mx1.r.test A", SERVFAIL) TO("40m", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	/* ... and is asked for anew only when the next attempt begins */
	{ ONE, IN SYN("1s", 1) SYN("1s", 2)
	    DNS("19m", "mx1.r.test A", SERVFAIL) SYN("20m", 1)
	    SYN("20m", 2) TO("40m", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2)
	    DNS("19m", "mx1.r.test A", SERVFAIL) SYN("20m", 1)
	    SYN("20m", 2) "30m query s.test MX\n30m query r.test TXT\n"
	    TO("40m", 2), F_ORDER_VIOLATION, false, { 0 } },
	{ BOTH, "0s legit r.test mx3.r.test 2001:db8:1::3 5\n" IN
	    DNS("1s", "mx3.r.test AAAA", SERVFAIL) SYN("1s", 1)
	    SYN("20m", 1), F_ORDER_VIOLATION, false, { 0 } },
	{ BOTH, "0s legit r.test mx3.r.test 2001:db8:1::3 5\n" IN
	    DNS("1s", "mx3.r.test A", SERVFAIL) SYN("1s", 1)
	    SYN("20m", 1), F_ORDER_VIOLATION, true, { 0 } },
	/* not within an hour of a switch of the zone, nor by `records` */
	{ ONE, IN TRUTH("10m", 3, 10) TRUTH("10m", 2, 20) TO("4200s", 2),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN TRUTH("10m", 3, 10) TRUTH("10m", 2, 20) TO("4201s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN TRUTH("10m", 3, 10) TRUTH("10m", 2, 20) TO("2s", 2),
	    F_ORDER_VIOLATION, true, { 0 } },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR records MX 20 mx2.r.test")
	    TO("2s", 2), F_ORDER_VIOLATION, false, { 0 } },
	/* what cannot be another's, what is behind the MTA itself */
	{ ONE, "0s legit r.test mx0.r.test 127.0.0.1 5\n" IN TO("2s", 1),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, "0s legit r.test 198.18.1.7 198.18.1.7 5\n" IN TO("2s", 1),
	    F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, "0s legit r.test mx0.r.test 198.18.1.7 5\n" IN TO("2s", 1),
	    F_ORDER_VIOLATION, true, { 0 } },
	/* whose an attempt was must be known */
	{ PAIR, LEGIT "0s inject m1 250\n0s inject m2 250\n"
	    "2s deliver 9 m1 v@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, false, { 0 } },
	/* coverage: one address, and the pause of 600 s after it */
	{ ONE, IN SYN("1s", 1) YES_AT("601s"), F_NOT_ALL_TRIED, false,
	    { 0 } },
	{ ONE, IN SYN("1s", 1) YES_AT("602s"), F_NOT_ALL_TRIED, true,
	    { 0 } },
	{ ONE, IN UP("1s", 1) "500s close 1 client fin\n" YES_AT("1100s"),
	    F_NOT_ALL_TRIED, false, { 0 } },
	{ ONE, IN UP("1s", 1) "500s close 1 client fin\n" YES_AT("1101s"),
	    F_NOT_ALL_TRIED, true, { 0 } },
	{ ONE, IN UP("1s", 1) "1s reply 1 greeting 554 no\n"
	    "1s close 1 client fin\n" YES_AT("30m"), F_NOT_ALL_TRIED, true,
	    { 0 } },
	{ ONE, IN UP("1s", 1) "1s reply 1 greeting 450 no\n"
	    "1s close 1 client fin\n" YES_AT("30m"), F_NOT_ALL_TRIED, false,
	    { 0 } },
	{ ONE, IN UP("1s", 1) "1s cmd 1 mail MAIL FROM:<a+m1@s.test>\n"
	    "1s close 1 client fin\n" YES_AT("30m"), F_NOT_ALL_TRIED, false,
	    { 0 } },
	{ ONE, "0s legit r.test mta.sut.test 192.0.2.1 20\n" IN SYN("1s", 1)
	    YES_AT("30m"), F_NOT_ALL_TRIED, false, { 0 } },
	{ BOTH, "0s legit r.test mx1.r.test 2001:db8:1::1 10\n" ALONE
	    SYN("1s", 1) YES_AT("30m"), F_NOT_ALL_TRIED, false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("601s", 2) YES_AT("2h"), F_NOT_ALL_TRIED,
	    false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("602s", 2) YES_AT("700s"),
	    F_NOT_ALL_TRIED, true, { 0 } },
	/* the same at once: a session for each recipient, if there are two */
	{ TWO, IN SYN("1s", 1) SYN("1s", 1) SYN("1s", 2) YES_AT("2h"),
	    F_NOT_ALL_TRIED, false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("1s", 1) SYN("1s", 2) YES_AT("2h"),
	    F_NOT_ALL_TRIED, true, { 0 } },
	{ TWO, IN SYN("1s", 1) SYN("602s", 1) SYN("602s", 2) YES_AT("2h"),
	    F_NOT_ALL_TRIED, true, { 0 } },
	/* the other host was next, and broke off at the first of two */
	{ TWO, IN SYN("1s", 1) "1s open 2 mx2.r.test 198.18.1.2\n"
	    "1s rcpt 2 m1 u@r.test 250\n1s cmd 2 quit\n1s close 2 client fin\n"
	    YES_AT("2h"), F_NOT_ALL_TRIED, false, { 0 } },
	/* what is dialled after its end is of others */
	{ ONE, IN "1s deliver 9 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    SYN("30m", 2) YES_AT("2h"), F_ORDER_VIOLATION, false, { 0 } },
	{ ONE, IN SYN("30m", 2) YES_AT("2h"), F_ORDER_VIOLATION, true,
	    { 0 } },
	{ ONE, ALONE SYN("1s", 1) YES_AT("30m"), F_NOT_ALL_TRIED, false,
	    { 0 } },
	{ ONE, IN SYN("1s", 1) "3s mta stop\n" YES_AT("30m"),
	    F_NOT_ALL_TRIED, false, { 0 } },
	{ ONE, IN SYN("1s", 1) SYN("20m", 1) "25m mta stop\n" YES_AT("30m"),
	    F_NOT_ALL_TRIED, true, { 0 } },
	{ ONE, IN SYN("1s", 1) DNS("600s", "mx2.r.test A", SERVFAIL)
	    YES_AT("30m"), F_NOT_ALL_TRIED, false, { 0 } },
	{ ONE, IN SYN("1s", 1) DNS("602s", "mx2.r.test A", SERVFAIL)
	    YES_AT("30m"), F_NOT_ALL_TRIED, true, { 0 } },
	/* rate: three gaps in a row below 0.9 R1, one second at least */
	{ ONE, ALONE SYN("1s", 1) SYN("270.9s", 1) SYN("540.8s", 1)
	    SYN("810.7s", 1), F_RETRY_STORM, true, { 0 } },
	{ ONE, ALONE SYN("1s", 1) SYN("271s", 1) SYN("540.8s", 1)
	    SYN("810.7s", 1), F_RETRY_STORM, false, { 0 } },
	{ ONE, ALONE SYN("1s", 1) SYN("2s", 1) SYN("3s", 1), F_RETRY_STORM,
	    false, { 0 } },
	{ ONE, ALONE SYN("1s", 1) SYN("2s", 1) SYN("3s", 1) SYN("20m", 1)
	    SYN("1201s", 1) SYN("1202s", 1), F_RETRY_STORM, false, { 0 } },
	{ ONE, ALONE SYN("1s", 1) SYN("1.9s", 1) SYN("2.8s", 1)
	    SYN("3.7s", 1), F_RETRY_STORM, true, { .r1 = 1 } },
	{ ONE, ALONE SYN("1s", 1) SYN("2s", 1) SYN("3s", 1) SYN("4s", 1),
	    F_RETRY_STORM, false, { .r1 = 1 } },
};

START_TEST(a_rule_of_cycles_is_broken_or_kept)
{
	struct story st;

	judge_by(&st, rules[_i].yaml, rules[_i].lines, &rules[_i].p);
	if (story_has_flag(&st, rules[_i].flag) != rules[_i].raised)
		ck_abort_msg("%d: %s %s\n%s", _i, flag_word(rules[_i].flag),
		    rules[_i].raised ? "wanted" : "unwanted",
		    rules[_i].lines);
	story_close(&st);
}
END_TEST

/* 4.5.4.1: that there is a pause is a MUST, how long it is a SHOULD. */
START_TEST(ten_seconds_are_no_pause)
{
	const struct told none = { 0 };
	struct story st;

	for (int soon = 0; soon < 2; soon++) {
		judge_by(&st, ONE, soon ? ALONE SYN("1s", 1) SYN("12s", 1)
		    SYN("23s", 1) SYN("34s", 1) : ALONE SYN("1s", 1)
		    SYN("11s", 1) SYN("21s", 1) SYN("31s", 1), &none);
		for (size_t i = 0; i < st.j.finding_count; i++)
			if (st.j.findings[i].flag == F_RETRY_STORM) {
				ck_assert_str_eq(st.j.findings[i].text, soon ?
				    "m1 was retried too soon: cycle 4 came "
				    "11.0s after the one before" :
				    "m1 was retried without a pause: cycle 4 "
				    "came 10.0s after the one before");
				ck_assert_str_eq(st.j.findings[i].clause,
				    soon ? "R-5321-4.5.4.1-e" :
				    "R-5321-4.5.4.1-d");
			}
		ck_assert(story_has_flag(&st, F_RETRY_STORM));
		story_close(&st);
	}
}
END_TEST

static const struct {
	const char *yaml, *lines;
	int cycles;
	size_t attempts;
} counts[] = {
	{ ONE, IN, 0, 0 },
	{ ONE, IN SYN("1s", 1), 1, 1 },
	{ ONE, IN SYN("1s", 1) SYN("1s", 2), 1, 2 },
	{ ONE, IN SYN("1s", 1) SYN("2s", 1), 2, 2 },
	{ ONE, IN SYN("1s", 1) SYN("601s", 2), 1, 2 },
	{ ONE, IN SYN("1s", 1) SYN("602s", 2), 2, 2 },
	{ ONE, IN SYN("1s", 1) SYN("2s", 2) SYN("3s", 1) SYN("4s", 2), 2, 4 },
	{ ONE, IN UP("1s", 1) "900s close 1 client fin\n" SYN("1500s", 2), 1,
	    2 },
	{ ONE, IN UP("1s", 1) "900s close 1 client fin\n" SYN("1501s", 2), 2,
	    2 },
	/* nobody's host, another port, before it was accepted */
	{ ONE, IN "1s syn trap.test 198.18.9.9 refuse\n", 0, 0 },
	{ ONE, IN "1s noroute 198.18.1.1:25 25\n", 1, 1 },
	{ ONE, IN "1s noroute 198.18.1.1:587 587\n", 0, 0 },
	{ ONE, IN "1s noroute 198.18.1.1 0\n", 1, 1 },
	{ ONE, LEGIT SYN("1s", 1) "2s inject m1 250\n", 1, 1 },
	{ ONE, LEGIT SYN("0.9s", 1) "2s inject m1 250\n", 0, 0 },
	/* HELO after EHLO, clear text after TLS: the same within 5 s */
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n" END SYN("6s", 1), 1, 1 },
	{ ONE, IN UP("1s", 1) "1s cmd 1 starttls\n" END SYN("6s", 1), 1, 1 },
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n1s cmd 1 quit\n"
	    END SYN("6s", 1), 1, 1 },
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n" END SYN("6.1s", 1), 2,
	    2 },
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n1s cmd 1 helo HELO a\n"
	    END SYN("6s", 1), 2, 2 },
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n" END SYN("6s", 2), 1,
	    2 },
	/* begun before the other's end: a connection beside it */
	{ ONE, IN UP("1s", 1) "1s cmd 1 ehlo EHLO a\n" SYN("2s", 1)
	    "3s close 1 client fin\n", 2, 2 },
	/* a lookup that led to no address is one; its repetitions are not */
	{ ONE, IN ASK("1s"), 1, 1 },
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", SERVFAIL), 1, 1 },
	{ ONE, IN ASK("1s") ASK("30s") ASK("61s"), 1, 1 },
	{ ONE, IN ASK("1s") ASK("30s") ASK("62s"), 2, 2 },
	{ ONE, IN "1s query r.test A\n", 0, 0 },
	{ ONE, IN "1s query x.test MX\n", 0, 0 },
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", "NOERROR truth MX 10 "
	    "mx1.r.test") DNS("1s", "mx1.r.test A", SERVFAIL), 1, 1 },
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", "NOERROR truth MX 10 "
	    "mx1.r.test") DNS("1s", "mx1.r.test A",
	    "NOERROR truth A 198.18.1.1"), 0, 0 },
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", "NOERROR truth MX 10 "
	    "mx1.r.test") DNS("1s", "mx1.r.test A",
	    "NOERROR truth A 127.0.0.1"), 1, 1 },
	{ ONE, IN ASK("1s") DNS("1s", "r.test MX", "NOERROR truth MX 10 "
	    "mx1.r.test") DNS("1s", "mx1.r.test A",
	    "NOERROR truth A 127.0.0.1, A 198.18.1.1"), 0, 0 },
	{ ONE, IN ASK("1s") SYN("2s", 1), 1, 1 },
	/* later, a host known to be down is no attempt; a failure is one */
	{ ONE, IN SYN("1s", 1) ASK("20m") DNS("20m", "r.test MX",
	    "NOERROR truth MX 10 mx1.r.test"), 1, 1 },
	{ ONE, IN SYN("1s", 1) ASK("20m") DNS("20m", "r.test MX", SERVFAIL),
	    2, 2 },
	{ ONE, IN SYN("1s", 1) ASK("20m") DNS("20m", "r.test MX",
	    "NOERROR truth MX 10 mx1.r.test") DNS("20m", "r.test A",
	    "NOERROR truth"), 1, 1 },
	{ ONE, IN SYN("1s", 1) ASK("20m") DNS("20m", "r.test MX",
	    "NOERROR truth") DNS("20m", "r.test A", "NOERROR truth"), 2,
	    2 },
	/* a query that the network ate may be anybody's */
	{ ONE, IN LOST("1s"), 1, 1 },
	{ ONE, IN LOST("1s") LOST("61s"), 1, 1 },
	{ ONE, IN LOST("1s") LOST("62s"), 2, 2 },
	/* a session that named another message is that one's */
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" UP("1s", 1)
	    "1s rcpt 1 m1 v@r.test 450\n1s cmd 1 quit\n"
	    "1s close 1 client fin\n", 0, 0 },
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" UP("1s", 1)
	    "1s rcpt 1 m1 v@r.test 450\n1s also 1 m2 u@r.test 450\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n", 1, 1 },
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" UP("1s", 1)
	    "1s cmd 1 mail MAIL FROM:<b+m2@s.test>\n1s reply 1 mail 450\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n", 1, 1 },
	{ PAIR, LEGIT "0s inject m2 250\n0s inject m1 250\n" SYN("1s", 1), 1,
	    1 },
	/* ... of a report is nobody's, of the null sender its own */
	{ ONE, IN UP("1s", 1) "1s cmd 1 mail MAIL FROM:<>\n"
	    "1s reply 1 mail 450\n1s cmd 1 quit\n1s close 1 client fin\n", 0,
	    0 },
	{ NULLED, IN UP("1s", 1) "1s cmd 1 mail MAIL FROM:<>\n"
	    "1s reply 1 mail 450\n1s cmd 1 quit\n1s close 1 client fin\n", 1,
	    1 },
};

START_TEST(attempts_and_cycles_are_counted)
{
	const struct told none = { 0 };
	const struct unit *u;
	struct story st;

	judge_by(&st, counts[_i].yaml, counts[_i].lines, &none);
	u = &st.j.units[0];
	if (u->cycles != counts[_i].cycles ||
	    u->attempt_count != counts[_i].attempts)
		ck_abort_msg("%d: %d cycles, %zu attempts\n%s", _i, u->cycles,
		    u->attempt_count, counts[_i].lines);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cycles");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_rule_of_cycles_is_broken_or_kept, 0,
	    ALL(rules));
	tcase_add_loop_test(tc, attempts_and_cycles_are_counted, 0,
	    ALL(counts));
	tcase_add_test(tc, ten_seconds_are_no_pause);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

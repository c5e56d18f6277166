/* How long a run is looked at (21.10), and when it may end. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define DEFERRED IN HOME RCPT550 "2s open 2 mx.s.test 198.18.0.10\n"	\
	"2s offers 2 a+m1@s.test 450 later\n6s queue m1 no\n"
#define GREYLIST ONE							\
	"hosts: {mx1.r.test: {greylist: {delay: 1m}}}\n"
#define RULED(rule) IN "1s open 1 mx1.r.test 198.18.1.1\n"		\
	"1s refuses 1 m1 u@r.test 450\n1s ruled 1 rcpt 450 " rule " later\n"
#define SERVFAIL(more) ONE "dns: [{name: r.test, answer: servfail" more "}]\n"
#define ASKED IN "1s dns r.test MX SERVFAIL servfail\n"
#define REPORT(n, when, code) when " open " #n " mx.s.test 198.18.0.10\n"	\
	when " offers " #n " a+m1@s.test " code "\n"
#define FAILED IN HOME RCPT550
#define LOST_QUERY "5s noroute 192.0.2.53 53\n"
#define NOT_AT(when) when " queue m1 no\n"
#define TWICE_NO NOT_AT("6s") NOT_AT("306s")
#define AN_HOUR ONE "horizon: 1h\n"
#define BAD_MAIL(n, when) when " open " #n " mx.s.test 198.18.0.10\n"	\
	when " cmd " #n " mail MAIL FROM:<>\n" when " reply " #n " mail 550\n"
#define THE_END	"5d1h25m16s"

static const struct {
	const char *yaml, *lines, *now;
	bool settled;
} settling[] = {
	{ ONE, LEGIT, "1s", false },
	{ ONE, LEGIT "0s inject m1 550\n", "0s", true },
	{ ONE, IN DELIVER, "2s", false },
	{ ONE, IN DELIVER "7s queue m1 no\n", "7s", true },
	{ ONE, IN "1s queue m1 no\n" DELIVER "7s queue m1 yes\n", "8s", false },
	{ ONE, IN "1s queue m1 no\n" DELIVER, "8s", false },
	{ ONE, IN DELIVER, "400s", true },	/* no queue to read */
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "7s queue m1 no\n", "8s", false },
	{ ONE, BOUNCE "8s queue m1 no\n", "8s", true },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n", "400s", false },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n366s queue m1 no\n", "366s",
	    true },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n307s queue m1 no\n", "307s",
	    false },
	{ ONE, IN REFUSED_BOTH "6s queue m1 no\n9s queue m1 yes\n"
	    "366s queue m1 no\n", "400s", false },
	{ AN_HOUR, IN DELIVER "7s queue m1 no\n", "59m", false },
	{ ONE "mta: [{do: kick, at: 30m}]\n", IN DELIVER "7s queue m1 no\n",
	    "8s", false },
	{ ONE "mta: [{do: kick, at: 30m}]\n", IN DELIVER "7s queue m1 no\n",
	    "30m", true },
	{ ONE, IN REFUSED_BOTH "5m queue m1 yes\n", "1h", false },
	{ ONE "mta: [{do: kick, at: 30m, optional: true}]\n", IN DELIVER
	    "7s queue m1 no\n", "8s", true },
	{ ONE, LEGIT "0s broken-off m1\n", "1h", false },
	/* without a reading: quiet for QR since the last that was heard */
	{ ONE, IN DELIVER, "301s", false },
	{ ONE, IN DELIVER, "302s", true },
	{ ONE, IN DELIVER "7s queue m1 yes\n", "400s", false },
	{ ONE, IN DELIVER "200s open 2 mx1.r.test 198.18.1.1\n"
	    "200s rcpt 2 m1 u@r.test 450\n", "400s", false },
	{ ONE, IN DELIVER "200s open 2 mx1.r.test 198.18.1.1\n"
	    "200s rcpt 2 m1 u@r.test 450\n", "500s", true },
	{ ONE, IN "2s open 1 mx1.r.test 198.18.1.1\n"
	    "2s rcpt 1 m1 u@r.test 250\n50s copy 1 m1 u@r.test 250\n",
	    "349s", false },
	{ ONE, IN "2s open 1 mx1.r.test 198.18.1.1\n"
	    "2s rcpt 1 m1 u@r.test 250\n50s copy 1 m1 u@r.test 250\n",
	    "350s", true },
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 discarded\n"
	    NOT_AT("7s"), "8s", false },
	/* twice "no", QR apart, and the time that a report may take */
	{ ONE, IN REFUSED_BOTH TWICE_NO, "365s", false },
	{ ONE, IN REFUSED_BOTH TWICE_NO, "366s", true },
	{ ONE, IN REFUSED_BOTH NOT_AT("6s") NOT_AT("305s"), "700s", false },
	{ NULLED, IN RCPT550 TWICE_NO, "365s", false },
	{ NULLED, IN RCPT550 TWICE_NO, "366s", true },
	{ NEVER, FAILED REPORT(2, "2s", "450") TWICE_NO, "366s", true },
	{ NEVER, FAILED REPORT(2, "2s", "550") NOT_AT("6s"), "8s", false },
	/* ... or until its next try was due, where one has shown a sign */
	{ ONE, FAILED REPORT(2, "2s", "450") TWICE_NO, "366s", false },
	{ ONE, FAILED REPORT(2, "2s", "450") TWICE_NO, "4735s", false },
	{ ONE, FAILED REPORT(2, "2s", "450") TWICE_NO, "4736s", true },
	{ ONE, FAILED REPORT(2, "90s", "450") TWICE_NO, "4819s", false },
	{ ONE, FAILED REPORT(2, "90s", "450") TWICE_NO, "4820s", true },
	{ ONE, FAILED "2s syn mx.s.test 198.18.0.10 refuse\n" TWICE_NO,
	    "4735s", false },
	{ ONE, FAILED LOST_QUERY TWICE_NO, "400s", false },
	{ ONE, FAILED LOST_QUERY "5s dns s.test MX NOERROR truth MX 10 "
	    "mx.s.test\n" TWICE_NO, "400s", true },
	{ ONE, LEGIT HOME "0s open 2 mx.s.test 198.18.0.10\n"
	    "1s inject m1 250\n" RCPT550 TWICE_NO, "400s", true },
	/* refused for good, or nowhere to go: an end */
	{ ONE, FAILED REPORT(2, "2s", "550") NOT_AT("6s"), "7s", false },
	{ ONE, FAILED REPORT(2, "2s", "550") NOT_AT("6s"), "9h", true },
	{ ONE, FAILED REPORT(2, "2s", "450") NOT_AT("6s"), "7s", false },
	{ ONE, FAILED BAD_MAIL(2, "2s") NOT_AT("6s"), "7s", false },
	{ ONE, FAILED BAD_MAIL(2, "2s") NOT_AT("6s"), "9h", true },
	{ ONE, LEGIT HOME BAD_MAIL(2, "1s") "1s inject m1 250\n" NOT_AT("6s"),
	    "7s", false },
	{ ONE, LEGIT HOME BAD_MAIL(2, "1s") "1s inject m1 250\n" NOT_AT("6s"),
	    "9h", true },
	{ ONE, LEGIT HOME BAD_MAIL(2, "0s") "1s inject m1 250\n" RCPT550
	    "2s syn mx.s.test 198.18.0.10 refuse\n" NOT_AT("6s"), "7s", false },
	{ ONE, FAILED "2s query s.test MX\n2s dns s.test MX NXDOMAIN truth\n"
	    NOT_AT("6s"), "7s", false },
	{ ONE, FAILED "2s query s.test MX\n2s dns s.test MX NXDOMAIN truth\n"
	    NOT_AT("6s"), "9h", true },
	{ ONE, HOME LEGIT "0s dns s.test MX NXDOMAIN truth\n"
	    "1s inject m1 250\n" RCPT550 NOT_AT("6s"), "7s", false },
	/* the horizon is no event: it comes with readings of its own */
	{ ONE, IN REFUSED_BOTH, THE_END, false },
	{ ONE, FAILED REPORT(2, "5d1h25m", "450"), THE_END, false },
	{ AN_HOUR, IN REFUSED_BOTH "59m queue m1 yes\n", "1h", false },
	{ AN_HOUR, IN DELIVER NOT_AT("59m"), "1h", false },
};

START_TEST(a_run_ends_when_no_event_can_change_a_verdict)
{
	struct judge_settle *state = NULL;
	struct story st;
	bool got = false;

	story_open(&st, settling[_i].yaml);
	story_tell(&st, settling[_i].lines);
	/* Asked at each event, as the runner does. */
	for (size_t n = 0; n <= st.trace.count; n++) {
		struct trace part = st.trace;

		part.count = n;
		got = judge_settled(&state, st.sc, &part, &st.profile,
		    n == st.trace.count ? story_time(settling[_i].now) :
		    part.events[n].t_us);
	}
	if (got != settling[_i].settled)
		ck_abort_msg("%d: %s\n%s", _i, got ? "settled" : "open",
		    settling[_i].lines);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

static const struct { const char *lines; bool awaits; } readings[] = {
	{ "", false },
	{ IN, false },
	{ IN "6s queue m1 yes\n", false },
	{ IN REFUSED_BOTH "6s queue m1 yes\n9s queue m1 no\n", true },
	{ IN REFUSED_BOTH "6s queue m1 no\n9s queue m1 no\n", true },
	{ IN REFUSED_BOTH "6s queue m1 no\n9s queue m1 yes\n", false },
	{ IN DELIVER, true },
	{ IN DELIVER "7s queue m1 yes\n", true },
	{ IN DELIVER "7s queue m1 no\n", false },
	{ BOUNCE "8s queue m1 yes\n", true },
	{ BOUNCE "8s queue m1 no\n", false },
};

START_TEST(the_queue_is_read_while_a_reading_can_settle)
{
	struct judge_settle *state = NULL;
	struct story st;

	story_open(&st, ONE);
	story_tell(&st, readings[_i].lines);
	judge_settled(&state, st.sc, &st.trace, &st.profile, 0);
	if (judge_awaits_reading(state, story_time("9s")) !=
	    readings[_i].awaits)
		ck_abort_msg("%d: not as expected\n%s", _i,
		    readings[_i].lines);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

#define NEEDED(x) "expect: {outcome: " x "}\n"
#define MENDED ONE "repair: 2h\n" NEEDED("delivered")
#define TWICE(at1, at2) ZONE "messages:\n  - {name: m1, to: u@r.test, at: "\
	at1 "}\n  - {name: m2, to: v@r.test, at: " at2 "}\n"

/* Rmax 4000s, QR 300s, HC 600s, EOD 600s, LIFE 5d, LIFEb 3d; and 60 s more. */
static const struct { const char *yaml, *at; } far[] = {
	{ ONE "horizon: 6h\n", "6h" },
	/* 2h + (4000 + 300 + 600) * 1.1 */
	{ MENDED, "12650s" },
	{ ONE "repair: 2h\n" NEEDED("[delivered, duplicate-excused]"),
	    "12650s" },
	{ ONE "repair: 2h\n" NEEDED("[delivered, bounced]"),
	    "5d1h25m16s" },
	{ TWICE("3h", "0s") "repair: 2h\n" NEEDED("delivered"), "16250s" },
	{ TWICE("0s", "3h") "repair: 2h\n" NEEDED("delivered"), "16250s" },
	{ TWICE("1h", "1h") "repair: 2h\n" NEEDED("delivered"), "12650s" },
	/* + 4900 for each cycle that a fault takes to be used up, 6 at most */
	{ MENDED "dns: [{name: r.test, answer: servfail, first: 3}, "
	    "{name: r.test, answer: refused, first: 1}]\n", "27350s" },
	{ MENDED "dns: [{name: r.test, answer: servfail, first: 1}, "
	    "{name: r.test, answer: refused, first: 3}]\n", "27350s" },
	{ MENDED "network: [{state: blackhole, first: 2}]\n", "22450s" },
	{ MENDED "hosts: {mx1.r.test: [{rcpt: '450', first: 1, after: 1}, "
	    "{mail: '450', after: 5}]}\n", "22450s" },
	{ MENDED "hosts: {mx1.r.test: [{rcpt: '450', first: 6}]}\n",
	    "42050s" },
	{ MENDED "hosts: {mx1.r.test: [{rcpt: '450', first: 9}]}\n",
	    "42050s" },
	/* 5d + 4300 + 360 (EPS of LIFE) + 360 + 36 */
	{ ONE NEEDED("bounced"), "5d1h25m16s" },
	{ ONE "repair: never\n" NEEDED("delivered"), "5d1h25m16s" },
	{ NULLED NEEDED("discarded"), "3d1h25m16s" },
	/* 5d - 4000 - 360 */
	{ ONE NEEDED("retrying"), "4d22h48m20s" },
	{ ONE NEEDED("[retrying, bounced]"), "5d1h25m16s" },
	/* of each unit what names it */
	{ TWICE("0s", "0s") "expect:\n  - {message: m1, outcome: retrying}\n"
	    "  - {message: m2, outcome: retrying}\n", "4d22h48m20s" },
	{ TWICE("0s", "0s") "expect:\n  - {message: m1, outcome: retrying}\n"
	    "  - {message: m2, outcome: bounced}\n", "5d1h25m16s" },
	{ TWICE("0s", "0s") "repair: 2h\n"
	    "expect: {message: m1, outcome: delivered}\n", "5d1h25m16s" },
	{ TWO "repair: 2h\nexpect:\n"
	    "  - {recipient: u@r.test, outcome: delivered}\n"
	    "  - {recipient: v@r.test, outcome: bounced}\n", "5d1h25m16s" },
	{ TWO "repair: 2h\nexpect:\n"
	    "  - {recipient: u@r.test, outcome: delivered}\n"
	    "  - {recipient: v@r.test, outcome: delivered}\n", "12650s" },
	{ ONE "repair: 2h\nexpect:\n  - {outcome: bounced}\n"
	    "  - {message: m1, outcome: delivered}\n", "5d1h25m16s" },
	/* not-before, and a tenth; what is done to the MTA by the clock */
	{ ONE "repair: 2h\nexpect: {outcome: delivered, not-before: 5h}\n",
	    "19860s" },
	{ TWICE("1h", "0s") "repair: 2h\nexpect:\n"
	    "  - {message: m1, outcome: delivered, not-before: 5h}\n"
	    "  - {message: m2, outcome: delivered, not-before: 1h}\n",
	    "23460s" },
	{ TWICE("1h", "0s") "repair: 2h\nexpect:\n"
	    "  - {message: m1, outcome: delivered, not-before: 1h}\n"
	    "  - {message: m2, outcome: delivered, not-before: 5h}\n",
	    "23460s" },
	{ MENDED "mta: [{do: kick, at: 9h}, {do: kick, at: 1h}]\n",
	    "32460s" },
	{ MENDED "mta: [{do: kick, at: 1h}, {do: kick, at: 9h}]\n",
	    "32460s" },
};

static void
open_far(struct story *st, const char *yaml)
{
	story_open(st, yaml);
	st->profile.host_cache_us = story_time("10m");
	st->profile.life_null_us = story_time("3d");
}

START_TEST(the_horizon_is_as_far_as_the_expectation_needs)
{
	struct story st;

	open_far(&st, far[_i].yaml);
	ck_assert_msg(judge_horizon(st.sc, &st.profile) ==
	    story_time(far[_i].at), "%d: %lld", _i,
	    (long long)(judge_horizon(st.sc, &st.profile) / 1000000));
	story_close(&st);
}
END_TEST

START_TEST(a_life_shorter_than_one_retry_is_halved)
{
	struct story st;

	open_far(&st, ONE NEEDED("retrying"));
	st.profile.life_us = story_time("1h");
	ck_assert_int_eq(judge_horizon(st.sc, &st.profile),
	    story_time("31m"));
	/* 4360 - 4000 - 360: nothing is left */
	st.profile.life_us = story_time("4360s");
	ck_assert_int_eq(judge_horizon(st.sc, &st.profile),
	    story_time("2240s"));
	story_close(&st);
}
END_TEST

static const struct {
	const char *yaml, *lines, *now;
	bool more;
} looking_on[] = {
	/* a report is on its way: until its next try was due */
	{ ONE, DEFERRED, "30m", true },
	{ ONE, DEFERRED, "4732s", true },
	{ ONE, DEFERRED, "4733s", false },
	{ ONE, DEFERRED "300s offers 2 a+m1@s.test 450 later\n", "4900s",
	    true },
	{ ONE, LEGIT HOME "0s syn mx.s.test 198.18.0.10 refuse\n"
	    "1s inject m1 250\n" RCPT550 NOT_AT("6s"), "30m", false },
	{ ONE, LEGIT HOME "1s syn mx.s.test 198.18.0.10 refuse\n"
	    "1s inject m1 250\n" RCPT550 NOT_AT("6s"), "30m", true },
	{ NULLED, IN REFUSED_BOTH NOT_AT("6s"), "30m", false },
	{ ONE, DEFERRED "7s queue m1 yes\n", "30m", false },
	/* listed before its report was offered it may have left since */
	{ ONE, DEFERRED "7s queue m1 yes\n20m open 3 mx.s.test 198.18.0.10\n"
	    "20m offers 3 a+m1@s.test 450 later\n", "30m", true },
	{ ONE, DEFERRED "20m open 3 mx.s.test 198.18.0.10\n"
	    "20m offers 3 a+m1@s.test 450 later\n", "90m", true },
	{ ONE, DEFERRED "20m dsn m1 u@r.test failed 5.1.1\n", "30m", false },
	{ ONE "horizon: 1h\n", DEFERRED, "70m", false },
	{ NEVER, DEFERRED, "30m", false },
	{ ONE, IN HOME RCPT550 "6s queue m1 no\n", "30m", false },
	/* DNS said nothing of use of its domain, or of its host */
	{ ONE, IN HOME RCPT550 "2s dns s.test MX SERVFAIL servfail\n"
	    NOT_AT("6s"), "30m", true },
	{ ONE, IN HOME RCPT550 "2s dns s.test MX NXDOMAIN truth\n"
	    NOT_AT("6s"), "30m", false },
	{ ONE, IN HOME RCPT550 "2s dns mx.s.test A SERVFAIL servfail\n"
	    NOT_AT("6s"), "30m", true },
	{ ONE, IN HOME RCPT550 "2s dns r.test MX SERVFAIL servfail\n"
	    "2s dns mx1.r.test A SERVFAIL servfail\n" NOT_AT("6s"), "30m",
	    false },
	{ ONE, IN HOME RCPT550
	    "2s dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    "2s dns mx.s.test A NOERROR truth A 198.18.0.10\n" NOT_AT("6s"),
	    "30m", false },
	/* ...or said it so late that nobody may have waited for it */
	{ ONE, IN HOME RCPT550 "2s ask 1.1 s.test MX\n"
	    "62s answer 1.1 s.test MX NOERROR truth MX 10 mx.s.test\n"
	    NOT_AT("62s"), "30m", true },
	/* longer than any report may live it is not waited for */
	{ ONE, DEFERRED "873000s open 3 mx.s.test 198.18.0.10\n"
	    "873000s offers 3 a+m1@s.test 450 later\n", "873846s", true },
	{ ONE, DEFERRED "873000s open 3 mx.s.test 198.18.0.10\n"
	    "873000s offers 3 a+m1@s.test 450 later\n", "873847s", false },
	{ ONE, DEFERRED "10d23h open 3 mx.s.test 198.18.0.10\n"
	    "10d23h offers 3 a+m1@s.test 450 later\n", "11d", false },
	/* met lately, it has just begun to end */
	{ GREYLIST, RULED("10:32"), "30m", true },
	{ GREYLIST, RULED("10:32"), "4731s", true },
	{ GREYLIST, RULED("10:32"), "4732s", false },
	{ GREYLIST, RULED("10:33"), "30m", false },
	{ GREYLIST, RULED("10:32") "2s close 1 client fin\n"
	    "20m open 2 mx1.r.test 198.18.1.1\n"
	    "20m refuses 2 m1 u@r.test 450\n"
	    "20m ruled 2 rcpt 450 10:32 later\n", "90m", true },
	{ GREYLIST, RULED("10:32") "6s queue m1 no\n400s queue m1 no\n",
	    "30m", false },
	{ GREYLIST, RULED("10:32")
	    "5m deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n", "30m", false },
	{ SERVFAIL(", first: 1"), ASKED "1s syn mx1.r.test 198.18.1.1 refuse "
	    "10:7\n", "30m", true },
	{ SERVFAIL(""), ASKED "1s syn mx1.r.test 198.18.1.1 refuse 10:7\n",
	    "30m", false },
};

START_TEST(a_run_goes_on_while_something_is_under_way)
{
	struct judge_settle *state = NULL;
	struct story st;
	int64_t more;

	ck_assert_int_eq(judge_more(NULL, 0), 0);
	story_open(&st, looking_on[_i].yaml);
	story_tell(&st, looking_on[_i].lines);
	judge_settled(&state, st.sc, &st.trace, &st.profile, 0);
	more = judge_more(state, story_time(looking_on[_i].now));
	/* Rmax + QR + EPS: (4000 + 300) * 1.1 */
	if (more != (looking_on[_i].more ? story_time("4730s") : 0))
		ck_abort_msg("%d: %lld\n%s", _i, (long long)more,
		    looking_on[_i].lines);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

/* Nobody waits for the control message, nor reads the queue for it. */
START_TEST(the_control_message_is_not_waited_for)
{
	static const char *const to[] = { "c@good.test" };
	struct judge_settle *state = NULL;
	struct message *m;
	struct story st;

	for (int there = 0; there < 2; there++) {
		story_open(&st, ONE "repair: 2h\nexpect: {outcome: "
		    "delivered}\n");
		m = arena_push(st.sc->arena, &st.sc->messages,
		    &st.sc->message_count, sizeof *m);
		*m = (struct message){ .key = "control", .from = "c@s.test",
		    .to = to, .to_count = 1, .count = 1, .control = true };
		ck_assert_int_eq(judge_horizon(st.sc, &st.profile),
		    story_time("3h19m50s"));
		story_tell(&st, IN "0s inject control 250\n"
		    "0s queue control no\n");
		if (there)
			story_tell(&st, DELIVER "3s queue m1 no\n");
		ck_assert_int_eq(judge_settled(&state, st.sc, &st.trace,
		    &st.profile, story_time("4s")), there);
		ck_assert(!judge_awaits_reading(state, story_time("4s")));
		ck_assert_int_eq(judge_more(state, story_time("4s")), 0);
		judge_settle_free(state);
		state = NULL;
		story_close(&st);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("settle");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_run_ends_when_no_event_can_change_a_verdict,
	    0, ALL(settling));
	tcase_add_loop_test(tc, the_queue_is_read_while_a_reading_can_settle,
	    0, ALL(readings));
	tcase_add_loop_test(tc, the_horizon_is_as_far_as_the_expectation_needs,
	    0, ALL(far));
	tcase_add_test(tc, a_life_shorter_than_one_retry_is_halved);
	tcase_add_loop_test(tc, a_run_goes_on_while_something_is_under_way,
	    0, ALL(looking_on));
	tcase_add_test(tc, the_control_message_is_not_waited_for);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

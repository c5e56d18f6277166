/* How long a run is looked at (21.10), and when it may end. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

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
	{ ONE "horizon: 1h\n", IN DELIVER "7s queue m1 no\n", "59m", false },
	{ ONE "horizon: 1h\n", IN DELIVER, "1h", true },
	{ ONE "mta: [{do: kick, at: 30m}]\n", IN DELIVER "7s queue m1 no\n",
	    "8s", false },
	{ ONE "mta: [{do: kick, at: 30m}]\n", IN DELIVER "7s queue m1 no\n",
	    "30m", true },
	{ ONE, IN REFUSED_BOTH "5m queue m1 yes\n", "1h", false },
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
	if (judge_awaits_reading(state, story_time("9s")) != readings[_i].awaits)
		ck_abort_msg("%d: not as expected\n%s", _i,
		    readings[_i].lines);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

START_TEST(the_horizon_is_as_far_as_the_expectation_needs)
{
	static const struct { const char *yaml, *at; } far[] = {
		{ ONE "horizon: 6h\n", "6h" },
		/* 2h + (4000 + 300) * 1.1 + 60 */
		{ ONE "repair: 2h\nexpect: {outcome: delivered}\n",
		    "3h19m50s" },
		/* 5d + 4300 + 360 (EPS of LIFE) + 360 + 36 + 60 */
		{ ONE "expect: {outcome: bounced}\n", "5d1h25m16s" },
		{ ONE "repair: never\nexpect: {outcome: delivered}\n",
		    "5d1h25m16s" },
		/* 5d - 4000 - 360 + 60 */
		{ ONE "expect: {outcome: retrying}\n", "4d22h48m20s" },
	};
	struct story st;

	for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
		story_open(&st, far[i].yaml);
		ck_assert_int_eq(judge_horizon(st.sc, &st.profile),
		    story_time(far[i].at));
		story_close(&st);
	}
}
END_TEST

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define DEFERRED IN HOME RCPT550 "2s open 2 mx.s.test 198.18.0.10\n"	\
	"2s offers 2 a+m1@s.test 450 later\n6s queue m1 no\n"
#define GREYLIST ONE							\
	"hosts: {mx1.r.test: {greylist: {delay: 1m}}}\n"
#define RULED(rule) IN "1s open 1 mx1.r.test 198.18.1.1\n"		\
	"1s refuses 1 m1 u@r.test 450\n1s ruled 1 rcpt 450 " rule " later\n"
#define SERVFAIL(more) ONE "dns: [{name: r.test, answer: servfail" more "}]\n"
#define ASKED IN "1s dns r.test MX SERVFAIL servfail\n"

static const struct {
	const char *yaml, *lines, *now;
	bool more;
} looking_on[] = {
	/* a report is on its way: until its next try was due */
	{ ONE, DEFERRED, "30m", true },
	{ ONE, DEFERRED, "2h", false },
	{ ONE, DEFERRED "7s queue m1 yes\n", "30m", false },
	{ ONE, DEFERRED "20m open 3 mx.s.test 198.18.0.10\n"
	    "20m offers 3 a+m1@s.test 450 later\n", "90m", true },
	{ ONE, DEFERRED "20m dsn m1 u@r.test failed 5.1.1\n", "30m", false },
	{ ONE "horizon: 1h\n", DEFERRED, "70m", false },
	{ NEVER, DEFERRED, "30m", false },
	{ ONE, IN HOME RCPT550 "6s queue m1 no\n", "30m", false },
	/* longer than any report may live it is not waited for */
	{ ONE, DEFERRED "10d23h open 3 mx.s.test 198.18.0.10\n"
	    "10d23h offers 3 a+m1@s.test 450 later\n", "11d", false },
	/* met lately, it has just begun to end */
	{ GREYLIST, RULED("10:32"), "30m", true },
	{ GREYLIST, RULED("10:32"), "2h", false },
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

int
main(void)
{
	Suite *s = suite_create("settle");
	TCase *tc = tcase_create("judge");

	tcase_add_loop_test(tc, a_run_ends_when_no_event_can_change_a_verdict,
	    0, ALL(settling));
	tcase_add_loop_test(tc, the_queue_is_read_while_a_reading_can_settle,
	    0, ALL(readings));
	tcase_add_test(tc, the_horizon_is_as_far_as_the_expectation_needs);
	tcase_add_loop_test(tc, a_run_goes_on_while_something_is_under_way,
	    0, ALL(looking_on));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

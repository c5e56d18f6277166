/* Guards, expectations and levels: what a verdict is worth. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

/* --- guards --- */

#define CONTROL "-9s inject control 250\n"				\
	"-9s deliver 5 control c@good.test mx.good.test 198.18.0.20\n"	\
	"0s legit good.test mx.good.test 198.18.0.20 10\n"

static const struct {
	const char *more, *lines, *says;	/* says NULL: all is well */
} guarded[] = {
	{ "", IN DELIVER "3s fault disk full\n", "harness fault: disk full" },
	{ "", IN DELIVER "3s end error\n", "the run ended in an error" },
	{ "", IN DELIVER "3s end settled\n", NULL },
	{ "", LEGIT, "no message was injected" },
	{ "dns: [{name: r.test, answer: servfail}]\n", IN DELIVER,
	    "G3: the fault at line 10:7 never fired" },
	{ "dns: [{name: r.test, answer: servfail}]\n", "0s rule 10:7\n" IN
	    DELIVER, "G3: the fault at line 10:7 never fired" },
	{ "dns: [{name: r.test, answer: servfail}, {name: x.test, "
	    "answer: servfail}]\n", IN DELIVER,
	    "G3: 2 faults never fired, the first at line 10:7" },
	{ "dns: [{name: r.test, answer: servfail, optional: true}]\n",
	    IN DELIVER, NULL },
	{ "mta: [{do: kick, at: 1h}]\n", IN DELIVER "1h mta kick 10:7\n",
	    NULL },
	{ "", IN "6s queue m1 no\n400s queue m1 no\n"
	    "500s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    "G6: the queue was read twice without m1 for u@r.test, which was "
	    "sent later" },
	{ "", IN "5s open 1 mx1.r.test 198.18.1.1\n"
	    "5s mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
	    "6s queue m1 no\n400s queue m1 no\n"
	    "500s also 1 m1 u@r.test 451 later\n"
	    "501s dsn m1 u@r.test failed 4.4.2\n", NULL },
	{ "", IN "6s queue m1 no\n"
	    "500s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n", NULL },
	{ "", IN DELIVER "3s unclocked\n", NULL },
};

/* What never fired is no doubt of the harness: a result of its own. */
static void
ck_guarded(const struct judgement *j, const char *says)
{
	bool unfired = says != NULL && strncmp(says, "G3", 2) == 0;

	ck_assert_uint_eq(j->unfired_count > 0, unfired);
	ck_assert_int_eq(j->result == RESULT_NOT_EXERCISED, unfired);
	ck_assert_int_eq(j->result == RESULT_ERROR, says != NULL && !unfired);
	ck_assert_int_eq(j->error != NULL, j->result == RESULT_ERROR);
	if (says != NULL)
		ck_assert_str_eq(j->sentence, says);
}

START_TEST(guards_make_a_pass_none)
{
	char yaml[2048];
	struct story st;

	snprintf(yaml, sizeof yaml, ONE "%s", guarded[_i].more);
	story(&st, yaml, guarded[_i].lines);
	ck_guarded(&st.j, guarded[_i].says);
	story_close(&st);
}
END_TEST

START_TEST(the_clock_must_reach_a_clocked_mta)
{
	struct story st;

	story_open(&st, ONE);
	st.profile.clocked = true;
	story_tell(&st, IN DELIVER "3s unclocked\n");
	story_judge(&st);
	ck_assert_str_eq(st.j.error, "G7: exim runs without the lab's clock");
	story_close(&st);
}
END_TEST

START_TEST(one_reading_is_never_proof_even_without_a_queue_run)
{
	struct story st;

	story_open(&st, ONE);
	st.profile.queue_run_us = 0;
	story_tell(&st, IN REFUSED_BOTH "6s queue m1 no\n400s end settled\n");
	story_judge(&st);
	ck_assert_int_eq(st.j.units[0].verdict, V_RETRYING);
	story_close(&st);
}
END_TEST

START_TEST(a_failure_is_not_hidden_by_a_fault_that_never_came)
{
	struct story st;

	story(&st, ONE "dns: [{name: r.test, answer: servfail, from: 1h}]\n",
	    IN REFUSED_BOTH "3s dsn m1 u@r.test failed 5.4.4\n");
	ck_assert_int_eq(st.j.result, RESULT_FAIL);
	ck_assert_uint_eq(st.j.unfired_count, 1);
	ck_assert_str_eq(st.j.unfired[0], "10:7");
	story_close(&st);
}
END_TEST

START_TEST(the_control_message_counts_for_nothing_but_g2)
{
	struct story st;

	for (int lost = 0; lost < 2; lost++) {
		story_open(&st, ONE "untouched: [mx.good.test]\n"
		    "contacts-max: 1\nqueries-max: 1\n");
		struct message *m = arena_push(st.sc->arena,
		    &st.sc->messages, &st.sc->message_count, sizeof *m);
		static const char *const to[] = { "c@good.test" };
		*m = (struct message){ .key = "control", .from = "c@s.test",
		    .to = to, .to_count = 1, .count = 1, .control = true };
		story_tell(&st, lost ? "-9s inject control 250\n" : CONTROL);
		story_tell(&st, IN "1s query good.test MX\n"
		    "1s query r.test MX\n" DELIVER);
		story_judge(&st);
		ck_assert_int_eq(st.j.result, lost ? RESULT_ERROR : RESULT_OK);
		if (lost)
			ck_assert_str_eq(st.j.error, "G2: the control message "
			    "to c@good.test arrived 0 times");
		story_close(&st);
	}
}
END_TEST

/* --- expectations and levels --- */

#define LATE IN REFUSED_BOTH "1h deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"

static const struct {
	const char *expect, *lines;
	enum result result;
} expected[] = {
	{ "{outcome: delivered}", IN DELIVER, RESULT_OK },
	{ "{outcome: delivered-at-once}", LATE, RESULT_FAIL },
	{ "{outcome: delivered-at-once, tolerate: delivered-late}", LATE,
	    RESULT_INFO },
	{ "{outcome: bounced}", IN DELIVER, RESULT_FAIL },
	{ "{outcome: delivered, via: mx1.r.test}", IN DELIVER, RESULT_OK },
	{ "{outcome: delivered, via: mx2.r.test}", IN DELIVER, RESULT_FAIL },
	{ "{outcome: delivered, within: 1h}", LATE, RESULT_OK },
	{ "{outcome: delivered, within: 59m}", LATE, RESULT_FAIL },
	{ "{outcome: delivered, not-before: 1h}", LATE, RESULT_OK },
	{ "{outcome: delivered, not-before: 61m}", LATE, RESULT_FAIL },
	{ "{outcome: bounced, status: 5.1.*}", BOUNCE, RESULT_OK },
	{ "{outcome: bounced, status: 5.4.*}", BOUNCE, RESULT_FAIL },
	{ "{outcome: delivered, attempts-min: 2}", LATE, RESULT_OK },
	{ "{outcome: delivered, attempts-min: 3}", LATE, RESULT_FAIL },
	{ "{outcome: delivered, attempts-max: 2}", LATE, RESULT_OK },
	{ "{outcome: delivered, attempts-max: 1}", LATE, RESULT_FAIL },
	{ "{outcome: [delivered, duplicate-excused], copies-max: 1}", IN
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n", RESULT_FAIL },
	{ "{outcome: delivered}", IN
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n", RESULT_INFO },
	{ "[{outcome: bounced}, {message: m1, outcome: delivered}]",
	    IN DELIVER, RESULT_OK },
	{ "[{message: m1, outcome: delivered}, {outcome: bounced}]",
	    IN DELIVER, RESULT_OK },
	{ "{outcome: delivered}\nlevel: should", BOUNCE, RESULT_WARN },
	{ "{outcome: delivered}\nlevel: info", BOUNCE, RESULT_INFO },
	{ "{outcome: delivered}\nlevel: info", IN REFUSED_BOTH
	    "6s queue m1 no\n400s queue m1 no\n", RESULT_FAIL },
	{ "{outcome: delivered}\nlevel: should", IN REFUSED_BOTH
	    "3s dsn m1 u@r.test failed 5.4.4\n", RESULT_WARN },
	{ "{outcome: delivered}\nlevel: must", IN REFUSED_BOTH
	    "3s dsn m1 u@r.test failed 5.4.4\n", RESULT_FAIL },
	{ "{outcome: delivered}", IN REFUSED_BOTH
	    "6s queue m1 no\n307s queue m1 no\n", RESULT_ERROR },
};

START_TEST(an_expectation_decides_what_a_verdict_is_worth)
{
	char yaml[2048];
	struct story st;

	snprintf(yaml, sizeof yaml, ONE "expect: %s\n", expected[_i].expect);
	story(&st, yaml, expected[_i].lines);
	if (st.j.result != expected[_i].result)
		ck_abort_msg("%d %s: %s: %s", _i, expected[_i].expect,
		    result_word(st.j.result), st.j.sentence);
	/* A loss breaks its own clause, whatever the scenario is about. */
	if (st.j.result == RESULT_FAIL)
		ck_assert_str_eq(st.j.clause, st.j.units[0].verdict ==
		    V_SILENT_DROP ? "R-5321-3.6.3-b" : "R-DF-CON-a");
	story_close(&st);
}
END_TEST

START_TEST(partial_loss_is_counted)
{
	struct story st;

	story(&st, ZONE "messages: [{name: m1, from: a@s.test, to: [u@r.test, "
	    "v@r.test, w@r.test]}]\nexpect: {outcome: delivered}\n", IN DELIVER
	    "6s queue m1 no\n400s queue m1 no\n");
	ck_assert_ptr_nonnull(strstr(st.j.sentence,
	    "; 2 of 3 recipients are not as expected"));
	story_close(&st);
}
END_TEST

START_TEST(every_silent_drop_carries_its_proof)
{
	struct story st;

	story(&st, ONE, IN MX REFUSED_BOTH "6s queue m1 no\n"
	    "400s queue m1 no\n");
	ck_assert_str_eq(st.j.units[0].proof,
	    "accepted at 0.0s: \"250 2.0.0 queued\"\n"
	    "attempt 1 at 1.0s, cycle 1: mx1.r.test refused the connection\n"
	    "attempt 2 at 1.0s, cycle 1: mx2.r.test refused the connection\n"
	    "copies kept at any host: 0 of 0 transactions\n"
	    "reports of failure to the sender: 0\n"
	    "queue read without it: 2 times, first at 6.0s, last at 6m40s\n"
	    "looked until 6m40s, lifetime 5d00h\n");
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("expected");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, guards_make_a_pass_none, 0, ALL(guarded));
	tcase_add_test(tc, the_clock_must_reach_a_clocked_mta);
	tcase_add_test(tc, a_failure_is_not_hidden_by_a_fault_that_never_came);
	tcase_add_test(tc,
	    one_reading_is_never_proof_even_without_a_queue_run);
	tcase_add_test(tc, the_control_message_counts_for_nothing_but_g2);
	tcase_add_loop_test(tc, an_expectation_decides_what_a_verdict_is_worth,
	    0, ALL(expected));
	tcase_add_test(tc, partial_loss_is_counted);
	tcase_add_test(tc, every_silent_drop_carries_its_proof);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

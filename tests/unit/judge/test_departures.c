/* What ends as the user's own configuration says is told, and not judged. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define GIVEN_UP "6h dsn m1 u@r.test failed 4.4.1\n"
#define DELIVERED_LATER ONE "expect: {outcome: delivered}\n"

static const char line[] = "main.cf:25: maximal_queue_lifetime = 6h";

static const struct {
	const char *yaml, *lines, *line;
	int64_t life_s;
	enum result result;
} tales[] = {
	{ DELIVERED_LATER, IN REFUSED_BOTH GIVEN_UP, line, 6 * 3600,
	    RESULT_INFO },
	/* its own default is the MTA's doing */
	{ DELIVERED_LATER, IN REFUSED_BOTH GIVEN_UP, "", 6 * 3600,
	    RESULT_FAIL },
	/* nor did the site ask for a report before that */
	{ DELIVERED_LATER, IN REFUSED_BOTH "2h dsn m1 u@r.test failed 4.4.1\n",
	    line, 6 * 3600, RESULT_FAIL },
	/* what had been refused was not given up */
	{ DELIVERED_LATER, IN RCPT550 GIVEN_UP, line, 6 * 3600, RESULT_FAIL },
	{ DELIVERED_LATER, IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n",
	    line, 6 * 3600, RESULT_FAIL },
	/* nor for a loss */
	{ DELIVERED_LATER, IN REFUSED_BOTH "7h queue m1 no\n8h queue m1 no\n"
	    "9h queue m1 no\n", line, 6 * 3600, RESULT_FAIL },
	/* four days are what the RFC asks for */
	{ DELIVERED_LATER, IN REFUSED_BOTH "4d dsn m1 u@r.test failed 4.4.1\n",
	    line, 4 * 86400, RESULT_FAIL },
	/* what was wanted is no departure */
	{ ONE "expect: {outcome: bounced}\n", IN REFUSED_BOTH GIVEN_UP, line,
	    6 * 3600, RESULT_OK },
};

START_TEST(a_sites_policy_is_not_judged)
{
	const bool departs = tales[_i].result == RESULT_INFO;
	struct story st;

	story_open(&st, tales[_i].yaml);
	story_tell(&st, tales[_i].lines);
	st.profile.life_us = tales[_i].life_s * USEC_PER_SEC;
	snprintf(st.profile.life_line, sizeof st.profile.life_line, "%s",
	    tales[_i].line);
	story_judge(&st);
	if (st.j.result != tales[_i].result)
		ck_abort_msg("%d: %s: %s", _i, result_word(st.j.result),
		    st.j.sentence);
	ck_assert_uint_eq(st.j.departure_count, departs);
	ck_assert_int_eq(strstr(st.j.units[0].why, "not judged: your "
	    "configuration says main.cf:25") != NULL, departs);
	if (departs) {
		ck_assert_str_eq(st.j.departures[0].where, line);
		ck_assert_str_eq(st.j.departures[0].clause,
		    "R-5321-4.5.4.1-h");
	}
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("departures");
	TCase *tc = tcase_create("judge");

	tcase_add_loop_test(tc, a_sites_policy_is_not_judged, 0, ALL(tales));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

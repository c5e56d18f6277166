/* Retries that do not stop (flag retry-storm), seen while they go on. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define SMART "title: t\ncovers: [R-DF-CON-a]\nsmarthosts: [mx1.r.test]\n"	\
	"zone: |\n  mx1.r.test.  A 198.18.1.1\nmta-families: [ipv4]\n"	\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define TWO_IN LEGIT "0s inject m1 250\n0s inject m2 250\n"
#define SYN1 "syn mx1.r.test 198.18.1.1 refuse"
#define ASK "query r.test MX"

/* 32 contacts and 8 a unit, 128 queries and 32 a unit, within 0.9 R1. */
static const struct {
	const char *yaml, *begin, *event;
	int first_ms, apart_ms;
	int storm;		/* the event that is too many; 0: none is */
} storms[] = {
	{ ONE, IN, SYN1, 1000, 1000, 41 },
	{ ONE, IN, SYN1, 1000, 6750, 41 },
	{ ONE, IN, SYN1, 1000, 6751, 0 },
	{ TWO, IN, SYN1, 1000, 1000, 49 },
	{ PAIR, TWO_IN, SYN1, 1000, 1000, 49 },
	{ ONE, IN, SYN1, -9000, 1000, 50 },
	{ ONE, IN, "syn trap.test 198.18.9.9 refuse", 1000, 1000, 41 },
	{ TWO, IN, "syn trap.test 198.18.9.9 refuse", 1000, 1000, 49 },
	{ ONE, IN, "noroute 198.18.1.1:587 587", 1000, 1000, 0 },
	{ ONE, IN, "noroute 198.18.1.1:25 25", 1000, 1000, 41 },
	{ ONE, IN, ASK, 1000, 1000, 161 },
	{ TWO, IN, ASK, 1000, 1000, 193 },
	{ ONE, IN, "query s.test MX", 1000, 1000, 161 },
	{ PAIR, TWO_IN, "query s.test MX", 1000, 1000, 193 },
	{ ONE, IN, ASK, 1000, 1687, 161 },
	{ ONE, IN, ASK, 1000, 1688, 0 },
	{ ONE, IN, "query r.test A", 1000, 1000, 0 },
	{ ONE, IN, "query x.test MX", 1000, 1000, 0 },
	{ SMART, IN, ASK, 1000, 1000, 0 },
};

static void
tell_one(struct story *st, int nr, int n)
{
	const int ms = storms[nr].first_ms + (n - 1) * storms[nr].apart_ms;
	char line[120];

	snprintf(line, sizeof line, "%s%d.%03ds %s\n", ms < 0 ? "-" : "",
	    abs(ms) / 1000, abs(ms) % 1000, storms[nr].event);
	story_tell(st, line);
}

START_TEST(so_many_are_a_storm)
{
	struct judge_settle *state = NULL;
	struct story st;
	int storm = 0;

	story_open(&st, storms[_i].yaml);
	story_tell(&st, storms[_i].begin);
	for (int n = 1; n <= 230 && storm == 0; n++) {
		tell_one(&st, _i, n);
		if (judge_settled(&state, st.sc, &st.trace, &st.profile, 0))
			storm = n;
	}
	ck_assert_msg(storm == storms[_i].storm, "%d: the event %d", _i,
	    storm);
	ck_assert_int_eq(judge_more(state, 0), 0);
	story_judge(&st);
	for (size_t i = 0; storm > 0 && i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == F_RETRY_STORM)
			storm = -1;
	ck_assert_int_le(storm, 0);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

static const struct { const char *event, *says; } sentences[] = {
	{ SYN1, "mx1.r.test was contacted 41 times within 40.0s, without a "
	    "pause" },
	{ ASK, "the MX of r.test was asked for 161 times within 2m40s, "
	    "without a pause" },
	{ "noroute 198.18.1.1:25 25", "198.18.1.1:25 was contacted 41 times "
	    "within 40.0s, without a pause" },
};

START_TEST(a_storm_says_where_it_blows)
{
	const char *text = NULL;
	struct story st;
	char line[120];

	story_open(&st, ONE);
	story_tell(&st, IN);
	for (int n = 1; n <= 200; n++) {
		snprintf(line, sizeof line, "%ds %s\n", n,
		    sentences[_i].event);
		story_tell(&st, line);
	}
	story_judge(&st);
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == F_RETRY_STORM &&
		    strstr(st.j.findings[i].text, "times within") != NULL)
			text = st.j.findings[i].text;
	ck_assert_pstr_eq(text, sentences[_i].says);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("storms");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, so_many_are_a_storm, 0, ALL(storms));
	tcase_add_loop_test(tc, a_storm_says_where_it_blows, 0,
	    ALL(sentences));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

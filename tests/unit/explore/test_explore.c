/* How runs are compared, and which MTA a seed chooses. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/explore/explore.h"
#include "tests/unit/suite.h"

static struct unit units[3];
static struct finding findings[3];

static void
words(const struct judgement *j, const char *want)
{
	char *got = trial_words(j);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(words_are_result_verdicts_and_flags)
{
	struct judgement j = { .result = RESULT_FAIL, .units = units,
	    .unit_count = 3, .findings = findings, .finding_count = 3 };

	units[0] = (struct unit){ .verdict = V_SILENT_DROP };
	units[1] = (struct unit){ .verdict = V_LATE_BOUNCE };
	units[2] = (struct unit){ .verdict = V_DELIVERED, .expected = true };
	findings[0].flag = F_RETRY_STORM;
	findings[1].flag = F_ORDER_VIOLATION;
	findings[2] = (struct finding){ .flag = F_CRASHED, .allowed = true };
	words(&j, "FAIL late-bounce silent-drop order-violation retry-storm");
	units[1].control = units[0].tolerated = true;
	j.finding_count = 0;
	words(&j, "FAIL");
}
END_TEST

START_TEST(an_error_is_told_without_its_numbers)
{
	struct judgement j = { .result = RESULT_ERROR,
	    .error = "rule 7:3 never fired" };

	words(&j, "ERROR rule");
	j.error = "harness fault: the adapter's \"stop\" failed";
	words(&j, "ERROR harness fault");
}
END_TEST

/* A trace of one command at a second. */
static uint64_t
likeness(const char *text, const char *host, int64_t t_us)
{
	struct event ev = { .kind = EV_SMTP_COMMAND, .text = text,
	    .host = host, .t_us = t_us };
	struct trace t = { .events = &ev, .count = 1 };

	return trial_likeness(&t);
}

START_TEST(likeness_sees_deeds_not_sizes)
{
	uint64_t one = likeness("MAIL FROM:<> SIZE=10", "mx1", 2000000);

	ck_assert(one == likeness("MAIL FROM:<> SIZE=99", "mx1", 2900000));
	ck_assert(one != likeness("MAIL FROM:<x> SIZE=10", "mx1", 2000000));
	ck_assert(one != likeness("MAIL FROM:<> SIZE=10", "mx2", 2000000));
	ck_assert(one != likeness("MAIL FROM:<> SIZE=10", "mx1", 3000000));
}
END_TEST

/* Two deeds in this order, and in the other. */
static bool
order_counts(struct event one, struct event two)
{
	struct event there[] = { one, two }, back[] = { two, one };
	struct trace a = { .events = there, .count = 2 };
	struct trace b = { .events = back, .count = 2 };

	return trial_likeness(&a) != trial_likeness(&b);
}

/* Sessions, and the submission, go on beside what the engine does next. */
START_TEST(the_order_of_dials_is_a_deed_of_sessions_not)
{
	const struct event query = { .kind = EV_DNS_QUERY, .qname = "r.test" };
	const struct event syn = { .kind = EV_SYN, .host = "mx1" };
	const struct event other = { .kind = EV_SYN, .host = "mx2" };
	const struct event said = { .kind = EV_SMTP_COMMAND, .host = "mx1" };
	const struct event taken = { .kind = EV_INJECT, .code = 250 };

	ck_assert(order_counts(syn, other));
	ck_assert(order_counts(query, syn));
	ck_assert(!order_counts(taken, query));
	ck_assert(!order_counts(said, syn));
	ck_assert(!order_counts(said, taken));
}
END_TEST

START_TEST(what_the_harness_does_is_no_deed_of_the_mta)
{
	struct event ev[2] = { { .kind = EV_QUEUE, .text = "a" },
	    { .kind = EV_QUEUE, .text = "b" } };
	struct trace a = { .events = &ev[0], .count = 1 };
	struct trace b = { .events = &ev[1], .count = 1 };

	ck_assert(trial_likeness(&a) == trial_likeness(&b));
}
END_TEST

START_TEST(a_seed_chooses_ways_none_twice)
{
	char a[] = "a-first", b[] = "b-then", *list[] = { a, b };
	struct explore e = { .mta = "reference", .ways = true,
	    .way_names = { list, 2 } };
	static const char *const sets[] = { "", "way=a-first,",
	    "way=b-then,", "way=a-first+b-then,", "way=b-then+a-first," };
	unsigned seen[5] = { 0 };
	char *mta, *again, want[80];

	for (uint64_t seed = 0; seed < 200 * 16; seed += 16) {
		mta = explore_mta(&e, seed, NULL);
		/* Some seeds share a set. */
		again = explore_mta(&e, seed + 15, NULL);
		ck_assert_str_eq(mta, again);
		for (size_t i = 0; i < 5; i++) {
			snprintf(want, sizeof want, "reference:%sseed=%u",
			    sets[i], (unsigned)(seed / 16 + 1));
			seen[i] += strcmp(mta, want) == 0;
		}
		free(mta);
		free(again);
	}
	ck_assert_uint_gt(seen[0], 20);
	ck_assert_uint_gt(seen[3] + seen[4], 20);
	ck_assert_uint_eq(seen[0] + seen[1] + seen[2] + seen[3] + seen[4],
	    200);
}
END_TEST

START_TEST(a_bug_comes_behind_the_other_options)
{
	struct explore e = { .mta = "reference" };
	char *mta = explore_mta(&e, 1, "no-shuffle");

	ck_assert_str_eq(mta, "reference:bug=no-shuffle,seed=1");
	free(mta);
	e.mta = "reference:bin=/x,seed=7";
	mta = explore_mta(&e, 1, "no-shuffle");
	ck_assert_str_eq(mta, "reference:bin=/x,seed=7,bug=no-shuffle");
	free(mta);
}
END_TEST

static void
without(const char *mta, size_t nth, const char *want)
{
	char *got = explore_without_way(mta, nth);

	if (want == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(a_way_less)
{
	without("reference", 0, NULL);
	without("reference:bug=x", 0, NULL);
	without("reference:way=a", 0, "reference");
	without("reference:way=a", 1, NULL);
	without("reference:way=a,bug=x", 0, "reference:bug=x");
	without("reference:way=a+b+c", 0, "reference:way=b+c");
	without("reference:way=a+b+c", 1, "reference:way=a+c");
	without("reference:way=a+b+c", 2, "reference:way=a+b");
	without("reference:way=a+b,bug=x", 1, "reference:way=a,bug=x");
	without("reference:way=a+b,bug=x", 2, NULL);
	without("reference:bin=/x,way=a", 0, "reference:bin=/x");
	without("reference:bin=/x,way=a,bug=y", 0, "reference:bin=/x,bug=y");
	without("reference:bin=/x,way=a+b", 0, "reference:bin=/x,way=b");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("explore");
	TCase *tc = tcase_create("explore");

	tcase_add_test(tc, words_are_result_verdicts_and_flags);
	tcase_add_test(tc, an_error_is_told_without_its_numbers);
	tcase_add_test(tc, likeness_sees_deeds_not_sizes);
	tcase_add_test(tc, the_order_of_dials_is_a_deed_of_sessions_not);
	tcase_add_test(tc, what_the_harness_does_is_no_deed_of_the_mta);
	tcase_add_test(tc, a_seed_chooses_ways_none_twice);
	tcase_add_test(tc, a_bug_comes_behind_the_other_options);
	tcase_add_test(tc, a_way_less);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

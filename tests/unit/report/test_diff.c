/* What is worse, better or only different between two sets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/report/diff.h"
#include "harness/report/set_int.h"

/* A set of one run: its result, one unit's verdict, flags not allowed. */
static void
side(struct report_set *set, const char *mta, enum result result,
    enum verdict verdict, bool expected, uint32_t flags)
{
	struct report_run *r;
	struct judgement *j;

	report_set_init(set);
	r = set_run(set, set_source(set, "x"), "dns/x", mta, "1");
	j = &r->judgement;
	j->result = r->said = result;
	j->sentence = "a sentence";
	j->unit_count = 2;
	j->units = arena_array(set->arena, 2, sizeof *j->units);
	j->units[0] = (struct unit){ .msg = "m1", .rcpt = "u@r.test",
	    .verdict = verdict, .expected = expected };
	j->units[1] = (struct unit){ .msg = "control", .rcpt = "c",
	    .control = true };
	for (int f = 0; f < FLAG_COUNT; f++)
		if (flags & UINT32_C(1) << f) {
			struct finding *x = arena_push(set->arena,
			    &j->findings, &j->finding_count, sizeof *x);

			x->flag = (enum flag)f;
		}
	report_set_finish(set);
}

static const struct {
	enum result	 old, new;
	enum verdict	 was, is;
	bool		 was_expected, is_expected;
	uint32_t	 had, has;
	enum diff_kind	 kind;
} cases[] = {
	{ RESULT_OK, RESULT_OK, V_DELIVERED, V_DELIVERED, true, true, 0, 0,
	    DIFF_SAME },
	{ RESULT_OK, RESULT_FAIL, V_DELIVERED, V_SILENT_DROP, true, false,
	    0, 0, DIFF_WORSE },
	{ RESULT_FAIL, RESULT_OK, V_SILENT_DROP, V_DELIVERED, false, true,
	    0, 0, DIFF_BETTER },
	/* Both fail; losing mail is worse than bouncing it. */
	{ RESULT_FAIL, RESULT_FAIL, V_PREMATURE_BOUNCE, V_SILENT_DROP, false,
	    false, 0, 0, DIFF_WORSE },
	{ RESULT_FAIL, RESULT_FAIL, V_SILENT_DROP, V_PREMATURE_BOUNCE, false,
	    false, 0, 0, DIFF_BETTER },
	{ RESULT_OK, RESULT_OK, V_DELIVERED, V_DELIVERED_LATE, true, true,
	    0, 0, DIFF_CHANGED },
	/* Sources disagree: no failure. */
	{ RESULT_OK, RESULT_INFO, V_DELIVERED, V_DELIVERED, true, true, 0, 0,
	    DIFF_CHANGED },
	{ RESULT_WARN, RESULT_WARN, V_DELIVERED, V_DELIVERED, true, true, 0,
	    1u << F_RETRY_STORM, DIFF_WORSE },
	{ RESULT_WARN, RESULT_WARN, V_DELIVERED, V_DELIVERED, true, true,
	    1u << F_RETRY_STORM, 0, DIFF_BETTER },
	{ RESULT_OK, RESULT_ERROR, V_DELIVERED, V_INCONCLUSIVE, true, false,
	    0, 0, DIFF_UNKNOWN },
	{ RESULT_ERROR, RESULT_OK, V_INCONCLUSIVE, V_DELIVERED, false, true,
	    0, 0, DIFF_UNKNOWN },
	{ RESULT_OK, RESULT_SKIP, V_DELIVERED, V_INCONCLUSIVE, true, false,
	    0, 0, DIFF_UNKNOWN },
	{ RESULT_SKIP, RESULT_SKIP, V_INCONCLUSIVE, V_INCONCLUSIVE, false,
	    false, 0, 0, DIFF_SAME },
};

START_TEST(each_pair_has_its_kind)
{
	struct report_set old, new;
	struct report_diff d;

	side(&old, "postfix", cases[_i].old, cases[_i].was,
	    cases[_i].was_expected, cases[_i].had);
	side(&new, "postfix", cases[_i].new, cases[_i].is,
	    cases[_i].is_expected, cases[_i].has);
	report_diff_make(&d, &old, &new);
	ck_assert_uint_eq(d.count, 1);
	ck_assert_str_eq(diff_word(d.pairs[0].kind),
	    diff_word(cases[_i].kind));
	ck_assert_uint_eq(d.counts[cases[_i].kind], 1);
	ck_assert_uint_eq(d.pairs[0].unit_count, 1);
	ck_assert(report_diff_untrusted(&d) ==
	    (cases[_i].kind == DIFF_UNKNOWN));
	report_diff_fini(&d);
	report_set_fini(&old);
	report_set_fini(&new);
}
END_TEST

/* A failure that a baseline knows is a failure all the same. */
START_TEST(a_baseline_makes_nothing_better)
{
	static const struct known known = { .was = RESULT_FAIL };
	struct report_set old, new;
	struct report_diff d;

	side(&old, "postfix", RESULT_OK, V_DELIVERED, true, 0);
	side(&new, "postfix", RESULT_XFAIL, V_SILENT_DROP, false, 0);
	new.runs[0].judgement.known = &known;
	report_diff_make(&d, &old, &new);
	ck_assert_int_eq(d.pairs[0].kind, DIFF_WORSE);
	report_diff_fini(&d);
	report_set_fini(&old);
	report_set_fini(&new);
}
END_TEST

START_TEST(columns_go_together_by_program_or_alone)
{
	struct report_set old, new;
	struct report_diff d;

	side(&old, "postfix=3.7.10", RESULT_OK, V_DELIVERED, true, 0);
	side(&new, "postfix=3.7.11", RESULT_OK, V_DELIVERED, true, 0);
	report_diff_make(&d, &old, &new);
	ck_assert_uint_eq(d.counts[DIFF_SAME], 1);
	ck_assert(d.pairs[0].one_mta);
	report_diff_fini(&d);
	report_set_fini(&new);
	side(&new, "exim4", RESULT_OK, V_DELIVERED, true, 0);
	report_diff_make(&d, &old, &new);
	ck_assert_uint_eq(d.counts[DIFF_SAME], 1);
	ck_assert(!d.pairs[0].one_mta);
	report_diff_fini(&d);
	report_set_fini(&new);
	report_set_fini(&old);
}
END_TEST

START_TEST(nothing_in_common_is_no_answer)
{
	struct report_set old, new;
	struct report_diff d;

	side(&old, "postfix", RESULT_OK, V_DELIVERED, true, 0);
	report_set_init(&new);
	set_run(&new, set_source(&new, "y"), "dns/y", "postfix", "1");
	report_set_finish(&new);
	report_diff_make(&d, &old, &new);
	ck_assert_uint_eq(d.counts[DIFF_ONLY_OLD], 1);
	ck_assert_uint_eq(d.counts[DIFF_ONLY_NEW], 1);
	ck_assert(report_diff_untrusted(&d));
	report_diff_fini(&d);
	report_set_fini(&old);
	report_set_fini(&new);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("diff");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, each_pair_has_its_kind, 0,
	    sizeof cases / sizeof cases[0]);
	tcase_add_test(tc, a_baseline_makes_nothing_better);
	tcase_add_test(tc, columns_go_together_by_program_or_alone);
	tcase_add_test(tc, nothing_in_common_is_no_answer);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

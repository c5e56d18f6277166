/*
 * The same stored traces as in test_golden.c, judged and then reported: what
 * a user sees of a run, from the trace on, without the lab.
 */
#include "tests/unit/report/story.h"

#include "harness/judge/profile.h"

static const struct {
	const char	*name, *mta;
	enum result	 result;
	enum verdict	 verdict;	/* of m1 */
} stories[] = {
	{ "pass", "postfix", RESULT_OK, V_DELIVERED },
	{ "silent-drop", "reference:bug=q267245-drop", RESULT_FAIL,
	    V_SILENT_DROP },
	{ "premature-bounce", "postfix=3.7.11", RESULT_FAIL,
	    V_PREMATURE_BOUNCE },
	{ "expired", "postfix", RESULT_FAIL, V_BOUNCED_CORRECT },
	{ "error", "exim", RESULT_ERROR, V_RETRYING },
	{ "unexercised", "exim", RESULT_NOT_EXERCISED, V_DELIVERED },
	{ "gave-up", "exim", RESULT_FAIL, V_PREMATURE_BOUNCE },
};
#define STORY_COUNT	(sizeof stories / sizeof stories[0])

static void
read_profile(const struct story *st, struct profile *p)
{
	char *path = xasprintf("%s.profile", st->base), *line, *value;
	char *save = NULL;
	const char *error = NULL;
	struct sbuf b = { 0 };

	profile_init(p);
	ck_assert_msg(sbuf_read_file(&b, path) == 0, "%s", path);
	for (line = strtok_r(b.data, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		ck_assert_ptr_nonnull(value = strchr(line, '='));
		*value++ = '\0';
		ck_assert_msg(profile_set(p, line, value, &error) == 1,
		    "%s: %s: %s", path, line, error ? error : "no such key");
	}
	sbuf_fini(&b);
	free(path);
}

START_TEST(a_stored_trace_is_judged_and_reported)
{
	char *dir = xasprintf("out/%s", stories[_i].name);
	char *rerun = xasprintf("mxdrill run golden/%s --mta %s",
	    stories[_i].name, stories[_i].mta);
	struct sbuf b = { 0 };
	struct profile profile;
	struct judgement j;
	struct story st;

	story_open(&st, stories[_i].name);
	read_profile(&st, &profile);
	judge(st.scenario, &st.trace, &profile, &j);
	ck_assert_msg(j.result == stories[_i].result, "%s: %s: %s",
	    stories[_i].name, result_word(j.result), j.sentence);
	for (size_t i = 0; i < j.unit_count; i++)
		if (!j.units[i].control)
			ck_assert_str_eq(verdict_word(j.units[i].verdict),
			    verdict_word(stories[_i].verdict));
	story_tell(&b, &st, &(struct report_case){ .scenario = st.scenario,
	    .mta = stories[_i].mta, .mta_version = profile.version,
	    .judgement = &j, .trace = &st.trace, .dir = dir,
	    .rerun = rerun });
	if (j.result == RESULT_FAIL)
		ck_assert_msg(strstr(sbuf_str(&b), "\n> ") != NULL,
		    "nothing is marked:\n%.3000s", sbuf_str(&b));
	story_compare(&st, "judged.txt", &b);
	sbuf_fini(&b);
	judgement_fini(&j);
	story_close(&st);
	free(dir);
	free(rerun);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("judged");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_stored_trace_is_judged_and_reported, 0,
	    STORY_COUNT);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

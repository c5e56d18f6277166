/*
 * Repeated runs come together to one result.  The runs are stored ones: the
 * golden pass, and the same with its only copy left out.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/stage.h"
#include "harness/run/suite_int.h"
#include "tests/unit/suite.h"

#define ROUNDS	3

static char folder[] = "/tmp/mxdrill-repeat.XXXXXX";
static struct suite su;
static struct scenario *scenario;
static struct diags diags;
static size_t told;
static enum result told_result;
static char told_sentence[512];
static unsigned told_runs;
static bool told_flaky;

static bool
tell(void *ctx, const struct suite_job *job, const struct trace *trace,
    const struct judgement *j)
{
	(void)ctx;
	(void)trace;
	told++;
	told_result = j->result;
	told_runs = su.pairs[job->pair].runs;
	told_flaky = j->flaky;
	snprintf(told_sentence, sizeof told_sentence, "%s", j->sentence);
	return true;
}

/* Writes the run of a job; without the copy it is no pass. */
static void
store(const struct suite_job *job, bool pass)
{
	char *path = xasprintf("%s/" RUN_TRACE, job->dir), *line, *save;
	struct sbuf golden = { 0 };
	FILE *f;

	ck_assert_int_eq(make_folders(job->dir), 0);
	ck_assert_int_eq(sbuf_read_file(&golden, "tests/golden/pass.jsonl"),
	    0);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	for (line = strtok_r(golden.data, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		if (pass || strstr(line, "smtp.copy") == NULL ||
		    strstr(line, "control") != NULL)
			fprintf(f, "%s\n", line);
	fclose(f);
	sbuf_fini(&golden);
	free(path);
}

static void
setup(void)
{
	struct sbuf lines = { 0 };
	char *error = NULL;

	told = 0;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	diags_init(&diags);
	scenario = scenario_parse_file("tests/golden/pass.yaml", &diags);
	ck_assert_ptr_nonnull(scenario);
	su = (struct suite){ .out = folder, .repeat = ROUNDS,
	    .judged = tell, .mta_count = 1 };
	su.mtas = xcalloc(1, sizeof *su.mtas);
	ck_assert(mta_spec_parse(&su.mtas[0].spec, "postfix", &error));
	adapter_info_init(&su.mtas[0].info);
	ck_assert_int_eq(sbuf_read_file(&lines, "tests/golden/pass.profile"),
	    0);
	adapter_info_lines(&su.mtas[0].info, lines.data);
	sbuf_fini(&lines);
}

static void
teardown(void)
{
	char *command = xasprintf("rm -rf '%s'", folder);

	suite_fini(&su);
	scenario_free(scenario);
	diags_fini(&diags);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

/* Ends all jobs, those of `failing` rounds (bits) without the copy. */
static void
run_all(unsigned failing)
{
	bool more = true;

	suite_plan(&su, &scenario, 1);
	ck_assert_uint_eq(su.job_count, su.repeat);
	for (size_t i = 0; more && i < su.job_count; i++) {
		ck_assert_uint_eq(su.jobs[i].round, i + 1);
		store(&su.jobs[i], (failing & 1U << i) == 0);
		su.jobs[i].done = true;
		more = suite_ended(&su, &su.jobs[i]);
	}
	suite_tell_rest(&su);
}

START_TEST(runs_that_agree_are_told_once)
{
	run_all(0);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(told_result, RESULT_OK);
	ck_assert_uint_eq(told_runs, ROUNDS);
	ck_assert(!told_flaky);
}
END_TEST

START_TEST(runs_that_all_fail_are_a_failure)
{
	run_all(7);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(told_result, RESULT_FAIL);
	ck_assert_uint_eq(told_runs, ROUNDS);
}
END_TEST

START_TEST(runs_that_disagree_are_an_error_that_names_them)
{
	run_all(2);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(told_result, RESULT_ERROR);
	ck_assert(told_flaky);
	ck_assert_msg(strstr(told_sentence, "flaky: of 3 runs 2 ok "
	    "(delivered-at-once), 1 FAIL (silent-drop)") != NULL, "%s",
	    told_sentence);
}
END_TEST

/* A baseline never hides that a run is not to be trusted. */
START_TEST(a_known_failure_may_not_be_flaky)
{
	static const char text[] =
	    "- {id: '*', outcome: silent-drop, reason: r}";
	struct baseline b = { .arena = NULL };

	baseline_add_text(&b, "x.known", NULL, text, strlen(text));
	su.baseline = &b;
	run_all(2);
	ck_assert_int_eq(told_result, RESULT_ERROR);
	baseline_fini(&b);
}
END_TEST

START_TEST(a_known_failure_in_every_run_is_known)
{
	static const char text[] =
	    "- {id: '*', outcome: silent-drop, reason: r}";
	struct baseline b = { .arena = NULL };

	baseline_add_text(&b, "x.known", NULL, text, strlen(text));
	su.baseline = &b;
	run_all(7);
	ck_assert_int_eq(told_result, RESULT_XFAIL);
	baseline_fini(&b);
}
END_TEST

START_TEST(until_fail_ends_with_the_failing_run)
{
	su.until_fail = true;
	run_all(2);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(told_result, RESULT_FAIL);
	ck_assert_uint_eq(told_runs, 2);
	ck_assert_ptr_nonnull(strstr(told_sentence,
	    "(in run 2 of at most 3)"));
}
END_TEST

START_TEST(until_fail_without_a_failure_is_a_pass)
{
	su.until_fail = true;
	run_all(0);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(told_result, RESULT_OK);
	ck_assert_uint_eq(told_runs, ROUNDS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/repeat");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, runs_that_agree_are_told_once);
	tcase_add_test(tc, runs_that_all_fail_are_a_failure);
	tcase_add_test(tc, runs_that_disagree_are_an_error_that_names_them);
	tcase_add_test(tc, a_known_failure_may_not_be_flaky);
	tcase_add_test(tc, a_known_failure_in_every_run_is_known);
	tcase_add_test(tc, until_fail_ends_with_the_failing_run);
	tcase_add_test(tc, until_fail_without_a_failure_is_a_pass);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

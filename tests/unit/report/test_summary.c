/* The arithmetic of a suite: summary, progress, results.json. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/report/results.h"

static struct event last_event = { .t_us = 3600 * USEC_PER_SEC, .seq = 1,
    .kind = EV_RUN_END, .text = "settled" };
static struct trace an_hour = { .events = &last_event, .count = 1 };
static struct scenario scenario = { .id = "dns/x", .path = "x.yaml",
    .source = "title: x\n" };

static void
with_case(enum result r, void (*use)(void *, const struct report_case *),
    void *arg)
{
	struct unit unit = { .msg = "m1", .rcpt = "u@r.test", .from = "",
	    .verdict = V_DELIVERED_LATE, .note = "4yz", .expected = true,
	    .why = "why \033[m", .copies = 2, .acked = 1, .ambiguous = 1,
	    .cycles = 3, .accepted_us = 5, .final_us = TIME_NEVER };
	struct finding finding = { .flag = F_RETRY_STORM, .text = "storm",
	    .clause = "R-x", .decisive = 9 };
	struct judgement j = { .result = r, .sentence = "a sentence",
	    .units = &unit, .unit_count = 1, .findings = &finding,
	    .finding_count = 1 };

	struct known known = { .at = "b.known:7", .outcome = "silent-drop",
	    .reason = "it \033 is so", .was = RESULT_FAIL };

	if (r == RESULT_XFAIL || r == RESULT_XPASS)
		j.known = &known;
	if (r == RESULT_ERROR)
		j.error = "G6: sent later";
	use(arg, &(struct report_case){ .scenario = &scenario,
	    .mta = "postfix", .mta_version = "3.7.11", .judgement = &j,
	    .trace = &an_hour, .dir = "out/x", .real_us = 1500000,
	    .rerun = "mxdrill run dns/x" });
}

static void
add_to_summary(void *arg, const struct report_case *rc)
{
	summary_add(arg, rc);
}

static const char *
told(const struct report_summary *s, int width, struct sbuf *b)
{
	struct report_style style = { .width = width };

	sbuf_clear(b);
	console_summary(b, &style, s, 2 * USEC_PER_SEC);
	return sbuf_str(b);
}

START_TEST(counts_add_up_and_each_result_is_counted_once)
{
	struct report_summary s = { 0 };
	struct sbuf b = { 0 };
	size_t sum = 0;

	for (int r = 0; r < RESULT_COUNT; r++)
		for (int n = 0; n <= r; n++)
			with_case((enum result)r, add_to_summary, &s);
	for (int r = 0; r < RESULT_COUNT; r++) {
		ck_assert_uint_eq(s.counts[r], (size_t)r + 1);
		sum += s.counts[r];
	}
	ck_assert_uint_eq(sum, s.runs);
	ck_assert_uint_eq(s.runs, 45);
	ck_assert_uint_eq(s.failure_count, 6 + 7 + 8 + 9);
	ck_assert_int_eq(s.real_us, 45 * 1500000);
	ck_assert_int_eq(s.virtual_us, 45 * 3600 * USEC_PER_SEC);
	ck_assert_ptr_nonnull(strstr(told(&s, 0, &b), "45 runs: 1 ok, 4 info, "
	    "2 xfail, 3 skip, 5 warn, 6 XPASS, 7 not-exercised, 8 ERROR, "
	    "9 FAIL\n"
	    "broken: 16 no level\n"
	    "1d21h of virtual time in 1m07s of runs, "
	    "2.0s by the wall clock\n"));
	sbuf_fini(&b);
	summary_fini(&s);
	ck_assert_uint_eq(s.runs, 0);
}
END_TEST

START_TEST(failures_are_repeated_last_and_errors_are_no_passes)
{
	struct report_summary s = { 0 };
	struct sbuf b = { 0 };

	with_case(RESULT_FAIL, add_to_summary, &s);
	with_case(RESULT_OK, add_to_summary, &s);
	with_case(RESULT_ERROR, add_to_summary, &s);
	with_case(RESULT_NOT_EXERCISED, add_to_summary, &s);
	ck_assert_str_eq(told(&s, 40, &b),
	    "\n4 runs: 1 ok, 1 not-exercised, 1 ERROR, 1 FAIL\n"
	    "broken: 1 no level\n"
	    "4h00m of virtual time in 6.0s of runs, 2.0s by the wall clock\n"
	    "1 run ended in ERROR: it says nothing about the MTA and is no "
	    "pass\n"
	    "1 run was not exercised: a fault never fired, so what it asks "
	    "was not tried\n"
	    "not-exercised dns/x  postfix  a sentence\n"
	    "ERROR dns/x  postfix  G6: sent later\n"
	    "FAIL  dns/x  postfix  a sentence\n");
	sbuf_fini(&b);
	summary_fini(&s);
}
END_TEST

START_TEST(what_the_baseline_hides_is_told_with_its_reasons)
{
	struct report_summary s = { 0 };
	struct report_style style = { .verbose = true };
	struct sbuf b = { 0 };

	with_case(RESULT_XFAIL, add_to_summary, &s);
	with_case(RESULT_FAIL, add_to_summary, &s);
	told(&s, 0, &b);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "\nthe baseline hides 1 "
	    "known failure (--verbose lists them)\nFAIL"));
	sbuf_clear(&b);
	console_summary(&b, &style, &s, 0);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "\nthe baseline hides 1 "
	    "known failure:\nxfail dns/x  postfix  silent-drop: it \\x1b is "
	    "so (b.known:7)\nFAIL"));
	sbuf_fini(&b);
	summary_fini(&s);
}
END_TEST

START_TEST(a_summary_of_nothing_says_so)
{
	struct report_summary s = { 0 };
	struct report_style style = { 0 };
	struct sbuf b = { 0 };

	console_summary(&b, &style, &s, 0);
	ck_assert_str_eq(sbuf_str(&b),
	    "\n0 runs\n0s of virtual time in 0.0s of runs\n");
	sbuf_fini(&b);
}
END_TEST

static void
tell_line(void *arg, const struct report_case *rc)
{
	struct report_style style = { 0 };

	console_line(arg, &style, rc);
}

START_TEST(a_line_begins_with_the_status_word)
{
	struct sbuf b = { 0 };

	with_case(RESULT_OK, tell_line, &b);
	with_case(RESULT_FAIL, tell_line, &b);
	ck_assert_str_eq(sbuf_str(&b), "ok    dns/x"
	    "                                        postfix    delivered "
	    "(4yz)\n"
	    "FAIL  dns/x  postfix  a sentence\n");
	sbuf_fini(&b);
}
END_TEST

START_TEST(progress_is_one_line_within_the_width)
{
	struct report_style style = { .width = 40 };
	struct sbuf b = { 0 };

	console_progress(&b, &style, 3, 40, "dns/x", "exim",
	    INT64_C(3) * 86400 * USEC_PER_SEC + 3600 * USEC_PER_SEC, 1200000);
	ck_assert_str_eq(sbuf_str(&b),
	    "3/40  1.2s  day 4 (3d01h)  dns/x  exim");
	sbuf_clear(&b);
	console_progress(&b, &style, 3, 40, "a\nvery/long/id/of/a/scenario",
	    "exim", -5, 0);
	ck_assert_ptr_null(strchr(sbuf_str(&b), '\n'));
	ck_assert_str_eq(sbuf_str(&b),
	    "3/40  0.0s  day 1 (0s)  a\\x0avery/long/\xe2\x80\xa6");
	sbuf_fini(&b);
}
END_TEST

static void
add_to_results(void *arg, const struct report_case *rc)
{
	results_add(arg, rc);
}

static struct results *
some_results(void)
{
	struct results *r = results_new(&(struct results_meta){
	    .mxdrill = "1.0", .started = "2026-01-01T00:00:00Z",
	    .clock = "virtual", .seed = UINT64_MAX, .shard_index = 3,
	    .shard_count = 100 });
	struct profile p = { .name = "postfix", .version = "3.7.11",
	    .life_us = 5, .clocked = true };

	results_add_mta(r, "postfix", &p, NULL);
	results_add_mta(r, "exim", NULL, "not found");
	with_case(RESULT_FAIL, add_to_results, r);
	with_case(RESULT_ERROR, add_to_results, r);
	with_case(RESULT_XFAIL, add_to_results, r);
	return r;
}

static const char *
get(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	ck_assert_msg(s != NULL, "%s", key);
	return s;
}

START_TEST(results_hold_what_was_judged)
{
	struct results *r = some_results();
	char *text = results_text(r);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *run, *unit, *finding;

	ck_assert_ptr_nonnull(root);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "version")),
	    RESULTS_VERSION);
	ck_assert_str_eq(get(root, "seed"), "18446744073709551615");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(
	    root, "counts"), "FAIL")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "mtas")), 2);
	run = json_array_get(json_object_get(root, "runs"), 0);
	ck_assert_str_eq(get(run, "id"), "dns/x");
	ck_assert_str_eq(get(run, "result"), "FAIL");
	ck_assert_ptr_null(json_object_get(run, "error"));
	ck_assert_int_eq(json_integer_value(json_object_get(run,
	    "virtual_us")), 3600 * USEC_PER_SEC);
	unit = json_array_get(json_object_get(run, "units"), 0);
	ck_assert_str_eq(get(unit, "verdict"), "delivered-late");
	ck_assert_str_eq(get(unit, "why"), "why \\x1b[m");
	ck_assert_ptr_null(json_object_get(unit, "final_us"));
	finding = json_array_get(json_object_get(run, "findings"), 0);
	ck_assert_str_eq(get(finding, "flag"), "retry-storm");
	run = json_array_get(json_object_get(root, "runs"), 1);
	ck_assert_str_eq(get(run, "error"), "G6: sent later");
	ck_assert_ptr_null(json_object_get(run, "baseline"));
	run = json_object_get(json_array_get(json_object_get(root, "runs"),
	    2), "baseline");
	ck_assert_str_eq(get(run, "at"), "b.known:7");
	ck_assert_str_eq(get(run, "outcome"), "silent-drop");
	ck_assert_str_eq(get(run, "reason"), "it \\x1b is so");
	ck_assert_str_eq(get(run, "was"), "FAIL");
	run = json_object_get(root, "shard");
	ck_assert_int_eq(json_integer_value(json_object_get(run, "index")),
	    3);
	ck_assert_int_eq(json_integer_value(json_object_get(run, "count")),
	    100);
	json_decref(root);
	free(text);
	results_free(r);
}
END_TEST

START_TEST(results_replace_the_file_and_leave_nothing_else)
{
	char dir[] = "/tmp/mxdrill-results.XXXXXX";
	struct results *r = some_results();
	char *path, *text = results_text(r);
	struct sbuf got = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = xasprintf("%s/results.json", dir);
	ck_assert_int_eq(results_write(r, path), 0);
	ck_assert_int_eq(results_write(r, path), 0);
	ck_assert_int_eq(sbuf_read_file(&got, path), 0);
	ck_assert_uint_eq(got.len, strlen(text));
	ck_assert_int_eq(memcmp(got.data, text, strlen(text)), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);	/* it was the only file */
	ck_assert_int_eq(results_write(r, path), -1);
	sbuf_fini(&got);
	free(path);
	free(text);
	results_free(r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("summary");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, counts_add_up_and_each_result_is_counted_once);
	tcase_add_test(tc, failures_are_repeated_last_and_errors_are_no_passes);
	tcase_add_test(tc, what_the_baseline_hides_is_told_with_its_reasons);
	tcase_add_test(tc, a_summary_of_nothing_says_so);
	tcase_add_test(tc, a_line_begins_with_the_status_word);
	tcase_add_test(tc, progress_is_one_line_within_the_width);
	tcase_add_test(tc, results_hold_what_was_judged);
	tcase_add_test(tc, results_replace_the_file_and_leave_nothing_else);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

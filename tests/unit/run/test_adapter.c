#include "harness/run/adapter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_choice_has_name_version_and_options)
{
	struct mta_choice c;
	char *error;

	ck_assert(mta_choice_parse(&c, "postfix=3.7.11:a=b,c-d=x=y", &error));
	ck_assert_str_eq(c.name, "postfix");
	ck_assert_str_eq(c.version, "3.7.11");
	ck_assert_uint_eq(c.option_count, 2);
	ck_assert_str_eq(c.options[0].value, "b");
	ck_assert_str_eq(c.options[1].name, "c-d");
	ck_assert_str_eq(c.options[1].value, "x=y");
	mta_choice_fini(&c);
	ck_assert(mta_choice_parse(&c, "reference", &error));
	ck_assert_ptr_null(c.version);
	mta_choice_fini(&c);
}
END_TEST

START_TEST(a_bad_choice_is_explained)
{
	static const char *const bad[][2] = {
		{ "", "no name" }, { "../x", "no name" },
		{ "postfix=", "no version" }, { "p:", "no option" },
		{ "p:bug", "has no value" }, { "p:a=1,a=2", "given twice" },
	};
	struct mta_choice c;
	char *error;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert(!mta_choice_parse(&c, bad[i][0], &error));
		ck_assert_ptr_nonnull(strstr(error, bad[i][1]));
		free(error);
	}
}
END_TEST

START_TEST(a_queue_line_may_have_null_and_quoted_paths)
{
	struct queue_line q;

	ck_assert(queue_line_parse(&q, "4F2 <> <\"a> \\\" b\"@r.test>"));
	ck_assert_str_eq(q.id, "4F2");
	ck_assert_str_eq(q.from, "");
	ck_assert_str_eq(q.to, "\"a> \\\" b\"@r.test");
	queue_line_fini(&q);
	ck_assert(!queue_line_parse(&q, "4F2 <a@b>"));
	ck_assert(!queue_line_parse(&q, "4F2 <a@b> <c@d> x"));
	ck_assert(!queue_line_parse(&q, ""));
}
END_TEST

START_TEST(exit_codes_have_their_meaning)
{
	ck_assert_int_eq(adapter_result_of(0), ADAPTER_DONE);
	ck_assert_int_eq(adapter_result_of(89 << 8), ADAPTER_UNSUPPORTED);
	ck_assert_int_eq(adapter_result_of(75 << 8), ADAPTER_AGAIN);
	ck_assert_int_eq(adapter_result_of(1 << 8), ADAPTER_ERROR);
	ck_assert_int_eq(adapter_result_of(9), ADAPTER_ERROR);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/adapter");
	TCase *tc = tcase_create("adapter");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, a_choice_has_name_version_and_options);
	tcase_add_test(tc, a_bad_choice_is_explained);
	tcase_add_test(tc, a_queue_line_may_have_null_and_quoted_paths);
	tcase_add_test(tc, exit_codes_have_their_meaning);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#include "tests/mutants/self/sample.h"

#include "tests/unit/suite.h"

START_TEST(a_sum_is_right)
{
	static const int v[] = { 8, 1, 2, 4 };

	ck_assert_int_eq(sample_sum(v, 4), 15);
	ck_assert_int_eq(sample_sum(v, 0), 0);
}
END_TEST

START_TEST(a_word_is_right)
{
	ck_assert_str_eq(sample_word(0), "none");
	ck_assert_str_eq(sample_word(1), "one");
	ck_assert_str_eq(sample_word(3), "many");
	ck_assert_ptr_null(sample_word(-1));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mutants/sample");
	TCase *tc = tcase_create("sample");

	tcase_add_test(tc, a_sum_is_right);
	tcase_add_test(tc, a_word_is_right);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/report/text.h"

static struct sbuf b;

static const char *
clean(const char *s)
{
	sbuf_clear(&b);
	text_clean(&b, s);
	return sbuf_str(&b);
}

START_TEST(control_characters_become_visible)
{
	ck_assert_str_eq(clean("a\033[31mb\r\n\x7f"),
	    "a\\x1b[31mb\\x0d\\x0a\\x7f");
	ck_assert_str_eq(clean("a\tb"), "a b");
	/* C1, as the trace keeps the octet 0x9b. */
	ck_assert_str_eq(clean("\xc2\x9b" "31m"), "\\x9b31m");
}
END_TEST

START_TEST(octets_that_are_not_utf_8_become_visible)
{
	ck_assert_str_eq(clean("\xff\x80" "a"), "\\xff\\x80a");
	ck_assert_str_eq(clean("\xc0\xaf"), "\\xc0\\xaf");	/* overlong */
	ck_assert_str_eq(clean("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	ck_assert_str_eq(clean("\xe2\x82"), "\\xe2\\x82");	/* cut short */
	ck_assert_str_eq(clean("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	ck_assert_str_eq(clean("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
}
END_TEST

START_TEST(characters_that_reorder_or_hide_text_become_visible)
{
	ck_assert_str_eq(clean("\xe2\x80\xae"), "\\xe2\\x80\\xae");
	ck_assert_str_eq(clean("\xe2\x80\xaa"), "\\xe2\\x80\\xaa");
	ck_assert_str_eq(clean("\xe2\x81\xa7"), "\\xe2\\x81\\xa7");
	ck_assert_str_eq(clean("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");
	ck_assert_str_eq(clean("\xd8\x9c"), "\\xd8\\x9c");
	ck_assert_str_eq(clean("\xef\xbb\xbf"), "\\xef\\xbb\\xbf");
}
END_TEST

START_TEST(ordinary_text_of_any_language_stays)
{
	static const char text[] = "gr\xc3\xbc\xc3\x9f Gott \xe2\x82\xac "
	    "\xf0\x9f\x93\xa7 C:\\x41";

	ck_assert_str_eq(clean(text), text);
	ck_assert_uint_eq(text_columns(text), 20);
}
END_TEST

static const char *
cut(const char *s, int width)
{
	sbuf_clear(&b);
	sbuf_puts(&b, "kept|");
	text_clean(&b, s);
	text_cut(&b, 5, width);
	return sbuf_str(&b) + 5;
}

START_TEST(a_cut_falls_between_characters_and_shows)
{
	ck_assert_str_eq(cut("abcdef", 6), "abcdef");
	ck_assert_str_eq(cut("abcdef", 0), "abcdef");
	ck_assert_str_eq(cut("abcdef", 5), "abcd" TEXT_ELLIPSIS);
	ck_assert_str_eq(cut("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 3),
	    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
	ck_assert_str_eq(cut("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 2),
	    "\xe2\x82\xac" TEXT_ELLIPSIS);
	ck_assert_str_eq(cut("abc", 1), TEXT_ELLIPSIS);
	ck_assert_str_eq(sbuf_str(&b), "kept|" TEXT_ELLIPSIS);
}
END_TEST

START_TEST(wrapped_text_stays_in_its_width_and_loses_no_word)
{
	sbuf_clear(&b);
	text_wrap(&b, "one two three four five six seven eight", 4, 30);
	ck_assert_str_eq(sbuf_str(&b), "    one two three four five\n"
	    "    six seven eight\n");
	sbuf_clear(&b);
	text_wrap(&b, "a-word-that-is-longer-than-any-line-may-be x", 2, 24);
	ck_assert_str_eq(sbuf_str(&b),
	    "  a-word-that-is-longer-than-any-line-may-be\n  x\n");
	sbuf_clear(&b);
	text_wrap(&b, "one  two", 2, 0);
	ck_assert_str_eq(sbuf_str(&b), "  one two\n");
	sbuf_clear(&b);
	text_wrap(&b, "", 2, 40);
	ck_assert_str_eq(sbuf_str(&b), "");
}
END_TEST

static const struct {
	int64_t		 s;
	const char	*text;
} clocks[] = {
	{ 0, "0s" }, { 59, "59s" }, { 60, "1m00s" }, { 3599, "59m59s" },
	{ 7380, "2h03m" }, { 86399, "23h59m" }, { 428400, "4d23h" },
	{ -12, "-12s" },
};

START_TEST(virtual_time_is_said_in_two_units)
{
	sbuf_clear(&b);
	text_clock(&b, clocks[_i].s * USEC_PER_SEC);
	ck_assert_str_eq(sbuf_str(&b), clocks[_i].text);
}
END_TEST

START_TEST(real_time_has_tenths_below_a_minute)
{
	sbuf_clear(&b);
	text_real(&b, 1234567);
	sbuf_putc(&b, ' ');
	text_real(&b, 125 * USEC_PER_SEC);
	ck_assert_str_eq(sbuf_str(&b), "1.2s 2m05s");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, control_characters_become_visible);
	tcase_add_test(tc, octets_that_are_not_utf_8_become_visible);
	tcase_add_test(tc, characters_that_reorder_or_hide_text_become_visible);
	tcase_add_test(tc, ordinary_text_of_any_language_stays);
	tcase_add_test(tc, a_cut_falls_between_characters_and_shows);
	tcase_add_test(tc, wrapped_text_stays_in_its_width_and_loses_no_word);
	tcase_add_loop_test(tc, virtual_time_is_said_in_two_units, 0,
	    sizeof clocks / sizeof clocks[0]);
	tcase_add_test(tc, real_time_has_tenths_below_a_minute);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	sbuf_fini(&b);
	return failed != 0;
}

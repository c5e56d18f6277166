#include "harness/base/diag.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct diags ds;
static char *printed;

static void
setup(void)
{
	diags_init(&ds);
}

static void
teardown(void)
{
	diags_fini(&ds);
	free(printed);
	printed = NULL;
}

static const char *
print(const char *source)
{
	size_t len;
	FILE *f = open_memstream(&printed, &len);

	diags_print(&ds, source, f);
	fclose(f);
	return printed;
}

START_TEST(an_error_has_place_message_snippet_and_advice)
{
	struct diag *d = diags_add(&ds, DIAG_ERROR, "a.yaml", 2, 4,
	    "unknown key \"%s\"", "hots");

	d->width = 4;
	d->rule = "unknown-key";
	d->expected = "one of: hosts, zone";
	d->meant = "hosts";
	ck_assert_str_eq(print("one\nxx hots: 1\nthree\n"),
	    "a.yaml:2:4: error: unknown key \"hots\" [unknown-key]\n"
	    "    2 | xx hots: 1\n"
	    "      |    ^~~~\n"
	    "      = expected: one of: hosts, zone\n"
	    "      = did you mean \"hosts\"?\n");
}
END_TEST

START_TEST(a_warning_about_the_whole_file_has_no_line)
{
	diags_add(&ds, DIAG_WARNING, "a.yaml", 0, 0, "no title");
	ck_assert_str_eq(print("text\n"), "a.yaml: warning: no title\n");
}
END_TEST

START_TEST(without_the_source_there_is_no_snippet)
{
	diags_add(&ds, DIAG_ERROR, "a.yaml", 1, 1, "bad");
	ck_assert_str_eq(print(NULL), "a.yaml:1:1: error: bad\n");
}
END_TEST

START_TEST(a_line_beyond_the_end_of_the_source_has_no_snippet)
{
	diags_add(&ds, DIAG_ERROR, "a.yaml", 9, 1, "bad");
	ck_assert_str_eq(print("one\n"), "a.yaml:9:1: error: bad\n");
}
END_TEST

START_TEST(diagnostics_come_in_order_of_file_line_and_column)
{
	diags_add(&ds, DIAG_ERROR, "b.yaml", 1, 1, "5");
	diags_add(&ds, DIAG_ERROR, "a.yaml", 10, 1, "4");
	diags_add(&ds, DIAG_ERROR, "a.yaml", 2, 7, "2");
	diags_add(&ds, DIAG_ERROR, "a.yaml", 2, 3, "1");
	diags_add(&ds, DIAG_ERROR, "a.yaml", 2, 7, "3");
	ck_assert_str_eq(print(NULL),
	    "a.yaml:2:3: error: 1\n"
	    "a.yaml:2:7: error: 2\n"
	    "a.yaml:2:7: error: 3\n"
	    "a.yaml:10:1: error: 4\n"
	    "b.yaml:1:1: error: 5\n");
}
END_TEST

START_TEST(the_caret_stands_under_the_word_behind_tabs)
{
	diags_add(&ds, DIAG_ERROR, "a.yaml", 1, 4, "bad");
	ck_assert_str_eq(print("\ta\tword\n"),
	    "a.yaml:1:4: error: bad\n"
	    "    1 | \ta\tword\n"
	    "      | \t \t^\n");
}
END_TEST

START_TEST(the_caret_may_stand_behind_the_end_of_the_line)
{
	diags_add(&ds, DIAG_ERROR, "a.yaml", 1, 5, "bad");
	ck_assert_str_eq(print("ab\n\t\tnext"),
	    "a.yaml:1:5: error: bad\n"
	    "    1 | ab\n"
	    "      |     ^\n");
}
END_TEST

START_TEST(hostile_octets_do_not_reach_the_terminal)
{
	struct diag *d = diags_add(&ds, DIAG_ERROR, "a\033[2J.yaml", 1, 1,
	    "word \"%s\"", "\033[31mred\007\177");

	d->expected = "\033]0;title\007";
	d->meant = "\033c";
	print("\033[2Jx\r\b\n");
	for (const char *p = printed; *p != '\0'; p++)
		ck_assert_msg(*p == '\n' || *p == '\t' || ((unsigned char)*p
		    >= 0x20 && *p != 0x7f), "octet %#x at %td", *p,
		    p - printed);
	ck_assert_ptr_nonnull(strstr(printed, "word \"?[31mred??\""));
	ck_assert_ptr_nonnull(strstr(printed, "    1 | ?[2Jx??\n"));
}
END_TEST

START_TEST(only_errors_are_counted_as_errors)
{
	diags_add(&ds, DIAG_WARNING, "a", 1, 1, "w");
	ck_assert_uint_eq(ds.errors, 0);
	diags_add(&ds, DIAG_ERROR, "a", 1, 1, "e");
	ck_assert_uint_eq(ds.errors, 1);
	ck_assert_uint_eq(ds.count, 2);
}
END_TEST

START_TEST(the_texts_are_copies)
{
	char file[] = "a.yaml", word[] = "word";

	diags_add(&ds, DIAG_ERROR, file, 1, 1, "%s", word);
	strcpy(file, "?");
	strcpy(word, "?");
	ck_assert_str_eq(print(NULL), "a.yaml:1:1: error: word\n");
}
END_TEST

START_TEST(the_nearest_word_is_the_one_meant)
{
	static const char *const words[] = { "hosts", "zone", "network",
		"expect", "send" };
	static const struct { const char *typed, *meant; } cases[] = {
		{ "host", "hosts" },		/* one left out */
		{ "hostss", "hosts" },		/* one too many */
		{ "hocts", "hosts" },		/* another */
		{ "zoen", "zone" },		/* two swapped */
		{ "netwrok", "network" },
		{ "expekted", "expect" },	/* three in eight letters */
		{ "zone", "zone" },
		{ "completely-else", NULL },
		{ "xyz", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = diag_nearest(cases[i].typed, words, 5);

		ck_assert_msg((got == NULL) == (cases[i].meant == NULL),
		    "%s: %s", cases[i].typed, got ? got : "none");
		if (got != NULL)
			ck_assert_str_eq(got, cases[i].meant);
	}
}
END_TEST

START_TEST(of_two_equally_near_words_the_first_is_meant)
{
	static const char *const words[] = { "mx1", "mx2" };

	ck_assert_str_eq(diag_nearest("mx3", words, 2), "mx1");
	ck_assert_ptr_null(diag_nearest("mx1", words, 0));
}
END_TEST

START_TEST(what_is_meant_is_asked_in_one_way)
{
	static const char *const words[] = { "mx1", "mx2" };
	char room[DIAG_MEANT];

	ck_assert_str_eq(diag_meant("mx3", words, 2, room),
	    "; did you mean \"mx1\"?");
	ck_assert_str_eq(diag_meant("quite another", words, 2, room), "");
}
END_TEST

START_TEST(two_swapped_letters_are_one_mistake)
{
	static const char *const words[] = { "at" };

	ck_assert_ptr_nonnull(diag_nearest("ta", words, 1));
	ck_assert_ptr_null(diag_nearest("to", words, 1));
}
END_TEST

START_TEST(a_word_longer_than_any_is_not_compared)
{
	char longest[200];
	const char *const words[] = { "zone", longest };

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	ck_assert_ptr_null(diag_nearest(longest, words, 2));
	ck_assert_str_eq(diag_nearest("zone", words, 2), "zone");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/diag");
	TCase *tc = tcase_create("diag");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_error_has_place_message_snippet_and_advice);
	tcase_add_test(tc, a_warning_about_the_whole_file_has_no_line);
	tcase_add_test(tc, without_the_source_there_is_no_snippet);
	tcase_add_test(tc,
	    a_line_beyond_the_end_of_the_source_has_no_snippet);
	tcase_add_test(tc,
	    diagnostics_come_in_order_of_file_line_and_column);
	tcase_add_test(tc, the_caret_stands_under_the_word_behind_tabs);
	tcase_add_test(tc, the_caret_may_stand_behind_the_end_of_the_line);
	tcase_add_test(tc, hostile_octets_do_not_reach_the_terminal);
	tcase_add_test(tc, only_errors_are_counted_as_errors);
	tcase_add_test(tc, the_texts_are_copies);
	tcase_add_test(tc, the_nearest_word_is_the_one_meant);
	tcase_add_test(tc, what_is_meant_is_asked_in_one_way);
	tcase_add_test(tc, of_two_equally_near_words_the_first_is_meant);
	tcase_add_test(tc, two_swapped_letters_are_one_mistake);
	tcase_add_test(tc, a_word_longer_than_any_is_not_compared);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

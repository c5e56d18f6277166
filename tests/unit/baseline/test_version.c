/* Versions: as dpkg orders them; conditions and whether two can both hold. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/baseline/version.h"
#include "tests/unit/suite.h"

static const char *const rising[] = {
	"0.9", "1.0~rc1", "1.0", "1.0-1", "1.0-1+deb12u1", "1.0-2", "1.0a",
	"1.0+b1", "1.0.1", "2.10", "3.5.6", "3.7.11~", "3.7.11",
	"3.7.11-0+deb12u1", "3.9", "3.10", "4.96-15+deb12u6", "4.96.1",
	"6.8.0p2", "8.17.1.9", "8.17.10", "20240101",
	"123456789012345678901234567890", "1:0.1", "2:0.1-3",
};
#define RISING	(sizeof rising / sizeof *rising)

START_TEST(versions_rise_as_listed)
{
	for (size_t i = 0; i < RISING; i++)
		for (size_t k = 0; k < RISING; k++) {
			int c = version_compare(rising[i], rising[k]);

			ck_assert_msg((c < 0) == (i < k) && (c == 0) ==
			    (i == k), "%s against %s: %d", rising[i],
			    rising[k], c);
		}
	ck_assert_int_eq(version_compare("1.00", "1.0"), 0);
	ck_assert_int_eq(version_compare("0:1.0", "1.0"), 0);
}
END_TEST

/* The judge of Debian's versions is dpkg; where it is missing, skip. */
START_TEST(dpkg_agrees)
{
	char *command;

	if (system("command -v dpkg >/dev/null 2>&1") != 0)
		return;
	for (size_t i = 0; i + 1 < RISING; i++) {
		command = xasprintf("dpkg --compare-versions '%s' lt '%s'",
		    rising[i], rising[i + 1]);
		ck_assert_msg(system(command) == 0, "%s", command);
		free(command);
	}
}
END_TEST

static bool
holds(const char *condition, const char *version)
{
	struct arena *a = arena_new();
	struct version_range r;
	size_t at;
	bool in;

	ck_assert_msg(version_range_parse(&r, a, condition, &at), "%s at %zu",
	    condition, at);
	in = version_in(&r, version);
	arena_free(a);
	return in;
}

START_TEST(a_condition_holds_for_what_it_says)
{
	ck_assert(holds("< 3.9", "3.7.11"));
	ck_assert(!holds("< 3.9", "3.9"));
	ck_assert(!holds("< 3.9", "3.10"));
	ck_assert(holds("<= 3.9", "3.9"));
	ck_assert(holds("> 3.9", "3.10"));
	ck_assert(!holds("> 3.9", "3.9"));
	ck_assert(holds(">=3.9", "3.9"));
	ck_assert(holds("= 3.9", "3.9"));
	ck_assert(!holds("= 3.9", "3.9.1"));
	ck_assert(holds(">= 3.5, < 3.9", "3.7.11"));
	ck_assert(!holds(">= 3.5, < 3.9", "3.4"));
	ck_assert(!holds(">= 3.5, < 3.9", "3.9"));
}
END_TEST

START_TEST(a_bound_without_revision_says_nothing_of_it)
{
	ck_assert(holds("= 3.7.11", "3.7.11-0+deb12u1"));
	ck_assert(holds("<= 4.96", "4.96-15+deb12u6"));
	ck_assert(!holds("> 4.96", "4.96-15+deb12u6"));
	ck_assert(holds("= 4.96", "1:4.96-15"));
	ck_assert(holds("< 4.96-15+deb12u6", "4.96-15+deb12u5"));
	ck_assert(!holds("< 4.96-15+deb12u6", "4.96-15+deb12u6"));
}
END_TEST

START_TEST(an_unknown_version_is_in_no_range)
{
	struct version_range any = { .least = NULL };

	ck_assert(!holds("< 3.9", ""));
	ck_assert(version_in(&any, ""));
	ck_assert(version_in(&any, NULL));
}
END_TEST

START_TEST(what_is_no_condition_is_refused_where_it_ends)
{
	static const struct {
		const char	*text;
		size_t		 at;
	} wrong[] = {
		{ "3.9", 0 }, { "< ", 2 }, { "<> 3", 0 }, { "=< 3", 0 },
		{ "== 3", 0 }, { "< x", 2 }, { "< 3 4", 4 }, { "< 3,", 4 },
		{ "< 3, < 4", 5 }, { ">= 3, = 4", 6 }, { "!= 3", 0 },
	};
	struct arena *a = arena_new();
	struct version_range r;
	size_t at;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_msg(!version_range_parse(&r, a, wrong[i].text,
		    &at), "%s", wrong[i].text);
		ck_assert_msg(at == wrong[i].at, "%s at %zu", wrong[i].text,
		    at);
	}
	arena_free(a);
}
END_TEST

static bool
meet(const char *x, const char *y)
{
	struct arena *a = arena_new();
	struct version_range rx, ry;
	bool both;
	size_t at;

	ck_assert(version_range_parse(&rx, a, x, &at));
	ck_assert(version_range_parse(&ry, a, y, &at));
	both = version_ranges_meet(&rx, &ry);
	ck_assert(both == version_ranges_meet(&ry, &rx));
	arena_free(a);
	return both;
}

START_TEST(ranges_meet_if_a_version_is_in_both)
{
	ck_assert(meet("< 3.9", "< 3.5"));
	ck_assert(meet("< 3.9", "> 3.5"));
	ck_assert(meet("<= 3.9", ">= 3.9"));
	ck_assert(meet("= 3.9", ">= 3.9"));
	ck_assert(!meet("< 3.9", ">= 3.9"));
	ck_assert(!meet("<= 3.9", "> 3.9"));
	ck_assert(!meet("< 3.5", "> 3.9"));
	ck_assert(!meet("= 3.5", "= 3.9"));
	ck_assert(meet(">= 3.5, < 3.9", "> 3.8"));
	ck_assert(!meet(">= 3.5, < 3.9", "> 3.9"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("version");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, versions_rise_as_listed);
	tcase_add_test(tc, dpkg_agrees);
	tcase_add_test(tc, a_condition_holds_for_what_it_says);
	tcase_add_test(tc, a_bound_without_revision_says_nothing_of_it);
	tcase_add_test(tc, an_unknown_version_is_in_no_range);
	tcase_add_test(tc,
	    what_is_no_condition_is_refused_where_it_ends);
	tcase_add_test(tc, ranges_meet_if_a_version_is_in_both);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

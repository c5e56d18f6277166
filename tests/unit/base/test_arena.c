#include "harness/base/arena.h"

#include <check.h>
#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "tests/unit/suite.h"

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new();
}

static void
teardown(void)
{
	arena_free(arena);
}

START_TEST(objects_are_zeroed_aligned_and_apart)
{
	unsigned char *objects[2000];

	for (size_t i = 0; i < 2000; i++) {
		objects[i] = arena_alloc(arena, i % 37 + 1);
		ck_assert_uint_eq((uintptr_t)objects[i] %
		    alignof(max_align_t), 0);
		for (size_t k = 0; k < i % 37 + 1; k++)
			ck_assert_uint_eq(objects[i][k], 0);
		memset(objects[i], (int)(i % 255) + 1, i % 37 + 1);
	}
	for (size_t i = 0; i < 2000; i++)
		for (size_t k = 0; k < i % 37 + 1; k++)
			ck_assert_uint_eq(objects[i][k], i % 255 + 1);
}
END_TEST

START_TEST(an_object_larger_than_a_block_is_whole)
{
	char *small = arena_strdup(arena, "before");
	char *large = arena_alloc(arena, 100000);

	memset(large, 'x', 100000);
	memset(arena_alloc(arena, 100), 'y', 100);
	ck_assert_str_eq(small, "before");
	ck_assert_int_eq(large[99999], 'x');
}
END_TEST

START_TEST(strings_are_copies)
{
	char text[] = "mx1.r.test";
	char *whole = arena_strdup(arena, text);
	char *part = arena_strndup(arena, text, 3);

	memset(text, '?', sizeof text - 1);
	ck_assert_str_eq(whole, "mx1.r.test");
	ck_assert_str_eq(part, "mx1");
	ck_assert_str_eq(arena_printf(arena, "%s/%d", whole, 7),
	    "mx1.r.test/7");
	ck_assert_str_eq(arena_printf(arena, "%s", ""), "");
}
END_TEST

START_TEST(a_pushed_array_keeps_every_element)
{
	struct pair { int a, b; } *items = NULL, *p;
	size_t count = 0;

	for (int i = 0; i < 1000; i++) {
		p = arena_push(arena, &items, &count, sizeof *p);
		ck_assert_int_eq(p->a, 0);
		ck_assert_int_eq(p->b, 0);
		*p = (struct pair){ i, -i };
		/* Others allocate while it grows. */
		memset(arena_alloc(arena, 24), 0xff, 24);
	}
	ck_assert_uint_eq(count, 1000);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(items[i].a, i);
		ck_assert_int_eq(items[i].b, -i);
	}
}
END_TEST

START_TEST(freeing_no_arena_is_fine)
{
	arena_free(NULL);
}
END_TEST

START_TEST(an_array_that_no_memory_holds_is_refused)
{
	arena_array(arena, SIZE_MAX / 8, 16);
}
END_TEST

START_TEST(growing_beyond_all_memory_is_refused)
{
	xreallocarray(NULL, SIZE_MAX / 8, 16);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/arena");
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, objects_are_zeroed_aligned_and_apart);
	tcase_add_test(tc, an_object_larger_than_a_block_is_whole);
	tcase_add_test(tc, strings_are_copies);
	tcase_add_test(tc, a_pushed_array_keeps_every_element);
	tcase_add_test(tc, freeing_no_arena_is_fine);
	tcase_add_test_raise_signal(tc,
	    an_array_that_no_memory_holds_is_refused, SIGABRT);
	tcase_add_test_raise_signal(tc,
	    growing_beyond_all_memory_is_refused, SIGABRT);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

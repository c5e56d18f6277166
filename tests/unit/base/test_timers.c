#include "harness/base/timers.h"

#include <check.h>

#include "tests/unit/suite.h"

static char order[16];
static int fired;
static struct timers *ts;

static void
note(void *arg)
{
	order[fired++] = *(const char *)arg;
	order[fired] = '\0';
}

static void
note_and_arm(void *arg)
{
	note(arg);
	timers_in(ts, 0, note, "n");
}

static void
setup(void)
{
	ts = timers_new();
	fired = 0;
	order[0] = '\0';
}

static void
teardown(void)
{
	timers_free(ts);
}

START_TEST(timers_fire_in_order_of_time_then_of_arming)
{
	timers_at(ts, 20, note, "c");
	timers_at(ts, 10, note, "a");
	timers_at(ts, 10, note, "b");
	ck_assert_int_eq(timers_next(ts), 10);
	ck_assert_uint_eq(timers_advance(ts, 15), 2);
	ck_assert_str_eq(order, "ab");
	ck_assert_int_eq(timers_now(ts), 15);
	timers_advance(ts, 20);
	ck_assert_str_eq(order, "abc");
	ck_assert_int_eq(timers_next(ts), TIME_NEVER);
}
END_TEST

START_TEST(a_cancelled_timer_does_not_fire)
{
	struct timer *t[32];

	for (int i = 0; i < 32; i++)
		t[i] = timers_at(ts, (i * 7) % 32, note, "x");
	for (int i = 0; i < 32; i++)
		if (i != 5)
			timers_cancel(ts, t[i]);
	ck_assert_uint_eq(timers_advance(ts, 100), 1);
}
END_TEST

START_TEST(what_a_timer_arms_for_now_fires_in_the_same_advance)
{
	timers_at(ts, 5, note_and_arm, "a");
	timers_at(ts, 6, note, "b");
	timers_advance(ts, 6);
	ck_assert_str_eq(order, "anb");
}
END_TEST

START_TEST(time_never_goes_back)
{
	timers_advance(ts, 50);
	timers_advance(ts, 10);
	ck_assert_int_eq(timers_now(ts), 50);
	timers_at(ts, 3, note, "p");
	ck_assert_int_eq(timers_next(ts), 50);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/timers");
	TCase *tc = tcase_create("timers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, timers_fire_in_order_of_time_then_of_arming);
	tcase_add_test(tc, a_cancelled_timer_does_not_fire);
	tcase_add_test(tc, what_a_timer_arms_for_now_fires_in_the_same_advance);
	tcase_add_test(tc, time_never_goes_back);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

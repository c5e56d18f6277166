#include "harness/run/pool.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static size_t returned[16];
static size_t returned_count;
static size_t stop_after;
static int gate[2];

/* Job 0 ends only when job 1 has written: the later one is the faster. */
static int
reversed(void *ctx, size_t job, struct progress *p)
{
	char c = 'x';

	(void)ctx;
	p->events = (uint32_t)job;
	if (job == 1)
		return write(gate[1], &c, 1) == 1 ? 11 : 99;
	if (job == 0)
		return read(gate[0], &c, 1) == 1 ? 10 : 99;
	return 10 + (int)job;
}

static int
at_once(void *ctx, size_t job, struct progress *p)
{
	(void)ctx;
	(void)p;
	return 10 + (int)job;
}

static bool
note(void *ctx, size_t job, int status, int64_t real_us)
{
	(void)ctx;
	(void)real_us;
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 10 + (int)job);
	returned[returned_count++] = job;
	return returned_count != stop_after;
}

__attribute__((noreturn)) static int
for_ever(void *ctx, size_t job, struct progress *p)
{
	(void)ctx;
	(void)p;
	if (job == 1)
		kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

static struct pool pool;

static void
setup(void)
{
	ck_assert_int_eq(pipe(gate), 0);
	returned_count = 0;
	stop_after = 0;
	pool = (struct pool){ .count = 4, .parallel = 2, .work = reversed,
	    .done = note };
}

START_TEST(jobs_come_back_in_the_order_given)
{
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(returned[i], i);
}
END_TEST

START_TEST(no_further_job_starts_once_the_caller_has_enough)
{
	pool.work = at_once;
	pool.parallel = 1;
	stop_after = 2;
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 2);
}
END_TEST

__attribute__((noreturn)) static int
never_ending(void *ctx, size_t job, struct progress *p)
{
	(void)ctx;
	(void)job;
	(void)p;
	for (;;)
		pause();
}

static bool
note_killed(void *ctx, size_t job, int status, int64_t real_us)
{
	(void)ctx;
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	ck_assert_int_ge(real_us, 50000);
	returned[returned_count++] = job;
	return true;
}

START_TEST(late_workers_are_killed_and_the_next_ones_started)
{
	pool.work = never_ending;
	pool.done = note_killed;
	pool.limit_us = 50000;
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 4);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(a_signal_ends_all_workers)
{
	pool.work = for_ever;
	ck_assert_int_eq(pool_run(&pool), -1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_uint_eq(returned_count, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/pool");
	TCase *tc = tcase_create("pool");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, jobs_come_back_in_the_order_given);
	tcase_add_test(tc, no_further_job_starts_once_the_caller_has_enough);
	tcase_add_test(tc, late_workers_are_killed_and_the_next_ones_started);
	tcase_add_test(tc, a_signal_ends_all_workers);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

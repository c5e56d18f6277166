#include "harness/run/pool.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
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
	pool.one_by_one = true;
	stop_after = 2;
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 2);
}
END_TEST

/*
 * What two workers and their parent see of each other.  Job 0 ends when job 1
 * has prepared itself, job 1 does its work only in its turn.
 */
static struct {
	_Atomic int	 prepared, ended;
} *shared;

static int
ahead(void *ctx, size_t job, struct progress *p)
{
	eventfd_t turn;
	char c = 'x';

	(void)ctx;
	shared->prepared++;
	if (job == 1 && write(gate[1], &c, 1) != 1)
		return 99;
	if (eventfd_read(p->turn_fd, &turn) != 0)
		return 98;
	if (job == 0 && read(gate[0], &c, 1) != 1)
		return 97;
	if (shared->ended != (int)job)
		return 96;
	shared->ended++;
	return 10 + (int)job;
}

static bool
note_prepared(void *ctx, size_t job, int status, int64_t real_us)
{
	/* While the caller thinks about one, the next may be at work. */
	if (pool.one_by_one)
		ck_assert_int_eq(shared->prepared, (int)job + 1);
	return note(ctx, job, status, real_us);
}

static void
share(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	pool.done = note_prepared;
	pool.parallel = 1;
}

START_TEST(the_next_job_is_prepared_ahead_and_works_in_its_turn)
{
	share();
	pool.work = ahead;
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 4);
	ck_assert_int_eq(shared->ended, 4);
}
END_TEST

static int
in_turn(void *ctx, size_t job, struct progress *p)
{
	eventfd_t turn;

	(void)ctx;
	shared->prepared++;
	return eventfd_read(p->turn_fd, &turn) == 0 ? 10 + (int)job : 99;
}

START_TEST(one_by_one_nothing_is_prepared_before_the_caller_has_spoken)
{
	share();
	pool.work = in_turn;
	pool.one_by_one = true;
	ck_assert_int_eq(pool_run(&pool), 0);
	ck_assert_uint_eq(returned_count, 4);
}
END_TEST

__attribute__((noreturn)) static int
sleeping(void *ctx, size_t job, struct progress *p)
{
	char c = 'x';

	(void)ctx;
	(void)p;
	shared->prepared++;
	if (job == 0 && write(gate[1], &c, 1) != 1)
		_exit(1);
	if (job == 1 && read(gate[0], &c, 1) == 1)
		kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

START_TEST(a_signal_ends_also_who_waits_for_its_turn)
{
	share();
	pool.work = sleeping;
	ck_assert_int_eq(pool_run(&pool), -1);
	ck_assert_int_eq(shared->prepared, 2);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
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
	tcase_add_test(tc,
	    the_next_job_is_prepared_ahead_and_works_in_its_turn);
	tcase_add_test(tc,
	    one_by_one_nothing_is_prepared_before_the_caller_has_spoken);
	tcase_add_test(tc, a_signal_ends_also_who_waits_for_its_turn);
	tcase_add_test(tc, late_workers_are_killed_and_the_next_ones_started);
	tcase_add_test(tc, a_signal_ends_all_workers);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

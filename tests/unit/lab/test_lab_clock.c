/*
 * The lab and its virtual clock together.  The program is its own probe.
 * Needs the preload library beside the build; says so when it is missing.
 */
#include "tests/unit/lab/clocked.inc"

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

/* --- the probe --- */

static const char *
try_connect(int timeout_s)
{
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t len, elen = sizeof(int);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	addr_parse(&a, MX4);
	a.port = 25;
	len = addr_to_sockaddr(&a, &ss);
	if (connect(fd, (struct sockaddr *)&ss, len) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		if (poll(&p, 1, timeout_s * 1000) == 0)
			error = ETIMEDOUT;
		else
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &elen);
	}
	close(fd);
	return error == 0 ? "connected" : strerrorname_np(error);
}

/* "probe NUMBER WAIT": connects NUMBER times, WAIT seconds apart. */
static int
probe(int number, int wait_s)
{
	time_t start = time(NULL);
	long when;

	for (int i = 0; i < number; i++) {
		when = (long)(time(NULL) - start);
		printf("%ld %s\n", when, try_connect(30));
		fflush(stdout);
		sleep((unsigned)wait_s);
	}
	return 0;
}

static int
sleeper(int number, int wait_s)
{
	for (int i = 0; i < number; i++)
		sleep((unsigned)wait_s);
	return 0;
}

START_TEST(an_hour_of_sleep_is_an_hour_of_virtual_time)
{
	run("/bin/sh", "-c", "date +%s; sleep 3600; date +%s", NULL);
	ck_assert_str_eq(out->lines, "1925000000\n1925003600\n");
	ck_assert_int_eq(out->now_us / USEC_PER_SEC, 3600);
}
END_TEST

START_TEST(five_days_of_minutes_pass_exactly)
{
	run(self, "sleeper", "7200", "60");
	ck_assert_str_eq(out->why, "");
	ck_assert_int_eq(out->now_us / USEC_PER_SEC, 432000);
	ck_assert_uint_eq(out->stats.jumps, 7200);
	ck_assert_str_eq(out->stats.unclocked, "");
}
END_TEST

START_TEST(a_black_hole_ends_at_the_programs_own_timeout)
{
	host_says = FSMTP_CONNECT_BLACKHOLE;
	run(self, "probe", "2", "10");
	ck_assert_str_eq(out->lines, "0 ETIMEDOUT\n40 ETIMEDOUT\n");
	ck_assert_int_eq(out->now_us / USEC_PER_SEC, 80);
}
END_TEST

START_TEST(a_link_comes_back_in_virtual_time)
{
	rules[0].state = NET_LINK_DOWN;
	cfg.net_rule_count = 1;
	run(self, "probe", "3", "1800");
	ck_assert_str_eq(out->lines, "0 ENETUNREACH\n1800 ENETUNREACH\n"
	    "3600 ECONNREFUSED\n");
	ck_assert_str_eq(out->events, "network link link-down 9:1\n"
	    "net.connect-failed 198.18.1.1:25 ENETUNREACH 9:1\n"
	    "net.connect-failed 198.18.1.1:25 ENETUNREACH 9:1\n"
	    "network link up 9:1\n"
	    "net.syn 198.18.1.1 refuse -\n");
}
END_TEST

START_TEST(icmp_errors_are_hard_in_virtual_time)
{
	host_says = FSMTP_CONNECT_ICMP_HOST;
	run(self, "probe", "200", "600");
	ck_assert_ptr_null(strstr(out->lines, "ETIMEDOUT"));
	ck_assert_int_eq(out->now_us / USEC_PER_SEC, 200 * 600);
}
END_TEST

/* A shell that goes on as if nothing had been, as supervisors do. */
START_TEST(a_child_that_its_parent_replaces_is_told)
{
	run("/bin/sh", "-c", "for i in 1 2 3; do sh -c 'kill -SEGV $$'; "
	    "sleep 60; done; sh -c 'kill -TERM $$'; exit 0", NULL);
	ck_assert_str_eq(out->deaths, "sh SEGV\nsh SEGV\nsh SEGV\nsh TERM\n");
	ck_assert_int_eq(out->now_us / USEC_PER_SEC, 180);
}
END_TEST

static const char *const ways[] = {
	"wait", "wait3", "wait4", "waitpid", "waitid", "look", "system",
	"orphan",
};

START_TEST(each_death_is_told_once_however_it_is_waited_for)
{
	run(self, "wait", ways[_i], "x");
	ck_assert_str_eq(out->deaths, "sh ABRT\n");
}
END_TEST

START_TEST(deaths_are_told_in_real_time_too)
{
	cfg.clock = LAB_CLOCK_REAL;
	run("/bin/sh", "-c", "sh -c 'kill -SEGV $$'; "
	    "[ $(date +%s) -ne 1925000000 ] || echo virtual", NULL);
	ck_assert_str_eq(out->deaths, "sh SEGV\n");
	ck_assert_ptr_null(strstr(out->lines, "virtual"));
}
END_TEST

START_TEST(the_harness_own_kill_is_not_told)
{
	run("/bin/sh", "-c", "sleep 100 & sleep 200 & exit 0", NULL);
	ck_assert_str_eq(out->deaths, "");
}
END_TEST

START_TEST(waiting_for_nothing_is_told)
{
	run("/bin/sh", "-c", "kill -STOP $$", NULL);
	ck_assert_ptr_nonnull(strstr(out->why, "nothing can ever happen"));
}
END_TEST

START_TEST(a_program_that_spins_is_told)
{
	cfg.watchdog_us = USEC_PER_SEC / 5;
	run("/bin/sh", "-c", "while :; do :; done", NULL);
	ck_assert_ptr_nonnull(strstr(out->why, "busy"));
}
END_TEST

static int
supervise(const char *way)
{
	static const char *const script = "kill -ABRT $$";
	siginfo_t si;
	int status;
	pid_t pid;

	if (strcmp(way, "system") == 0)
		return system(script) == -1;
	if ((pid = fork()) == 0) {
		if (strcmp(way, "orphan") == 0 && fork() == 0) {
			sleep(5);
			execl("/bin/sh", "sh", "-c", script, NULL);
		}
		if (strcmp(way, "orphan") == 0)
			_exit(0);
		execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(1);
	}
	if (strcmp(way, "wait3") == 0)
		wait3(&status, 0, NULL);
	else if (strcmp(way, "wait4") == 0)
		wait4(pid, &status, 0, NULL);
	else if (strcmp(way, "waitid") == 0)
		waitid(P_PID, (id_t)pid, &si, WEXITED);
	else if (strcmp(way, "waitpid") == 0)
		while (waitpid(-1, &status, WNOHANG) == 0)
			sleep(1);
	else {
		if (strcmp(way, "look") == 0)
			waitid(P_ALL, 0, &si, WEXITED | WNOWAIT);
		wait(NULL);
	}
	sleep(10);
	return 0;
}

int
main(int argc, char **args)
{
	TCase *tc;
	SRunner *sr;
	Suite *s;
	int failed;

	if (argc == 4 && strcmp(args[1], "probe") == 0)
		return probe(atoi(args[2]), atoi(args[3]));
	if (argc == 4 && strcmp(args[1], "sleeper") == 0)
		return sleeper(atoi(args[2]), atoi(args[3]));
	if (argc == 4 && strcmp(args[1], "wait") == 0)
		return supervise(args[2]);
	if (!find_self()) {
		puts("lab/lab_clock: skipped: no libmxclock.so or no "
		    "/dev/net/tun");
		return EXIT_SUCCESS;
	}
	s = suite_create("lab/lab_clock");
	tc = tcase_create("lab_clock");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_hour_of_sleep_is_an_hour_of_virtual_time);
	tcase_add_test(tc, five_days_of_minutes_pass_exactly);
	tcase_add_test(tc, a_black_hole_ends_at_the_programs_own_timeout);
	tcase_add_test(tc, a_link_comes_back_in_virtual_time);
	tcase_add_test(tc, icmp_errors_are_hard_in_virtual_time);
	tcase_add_test(tc, a_child_that_its_parent_replaces_is_told);
	tcase_add_loop_test(tc,
	    each_death_is_told_once_however_it_is_waited_for, 0,
	    (int)(sizeof ways / sizeof *ways));
	tcase_add_test(tc, deaths_are_told_in_real_time_too);
	tcase_add_test(tc, the_harness_own_kill_is_not_told);
	tcase_add_test(tc, waiting_for_nothing_is_told);
	tcase_add_test(tc, a_program_that_spins_is_told);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

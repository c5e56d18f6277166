/*
 * The lab and its virtual clock together.  The program is its own probe.
 * Needs the preload library beside the build; says so when it is missing.
 */
#include "harness/lab/lab.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MX4	"198.18.1.1"

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

/* --- the lab around it --- */

static struct shared {
	char	 lines[4096], events[4096], why[1024];
	bool	 exited;
	int64_t	 now_us;
	struct lab_stats stats;
} *out;

static struct addr addrs[1];
static struct net_rule rules[1];
static struct lab_config cfg;
static enum fsmtp_connect host_says;
static const char *argv[6];
static char self[4096], preload[4096];

static void
append(char *text, size_t size, const char *line)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s\n", line);
}

static void
on_line(void *ctx, bool is_stderr, const char *line)
{
	(void)ctx;
	(void)is_stderr;
	append(out->lines, sizeof out->lines, line);
}

static void
on_exit_status(void *ctx, int status)
{
	(void)ctx;
	(void)status;
	out->exited = true;
}

static void
on_syn(void *ctx, const struct addr *server, const struct addr *client,
    struct lab_syn *syn)
{
	(void)ctx;
	(void)server;
	(void)client;
	syn->connect = host_says;
}

static void
emit(void *ctx, struct event *ev)
{
	char text[256];

	(void)ctx;
	snprintf(text, sizeof text, "%s %s %s %s", event_name(ev->kind),
	    ev->addr ? ev->addr : ev->host, ev->state,
	    ev->rule ? ev->rule : "-");
	append(out->events, sizeof out->events, text);
}

static struct event_sink sink = { emit, NULL };

static bool
has_exited(void *arg)
{
	(void)arg;
	return out->exited;
}

static int
body(struct lab *lab, void *arg)
{
	/* The preload comes before the runtime of a sanitized probe. */
	static const char *const env[] = {
		"ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0", NULL
	};
	struct lab_spawn how = {
		.argv = argv, .env = env, .stdin_fd = -1, .on_line = on_line,
		.on_exit = on_exit_status
	};
	const char *why;

	(void)arg;
	lab_start_phases(lab);
	if (lab_spawn(lab, &how) == NULL)
		return 100 + errno;
	if (!lab_loop(lab, has_exited, NULL, &why))
		snprintf(out->why, sizeof out->why, "%s", why);
	out->now_us = lab_now(lab);
	lab_stats(lab, &out->stats);
	lab_kill_all(lab);
	return 42;
}

static void
run(const char *a, const char *b, const char *c, const char *d)
{
	char *error;
	int rc;

	argv[0] = a;
	argv[1] = b;
	argv[2] = c;
	argv[3] = d;
	rc = lab_run(&cfg, body, NULL, &error);
	ck_assert_msg(rc == 42, "%d %s", rc, error ? error : "");
}

static void
setup(void)
{
	out = mmap(NULL, sizeof *out, PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	addr_parse(&addrs[0], MX4);
	memset(rules, 0, sizeof rules);
	rules[0].rule.id = "9:1";
	rules[0].rule.phase.until_us = 3600 * USEC_PER_SEC;
	host_says = FSMTP_CONNECT_REFUSE;
	memset(&cfg, 0, sizeof cfg);
	cfg.clock = LAB_CLOCK_VIRTUAL;
	cfg.preload = preload;
	cfg.mta_ipv4 = true;
	cfg.resolvers = 1;
	cfg.addrs = addrs;
	cfg.addr_count = 1;
	cfg.net_rules = rules;
	cfg.sink = &sink;
	cfg.on_syn = on_syn;
	cfg.pcap_fd = -1;
	cfg.watchdog_us = 20 * USEC_PER_SEC;
}

static void
teardown(void)
{
	munmap(out, sizeof *out);
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

/* build/FLAVOUR/tests/unit/lab/test_lab_clock -> build/FLAVOUR/... */
static bool
find_self(void)
{
	char path[2048];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	char *cut;

	if (n <= 0)
		return false;
	path[n] = '\0';
	snprintf(self, sizeof self, LAB_HOST_DIR "%s", path);
	if ((cut = strstr(path, "/tests/unit/")) == NULL)
		return false;
	*cut = '\0';
	snprintf(preload, sizeof preload, "%s/libmxclock.so", path);
	return access(preload, R_OK) == 0 &&
	    access("/dev/net/tun", R_OK | W_OK) == 0;
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
	tcase_add_test(tc, waiting_for_nothing_is_told);
	tcase_add_test(tc, a_program_that_spins_is_told);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

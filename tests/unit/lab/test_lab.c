/*
 * Whole labs, on the machine's own clock.  The program is its own probe:
 * "test_lab probe ADDR..." says what connect(2) makes of each address.
 */
#include "harness/lab/lab.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define MX4	"198.18.1.1"
#define MX6	"2001:db8:1::1"
#define OTHER4	"198.18.1.2"

/* --- the probe --- */

static const char *
errno_name(int error)
{
	return error == 0 ? "connected" : strerrorname_np(error);
}

static const char *
probe_one(const struct addr *a, bool blocking)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss), elen = sizeof(int);
	int fd = socket(a->family, SOCK_STREAM | (blocking ? 0 :
	    SOCK_NONBLOCK), 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (connect(fd, (struct sockaddr *)&ss, len) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		if (poll(&p, 1, -1) != 1 || getsockopt(fd, SOL_SOCKET,
		    SO_ERROR, &error, &elen) < 0)
			error = errno;
	}
	close(fd);
	return errno_name(error);
}

static int
probe(char **addrs)
{
	struct addr a;

	for (; *addrs != NULL; addrs++) {
		if (!addr_parse(&a, *addrs))
			return 2;
		a.port = 25;
		printf("%s %s\n", probe_one(&a, true), probe_one(&a, false));
	}
	return 0;
}

/* --- the lab around it --- */

/* Shared with process 1, which is another process. */
static struct shared {
	char	 lines[2048], events[4096], logs[512], deaths[64];
	int	 exit_status;
	bool	 exited;
	uint64_t fired;
} *out;

static struct addr addrs[3];
static struct net_rule rules[1];
static struct lab_config cfg;
static enum fsmtp_connect host_says;
static const char *argv[8];
static char self[4096];

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
	out->exit_status = status;
	out->exited = true;
}

static void
on_log(void *ctx, const char *line)
{
	(void)ctx;
	append(out->logs, sizeof out->logs, line);
}

static void
on_death(void *ctx, const char *program, int sig)
{
	char line[48];

	(void)ctx;
	snprintf(line, sizeof line, "%s %s%s", program, sigabbrev_np(sig),
	    lab_is_crash(sig) ? ", a crash" : "");
	append(out->deaths, sizeof out->deaths, line);
}

static void
on_syn(void *ctx, const struct addr *server, const struct addr *client,
    struct lab_syn *syn)
{
	(void)ctx;
	(void)server;
	(void)client;
	syn->connect = host_says;
	syn->host = "mx";
}

static void
emit(void *ctx, struct event *ev)
{
	char text[256];

	(void)ctx;
	snprintf(text, sizeof text, "%s %s %s", event_name(ev->kind),
	    ev->addr ? ev->addr : ev->host, ev->state);
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
	struct lab_spawn how = {
		.argv = argv, .stdin_fd = -1, .on_line = on_line,
		.on_exit = on_exit_status
	};
	const char *why;

	(void)arg;
	lab_start_phases(lab);
	if (lab_spawn(lab, &how) == NULL)
		return 100 + errno;
	if (!lab_loop(lab, has_exited, NULL, &why))
		append(out->lines, sizeof out->lines, why);
	lab_kill_all(lab);
	out->fired = rules[0].rule.fired;
	return 42;
}

static void
run(void)
{
	char *error;
	int rc = lab_run(&cfg, body, NULL, &error);

	ck_assert_msg(rc == 42, "%d %s", rc, error ? error : "");
}

static void
run_probe(const char *a, const char *b)
{
	argv[0] = self;
	argv[1] = "probe";
	argv[2] = a;
	argv[3] = b;
	argv[4] = NULL;
	memset(out, 0, sizeof *out);
	run();
	ck_assert_int_eq(out->exit_status, 0);
}

static void
run_shell(const char *script)
{
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	memset(out, 0, sizeof *out);
	run();
}

static void
setup(void)
{
	ssize_t n = readlink("/proc/self/exe", self + strlen(LAB_HOST_DIR),
	    sizeof self - strlen(LAB_HOST_DIR) - 1);

	ck_assert_int_gt(n, 0);
	memcpy(self, LAB_HOST_DIR, strlen(LAB_HOST_DIR));
	out = mmap(NULL, sizeof *out, PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	addr_parse(&addrs[0], MX4);
	addr_parse(&addrs[1], MX6);
	addr_parse(&addrs[2], OTHER4);
	memset(rules, 0, sizeof rules);
	rules[0].rule.id = "9:1";
	rules[0].rule.phase.until_us = TIME_NEVER;
	host_says = FSMTP_CONNECT_OPEN;
	memset(&cfg, 0, sizeof cfg);
	cfg.clock = LAB_CLOCK_REAL;
	cfg.mta_ipv4 = cfg.mta_ipv6 = true;
	cfg.resolvers = 2;
	cfg.addrs = addrs;
	cfg.addr_count = 3;
	cfg.net_rules = rules;
	cfg.sink = &sink;
	cfg.on_syn = on_syn;
	cfg.on_log = on_log;
	cfg.on_death = on_death;
	cfg.pcap_fd = -1;
}

static void
teardown(void)
{
	munmap(out, sizeof *out);
}

START_TEST(each_connect_state_has_its_errno_blocking_or_not)
{
	static const struct {
		enum fsmtp_connect says;
		const char *v4, *v6;
	} t[] = {
		{ FSMTP_CONNECT_REFUSE, "ECONNREFUSED", "ECONNREFUSED" },
		{ FSMTP_CONNECT_ICMP_NET, "ENETUNREACH", "ENETUNREACH" },
		{ FSMTP_CONNECT_ICMP_HOST, "EHOSTUNREACH", "EHOSTUNREACH" },
		{ FSMTP_CONNECT_ICMP_PORT, "ECONNREFUSED", "ECONNREFUSED" },
		{ FSMTP_CONNECT_ICMP_NET_PROHIBITED, "ENETUNREACH", "EACCES" },
		{ FSMTP_CONNECT_ICMP_HOST_PROHIBITED, "EHOSTUNREACH",
		    "EACCES" },
		{ FSMTP_CONNECT_ICMP_PROHIBITED, "EHOSTUNREACH", "EACCES" },
	};
	char want[128];

	host_says = t[_i].says;
	run_probe(MX4, MX6);
	snprintf(want, sizeof want, "%s %s\n%s %s\n", t[_i].v4, t[_i].v4,
	    t[_i].v6, t[_i].v6);
	ck_assert_str_eq(out->lines, want);
}
END_TEST

static void
run_rule(enum net_state state, const struct addr *at)
{
	rules[0].state = state;
	rules[0].addrs = at;
	rules[0].addr_count = at != NULL;
	cfg.net_rule_count = 1;
	host_says = FSMTP_CONNECT_REFUSE;
	run_probe(MX4, OTHER4);
}

START_TEST(without_a_default_route_the_network_is_unreachable)
{
	run_rule(NET_NO_ROUTE, NULL);
	ck_assert_str_eq(out->lines, "ENETUNREACH ENETUNREACH\n"
	    "ENETUNREACH ENETUNREACH\n");
	ck_assert_str_eq(out->events, "network link no-route\n");
}
END_TEST

START_TEST(no_route_to_one_address_leaves_the_others)
{
	run_rule(NET_NO_ROUTE, &addrs[0]);
	ck_assert_str_eq(out->lines, "ENETUNREACH ENETUNREACH\n"
	    "ECONNREFUSED ECONNREFUSED\n");
}
END_TEST

START_TEST(with_the_link_down_the_network_is_unreachable)
{
	run_rule(NET_LINK_DOWN, NULL);
	ck_assert_str_eq(out->lines, "ENETUNREACH ENETUNREACH\n"
	    "ENETUNREACH ENETUNREACH\n");
}
END_TEST

START_TEST(a_net_rule_that_refuses_counts_what_it_did)
{
	run_rule(NET_REFUSE, &addrs[0]);
	ck_assert_uint_eq(out->fired, 2);
	ck_assert_ptr_nonnull(strstr(out->events, "net.syn 198.18.1.1 refuse\n"
	    "net.syn 198.18.1.1 refuse\nnet.syn 198.18.1.2 refuse\n"));
}
END_TEST

START_TEST(an_address_of_nobody_is_an_unreachable_host)
{
	run_probe("10.9.8.7", "2001:db8:ffff::1");
	ck_assert_str_eq(out->lines, "EHOSTUNREACH EHOSTUNREACH\n"
	    "EHOSTUNREACH EHOSTUNREACH\n");
}
END_TEST

START_TEST(the_tree_is_the_labs_own)
{
	run_shell("cat /etc/resolv.conf; uname -n; for d in etc var tmp run; "
	    "do echo x > /$d/mxdrill-lab-test || echo no; done; "
	    "cat /run/mxd/host/etc/passwd | head -c1 | wc -c; "
	    "echo y > /run/mxd/host/tmp/mxdrill-lab-test || echo readonly");
	ck_assert_ptr_nonnull(strstr(out->lines, "search sut.test\n"
	    "nameserver 192.0.2.53\nnameserver 192.0.2.54\nmta.sut.test\n1\n"));
	ck_assert_ptr_nonnull(strstr(out->lines, "\nreadonly\n"));
	ck_assert_int_ne(access("/etc/mxdrill-lab-test", F_OK), 0);
	ck_assert_int_ne(access("/var/mxdrill-lab-test", F_OK), 0);
	ck_assert_int_ne(access("/tmp/mxdrill-lab-test", F_OK), 0);
}
END_TEST

#ifndef MXD_COVERAGE
START_TEST(no_folder_of_the_machine_can_be_written)
{
	run_shell("for d in / /home /opt /root /srv; do "
	    "echo x > $d/mxdrill-lab-test || echo no; done 2>&1 | grep -c no$");
	ck_assert_str_eq(out->lines, "5\n");
}
END_TEST
#endif

START_TEST(the_machines_load_is_not_the_labs)
{
	run_shell("cat /proc/loadavg");
	ck_assert_str_eq(out->lines, "0.00 0.00 0.00 1/1 1\n");
}
END_TEST

START_TEST(syslog_lines_come_without_priority_and_time)
{
	run_shell("logger --no-act x; logger -t mta -p mail.warn 'one line'");
	ck_assert_str_eq(out->logs, "mta: one line\n");
}
END_TEST

START_TEST(output_comes_whole_before_the_exit_status)
{
	run_shell("seq 1 200; printf 'no newline'; exit 3");
	ck_assert_int_eq(WEXITSTATUS(out->exit_status), 3);
	ck_assert_ptr_nonnull(strstr(out->lines, "\n200\nno newline\n"));
}
END_TEST

START_TEST(a_daemon_left_behind_is_killed_and_reaped)
{
	run_shell("sleep 1000 & (sleep 1000 &) ; exit 0");
	ck_assert_int_eq(out->exit_status, 0);
}
END_TEST

/* Whom nobody waits for: the shell's own end is its exit status. */
START_TEST(an_orphan_that_dies_of_a_signal_is_told)
{
	run_shell("(sh -c 'echo $$ >/run/pid; kill -SEGV $$' &); "
	    "until p=$(cat /run/pid) && ! [ -d /proc/$p ]; do :; done; "
	    "rm /run/pid; (sh -c 'echo $$ >/run/pid; kill -TERM $$' &); "
	    "until p=$(cat /run/pid 2>/dev/null) && [ -n \"$p\" ] && "
	    "! [ -d /proc/$p ]; do :; done; "
	    "kill -ABRT $$");
	ck_assert_int_eq(WTERMSIG(out->exit_status), SIGABRT);
	ck_assert_str_eq(out->deaths,
	    "sh SEGV, a crash\nsh TERM\n");
}
END_TEST

START_TEST(what_cannot_be_executed_is_said_at_once)
{
	char *error;

	argv[0] = "/nonexistent";
	argv[1] = NULL;
	ck_assert_int_eq(lab_run(&cfg, body, NULL, &error), 100 + ENOENT);
	ck_assert_ptr_null(error);
}
END_TEST

START_TEST(a_folder_that_is_missing_is_named)
{
	char *error;

	cfg.adapter_dir = "/nonexistent/adapter";
	ck_assert_int_eq(lab_run(&cfg, body, NULL, &error), -1);
	ck_assert_ptr_nonnull(strstr(error, "/nonexistent/adapter"));
	free(error);
}
END_TEST

/* The only child of `pid`. */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	long child = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	ck_assert_ptr_nonnull(f = fopen(path, "r"));
	ck_assert_int_eq(fscanf(f, "%ld", &child), 1);
	fclose(f);
	return (pid_t)child;
}

static int ready[2];

static int
body_ready(struct lab *lab, void *arg)
{
	if (write(ready[1], "", 1) != 1)
		return 1;
	return body(lab, arg);
}

/* Process 1 ends only after all processes of its namespace have. */
START_TEST(the_lab_dies_with_its_caller)
{
	struct pollfd p = { .events = POLLIN };
	char *error, byte;
	pid_t caller;

	ck_assert_int_eq(pipe(ready), 0);
	argv[0] = "/bin/sleep";
	argv[1] = "1000";
	argv[2] = NULL;
	if ((caller = fork()) == 0)
		_exit(lab_run(&cfg, body_ready, NULL, &error) & 0xff);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	p.fd = (int)syscall(SYS_pidfd_open, child_of(caller), 0);
	ck_assert_int_ge(p.fd, 0);
	kill(caller, SIGKILL);
	waitpid(caller, NULL, 0);
	ck_assert_int_eq(poll(&p, 1, -1), 1);
	close(p.fd);
}
END_TEST

int
main(int argc, char **args)
{
	TCase *tc;
	SRunner *sr;
	Suite *s;
	int failed;

	if (argc > 1 && strcmp(args[1], "probe") == 0)
		return probe(args + 2);
	if (access("/dev/net/tun", R_OK | W_OK) < 0) {
		puts("lab/lab: skipped: /dev/net/tun cannot be opened");
		return EXIT_SUCCESS;
	}
	s = suite_create("lab/lab");
	tc = tcase_create("lab");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
	    each_connect_state_has_its_errno_blocking_or_not, 0, 7);
	tcase_add_test(tc, without_a_default_route_the_network_is_unreachable);
	tcase_add_test(tc, no_route_to_one_address_leaves_the_others);
	tcase_add_test(tc, with_the_link_down_the_network_is_unreachable);
	tcase_add_test(tc, a_net_rule_that_refuses_counts_what_it_did);
	tcase_add_test(tc, an_address_of_nobody_is_an_unreachable_host);
	tcase_add_test(tc, the_tree_is_the_labs_own);
#ifndef MXD_COVERAGE
	tcase_add_test(tc, no_folder_of_the_machine_can_be_written);
#endif
	tcase_add_test(tc, the_machines_load_is_not_the_labs);
	tcase_add_test(tc, syslog_lines_come_without_priority_and_time);
	tcase_add_test(tc, output_comes_whole_before_the_exit_status);
	tcase_add_test(tc, a_daemon_left_behind_is_killed_and_reaped);
	tcase_add_test(tc, an_orphan_that_dies_of_a_signal_is_told);
	tcase_add_test(tc, what_cannot_be_executed_is_said_at_once);
	tcase_add_test(tc, a_folder_that_is_missing_is_named);
	tcase_add_test(tc, the_lab_dies_with_its_caller);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

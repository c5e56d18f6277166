/*
 * Real programs (this one, started again as "probe NAME") in pid, net and
 * mount namespaces of their own, with the preload and a controller.
 */
#include "harness/lab/clock_int.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/sbuf.h"

#define EPOCH	INT64_C(1925000000)
#define PAGE	"/run/mxd/clock"

/* --- the programs --- */

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (ts.tv_sec - EPOCH) * USEC_PER_SEC + ts.tv_nsec / 1000;
}

static int
took(int64_t since, int64_t want_us)
{
	int64_t d = now_us() - since;

	if (d == want_us)
		return 0;
	fprintf(stderr, "took %lld us, not %lld\n", (long long)d,
	    (long long)want_us);
	return 1;
}

static volatile sig_atomic_t signals;

static void
on_signal(int signo)
{
	(void)signo;
	signals++;
}

static void
catch(int signo)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(signo, &sa, NULL);
}

static int
probe_waits(void)
{
	struct timespec ts = { 100, 5000 }, five = { 5, 0 };
	struct timeval tv = { 7, 0 };
	struct epoll_event ev;
	struct pollfd pfd = { .events = POLLIN };
	int64_t t = now_us();
	int bad = 0, p[2], ep;

	bad |= pipe(p) != 0;
	pfd.fd = p[0];
	bad |= nanosleep(&ts, NULL) != 0 || took(t, 100000005);
	t = now_us();
	bad |= poll(&pfd, 1, 1500) != 0 || took(t, 1500000);
	t = now_us();
	bad |= ppoll(&pfd, 1, &five, NULL) != 0 || took(t, 5000000);
	t = now_us();
	bad |= select(0, NULL, NULL, NULL, &tv) != 0 || took(t, 7000000);
	bad |= tv.tv_sec != 0 || tv.tv_usec != 0;
	t = now_us();
	bad |= pselect(0, NULL, NULL, NULL, &five, NULL) != 0 ||
	    took(t, 5000000);
	ep = epoll_create1(0);
	ev.events = EPOLLIN;
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev);
	t = now_us();
	bad |= epoll_wait(ep, &ev, 1, 2500) != 0 || took(t, 2500000);
	t = now_us();
	bad |= sleep(3) != 0 || usleep(5) != 0 || took(t, 3000005);
	/* nothing is left open */
	bad |= dup(0) != ep + 1;
	return bad;
}

static int
probe_alarms(void)
{
	struct itimerval itv = { { 2, 0 }, { 3, 0 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct itimerspec its = { { 4, 0 }, { 6, 0 } };
	struct sigevent sev = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGUSR1 };
	int64_t t = now_us();
	uint64_t n;
	timer_t id;
	int bad = 0, fd;

	catch(SIGALRM);
	catch(SIGUSR1);
	alarm(11);
	pause();
	bad |= signals != 1 || took(t, 11000000);
	t = now_us();
	setitimer(ITIMER_REAL, &itv, NULL);
	pause();
	pause();
	bad |= signals != 3 || took(t, 5000000);
	setitimer(ITIMER_REAL, &off, NULL);
	t = now_us();
	bad |= timer_create(CLOCK_MONOTONIC, &sev, &id) != 0;
	bad |= timer_settime(id, 0, &its, NULL) != 0;
	pause();
	pause();
	bad |= signals != 5 || took(t, 10000000);
	timer_delete(id);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	t = now_us();
	timerfd_settime(fd, 0, &its, NULL);
	bad |= read(fd, &n, sizeof n) != 8 || n != 1 || took(t, 6000000);
	bad |= read(fd, &n, sizeof n) != 8 || n != 1 || took(t, 10000000);
	alarm(2);		/* a signal ends a sleep early */
	t = now_us();
	bad |= sleep(10) != 8 || took(t, 2000000);
	return bad;
}

static int
probe_timed(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec ts;
	sigset_t set;
	sem_t sem;
	int64_t t;
	int bad = 0;

	sem_init(&sem, 0, 0);
	t = now_us();
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 30;
	bad |= sem_timedwait(&sem, &ts) == 0 || errno != ETIMEDOUT ||
	    took(t, 30000000);
	ts.tv_sec += 30;
	pthread_mutex_lock(&m);
	bad |= pthread_cond_timedwait(&c, &m, &ts) != ETIMEDOUT ||
	    took(t, 60000000);
	ts.tv_sec += 5;
	bad |= pthread_mutex_timedlock(&m, &ts) != ETIMEDOUT ||
	    took(t, 65000000);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ts = (struct timespec){ 9, 0 };
	bad |= sigtimedwait(&set, NULL, &ts) != -1 || errno != EAGAIN ||
	    took(t, 74000000);
	return bad;
}

static int
probe_resolver(void)
{
	struct addrinfo *ai, hints = { .ai_family = AF_INET,
	    .ai_socktype = SOCK_STREAM };
	int64_t t = now_us();
	int rc = getaddrinfo("dead.test.", "25", &hints, &ai);

	return rc != EAI_AGAIN || took(t, 10000000);
}

static int
probe_child(void)
{
	int64_t t = now_us();
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (chroot("/run/mxd") != 0 || chdir("/") != 0)
			_exit(2);
		if (setuid(1) != 0 && errno != EINVAL)
			_exit(3);
		sleep(1000);
		_exit(took(t, 1000000000));
	}
	waitpid(pid, &status, 0);
	return status != 0 || took(t, 1000000000) ||
	    system("sleep 50") != 0 || took(t, 1050000000);
}

static int
probe_killed(void)
{
	int64_t t = now_us();
	pid_t pid = fork();

	if (pid == 0) {
		sleep(77);
		_exit(0);
	}
	sleep(1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* the controller counts: a ghost would add a jump at 77 s */
	sleep(100);
	return took(t, 101000000);
}

static int
probe_stamps(void)
{
	struct stat st;
	char path[32];
	int64_t when[1000];

	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "/run/f%d", i);
		close(open(path, O_CREAT | O_WRONLY, 0600));
		when[i] = now_us();
		sleep(1);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "/run/f%d", i);
		if (stat(path, &st) != 0 || (st.st_mtime - EPOCH) *
		    USEC_PER_SEC + st.st_mtim.tv_nsec / 1000 != when[i]) {
			fprintf(stderr, "file %d: %lld, not %lld\n", i,
			    (long long)(st.st_mtime - EPOCH),
			    (long long)when[i]);
			return 1;
		}
	}
	return 0;
}

static int
probe_pingpong(void)
{
	int a[2], b[2];
	int64_t t = now_us();
	char c = 'x';

	if (pipe(a) != 0 || pipe(b) != 0)
		return 1;
	if (fork() == 0) {
		sleep(5);	/* a deadline that must not be reached */
		_exit(0);
	}
	if (fork() == 0) {
		for (int i = 0; i < 20000; i++)
			if (read(a[0], &c, 1) != 1 || write(b[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 20000; i++)
		if (write(a[1], &c, 1) != 1 || read(b[0], &c, 1) != 1)
			return 1;
	return took(t, 0);
}

static int
probe_busy(void)
{
	int64_t t = now_us();
	volatile unsigned long n = 0;

	if (fork() == 0) {
		sleep(5);
		_exit(0);
	}
	while (n < 100000000)
		n++;
	return took(t, 0);
}

static int
probe_spinner(void)
{
	time_t t = time(NULL);

	while (time(NULL) == t)
		;
	return 0;
}

static sigjmp_buf alarmed;

static void
leave(int sig)
{
	(void)sig;
	siglongjmp(alarmed, 1);
}

/* Twice: the first alarm must leave nothing behind. */
static int
probe_end(void)
{
	int64_t t = now_us();
	int pair[2];
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 1;
	close(pair[1]);
	signal(SIGALRM, leave);
	for (volatile int i = 0; i < 2; i++)
		if (sigsetjmp(alarmed, 1) == 0) {
			alarm(300);
			while (read(pair[0], &c, 1) == 0)
				;
			return 2;
		}
	return took(t, 600 * USEC_PER_SEC);
}

static int
probe_connect(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons(25) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "203.0.113.9", &sin.sin_addr);
	return connect(fd, (struct sockaddr *)&sin, sizeof sin) == 0 ||
	    errno != ENETUNREACH;
}

/* A full backlog swallows SYNs as a black hole does. */
static int
probe_patience(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons(25) };
	struct sockaddr *to = (struct sockaddr *)&sin;
	int door = socket(AF_INET, SOCK_STREAM, 0), bad = 0, fd;
	int64_t t = now_us();

	inet_pton(AF_INET, "127.0.0.1", &sin.sin_addr);
	bad |= bind(door, to, sizeof sin) != 0 || listen(door, 0) != 0;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	bad |= connect(fd, to, sizeof sin) != 0 || took(t, 0);
	bad |= (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	bad |= connect(fd, to, sizeof sin) == 0 || errno != ETIMEDOUT ||
	    took(t, 127000000);
	catch(SIGALRM);
	alarm(10);
	bad |= connect(fd, to, sizeof sin) == 0 || errno != EINTR ||
	    took(t, 137000000);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_signal,
	    .sa_flags = SA_RESTART }, NULL);
	alarm(10);
	bad |= connect(fd, to, sizeof sin) == 0 || errno != ETIMEDOUT ||
	    took(t, 264000000);
	return bad;
}

static int
probe_days(void)
{
	int64_t t = now_us();

	for (int i = 0; i < 7200; i++)
		sleep(60);
	return took(t, 432000000000);
}

static const struct {
	const char *name;
	int (*fn)(void);
} probes[] = {
	{ "waits", probe_waits }, { "alarms", probe_alarms },
	{ "timed", probe_timed }, { "resolver", probe_resolver },
	{ "child", probe_child }, { "killed", probe_killed },
	{ "stamps", probe_stamps }, { "pingpong", probe_pingpong },
	{ "busy", probe_busy }, { "spinner", probe_spinner },
	{ "end", probe_end },
	{ "connect", probe_connect }, { "patience", probe_patience },
	{ "days", probe_days },
};

/* --- the lab --- */

static char preload[PATH_MAX + 16];
static bool coarsely;		/* stamps as before Linux 6.13 */
static struct {
	int failures;
	struct clock_failure last;
	struct clock_stats stats;
	bool unclocked;
} seen;

static void
note_failure(void *ctx, const struct clock_failure *f)
{
	(void)ctx;
	seen.failures++;
	seen.last = *f;
}

static void
put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (write(fd, text, strlen(text)) < 0)
		_exit(90);
	close(fd);
}

static void
lab_make(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) != 0 ||
	    mount("mxd", "/run", "tmpfs", 0, NULL) != 0 ||
	    mkdir("/run/mxd", 0755) != 0)
		_exit(91);
	put_file("/run/resolv.conf", "nameserver 127.0.0.53\n");
	if (mount("/run/resolv.conf", "/etc/resolv.conf", NULL, MS_BIND,
	    NULL) != 0)
		_exit(92);
}

/* A name server that hears and never answers. */
static void
dead_resolver(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.53", &sin.sin_addr);
	if (bind(fd, (struct sockaddr *)&sin, sizeof sin) != 0)
		_exit(93);
}

static pid_t
start(char *const argv[], bool clocked)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (clocked)
		setenv("LD_PRELOAD", preload, 1);
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
	execv(argv[0], argv);
	_exit(94);
}

/* Process 1. */
static int
control(char *const argv[], bool clocked)
{
	struct timers *timers = timers_new();
	struct clock *c;
	int64_t again;
	int status = -1;
	pid_t pid, got;
	time_t give_up = time(NULL) + 15;
	siginfo_t si = { 0 };

	lab_make();
	dead_resolver();
	c = clock_new(PAGE, EPOCH, timers);
	if (c == NULL)
		_exit(95);
	if (coarsely)
		clock_stamps_coarsely(c);
	clock_use_socket(c, socket(AF_UNIX, SOCK_DGRAM, 0));
	pid = start(argv, clocked);
	while (time(NULL) < give_up) {
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == pid)
				goto out;
		if (clock_look(c, &again) == CLOCK_BUSY)
			usleep((useconds_t)again);
		else if (clock_unclocked(c) != NULL)
			break;
		else if (waitid(P_ALL, 0, &si,
		    WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    si.si_pid == 0 &&
		    clock_jump(c, TIME_NEVER - 1) == TIME_NEVER)
			usleep(100);
	}
	struct sbuf text = { 0 };
	clock_describe(c, &text);
	if (clock_unclocked(c) == NULL)
		fprintf(stderr, "gave up at %lld:\n%s",
		    (long long)clock_now(c), sbuf_str(&text));
	status = 96 << 8;
out:
	clock_failures(c, note_failure, NULL);
	clock_get_stats(c, &seen.stats);
	seen.unclocked = clock_unclocked(c) != NULL;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}

/* Runs it in new namespaces; its exit status.  `seen` tells the rest. */
static int
run(char *const argv[], bool clocked)
{
	int status, p[2];
	pid_t outer = -1, init;

	ck_assert(pipe(p) == 0);
	outer = fork();
	if (outer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) != 0)
			_exit(98);
		init = fork();
		if (init == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			status = control(argv, clocked);
			if (write(p[1], &seen, sizeof seen) != sizeof seen)
				_exit(99);
			_exit(status);
		}
		waitpid(init, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 100);
	}
	close(p[1]);
	waitpid(outer, &status, 0);
	memset(&seen, 0, sizeof seen);
	if (read(p[0], &seen, sizeof seen) != sizeof seen)
		status = 101 << 8;
	close(p[0]);
	return WEXITSTATUS(status);
}

static int
probe(const char *name)
{
	static char self[PATH_MAX];
	char *argv[] = { self, "probe", (char *)name, NULL };

	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		return 102;
	return run(argv, true);
}

#define PROBE_TEST(sentence, name) \
	START_TEST(sentence) \
	{ \
		ck_assert_int_eq(probe(name), 0); \
	} \
	END_TEST

PROBE_TEST(every_wait_ends_at_exactly_its_virtual_time, "waits")
PROBE_TEST(alarms_and_timers_fire_at_exactly_their_virtual_time, "alarms")
PROBE_TEST(timed_waits_inside_libc_end_at_their_virtual_time, "timed")
PROBE_TEST(the_resolver_gives_up_after_ten_virtual_seconds, "resolver")
PROBE_TEST(children_keep_the_clock_in_a_chroot_and_after_exec, "child")
PROBE_TEST(file_stamps_are_right_also_with_fast_jumps, "stamps")
PROBE_TEST(two_talking_processes_are_never_jumped_over, "pingpong")
PROBE_TEST(a_busy_process_is_never_jumped_over, "busy")
PROBE_TEST(a_spinner_sees_time_move, "spinner")
PROBE_TEST(who_reads_on_at_the_end_of_a_connection_is_alarmed, "end")
PROBE_TEST(a_blocking_connect_gives_up_after_the_kernels_127_seconds,
    "patience")

/* Older kernels, and newer ones made to do as they do. */
START_TEST(file_stamps_are_right_also_by_the_coarse_clock)
{
	coarsely = true;
	ck_assert_int_eq(probe("stamps"), 0);
	ck_assert_uint_gt(seen.stats.dirty_waits, 0);
}
END_TEST

START_TEST(a_killed_waiter_leaves_no_ghost)
{
	ck_assert_int_eq(probe("killed"), 0);
	ck_assert_uint_eq(seen.stats.jumps, 2);
}
END_TEST

START_TEST(a_failed_connect_is_recorded)
{
	ck_assert_int_eq(probe("connect"), 0);
	ck_assert_int_eq(seen.failures, 1);
	ck_assert_int_eq(seen.last.error, ENETUNREACH);
}
END_TEST

START_TEST(five_days_of_naps_take_7200_jumps)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	ck_assert_int_eq(probe("days"), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_uint_eq(seen.stats.jumps, 7200);
	if (getenv("CLOCK_FIGURES") != NULL)
		printf("%.3f s, %.1f us a look, %llu looks\n",
		    (double)(b.tv_sec - a.tv_sec) +
		    (double)(b.tv_nsec - a.tv_nsec) / 1e9,
		    (double)seen.stats.look_real_ns / 1e3 /
		    (double)seen.stats.looks,
		    (unsigned long long)seen.stats.looks);
}
END_TEST

START_TEST(a_program_without_the_preload_is_reported)
{
	char *argv[] = { "/bin/sleep", "1", NULL };

	run(argv, false);
	ck_assert(seen.unclocked);
}
END_TEST

static Suite *
clock_suite(void)
{
	Suite *s = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, every_wait_ends_at_exactly_its_virtual_time);
	tcase_add_test(tc,
	    alarms_and_timers_fire_at_exactly_their_virtual_time);
	tcase_add_test(tc, timed_waits_inside_libc_end_at_their_virtual_time);
	tcase_add_test(tc, the_resolver_gives_up_after_ten_virtual_seconds);
	tcase_add_test(tc, children_keep_the_clock_in_a_chroot_and_after_exec);
	tcase_add_test(tc, file_stamps_are_right_also_with_fast_jumps);
	tcase_add_test(tc, file_stamps_are_right_also_by_the_coarse_clock);
	tcase_add_test(tc, two_talking_processes_are_never_jumped_over);
	tcase_add_test(tc, a_busy_process_is_never_jumped_over);
	tcase_add_test(tc, a_spinner_sees_time_move);
	tcase_add_test(tc,
	    who_reads_on_at_the_end_of_a_connection_is_alarmed);
	tcase_add_test(tc,
	    a_blocking_connect_gives_up_after_the_kernels_127_seconds);
	tcase_add_test(tc, a_killed_waiter_leaves_no_ghost);
	tcase_add_test(tc, a_failed_connect_is_recorded);
	tcase_add_test(tc, five_days_of_naps_take_7200_jumps);
	tcase_add_test(tc, a_program_without_the_preload_is_reported);
	suite_add_tcase(s, tc);
	return s;
}

/* build/FLAVOUR/tests/unit/clock/test_clock -> build/FLAVOUR/libmxclock.so */
static void
find_preload(void)
{
	char self[PATH_MAX] = "";
	char *slash;

	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		exit(2);
	for (int i = 0; i < 4; i++)
		if ((slash = strrchr(self, '/')) != NULL)
			*slash = '\0';
	snprintf(preload, sizeof preload, "%s/libmxclock.so", self);
}

int
main(int argc, char **argv)
{
	SRunner *sr;
	int failed;

	for (size_t i = 0; argc == 3 && i < sizeof probes / sizeof *probes;
	    i++)
		if (strcmp(argv[2], probes[i].name) == 0)
			return probes[i].fn();
	if (geteuid() != 0) {
		printf("clock: skipped, needs root in a user namespace\n");
		return 0;
	}
	find_preload();
	sr = srunner_create(clock_suite());
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}

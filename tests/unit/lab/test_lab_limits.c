/*
 * The time limits of the kernel's TCP, in a lab's virtual time: as a program
 * without a limit of its own sees them, blocking or not.
 */
#include "tests/unit/lab/clocked.inc"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

/* --- the probe --- */

static double start;

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 - start;
}

static int
tell(int error)
{
	printf("%.1f %s\n", seconds(), error == 0 ? "fine" :
	    strerrorname_np(error));
	return 0;
}

static int
set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value);
}

static int
socket_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

/* Returns 0 or the errno; *fd stays open. */
static int
dial(int *fd, const char *to, int flags, void (*prepare)(int))
{
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t len;

	addr_parse(&a, to);
	a.port = 25;
	len = addr_to_sockaddr(&a, &ss);
	*fd = socket(a.family, SOCK_STREAM | flags, 0);
	if (prepare != NULL)
		prepare(*fd);
	return connect(*fd, (struct sockaddr *)&ss, len) < 0 ? errno : 0;
}

static int
by_poll(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = (short)events };

	printf("%d ", poll(&p, 1, -1));
	printf("%s%s", p.revents & POLLOUT ? "out " : "",
	    p.revents & POLLERR ? "err " : "");
	return tell(socket_error(fd));
}

static int
by_epoll(int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	printf("%d ", epoll_wait(ep, &ev, 1, 86400 * 1000));
	printf("%s%s", ev.events & EPOLLOUT ? "out " : "",
	    ev.events & EPOLLERR ? "err " : "");
	return tell(socket_error(fd));
}

static int
by_select(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	printf("%d ", select(fd + 1, NULL, &set, NULL, NULL));
	return tell(socket_error(fd));
}

static void
twice(int fd)
{
	set(fd, IPPROTO_TCP, TCP_SYNCNT, 2);
}

static void
user_timeout(int fd)
{
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
}

static void
send_timeout(int fd)
{
	struct timeval tv = { 4, 0 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

static void
keep(int fd)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 100);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

static void
keep_usual(int fd)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static int
probe_connect(const char *how)
{
	int fd, nb = SOCK_NONBLOCK;

	if (strcmp(how, "blocking") == 0)
		return tell(dial(&fd, MX4, 0, NULL));
	if (strcmp(how, "blocking6") == 0)
		return tell(dial(&fd, MX6, 0, NULL));
	if (strcmp(how, "twice") == 0)
		return tell(dial(&fd, MX4, 0, twice));
	if (strcmp(how, "user") == 0)
		return tell(dial(&fd, MX4, 0, user_timeout));
	if (strcmp(how, "sndtimeo") == 0)
		return tell(dial(&fd, MX4, 0, send_timeout));
	if (strcmp(how, "later") == 0) {
		dial(&fd, MX4, nb, NULL);
		twice(fd);
		return by_poll(fd, POLLOUT);
	}
	if (strcmp(how, "again") == 0) {	/* asks by connect() itself */
		dial(&fd, MX4, nb, NULL);
		poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		return tell(connect(fd, (struct sockaddr *)
		    &(struct sockaddr_in){ .sin_family = AF_INET }, 16) < 0 ?
		    errno : 0);
	}
	if (strcmp(how, "twice-poll") == 0)
		dial(&fd, MX4, nb, twice);
	else if (strcmp(how, "poll6") == 0)
		dial(&fd, MX6, nb, NULL);
	else
		dial(&fd, MX4, nb, NULL);
	if (strcmp(how, "epoll") == 0)
		return by_epoll(fd, EPOLLOUT);
	if (strcmp(how, "select") == 0)
		return by_select(fd);
	return by_poll(fd, POLLOUT);
}

/* Connected at once; everything vanishes from the 10th second on. */
static int
probe_talk(const char *how)
{
	void (*prepare)(int) = NULL;
	int fd, error, octets = 1;
	char c;

	if (strcmp(how, "user") == 0)
		prepare = user_timeout;
	if (strcmp(how, "keep") == 0)
		prepare = keep;
	if ((error = dial(&fd, MX4, 0, prepare)) != 0)
		return tell(error);
	sleep(20);
	if (strcmp(how, "keep-late") == 0)
		keep_usual(fd);
	if (strncmp(how, "keep", 4) == 0)
		return tell(read(fd, &c, 1) < 0 ? errno : 0);
	if (strcmp(how, "linger") == 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER,
		    &(struct linger){ 1, 50 }, sizeof(struct linger));
	if (write(fd, "HELO\r\n", 6) != 6)
		return 1;
	if (strcmp(how, "linger") == 0)
		return tell(close(fd) < 0 ? errno : 0);
	if (strcmp(how, "epoll") == 0)
		return by_epoll(fd, EPOLLIN);
	if (strcmp(how, "heals") == 0) {
		while (ioctl(fd, SIOCOUTQ, &octets) == 0 && octets > 0)
			usleep(700000);
		return tell(socket_error(fd));
	}
	if (strcmp(how, "write") == 0) {
		sleep(2000);
		return tell(write(fd, "x", 1) < 0 ? errno : 0);
	}
	return tell(read(fd, &c, 1) < 0 ? errno : 0);
}

/* --- the lab --- */

/* The kernel takes connections and octets; nobody ever answers. */
static void
listen_only(void)
{
	struct sockaddr_storage ss;
	struct addr a = addrs[0];
	socklen_t len;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.port = 25;
	len = addr_to_sockaddr(&a, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) < 0 || listen(fd, 8) < 0)
		abort();
}

static const struct {
	const char *how, *says;
} connects[] = {
	{ "blocking", "127.0 ETIMEDOUT\n" },
	{ "blocking6", "127.0 ETIMEDOUT\n" },
	{ "poll", "1 out err 127.0 ETIMEDOUT\n" },
	{ "poll6", "1 out err 127.0 ETIMEDOUT\n" },
	{ "epoll", "1 out err 127.0 ETIMEDOUT\n" },
	{ "select", "1 127.0 ETIMEDOUT\n" },
	{ "again", "127.0 ETIMEDOUT\n" },
	{ "twice", "7.0 ETIMEDOUT\n" },
	{ "twice-poll", "1 out err 7.0 ETIMEDOUT\n" },
	{ "later", "1 out err 7.0 ETIMEDOUT\n" },
	{ "user", "30.0 ETIMEDOUT\n" },
	{ "sndtimeo", "4.0 EINPROGRESS\n" },
}, talks[] = {
	{ "read", "944.6 ETIMEDOUT\n" },
	{ "epoll", "1 err 944.6 ETIMEDOUT\n" },
	{ "write", "2020.0 ETIMEDOUT\n" },
	{ "user", "50.0 ETIMEDOUT\n" },
	{ "keep", "130.0 ETIMEDOUT\n" },
	{ "keep-late", "7875.0 ETIMEDOUT\n" },
	{ "linger", "70.0 fine\n" },
};
#define COUNT(t) ((int)(sizeof(t) / sizeof *(t)))

START_TEST(a_connect_without_an_answer_ends_with_the_kernels_limit)
{
	host_says = FSMTP_CONNECT_BLACKHOLE;
	cfg.mta_ipv6 = true;
	run(self, "connect", connects[_i].how, NULL);
	ck_assert_str_eq(out->why, "");
	ck_assert_str_eq(out->lines, connects[_i].says);
}
END_TEST

/* The kernel's own timers, which are up to an eighth late. */
START_TEST(the_real_clock_knows_the_same_limits)
{
	double s = 0;

	host_says = FSMTP_CONNECT_BLACKHOLE;
	cfg.clock = LAB_CLOCK_REAL;
	cfg.preload = NULL;
	run(self, "connect", "twice-poll", NULL);
	ck_assert_int_eq(sscanf(out->lines, "1 out err %lf ETIMEDOUT", &s), 1);
	ck_assert(s >= 6.9 && s < 15);
}
END_TEST

static void
talk_until(int64_t until_s, const char *how)
{
	host_says = FSMTP_CONNECT_OPEN;
	serve = listen_only;
	rules[0].state = NET_BLACKHOLE;
	rules[0].rule.phase.from_us = 10 * USEC_PER_SEC;
	rules[0].rule.phase.until_us = until_s * USEC_PER_SEC;
	cfg.net_rule_count = 1;
	run(self, "talk", how, NULL);
	ck_assert_str_eq(out->why, "");
}

START_TEST(a_silent_peer_is_given_up_as_the_kernel_does)
{
	talk_until(86400, talks[_i].how);
	ck_assert_str_eq(out->lines, talks[_i].says);
}
END_TEST

/* At 20 s and 0.2 + 0.4 + ... + 25.6 s; the probe looks every 0.7 s. */
START_TEST(what_was_lost_is_sent_again_in_virtual_time)
{
	talk_until(60, "heals");
	ck_assert_str_eq(out->lines, "71.1 fine\n");
}
END_TEST

int
main(int argc, char **args)
{
	TCase *tc;
	SRunner *sr;
	Suite *s;
	int failed;

	start = argc == 3 ? seconds() : 0;
	if (argc == 3 && strcmp(args[1], "connect") == 0)
		return probe_connect(args[2]);
	if (argc == 3 && strcmp(args[1], "talk") == 0)
		return probe_talk(args[2]);
	if (!find_self()) {
		puts("lab/lab_limits: skipped: no libmxclock.so or no "
		    "/dev/net/tun");
		return EXIT_SUCCESS;
	}
	s = suite_create("lab/lab_limits");
	tc = tcase_create("lab_limits");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
	    a_connect_without_an_answer_ends_with_the_kernels_limit, 0,
	    COUNT(connects));
	tcase_add_test(tc, the_real_clock_knows_the_same_limits);
	tcase_add_loop_test(tc, a_silent_peer_is_given_up_as_the_kernel_does,
	    0, COUNT(talks));
	tcase_add_test(tc, what_was_lost_is_sent_again_in_virtual_time);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

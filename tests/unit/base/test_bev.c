/* Writing to a buffered socket, past what the kernel takes at once. */
#include "harness/base/bev.h"

#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static struct event_base *base;
static struct bufferevent *bev;
static int peer;
static int written, failed;

static void
on_written(struct bufferevent *b, void *arg)
{
	(void)b, (void)arg;
	written++;
}

static void
on_event(struct bufferevent *b, short what, void *arg)
{
	(void)b, (void)arg;
	failed += (what & BEV_EVENT_ERROR) != 0;
}

static void
setup(void)
{
	int ends[2], small = 4096;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    ends), 0);
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	base = event_base_new();
	bev = bufferevent_socket_new(base, ends[0], BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(bev, NULL, on_written, on_event, NULL);
	peer = ends[1];
	written = failed = 0;
}

static void
teardown(void)
{
	close(peer);
	bufferevent_free(bev);
	event_base_free(base);
}

static size_t
buffered(void)
{
	return evbuffer_get_length(bufferevent_get_output(bev));
}

START_TEST(what_the_socket_takes_is_there_at_once)
{
	char got[8] = "";

	ck_assert(bev_write(bev, "hello", 5));
	ck_assert_int_eq(recv(peer, got, sizeof got, 0), 5);
	ck_assert_str_eq(got, "hello");
	ck_assert_uint_eq(buffered(), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(written, 0);
}
END_TEST

START_TEST(the_rest_follows_in_order)
{
	static char sent[200000], got[sizeof sent];
	size_t n = 0;
	ssize_t more;

	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i * 31 % 251);
	ck_assert(!bev_write(bev, sent, 100000));
	ck_assert_uint_gt(buffered(), 0);
	ck_assert_uint_lt(buffered(), 100000);
	/* Room or not: what is buffered goes first. */
	ck_assert(recv(peer, got, 2000, 0) == 2000);
	n = 2000;
	ck_assert(!bev_write(bev, sent + 100000, 100000));
	while (n < sizeof sent) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		more = recv(peer, got + n, sizeof got - n, 0);
		n += more > 0 ? (size_t)more : 0;
	}
	ck_assert_int_eq(memcmp(sent, got, sizeof sent), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(written, 1);
}
END_TEST

START_TEST(an_error_is_told_by_the_event_callback)
{
	close(peer);
	peer = -1;
	ck_assert(!bev_write(bev, "hello", 5));
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(failed, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/bev");
	TCase *tc = tcase_create("bev");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_the_socket_takes_is_there_at_once);
	tcase_add_test(tc, the_rest_follows_in_order);
	tcase_add_test(tc, an_error_is_told_by_the_event_callback);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

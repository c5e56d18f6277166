#include "fake_dns/fake_dns.h"

#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/fake_dns/ask.h"

#define PUMPS_MOST	2000		/* rounds of a millisecond at most */

static const char zone[] =
    "slow.test. A 192.0.2.1\n"
    "fast.test. A 192.0.2.2\n"
    "gone.test. A 192.0.2.3\n"
    "slices.test. A 192.0.2.5\n"
    "forged.test. A 192.0.2.4\n"
    "n0.many.test. A 192.0.2.10\nn1.many.test. A 192.0.2.11\n"
    "n2.many.test. A 192.0.2.12\nn3.many.test. A 192.0.2.13\n"
    "n4.many.test. A 192.0.2.14\nn5.many.test. A 192.0.2.15\n"
    "n6.many.test. A 192.0.2.16\nn7.many.test. A 192.0.2.17\n"
    "n8.many.test. A 192.0.2.18\nn9.many.test. A 192.0.2.19\n";

static struct event_base *base;
static struct addr where;
static const size_t slices[] = { 1, 12 };
static struct fdns_rule rules[] = {
	{ ALWAYS, .name = "slices.test", .pieces = slices, .piece_count = 2,
	    .pause_us = 3000000 },
	{ ALWAYS, .name = "slow.test", .delay_us = 5000000 },
	{ ALWAYS, .name = "gone.test", .transport = FDNS_UDP,
	    .action = FDNS_DROP },
	{ ALWAYS, .name = "gone.test", .action = FDNS_CLOSE,
	    .delay_us = 1000 },
	{ ALWAYS, .name = "forged.test", .action = FDNS_WRONG_SOURCE,
	    .records = "@ A 192.0.2.66\n" },
};
static struct trace trace;

/* Stamps and keeps what the server says of itself. */
static void
keep_event(void *ctx, struct event *ev)
{
	(void)ctx;
	ev->t_us = timers_now(timers);
	trace_add(&trace, ev);
}

static const struct event_sink sink = { keep_event, NULL };

/* UDP and TCP at one port of the loopback that is free for both. */
static void
listen_at(const char *ip, const struct event_sink *to)
{
	struct fdns_zone z = { .text = zone };
	struct fdns_config cf = { .zones = &z, .zone_count = 1,
	    .rules = rules, .rule_count = sizeof rules / sizeof *rules,
	    .timers = timers, .sink = to };
	struct fdns_error error;
	int i;

	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	server = fdns_new(&cf, &error);
	ck_assert_msg(server != NULL, "%s", error.text);
	ck_assert(addr_parse(&where, ip));
	where.port = (uint16_t)(20000 + getpid() % 20000);
	for (i = 0; i < 100; i++, where.port++)
		if (fdns_listen(server, base, &where, 1, "resolver1") == 0)
			break;
	ck_assert_int_lt(i, 100);
	trace_init(&trace);
}

static void
close_all(int fd)
{
	close(fd);
	fdns_free(server);
	server = NULL;
	event_base_free(base);
	trace_fini(&trace);
}

static int
dial(int type)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&where, &ss);
	int fd = socket(where.family, type, 0);

	ck_assert_int_ge(fd, 0);
	/* An unconnected UDP socket hears strangers too. */
	if (type == SOCK_STREAM)
		ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static void
say(int fd, const char *name, bool tcp)
{
	struct sockaddr_storage ss;
	socklen_t slen = addr_to_sockaddr(&where, &ss);
	uint8_t q[300];
	size_t n = make_query(q + 2, name, TYPE_A, 0);

	put16(q, (unsigned)n);
	if (tcp)
		ck_assert_int_eq(send(fd, q, n + 2, 0), (ssize_t)n + 2);
	else
		ck_assert_int_eq(sendto(fd, q + 2, n, 0,
		    (struct sockaddr *)&ss, slen), (ssize_t)n);
}

/* Lets the server work until the client's socket has something. */
static void
pump(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < PUMPS_MOST; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (poll(&p, 1, 1) > 0)
			return;
	}
	ck_abort_msg("nothing came");
}

/* The server has seen everything that was sent: it has `count` queries. */
static void
pump_until_queries(size_t count)
{
	for (int i = 0; i < PUMPS_MOST; i++) {
		size_t n = 0;

		event_base_loop(base, EVLOOP_NONBLOCK);
		for (size_t k = 0; k < trace.count; k++)
			n += trace.events[k].kind == EV_DNS_QUERY;
		if (n == count)
			return;
		poll(NULL, 0, 1);
	}
	ck_abort_msg("the queries did not come");
}

static const char *
hear(int fd, bool tcp, struct addr *from)
{
	static uint8_t buf[1024];
	struct sockaddr_storage ss;
	socklen_t slen = sizeof ss;
	ssize_t n;

	pump(fd);
	if (tcp) {
		ck_assert_int_eq(recv(fd, buf, 2, MSG_WAITALL), 2);
		n = recv(fd, buf + 2, get16(buf), MSG_WAITALL);
		ck_assert_int_eq(n, get16(buf));
		memmove(buf, buf + 2, (size_t)n);
	} else
		n = recvfrom(fd, buf, sizeof buf, 0, (struct sockaddr *)&ss,
		    &slen);
	ck_assert_int_gt(n, 12);
	if (from != NULL)
		addr_from_sockaddr(from, (struct sockaddr *)&ss);
	sbuf_clear(&text);
	zone_reply_text(&text, buf, (size_t)n);
	return sbuf_str(&text);
}

static void
slow_then_fast(const char *ip, int type)
{
	bool tcp = type == SOCK_STREAM;
	int fd;

	listen_at(ip, NULL);
	fd = dial(type);
	say(fd, "slow.test", tcp);
	say(fd, "fast.test", tcp);
	ck_assert_str_eq(hear(fd, tcp, NULL), "A 192.0.2.2");
	ck_assert_int_eq(timers_next(timers), 5000000);
	timers_advance(timers, 5000000);
	ck_assert_str_eq(hear(fd, tcp, NULL), "A 192.0.2.1");
	close_all(fd);
}

START_TEST(a_slow_name_does_not_delay_another_over_udp)
{
	slow_then_fast("127.0.0.1", SOCK_DGRAM);
}
END_TEST

START_TEST(a_slow_name_does_not_delay_another_over_tcp)
{
	slow_then_fast("127.0.0.1", SOCK_STREAM);
}
END_TEST

/* As many octets as are there by now, of `most`. */
static ssize_t
taken(int fd, size_t most)
{
	uint8_t buf[200];

	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	return recv(fd, buf, most, MSG_DONTWAIT | MSG_PEEK);
}

START_TEST(an_answer_comes_in_pieces_and_the_next_waits_for_it)
{
	int fd;

	listen_at("127.0.0.1", NULL);
	fd = dial(SOCK_STREAM);
	say(fd, "slices.test", true);
	say(fd, "fast.test", true);
	pump(fd);
	ck_assert_int_eq(taken(fd, 200), 1);
	ck_assert_int_eq(timers_next(timers), 3000000);
	timers_advance(timers, 3000000);
	ck_assert_int_eq(taken(fd, 200), 13);
	timers_advance(timers, 6000000);
	ck_assert_str_eq(hear(fd, true, NULL), "A 192.0.2.5");
	ck_assert_str_eq(hear(fd, true, NULL), "A 192.0.2.2");
	close_all(fd);
	timers_free(timers);
	timers = timers_new();
	listen_at("127.0.0.1", NULL);
	fd = dial(SOCK_DGRAM);
	say(fd, "slices.test", false);
	ck_assert_str_eq(hear(fd, false, NULL), "A 192.0.2.5");
	close_all(fd);
}
END_TEST

START_TEST(a_client_that_leaves_takes_its_pieces_along)
{
	int fd;

	listen_at("127.0.0.1", NULL);
	fd = dial(SOCK_STREAM);
	say(fd, "slices.test", true);
	pump(fd);
	close_all(fd);
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
}
END_TEST

START_TEST(ipv6_is_served_as_well)
{
	slow_then_fast("::1", SOCK_DGRAM);
	timers_free(timers);
	timers = timers_new();
	slow_then_fast("::1", SOCK_STREAM);
}
END_TEST

START_TEST(a_forged_source_is_another_port)
{
	struct addr from;
	int fd;

	listen_at("127.0.0.1", NULL);
	fd = dial(SOCK_DGRAM);
	say(fd, "forged.test", false);
	ck_assert_str_eq(hear(fd, false, &from), "A 192.0.2.66");
	ck_assert(addr_same_ip(&from, &where));
	ck_assert_uint_ne(from.port, where.port);
	timers_advance(timers, 200000);
	ck_assert_str_eq(hear(fd, false, &from), "A 192.0.2.4");
	ck_assert_uint_eq(from.port, where.port);
	close_all(fd);
}
END_TEST

START_TEST(close_ends_the_connection_in_its_time)
{
	char c;
	int fd;

	listen_at("127.0.0.1", &sink);
	fd = dial(SOCK_STREAM);
	say(fd, "slow.test", true);
	say(fd, "gone.test", true);
	pump_until_queries(2);
	ck_assert_int_eq(timers_next(timers), 1000);
	timers_advance(timers, 1000);
	pump(fd);
	ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
	/* The slow answer has died with its connection. */
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	close_all(fd);
}
END_TEST

START_TEST(a_half_closed_client_still_gets_its_answers)
{
	char c;
	int fd;

	listen_at("127.0.0.1", &sink);
	fd = dial(SOCK_STREAM);
	say(fd, "slow.test", true);
	shutdown(fd, SHUT_WR);
	pump_until_queries(1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	timers_advance(timers, 5000000);
	ck_assert_str_eq(hear(fd, true, NULL), "A 192.0.2.1");
	pump(fd);
	ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
	close_all(fd);
}
END_TEST

START_TEST(a_message_in_pieces_is_one_query)
{
	uint8_t q[300];
	size_t n = make_query(q + 2, "fast.test", TYPE_A, 0) + 2;
	int fd;

	listen_at("127.0.0.1", NULL);
	fd = dial(SOCK_STREAM);
	put16(q, (unsigned)n - 2);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(send(fd, q + i, 1, 0), 1);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_str_eq(hear(fd, true, NULL), "A 192.0.2.2");
	close_all(fd);
}
END_TEST

START_TEST(a_client_that_leaves_takes_its_answers_along)
{
	int fd;

	listen_at("127.0.0.1", &sink);
	fd = dial(SOCK_STREAM);
	say(fd, "slow.test", true);
	pump_until_queries(1);
	close_all(fd);
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
}
END_TEST

START_TEST(the_trace_tells_query_and_reply_when_they_happen)
{
	const struct event *e;
	int fd;

	listen_at("127.0.0.1", &sink);
	fd = dial(SOCK_DGRAM);
	say(fd, "slow.test", false);
	say(fd, "gone.test", false);
	say(fd, "nosuch.test", false);
	pump_until_queries(3);
	ck_assert_uint_eq(trace.count, 5);
	e = &trace.events[0];
	ck_assert_int_eq(e->kind, EV_DNS_QUERY);
	ck_assert_str_eq(e->host, "resolver1");
	ck_assert_str_eq(e->addr, "127.0.0.1");
	ck_assert_str_eq(e->qname, "slow.test");
	ck_assert_str_eq(e->qtype, "A");
	ck_assert_str_eq(e->transport, "udp");
	ck_assert_int_eq(e->num, 0x1234);
	e = &trace.events[2];
	ck_assert_int_eq(e->kind, EV_DNS_REPLY);
	ck_assert_str_eq(e->action, "drop");
	ck_assert_str_eq(e->rule, "7:3");
	ck_assert_ptr_null(e->rcode);
	e = &trace.events[4];
	ck_assert_str_eq(e->action, "truth");
	ck_assert_str_eq(e->rcode, "NXDOMAIN");
	ck_assert_ptr_null(e->rule);
	timers_advance(timers, 6000000);
	ck_assert_uint_eq(trace.count, 6);
	e = &trace.events[5];
	ck_assert_int_eq(e->t_us, 5000000);
	ck_assert_str_eq(e->text, "A 192.0.2.1");
	ck_assert_str_eq(e->rcode, "NOERROR");
	close_all(fd);
}
END_TEST

/* What the trace said of the last reply. */
static const char *
told(int fd, const char *name)
{
	say(fd, name, false);
	hear(fd, false, NULL);
	return trace.events[trace.count - 1].text;
}

START_TEST(each_reply_is_told_by_what_it_says_itself)
{
	char name[] = "n?.many.test", want[] = "A 192.0.2.1?";
	int fd;

	listen_at("127.0.0.1", &sink);
	fd = dial(SOCK_DGRAM);
	for (int round = 0; round < 3; round++) {
		ck_assert_str_eq(told(fd, "fast.test"), "A 192.0.2.2");
		ck_assert_str_eq(told(fd, "FAST.test"), "A 192.0.2.2");
		ck_assert_ptr_null(told(fd, "nosuch.test"));
	}
	/* More than are kept, twice. */
	for (int i = 0; i < 20; i++) {
		name[1] = want[11] = (char)('0' + i % 10);
		ck_assert_str_eq(told(fd, name), want);
	}
	close_all(fd);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_slow_name_does_not_delay_another_over_udp,
		a_slow_name_does_not_delay_another_over_tcp,
		an_answer_comes_in_pieces_and_the_next_waits_for_it,
		a_client_that_leaves_takes_its_pieces_along,
		ipv6_is_served_as_well,
		a_forged_source_is_another_port,
		close_ends_the_connection_in_its_time,
		a_half_closed_client_still_gets_its_answers,
		a_message_in_pieces_is_one_query,
		a_client_that_leaves_takes_its_answers_along,
		the_trace_tells_query_and_reply_when_they_happen,
		each_reply_is_told_by_what_it_says_itself,
	};

	return run_suite("fake_dns/transports", tests,
	    sizeof tests / sizeof *tests);
}

/*
 * A fake_smtp server on loopback sockets and its clients, all in one process
 * and one event loop; virtual time is moved by hand.  Waiting is for
 * conditions only: a test that waits in vain dies of Check's own timeout.
 */
#ifndef MXD_TESTS_FAKE_SMTP_WIRE_H
#define MXD_TESTS_FAKE_SMTP_WIRE_H

#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fake_smtp/fake_smtp.h"
#include "harness/base/sbuf.h"

#define SEC		USEC_PER_SEC
#define RULES_MOST	8

/* What the sink was told, one line an event. */
static struct sbuf opens, commands, replies, copies, closes, violations;
static struct fsmtp_rule wire_rules[RULES_MOST];
static const char *wire_lines[RULES_MOST];
static struct addr wire_addrs[3];	/* IPv4, IPv6; IPv4 of the second */
static struct fsmtp_host hosts[2];
static struct timers *timers;
static struct event_base *base;
static struct fsmtp *server;
static struct fsmtp_config wire_config;
static uint16_t wire_port;

static inline void
wire_event(void *ctx, struct event *ev)
{
	const char *rule = ev->rule ? ev->rule : "-";

	(void)ctx;
	if (ev->kind == EV_SMTP_OPEN)
		sbuf_printf(&opens, "%s conn %d contact %d\n", ev->host,
		    (int)ev->conn, (int)ev->num);
	else if (ev->kind == EV_SMTP_COMMAND)
		sbuf_printf(&commands, "%s: %s\n", ev->stage, ev->text);
	else if (ev->kind == EV_SMTP_REPLY)
		sbuf_printf(&replies, "%s %d %s %s\n", ev->stage,
		    (int)ev->code, ev->action ? ev->action : "-", rule);
	else if (ev->kind == EV_SMTP_COPY)
		sbuf_printf(&copies, "%s %d %s %s\n", ev->rcpt, (int)ev->code,
		    ev->acked == YES ? "acked" : "unacked",
		    ev->stored == YES ? "stored" : "discarded");
	else if (ev->kind == EV_SMTP_CLOSE)
		sbuf_printf(&closes, "%s %s %s at %d\n", ev->by, ev->state,
		    rule, (int)(timers_now(timers) / SEC));
	else if (ev->kind == EV_SMTP_VIOLATION)
		sbuf_printf(&violations, "%s\n", ev->name);
}

static const struct event_sink wire_sink = { wire_event, NULL };

static inline void
wire_setup(void)
{
	char text[ADDR_STRLEN];
	unsigned id = (unsigned)getpid();

	/* Several runs of the tests may share the machine. */
	wire_port = (uint16_t)(20000 + id % 12000);
	for (int i = 0; i < 3; i += 2) {
		snprintf(text, sizeof text, "127.%u.%u.%u", 1 + i,
		    id >> 8 & 255, 1 + id % 250);
		ck_assert(addr_parse(&wire_addrs[i], text));
	}
	ck_assert(addr_parse(&wire_addrs[1], "::1"));
	hosts[0] = (struct fsmtp_host){ .name = "mx1.test",
		.addrs = &wire_addrs[0], .addr_count = 1,
		.rules = wire_rules };
	hosts[1] = (struct fsmtp_host){ .name = "mx2.test",
		.addrs = &wire_addrs[2], .addr_count = 1 };
	timers = timers_new();
	base = event_base_new();
	wire_config = (struct fsmtp_config){ .hosts = hosts, .host_count = 2,
		.timers = timers, .sink = &wire_sink };
	signal(SIGPIPE, SIG_IGN);
}

static inline void
wire_teardown(void)
{
	struct sbuf *all[] = { &opens, &commands, &replies, &copies, &closes,
		&violations };

	fsmtp_free(server);
	timers_free(timers);
	event_base_free(base);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sbuf_fini(all[i]);
}

/* A rule of the first host, without bounds; `line` may be NULL. */
static inline struct fsmtp_rule *
wire_rule(enum fsmtp_stage stage, enum fsmtp_action action, const char *line)
{
	size_t i = hosts[0].rule_count++;
	struct fsmtp_rule *r = &wire_rules[i];

	ck_assert_uint_lt(i, RULES_MOST);
	memset(r, 0, sizeof *r);
	r->rule = (struct rule){ i ? "2:1" : "1:1", PHASE_ALWAYS, false, 0 };
	r->stage = stage;
	r->action = action;
	wire_lines[i] = line;
	r->lines = &wire_lines[i];
	r->line_count = line != NULL;
	return r;
}

static inline void
wire_start(void)
{
	struct addr failed;

	server = fsmtp_new(&wire_config);
	ck_assert_int_eq(fsmtp_listen(server, base, wire_port, &failed), 0);
}

static inline void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

#define UNTIL(condition)						\
	do								\
		turn();							\
	while (!(condition))

/* Turns until nothing is left to do that could be done now. */
static inline void
turn_often(void)
{
	for (int i = 0; i < 20; i++)
		turn();
}

/* A socket whose address is `*local`, fresh if its family is 0. */
static inline int
wire_socket(struct addr *local, sa_family_t family)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (local->family == 0)
		addr_parse(local, family == AF_INET ? "127.0.0.1" : "::1");
	len = addr_to_sockaddr(local, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof ss;
	getsockname(fd, (struct sockaddr *)&ss, &len);
	addr_from_sockaddr(local, (struct sockaddr *)&ss);
	return fd;
}

static inline void
wire_dial(int fd, const struct addr *to)
{
	struct sockaddr_storage ss;
	struct addr a = *to;
	socklen_t len;
	int one = 1;

	a.port = wire_port;
	len = addr_to_sockaddr(&a, &ss);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline int
wire_connect(const struct addr *to)
{
	struct addr local = { 0 };
	int fd = wire_socket(&local, to->family);

	wire_dial(fd, to);
	return fd;
}

static inline void
wire_send(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), 0), strlen(text));
}

/* One turn; what has come by then is added to *got.  -1: EOF, -2: RST. */
static inline int
wire_take(int fd, struct sbuf *got)
{
	char buf[65536];
	ssize_t n;
	int one = 1;

	turn();
	/* No delayed ACK: the fate of a reply must not depend on its time. */
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
	n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
	if (n > 0)
		sbuf_add(got, buf, (size_t)n);
	else if (n == 0)
		return -1;
	else if (errno == ECONNRESET)
		return -2;
	else
		ck_assert_int_eq(errno, EAGAIN);
	return 0;
}

/* Reads until `want` has come. */
static inline void
wire_hear(int fd, const char *want)
{
	struct sbuf got = { 0 };

	while (strstr(sbuf_str(&got), want) == NULL)
		ck_assert_msg(wire_take(fd, &got) == 0, "ended: %s",
		    sbuf_str(&got));
	sbuf_fini(&got);
}

static inline void
wire_say(int fd, const char *text, const char *want)
{
	wire_send(fd, text);
	wire_hear(fd, want);
}

/* Nothing is to be read, and the connection stands. */
static inline void
wire_hush(int fd)
{
	struct sbuf got = { 0 };

	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(wire_take(fd, &got), 0);
	ck_assert_str_eq(sbuf_str(&got), "");
	sbuf_fini(&got);
}

/* Reads to the end: "fin" or "reset"; what came before into *got. */
static inline const char *
wire_end(int fd, struct sbuf *got)
{
	struct sbuf ignored = { 0 };
	int end;

	while ((end = wire_take(fd, got ? got : &ignored)) == 0)
		;
	sbuf_fini(&ignored);
	return end == -1 ? "fin" : "reset";
}

static inline void
wire_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* The server's end of a client's connection. */
static inline int
wire_far_end(int client)
{
	struct sockaddr_storage ss;
	struct addr mine, peer;
	socklen_t len = sizeof ss;

	getsockname(client, (struct sockaddr *)&ss, &len);
	addr_from_sockaddr(&mine, (struct sockaddr *)&ss);
	for (int fd = 3; fd < 256; fd++) {
		len = sizeof ss;
		if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0 &&
		    addr_from_sockaddr(&peer, (struct sockaddr *)&ss) &&
		    addr_equal(&peer, &mine))
			return fd;
	}
	ck_abort_msg("the server has no such connection");
	return -1;
}

/* Waits until TCP has acknowledged all that the server has written. */
static inline void
wire_acked(int client)
{
	int far = wire_far_end(client), queued = -1;

	UNTIL(ioctl(far, SIOCOUTQ, &queued) == 0 && queued == 0);
}

/* A session after its EHLO. */
static inline int
wire_session(void)
{
	int fd = wire_connect(&wire_addrs[0]);

	wire_hear(fd, "220");
	wire_say(fd, "EHLO c.test\r\n", "250 ");
	return fd;
}

static inline int
wire_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create("sockets");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, wire_setup, wire_teardown);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed > 0;
}

#define WIRE_ENVELOPE	"MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n"

#endif

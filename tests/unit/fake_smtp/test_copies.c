/* The fate of end-of-data replies over real sockets, timers by hand. */
#include <arpa/inet.h>
#include <check.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_smtp/fake_smtp.h"

static struct event copy;
static int copies;
static struct fsmtp_rule rule;
static struct fsmtp_host host;
static struct addr addr;
static struct timers *timers;
static struct event_base *base;
static struct fsmtp *server;
static int client;

static void
on_event(void *ctx, struct event *ev)
{
	(void)ctx;
	if (ev->kind == EV_SMTP_COPY) {
		copy = *ev;
		copies++;
	}
}

static const struct event_sink sink = { on_event, NULL };
static const uint16_t port = 20299;

static void
start(void)
{
	struct fsmtp_config c = { .hosts = &host, .host_count = 1,
		.sink = &sink };
	struct sockaddr_storage ss;
	struct addr failed, to;
	socklen_t len;

	addr_parse(&addr, "127.0.0.77");
	host.name = "mx.test";
	host.addrs = &addr;
	host.addr_count = 1;
	host.rules = &rule;
	rule.rule = (struct rule){ "1:1", PHASE_ALWAYS, false, 0 };
	rule.stage = FSMTP_EOD;
	c.timers = timers = timers_new();
	base = event_base_new();
	server = fsmtp_new(&c);
	ck_assert_int_eq(fsmtp_listen(server, base, port, &failed), 0);
	to = addr;
	to.port = port;
	len = addr_to_sockaddr(&to, &ss);
	client = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&ss, len), 0);
}

/* Sends, then turns the loop until the client has read `want`. */
static void
say(const char *text, const char *want)
{
	char got[4096];
	size_t len = 0;
	struct pollfd p = { client, POLLIN, 0 };

	ck_assert_int_eq(send(client, text, strlen(text), 0), strlen(text));
	got[0] = '\0';
	while (want != NULL && strstr(got, want) == NULL) {
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		if (poll(&p, 1, 0) == 1) {
			ssize_t n = read(client, got + len,
			    sizeof got - 1 - len);

			ck_assert_int_gt(n, 0);
			len += (size_t)n;
			got[len] = '\0';
		}
	}
}

static void
turn_until_copied(void)
{
	while (copies == 0)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
stop(void)
{
	if (client >= 0)
		close(client);
	fsmtp_free(server);
	timers_free(timers);
	event_base_free(base);
}

#define ENVELOPE "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n"

START_TEST(a_reply_followed_by_a_command_is_acked)
{
	start();
	say(ENVELOPE, "354");
	say(".\r\n", "250 2.0.0");
	ck_assert_int_eq(copies, 0);
	say("QUIT\r\n", "221");
	ck_assert_int_eq(copies, 1);
	ck_assert_int_eq(copy.acked, YES);
	ck_assert_int_eq(copy.code, 250);
	ck_assert_int_eq(copy.stored, YES);
	stop();
}
END_TEST

START_TEST(a_reset_right_after_the_reply_is_ambiguous)
{
	static const char *const line = "250 ok";

	host.rule_count = 1;
	rule.lines = &line;
	rule.line_count = 1;
	rule.then = FSMTP_THEN_RESET;
	start();
	say(ENVELOPE, "354");
	say(".\r\n", NULL);
	turn_until_copied();
	ck_assert_int_eq(copy.acked, NO);
	ck_assert_int_eq(copy.code, 250);
	ck_assert_int_eq(copy.stored, YES);
	stop();
}
END_TEST

START_TEST(a_client_that_leaves_during_the_delay_got_no_reply)
{
	host.rule_count = 1;
	rule.action = FSMTP_DO_HEALTHY;
	rule.delay_us = 570 * USEC_PER_SEC;
	start();
	say(ENVELOPE, "354");
	say(".\r\n", NULL);
	event_base_loop(base, EVLOOP_ONCE);
	timers_advance(timers, 300 * USEC_PER_SEC);
	ck_assert_int_eq(copies, 0);
	close(client);
	client = -1;
	turn_until_copied();
	ck_assert_int_eq(copy.code, 0);
	ck_assert_int_eq(copy.acked, NO);
	ck_assert_int_eq(copy.stored, YES);
	ck_assert_uint_eq(fsmtp_sessions(server), 0);
	stop();
}
END_TEST

START_TEST(a_late_reply_counts_when_it_was_read)
{
	host.rule_count = 1;
	rule.action = FSMTP_DO_HEALTHY;
	rule.delay_us = 570 * USEC_PER_SEC;
	start();
	say(ENVELOPE, "354");
	say(".\r\n", NULL);
	event_base_loop(base, EVLOOP_ONCE);
	timers_advance(timers, 570 * USEC_PER_SEC);
	say("QUIT\r\n", "221");
	ck_assert_int_eq(copies, 1);
	ck_assert_int_eq(copy.code, 250);
	ck_assert_int_eq(copy.acked, YES);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fake_smtp copies");
	TCase *tc = tcase_create("acked");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, a_reply_followed_by_a_command_is_acked);
	tcase_add_test(tc, a_reset_right_after_the_reply_is_ambiguous);
	tcase_add_test(tc, a_client_that_leaves_during_the_delay_got_no_reply);
	tcase_add_test(tc, a_late_reply_counts_when_it_was_read);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed > 0;
}

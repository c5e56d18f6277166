/* How outputs are carried to the socket: delays, drips, ends, idleness. */
#include "tests/unit/fake_smtp/wire.h"

#define IDLE	(300 * SEC)

static struct fsmtp_rule *rule;
static int client;

static void
begin(enum fsmtp_stage stage, enum fsmtp_action action, const char *line)
{
	rule = wire_rule(stage, action, line);
	wire_start();
	client = wire_session();
}

/* What the client has got by now, octet for octet. */
#define GOT(text)							\
	do {								\
		struct sbuf got_ = { 0 };				\
		for (int i_ = 0; i_ < 10; i_++)				\
			ck_assert_int_eq(wire_take(client, &got_), 0);	\
		ck_assert_str_eq(sbuf_str(&got_), text);		\
		sbuf_fini(&got_);					\
	} while (0)

static void
after(int64_t us)
{
	timers_advance(timers, timers_now(timers) + us);
}

START_TEST(a_dripped_reply_comes_octet_by_octet)
{
	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 ok");
	rule->drip_us = 2 * SEC;
	wire_send(client, "NOOP\r\nNOOP\r\n");
	GOT("2");
	after(2 * SEC - 1);
	GOT("");
	after(1);
	GOT("5");
	after(4 * SEC);
	GOT("0 ");
	after(8 * SEC - 1);
	GOT("ok\r");
	rule->drip_us = 0;
	after(1);
	GOT("\n250 ok\r\n");
	ck_assert_int_eq(fsmtp_sessions(server), 1);
	close(client);
}
END_TEST

START_TEST(a_reply_in_pieces_pauses_between_them)
{
	static const size_t pieces[] = { 2, 3 };

	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 ok");
	rule->pieces = pieces;
	rule->piece_count = 2;
	rule->pause_us = 10 * SEC;
	wire_send(client, "NOOP\r\nRSET\r\n");
	GOT("25");
	after(10 * SEC - 1);
	GOT("");
	after(1);
	GOT("0 o");
	after(10 * SEC);
	GOT("k\r\n250 2.0.0 reset\r\n");
	close(client);
}
END_TEST

START_TEST(pieces_longer_than_the_reply_are_one)
{
	static const size_t pieces[] = { 100, 3 };

	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 ok");
	rule->pieces = pieces;
	rule->piece_count = 2;
	rule->pause_us = 10 * SEC;
	rule->delay_us = SEC;
	wire_send(client, "NOOP\r\n");
	turn_often();
	after(SEC);
	GOT("250 ok\r\n");
	close(client);
}
END_TEST

START_TEST(a_silent_client_is_spoken_to_unasked)
{
	struct sbuf got = { 0 };

	rule = wire_rule(FSMTP_IDLE, FSMTP_DO_REPLY, "421 4.4.2 too slow");
	rule->delay_us = 30 * SEC;
	wire_start();
	client = wire_session();
	GOT("");
	after(29 * SEC);
	wire_say(client, "NOOP\r\n", "250 ");
	after(29 * SEC);
	GOT("");
	after(SEC);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "421 4.4.2 too slow\r\n");
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&replies), "idle 421 - 1:1"));
	ck_assert_str_eq(sbuf_str(&violations), "");
	ck_assert_uint_eq(rule->rule.fired, 1);
	sbuf_fini(&got);
}
END_TEST

START_TEST(in_a_transaction_nobody_speaks_unasked)
{
	struct sbuf got = { 0 };

	begin(FSMTP_IDLE, FSMTP_DO_REPLY, "421 4.4.2 too slow");
	wire_say(client, "MAIL FROM:<>\r\n", "250 ");
	after(100 * SEC);
	GOT("");
	wire_say(client, "RSET\r\n", "250 ");
	after(SEC - 1);
	GOT("");
	after(1);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "421 4.4.2 too slow\r\n");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(a_delayed_drip_begins_after_the_delay)
{
	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 ok");
	rule->drip_us = SEC;
	rule->delay_us = 10 * SEC;
	wire_send(client, "NOOP\r\n");
	turn_often();
	after(10 * SEC - 1);
	GOT("");
	after(1);
	GOT("2");
	after(SEC);
	GOT("5");
	close(client);
}
END_TEST

START_TEST(what_came_before_a_drip_is_sent_at_once)
{
	begin(FSMTP_RCPT, FSMTP_DO_REPLY, "250 ok");
	rule->drip_us = SEC;
	wire_send(client, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
	GOT("250 2.1.0 sender ok\r\n2");
	close(client);
}
END_TEST

START_TEST(a_half_closing_client_gets_its_dripped_replies)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 x");
	rule->drip_us = SEC;
	wire_send(client, "NOOP\r\nNOOP\r\n");
	GOT("2");
	shutdown(client, SHUT_WR);
	UNTIL(closes.len > 0);
	for (int i = 0; i < 20; i++)
		after(SEC);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "50 x\r\n250 x\r\n");
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 0\n");
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(a_drip_to_a_client_that_left_ends_at_the_failed_write)
{
	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 a long reply");
	rule->drip_us = SEC;
	wire_send(client, "NOOP\r\n");
	GOT("2");
	close(client);
	UNTIL(closes.len > 0);
	/* No turn of the loop: only write(2) can tell. */
	after(3 * SEC);
	ck_assert_int_eq(fsmtp_sessions(server), 0);
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 0\n");
}
END_TEST

START_TEST(a_delayed_reply_goes_to_whom_has_quit_too)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 5 * SEC;
	wire_send(client, "NOOP\r\nQUIT\r\n");
	turn_often();
	shutdown(client, SHUT_WR);
	turn_often();
	after(5 * SEC);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got),
	    "250 2.0.0 ok\r\n221 2.0.0 bye\r\n");
	UNTIL(fsmtp_sessions(server) == 0);
	sbuf_fini(&got);
	close(client);
}
END_TEST

/* Its QUIT came in place of more patience: it left then, not when we spoke. */
START_TEST(who_quits_and_leaves_a_slow_reply_has_left_then)
{
	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 400 * SEC;
	wire_send(client, "NOOP\r\nRSET\r\n");
	turn_often();
	after(300 * SEC);
	wire_send(client, "QUIT\r\n");
	turn_often();
	shutdown(client, SHUT_WR);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 300\n");
	ck_assert_ptr_null(strstr(sbuf_str(&commands), "RSET"));
	ck_assert_str_eq(sbuf_str(&violations), "");
	close(client);
}
END_TEST

START_TEST(two_delays_in_a_row_each_take_their_time)
{
	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 5 * SEC;
	wire_send(client, "NOOP\r\nNOOP\r\n");
	turn_often();
	shutdown(client, SHUT_WR);
	turn_often();
	after(5 * SEC);
	GOT("250 2.0.0 ok\r\n");
	after(5 * SEC - 1);
	GOT("");
	after(1);
	wire_hear(client, "250 2.0.0 ok\r\n");
	UNTIL(fsmtp_sessions(server) == 0);
	close(client);
}
END_TEST

START_TEST(silence_ends_when_the_client_closes)
{
	begin(FSMTP_NOOP, FSMTP_DO_SILENCE, NULL);
	wire_send(client, "NOOP\r\n");
	GOT("");
	wire_send(client, "QUIT\r\n");
	GOT("");
	after(10 * IDLE);
	GOT("");
	ck_assert_int_eq(fsmtp_sessions(server), 1);
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin - at 3000\n");
}
END_TEST

/* What Exim 4.96 does with the last message of a session: QUIT is sent with
 * the end of data, then its FIN, and the reply is awaited. */
START_TEST(who_quit_ahead_and_half_closed_waits_in_silence)
{
	begin(FSMTP_NOOP, FSMTP_DO_SILENCE, NULL);
	wire_send(client, "NOOP\r\nQUIT\r\n");
	shutdown(client, SHUT_WR);
	turn_often();
	after(10 * IDLE);
	wire_hush(client);
	ck_assert_int_eq(fsmtp_sessions(server), 1);
	ck_assert_str_eq(sbuf_str(&closes), "");
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	close(client);
}
END_TEST

START_TEST(who_quit_ahead_is_not_impatient_while_a_reply_is_delayed)
{
	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 5 * SEC;
	wire_send(client, "NOOP\r\nQUIT\r\n");
	shutdown(client, SHUT_WR);
	turn_often();
	ck_assert_str_eq(sbuf_str(&closes), "");
	after(5 * SEC);
	wire_hear(client, "250 2.0.0 ok\r\n221 2.0.0 bye\r\n");
	close(client);
}
END_TEST

START_TEST(an_endless_reply_goes_on_at_its_pace)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_ENDLESS, "250 more");
	wire_send(client, "NOOP\r\n");
	for (int i = 0; i < 3; i++) {
		size_t before = got.len;

		while (wire_take(client, &got) == 0 && got.len - before < 1000)
			;
		wire_hush(client);
		ck_assert_uint_lt(got.len - before, 20000);
		after(SEC / 10 - 1);
		wire_hush(client);
		after(1);
	}
	for (size_t i = 0; i + 10 <= got.len; i += 10)
		ck_assert_int_eq(memcmp(got.data + i, "250-more\r\n", 10), 0);
	ck_assert_str_eq(sbuf_str(&closes), "");
	after(10 * IDLE);
	ck_assert_str_eq(sbuf_str(&closes), "");
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	sbuf_fini(&got);
}
END_TEST

START_TEST(an_endless_reply_ends_with_a_half_close)
{
	begin(FSMTP_NOOP, FSMTP_DO_ENDLESS, "250 more");
	wire_send(client, "NOOP\r\n");
	wire_hear(client, "250-more\r\n250-more\r\n");
	shutdown(client, SHUT_WR);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 0\n");
	close(client);
}
END_TEST

START_TEST(an_endless_reply_can_drip)
{
	begin(FSMTP_NOOP, FSMTP_DO_ENDLESS, "250 m");
	rule->drip_us = SEC;
	wire_send(client, "NOOP\r\n");
	GOT("2");
	for (int i = 0; i < 13; i++)
		after(SEC);
	GOT("50-m\r\n250-m\r\n");
	close(client);
}
END_TEST

/* Longer than what the sockets hold, and followed by a pipelined answer. */
START_TEST(an_oversized_reply_arrives_whole)
{
	static const size_t sizes[] = { 600, 65535, 65536, 65537, 9000000 };
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_OVERSIZED, "250 big");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		rule->octets = sizes[i];
		sbuf_clear(&got);
		wire_send(client, "NOOP\r\nRSET\r\n");
		while (got.len < sizes[i] + 17)
			ck_assert_int_eq(wire_take(client, &got), 0);
		ck_assert_uint_eq(got.len, sizes[i] + 17);
		ck_assert_int_eq(memcmp(got.data, "250 big", 7), 0);
		ck_assert_ptr_eq(strchr(got.data, '\r'),
		    got.data + sizes[i] - 2);
		ck_assert_str_eq(got.data + sizes[i], "250 2.0.0 reset\r\n");
	}
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(a_half_closing_client_gets_an_oversized_reply)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_OVERSIZED, "250 big");
	rule->octets = 9000000;
	wire_send(client, "NOOP\r\n");
	UNTIL(strstr(sbuf_str(&replies), "noop 250") != NULL);
	shutdown(client, SHUT_WR);
	turn_often();
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_uint_eq(got.len, 9000000);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin - at 0\n");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(an_oversized_reply_has_a_default_length)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_OVERSIZED, "250");
	wire_send(client, "NOOP\r\n");
	while (got.len < 65536)
		ck_assert_int_eq(wire_take(client, &got), 0);
	GOT("");
	ck_assert_int_eq(memcmp(got.data, "250 ", 4), 0);
	ck_assert_str_eq(got.data + 65534, "\r\n");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(an_idle_client_is_told_421)
{
	struct sbuf got = { 0 };

	wire_start();
	client = wire_session();
	after(IDLE - 1);
	GOT("");
	after(1);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "421 4.4.2 idle for too long\r\n");
	ck_assert_str_eq(sbuf_str(&closes), "server timeout - at 300\n");
	/* It does not answer our FIN either: that ends some time. */
	after(IDLE - 1);
	ck_assert_uint_eq(fsmtp_sessions(server), 1);
	after(1);
	ck_assert_uint_eq(fsmtp_sessions(server), 0);
	ck_assert_str_eq(sbuf_str(&closes), "server timeout - at 300\n");
	ck_assert_str_eq(sbuf_str(&violations), "");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(a_word_from_the_client_ends_its_idleness)
{
	wire_start();
	client = wire_session();
	after(IDLE - SEC);
	wire_say(client, "NOOP\r\n", "250");
	after(SEC);
	GOT("");
	after(IDLE - SEC - 1);
	GOT("");
	after(1);
	wire_hear(client, "421");
	close(client);
}
END_TEST

START_TEST(a_client_that_waits_for_us_is_not_idle)
{
	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 2 * IDLE + SEC;
	wire_send(client, "NOOP\r\n");
	turn_often();
	after(2 * IDLE);
	GOT("");
	after(SEC);
	GOT("250 2.0.0 ok\r\n");
	after(IDLE - 1);
	GOT("");
	after(IDLE);
	wire_hear(client, "421");
	close(client);
}
END_TEST

START_TEST(idleness_in_the_midst_of_the_content_ends_too)
{
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	after(IDLE);
	wire_hear(client, "421");
	close(client);
}
END_TEST

START_TEST(a_close_after_the_reply_awaits_the_clients_own)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 last");
	rule->then = FSMTP_THEN_CLOSE;
	wire_send(client, "NOOP\r\nNOOP\r\n");
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "250 last\r\n");
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 0\n");
	wire_send(client, "NOOP\r\n");
	turn_often();
	ck_assert_uint_eq(fsmtp_sessions(server), 1);
	ck_assert_uint_eq(rule->rule.fired, 1);
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 0\n");
	sbuf_fini(&got);
}
END_TEST

START_TEST(a_reset_after_the_reply_is_one)
{
	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 last");
	rule->then = FSMTP_THEN_RESET;
	wire_send(client, "NOOP\r\n");
	ck_assert_str_eq(wire_end(client, NULL), "reset");
	ck_assert_str_eq(sbuf_str(&closes), "server reset 1:1 at 0\n");
	ck_assert_uint_eq(fsmtp_sessions(server), 0);
	close(client);
}
END_TEST

START_TEST(a_421_closes_over_the_socket_too)
{
	struct sbuf got = { 0 };

	begin(FSMTP_MAIL, FSMTP_DO_REPLY, "421 4.3.2 not now");
	wire_send(client, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "421 4.3.2 not now\r\n");
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 0\n");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(the_next_session_starts_afresh)
{
	begin(FSMTP_NOOP, FSMTP_DO_REPLY, "250 slow");
	rule->drip_us = SEC;
	wire_send(client, "NOOP\r\nMAIL FROM:<>\r\n");
	GOT("2");
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	rule->drip_us = 0;
	for (int i = 0; i < 3; i++) {
		client = wire_session();
		wire_say(client, WIRE_ENVELOPE, "354");
		wire_say(client, ".\r\n", "250 2.0.0 stored");
		wire_say(client, "QUIT\r\n", "221");
		ck_assert_str_eq(wire_end(client, NULL), "fin");
		close(client);
		UNTIL(fsmtp_sessions(server) == 0);
	}
	ck_assert_str_eq(sbuf_str(&copies), "a@b 250 acked stored\n"
	    "a@b 250 acked stored\na@b 250 acked stored\n");
	ck_assert_str_eq(sbuf_str(&violations), "");
}
END_TEST

START_TEST(what_was_not_sent_dies_with_its_connection)
{
	struct sbuf got = { 0 };

	begin(FSMTP_NOOP, FSMTP_DO_OVERSIZED, "250 big");
	rule->octets = 32 << 20;
	wire_send(client, "NOOP\r\n");
	UNTIL(strstr(sbuf_str(&replies), "noop 250") != NULL);
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	client = wire_connect(&wire_addrs[0]);
	while (got.len < 20)
		ck_assert_int_eq(wire_take(client, &got), 0);
	ck_assert_str_eq(sbuf_str(&got), "220 mx1.test ESMTP\r\n");
	sbuf_fini(&got);
	close(client);
}
END_TEST

START_TEST(clients_at_the_same_time_do_not_wait_for_each_other)
{
	int other;

	begin(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);
	rule->delay_us = 5 * SEC;
	wire_send(client, "NOOP\r\n");
	turn_often();
	other = wire_session();
	wire_say(other, "RSET\r\n", "250");
	ck_assert_uint_eq(fsmtp_sessions(server), 2);
	after(5 * SEC);
	wire_hear(client, "250");
	close(other);
	UNTIL(fsmtp_sessions(server) == 1);
	wire_say(client, "QUIT\r\n", "221");
	close(client);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_dripped_reply_comes_octet_by_octet,
		a_reply_in_pieces_pauses_between_them,
		pieces_longer_than_the_reply_are_one,
		a_silent_client_is_spoken_to_unasked,
		in_a_transaction_nobody_speaks_unasked,
		a_delayed_drip_begins_after_the_delay,
		what_came_before_a_drip_is_sent_at_once,
		a_half_closing_client_gets_its_dripped_replies,
		who_quit_ahead_and_half_closed_waits_in_silence,
		who_quit_ahead_is_not_impatient_while_a_reply_is_delayed,
		a_drip_to_a_client_that_left_ends_at_the_failed_write,
		a_delayed_reply_goes_to_whom_has_quit_too,
		who_quits_and_leaves_a_slow_reply_has_left_then,
		two_delays_in_a_row_each_take_their_time,
		silence_ends_when_the_client_closes,
		an_endless_reply_goes_on_at_its_pace,
		an_endless_reply_ends_with_a_half_close,
		an_endless_reply_can_drip,
		an_oversized_reply_arrives_whole,
		a_half_closing_client_gets_an_oversized_reply,
		an_oversized_reply_has_a_default_length,
		an_idle_client_is_told_421,
		a_word_from_the_client_ends_its_idleness,
		a_client_that_waits_for_us_is_not_idle,
		idleness_in_the_midst_of_the_content_ends_too,
		a_close_after_the_reply_awaits_the_clients_own,
		a_reset_after_the_reply_is_one,
		a_421_closes_over_the_socket_too,
		the_next_session_starts_afresh,
		what_was_not_sent_dies_with_its_connection,
		clients_at_the_same_time_do_not_wait_for_each_other,
	};

	return wire_run("fake_smtp carrying", tests,
	    sizeof tests / sizeof *tests);
}

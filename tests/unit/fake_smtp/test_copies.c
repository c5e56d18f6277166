/* The fate of end-of-data replies, as TCP and the client's next words tell. */
#include "tests/unit/fake_smtp/wire.h"

#define STORED(code)	"a@b " code " acked stored\n"
#define AMBIGUOUS(code)	"a@b " code " unacked stored\n"

static int client;

/* Up to the end of the content. */
static void
send_message(void)
{
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	wire_send(client, ".\r\n");
}

static struct fsmtp_rule *
late_eod(int64_t delay_us)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_EOD, FSMTP_DO_HEALTHY, NULL);

	r->delay_us = delay_us;
	return r;
}

static void
quit(void)
{
	wire_say(client, "QUIT\r\n", "221");
	ck_assert_str_eq(wire_end(client, NULL), "fin");
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
}

START_TEST(a_reply_followed_by_a_command_is_acked)
{
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	ck_assert_str_eq(sbuf_str(&copies), "");
	wire_say(client, "NOOP\r\n", "250");
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	quit();
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	ck_assert_str_eq(sbuf_str(&closes), "server fin - at 0\n");
}
END_TEST

/* It keeps the session for the next message, as Courier does for a minute. */
START_TEST(a_client_that_keeps_silent_has_read_the_reply)
{
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	timers_advance(timers, SEC - 1);
	ck_assert_str_eq(sbuf_str(&copies), "");
	timers_advance(timers, SEC);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	timers_advance(timers, 60 * SEC);
	quit();
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

/* The early reset of the next stage comes so long after the reply. */
static void
break_after(enum fsmtp_action how, int64_t delay_us)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_QUIT, how, NULL);

	r->early = true;
	r->delay_us = delay_us;
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	timers_advance(timers, delay_us - 1);
	turn_often();
	ck_assert_str_eq(sbuf_str(&copies), "");
	timers_advance(timers, delay_us);
	ck_assert_str_eq(wire_end(client, NULL),
	    how == FSMTP_DO_RESET ? "reset" : "fin");
	UNTIL(copies.len > 0);
	close(client);
}

START_TEST(a_reset_soon_after_the_ack_is_ambiguous)
{
	break_after(FSMTP_DO_RESET, SEC - 1);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
	ck_assert_str_eq(sbuf_str(&closes), "server reset 1:1 at 0\n");
}
END_TEST

START_TEST(a_reset_a_second_after_the_reply_is_not_ambiguous)
{
	break_after(FSMTP_DO_RESET, SEC);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

START_TEST(a_close_soon_after_the_ack_is_ambiguous)
{
	break_after(FSMTP_DO_CLOSE, SEC - 1);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 0\n");
}
END_TEST

START_TEST(a_close_a_second_after_the_reply_is_not_ambiguous)
{
	break_after(FSMTP_DO_CLOSE, SEC);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

START_TEST(a_reset_after_a_further_command_is_not_ambiguous)
{
	wire_rule(FSMTP_NOOP, FSMTP_DO_RESET, NULL);
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	wire_send(client, "NOOP\r\n");
	ck_assert_str_eq(wire_end(client, NULL), "reset");
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	close(client);
}
END_TEST

START_TEST(a_reset_glued_to_the_reply_is_ambiguous)
{
	wire_rule(FSMTP_EOD, FSMTP_DO_REPLY, "250 ok")->then =
	    FSMTP_THEN_RESET;
	send_message();
	UNTIL(copies.len > 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
	close(client);
}
END_TEST

START_TEST(a_421_that_closes_is_no_ambiguity)
{
	struct sbuf got = { 0 };

	wire_rule(FSMTP_EOD, FSMTP_DO_REPLY, "421 bye");
	send_message();
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "421 bye\r\n");
	ck_assert_str_eq(sbuf_str(&copies), "");
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), "a@b 421 acked discarded\n");
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 0\n");
	ck_assert_str_eq(sbuf_str(&violations), "");
	sbuf_fini(&got);
}
END_TEST

START_TEST(a_late_reply_counts_when_it_was_read)
{
	late_eod(570 * SEC);
	send_message();
	turn_often();
	timers_advance(timers, 570 * SEC - 1);
	wire_hush(client);
	timers_advance(timers, 570 * SEC);
	wire_hear(client, "250");
	quit();
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

START_TEST(a_half_closing_client_gets_its_late_reply)
{
	struct sbuf got = { 0 };

	late_eod(570 * SEC);
	send_message();
	turn_often();
	timers_advance(timers, 300 * SEC);
	shutdown(client, SHUT_WR);
	UNTIL(closes.len > 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 300\n");
	ck_assert_str_eq(sbuf_str(&copies), "");
	ck_assert_uint_eq(fsmtp_sessions(server), 1);
	timers_advance(timers, 570 * SEC);
	ck_assert_str_eq(wire_end(client, &got), "fin");
	ck_assert_str_eq(sbuf_str(&got), "250 2.0.0 stored\r\n");
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 300\n");
	close(client);
	sbuf_fini(&got);
}
END_TEST

START_TEST(a_client_that_left_during_the_delay_read_no_reply)
{
	late_eod(570 * SEC);
	send_message();
	turn_often();
	timers_advance(timers, 300 * SEC);
	close(client);
	UNTIL(closes.len > 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin 1:1 at 300\n");
	timers_advance(timers, 570 * SEC);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
	ck_assert_str_eq(sbuf_str(&violations), "");
}
END_TEST

START_TEST(a_reset_by_the_client_cancels_a_late_reply)
{
	late_eod(570 * SEC);
	send_message();
	UNTIL(strstr(sbuf_str(&commands), "data") != NULL &&
	    timers_next(timers) != TIME_NEVER);
	turn_often();
	timers_advance(timers, 10 * SEC);
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
	ck_assert_str_eq(sbuf_str(&closes), "client reset 1:1 at 10\n");
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
}
END_TEST

START_TEST(a_reset_after_a_half_close_cancels_a_late_reply)
{
	late_eod(570 * SEC);
	send_message();
	turn_often();
	shutdown(client, SHUT_WR);
	UNTIL(closes.len > 0);
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
}
END_TEST

START_TEST(a_client_that_leaves_after_the_ack_has_read_the_reply)
{
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	ck_assert_str_eq(sbuf_str(&closes), "client fin - at 0\n");
	ck_assert_str_eq(sbuf_str(&violations), "R-5321-4.1.1.10-b\n");
}
END_TEST

START_TEST(a_client_that_resets_after_the_ack_has_read_the_reply)
{
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	ck_assert_str_eq(sbuf_str(&closes), "client reset - at 0\n");
}
END_TEST

START_TEST(a_close_before_the_reply_leaves_none)
{
	wire_rule(FSMTP_EOD, FSMTP_DO_CLOSE, NULL)->keep = FSMTP_KEEP_STORE;
	send_message();
	ck_assert_str_eq(wire_end(client, NULL), "fin");
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
	close(client);
}
END_TEST

START_TEST(every_pipelined_transaction_has_its_own_fate)
{
	static const char burst[] = ".\r\nMAIL FROM:<>\r\nRCPT TO:<c@d>\r\n"
	    "DATA\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<e@f>\r\nDATA\r\n.\r\n";

	wire_rule(FSMTP_EOD, FSMTP_DO_REPLY, "451 no")->nth_in_session = 2;
	late_eod(60 * SEC)->nth_in_session = 3;
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	wire_say(client, burst, "451 no\r\n250 2.1.0 sender ok\r\n"
	    "250 2.1.5 recipient ok\r\n354");
	wire_acked(client);
	ck_assert_str_eq(sbuf_str(&copies), "");
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250")
	    "c@d 451 acked discarded\n" "e@f 0 unacked stored\n");
}
END_TEST

START_TEST(a_command_settles_only_replies_that_were_sent)
{
	late_eod(60 * SEC)->nth_in_session = 2;
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_say(client, WIRE_ENVELOPE, "354");
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	sbuf_clear(&copies);
	wire_send(client, ".\r\n");
	turn_often();
	wire_send(client, "NOOP\r\n");
	turn_often();
	ck_assert_str_eq(sbuf_str(&copies), "");
	timers_advance(timers, 60 * SEC);
	wire_hear(client, "250 2.0.0 stored\r\n250 2.0.0 ok\r\n");
	quit();
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

/* Too long for the sockets' buffers: its end never got to TCP. */
START_TEST(a_reply_stuck_in_our_buffer_is_none)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_EOD, FSMTP_DO_OVERSIZED,
	    "250 ok");

	r->octets = 32 << 20;
	send_message();
	UNTIL(strstr(sbuf_str(&replies), "eod 250") != NULL);
	turn_often();
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
}
END_TEST

START_TEST(a_reply_that_tcp_has_not_acked_is_ambiguous)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_EOD, FSMTP_DO_OVERSIZED,
	    "250 ok");
	int size = 4096, far;

	r->octets = 100000;
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	/* The window closes before the end; the server's buffer takes it. */
	far = wire_far_end(client);
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	size = 1 << 20;
	setsockopt(far, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	wire_send(client, ".\r\n");
	UNTIL(strstr(sbuf_str(&replies), "eod 250") != NULL);
	turn_often();
	wire_reset(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
}
END_TEST

START_TEST(a_word_during_the_delay_is_no_answer_to_the_reply)
{
	struct fsmtp_rule *r;

	late_eod(60 * SEC);
	r = wire_rule(FSMTP_NOOP, FSMTP_DO_RESET, NULL);
	r->delay_us = SEC / 2;
	send_message();
	turn_often();
	wire_send(client, "NOOP\r\n");
	turn_often();
	timers_advance(timers, 60 * SEC);
	wire_hear(client, "250 2.0.0 stored");
	wire_acked(client);
	timers_advance(timers, 60 * SEC + SEC / 2);
	ck_assert_str_eq(wire_end(client, NULL), "reset");
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("250"));
	close(client);
}
END_TEST

START_TEST(a_word_counts_even_if_the_ack_comes_after_it)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_EOD, FSMTP_DO_OVERSIZED,
	    "250 ok");
	int size = 4096;

	r->octets = 100000;
	r = wire_rule(FSMTP_NOOP, FSMTP_DO_RESET, NULL);
	r->delay_us = SEC / 2;
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	size = 1 << 20;
	setsockopt(wire_far_end(client), SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof size);
	wire_send(client, ".\r\n");
	UNTIL(strstr(sbuf_str(&replies), "eod 250") != NULL);
	wire_send(client, "NOOP\r\n");
	UNTIL(strstr(sbuf_str(&commands), "noop") != NULL);
	ck_assert_str_eq(sbuf_str(&copies), "");
	wire_hear(client, "\r\n");
	wire_acked(client);
	timers_advance(timers, SEC / 2);
	UNTIL(copies.len > 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	close(client);
}
END_TEST

START_TEST(silence_is_no_reply)
{
	wire_rule(FSMTP_EOD, FSMTP_DO_SILENCE, NULL)->keep = FSMTP_KEEP_STORE;
	send_message();
	turn_often();
	wire_acked(client);
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
}
END_TEST

START_TEST(half_a_reply_is_none)
{
	wire_rule(FSMTP_EOD, FSMTP_DO_HEALTHY, NULL)->cut = 6;
	send_message();
	wire_hear(client, "250 2.");
	wire_acked(client);
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), AMBIGUOUS("0"));
}
END_TEST

START_TEST(a_quit_sent_ahead_waits_for_the_clients_end)
{
	wire_start();
	client = wire_session();
	wire_say(client, WIRE_ENVELOPE, "354");
	wire_send(client, ".\r\nQUIT\r\n");
	ck_assert_str_eq(wire_end(client, NULL), "fin");
	wire_acked(client);
	ck_assert_str_eq(sbuf_str(&copies), "");
	close(client);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
}
END_TEST

START_TEST(the_end_of_the_server_settles_what_is_open)
{
	send_message();
	wire_hear(client, "250 2.0.0");
	wire_acked(client);
	fsmtp_free(server);
	server = NULL;
	ck_assert_str_eq(sbuf_str(&copies), STORED("250"));
	close(client);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_reply_followed_by_a_command_is_acked,
		a_client_that_keeps_silent_has_read_the_reply,
		a_reset_soon_after_the_ack_is_ambiguous,
		a_reset_a_second_after_the_reply_is_not_ambiguous,
		a_close_soon_after_the_ack_is_ambiguous,
		a_close_a_second_after_the_reply_is_not_ambiguous,
		a_reset_after_a_further_command_is_not_ambiguous,
		a_reset_glued_to_the_reply_is_ambiguous,
		a_421_that_closes_is_no_ambiguity,
		a_late_reply_counts_when_it_was_read,
		a_half_closing_client_gets_its_late_reply,
		a_client_that_left_during_the_delay_read_no_reply,
		a_reset_by_the_client_cancels_a_late_reply,
		a_reset_after_a_half_close_cancels_a_late_reply,
		a_client_that_leaves_after_the_ack_has_read_the_reply,
		a_client_that_resets_after_the_ack_has_read_the_reply,
		a_close_before_the_reply_leaves_none,
		every_pipelined_transaction_has_its_own_fate,
		a_command_settles_only_replies_that_were_sent,
		a_reply_stuck_in_our_buffer_is_none,
		a_reply_that_tcp_has_not_acked_is_ambiguous,
		a_word_during_the_delay_is_no_answer_to_the_reply,
		a_word_counts_even_if_the_ack_comes_after_it,
		silence_is_no_reply,
		half_a_reply_is_none,
		a_quit_sent_ahead_waits_for_the_clients_end,
		the_end_of_the_server_settles_what_is_open,
	};

	return wire_run("fake_smtp copies", tests,
	    sizeof tests / sizeof *tests);
}

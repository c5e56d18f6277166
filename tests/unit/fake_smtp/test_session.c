/*
 * Dialogues of the session without a socket.  In a transcript "> " is a line
 * of the client, ">>" one sent in the same breath as the next, "< " one of
 * the server, "!" an event, "=" an action: silence, close, reset, endless.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_smtp/session.h"
#include "harness/base/sbuf.h"

static struct sbuf seen;		/* "< reply\n", "! event\n", "= action\n" */
static struct fsmtp_rule rules[8];
static struct fsmtp_host host;
static struct fsmtp_session *session;
static struct fsmtp_greys *greys;
static struct fsmtp_session_config config;
static int64_t now_us;
static char content[256];
static int messages;
static bool last_stored;

static void
on_event(void *ctx, struct event *ev)
{
	(void)ctx;
	if (ev->kind == EV_SMTP_VIOLATION)
		sbuf_printf(&seen, "! %s\n", ev->name);
	else if (ev->kind == EV_SMTP_COPY)
		sbuf_printf(&seen, "! copy %s %d %s %s\n", ev->rcpt,
		    (int)ev->code, ev->acked == YES ? "acked" : "unacked",
		    ev->stored == YES ? "stored" : "discarded");
}

static void
on_message(void *ctx, const struct fsmtp_message *m)
{
	(void)ctx;
	messages++;
	last_stored = m->stored;
	snprintf(content, sizeof content, "%.*s", (int)m->len, m->content);
}

static const struct event_sink sink = { on_event, NULL };

static struct fsmtp_rule *
rule(enum fsmtp_stage stage, enum fsmtp_action action, const char *line)
{
	struct fsmtp_rule *r = &rules[host.rule_count++];
	static const char *lines[8];

	memset(r, 0, sizeof *r);
	r->rule = (struct rule){ "7:3", PHASE_ALWAYS, false, 0 };
	r->stage = stage;
	r->action = action;
	if (line != NULL) {
		lines[host.rule_count - 1] = line;
		r->lines = &lines[host.rule_count - 1];
		r->line_count = 1;
	}
	return r;
}

static void
setup(void)
{
	memset(&host, 0, sizeof host);
	host.name = "mx.test";
	host.rules = rules;
	memset(&config, 0, sizeof config);
	config.host = &host;
	addr_parse(&config.client, "192.0.2.9");
	addr_parse(&config.server, "192.0.2.1");
	config.conn = config.contact = 1;
	config.sink = &sink;
	config.on_message = on_message;
	config.greys = greys = fsmtp_greys_new();
	session = fsmtp_session_new();
	now_us = 0;
	messages = 0;
	sbuf_clear(&seen);
}

static void
settle_all(bool acked)
{
	struct fsmtp_txn *t;

	while ((t = fsmtp_session_unsettled(session)) != NULL)
		fsmtp_txn_settle(session, t, fsmtp_txn_delivery(t)->replied,
		    acked);
}

static void
teardown(void)
{
	settle_all(false);
	fsmtp_session_free(session);
	fsmtp_greys_free(greys);
	sbuf_fini(&seen);
}

/* Length of the line end that the octets carry: 0, 1 or 2. */
static size_t
line_end(const char *p, size_t len)
{
	if (p[len - 1] != '\n')
		return 0;
	return len > 1 && p[len - 2] == '\r' ? 2 : 1;
}

static void
drain(void)
{
	static const char *const words[] = { "send", "endless", "silence",
		"close", "reset" };
	struct fsmtp_output o;

	while (fsmtp_session_next(session, now_us, &o)) {
		now_us += o.delay_us;
		for (size_t i = 0, bol = 0; i < o.len; i++)
			if (o.bytes[i] == '\n' || i + 1 == o.len) {
				sbuf_printf(&seen, "< %.*s\n",
				    (int)(i + 1 - bol - line_end(o.bytes +
				    bol, i + 1 - bol)), o.bytes + bol);
				bol = i + 1;
				if (o.kind == FSMTP_OUT_ENDLESS)
					break;
			}
		if (o.kind != FSMTP_OUT_SEND)
			sbuf_printf(&seen, "= %s\n", words[o.kind]);
		else if (o.then != FSMTP_THEN_NOTHING)
			sbuf_printf(&seen, "= %s\n",
			    o.then == FSMTP_THEN_CLOSE ? "close" : "reset");
		fsmtp_session_sent(session);
	}
}

/* Plays the client's lines and compares the server's side. */
static void
play(const char *const *script)
{
	struct sbuf expected = { 0 }, burst = { 0 };

	fsmtp_session_open(session, &config);
	sbuf_clear(&seen);
	drain();
	for (; *script != NULL; script++) {
		const char *l = *script;

		if (l[0] != '>') {
			sbuf_printf(&expected, "%s\n", l);
			continue;
		}
		sbuf_printf(&burst, "%s\r\n", l + 2);
		if (l[1] == '>')
			continue;
		fsmtp_session_input(session, burst.data, burst.len);
		sbuf_clear(&burst);
		drain();
	}
	ck_assert_str_eq(sbuf_str(&seen), sbuf_str(&expected));
	sbuf_fini(&expected);
	sbuf_fini(&burst);
}

#define PLAY(...) play((const char *const[]){ __VA_ARGS__, NULL })
#define HELLO	"< 220 mx.test ESMTP", "> HELO c.test", "< 250 mx.test"
#define EHLO	"< 220 mx.test ESMTP", "> EHLO c.test", "< 250-mx.test",	\
	"< 250-PIPELINING", "< 250-SIZE 52428800", "< 250-8BITMIME",	\
	"< 250-SMTPUTF8", "< 250-DSN", "< 250-CHUNKING",		\
	"< 250 ENHANCEDSTATUSCODES"
#define MAIL	"> MAIL FROM:<a@x.test>", "< 250 2.1.0 sender ok"
#define RCPT	"> RCPT TO:<b@y.test>", "< 250 2.1.5 recipient ok"
#define DATA	"> DATA", "< 354 end with a dot"

START_TEST(a_healthy_host_stores_a_message)
{
	PLAY(EHLO, MAIL, RCPT, DATA, ">>Subject: x", ">>", ">>..y", "> .",
	    "< 250 2.0.0 stored", "> QUIT", "< 221 2.0.0 bye", "= close");
	ck_assert_int_eq(messages, 1);
	ck_assert(last_stored);
}
END_TEST

START_TEST(dots_are_unstuffed)
{
	PLAY(HELLO, MAIL, RCPT, DATA, ">>..", ">>...", "> .",
	    "< 250 2.0.0 stored");
	ck_assert_str_eq(content, ".\r\n..\r\n");
}
END_TEST

START_TEST(a_group_is_pipelined_where_offered)
{
	PLAY(EHLO, ">>MAIL FROM:<>", ">>RCPT TO:<b@y.test>", "> DATA",
	    "< 250 2.1.0 sender ok", "< 250 2.1.5 recipient ok",
	    "< 354 end with a dot");
}
END_TEST

START_TEST(pipelining_after_helo_is_a_violation)
{
	PLAY(HELLO, ">>MAIL FROM:<>", "> RCPT TO:<b@y.test>",
	    "< 250 2.1.0 sender ok", "! R-2920-3.1-a",
	    "< 250 2.1.5 recipient ok");
}
END_TEST

START_TEST(a_parameter_without_its_keyword_is_a_violation)
{
	PLAY(HELLO, "> MAIL FROM:<a@x.test> SIZE=10", "! R-5321-4.1.1.3-a",
	    "< 555 5.5.4 parameter not offered");
}
END_TEST

START_TEST(mail_after_a_554_greeting_is_a_violation)
{
	rule(FSMTP_GREETING, FSMTP_DO_REPLY, "554 go away");
	PLAY("< 554 go away", "> MAIL FROM:<>", "! R-5321-3.1-a",
	    "< 503 5.5.1 no service", "> QUIT", "< 221 2.0.0 bye", "= close");
}
END_TEST

START_TEST(chunks_make_a_message)
{
	PLAY(EHLO, MAIL, RCPT, ">>BDAT 4", "> ab",
	    "< 250 2.0.0 4 octets received", "> BDAT 0 LAST",
	    "< 250 2.0.0 stored");
	ck_assert_str_eq(content, "ab\r\n");
}
END_TEST

START_TEST(an_eod_rule_decides_the_last_chunk_too)
{
	rule(FSMTP_EOD, FSMTP_DO_REPLY, "451 later");
	PLAY(EHLO, MAIL, RCPT, "> BDAT 0 LAST", "< 451 later");
	ck_assert(!last_stored);
	ck_assert_uint_eq(rules[0].rule.fired, 1);
}
END_TEST

START_TEST(silence_at_eod_may_store)
{
	rule(FSMTP_EOD, FSMTP_DO_SILENCE, NULL)->keep = FSMTP_KEEP_STORE;
	PLAY(HELLO, MAIL, RCPT, DATA, "> .", "= silence", "> QUIT");
	ck_assert(last_stored);
	sbuf_clear(&seen);
	settle_all(true);
	ck_assert_str_eq(sbuf_str(&seen), "! copy b@y.test 0 unacked stored\n");
}
END_TEST

START_TEST(a_cut_reply_is_none)
{
	struct fsmtp_rule *r = rule(FSMTP_EOD, FSMTP_DO_REPLY, "250 ok");

	r->cut = 2;
	r->then = FSMTP_THEN_RESET;
	PLAY(HELLO, MAIL, RCPT, DATA, "> .", "< 25", "= reset");
	sbuf_clear(&seen);
	settle_all(true);
	ck_assert_str_eq(sbuf_str(&seen), "! copy b@y.test 0 unacked stored\n");
}
END_TEST

START_TEST(a_rule_picks_its_recipient)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->recipient = "bad@*";
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<BAD@y.test>", "< 550 no", RCPT);
}
END_TEST

START_TEST(the_midst_of_the_content_can_be_answered)
{
	struct fsmtp_rule *r = rule(FSMTP_BODY, FSMTP_DO_REPLY, "421 bye");

	r->octets = 10;
	r->then = FSMTP_THEN_CLOSE;
	PLAY(HELLO, MAIL, RCPT, DATA, "> 123", "> 456789", "< 421 bye",
	    "= close");
}
END_TEST

START_TEST(an_early_reply_comes_before_its_command)
{
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "250 early")->early = true;
	PLAY(HELLO, "< 250 early", "> MAIL FROM:<>", RCPT);
}
END_TEST

START_TEST(every_action_is_carried_out_at_every_command)
{
	static const struct {
		enum fsmtp_action action;
		const char *result;
	} actions[] = { { FSMTP_DO_REPLY, "< 451 no\n" },
		{ FSMTP_DO_SILENCE, "= silence\n" },
		{ FSMTP_DO_CLOSE, "= close\n" },
		{ FSMTP_DO_RESET, "= reset\n" },
		{ FSMTP_DO_ENDLESS, "< 451-no\n= endless\n" },
		{ FSMTP_DO_BARE_LF, "< 451 no\n" },
		{ FSMTP_DO_GARBAGE, "< 451 no\n" } };
	static const struct {
		enum fsmtp_stage stage;
		const char *command;
	} stages[] = { { FSMTP_EHLO, "EHLO c.test" },
		{ FSMTP_MAIL, "MAIL FROM:<>" }, { FSMTP_RCPT, "RCPT TO:<a@b>" },
		{ FSMTP_DATA, "DATA" }, { FSMTP_EOD, "." },
		{ FSMTP_RSET, "RSET" }, { FSMTP_NOOP, "NOOP" },
		{ FSMTP_STARTTLS, "STARTTLS" }, { FSMTP_AUTH, "AUTH PLAIN" },
		{ FSMTP_OTHER, "VRFY a" } };
	static const char *const before[] = { "HELO c.test\r\n",
		"MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n" };

	for (size_t a = 0; a < sizeof actions / sizeof *actions; a++)
		for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
			char line[64];

			settle_all(false);
			host.rule_count = 0;
			rule(stages[i].stage, actions[a].action, "451 no");
			fsmtp_session_open(session, &config);
			drain();
			for (size_t n = 0; n < (i < 5 ? i : 1); n++) {
				fsmtp_session_input(session, before[n],
				    strlen(before[n]));
				drain();
			}
			sbuf_clear(&seen);
			snprintf(line, sizeof line, "%s\r\n",
			    stages[i].command);
			fsmtp_session_input(session, line, strlen(line));
			drain();
			ck_assert_msg(strstr(sbuf_str(&seen),
			    actions[a].result) != NULL, "%s: %s",
			    stages[i].command, sbuf_str(&seen));
			ck_assert_uint_eq(rules[0].rule.fired, 1);
		}
}
END_TEST

START_TEST(a_greylisted_triplet_is_let_in_after_the_delay)
{
	host.greylist.rule = (struct rule){ "9:1", PHASE_ALWAYS, false, 0 };
	host.greylist.delay_us = 300 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>",
	    "< 450 4.7.1 greylisted, try again later");
	now_us = 299 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>",
	    "< 450 4.7.1 greylisted, try again later");
	now_us = 300 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, RCPT);
	ck_assert_uint_eq(host.greylist.rule.fired, 2);
}
END_TEST

START_TEST(a_phase_counts_contacts)
{
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "451 no")->rule.phase.first = 1;
	PLAY(HELLO, "> MAIL FROM:<>", "< 451 no");
	config.contact = 2;
	PLAY(HELLO, MAIL);
}
END_TEST

START_TEST(a_bare_lf_does_not_end_the_content)
{
	PLAY(HELLO, MAIL, RCPT, DATA, "> x\n.", "! R-5321-2.3.8-a", "> .",
	    "< 250 2.0.0 stored");
}
END_TEST

START_TEST(content_without_a_354_is_a_violation)
{
	rule(FSMTP_DATA, FSMTP_DO_REPLY, "451 no");
	PLAY(HELLO, MAIL, RCPT, "> DATA", "< 451 no", "> Subject: x",
	    "! R-5321-3.3-a", "< 500 5.5.2 unknown command");
}
END_TEST

START_TEST(closing_without_quit_is_a_violation)
{
	PLAY(HELLO);
	sbuf_clear(&seen);
	fsmtp_session_gone(session);
	ck_assert_str_eq(sbuf_str(&seen), "! R-5321-4.1.1.10-b\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fake_smtp session");
	TCase *tc = tcase_create("dialogues");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_healthy_host_stores_a_message);
	tcase_add_test(tc, dots_are_unstuffed);
	tcase_add_test(tc, a_group_is_pipelined_where_offered);
	tcase_add_test(tc, pipelining_after_helo_is_a_violation);
	tcase_add_test(tc, a_parameter_without_its_keyword_is_a_violation);
	tcase_add_test(tc, mail_after_a_554_greeting_is_a_violation);
	tcase_add_test(tc, chunks_make_a_message);
	tcase_add_test(tc, an_eod_rule_decides_the_last_chunk_too);
	tcase_add_test(tc, silence_at_eod_may_store);
	tcase_add_test(tc, a_cut_reply_is_none);
	tcase_add_test(tc, a_rule_picks_its_recipient);
	tcase_add_test(tc, the_midst_of_the_content_can_be_answered);
	tcase_add_test(tc, an_early_reply_comes_before_its_command);
	tcase_add_test(tc, every_action_is_carried_out_at_every_command);
	tcase_add_test(tc, a_greylisted_triplet_is_let_in_after_the_delay);
	tcase_add_test(tc, a_phase_counts_contacts);
	tcase_add_test(tc, a_bare_lf_does_not_end_the_content);
	tcase_add_test(tc, content_without_a_354_is_a_violation);
	tcase_add_test(tc, closing_without_quit_is_a_violation);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed > 0;
}

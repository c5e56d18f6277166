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

/* "< reply\n", "! event\n", "= action\n" */
static struct sbuf seen;
static struct fsmtp_rule rules[8];
static struct fsmtp_host host;
static struct fsmtp_session *session;
static struct fsmtp_greys *greys;
static struct fsmtp_session_config config;
static int64_t now_us;
static char content[256];
static int messages;
static bool last_stored;
static int rcpt_code;		/* of the last RCPT */

static void
on_event(void *ctx, struct event *ev)
{
	(void)ctx;
	if (ev->kind == EV_SMTP_RCPT)
		rcpt_code = (int)ev->code;
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

	settle_all(false);
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

/* Lines of the client as in play(), each on its own; no comparison. */
static void
run_more(const char *line, bool end_content)
{
	char text[200];

	sbuf_clear(&seen);
	snprintf(text, sizeof text, "%s%s\r\n", end_content ? ".\r\n" : "",
	    line);
	fsmtp_session_input(session, text, strlen(text));
	drain();
}

static void
run_lines(const char *const *script)
{
	fsmtp_session_open(session, &config);
	drain();
	for (; *script != NULL; script++)
		run_more(*script + 2, false);
}

#define PLAY(...) play((const char *const[]){ __VA_ARGS__, NULL })
#define HELLO	"< 220 mx.test ESMTP", "> HELO c.test", "< 250 mx.test"
#define EHLO	"< 220 mx.test ESMTP", "> EHLO c.test", "< 250-mx.test",	\
	"< 250-PIPELINING", "< 250-SIZE 52428800", "< 250-8BITMIME",	\
	"< 250-SMTPUTF8", "< 250-DSN", "< 250-ENHANCEDSTATUSCODES",	\
	"< 250 CHUNKING"
/* With a rule for DATA no other way for content is offered. */
#define EHLO_DATA "< 220 mx.test ESMTP", "> EHLO c.test",		\
	"< 250-mx.test", "< 250-PIPELINING", "< 250-SIZE 52428800",	\
	"< 250-8BITMIME", "< 250-SMTPUTF8", "< 250-DSN",		\
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

START_TEST(nothing_may_follow_what_ends_a_group)
{
	PLAY(EHLO, ">>RSET", "> NOOP", "< 250 2.0.0 reset", "< 250 2.0.0 ok",
	    ">>NOOP", "> RSET", "< 250 2.0.0 ok", "! R-2920-3.1-a",
	    "< 250 2.0.0 reset");
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

START_TEST(after_a_554_greeting_helo_is_answered_so_that_mail_may_come)
{
	rule(FSMTP_GREETING, FSMTP_DO_REPLY, "554 go away");
	PLAY("< 554 go away", "> NOOP", "< 503 5.5.1 no service",
	    "> HELO sut.test", "< 250 mx.test", "> MAIL FROM:<>",
	    "! R-5321-3.1-a", "< 503 5.5.1 no service");
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
		{ FSMTP_OTHER, "VRFY a" }, { FSMTP_HELO, "HELO c.test" },
		{ FSMTP_QUIT, "QUIT" } };
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
			for (size_t n = 0; n < (i < 5 ? i :
			    stages[i].stage != FSMTP_HELO); n++) {
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

START_TEST(a_rule_with_a_match_counts_the_connections_that_it_matches)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "451 no");

	r->rule.phase.first = 1;
	r->sender = "";
	PLAY(HELLO, MAIL);
	config.contact = 2;
	PLAY(HELLO, "> MAIL FROM:<>", "< 451 no", "> MAIL FROM:<>",
	    "< 451 no");
	config.contact = 3;
	PLAY(HELLO, "> MAIL FROM:<>", "< 250 2.1.0 sender ok");
	ck_assert_uint_eq(r->contacts, 2);
	config.contact = 0;
	PLAY(HELLO, "> MAIL FROM:<>", "< 250 2.1.0 sender ok");
	ck_assert_uint_eq(r->contacts, 2);
}
END_TEST

START_TEST(a_rule_counts_what_an_earlier_one_decided)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "450 one")->recipient = "b@*";
	rules[0].rule.phase.first = 1;
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "451 two")->recipient = "*@y.test";
	rules[1].rule.phase.first = 2;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>", "< 450 one");
	config.contact = 2;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>", "< 451 two");
	config.contact = 3;
	PLAY(HELLO, MAIL, RCPT);
}
END_TEST

START_TEST(a_rule_may_count_transactions)
{
	struct fsmtp_rule *r = rule(FSMTP_RCPT, FSMTP_DO_REPLY, "450 no");

	r->counts = FSMTP_COUNT_TRANSACTIONS;
	r->rule.phase.after = r->rule.phase.first = 1;
	r->recipient = "b@y.test";
	PLAY(HELLO, MAIL, RCPT, RCPT, "> RSET", "< 250 2.0.0 reset",
	    MAIL, "> RCPT TO:<c@y.test>", "< 250 2.1.5 recipient ok",
	    "> RSET", "< 250 2.0.0 reset",
	    MAIL, "> RCPT TO:<b@y.test>", "< 450 no",
	    "> RCPT TO:<b@y.test>", "< 450 no",
	    "> RSET", "< 250 2.0.0 reset", MAIL, RCPT);
	config.contact = 2;
	PLAY(HELLO, MAIL, RCPT);
	ck_assert_uint_eq(r->contacts, 4);
}
END_TEST

START_TEST(an_early_reply_counts_the_transaction_to_come)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "450 no");

	r->counts = FSMTP_COUNT_TRANSACTIONS;
	r->rule.phase.after = r->rule.phase.first = 1;
	r->early = true;
	PLAY(HELLO, MAIL, RCPT, "> RSET", "< 250 2.0.0 reset", "< 450 no",
	    "> MAIL FROM:<a@x.test>", "> MAIL FROM:<a@x.test>",
	    "< 250 2.1.0 sender ok");
}
END_TEST

START_TEST(raw_octets_are_sent_as_they_are)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_RAW, NULL);

	r->raw = (const uint8_t *)"250-a\n250 b\r\n";
	r->raw_len = 13;
	PLAY(HELLO, "> MAIL FROM:<a@x.test>", "< 250-a", "< 250 b", RCPT);
	r->raw = (const uint8_t *)"25";
	r->raw_len = 2;
	PLAY(HELLO, "> MAIL FROM:<a@x.test>", "< 25",
	    "> RCPT TO:<b@y.test>", "< 503 5.5.1 MAIL first");
}
END_TEST

START_TEST(a_bare_lf_does_not_end_the_content)
{
	PLAY(HELLO, MAIL, RCPT, DATA, "> x\n.", "! R-5321-2.3.8-a", "> .",
	    "< 250 2.0.0 stored");
	ck_assert_str_eq(content, "x\n.\r\n");
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

/* Rules at what ends or begins a session, and at what does neither. */
START_TEST(a_refused_helo_is_none)
{
	rule(FSMTP_HELO, FSMTP_DO_REPLY, "550 no")->nth_in_session = 1;
	PLAY("< 220 mx.test ESMTP", "> HELO c.test", "< 550 no",
	    "> MAIL FROM:<>", "! R-5321-4.1.1.1-a", "< 503 5.5.1 EHLO first",
	    "> HELO c.test", "< 250 mx.test", MAIL);
}
END_TEST

/* RFC 5321 sections 2.3.5 and 4.1.1.1: told, and the session goes on. */
START_TEST(a_name_that_is_not_whole_is_a_violation)
{
	PLAY("< 220 mx.test ESMTP", "> HELO localhost", "! R-5321-4.1.1.1-a",
	    "< 250 mx.test", MAIL);
	PLAY("< 220 mx.test ESMTP", "> EHLO 192.0.2.1", "! R-5321-4.1.1.1-a",
	    "< 250-mx.test", "< 250-PIPELINING", "< 250-SIZE 52428800",
	    "< 250-8BITMIME", "< 250-SMTPUTF8", "< 250-DSN",
	    "< 250-ENHANCEDSTATUSCODES", "< 250 CHUNKING");
	PLAY("< 220 mx.test ESMTP", "> HELO [192.0.2.1]", "< 250 mx.test");
	PLAY("< 220 mx.test ESMTP", "> EHLO a_b.test", "! R-5321-4.1.1.1-a",
	    "< 501 5.5.4 domain expected");
}
END_TEST

START_TEST(a_refused_ehlo_may_be_followed_by_helo)
{
	rule(FSMTP_EHLO, FSMTP_DO_REPLY, "502 what?");
	PLAY("< 220 mx.test ESMTP", "> EHLO c.test", "< 502 what?",
	    "> HELO c.test", "< 250 mx.test",
	    "> MAIL FROM:<> SMTPUTF8", "! R-5321-4.1.1.3-a",
	    "< 555 5.5.4 parameter not offered");
}
END_TEST

START_TEST(the_keywords_are_those_of_the_reply_as_it_leaves)
{
	static const char *const own[] = { "250-x", "250-DSN",
		"250-SIZE 100", "250 PIPELINING" };
	struct fsmtp_rule *r = rule(FSMTP_EHLO, FSMTP_DO_REPLY, NULL);

	r->lines = own;
	r->line_count = 4;
	PLAY("< 220 mx.test ESMTP", "> EHLO c.test", "< 250-x", "< 250-DSN",
	    "< 250-SIZE 100", "< 250 PIPELINING",
	    "> MAIL FROM:<> BODY=8BITMIME", "! R-5321-4.1.1.3-a",
	    "< 555 5.5.4 parameter not offered",
	    "> MAIL FROM:<> SIZE=101", "< 552 5.3.4 message too big",
	    "> MAIL FROM:<> RET=HDRS SIZE=100", "< 250 2.1.0 sender ok",
	    "> RCPT TO:<a@b> NOTIFY=NEVER", "< 250 2.1.5 recipient ok");
}
END_TEST

START_TEST(a_second_ehlo_replaces_what_was_offered)
{
	rule(FSMTP_EHLO, FSMTP_DO_REPLY, "250 bare")->nth_in_session = 2;
	PLAY(EHLO, "> MAIL FROM:<> SIZE=1", "< 250 2.1.0 sender ok",
	    "> EHLO c.test", "< 250 bare", "> MAIL FROM:<> SIZE=1",
	    "! R-5321-4.1.1.3-a", "< 555 5.5.4 parameter not offered");
}
END_TEST

START_TEST(a_host_may_offer_its_own_keywords)
{
	static const char *const words[] = { "SIZE 9" };

	host.keywords = words;
	host.keyword_count = 1;
	PLAY("< 220 mx.test ESMTP", "> EHLO c.test", "< 250-mx.test",
	    "< 250 SIZE 9", MAIL, RCPT, DATA, "> 12345678", "> .",
	    "< 552 5.3.4 message too big");
	ck_assert(!last_stored);
	PLAY("< 220 mx.test ESMTP", "> EHLO c.test", "< 250-mx.test",
	    "< 250 SIZE 9", MAIL, RCPT, DATA, "> 1234567", "> .",
	    "< 250 2.0.0 stored");
	host.keyword_count = 0;
	PLAY("< 220 mx.test ESMTP", "> EHLO c.test", "< 250 mx.test");
}
END_TEST

START_TEST(a_rule_at_rset_does_not_undo_the_reset)
{
	rule(FSMTP_RSET, FSMTP_DO_REPLY, "451 no");
	PLAY(HELLO, MAIL, "> RSET", "< 451 no", "> RCPT TO:<a@b>",
	    "< 503 5.5.1 MAIL first", MAIL);
}
END_TEST

START_TEST(a_rule_at_noop_leaves_the_transaction_alone)
{
	rule(FSMTP_NOOP, FSMTP_DO_REPLY, "500 no");
	PLAY(HELLO, MAIL, "> NOOP", "< 500 no", RCPT, "> NOOP", "< 500 no",
	    DATA);
	ck_assert_uint_eq(rules[0].rule.fired, 2);
}
END_TEST

START_TEST(the_reply_to_quit_is_followed_by_the_end)
{
	struct fsmtp_rule *r = rule(FSMTP_QUIT, FSMTP_DO_REPLY, "550 stay");

	PLAY(HELLO, "> QUIT", "< 550 stay", "= close");
	r->then = FSMTP_THEN_RESET;
	PLAY(HELLO, "> QUIT", "< 550 stay", "= reset");
	r->then = FSMTP_THEN_STAY;
	PLAY(HELLO, "> QUIT", "< 550 stay", "> NOOP", "< 250 2.0.0 ok");
	r->action = FSMTP_DO_SILENCE;
	r->then = FSMTP_THEN_NOTHING;
	PLAY(HELLO, "> QUIT", "= silence", "> NOOP");
	r->action = FSMTP_DO_REPLY;
	r->early = true;
	PLAY(HELLO, MAIL, RCPT, DATA, "> .", "< 250 2.0.0 stored",
	    "< 550 stay", "> QUIT", "= close");
}
END_TEST

START_TEST(other_commands_have_a_stage_of_their_own)
{
	struct fsmtp_rule *r = rule(FSMTP_OTHER, FSMTP_DO_REPLY, "500 no");

	r->nth_in_session = 4;
	PLAY(HELLO, "> VRFY a", "< 252 2.1.5 send it and see", "> EXPN a",
	    "< 502 5.5.1 not implemented", "> HELP",
	    "< 214 2.0.0 see RFC 5321", "> WHAT", "< 500 no", "> WHAT",
	    "< 500 5.5.2 unknown command");
}
END_TEST

/* Which of several times. */
START_TEST(a_rule_may_be_about_the_nth_time_only)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->nth_in_session = 2;
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<b@y.test>", "< 550 no", RCPT,
	    "> RSET", "< 250 2.0.0 reset", MAIL, RCPT);
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<b@y.test>", "< 550 no", RCPT);
	ck_assert_uint_eq(rules[0].rule.fired, 2);
}
END_TEST

START_TEST(a_rule_may_be_about_the_nth_time_and_later)
{
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "450 no")->from_nth = 2;
	PLAY(HELLO, MAIL, "> RSET", "< 250 2.0.0 reset",
	    "> MAIL FROM:<>", "< 450 no", "> MAIL FROM:<>", "< 450 no");
	PLAY(HELLO, MAIL);
}
END_TEST

#define FULL	"> RCPT TO:<b@y.test>", "< 452 4.5.3 too many"

START_TEST(recipients_beyond_a_number_are_refused_in_each_transaction)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->recipient = "bad@*";
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "452 4.5.3 too many")->after_rcpts =
	    2;
	PLAY(HELLO, MAIL, "> RCPT TO:<bad@y.test>", "< 550 no", RCPT, RCPT,
	    FULL, FULL, DATA, "> .", "< 250 2.0.0 stored",
	    MAIL, RCPT, RCPT, FULL, "> RSET", "< 250 2.0.0 reset",
	    MAIL, RCPT, RCPT, FULL);
}
END_TEST

START_TEST(data_may_be_refused_after_many_recipients)
{
	rule(FSMTP_DATA, FSMTP_DO_REPLY, "452 4.5.3 too many")->after_rcpts =
	    2;
	rule(FSMTP_NOOP, FSMTP_DO_REPLY, "451 no")->after_rcpts = 1;
	PLAY(HELLO, "> NOOP", "< 250 2.0.0 ok", MAIL, RCPT, DATA, "> .",
	    "< 250 2.0.0 stored", MAIL, RCPT, RCPT, "> DATA",
	    "< 452 4.5.3 too many", "> NOOP", "< 451 no");
}
END_TEST

/* RFC 5321 section 3.8. */
START_TEST(a_421_closes_whatever_it_answers)
{
	static const struct {
		enum fsmtp_stage stage;
		const char *script[10];
	} all[] = {
		{ FSMTP_EHLO, { "> EHLO c.test" } },
		{ FSMTP_HELO, { "> HELO c.test" } },
		{ FSMTP_MAIL, { "> EHLO c.test", "> MAIL FROM:<>" } },
		{ FSMTP_RCPT, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>" } },
		{ FSMTP_DATA, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>", "> DATA" } },
		{ FSMTP_BODY, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>", "> DATA" } },
		{ FSMTP_EOD, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>", "> DATA", "> x", "> ." } },
		{ FSMTP_BDAT, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>", "> BDAT 0 LAST" } },
		{ FSMTP_BDAT, { "> EHLO c.test", "> MAIL FROM:<>",
		    "> RCPT TO:<a@b>", "> BDAT 0" } },
		{ FSMTP_RSET, { "> EHLO c.test", "> RSET" } },
		{ FSMTP_NOOP, { "> NOOP" } },
		{ FSMTP_STARTTLS, { "> STARTTLS" } },
		{ FSMTP_AUTH, { "> EHLO c.test", "> AUTH PLAIN" } },
		{ FSMTP_QUIT, { "> QUIT" } },
		{ FSMTP_OTHER, { "> VRFY x" } },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (int stay = 0; stay < 2; stay++) {
			settle_all(false);
			host.rule_count = 0;
			rule(all[i].stage, FSMTP_DO_REPLY, "421 bye")->then =
			    stay ? FSMTP_THEN_STAY : FSMTP_THEN_NOTHING;
			run_lines(all[i].script);
			ck_assert_msg((strstr(sbuf_str(&seen),
			    "< 421 bye\n= close\n") != NULL) == !stay,
			    "%s: %s", fsmtp_stage_word(all[i].stage),
			    sbuf_str(&seen));
			ck_assert_uint_eq(rules[0].rule.fired, 1);
			if (!stay)
				continue;
			run_more("NOOP", all[i].stage == FSMTP_BODY);
			ck_assert_ptr_nonnull(strstr(sbuf_str(&seen),
			    all[i].stage == FSMTP_NOOP ? "< 421 bye\n" :
			    "< 250 2.0.0 ok\n"));
		}
}
END_TEST

START_TEST(a_421_greeting_closes_unless_told_to_stay)
{
	struct fsmtp_rule *r = rule(FSMTP_GREETING, FSMTP_DO_REPLY, "421 no");

	PLAY("< 421 no", "= close");
	r->then = FSMTP_THEN_STAY;
	PLAY("< 421 no", "> QUIT", "< 221 2.0.0 bye", "= close");
	r->then = FSMTP_THEN_RESET;
	PLAY("< 421 no", "= reset");
	r->then = FSMTP_THEN_CLOSE;
	PLAY("< 421 no", "= close");
}
END_TEST

START_TEST(a_5yz_greeting_waits_for_quit)
{
	static const char *const all[] = { "554 no", "521 no" };

	for (size_t i = 0; i < 2; i++) {
		host.rule_count = 0;
		rule(FSMTP_GREETING, FSMTP_DO_REPLY, all[i]);
		PLAY(i ? "< 521 no" : "< 554 no", "> RSET",
		    "< 503 5.5.1 no service", "> QUIT", "< 221 2.0.0 bye",
		    "= close");
		sbuf_clear(&seen);
		fsmtp_session_gone(session);
		ck_assert_str_eq(sbuf_str(&seen), "");
	}
}
END_TEST

START_TEST(half_a_421_closes_nothing)
{
	rule(FSMTP_NOOP, FSMTP_DO_REPLY, "421 bye")->cut = 5;
	PLAY(HELLO, "> NOOP", "< 421 b", "> RSET", "< 250 2.0.0 reset");
}
END_TEST

START_TEST(a_421_of_several_lines_closes)
{
	static const char *const lines[] = { "421-a", "421 b" };
	struct fsmtp_rule *r = rule(FSMTP_NOOP, FSMTP_DO_REPLY, NULL);

	r->lines = lines;
	r->line_count = 2;
	PLAY(HELLO, "> NOOP", "< 421-a", "< 421 b", "= close");
	r->line_count = 1;
	PLAY(HELLO, "> NOOP", "< 421-a", "> RSET", "< 250 2.0.0 reset");
}
END_TEST

START_TEST(who_was_told_421_may_close_without_quit)
{
	rule(FSMTP_NOOP, FSMTP_DO_REPLY, "421 bye")->then = FSMTP_THEN_STAY;
	PLAY(HELLO, "> NOOP", "< 421 bye");
	sbuf_clear(&seen);
	fsmtp_session_gone(session);
	ck_assert_str_eq(sbuf_str(&seen), "");
}
END_TEST

/* Whom a rule is about. */
START_TEST(a_rule_may_be_about_one_family)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "550 no");

	r->family = AF_INET6;
	PLAY(HELLO, MAIL);
	addr_parse(&config.client, "2001:db8::9");
	PLAY(HELLO, "> MAIL FROM:<a@x.test>", "< 550 no");
	r->family = AF_INET;
	PLAY(HELLO, MAIL);
	r->family = 0;
	PLAY(HELLO, "> MAIL FROM:<a@x.test>", "< 550 no");
}
END_TEST

START_TEST(a_rule_may_be_about_one_client)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "550 no");

	addr_parse(&r->client, "192.0.2.8");
	PLAY(HELLO, MAIL);
	config.client.ip[3] = 8;
	config.client.port = 7;
	PLAY(HELLO, "> MAIL FROM:<a@x.test>", "< 550 no");
}
END_TEST

START_TEST(a_rule_may_be_about_one_sender)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 null")->sender = "";
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "550 no")->sender = "?@*.TEST";
	PLAY(HELLO, "> MAIL FROM:<ab@x.test>", "< 250 2.1.0 sender ok", RCPT,
	    "> RSET", "< 250 2.0.0 reset", "> MAIL FROM:<a@x.y.test>",
	    "< 550 no", "> MAIL FROM:<>", "< 250 2.1.0 sender ok",
	    "> RCPT TO:<b@y.test>", "< 550 null");
}
END_TEST

START_TEST(a_later_stage_knows_the_accepted_recipients)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->recipient = "bad@*";
	rule(FSMTP_EOD, FSMTP_DO_REPLY, "451 later")->recipient = "*@late.*";
	rule(FSMTP_EOD, FSMTP_DO_REPLY, "551 never")->recipient = "bad@*";
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<bad@y.test>", "< 550 no", DATA,
	    "> .", "< 250 2.0.0 stored", MAIL, RCPT,
	    "> RCPT TO:<a@late.test>", "< 250 2.1.5 recipient ok", DATA,
	    "> .", "< 451 later");
}
END_TEST

START_TEST(the_first_rule_that_matches_decides)
{
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "451 one")->rule.phase.first = 1;
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "452 two")->rule.phase.until_us =
	    USEC_PER_SEC;
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "453 three");
	PLAY(HELLO, "> MAIL FROM:<>", "< 451 one");
	config.contact = 2;
	PLAY(HELLO, "> MAIL FROM:<>", "< 452 two");
	now_us = USEC_PER_SEC;
	PLAY(HELLO, "> MAIL FROM:<>", "< 453 three");
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(rules[i].rule.fired, 1);
}
END_TEST

/* Greylists. */
#define GREY "> RCPT TO:<b@y.test>", "< 450 4.7.1 greylisted, try again later"

static void
greylist(int64_t delay_us)
{
	host.greylist.rule = (struct rule){ "9:1", PHASE_ALWAYS, false, 0 };
	host.greylist.delay_us = delay_us;
}

START_TEST(every_triplet_waits_for_itself)
{
	greylist(300 * USEC_PER_SEC);
	PLAY(HELLO, MAIL, GREY);
	now_us = 300 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, "> RCPT TO:<c@y.test>",
	    "< 450 4.7.1 greylisted, try again later", RCPT,
	    "> RCPT TO:<B@Y.test>", "< 250 2.1.5 recipient ok",
	    "> RSET", "< 250 2.0.0 reset", "> MAIL FROM:<>",
	    "< 250 2.1.0 sender ok", GREY);
	config.client.port = 77;
	PLAY(HELLO, MAIL, RCPT);
	config.client.ip[3]++;
	PLAY(HELLO, MAIL, GREY);
	now_us = 600 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<c@y.test>",
	    "< 450 4.7.1 greylisted, try again later");
	ck_assert_uint_eq(host.greylist.rule.fired, 5);
}
END_TEST

START_TEST(a_greylist_has_its_reply_and_phase)
{
	greylist(0);
	host.greylist.reply = "451 4.7.1 wait";
	host.greylist.rule.phase.until_us = 10;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>", "< 451 4.7.1 wait", RCPT,
	    "> RCPT TO:<c@y.test>", "< 451 4.7.1 wait");
	now_us = 10;
	PLAY(HELLO, MAIL, "> RCPT TO:<d@y.test>",
	    "< 250 2.1.5 recipient ok");
}
END_TEST

START_TEST(a_rule_goes_before_the_greylist)
{
	greylist(0);
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->rule.phase.first = 1;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>", "< 550 no");
	ck_assert_uint_eq(host.greylist.rule.fired, 0);
	config.contact = 2;
	PLAY(HELLO, MAIL, GREY, RCPT);
}
END_TEST

START_TEST(a_session_that_is_no_contact_is_healthy)
{
	greylist(0);
	rule(FSMTP_MAIL, FSMTP_DO_REPLY, "550 no");
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "551 no")->early = true;
	rule(FSMTP_BODY, FSMTP_DO_CLOSE, NULL);
	config.contact = 0;
	PLAY(HELLO, MAIL, RCPT, DATA, "> x", "> .", "< 250 2.0.0 stored");
	config.contact = 1;
	PLAY(HELLO, "> MAIL FROM:<>", "< 550 no");
	fsmtp_session_uncount(session);
	run_more("MAIL FROM:<>", false);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&seen), "250 2.1.0"));
}
END_TEST

/* Fates and content. */
START_TEST(what_is_kept_may_differ_from_what_is_said)
{
	struct fsmtp_rule *r = rule(FSMTP_EOD, FSMTP_DO_REPLY, "451 no");

	r->keep = FSMTP_KEEP_STORE;
	PLAY(HELLO, MAIL, RCPT, DATA, "> .", "< 451 no");
	ck_assert(last_stored);
	sbuf_clear(&seen);
	settle_all(true);
	ck_assert_str_eq(sbuf_str(&seen), "! copy b@y.test 451 acked stored\n");
	rules[0].keep = FSMTP_KEEP_DISCARD;
	rules[0].action = FSMTP_DO_HEALTHY;
	PLAY(HELLO, MAIL, RCPT, DATA, "> .", "< 250 2.0.0 stored");
	ck_assert(!last_stored);
	sbuf_clear(&seen);
	settle_all(true);
	ck_assert_str_eq(sbuf_str(&seen),
	    "! copy b@y.test 250 acked discarded\n");
}
END_TEST

START_TEST(only_accepted_recipients_get_a_copy)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no")->recipient = "bad@*";
	PLAY(HELLO, MAIL, RCPT, "> RCPT TO:<bad@y.test>", "< 550 no",
	    "> RCPT TO:<c@y.test>", "< 250 2.1.5 recipient ok", DATA, "> .",
	    "< 250 2.0.0 stored");
	sbuf_clear(&seen);
	settle_all(true);
	ck_assert_str_eq(sbuf_str(&seen), "! copy b@y.test 250 acked stored\n"
	    "! copy c@y.test 250 acked stored\n");
}
END_TEST

START_TEST(data_without_a_recipient_is_refused)
{
	rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no");
	PLAY(EHLO, ">>MAIL FROM:<>", ">>RCPT TO:<a@b>", "> DATA",
	    "< 250 2.1.0 sender ok", "< 550 no",
	    "< 554 5.5.1 no valid recipients");
	rule(FSMTP_DATA, FSMTP_DO_REPLY, "354 go on");
	PLAY(EHLO_DATA, ">>MAIL FROM:<>", ">>RCPT TO:<a@b>", "> DATA",
	    "< 250 2.1.0 sender ok", "< 550 no", "< 354 go on", "> x", "> .",
	    "! R-2920-3.1-b", "< 554 5.5.1 no valid recipients");
	ck_assert(!last_stored);
	rule(FSMTP_EOD, FSMTP_DO_HEALTHY, NULL)->keep = FSMTP_KEEP_STORE;
	PLAY(EHLO_DATA, ">>MAIL FROM:<>", ">>RCPT TO:<a@b>", "> DATA",
	    "< 250 2.1.0 sender ok", "< 550 no", "< 354 go on", "> .",
	    "< 554 5.5.1 no valid recipients");
	ck_assert(!last_stored);
}
END_TEST

START_TEST(a_bdat_rule_goes_before_an_eod_rule)
{
	rule(FSMTP_EOD, FSMTP_DO_REPLY, "451 eod");
	rule(FSMTP_BDAT, FSMTP_DO_REPLY, "452 chunk")->nth_in_session = 1;
	PLAY(EHLO, MAIL, RCPT, "> BDAT 0 LAST", "< 452 chunk", MAIL, RCPT,
	    "> BDAT 0 LAST", "< 451 eod");
}
END_TEST

START_TEST(after_a_failed_chunk_comes_rset)
{
	rule(FSMTP_BDAT, FSMTP_DO_REPLY, "451 no")->nth_in_session = 1;
	PLAY(EHLO, MAIL, RCPT, "> BDAT 0", "< 451 no", "> BDAT 0 LAST",
	    "! R-3030-2-a", "< 503 5.5.1 no transaction for this chunk",
	    "> RSET", "< 250 2.0.0 reset", MAIL, RCPT, "> BDAT 0 LAST",
	    "< 250 2.0.0 stored");
}
END_TEST

START_TEST(data_after_bdat_is_refused)
{
	PLAY(EHLO, MAIL, RCPT, "> BDAT 0", "< 250 2.0.0 0 octets received",
	    "> DATA", "< 503 5.5.1 BDAT has begun");
}
END_TEST

START_TEST(bdat_needs_its_keyword_and_a_size)
{
	PLAY(HELLO, MAIL, RCPT, "> BDAT 0", "! R-3030-2-a",
	    "< 250 2.0.0 0 octets received", "> BDAT x", "! R-3030-2-a",
	    "< 501 5.5.4 chunk size expected", "> BDAT 0 FIRST",
	    "! R-3030-2-a", "< 501 5.5.4 chunk size expected");
}
END_TEST

START_TEST(a_body_rule_waits_for_its_octet)
{
	rule(FSMTP_BODY, FSMTP_DO_RESET, NULL)->octets = 10;
	PLAY(HELLO, MAIL, RCPT, DATA, "> 1234567", "> .",
	    "< 250 2.0.0 stored", MAIL, RCPT, DATA, "> 12345678", "= reset");
	PLAY(EHLO, MAIL, RCPT, "> BDAT 9", "> 1234567",
	    "< 250 2.0.0 9 octets received", "> BDAT 9 LAST", "> ",
	    "= reset");
}
END_TEST

START_TEST(an_early_reply_may_come_to_the_content)
{
	rule(FSMTP_EOD, FSMTP_DO_REPLY, "250 early")->early = true;
	PLAY(HELLO, MAIL, RCPT, "> DATA", "< 354 end with a dot",
	    "< 250 early", "> x", "> .", "> NOOP", "< 250 2.0.0 ok");
	ck_assert(last_stored);
}
END_TEST

START_TEST(a_second_mail_is_a_violation)
{
	PLAY(HELLO, MAIL, "> MAIL FROM:<>", "! R-5321-4.1.4-a",
	    "< 503 5.5.1 nested MAIL", RCPT);
}
END_TEST

START_TEST(malformed_paths_are_violations)
{
	PLAY(HELLO, "> MAIL FROM: <a@b>", "! R-5321-3.3-c",
	    "< 501 5.1.7 malformed reverse-path", "> MAIL FROM:<a@b",
	    "! R-5321-3.3-c", "< 501 5.1.7 malformed reverse-path", MAIL,
	    "> RCPT TO:<>", "! R-5321-3.3-c",
	    "< 501 5.1.3 malformed forward-path", "> RCPT TO:<a..b@c>",
	    "! R-5321-3.3-c", "< 501 5.1.3 malformed forward-path",
	    "> RCPT TO:<@x:a@c>", "! R-5321-3.3-c",
	    "< 250 2.1.5 recipient ok", "> RCPT TO:<postmaster>",
	    "< 250 2.1.5 recipient ok", "> RCPT TO:<\"a b\"@[192.0.2.1]>",
	    "< 250 2.1.5 recipient ok");
}
END_TEST

START_TEST(octets_over_127_need_their_keyword)
{
	PLAY(HELLO, "> MAIL FROM:<\303\266@x.test>", "! R-6531-3.2-a",
	    "< 250 2.1.0 sender ok", RCPT, DATA, "> \303\266",
	    "! R-6152-3-a", "> .", "< 250 2.0.0 stored");
	PLAY(EHLO, "> MAIL FROM:<\303\266@x.test> SMTPUTF8 BODY=8BITMIME",
	    "< 250 2.1.0 sender ok", RCPT, DATA, "> \303\266", "> .",
	    "< 250 2.0.0 stored");
}
END_TEST

START_TEST(parameter_values_are_checked)
{
	PLAY(EHLO, "> MAIL FROM:<> SIZE=x", "< 501 5.5.4 SIZE is no number",
	    "> MAIL FROM:<> BODY=9BIT", "< 501 5.5.4 unknown BODY",
	    "> MAIL FROM:<> RET=ALL", "< 501 5.5.4 RET is FULL or HDRS",
	    "> MAIL FROM:<> ENVID=a+b", "< 501 5.5.4 ENVID is no xtext",
	    "> MAIL FROM:<> SMTPUTF8=1", "< 501 5.5.4 no value wanted",
	    "> MAIL FROM:<> RET", "< 501 5.5.4 value missing",
	    "> MAIL FROM:<> RET=", "< 501 5.5.4 malformed parameter",
	    "> MAIL FROM:<> NOTIFY=NEVER", "! R-5321-4.1.1.3-a",
	    "< 555 5.5.4 parameter not offered", MAIL,
	    "> RCPT TO:<a@b> NOTIFY=NEVER,DELAY",
	    "< 501 5.5.4 NEVER stands alone",
	    "> RCPT TO:<a@b> NOTIFY=LATER", "< 501 5.5.4 unknown NOTIFY",
	    "> RCPT TO:<a@b> ORCPT=x", "< 501 5.5.4 ORCPT needs a type",
	    "> RCPT TO:<a@b> ORCPT=rfc822;a+b@r.test",
	    "! R-3461-5.2.1-a", "< 501 5.5.4 ORCPT is no xtext",
	    "> RCPT TO:<a@b> ORCPT=rfc822;a+2Bb@r.test",
	    "< 250 2.1.5 recipient ok",
	    "> RCPT TO:<a@b> NOTIFY=FAILURE,DELAY ORCPT=rfc822;x",
	    "< 250 2.1.5 recipient ok");
}
END_TEST

START_TEST(a_command_line_may_be_too_long)
{
	char line[600];

	memset(line, 'x', sizeof line);
	memcpy(line, "> NOOP ", 7);
	line[512] = '\0';
	PLAY(HELLO, line, "< 250 2.0.0 ok");
	line[512] = 'x';
	line[513] = '\0';
	PLAY(HELLO, line, "! R-5321-4.5.3.1.4-a",
	    "< 500 5.5.2 line too long");
}
END_TEST

START_TEST(a_text_line_may_be_too_long)
{
	char line[1100];

	memset(line, 'x', sizeof line);
	memcpy(line, "> ", 2);
	line[1000] = '\0';
	PLAY(HELLO, MAIL, RCPT, DATA, line, "> .", "< 250 2.0.0 stored");
	/* The dot of transparency is not counted. */
	line[1000] = 'x';
	line[1001] = '\0';
	line[2] = '.';
	PLAY(HELLO, MAIL, RCPT, DATA, line, "> .", "< 250 2.0.0 stored");
	line[2] = 'x';
	PLAY(HELLO, MAIL, RCPT, DATA, line, "! R-5321-4.5.3.1.6-a", "> .",
	    "< 250 2.0.0 stored");
}
END_TEST

START_TEST(words_before_the_greeting_are_a_violation)
{
	fsmtp_session_open(session, &config);
	sbuf_clear(&seen);
	fsmtp_session_input(session, "HELO c.test\r\n", 13);
	drain();
	ck_assert_str_eq(sbuf_str(&seen), "! R-5321-4.3.1-a\n"
	    "< 220 mx.test ESMTP\n< 250 mx.test\n");
}
END_TEST

START_TEST(starttls_is_cut_off_after_its_220)
{
	PLAY(EHLO, "> STARTTLS", "< 502 5.5.1 not offered");
	rule(FSMTP_STARTTLS, FSMTP_DO_REPLY, "220 go on");
	PLAY(EHLO, "> STARTTLS", "< 220 go on", "> hello", "= close");
}
END_TEST

START_TEST(auth_asks_until_it_has_enough)
{
	struct fsmtp_rule *r = rule(FSMTP_AUTH, FSMTP_DO_REPLY, "334 more");

	r->nth_in_session = 1;
	PLAY(HELLO, "> AUTH LOGIN", "! R-4954-4-a", "< 334 more", "> abcd",
	    "! R-4954-4-a", "< 502 5.5.1 not offered", MAIL);
}
END_TEST

START_TEST(a_delay_is_told_with_the_output)
{
	struct fsmtp_rule *r = rule(FSMTP_NOOP, FSMTP_DO_HEALTHY, NULL);

	r->delay_us = 7 * USEC_PER_SEC;
	PLAY(HELLO, "> NOOP", "< 250 2.0.0 ok");
	ck_assert_int_eq(now_us, 7 * USEC_PER_SEC);
}
END_TEST

START_TEST(a_quit_in_place_of_more_patience_is_no_violation)
{
	struct fsmtp_rule *r = rule(FSMTP_EHLO, FSMTP_DO_HEALTHY, NULL);
	struct fsmtp_output o;

	r->delay_us = 400 * USEC_PER_SEC;
	PLAY("< 220 mx.test ESMTP");
	fsmtp_session_input(session, "EHLO c.test\r\n", 13);
	ck_assert(fsmtp_session_next(session, now_us, &o));
	fsmtp_session_input(session, "QUIT\r\n", 6);
	fsmtp_session_sent(session);
	drain();
	ck_assert_ptr_null(strchr(sbuf_str(&seen), '!'));
	/* In one breath with what goes before, or more than it, it is. */
	PLAY("< 220 mx.test ESMTP");
	fsmtp_session_input(session, "EHLO c.test\r\nQUIT\r\n", 19);
	drain();
	ck_assert_ptr_nonnull(strstr(sbuf_str(&seen), "! R-2920-3.1-a"));
	PLAY("< 220 mx.test ESMTP");
	fsmtp_session_input(session, "EHLO c.test\r\n", 13);
	ck_assert(fsmtp_session_next(session, now_us, &o));
	fsmtp_session_input(session, "NOOP\r\n", 6);
	fsmtp_session_sent(session);
	drain();
	ck_assert_ptr_nonnull(strstr(sbuf_str(&seen), "! R-2920-3.1-a"));
}
END_TEST

/* The group before it is finished first, its 354 too. */
START_TEST(a_quit_in_place_of_more_patience_may_follow_a_group)
{
	static const char group[] = "MAIL FROM:<a@x.test>\r\n"
	    "RCPT TO:<b@y.test>\r\nDATA\r\n";
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "452 no room");
	struct fsmtp_output o;

	r->delay_us = 400 * USEC_PER_SEC;
	for (int i = 0; i < 2; i++) {
		PLAY(EHLO);
		fsmtp_session_input(session, group, sizeof group - 1);
		ck_assert(fsmtp_session_next(session, now_us, &o));
		fsmtp_session_input(session, "QUIT\r\n", 6);
		fsmtp_session_sent(session);
		drain();
		ck_assert_ptr_null(strchr(sbuf_str(&seen), '!'));
		r->action = FSMTP_DO_HEALTHY;
	}
}
END_TEST

/* Nobody waits for an answer to what was not said. */
START_TEST(a_command_during_an_early_reply_is_not_pipelined)
{
	struct fsmtp_rule *r = rule(FSMTP_MAIL, FSMTP_DO_REPLY, "451 later");
	struct fsmtp_output o;

	r->early = true;
	r->delay_us = USEC_PER_SEC;
	PLAY("< 220 mx.test ESMTP");
	fsmtp_session_input(session, "HELO c.test\r\n", 13);
	ck_assert(fsmtp_session_next(session, now_us, &o));
	fsmtp_session_sent(session);
	ck_assert(fsmtp_session_next(session, now_us, &o));
	fsmtp_session_input(session, "MAIL FROM:<>\r\n", 14);
	fsmtp_session_sent(session);
	drain();
	ck_assert_ptr_null(strchr(sbuf_str(&seen), '!'));
}
END_TEST

START_TEST(a_cut_refusal_is_none)
{
	struct fsmtp_rule *r = rule(FSMTP_RCPT, FSMTP_DO_REPLY, "550 no");
	struct fsmtp_output o;

	r->cut = 3;
	rcpt_code = -1;
	PLAY(HELLO, MAIL);
	fsmtp_session_input(session, "RCPT TO:<b@y.test>\r\n", 20);
	ck_assert(fsmtp_session_next(session, now_us, &o));
	ck_assert_uint_eq(o.len, 3);
	ck_assert_int_eq(rcpt_code, 0);
}
END_TEST

START_TEST(silence_is_not_put_off)
{
	struct fsmtp_rule *r = rule(FSMTP_RCPT, FSMTP_DO_SILENCE, NULL);

	r->delay_us = 700 * USEC_PER_SEC;
	PLAY(HELLO, MAIL, "> RCPT TO:<b@y.test>", "= silence");
	ck_assert_int_eq(now_us, 0);
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
	tcase_add_test(tc, nothing_may_follow_what_ends_a_group);
	tcase_add_test(tc, a_parameter_without_its_keyword_is_a_violation);
	tcase_add_test(tc, mail_after_a_554_greeting_is_a_violation);
	tcase_add_test(tc,
	    after_a_554_greeting_helo_is_answered_so_that_mail_may_come);
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
	tcase_add_test(tc, raw_octets_are_sent_as_they_are);
	tcase_add_test(tc,
	    a_rule_with_a_match_counts_the_connections_that_it_matches);
	tcase_add_test(tc, a_rule_counts_what_an_earlier_one_decided);
	tcase_add_test(tc, a_rule_may_count_transactions);
	tcase_add_test(tc, an_early_reply_counts_the_transaction_to_come);
	tcase_add_test(tc, a_bare_lf_does_not_end_the_content);
	tcase_add_test(tc, content_without_a_354_is_a_violation);
	tcase_add_test(tc, closing_without_quit_is_a_violation);
	tcase_add_test(tc, a_refused_helo_is_none);
	tcase_add_test(tc, a_name_that_is_not_whole_is_a_violation);
	tcase_add_test(tc, a_refused_ehlo_may_be_followed_by_helo);
	tcase_add_test(tc, the_keywords_are_those_of_the_reply_as_it_leaves);
	tcase_add_test(tc, a_second_ehlo_replaces_what_was_offered);
	tcase_add_test(tc, a_host_may_offer_its_own_keywords);
	tcase_add_test(tc, a_rule_at_rset_does_not_undo_the_reset);
	tcase_add_test(tc, a_rule_at_noop_leaves_the_transaction_alone);
	tcase_add_test(tc, the_reply_to_quit_is_followed_by_the_end);
	tcase_add_test(tc, other_commands_have_a_stage_of_their_own);
	tcase_add_test(tc, a_rule_may_be_about_the_nth_time_only);
	tcase_add_test(tc, a_rule_may_be_about_the_nth_time_and_later);
	tcase_add_test(tc,
	    recipients_beyond_a_number_are_refused_in_each_transaction);
	tcase_add_test(tc, data_may_be_refused_after_many_recipients);
	tcase_add_test(tc, a_421_closes_whatever_it_answers);
	tcase_add_test(tc, a_421_greeting_closes_unless_told_to_stay);
	tcase_add_test(tc, a_5yz_greeting_waits_for_quit);
	tcase_add_test(tc, half_a_421_closes_nothing);
	tcase_add_test(tc, a_421_of_several_lines_closes);
	tcase_add_test(tc, who_was_told_421_may_close_without_quit);
	tcase_add_test(tc, a_rule_may_be_about_one_family);
	tcase_add_test(tc, a_rule_may_be_about_one_client);
	tcase_add_test(tc, a_rule_may_be_about_one_sender);
	tcase_add_test(tc, a_later_stage_knows_the_accepted_recipients);
	tcase_add_test(tc, the_first_rule_that_matches_decides);
	tcase_add_test(tc, every_triplet_waits_for_itself);
	tcase_add_test(tc, a_greylist_has_its_reply_and_phase);
	tcase_add_test(tc, a_rule_goes_before_the_greylist);
	tcase_add_test(tc, a_session_that_is_no_contact_is_healthy);
	tcase_add_test(tc, what_is_kept_may_differ_from_what_is_said);
	tcase_add_test(tc, only_accepted_recipients_get_a_copy);
	tcase_add_test(tc, data_without_a_recipient_is_refused);
	tcase_add_test(tc, a_bdat_rule_goes_before_an_eod_rule);
	tcase_add_test(tc, after_a_failed_chunk_comes_rset);
	tcase_add_test(tc, data_after_bdat_is_refused);
	tcase_add_test(tc, bdat_needs_its_keyword_and_a_size);
	tcase_add_test(tc, a_body_rule_waits_for_its_octet);
	tcase_add_test(tc, an_early_reply_may_come_to_the_content);
	tcase_add_test(tc, a_second_mail_is_a_violation);
	tcase_add_test(tc, malformed_paths_are_violations);
	tcase_add_test(tc, octets_over_127_need_their_keyword);
	tcase_add_test(tc, parameter_values_are_checked);
	tcase_add_test(tc, a_command_line_may_be_too_long);
	tcase_add_test(tc, a_text_line_may_be_too_long);
	tcase_add_test(tc, words_before_the_greeting_are_a_violation);
	tcase_add_test(tc, starttls_is_cut_off_after_its_220);
	tcase_add_test(tc, auth_asks_until_it_has_enough);
	tcase_add_test(tc, a_delay_is_told_with_the_output);
	tcase_add_test(tc,
	    a_quit_in_place_of_more_patience_is_no_violation);
	tcase_add_test(tc,
	    a_quit_in_place_of_more_patience_may_follow_a_group);
	tcase_add_test(tc,
	    a_command_during_an_early_reply_is_not_pipelined);
	tcase_add_test(tc, a_cut_refusal_is_none);
	tcase_add_test(tc, silence_is_not_put_off);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed > 0;
}

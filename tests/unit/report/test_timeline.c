#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/report/timeline.h"

/* --- folding: lines named by letters, a capital one is decisive --- */

static struct timeline tl;

static void
lines(const char *letters)
{
	struct timeline_line *line;

	memset(&tl, 0, sizeof tl);
	tl.arena = arena_new();
	for (size_t i = 0; letters[i] != '\0'; i++) {
		line = arena_push(tl.arena, &tl.lines, &tl.count,
		    sizeof *line);
		line->t_us = (int64_t)i;
		line->what = arena_strndup(tl.arena, &letters[i], 1);
		line->shape = (uint64_t)letters[i] * 0x9e3779b97f4a7c15u;
		line->decisive = letters[i] < 'a';
	}
}

/* "abc(7x3..20)": 7 more rounds, from line 3 to line 20; "[n]" left out. */
static void
ck_lines(const char *want)
{
	struct sbuf b = { 0 };
	const struct timeline_line *l;

	for (size_t i = 0; i < tl.count; i++) {
		l = &tl.lines[i];
		if (l->repeats > 0)
			sbuf_printf(&b, "(%zux%d..%d)", l->repeats,
			    (int)l->t_us, (int)l->until_us);
		else if (l->left_out > 0)
			sbuf_printf(&b, "[%zu]", l->left_out);
		else
			sbuf_puts(&b, l->what);
	}
	ck_assert_str_eq(sbuf_str(&b), want);
	sbuf_fini(&b);
	timeline_fini(&tl);
}

static const struct {
	const char *lines, *folded;
} folds[] = {
	{ "", "" },
	{ "abc", "abc" },
	{ "aa", "aa" },
	{ "aaa", "a(2x1..2)" },
	{ "xababab", "xab(2x3..6)" },
	{ "abab", "abab" },
	{ "xabcabcabcabcy", "xabc(3x4..12)y" },
	/* equal hosts in any order */
	{ "dabdbadab", "dab(2x3..8)" },
	/* what decided is not folded away */
	{ "aaaaAaaaa", "a(3x1..3)Aa(3x6..8)" },
	{ "aaabbb", "a(2x1..2)b(2x4..5)" },
};

START_TEST(what_repeats_three_times_is_folded)
{
	lines(folds[_i].lines);
	timeline_fold(&tl);
	ck_lines(folds[_i].folded);
}
END_TEST

START_TEST(a_long_timeline_keeps_its_ends_and_what_decided)
{
	lines("abcdefghijklmnopqRstuvwxyzabcdefgh");
	timeline_cap(&tl, 6);
	ck_lines("abc[10]nopqRstuv[9]fgh");
	lines("abcdef");
	timeline_cap(&tl, 6);
	ck_lines("abcdef");
}
END_TEST

/* --- building --- */

static struct trace trace;

static void
add(struct event ev)
{
	trace_add(&trace, &ev);
}

static void
ck_story(uint64_t decisive, const char *want)
{
	struct sbuf b = { 0 };

	timeline_build(&tl, NULL, &trace, decisive, false);
	for (size_t i = 0; i < tl.count; i++)
		sbuf_printf(&b, "%s%s: %s\n", tl.lines[i].decisive ? ">" : "",
		    tl.lines[i].who, tl.lines[i].what);
	ck_assert_str_eq(sbuf_str(&b), want);
	sbuf_fini(&b);
	timeline_fini(&tl);
	trace_fini(&trace);
}

#define MX1	.host = "mx1.r.test", .addr = "198.18.1.1"

static void
session(int conn)
{
	char peer[32];

	snprintf(peer, sizeof peer, "192.0.2.1:%d", 4000 + conn);
	add((struct event){ .kind = EV_SYN, MX1, .peer = peer,
	    .state = "open" });
	add((struct event){ .kind = EV_SMTP_OPEN, MX1, .peer = peer,
	    .conn = conn });
}

static void
reply(int conn, const char *stage, int code, const char *text,
    const char *rule)
{
	add((struct event){ .kind = EV_SMTP_REPLY, .host = "mx1.r.test",
	    .conn = conn, .stage = stage, .code = code, .text = text,
	    .rule = rule });
}

START_TEST(a_session_is_one_line)
{
	trace_init(&trace);
	session(1);
	reply(1, "greeting", 220, "220 mx1 ESMTP", NULL);
	reply(1, "ehlo", 250, "250-mx1 (+4)", NULL);
	reply(1, "mail", 250, "250 ok", NULL);
	reply(1, "rcpt", 250, "250 ok", NULL);
	reply(1, "rcpt", 250, "250 ok", NULL);
	reply(1, "rcpt", 450, "450 4.7.1 greylisted", "12:5");
	add((struct event){ .kind = EV_SMTP_COMMAND, .conn = 1,
	    .stage = "quit", .text = "QUIT" });
	reply(1, "quit", 221, "221 bye", NULL);
	add((struct event){ .kind = EV_SMTP_CLOSE, .conn = 1,
	    .by = "client", .state = "fin" });
	ck_story(0, "mx1.r.test 198.18.1.1: 220, MAIL 250, RCPT 250 x2, "
	    "RCPT 450 4.7.1 greylisted (rule 12:5)\n");
}
END_TEST

START_TEST(two_sessions_at_once_are_two_lines)
{
	trace_init(&trace);
	session(1);
	session(2);
	reply(1, "greeting", 220, "220 mx1", NULL);
	reply(2, "greeting", 421, "421 busy", NULL);
	reply(1, "mail", 250, "250 ok", NULL);
	ck_story(4, "mx1.r.test 198.18.1.1: 220, MAIL 250\n"
	    ">mx1.r.test 198.18.1.1: 421 busy\n");
}
END_TEST

START_TEST(who_hung_up_and_after_what_silence_is_told)
{
	trace_init(&trace);
	session(1);
	add((struct event){ .kind = EV_SMTP_REPLY, .conn = 1,
	    .stage = "greeting", .action = "silence", .rule = "9:3" });
	add((struct event){ .kind = EV_SMTP_CLOSE, .conn = 1,
	    .by = "client", .state = "fin", .t_us = 300 * USEC_PER_SEC });
	ck_story(0, "mx1.r.test 198.18.1.1: no reply (silence) (rule 9:3), "
	    "client closes after 5m00s\n");
}
END_TEST

START_TEST(a_handshake_that_led_to_nothing_is_left_out)
{
	trace_init(&trace);
	add((struct event){ .kind = EV_SYN, MX1, .peer = "192.0.2.1:1",
	    .state = "open" });
	add((struct event){ .kind = EV_SYN, MX1, .peer = "192.0.2.1:2",
	    .state = "blackhole", .rule = "7:2" });
	ck_story(0, "mx1.r.test 198.18.1.1: no answer to the connection "
	    "(blackhole) (rule 7:2)\n");
}
END_TEST

static void
answer(int64_t s, const char *qname, const char *qtype, const char *rcode,
    const char *text, const char *rule)
{
	add((struct event){ .kind = EV_DNS_REPLY, .t_us = s * USEC_PER_SEC,
	    .qname = qname, .qtype = qtype, .rcode = rcode, .text = text,
	    .rule = rule });
}

START_TEST(the_lookups_of_a_cycle_are_one_line)
{
	trace_init(&trace);
	answer(0, "r.test", "MX", "NOERROR", "MX 10 mx1.r.test", NULL);
	answer(0, "mx1.r.test", "A", "NOERROR", "A 198.18.1.1", NULL);
	answer(0, "MX1.r.test", "AAAA", "NOERROR", "AAAA 2001:db8::1", NULL);
	answer(1, "mx2.r.test", "A", "SERVFAIL", NULL, "9:5");
	answer(6, "mx2.r.test", "A", "SERVFAIL", NULL, "9:5");
	answer(6, "mta.sut.test", "A", "NOERROR", "A 192.0.2.1", NULL);
	answer(300, "r.test", "MX", NULL, NULL, "8:1");
	ck_story(0, "DNS: r.test MX 10 mx1.r.test; mx1.r.test A+AAAA ok; "
	    "mx2.r.test A SERVFAIL x2 (rule 9:5)\n"
	    "DNS: r.test MX no reply (rule 8:1)\n");
}
END_TEST

START_TEST(what_decided_is_never_dull)
{
	trace_init(&trace);
	answer(0, "good.test", "MX", "NOERROR", "MX 10 mx.good.test", NULL);
	ck_story(1, ">DNS: good.test MX 10 mx.good.test\n");
	trace_init(&trace);
	add((struct event){ .kind = EV_FLAG, .name = "legit",
	    .rcpt = "r.test" });
	ck_story(1, ">harness: flag legit to r.test\n");
}
END_TEST

START_TEST(the_queue_is_told_when_it_changes)
{
	static const char *const states[] = { "yes", "yes", "no", "no",
	    "yes" };

	trace_init(&trace);
	for (size_t i = 0; i < 5; i++)
		add((struct event){ .kind = EV_QUEUE, .msg = "m1",
		    .rcpt = "u@r.test", .state = states[i] });
	ck_story(0, "queue: m1 for u@r.test is no longer queued\n"
	    "queue: m1 for u@r.test is queued\n");
}
END_TEST

START_TEST(a_start_is_told_once_there_is_mail)
{
	trace_init(&trace);
	add((struct event){ .kind = EV_MTA, .verb = "start" });
	add((struct event){ .kind = EV_INJECT, .msg = "m1", .stage = "eod",
	    .code = 250, .text = "250 ok" });
	add((struct event){ .kind = EV_MTA, .verb = "kill", .rule = "3:4" });
	add((struct event){ .kind = EV_MTA, .verb = "start" });
	ck_story(0, "submission: m1 accepted: 250 ok\n"
	    "MTA: kill (rule 3:4)\nMTA: start\n");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("timeline");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, what_repeats_three_times_is_folded, 0,
	    sizeof folds / sizeof folds[0]);
	tcase_add_test(tc, a_long_timeline_keeps_its_ends_and_what_decided);
	tcase_add_test(tc, a_session_is_one_line);
	tcase_add_test(tc, two_sessions_at_once_are_two_lines);
	tcase_add_test(tc, who_hung_up_and_after_what_silence_is_told);
	tcase_add_test(tc, a_handshake_that_led_to_nothing_is_left_out);
	tcase_add_test(tc, the_lookups_of_a_cycle_are_one_line);
	tcase_add_test(tc, what_decided_is_never_dull);
	tcase_add_test(tc, the_queue_is_told_when_it_changes);
	tcase_add_test(tc, a_start_is_told_once_there_is_mail);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

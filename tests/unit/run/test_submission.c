/* A submission over a loopback socket, virtual time moved by hand. */
#include "harness/run/submission.h"

#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "tests/unit/suite.h"

#define CLOSE	"close"
#define GREETING "greeting"
#define EHLO	"250-mta.sut.test\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"	\
	"250-DSN\r\n250 SMTPUTF8\r\n"
#define EHLO_PIPELINING	"250-mta.sut.test\r\n250 PIPELINING\r\n"

/* What the MTA answers to the n-th command that starts so; CLOSE: none. */
struct answer {
	const char	*verb, *reply;
	int		 nth;		/* 0: any */
	int		 seen;
};

static struct event_base *base;
static struct timers *timers;
static struct evconnlistener *listener;
static struct bufferevent *client;
static struct addr here, mta;
static struct answer answers[8];
static size_t answer_count;
static int connections, readings;
static bool in_data;
static struct sbuf said;	/* commands, content, a line each */
static struct sbuf events;	/* STAGE [RCPT] CODE; of each event */
static struct message message;
static struct submission *submission;
static bool ended;
static int end_code;
static char *end_error;

static void
answer(const char *verb, int nth, const char *reply)
{
	answers[answer_count++] = (struct answer){ verb, reply, nth, 0 };
}

static const char *
healthy(const char *line)
{
	if (strcmp(line, GREETING) == 0)
		return "220 mta.sut.test ESMTP\r\n";
	if (strncmp(line, "EHLO", 4) == 0)
		return EHLO;
	if (strcmp(line, "DATA") == 0)
		return "354 go on\r\n";
	return strcmp(line, "QUIT") == 0 ? "221 bye\r\n" : "250 ok\r\n";
}

static const char *
reply_to(const char *line)
{
	const char *text = NULL;
	struct answer *a;

	for (size_t i = 0; i < answer_count; i++) {
		a = &answers[i];
		if (strncmp(line, a->verb, strlen(a->verb)) == 0 &&
		    (++a->seen == a->nth || a->nth == 0))
			text = a->reply;
	}
	return text != NULL ? text : healthy(line);
}

static void
drop_client(void)
{
	if (client != NULL)
		bufferevent_free(client);
	client = NULL;
}

static void
reply(const char *line)
{
	const char *text = reply_to(line);

	if (strcmp(text, CLOSE) == 0) {
		drop_client();
		return;
	}
	in_data = strncmp(text, "354", 3) == 0;
	bufferevent_write(client, text, strlen(text));
}

static void
on_line(struct bufferevent *bev, void *arg)
{
	char *line;

	(void)arg;
	readings++;
	while (client == bev && (line = evbuffer_readln(
	    bufferevent_get_input(bev), NULL, EVBUFFER_EOL_CRLF_STRICT)) !=
	    NULL) {
		sbuf_printf(&said, "%s\n", line);
		if (!in_data)
			reply(line);
		else if (strcmp(line, ".") == 0)
			reply(".");
		free(line);
	}
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	(void)l, (void)sa, (void)len, (void)arg;
	connections++;
	in_data = false;
	drop_client();
	client = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(client, on_line, NULL, NULL, NULL);
	bufferevent_enable(client, EV_READ | EV_WRITE);
	reply(GREETING);
}

static void
note_event(void *ctx, struct event *ev)
{
	(void)ctx;
	ck_assert_int_eq(ev->kind, EV_INJECT);
	ck_assert_str_eq(ev->msg, message.key);
	ck_assert_str_eq(ev->from, message.from);
	sbuf_printf(&events, "%s %s%s%lld;", ev->stage, ev->rcpt ? ev->rcpt :
	    "", ev->rcpt ? " " : "", (long long)ev->code);
}

static void
note_end(void *ctx, struct submission *s, int eod_code, const char *error)
{
	(void)ctx, (void)s;
	ck_assert(!ended);
	ended = true;
	end_code = eod_code;
	end_error = error ? strdup(error) : NULL;
}

/* A port of 127.0.0.1 that is ours; listens only when told so. */
static evutil_socket_t
bind_port(void)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&here, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	addr_from_sockaddr(&mta, (struct sockaddr *)&ss);
	return fd;
}

static evutil_socket_t port;

static void
start_listening(void *arg)
{
	(void)arg;
	listener = evconnlistener_new(base, on_accept, NULL,
	    LEV_OPT_CLOSE_ON_FREE, 5, port);
	ck_assert_ptr_nonnull(listener);
}

static const char *const one[] = { "user@r.test" };
static const char *const three[] = { "a@r.test", "b@r.test", "c@r.test" };

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	timers = timers_new();
	addr_parse(&here, "127.0.0.1");
	port = bind_port();
	message = (struct message){ .key = "m1", .from = "a@s.test",
	    .to = one, .to_count = 1 };
	answer_count = 0;
}

static void
teardown(void)
{
	submission_free(submission);
	drop_client();
	if (listener != NULL)
		evconnlistener_free(listener);
	else
		close(port);
	event_base_free(base);
	timers_free(timers);
	sbuf_fini(&said);
	sbuf_fini(&events);
	free(end_error);
}

/* Time stands still while a socket has something to say. */
static void
submit(const char *content)
{
	static const struct event_sink sink = { .emit = note_event };
	struct submission_spec spec = { .base = base, .timers = timers,
	    .sink = &sink, .from = here, .to = mta, .message = &message,
	    .content = content, .len = strlen(content),
	    .give_up_us = 100000, .done = note_end };

	submission = submission_new(&spec);
	ck_assert(!ended);
	while (!ended) {
		if (timers_next(timers) != TIME_NEVER)
			timers_advance(timers, timers_next(timers));
		if (!ended)
			event_base_loop(base, EVLOOP_ONCE);
	}
}

static void
submit_to_listening(const char *content)
{
	start_listening(NULL);
	submit(content);
}

START_TEST(a_healthy_mta_takes_the_message)
{
	submit_to_listening("Subject: x\r\n\r\nbody\r\n");
	ck_assert_str_eq(sbuf_str(&said),
	    "EHLO client.sut.test\nMAIL FROM:<a+m1@s.test> SIZE=20\n"
	    "RCPT TO:<user@r.test>\nDATA\n"
	    "Subject: x\n\nbody\n.\nQUIT\n");
	ck_assert_str_eq(sbuf_str(&events),
	    "mail 250;rcpt user@r.test 250;data 354;eod 250;");
	ck_assert_int_eq(end_code, 250);
	ck_assert_ptr_null(end_error);
}
END_TEST

START_TEST(an_mta_that_listens_later_is_asked_again)
{
	timers_at(timers, 40000, start_listening, NULL);
	submit("x\r\n");
	ck_assert_int_eq(connections, 1);
	ck_assert_int_eq(timers_now(timers), 40000);
	ck_assert_int_eq(end_code, 250);
}
END_TEST

START_TEST(an_mta_that_refuses_by_its_greeting_is_asked_again)
{
	answer(GREETING, 1, "421 not yet\r\n");
	answer(GREETING, 2, CLOSE);
	answer(GREETING, 3, "554 not at all\r\n");
	submit_to_listening("x\r\n");
	ck_assert_int_eq(connections, 4);
	ck_assert_int_eq(end_code, 250);
	/* Only what a message was told is an event. */
	ck_assert_str_eq(sbuf_str(&events),
	    "mail 250;rcpt user@r.test 250;data 354;eod 250;");
}
END_TEST

START_TEST(patience_with_an_mta_that_never_listens_ends)
{
	submit("x\r\n");
	ck_assert_str_eq(end_error,
	    "the MTA does not answer on its submission port");
	ck_assert_int_eq(timers_now(timers), 100000);
	ck_assert_int_eq(end_code, 0);
	ck_assert_str_eq(sbuf_str(&events), "");
}
END_TEST

/* What is answered to which command, and the events of it. */
static const struct refusal {
	const char *verb, *reply, *events;
	int code;
} refusals[] = {
	{ "EHLO", "550 no\r\n", "", 0 },
	{ "MAIL", "451 later\r\n", "mail 451;", 0 },
	{ "MAIL", "550 no\r\n", "mail 550;", 0 },
	{ "RCPT", "451 later\r\n", "mail 250;rcpt user@r.test 451;", 0 },
	{ "RCPT", "550-no\r\n550 never\r\n",
	  "mail 250;rcpt user@r.test 550;", 0 },
	{ "DATA", "451 later\r\n",
	  "mail 250;rcpt user@r.test 250;data 451;", 0 },
	{ "DATA", "554 no\r\n",
	  "mail 250;rcpt user@r.test 250;data 554;", 0 },
	{ ".", "451 later\r\n",
	  "mail 250;rcpt user@r.test 250;data 354;eod 451;", 451 },
	{ ".", "552 no\r\n",
	  "mail 250;rcpt user@r.test 250;data 354;eod 552;", 552 },
};

static const int refusal_count = sizeof refusals / sizeof *refusals;

/* Each of them twice: PIPELINING makes no difference to what is told. */
START_TEST(a_refusal_at_any_stage_is_told_and_ends_with_quit)
{
	const struct refusal *r = &refusals[_i % refusal_count];

	if (_i >= refusal_count)
		answer("EHLO", 0, EHLO_PIPELINING);
	answer(r->verb, 0, r->reply);
	submit_to_listening("x\r\n");
	ck_assert_str_eq(sbuf_str(&events), r->events);
	ck_assert_int_eq(end_code, r->code);
	ck_assert_ptr_null(end_error);
	ck_assert_str_eq(sbuf_str(&said) + said.len - 5, "QUIT\n");
	ck_assert_int_eq(connections, 1);
}
END_TEST

static const char *const verbs[] = { "EHLO", "MAIL", "RCPT", "DATA", "." };
static const int verb_count = sizeof verbs / sizeof *verbs;

START_TEST(a_connection_lost_at_any_stage_is_an_error)
{
	if (_i >= verb_count)
		answer("EHLO", 0, EHLO_PIPELINING);
	answer(verbs[_i % verb_count], 0, CLOSE);
	submit_to_listening("x\r\n");
	ck_assert_str_eq(end_error,
	    "the MTA closed the submission connection");
	ck_assert_int_eq(end_code, 0);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(a_connection_lost_after_the_reply_is_no_error)
{
	answer("QUIT", 0, CLOSE);
	submit_to_listening("x\r\n");
	ck_assert_ptr_null(end_error);
	ck_assert_int_eq(end_code, 250);
}
END_TEST

START_TEST(a_reply_without_end_is_an_error)
{
	char endless[6000];

	memset(endless, 'x', sizeof endless - 1);
	endless[sizeof endless - 1] = '\0';
	memcpy(endless, "250 ", 4);
	answer("MAIL", 0, endless);
	submit_to_listening("x\r\n");
	ck_assert_str_eq(end_error,
	    "the MTA answers with an endless line");
}
END_TEST

START_TEST(each_recipient_is_answered_and_one_is_enough)
{
	message.to = three;
	message.to_count = 3;
	answer("RCPT TO:<a", 0, "550 no\r\n");
	answer("RCPT TO:<c", 0, "452 full\r\n");
	submit_to_listening("x\r\n");
	ck_assert_str_eq(sbuf_str(&events), "mail 250;rcpt a@r.test 550;"
	    "rcpt b@r.test 250;rcpt c@r.test 452;data 354;eod 250;");
	ck_assert_int_eq(end_code, 250);
}
END_TEST

START_TEST(without_any_recipient_there_is_no_data)
{
	message.to = three;
	message.to_count = 3;
	answer("RCPT", 0, "550 no\r\n");
	submit_to_listening("x\r\n");
	ck_assert_ptr_null(strstr(sbuf_str(&said), "DATA"));
	ck_assert_int_eq(end_code, 0);
	ck_assert_ptr_null(end_error);
}
END_TEST

START_TEST(with_pipelining_the_envelope_goes_in_one_segment)
{
	message.to = three;
	message.to_count = 3;
	answer("EHLO", 0, EHLO_PIPELINING);
	answer("RCPT TO:<b", 0, "550 no\r\n");
	submit_to_listening("x\r\n");
	ck_assert_str_eq(sbuf_str(&said), "EHLO client.sut.test\n"
	    "MAIL FROM:<a+m1@s.test>\nRCPT TO:<a@r.test>\n"
	    "RCPT TO:<b@r.test>\nRCPT TO:<c@r.test>\nDATA\nx\n.\nQUIT\n");
	ck_assert_str_eq(sbuf_str(&events), "mail 250;rcpt a@r.test 250;"
	    "rcpt b@r.test 550;rcpt c@r.test 250;data 354;eod 250;");
	/* EHLO, the envelope, the content and QUIT. */
	ck_assert_int_eq(readings, 4);
	ck_assert_int_eq(end_code, 250);
}
END_TEST

START_TEST(a_354_for_nobody_gets_an_empty_message)
{
	answer("EHLO", 0, EHLO_PIPELINING);
	answer("RCPT", 0, "550 no\r\n");
	submit_to_listening("x\r\n");
	ck_assert_str_eq(sbuf_str(&said) + said.len - 12,
	    "DATA\n.\nQUIT\n");
	ck_assert_int_eq(end_code, 0);
}
END_TEST

START_TEST(after_data_for_nobody_is_refused_there_is_no_content)
{
	answer("EHLO", 0, EHLO_PIPELINING);
	answer("MAIL", 0, "550 no\r\n");
	answer("RCPT", 0, "503 no sender\r\n");
	answer("DATA", 0, "503 no sender\r\n");
	submit_to_listening("x\r\n");
	ck_assert_str_eq(sbuf_str(&events), "mail 550;");
	ck_assert_str_eq(sbuf_str(&said) + said.len - 10, "DATA\nQUIT\n");
	ck_assert_int_eq(end_code, 0);
	ck_assert_ptr_null(end_error);
}
END_TEST

START_TEST(parameters_are_sent_to_an_mta_that_knows_them)
{
	message.notify = "SUCCESS,FAILURE";
	message.ret = "HDRS";
	message.envid = "QQ314159";
	message.eight_bit = true;
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), "MAIL FROM:"
	    "<a+m1@s.test> SIZE=3 BODY=8BITMIME RET=HDRS ENVID=QQ314159\n"
	    "RCPT TO:<user@r.test> NOTIFY=SUCCESS,FAILURE"
	    " ORCPT=rfc822;user@r.test\n"));
}
END_TEST

START_TEST(the_original_recipient_is_written_as_xtext)
{
	static const char *const to[] = { "u+a=b@r.test" };

	message.to = to;
	message.to_count = 1;
	message.notify = "NEVER";
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), "RCPT TO:"
	    "<u+a=b@r.test> NOTIFY=NEVER ORCPT=rfc822;u+2Ba+3Db@r.test\n"));
}
END_TEST

START_TEST(an_address_beyond_ascii_has_no_orcpt_of_type_rfc822)
{
	static const char *const to[] = { "j\xc3\xb6rg@r.test" };

	message.to = to;
	message.to_count = 1;
	message.notify = "NEVER";
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), " NOTIFY=NEVER\n"));
}
END_TEST

START_TEST(parameters_are_not_sent_to_an_mta_that_does_not)
{
	message.notify = "NEVER";
	message.ret = "FULL";
	message.envid = "x";
	message.eight_bit = true;
	answer("EHLO", 0, "250 DSNX\r\n");
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said),
	    "MAIL FROM:<a+m1@s.test>\nRCPT TO:<user@r.test>\n"));
}
END_TEST

START_TEST(an_address_beyond_ascii_asks_for_smtputf8)
{
	static const char *const to[] = { "j\xc3\xb6rg@r.test" };

	message.to = to;
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), " SMTPUTF8\n"));
}
END_TEST

START_TEST(a_sender_beyond_ascii_asks_for_smtputf8)
{
	message.from = "\xc3\xbc@s.test";
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), " SMTPUTF8\n"));
}
END_TEST

START_TEST(the_null_sender_has_no_tag)
{
	message.from = "";
	submit_to_listening("x\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said), "MAIL FROM:<> "));
}
END_TEST

START_TEST(lines_that_begin_with_a_dot_get_another)
{
	submit_to_listening(".\r\n..a\r\nb.\r\n.c\r\n");
	ck_assert_ptr_nonnull(strstr(sbuf_str(&said),
	    "DATA\n..\n...a\nb.\n..c\n.\nQUIT\n"));
	ck_assert_int_eq(end_code, 250);
}
END_TEST

START_TEST(freeing_one_under_way_cancels_its_timer)
{
	static const struct event_sink sink = { .emit = note_event };
	struct submission_spec spec = { .base = base, .timers = timers,
	    .sink = &sink, .from = here, .to = mta, .message = &message,
	    .content = "x\r\n", .len = 3, .done = note_end };

	submission = submission_new(&spec);
	ck_assert_int_eq(timers_next(timers), 0);
	submission_free(submission);
	submission = NULL;
	ck_assert_int_eq(timers_next(timers), TIME_NEVER);
	ck_assert(!ended);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/submission");
	TCase *tc = tcase_create("submission");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_healthy_mta_takes_the_message);
	tcase_add_test(tc, an_mta_that_listens_later_is_asked_again);
	tcase_add_test(tc,
	    an_mta_that_refuses_by_its_greeting_is_asked_again);
	tcase_add_test(tc, patience_with_an_mta_that_never_listens_ends);
	tcase_add_loop_test(tc,
	    a_refusal_at_any_stage_is_told_and_ends_with_quit, 0,
	    2 * refusal_count);
	tcase_add_loop_test(tc, a_connection_lost_at_any_stage_is_an_error,
	    0, 2 * verb_count);
	tcase_add_test(tc, a_connection_lost_after_the_reply_is_no_error);
	tcase_add_test(tc, a_reply_without_end_is_an_error);
	tcase_add_test(tc, each_recipient_is_answered_and_one_is_enough);
	tcase_add_test(tc, without_any_recipient_there_is_no_data);
	tcase_add_test(tc,
	    with_pipelining_the_envelope_goes_in_one_segment);
	tcase_add_test(tc, a_354_for_nobody_gets_an_empty_message);
	tcase_add_test(tc,
	    after_data_for_nobody_is_refused_there_is_no_content);
	tcase_add_test(tc, parameters_are_sent_to_an_mta_that_knows_them);
	tcase_add_test(tc, the_original_recipient_is_written_as_xtext);
	tcase_add_test(tc,
	    an_address_beyond_ascii_has_no_orcpt_of_type_rfc822);
	tcase_add_test(tc, parameters_are_not_sent_to_an_mta_that_does_not);
	tcase_add_test(tc, an_address_beyond_ascii_asks_for_smtputf8);
	tcase_add_test(tc, a_sender_beyond_ascii_asks_for_smtputf8);
	tcase_add_test(tc, the_null_sender_has_no_tag);
	tcase_add_test(tc, lines_that_begin_with_a_dot_get_another);
	tcase_add_test(tc, freeing_one_under_way_cancels_its_timer);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

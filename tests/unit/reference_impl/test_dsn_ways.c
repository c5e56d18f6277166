/* Lawful forms of a report, and reports that wait. */
#include "reference_impl/engine.h"

#include "tests/unit/suite.h"

#include <string.h>
#include <unistd.h>

static const char original[] = "From: Me <other@x.test>\r\nMessage-ID: <1@x>"
    "\r\n\r\nsecret body\r\n";
static const size_t both[] = { 0, 1 };
static struct ways ways;
static struct message *m;
static struct dsn d;
static struct sbuf text;

static void
setup(void)
{
	memset(&ways, 0, sizeof ways);
	m = message_new("bounce@s.test");
	strcpy(m->id, "ID1");
	message_add_rcpt(m, "u@r.test");
	message_add_rcpt(m, "v@r.test");
	strcpy(m->rcpts[0].status, "5.0.0");
	m->rcpts[0].code = 550;
	text_set(&m->rcpts[0].diag, "550 no such user");
	text_set(&m->rcpts[0].remote, "mx1.r.test");
	m->rcpts[0].tried_us = 1;
	d = (struct dsn){ .subject = m, .rcpts = both, .count = 1,
		.content = original, .len = sizeof original - 1,
		.hostname = "sut.test", .ways = &ways };
}

static void
teardown(void)
{
	message_free(m);
	sbuf_fini(&text);
}

static bool
has(const char *part)
{
	sbuf_clear(&text);
	dsn_write(&d, &text);
	return strstr(sbuf_str(&text), part) != NULL;
}

static const struct {
	enum way way;
	const char *with, *without;
} forms[] = {
	{ WAY_REPORT_FULL, "message/rfc822\r\n\r\nFrom: Me", NULL },
	{ WAY_REPORT_FULL, "secret", NULL },
	{ WAY_REPORT_BARE, NULL, "rfc822-headers" },
	{ WAY_REPORT_UTF8, "charset=utf-8", NULL },
	{ WAY_REPORT_BASE64, "Content-Transfer-Encoding: base64\r\n\r\n"
	    "VGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgc3V0LnRlc3QuDQ", NULL },
	{ WAY_REPORT_HTML, "multipart/alternative;", NULL },
	{ WAY_REPORT_HTML, "&lt;u@r.test>", NULL },
	{ WAY_REPORT_SMALL_FIELDS, "final-recipient: rfc822;u@r.test\r\n"
	    "action: failed\r\nstatus: 5.0.0\r\n", NULL },
	{ WAY_REPORT_TURNED, "Status: 5.0.0\r\nAction: failed\r\n"
	    "Final-Recipient: rfc822;u@r.test\r\n", NULL },
	{ WAY_REPORT_SPACED, "Final-Recipient: RFC822; u@r.test\r\n", NULL },
	{ WAY_REPORT_UNDATED, NULL, "Arrival-Date" },
	{ WAY_REPORT_UNDATED, NULL, "Last-Attempt-Date" },
	{ WAY_REPORT_EXTRAS, "X-Refmta-Queue-ID: ID1\r\n", NULL },
	{ WAY_STATUS_GUESSED, "Status: 5.1.1\r\n", "Status: 5.0.0" },
	{ WAY_MAILER_DAEMON, "From: Mail Delivery Subsystem "
	    "<MAILER-DAEMON@sut.test>\r\n", "postmaster" },
};

START_TEST(each_way_gives_the_report_its_form)
{
	if (forms[_i].with != NULL)
		ck_assert(!has(forms[_i].with));
	if (forms[_i].without != NULL)
		ck_assert(has(forms[_i].without));
	ways.on[forms[_i].way] = true;
	if (forms[_i].with != NULL)
		ck_assert(has(forms[_i].with));
	if (forms[_i].without != NULL)
		ck_assert(!has(forms[_i].without));
}
END_TEST

START_TEST(ret_goes_before_any_way)
{
	ways.on[WAY_REPORT_FULL] = ways.on[WAY_REPORT_BARE] = true;
	text_set(&m->ret, "HDRS");
	ck_assert(!has("secret"));
	ck_assert(has("rfc822-headers"));
}
END_TEST

START_TEST(a_status_that_says_more_is_not_guessed)
{
	ways.on[WAY_STATUS_GUESSED] = true;
	strcpy(m->rcpts[0].status, "5.7.1");
	ck_assert(has("Status: 5.7.1\r\n"));
}
END_TEST

START_TEST(expired_mail_has_the_status_of_the_way)
{
	ways.on[WAY_EXPIRED_547] = true;
	ck_assert(!has("5.4.7"));
	d.expired = true;
	ck_assert(has("Status: 5.4.7\r\n"));
}
END_TEST

/* --- reports that wait ------------------------------------------------ */

static struct event_base *base;
static struct config config;
static struct engine engine;
static char dir[64];

static void
open_engine(void)
{
	base = event_base_new();
	ck_assert(engine_open(&engine, base, &config));
}

static void
close_engine(void)
{
	engine_close(&engine);
	event_base_free(base);
}

static void
begin_engine(enum way way)
{
	strcpy(dir, "/tmp/refmta-hold.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	config_init(&config);
	config.dir = dir;
	config.policy.hostname = "sut.test";
	config.ways.on[way] = true;
	open_engine();
}

static void
end_engine(void)
{
	char command[128];

	close_engine();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* A message whose two recipients wait for a far time. */
static struct message *
store(void)
{
	struct message *one = message_new("a@s.test");

	for (int i = 0; i < 2; i++) {
		message_add_rcpt(one, i == 0 ? "u@r.test" : "v@r.test");
		one->rcpts[i].next_us = INT64_MAX / 2;
	}
	one->arrival_us = now_us();
	ck_assert(queue_store(&engine.queue, one, original,
	    sizeof original - 1, now_us()));
	return one;
}

static int
messages(void)
{
	int n = 0;

	for (struct message *p = engine.queue.messages; p != NULL; p = p->next)
		n++;
	return n;
}

START_TEST(a_held_report_survives_a_stop_and_is_made_once)
{
	struct message *one;

	begin_engine(WAY_REPORTS_LATE);
	one = store();
	engine_report(&engine, one, both, 2, DSN_FAILED, false, 0);
	ck_assert_int_eq(one->rcpts[0].state, RCPT_DOOMED);
	ck_assert_uint_eq(message_pending(one), 0);
	ck_assert_uint_eq(message_open(one), 2);
	ck_assert_int_eq(messages(), 1);
	close_engine();

	open_engine();		/* made at once; its subject is gone */
	ck_assert_int_eq(messages(), 1);
	ck_assert_uint_eq(message_open(engine.queue.messages), 2);
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(messages(), 1);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].addr, "a@s.test");
	end_engine();
}
END_TEST

START_TEST(each_recipient_has_a_report_by_one_way)
{
	struct message *one;

	begin_engine(WAY_REPORT_EACH);
	one = store();
	engine_report(&engine, one, both, 2, DSN_FAILED, false, 0);
	ck_assert_int_eq(one->reports, 2);
	ck_assert_int_eq(messages(), 3);
	end_engine();
}
END_TEST

START_TEST(the_postmaster_is_told_of_what_nobody_else_is)
{
	struct message *one;
	struct sbuf box = { 0 };
	char path[128];

	begin_engine(WAY_DOUBLE_BOUNCE_NOTICE);
	one = store();
	text_set(&one->from, "");
	engine_report(&engine, one, both, 2, DSN_FAILED, false, 0);
	ck_assert_int_eq(messages(), 1);
	snprintf(path, sizeof path, "%s/postmaster", dir);
	ck_assert_int_eq(sbuf_read_file(&box, path), 0);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&box),
	    "To: <postmaster@sut.test>\r\n"));
	ck_assert_ptr_nonnull(strstr(sbuf_str(&box), "rfc822;v@r.test"));
	sbuf_fini(&box);
	end_engine();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/dsn_ways");
	TCase *tc = tcase_create("ways");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_way_gives_the_report_its_form, 0,
	    sizeof forms / sizeof *forms);
	tcase_add_test(tc, ret_goes_before_any_way);
	tcase_add_test(tc, a_status_that_says_more_is_not_guessed);
	tcase_add_test(tc, expired_mail_has_the_status_of_the_way);
	tcase_add_test(tc, a_held_report_survives_a_stop_and_is_made_once);
	tcase_add_test(tc, each_recipient_has_a_report_by_one_way);
	tcase_add_test(tc, the_postmaster_is_told_of_what_nobody_else_is);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

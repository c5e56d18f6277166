#include "reference_impl/dsn.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char original[] = "From: Me <other@x.test>\r\nMessage-ID: <1@x>"
    "\r\nSubject: --=_ID1.1.0=_\r\n\r\nsecret body\r\n";
static const size_t both[] = { 0, 1 };
static struct bugs bugs;
static struct message *m;
static struct dsn d;
static struct sbuf text;

static void
setup(void)
{
	memset(&bugs, 0, sizeof bugs);
	m = message_new("bounce+tag@s.test");
	strcpy(m->id, "ID1");
	message_add_rcpt(m, "MiXed@r.test");
	message_add_rcpt(m, "v@r.test");
	strcpy(m->rcpts[0].status, "5.1.1");
	m->rcpts[0].code = 550;
	text_set(&m->rcpts[0].diag, "550 5.1.1 no such user");
	text_set(&m->rcpts[0].remote, "mx1.r.test");
	d = (struct dsn){ .subject = m, .rcpts = both, .count = 1,
		.content = original, .len = sizeof original - 1,
		.hostname = "sut.test", .bugs = &bugs };
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

START_TEST(a_failure_report_names_recipient_cause_and_remote)
{
	ck_assert(has("To: <bounce+tag@s.test>\r\n"));
	ck_assert(has("multipart/report; report-type=delivery-status;"));
	ck_assert(has("Final-Recipient: rfc822;MiXed@r.test\r\n"
	    "Action: failed\r\nStatus: 5.1.1\r\n"
	    "Remote-MTA: dns; mx1.r.test\r\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"));
	ck_assert(!has("v@r.test"));
	ck_assert(!has("Original-"));
	ck_assert(!has("Will-Retry"));
	ck_assert(has("Auto-Submitted: auto-replied"));
	ck_assert(has("text/rfc822-headers\r\n\r\nFrom: Me"));
	ck_assert(!has("secret"));
}
END_TEST

START_TEST(no_line_of_the_original_is_a_boundary)
{
	ck_assert(has("boundary=\"=_ID1.1.1=_\""));
}
END_TEST

START_TEST(the_content_returns_if_ret_full_asks)
{
	text_set(&m->ret, "FULL");
	ck_assert(has("secret body"));
	d.action = DSN_DELAYED;
	ck_assert(!has("secret body"));
	ck_assert(has("Will-Retry-Until: Thu, 1 Jan 1970 00:00:00 +0000"));
}
END_TEST

/* A host refused us for good; for the mail that is not final yet. */
START_TEST(what_is_delayed_has_no_permanent_status)
{
	d.action = DSN_DELAYED;
	ck_assert(has("Action: delayed\r\nStatus: 4.1.1\r\n"));
}
END_TEST

START_TEST(envid_and_orcpt_come_back_decoded_and_harmless)
{
	text_set(&m->envid, "Q+2B1");
	text_set(&m->rcpts[0].orcpt, "rfc822;a+2Bb+0D+0AEvil:x@r.test");
	ck_assert(has("\r\nOriginal-Envelope-Id: Q+1\r\n"));
	ck_assert(has("\r\nOriginal-Recipient: rfc822;a+b??Evil:x@r.test"));
}
END_TEST

START_TEST(a_hostile_reply_stays_inside_its_field)
{
	text_set(&m->rcpts[0].diag, "550 x\r\n\r\nAction: delivered\033[1m");
	ck_assert(!has("\nAction: delivered"));
	ck_assert(!has("\033"));
}
END_TEST

START_TEST(notify_says_who_is_told)
{
	struct rcpt *r = &m->rcpts[0];

	ck_assert(dsn_wanted(r, DSN_FAILED, &bugs));
	ck_assert(dsn_wanted(r, DSN_DELAYED, &bugs));
	ck_assert(!dsn_wanted(r, DSN_RELAYED, &bugs));
	text_set(&r->notify, "SUCCESS,DELAY");
	ck_assert(!dsn_wanted(r, DSN_FAILED, &bugs));
	ck_assert(dsn_wanted(r, DSN_DELAYED, &bugs));
	ck_assert(dsn_wanted(r, DSN_RELAYED, &bugs));
	text_set(&r->notify, "NEVER");
	ck_assert(!dsn_wanted(r, DSN_FAILED, &bugs));
	bugs.on[BUG_NOTIFY_IGNORED] = true;
	ck_assert(dsn_wanted(r, DSN_FAILED, &bugs));
}
END_TEST

START_TEST(reports_go_to_the_envelope_sender_only)
{
	dsn_address(&d, &text);
	ck_assert_str_eq(sbuf_str(&text), "bounce+tag@s.test");
	sbuf_clear(&text);
	bugs.on[BUG_DSN_FROM_HEADER] = true;
	dsn_address(&d, &text);
	ck_assert_str_eq(sbuf_str(&text), "other@x.test");
	text_set(&m->from, "");
	sbuf_clear(&text);
	dsn_address(&d, &text);
	ck_assert_str_eq(sbuf_str(&text), "");
	bugs.on[BUG_BOUNCE_TO_NULL] = true;
	dsn_address(&d, &text);
	ck_assert_str_eq(sbuf_str(&text), "other@x.test");
}
END_TEST

START_TEST(bugs_spoil_the_report)
{
	d.expired = true;
	bugs.on[BUG_EXPIRED_DELAYED] = true;
	ck_assert(has("Action: delayed\r\nStatus: 4.4.7\r\n"));
	bugs.on[BUG_EXPIRED_DELAYED] = false;
	bugs.on[BUG_STATUS_500] = true;
	ck_assert(has("Action: failed\r\nStatus: 5.0.0\r\n"));
	bugs.on[BUG_DSN_NO_REPORT] = true;
	ck_assert(!has("multipart/report"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/dsn");
	TCase *tc = tcase_create("dsn");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    a_failure_report_names_recipient_cause_and_remote);
	tcase_add_test(tc, no_line_of_the_original_is_a_boundary);
	tcase_add_test(tc, the_content_returns_if_ret_full_asks);
	tcase_add_test(tc, what_is_delayed_has_no_permanent_status);
	tcase_add_test(tc, envid_and_orcpt_come_back_decoded_and_harmless);
	tcase_add_test(tc, a_hostile_reply_stays_inside_its_field);
	tcase_add_test(tc, notify_says_who_is_told);
	tcase_add_test(tc, reports_go_to_the_envelope_sender_only);
	tcase_add_test(tc, bugs_spoil_the_report);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#include "harness/dsn/dsn.h"

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/dsn/mime.h"

/*
 * A good report in pieces; a test replaces one of them.  Lines end in LF
 * here, and in CRLF in report().
 */
struct pieces {
	const char *header, *type, *first, *message, *recipient, *last, *end;
};

static const struct pieces good = {
	.header = "From: Mail Delivery System <MAILER-DAEMON@mx.test>\n"
	    "To: a+m7@s.test\nSubject: Undelivered Mail\n"
	    "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n",
	.type = "Content-Type: multipart/report; "
	    "report-type=delivery-status;\n\tboundary=\"b/1\"\n",
	.first = "This is MIME.\n\n--b/1\nContent-Type: text/plain\n\n"
	    "Sorry, <u@r.test> could not be reached.\n\n",
	.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.test\nOriginal-Envelope-Id: env7\n"
	    "Arrival-Date: Mon, 23 Nov 2026 12:00:00 +0000 (UTC)\n\n",
	.recipient = "Original-Recipient: rfc822;U@old.test\n"
	    "Final-Recipient: rfc822; u@r.test\nAction: failed\n"
	    "Status: 5.1.1\nRemote-MTA: dns; mx1.r.test (198.18.1.1)\n"
	    "Diagnostic-Code: smtp; 550-5.1.1 No such\n    user\n\n",
	.last = "--b/1\nContent-Type: message/rfc822\n\n"
	    "Return-Path: <a+m7@s.test>\nMessage-ID: <m7.mxdrill@s.test>\n"
	    "X-Mxdrill-Token: m7\nFrom: a@s.test\nTo: u@r.test\n\nhello\n\n",
	.end = "--b/1--\n",
};

static struct dsn d;
static struct sbuf content;

static void
teardown(void)
{
	dsn_fini(&d);
	sbuf_fini(&content);
}

/* Parses the text with its line ends made CRLF. */
static void
parse(const char *text)
{
	dsn_fini(&d);
	sbuf_clear(&content);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			sbuf_putc(&content, '\r');
		sbuf_putc(&content, *text);
	}
	dsn_parse(&d, sbuf_str(&content), content.len);
}

static void
parse_pieces(const struct pieces *p)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s%s\n%s%s%s%s%s", p->header, p->type, p->first,
	    p->message, p->recipient, p->last, p->end);
	parse(sbuf_str(&b));
	sbuf_fini(&b);
}

/* The good report with these recipients. */
static void
parse_recipient(const char *fields)
{
	struct pieces p = good;

	p.recipient = fields;
	parse_pieces(&p);
}

static bool
has_defect(const char *clause, int level, const char *part)
{
	for (size_t i = 0; i < d.defect_count; i++)
		if (strcmp(d.defects[i].clause, clause) == 0 &&
		    d.defects[i].level == level &&
		    strstr(d.defects[i].text, part) != NULL)
			return true;
	for (size_t i = 0; i < d.defect_count; i++)
		fprintf(stderr, "%d %s %s\n", d.defects[i].level,
		    d.defects[i].clause, d.defects[i].text);
	return false;
}

#define MUST(clause, part)						\
	ck_assert_msg(has_defect(clause, DSN_MUST, part), "%s", part)
#define SHOULD(clause, part)						\
	ck_assert_msg(has_defect(clause, DSN_SHOULD, part), "%s", part)
/* It is the only defect, and of this level. */
#define ONLY(clause, level, part) do {					\
	ck_assert_msg(has_defect(clause, level, part), "%s", part);	\
	ck_assert_uint_eq(d.defect_count, 1);				\
} while (0)

static void
clean(void)
{
	for (size_t i = 0; i < d.defect_count; i++)
		fprintf(stderr, "%s %s\n", d.defects[i].clause,
		    d.defects[i].text);
	ck_assert_uint_eq(d.defect_count, 0);
	ck_assert(d.is_report && d.minimal);
}

/* The i-th recipient; NULL is "not said". */
static void
recipient_is(size_t i, const char *address, const char *action,
    const char *status)
{
	ck_assert_uint_lt(i, d.recipient_count);
	ck_assert_pstr_eq(d.recipients[i].address, address);
	ck_assert_pstr_eq(d.recipients[i].action, action);
	ck_assert_pstr_eq(d.recipients[i].status, status);
}

START_TEST(a_good_report_has_no_defect_and_every_field)
{
	parse_pieces(&good);
	clean();
	ck_assert_str_eq(d.type, "multipart/report");
	ck_assert_str_eq(d.reporting_mta, "mx.test");
	ck_assert_str_eq(d.envelope_id, "env7");
	ck_assert_str_eq(d.arrival_date,
	    "Mon, 23 Nov 2026 12:00:00 +0000 (UTC)");
	ck_assert_str_eq(d.token, "m7");
	ck_assert_str_eq(d.message_id, "<m7.mxdrill@s.test>");
	ck_assert_str_eq(d.to, "a+m7@s.test");
	ck_assert_str_eq(d.subject, "Undelivered Mail");
	ck_assert(d.has_original && d.has_original_body);
	ck_assert(!d.international);
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert_str_eq(d.recipients[0].original, "U@old.test");
	ck_assert_str_eq(d.recipients[0].remote_mta, "mx1.r.test");
	ck_assert_str_eq(d.recipients[0].diagnostic_type, "smtp");
	ck_assert_str_eq(d.recipients[0].diagnostic,
	    "550-5.1.1 No such user");
	ck_assert_ptr_null(d.recipients[0].will_retry_until);
}
END_TEST

START_TEST(an_expired_message_may_fail_with_class_four)
{
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 4.4.1\n\n");
	clean();
	recipient_is(0, "u@r.test", "failed", "4.4.1");
}
END_TEST

START_TEST(every_action_is_known_in_any_case_and_with_a_comment)
{
	parse_recipient("Final-Recipient: rfc822;a@r.test\n"
	    "Action: Delayed\nStatus: 4.4.1\n"
	    "Will-Retry-Until: 28 Nov 2026 12:00 +0100\n\n"
	    "Final-Recipient: rfc822;b@r.test\nAction: RELAYED (to x)\n"
	    "Status: 2.0.0 (fine)\n\nFinal-Recipient: RFC822;c@r.test\n"
	    "Action: delivered\nStatus: 2.1.5\n\n"
	    "action:expanded\nfinal-recipient:rfc822;d@r.test\n"
	    "status:2.1.5\n\n");
	clean();
	ck_assert_uint_eq(d.recipient_count, 4);
	recipient_is(0, "a@r.test", "delayed", "4.4.1");
	ck_assert_str_eq(d.recipients[0].will_retry_until,
	    "28 Nov 2026 12:00 +0100");
	recipient_is(1, "b@r.test", "relayed", "2.0.0");
	recipient_is(2, "c@r.test", "delivered", "2.1.5");
	recipient_is(3, "d@r.test", "expanded", "2.1.5");
}
END_TEST

START_TEST(three_digits_in_a_status_are_right_and_leading_zeros_wrong)
{
	static const char *const bad[] = { "5.01.1", "5.1.01", "5.1", "5",
		"3.1.1", "5.1.1.1", "5.1234.1", "5.1.1234", "5.(x)1.1",
		"55.1.1", "5.1.1x", "permanent" };
	char fields[256];

	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.4.316\n\n");
	clean();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(fields, sizeof fields, "Final-Recipient: rfc822;"
		    "u@r.test\nAction: failed\nStatus: %s\n\n", bad[i]);
		parse_recipient(fields);
		ONLY("R-3464-3-a", DSN_MUST, "Status of <u@r.test> is no");
		ck_assert(!d.minimal);
	}
}
END_TEST

START_TEST(a_status_of_the_wrong_class_contradicts_its_action)
{
	static const char *const wrong[][2] = { { "failed", "2.0.0" },
		{ "delayed", "5.0.0" }, { "delayed", "2.0.0" },
		{ "delivered", "5.0.0" }, { "relayed", "4.0.0" },
		{ "expanded", "5.0.0" } };
	char fields[256];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(fields, sizeof fields, "Final-Recipient: rfc822;"
		    "u@r.test\nAction: %s\nStatus: %s\n\n", wrong[i][0],
		    wrong[i][1]);
		parse_recipient(fields);
		ONLY("R-3464-2.3.4-a", DSN_MUST, wrong[i][0]);
		ck_assert(!d.minimal);
	}
}
END_TEST

START_TEST(what_a_recipient_lacks_breaks_the_minimal_report)
{
	parse_recipient("Original-Recipient: rfc822;o@r.test\n"
	    "Action: failed\nStatus: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Final-Recipient of recipient 1 is mis");
	recipient_is(0, "o@r.test", "failed", "5.0.0");
	ck_assert(!d.minimal);
	parse_recipient("Final-Recipient: u@r.test\nAction: failed\n"
	    "Status: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Final-Recipient has no address type");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
	parse_recipient("Final-Recipient: rfc822;\nAction: failed\n"
	    "Status: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Final-Recipient has no address");
	recipient_is(0, NULL, "failed", "5.0.0");
	parse_recipient("Final-Recipient: rfc822;<u@r.test>\n"
	    "Action: failed\nStatus: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "angle brackets");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
	parse_recipient("Final-Recipient: rfc822;u@r.test\n"
	    "Status: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Action of <u@r.test> is missing");
	parse_recipient("Final-Recipient: rfc822;u@r.test\n"
	    "Action: bounced\nStatus: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Action of <u@r.test> is unknown");
	recipient_is(0, "u@r.test", "bounced", "5.0.0");
	parse_recipient("Final-Recipient: rfc822;u@r.test\n"
	    "Action: failed\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Status of <u@r.test> is missing");
	recipient_is(0, "u@r.test", "failed", NULL);
}
END_TEST

START_TEST(a_field_may_come_only_once_in_a_group)
{
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nAction: delivered\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "Action comes more than once");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
	ck_assert(!d.minimal);
}
END_TEST

START_TEST(remote_mta_and_diagnostic_code_have_types)
{
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nRemote-MTA: 192.0.2.11\n"
	    "Diagnostic-Code: smtp; 550 no\n\n");
	ONLY("R-3461-6.3-a", DSN_MUST, "Remote-MTA has no type");
	ck_assert(d.minimal);
	ck_assert_str_eq(d.recipients[0].remote_mta, "192.0.2.11");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nRemote-MTA: dns;x\nDiagnostic-Code: 550 no\n\n");
	ONLY("R-3461-6.3-a", DSN_MUST, "has no type");
	ck_assert_str_eq(d.recipients[0].diagnostic, "550 no");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nRemote-MTA: dns;x\nDiagnostic-Code: smtp;no\n\n");
	ONLY("R-3461-6.3-a", DSN_MUST, "no reply");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nDiagnostic-Code: smtp; 550 no\n\n");
	ONLY("R-3461-6.3-a", DSN_SHOULD, "no Remote-MTA");
	ck_assert_uint_eq(d.must_count, 0);
}
END_TEST

START_TEST(dates_have_numeric_zones_and_only_delays_a_retry_limit)
{
	struct pieces p = good;

	p.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.test\n"
	    "Arrival-Date: Mon, 23 Nov 2026 12:00:00 GMT\n\n";
	parse_pieces(&p);
	ONLY("R-3464-2.3.9-a", DSN_MUST, "Arrival-Date");
	ck_assert(d.minimal);
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\n"
	    "Will-Retry-Until: Mon, 23 Nov 2026 12:00:00 +0000\n\n");
	ONLY("R-3464-2.3.9-a", DSN_MUST, "Will-Retry-Until of <u@r.test>");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nLast-Attempt-Date: yesterday\n\n");
	ONLY("R-3464-2.3.9-a", DSN_MUST, "Last-Attempt-Date");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\n"
	    "Last-Attempt-Date: 23 Nov 2026 12:00:00 +00\n\n");
	ONLY("R-3464-2.3.9-a", DSN_MUST, "Last-Attempt-Date");
}
END_TEST

START_TEST(a_recipient_fails_once_in_a_report)
{
	parse_recipient("Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\n\nFinal-Recipient: rfc822;v@r.test\n"
	    "Action: failed\nStatus: 5.0.0\n\n"
	    "Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\n\n");
	ONLY("R-3464-3-b", DSN_SHOULD, "<u@r.test>");
	ck_assert_uint_eq(d.recipient_count, 3);
	ck_assert(d.minimal);
}
END_TEST

START_TEST(the_reporting_mta_is_named_with_its_type)
{
	struct pieces p = good;

	p.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "X-Queue: 7\n\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "Reporting-MTA is missing");
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert(!d.minimal);
	p.message = "--b/1\nContent-Type: message/delivery-status\n\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "Reporting-MTA is missing");
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	p.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: mx.test\n\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "Reporting-MTA has no type");
	ck_assert_str_eq(d.reporting_mta, "mx.test");
	p.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.test\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "no empty line");
	recipient_is(0, "u@r.test", "failed", "5.1.1");
}
END_TEST

START_TEST(groups_are_parted_by_one_empty_line)
{
	parse_recipient("\nFinal-Recipient: rfc822;u@r.test\n"
	    "Action: failed\nStatus: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_SHOULD, "more than one empty line");
	parse_recipient("Final-Recipient: rfc822;u@r.test\nnonsense\n"
	    "Action: failed\nStatus: 5.0.0\n\n");
	ONLY("R-3464-3-a", DSN_MUST, "is no field");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
}
END_TEST

START_TEST(a_report_without_recipients_takes_them_from_its_text)
{
	struct pieces p = good;

	p.recipient = "";
	p.first = "--b/1\n\nYour mail could not be delivered.\n\n"
	    "<u@r.test>: no such user\n\n";
	parse_pieces(&p);
	recipient_is(0, "u@r.test", "failed", NULL);
	ck_assert(!d.minimal);
	p.message = "";
	parse_pieces(&p);
	MUST("R-3464-3-a", "no message/delivery-status part");
	recipient_is(0, "u@r.test", "failed", NULL);
}
END_TEST

START_TEST(report_type_is_there_and_says_delivery_status)
{
	struct pieces p = good;

	p.type = "Content-Type: multipart/report; boundary=\"b/1\"\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "no report-type");
	p.type = "Content-Type: multipart/report; boundary=\"b/1\";"
	    " report-type=status\n";
	parse_pieces(&p);
	ONLY("R-3464-3-a", DSN_MUST, "report-type is \"status\"");
	ck_assert(d.is_report && !d.minimal);
	p.type = "Content-Type: Multipart/Report (x); Boundary = \"b\\/1\";"
	    " Report-Type = \"Delivery-Status\"\n";
	parse_pieces(&p);
	clean();
}
END_TEST

START_TEST(a_boundary_is_there_and_quoted_where_it_must_be)
{
	struct pieces p = good;

	p.type = "Content-Type: multipart/report; "
	    "report-type=delivery-status; boundary=b/1\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "breaks its syntax");
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	p.type = "Content-Type: multipart/report; "
	    "report-type=delivery-status\n";
	parse_pieces(&p);
	MUST("R-6522-3-a", "has no boundary");
	ck_assert(d.is_report && !d.minimal);
}
END_TEST

START_TEST(parts_come_in_their_order_and_number)
{
	struct pieces p = good;

	p.first = p.message;
	p.message = p.recipient;
	p.recipient = "--b/1\nContent-Type: text/plain\n\nSorry.\n\n";
	parse_pieces(&p);
	MUST("R-6522-3-a", "first part is message/delivery-status");
	MUST("R-6522-3-a", "second part is text/plain");
	ck_assert(d.minimal);
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	p = good;
	p.first = "";
	parse_pieces(&p);
	MUST("R-6522-3-a", "the second part is message/rfc822");
	p = good;
	p.end = "--b/1\n\nMore.\n--b/1--\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "has 4 parts");
	p.end = "--b/1\nContent-Type: message/rfc822\n\n"
	    "Message-ID: <later@s.test>\nX-Mxdrill-Token: later\n\n"
	    "--b/1--\n";
	parse_pieces(&p);
	ck_assert_str_eq(d.token, "m7");
	ck_assert_str_eq(d.message_id, "<m7.mxdrill@s.test>");
	p = good;
	p.last = "--b/1\nContent-Type: image/png\n\nx\n";
	parse_pieces(&p);
	MUST("R-6522-3-a", "third part is image/png");
	SHOULD("R-6522-3-b", "nothing of the message");
}
END_TEST

START_TEST(the_frame_closes_once)
{
	struct pieces p = good;

	p.end = "";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "no closing delimiter");
	p.end = "--b/1--\n\n--b/1\n\nAction: delivered\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "comes again");
	ck_assert_uint_eq(d.recipient_count, 1);
	p.end = "--b/1-- \nan epilogue is no part\n--b/1x\n";
	parse_pieces(&p);
	clean();
}
END_TEST

START_TEST(a_header_is_made_of_seven_bit_fields)
{
	struct pieces p = good;

	p.type = "Subject: Gr\xc3\xbc\xc3\x9f" "e\nContent-Type: multipart/"
	    "report; report-type=delivery-status; boundary=\"b/1\"\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "not 7-bit");
	p = good;
	p.first = "--b/1\nSorry, no empty line\n\nSorry.\n\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "is no field");
	p = good;
	p.header = "From: x@mx.test\nTo: a@s.test\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "no MIME-Version");
}
END_TEST

START_TEST(the_header_says_who_writes_to_whom_and_why)
{
	struct pieces p = good;

	p.header = "From: Mail Delivery <>\nMIME-Version: 1.0\n"
	    "Auto-Submitted: auto-generated (failure)\n";
	parse_pieces(&p);
	SHOULD("R-3464-2-a", "From names no address");
	SHOULD("R-3464-2-a", "To does not name");
	SHOULD("R-3834-5-a", "auto-generated");
	ck_assert_uint_eq(d.defect_count, 3);
	ck_assert_uint_eq(d.must_count, 0);
	ck_assert(d.minimal);
}
END_TEST

START_TEST(something_of_the_message_comes_back)
{
	struct pieces p = good;

	p.last = "";
	parse_pieces(&p);
	ONLY("R-6522-3-b", DSN_SHOULD, "nothing of the message");
	ck_assert(!d.has_original);
	p.last = "--b/1\nContent-Type: text/rfc822-headers\n\n"
	    "From: a@s.test\nX-Mxdrill-Token: m8\n";
	parse_pieces(&p);
	ONLY("R-6522-3-b", DSN_SHOULD, "no Message-ID");
	ck_assert_str_eq(d.token, "m8");
	ck_assert(d.has_original && !d.has_original_body);
	p.last = "--b/1\nContent-Type: text/rfc822-headers\n\n"
	    "Message-ID: <1@s.test>\n\nhello\n";
	parse_pieces(&p);
	ONLY("R-6522-3-b", DSN_SHOULD, "more than a header");
	ck_assert(d.has_original_body);
}
END_TEST

START_TEST(must_comes_before_should_and_the_minimal_first)
{
	struct pieces p = good;

	p.header = "Subject: x\n";
	p.recipient = "Final-Recipient: rfc822;u@r.test\nAction: failed\n"
	    "Status: 5.0.0\nRemote-MTA: x\n\n"
	    "Final-Recipient: rfc822;v@r.test\nAction: failed\n\n";
	parse_pieces(&p);
	ck_assert_uint_eq(d.defect_count, 5);
	ck_assert_uint_eq(d.must_count, 3);
	ck_assert_str_eq(d.defects[0].text, "Status of <v@r.test> is missing");
	ck_assert_str_eq(d.defects[1].clause, "R-3461-6.3-a");
	ck_assert_str_eq(d.defects[2].clause, "R-6522-3-a");
	ck_assert_str_eq(d.defects[3].clause, "R-3464-2-a");
}
END_TEST

START_TEST(the_returned_message_adds_nothing_to_the_report)
{
	struct pieces p = good;

	p.last = "--b/1\nContent-Type: message/rfc822\n\n"
	    "Content-Type: multipart/report; boundary=x;"
	    " report-type=delivery-status\nMessage-ID: <1@s.test>\n\n"
	    "--x\n\nhi\n\n--x\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; evil.test\n\n"
	    "Final-Recipient: rfc822;evil@r.test\nAction: delivered\n"
	    "Status: 2.0.0\n\n--x--\n\n";
	parse_pieces(&p);
	clean();
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert_str_eq(d.reporting_mta, "mx.test");
}
END_TEST

START_TEST(delivery_status_is_never_in_a_transfer_encoding)
{
	struct pieces p = good;

	/* "Reporting-MTA: dns;x" and a recipient, in base64. */
	p.message = "--b/1\nContent-Type: message/delivery-status\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "UmVwb3J0aW5nLU1UQTogZG5zO3gKCkZpbmFsLVJlY2lwaWVudDogcmZjODI"
	    "yO3VAci50ZXN0\nCkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4wLjAK\n";
	p.recipient = "";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "in a transfer encoding");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
	p.message = "--b/1\nContent-Type: message/delivery-status\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "Reporting-MTA: dns=3Bx\n\nFinal-Recipient: rfc822;u=40r.=\n"
	    "test\nAction: failed\nStatus: 5.0.0\n\n";
	parse_pieces(&p);
	ONLY("R-6522-3-a", DSN_MUST, "in a transfer encoding");
	recipient_is(0, "u@r.test", "failed", "5.0.0");
	p.message = "--b/1\nContent-Type: message/delivery-status\n"
	    "Content-Transfer-Encoding: base64\n\n!!!!\n";
	parse_pieces(&p);
	MUST("R-6522-3-a", "encoding of message/delivery-status is broken");
}
END_TEST

START_TEST(a_token_is_found_in_an_encoded_part)
{
	struct pieces p = good;

	p.last = "--b/1\nContent-Type: message/global\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "WC1NeGRyaWxsLVRva2VuOiBtOQpNZXNzYWdlLUlEOiA8OUBzLnRlc3Q+Cgo=\n";
	parse_pieces(&p);
	clean();
	ck_assert_str_eq(d.token, "m9");
	ck_assert_str_eq(d.message_id, "<9@s.test>");
	p.first = "--b/1\nContent-Transfer-Encoding: base64\n\n"
	    "WC1NeGRyaWxsLVRva2VuOiBtMTAK\n";
	p.last = "";
	parse_pieces(&p);
	ck_assert_str_eq(d.token, "m10");
}
END_TEST

START_TEST(an_international_report_has_utf_8_addresses)
{
	struct pieces p = good;

	parse_recipient("Final-Recipient: utf-8;"
	    "\\x{7528}\\x{6237}\\x{DF}\\x{1F600}@r.test\n"
	    "Action: failed\nStatus: 5.6.7\n\n");
	clean();
	ck_assert(d.international);
	recipient_is(0, "\xe7\x94\xa8\xe6\x88\xb7\xc3\x9f"
	    "\xf0\x9f\x98\x80@r.test", "failed", "5.6.7");
	p.message = "--b/1\nContent-Type: message/global-delivery-status\n\n"
	    "Reporting-MTA: dns; mx.test\n\n";
	p.recipient = "Final-Recipient: utf-8;\xc3\xbc@r.test\n"
	    "Action: failed\nStatus: 5.6.7\n\n";
	p.last = "--b/1\nContent-Type: message/global-headers\n\n"
	    "Message-ID: <1@s.test>\nSubject: \xc3\xbc\n\n";
	parse_pieces(&p);
	clean();
	recipient_is(0, "\xc3\xbc@r.test", "failed", "5.6.7");
}
END_TEST

START_TEST(raw_octets_and_bad_escapes_are_not_international)
{
	parse_recipient("Final-Recipient: rfc822;\xc3\xbc@r.test\n"
	    "Action: failed\nStatus: 5.6.7\n\n");
	ONLY("R-6533-4-a", DSN_MUST, "octets above 127");
	parse_recipient("Final-Recipient: utf-8;\\x{D800}@r.test\n"
	    "Action: failed\nStatus: 5.6.7\n\n");
	ONLY("R-6533-4-a", DSN_MUST, "a utf-8 address");
}
END_TEST

/* OpenSMTPD 6.8.0p2. */
START_TEST(multipart_mixed_is_read_but_no_report_of_the_right_type)
{
	struct pieces p = good;

	p.type = "Content-Type: multipart/mixed;boundary=\"b/1\"\n";
	p.recipient = "Final-Recipient: rfc822; u@r.test\nAction: delayed\n"
	    "Status: 4.4.7\n\n";
	parse_pieces(&p);
	ONLY("R-5321-3.6.3-c", DSN_SHOULD, "multipart/mixed, not "
	    "multipart/report");
	ck_assert(d.is_report && !d.minimal);
	recipient_is(0, "u@r.test", "delayed", "4.4.7");
	ck_assert_str_eq(d.token, "m7");
}
END_TEST

START_TEST(a_report_inside_another_multipart_is_not_outermost)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%sContent-Type: multipart/mixed; boundary=o\n\n"
	    "--o\n%s\n%s%s%s%s%s\n--o\n\nA list's footer.\n--o--\n",
	    good.header, good.type, good.first, good.message, good.recipient,
	    good.last, good.end);
	parse(sbuf_str(&b));
	sbuf_fini(&b);
	ONLY("R-3464-3-a", DSN_MUST, "inside multipart/mixed");
	recipient_is(0, "u@r.test", "failed", "5.1.1");
}
END_TEST

START_TEST(the_prose_of_qmail_names_recipients_status_and_reply)
{
	parse("Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\n"
	    "To: a+m7@s.test\nSubject: failure notice\n\n"
	    "Hi. This is the qmail-send program at mx.test.\n"
	    "I'm afraid I wasn't able to deliver your message to the "
	    "following addresses.\n"
	    "This is a permanent error; I've given up. Sorry it didn't "
	    "work out.\n\n<u@r.test>:\n198.18.1.1 does not like recipient.\n"
	    "Remote host said: 550 5.1.1 <u@r.test>: no such user\n"
	    "Giving up on 198.18.1.1.\n\n<v@r.test>:\n"
	    "Sorry, I couldn't find any host by that name. (#4.1.2)\n"
	    "I'm not going to try again.\n\n"
	    "--- Below this line is a copy of the message.\n\n"
	    "Return-Path: <a+m7@s.test>\nMessage-ID: <m7.mxdrill@s.test>\n"
	    "X-Mxdrill-Token: m7\nFrom: a@s.test\nTo: w@r.test\n\n"
	    "<trap@r.test>:\nhello\n");
	ck_assert(d.is_report && !d.minimal);
	SHOULD("R-5321-3.6.3-c", "text/plain, not multipart/report");
	ck_assert_uint_eq(d.recipient_count, 2);
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert_str_eq(d.recipients[0].diagnostic,
	    "550 5.1.1 <u@r.test>: no such user");
	recipient_is(1, "v@r.test", "failed", "4.1.2");
	ck_assert_ptr_null(d.recipients[1].diagnostic);
	ck_assert_str_eq(d.token, "m7");
	ck_assert_str_eq(d.message_id, "<m7.mxdrill@s.test>");
	ck_assert(d.has_original_body);
}
END_TEST

START_TEST(the_prose_of_dma_names_its_recipient_inside_a_sentence)
{
	parse("Received: from MAILER-DAEMON\n\tid ad26ee\n\tby mx.test\n"
	    "X-Original-To: <u@r.test>\nFrom: MAILER-DAEMON <>\n"
	    "To: a+m7@s.test\nSubject: Mail delivery failed\n\n"
	    "This is the DragonFly Mail Agent v0.13 at mx.test.\n\n"
	    "There was an error delivering your mail to <u@r.test>.\n\n"
	    "mx1.r.test [198.18.1.1] did not like our RCPT TO:\n"
	    "550 5.1.1 <trap@r.test>: no such user\n\n"
	    "Message headers follow.\n\nReceived: from root (uid 0)\n"
	    "\t(envelope-from a+m7@s.test)\nFrom: a@s.test\nTo: w@r.test\n"
	    "X-Mxdrill-Token: m7\nMessage-Id: <1@s.test>\n");
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert_str_eq(d.recipients[0].diagnostic,
	    "550 5.1.1 <trap@r.test>: no such user");
	ck_assert_str_eq(d.token, "m7");
	SHOULD("R-5321-3.6.3-c", "text/plain, not multipart/report");
	/* Neither is a message without any of MIME one that breaks MIME. */
	ck_assert_uint_eq(d.must_count, 0);
}
END_TEST

START_TEST(the_prose_of_exchange_names_recipients_that_lead_lines)
{
	parse("From: System Administrator\nTo: Alice Example\n"
	    "Subject: Undeliverable: delayed trains\n\nYour message\n\n"
	    "  To:      u@r.test\n  Subject: t\n\n"
	    "did not reach the following recipient(s):\n\n"
	    "u@r.test on Mon, 23 Nov 2026 12:00:07 -0000\n"
	    "    The recipient name is not recognized\n"
	    "    MSEXCH:IMS:X:MAIL 3550 (000B09B6) 550 5.7.1 Access denied "
	    "from 198.18.0.1\n\n"
	    "      v@r.test on 11/25/2026 12:10 PM\n"
	    "            Could not deliver in the time limit specified.\n"
	    "            <mx.test #4.4.7>\n");
	ck_assert_uint_eq(d.recipient_count, 2);
	recipient_is(0, "u@r.test", "failed", "5.7.1");
	ck_assert_str_eq(d.recipients[0].diagnostic,
	    "550 5.7.1 Access denied from 198.18.0.1");
	recipient_is(1, "v@r.test", "failed", "4.4.7");
	SHOULD("R-6522-3-b", "nothing of the message");
}
END_TEST

START_TEST(prose_that_says_delayed_is_a_delay)
{
	parse("From: Mailer Daemon <MAILER-DAEMON@mx.test>\nTo: a@s.test\n"
	    "Subject: Delivery status notification\n\n"
	    "A message is delayed for more than 4 hours for the following\n"
	    "list of recipients:\n\n"
	    "u@r.test: 451 4.7.1 come back, message rejected your message\n"
	    "    <trap@r.test>: or 5.7.1 later\n\n"
	    "The message is kept in the queue for up to 4 days.\n");
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "delayed", "4.7.1");
	parse("From: mailer-daemon@mx.test\nTo: a@s.test\n"
	    "Subject: Warning: could not send message for past 4 hours\n\n"
	    "u@r.test... Deferred: 451 4.7.1 later\n");
	recipient_is(0, "u@r.test", "delayed", "4.7.1");
}
END_TEST

START_TEST(a_final_word_in_prose_outweighs_a_delay)
{
	parse("From: mailer-daemon@mx.test\nTo: a@s.test\nSubject: Your mail"
	    "\n\nAfter it was delayed for days this is a permanent error.\n\n"
	    "u@r.test: gone\n");
	recipient_is(0, "u@r.test", "failed", NULL);
}
END_TEST

START_TEST(what_an_mta_said_is_not_what_prose_says)
{
	parse("From: mailer-daemon@mx.test\nTo: a@s.test\nSubject: Your mail"
	    "\n\nThis could not be delivered.\n\n<u@r.test>\n"
	    "550 5.7.1 permanently delayed\n"
	    "host mx1 said: your mail is delayed\n");
	recipient_is(0, "u@r.test", "failed", "5.7.1");
}
END_TEST

START_TEST(a_recipient_does_not_get_the_cause_of_the_next)
{
	parse("From: mailer-daemon@mx.test\nTo: a@s.test\n"
	    "Subject: failure notice\n\n<u@r.test>:\nIt vanished.\n\n"
	    "<v@r.test>:\n550 5.7.1 no\n");
	recipient_is(0, "u@r.test", "failed", NULL);
	ck_assert_ptr_null(d.recipients[0].diagnostic);
	recipient_is(1, "v@r.test", "failed", "5.7.1");
}
END_TEST

START_TEST(prose_never_takes_the_sender_or_the_postmaster_for_a_recipient)
{
	parse("From: <MAILER-DAEMON@mx.test>\nTo: <a+m7@s.test>\n"
	    "Subject: Undeliverable mail\n\n<a+m7@s.test>:\n"
	    "<mailer-daemon@mx.test>:\n"
	    "Ask <postmaster@mx.test> why mail of <a@s.test> could not be "
	    "delivered to <u@r.test>.\n\n"
	    "Return-Path: <a+m7@s.test>\nFrom: <a@s.test>\n");
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", NULL);
}
END_TEST

START_TEST(prose_without_brackets_or_addresses_still_finds_whom)
{
	parse("From: <MAILER-DAEMON@mx.test>\nTo: <a@s.test>\n"
	    "Subject: failure notice\n\nYour message wasn't delivered to "
	    "u@r.test because. Write to x@mx.test.\n");
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", NULL);
	parse("From: <MAILER-DAEMON@mx.test>\nTo: <a@s.test>\n"
	    "Subject: failure notice\nX-Failed-Recipients: v@r.test,\n"
	    " w@r.test\n\nIt failed.\n");
	ck_assert_uint_eq(d.recipient_count, 2);
	recipient_is(1, "w@r.test", "failed", NULL);
	parse("From: <MAILER-DAEMON@mx.test>\nTo: <a@s.test>\n"
	    "Subject: failure notice\n\nIt failed.\n\n"
	    "From: a@s.test\nTo: U <u@r.test>\nX-Mxdrill-Token: m3\n\nx\n");
	ck_assert_uint_eq(d.recipient_count, 1);
	recipient_is(0, "u@r.test", "failed", NULL);
	ck_assert_str_eq(d.token, "m3");
}
END_TEST

START_TEST(versions_and_addresses_of_hosts_are_no_status)
{
	parse("From: mailer-daemon@mx.test\nTo: a@s.test\n"
	    "Subject: failure notice\n\n"
	    "u@r.test: mailer v5.1.2 8.5.1.1 5.1.1.9 at 192.5.2.1\n");
	recipient_is(0, "u@r.test", "failed", NULL);
}
END_TEST

START_TEST(ordinary_mail_is_no_report)
{
	static const char *const mails[] = {
		"From: bob@r.test\nTo: a@s.test\nSubject: hello\n\n"
		"<u@r.test>: could not be delivered, X-Mxdrill-Token: m7\n",
		"From: bob@r.test\nTo: a@s.test\nSubject: out of office\n"
		"Auto-Submitted: auto-replied\nReturn-Path: <>\n\n"
		"I am back on Monday. Write to <carl@r.test>.\n",
		"From: postmaster@r.test\nTo: a@s.test\nSubject: lunch?\n\n"
		"Noon?\n",
		"From: bob@r.test\nContent-Type: multipart/report; boundary=b;"
		" report-type=disposition-notification\nSubject: failure\n\n"
		"--b\n\nu@r.test: rejected, delivery failed\n--b--\n",
		"", "\n", "\n\n\n", "x",
	};

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		parse(mails[i]);
		ck_assert_msg(!d.is_report && !d.minimal, "%zu", i);
		ck_assert_uint_eq(d.recipient_count, 0);
		ck_assert_uint_eq(d.defect_count, 0);
		ck_assert_ptr_null(d.token);
	}
}
END_TEST

START_TEST(a_message_id_may_stand_elsewhere)
{
	struct pieces p = good;

	p.last = "";
	p.message = "--b/1\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.test\n"
	    "X-Original-Message-ID: <g@s.test>\n\n";
	parse_pieces(&p);
	ck_assert_str_eq(d.message_id, "<g@s.test>");
	p.message = good.message;
	p.header = "From: x@mx.test\nTo: a@s.test\nMIME-Version: 1.0\n"
	    "References: <e@s.test>\n";
	parse_pieces(&p);
	ck_assert_str_eq(d.message_id, "<e@s.test>");
}
END_TEST

START_TEST(bare_line_feeds_read_like_crlf)
{
	struct sbuf b = { 0 };

	parse_pieces(&good);
	for (size_t i = 0; i < content.len; i++)
		if (content.data[i] != '\r')
			sbuf_putc(&b, content.data[i]);
	dsn_fini(&d);
	dsn_parse(&d, sbuf_str(&b), b.len);
	sbuf_fini(&b);
	clean();
	recipient_is(0, "u@r.test", "failed", "5.1.1");
	ck_assert_str_eq(d.token, "m7");
}
END_TEST

START_TEST(octets_cut_off_anywhere_do_no_harm)
{
	struct sbuf b = { 0 };
	char *cut;

	parse_pieces(&good);
	sbuf_add(&b, content.data, content.len);
	for (size_t n = 0; n < b.len; n++) {
		/* Of the exact size, so that a sanitizer sees its end. */
		cut = malloc(n + 1);
		memcpy(cut, b.data, n);
		cut = realloc(cut, n > 0 ? n : 1);
		dsn_fini(&d);
		dsn_parse(&d, cut, n);
		ck_assert(!d.minimal || d.recipient_count == 1);
		free(cut);
	}
	sbuf_fini(&b);
}
END_TEST

/* Its first octet is the buffer's, and its last: a sanitizer sees both. */
START_TEST(an_empty_line_may_be_all_there_is)
{
	char *lf = malloc(1);

	*lf = '\n';
	dsn_fini(&d);
	dsn_parse(&d, lf, 1);
	ck_assert(!d.is_report);
	free(lf);
}
END_TEST

START_TEST(a_part_too_large_for_openssl_is_not_decoded)
{
	struct mime_entity e = { .encoding = "base64", .body = { "QQ==",
		(size_t)INT_MAX / 2 + 1 } };
	struct arena *a = arena_new();
	struct mime_text text;

	ck_assert(!mime_decode(a, &e, &text));
	e.body.len = 4;
	ck_assert(mime_decode(a, &e, &text));
	ck_assert_uint_eq(text.len, 1);
	arena_free(a);
}
END_TEST

/* Nothing shrinks here, so that the room is as much as was asked for. */
START_TEST(one_long_line_of_quoted_printable_has_room)
{
	struct mime_entity e = { .encoding = "quoted-printable" };
	struct arena *a = arena_new();
	char *line = malloc(16384);
	struct mime_text text;

	memset(line, 'a', 16384);
	e.body = (struct mime_text){ line, 16384 };
	ck_assert(mime_decode(a, &e, &text));
	ck_assert_uint_eq(text.len, 16385);
	ck_assert_int_eq(text.p[16384], '\n');
	free(line);
	arena_free(a);
}
END_TEST

START_TEST(nesting_and_parts_without_end_are_bounded)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, good.header);
	for (int i = 0; i < 2000; i++)
		sbuf_printf(&b, "Content-Type: multipart/report; "
		    "report-type=delivery-status; boundary=b%d\n\n--b%d\n",
		    i, i);
	parse(sbuf_str(&b));
	MUST("R-6522-3-a", "lies too deep");
	sbuf_clear(&b);
	sbuf_printf(&b, "%s%s\n", good.header, good.type);
	for (int i = 0; i < 20000; i++)
		sbuf_puts(&b, "--b/1\n\n");
	parse(sbuf_str(&b));
	MUST("R-6522-3-a", "too many parts");
	sbuf_fini(&b);
}
END_TEST

/* Each would take minutes if the work grew with the square. */
START_TEST(much_of_anything_is_read_at_once)
{
	static const char *const units[] = { "<", "<a", "\"", "a@", "<a@b>:",
		"a@b:\n", " to ", "5.1.1 ", "550 ", "(", "\\", "x:\n", "x:y\n ",
		"=?", ";", "\n", "--b/1\n", "X-Mxdrill-Token:\n", "From: a\n",
		"<a@b> to deliver", "delayed", "Action: failed\n\n", "\\x{" };
	struct pieces p = good;
	struct sbuf b = { 0 };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		sbuf_clear(&b);
		while (b.len < 1 << 18)
			sbuf_puts(&b, units[i]);
		parse(sbuf_str(&b));
		p = good;
		p.recipient = sbuf_str(&b);
		parse_pieces(&p);
		sbuf_puts(&b, "\n\n");
		p = good;
		p.first = sbuf_str(&b);
		p.message = p.recipient = "";
		parse_pieces(&p);
		p.header = "From: mailer-daemon\nSubject: failed\n"
		    "Content-Type: text/plain\n";
		parse_pieces(&p);
	}
	sbuf_fini(&b);
}
END_TEST

START_TEST(defects_without_end_keep_their_order)
{
	struct sbuf b = { 0 };

	for (int i = 0; i < 1000; i++)
		sbuf_printf(&b, "Final-Recipient: rfc822;u%d@r.test\n"
		    "Action: failed\nStatus: 5.0.0\n"
		    "Diagnostic-Code: smtp; 550 no\nRemote-MTA: x\n\n", i);
	sbuf_puts(&b, "Final-Recipient: rfc822;u@r.test\n\n");
	parse_recipient(sbuf_str(&b));
	sbuf_fini(&b);
	ck_assert_uint_eq(d.recipient_count, 1001);
	ck_assert_str_eq(d.defects[0].text, "Action of <u@r.test> is missing");
	ck_assert_uint_lt(d.defect_count, 100);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_good_report_has_no_defect_and_every_field,
		an_expired_message_may_fail_with_class_four,
		every_action_is_known_in_any_case_and_with_a_comment,
		three_digits_in_a_status_are_right_and_leading_zeros_wrong,
		a_status_of_the_wrong_class_contradicts_its_action,
		what_a_recipient_lacks_breaks_the_minimal_report,
		a_field_may_come_only_once_in_a_group,
		remote_mta_and_diagnostic_code_have_types,
		dates_have_numeric_zones_and_only_delays_a_retry_limit,
		a_recipient_fails_once_in_a_report,
		the_reporting_mta_is_named_with_its_type,
		groups_are_parted_by_one_empty_line,
		a_report_without_recipients_takes_them_from_its_text,
		report_type_is_there_and_says_delivery_status,
		a_boundary_is_there_and_quoted_where_it_must_be,
		parts_come_in_their_order_and_number,
		the_frame_closes_once,
		a_header_is_made_of_seven_bit_fields,
		the_header_says_who_writes_to_whom_and_why,
		something_of_the_message_comes_back,
		must_comes_before_should_and_the_minimal_first,
		the_returned_message_adds_nothing_to_the_report,
		delivery_status_is_never_in_a_transfer_encoding,
		a_token_is_found_in_an_encoded_part,
		an_international_report_has_utf_8_addresses,
		raw_octets_and_bad_escapes_are_not_international,
		multipart_mixed_is_read_but_no_report_of_the_right_type,
		a_report_inside_another_multipart_is_not_outermost,
		the_prose_of_qmail_names_recipients_status_and_reply,
		the_prose_of_dma_names_its_recipient_inside_a_sentence,
		the_prose_of_exchange_names_recipients_that_lead_lines,
		prose_that_says_delayed_is_a_delay,
		a_final_word_in_prose_outweighs_a_delay,
		what_an_mta_said_is_not_what_prose_says,
		a_recipient_does_not_get_the_cause_of_the_next,
		prose_never_takes_the_sender_or_the_postmaster_for_a_recipient,
		prose_without_brackets_or_addresses_still_finds_whom,
		versions_and_addresses_of_hosts_are_no_status,
		ordinary_mail_is_no_report,
		a_message_id_may_stand_elsewhere,
		bare_line_feeds_read_like_crlf,
		octets_cut_off_anywhere_do_no_harm,
		an_empty_line_may_be_all_there_is,
		a_part_too_large_for_openssl_is_not_decoded,
		one_long_line_of_quoted_printable_has_room,
		nesting_and_parts_without_end_are_bounded,
		defects_without_end_keep_their_order,
	};
	Suite *s = suite_create("dsn");
	TCase *tc = tcase_create("all"), *much = tcase_create("much");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 60);
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	tcase_set_tags(much, "slow");	/* left out by tests/mutants */
	tcase_set_timeout(much, 60);
	tcase_add_test(much, much_of_anything_is_read_at_once);
	suite_add_tcase(s, much);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

#include "harness/run/compose.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static const char *const recipients[] = { "user@r.test", "other@r.test" };
static struct message message;
static struct sbuf b;

static void
setup(void)
{
	memset(&b, 0, sizeof b);
	message = (struct message){ .key = "m1", .from = "sender@s.test",
	    .to = recipients, .to_count = 2 };
}

static void
teardown(void)
{
	sbuf_fini(&b);
}

static const char *
compose(void)
{
	sbuf_clear(&b);
	compose_message(&b, &message, 1000000000);
	return sbuf_str(&b);
}

static const char *
digest_of(const char *content, size_t len)
{
	static char out[2][DIGEST_LEN];
	static int turn;

	turn = !turn;
	compose_digest(content, len, out[turn]);
	return out[turn];
}

static bool
same_digest(const char *a, const char *c)
{
	return strcmp(digest_of(a, strlen(a)), digest_of(c, strlen(c))) == 0;
}

START_TEST(a_message_has_the_fields_that_mail_must_have)
{
	ck_assert_str_eq(compose(),
	    "From: <author@s.test>\r\n"
	    "To: <user@r.test>,\r\n"
	    "    <other@r.test>\r\n"
	    "Date: Sun, 09 Sep 2001 01:46:40 +0000\r\n"
	    "Message-ID: <m1.mxdrill@s.test>\r\n"
	    "Subject: mxdrill m1\r\n"
	    "X-Mxdrill-Token: m1\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "This is message m1 of an mxdrill run.\r\n"
	    ".A line that begins with a dot.\r\n"
	    "..And two.\r\n");
}
END_TEST

START_TEST(a_message_may_have_a_header_and_a_body_of_its_own)
{
	message.header = "subject: mine\nX-Long: a\n b\nTo: all\r\n";
	message.body = ".\n..\r\n\nno end";
	message.eight_bit = true;
	ck_assert_str_eq(compose(),
	    "From: <author@s.test>\r\n"
	    "Date: Sun, 09 Sep 2001 01:46:40 +0000\r\n"
	    "Message-ID: <m1.mxdrill@s.test>\r\n"
	    "X-Mxdrill-Token: m1\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "subject: mine\r\nX-Long: a\r\n b\r\nTo: all\r\n"
	    "\r\n"
	    ".\r\n..\r\n\r\nno end\r\n");
}
END_TEST

START_TEST(mail_from_the_null_sender_still_has_an_author)
{
	message.from = "";
	ck_assert_ptr_nonnull(strstr(compose(),
	    "From: <author@s.test>\r\n"));
}
END_TEST

START_TEST(only_an_eight_bit_message_has_octets_above_127)
{
	size_t high[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		message.eight_bit = i == 1;
		for (const char *p = compose(); *p != '\0'; p++)
			high[i] += (unsigned char)*p > 127;
	}
	ck_assert_uint_eq(high[0], 0);
	ck_assert_uint_gt(high[1], 0);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "charset=utf-8\r\n"));
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "Encoding: 8bit\r\n"));
}
END_TEST

/* RFC 5321 section 2.3.8 and 4.5.3.1.6, RFC 5322 section 2.1.1. */
static void
assert_lines_are_mail(const char *text, size_t len)
{
	size_t line = 0;

	for (size_t i = 0; i < len; i++, line++) {
		ck_assert_int_ne(text[i], '\0');
		if (text[i] == '\r')
			ck_assert_int_eq(text[i + 1], '\n');
		if (text[i] != '\n')
			continue;
		ck_assert_int_eq(text[i - 1], '\r');
		ck_assert_uint_le(line, 79);
		line = (size_t)-1;
	}
	ck_assert_mem_eq(text + len - 2, "\r\n", 2);
}

START_TEST(the_size_asked_for_is_added_to_the_octet_in_whole_lines)
{
	size_t plain;

	compose();
	plain = b.len;
	for (size_t size = 0; size < 800; size++) {
		message.size = size;
		compose();
		/* One octet is no line: it takes the two of CRLF. */
		ck_assert_uint_eq(b.len - plain, size % 74 == 1 ? size + 1 :
		    size);
		assert_lines_are_mail(b.data, b.len);
	}
}
END_TEST

START_TEST(some_filler_lines_begin_with_a_dot)
{
	const char *p;
	int dots = 0;

	message.size = 74 * 14;
	for (p = strstr(compose(), "..And two."); p != NULL;
	    p = strstr(p + 1, "\r\n."))
		dots++;
	ck_assert_int_eq(dots, 1 + 2);
}
END_TEST

#define FIELDS	"From: <a@s.test>\r\nSubject: one two\r\n"
#define BODY	"\r\nbody\r\n.\r\n"

START_TEST(fields_of_others_do_not_matter)
{
	ck_assert(same_digest(FIELDS BODY,
	    "Return-Path: <a@s.test>\r\n"
	    "Received: from client\r\n\tby mta; some day\r\n"
	    FIELDS "X-Spam: no\r\n" BODY));
	/* A field whose name only begins like one of ours. */
	ck_assert(same_digest(FIELDS BODY, FIELDS "Subjects: x\r\n" BODY));
}
END_TEST

START_TEST(folding_does_not_matter)
{
	ck_assert(same_digest(FIELDS BODY,
	    "From:\r\n\t<a@s.test>\r\nSubject: one\r\n two\r\n" BODY));
}
END_TEST

/* RFC 5322 section 3.4: both are the same mailbox. */
START_TEST(angle_brackets_do_not_matter)
{
	ck_assert(same_digest(FIELDS BODY,
	    "From: a@s.test\r\nSubject: one two\r\n" BODY));
	ck_assert(same_digest("To: <a@s.test>,\r\n <b@s.test>\r\n" BODY,
	    "To: a@s.test, b@s.test\r\n" BODY));
	ck_assert(!same_digest("To: <a@s.test>,\r\n <b@s.test>\r\n" BODY,
	    "To: a@s.test, c@s.test\r\n" BODY));
	ck_assert(!same_digest("Subject: <a>\r\n" BODY,
	    "Subject: a\r\n" BODY));
}
END_TEST

START_TEST(a_changed_field_of_ours_matters)
{
	ck_assert(!same_digest(FIELDS BODY,
	    "From: <b@s.test>\r\nSubject: one two\r\n" BODY));
	ck_assert(!same_digest(FIELDS BODY,
	    "From: <a@s.test>\r\nSubject: one\r\n too\r\n" BODY));
	ck_assert(!same_digest(FIELDS BODY, "From: <a@s.test>\r\n" BODY));
	ck_assert(!same_digest(FIELDS BODY,
	    FIELDS "Subject: one two\r\n" BODY));
}
END_TEST

START_TEST(any_changed_octet_of_the_body_matters)
{
	char *copy, before[DIGEST_LEN];
	size_t body;

	message.eight_bit = true;
	message.size = 100;
	compose();
	copy = sbuf_steal(&b);
	compose();
	compose_digest(copy, b.len, before);
	body = (size_t)(strstr(copy, "\r\n\r\n") - copy) + 4;
	for (size_t i = body; i < b.len; i++) {
		copy[i] ^= 1;
		ck_assert_msg(strcmp(digest_of(copy, b.len), before) != 0,
		    "octet %zu", i);
		copy[i] ^= 1;
	}
	ck_assert_str_eq(digest_of(copy, b.len), before);
	ck_assert_str_ne(digest_of(copy, b.len - 2), before);
	free(copy);
}
END_TEST

START_TEST(white_space_in_the_body_matters)
{
	ck_assert(!same_digest(FIELDS "\r\na b\r\n", FIELDS "\r\na  b\r\n"));
	ck_assert(!same_digest(FIELDS "\r\na\r\n", FIELDS "\r\na\r\n\r\n"));
	ck_assert(!same_digest(FIELDS "\r\na\r\n", FIELDS "\r\na \r\n"));
}
END_TEST

START_TEST(a_field_moved_into_the_body_matters)
{
	ck_assert(!same_digest("From: <a@s.test>\r\n\r\nb\r\n",
	    "\r\nFrom: <a@s.test>\r\nb\r\n"));
}
END_TEST

START_TEST(content_without_a_body_or_without_anything_has_a_digest)
{
	ck_assert(!same_digest(FIELDS, ""));
	ck_assert(same_digest("", "Received: x\r\n"));
	ck_assert_uint_eq(strlen(digest_of("", 0)), DIGEST_LEN - 1);
}
END_TEST

static const char *
token_of(const char *content)
{
	static char out[16];

	return compose_token(content, strlen(content), out, sizeof out) ?
	    out : NULL;
}

START_TEST(the_token_is_read_from_the_header_only)
{
	ck_assert_str_eq(token_of(compose()), "m1");
	ck_assert_str_eq(token_of("A: b\r\nx-mxdrill-TOKEN:  m2.3 \r\n\r\n"),
	    "m2.3");
	ck_assert_str_eq(token_of("X-Mxdrill-Token: m4"), "m4");
	ck_assert_ptr_null(token_of("A: b\r\n\r\nX-Mxdrill-Token: m1\r\n"));
	ck_assert_ptr_null(token_of("X-Mxdrill-Tokens: m1\r\n"));
	ck_assert_ptr_null(token_of("X-Mxdrill-Token: \r\n\r\n"));
	ck_assert_ptr_null(token_of(""));
}
END_TEST

START_TEST(a_token_too_long_is_cut_not_overrun)
{
	ck_assert_str_eq(token_of("X-Mxdrill-Token: "
	    "0123456789abcdefghij\r\n"), "0123456789abcde");
}
END_TEST

static const char *
tagged(const char *sender, const char *key)
{
	sbuf_clear(&b);
	compose_tag(&b, sender, key);
	return sbuf_str(&b);
}

START_TEST(a_tag_stands_at_the_end_of_the_local_part)
{
	ck_assert_str_eq(tagged("a@s.test", "m1"), "a+m1@s.test");
	ck_assert_str_eq(tagged("a+b@s.test", "m1"), "a+b+m1@s.test");
	ck_assert_str_eq(tagged("", "m1"), "");
}
END_TEST

START_TEST(a_tag_in_a_quoted_local_part_stays_in_its_quotes)
{
	char key[16];

	/* RFC 5321 section 4.1.2: nothing may follow the closing quote. */
	ck_assert_str_eq(tagged("\"a b\"@s.test", "m1"),
	    "\"a b+m1\"@s.test");
	ck_assert(compose_untag(sbuf_str(&b), key, sizeof key));
	ck_assert_str_eq(key, "m1");
}
END_TEST

START_TEST(what_was_tagged_can_be_untagged)
{
	static const char *const senders[] = { "a@s.test", "a+b@s.test",
		"\"a@b\"@s.test", "+@s.test" };
	char key[16];

	for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
		ck_assert(compose_untag(tagged(senders[i], "m1.12"), key,
		    sizeof key));
		ck_assert_str_eq(key, "m1.12");
	}
}
END_TEST

START_TEST(without_a_tag_there_is_no_key)
{
	char key[4];

	ck_assert(!compose_untag("", key, sizeof key));
	ck_assert(!compose_untag("a@s.test", key, sizeof key));
	ck_assert(!compose_untag("a+@s.test", key, sizeof key));
	ck_assert(!compose_untag("a@s+m1.test", key, sizeof key));
	ck_assert(!compose_untag("a+m1", key, sizeof key));
	ck_assert(compose_untag("a+123@s.test", key, sizeof key));
	ck_assert(!compose_untag("a+1234@s.test", key, sizeof key));
}
END_TEST

START_TEST(xtext_encodes_what_a_parameter_cannot_hold)
{
	sbuf_clear(&b);
	compose_xtext(&b, "!a+b=~\"x y\t\x7f\xc3\"@r.test");
	ck_assert_str_eq(sbuf_str(&b),
	    "!a+2Bb+3D~\"x+20y+09+7F+C3\"@r.test");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/compose");
	TCase *tc = tcase_create("compose");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_message_has_the_fields_that_mail_must_have);
	tcase_add_test(tc,
	    a_message_may_have_a_header_and_a_body_of_its_own);
	tcase_add_test(tc, mail_from_the_null_sender_still_has_an_author);
	tcase_add_test(tc, only_an_eight_bit_message_has_octets_above_127);
	tcase_add_test(tc,
	    the_size_asked_for_is_added_to_the_octet_in_whole_lines);
	tcase_add_test(tc, some_filler_lines_begin_with_a_dot);
	tcase_add_test(tc, fields_of_others_do_not_matter);
	tcase_add_test(tc, folding_does_not_matter);
	tcase_add_test(tc, angle_brackets_do_not_matter);
	tcase_add_test(tc, a_changed_field_of_ours_matters);
	tcase_add_test(tc, any_changed_octet_of_the_body_matters);
	tcase_add_test(tc, white_space_in_the_body_matters);
	tcase_add_test(tc, a_field_moved_into_the_body_matters);
	tcase_add_test(tc,
	    content_without_a_body_or_without_anything_has_a_digest);
	tcase_add_test(tc, the_token_is_read_from_the_header_only);
	tcase_add_test(tc, a_token_too_long_is_cut_not_overrun);
	tcase_add_test(tc, a_tag_stands_at_the_end_of_the_local_part);
	tcase_add_test(tc,
	    a_tag_in_a_quoted_local_part_stays_in_its_quotes);
	tcase_add_test(tc, what_was_tagged_can_be_untagged);
	tcase_add_test(tc, without_a_tag_there_is_no_key);
	tcase_add_test(tc, xtext_encodes_what_a_parameter_cannot_hold);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

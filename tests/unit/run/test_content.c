#include "harness/run/content.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct content_difference d;

/* --- bodies --- */

#define LONG	"0123456789012345678901234567890123456789"

/* What was sent, what arrived; where they differ, and a word of it. */
static const struct change {
	const char	*sent, *arrived;
	enum content_change change;
	size_t		 line, offset;
	const char	*says;
} changes[] = {
	{ "a\r\n.b\r\n", "a\r\nb\r\n", CONTENT_DOT_LOST, 2, 3,
	    "line 2 of the body (offset 3): a dot at the start of the line "
	    "is lost" },
	{ "a\r\n..b\r\n", "a\r\n.b\r\n", CONTENT_DOT_LOST, 2, 3, "a dot" },
	{ "a\r\n.\r\nb\r\n", "a\r\n\r\nb\r\n", CONTENT_DOT_LOST, 2, 3, "" },
	{ ".b\r\n", "..b\r\n", CONTENT_DOT_ADDED, 1, 0, "a dot is added" },
	{ "a\r\n.\r\n", "a\r\n..\r\n", CONTENT_DOT_ADDED, 2, 3, "" },
	{ "a\r\nb\r\n", "a\nb\r\n", CONTENT_LINE_END, 1, 1,
	    "ends in LF, not in CRLF" },
	{ "a\r\nb\r\n", "a\rb\r\n", CONTENT_LINE_END, 1, 1,
	    "ends in a bare CR" },
	{ "a\r\nb\r\n", "ab\r\n", CONTENT_LINE_END, 1, 1,
	    "the next line stands in this one" },
	{ "a\r\nb\r\n", "a\r\nb", CONTENT_LINE_END, 2, 4,
	    "the last line has lost its CRLF" },
	{ "a\r\nb\r\n", "a\r\nb\r", CONTENT_LINE_END, 2, 5, "its CRLF" },
	{ "a\rb\r\n", "a\r\nb\r\n", CONTENT_BARE, 1, 1,
	    "a bare CR is changed to CRLF" },
	{ "a\rb\r\n", "a\nb\r\n", CONTENT_BARE, 1, 1, "changed to LF" },
	{ "a\rb\r\n", "ab\r\n", CONTENT_BARE, 1, 1, "a bare CR is lost" },
	{ "a\rb\r\n", "a b\r\n", CONTENT_BARE, 1, 1, "replaced" },
	{ "a\nb\r\n", "a\r\nb\r\n", CONTENT_BARE, 1, 1,
	    "a bare LF is changed to CRLF" },
	{ "a\nb\r\n", "ab\r\n", CONTENT_BARE, 1, 1, "a bare LF is lost" },
	{ "a\nb\r\n", "a\rb\r\n", CONTENT_BARE, 1, 1, "changed to CR" },
	{ "ab\r\n", "a\rb\r\n", CONTENT_BARE, 1, 1, "a bare CR is added" },
	{ LONG "xyz\r\n", LONG "\r\nxyz\r\n", CONTENT_WRAPPED, 1, 40,
	    "wrapped after 40 octets" },
	{ LONG "xyz\r\n", LONG "!\r\n xyz\r\n", CONTENT_WRAPPED, 1, 40,
	    "wrapped after 40 octets" },
	{ LONG " xyz\r\n", LONG "\r\nxyz\r\n", CONTENT_WRAPPED, 1, 40, "" },
	{ LONG "xyz\r\nb\r\n", LONG "\r\nb\r\n", CONTENT_CUT, 1, 40,
	    "cut after 40 octets and has lost 3 octets" },
	{ LONG "xyz\r\n", LONG "\r\n", CONTENT_CUT, 1, 40, "" },
	{ "a\t \r\nb\r\n", "a\r\nb\r\n", CONTENT_BLANK, 1, 1,
	    "blanks at the end of the line are lost" },
	{ "-- \r\n", "--\r\n", CONTENT_BLANK, 1, 2, "are lost" },
	{ "a\r\n", "a \r\n", CONTENT_BLANK, 1, 1, "blanks are added" },
	{ "a \r\n", "a\t\r\n", CONTENT_BLANK, 1, 1, "are changed" },
	{ "\xc3\xbc\r\n", "C<\r\n", CONTENT_HIGH_OCTET, 1, 0,
	    "octet 0xC3 has lost its high bit" },
	{ "\xc3\xbcx\r\n", "?x\r\n", CONTENT_HIGH_OCTET, 1, 0,
	    "0xC3 is replaced by 0x3F" },
	{ "x\xc3\xbcx\r\n", "x\xfcx\r\n", CONTENT_HIGH_OCTET, 1, 1,
	    "0xC3 is replaced by 0xFC" },
	{ "x\xc3\xbcy\r\n", "xy\r\n", CONTENT_HIGH_OCTET, 1, 1,
	    "0xC3 is lost" },
	{ "a\r\nb\r\nc\r\n", "a\r\nb\r\n", CONTENT_SHORT, 3, 6,
	    "without its last 3 octets" },
	{ "a\r\n", "", CONTENT_SHORT, 1, 0, "last 3 octets" },
	{ "a\r\n.\r\nb\r\n", "a\r\n", CONTENT_SHORT, 2, 3,
	    "from a line of a single dot on" },
	{ "a\r\n", "a\r\n-- \r\nad\r\n", CONTENT_LONGER, 2, 3,
	    "after the body there are 9 octets: \"-- ??ad??\"" },
	{ "a\r\n", "a\r\n\r\n", CONTENT_LONGER, 2, 3, "2 octets" },
	{ "", "a\r\n", CONTENT_LONGER, 1, 0, "3 octets: \"a??\"" },
	{ "a\r\n\r\nb\r\n", "a\r\nb\r\n", CONTENT_OTHER, 2, 3,
	    "an empty line is lost" },
	{ "a\r\nb\r\n", "a\r\n\r\nb\r\n", CONTENT_OTHER, 2, 3,
	    "an empty line is added" },
	{ "a\r\nb\r\n", "a\r\nb!\r\n", CONTENT_OTHER, 2, 4,
	    "added 1 octet: \"!\"" },
	{ "abc\r\n", "aXc\r\n", CONTENT_OTHER, 1, 1,
	    "octet 0x62 is replaced by 0x58" },
	{ "a\r\nb\r\n", "hello\r\na\r\nb\r\n", CONTENT_OTHER, 1, 0,
	    "added 7 octets: \"hello??\"" },
	{ ">From x\r\n", "From x\r\n", CONTENT_OTHER, 1, 0,
	    "lost 1 octet: \">\"" },
	{ "From x\r\n", ">From x\r\n", CONTENT_OTHER, 1, 0,
	    "added 1 octet: \">\"" },
};

START_TEST(a_change_of_the_body_is_named)
{
	const struct change *c = &changes[_i];

	memset(&d, 0, sizeof d);
	ck_assert(!content_compare_body(c->sent, strlen(c->sent), c->arrived,
	    strlen(c->arrived), &d));
	ck_assert_msg(d.change == c->change, "%d: %s", (int)d.change, d.text);
	ck_assert_msg(d.line == c->line && d.offset == c->offset,
	    "%s", d.text);
	ck_assert_msg(strstr(d.text, c->says) != NULL, "%s", d.text);
	ck_assert(!d.in_header);
}
END_TEST

START_TEST(the_same_body_is_no_difference)
{
	memset(&d, 0, sizeof d);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		ck_assert(content_compare_body(changes[i].sent,
		    strlen(changes[i].sent), changes[i].sent,
		    strlen(changes[i].sent), &d));
	ck_assert_int_eq(d.change, CONTENT_NONE);
	ck_assert_str_eq(d.text, "");
}
END_TEST

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* Whatever octets: it ends, and says a line of printable text. */
START_TEST(any_two_bodies_can_be_compared)
{
	static const char octets[] = "\r\n\r\n. .ab\xc3!";
	char s[6], a[6];
	bool same;
	unsigned seed = 1;

	for (int i = 0; i < 100000; i++) {
		size_t n[2];

		for (size_t k = 0; k < sizeof s; k++) {
			seed = seed * 1103515245 + 12345;
			s[k] = octets[(seed >> 16) % (sizeof octets - 1)];
			seed = seed * 1103515245 + 12345;
			a[k] = octets[(seed >> 16) % (sizeof octets - 1)];
		}
		n[0] = (seed >> 8) % (sizeof s + 1);
		n[1] = (seed >> 12) % (sizeof a + 1);
		memset(&d, 0, sizeof d);
		same = n[0] == n[1] && memcmp(s, a, n[0]) == 0;
		if (content_compare_body(s, n[0], a, n[1], &d) != same ||
		    d.offset > n[0] || !is_printable(d.text))
			ck_abort_msg("%d: %s", i, d.text);
	}
}
END_TEST

/* --- whole messages --- */

#define FIELDS	"From: <a@s.test>\r\nSubject: one two\r\n"	\
		"X-Mxdrill-Token: m1\r\n"
#define MIME(encoding)	FIELDS "MIME-Version: 1.0\r\n"			\
		"Content-Type: text/plain; charset=utf-8\r\n"		\
		"Content-Transfer-Encoding: " encoding "\r\n\r\n"
#define EIGHT	"Gr\xc3\xbc\xc3\x9f" "e = x \r\n.\r\n"

static bool
compare(const char *sent, const char *arrived)
{
	return content_compare(sent, strlen(sent), arrived, strlen(arrived),
	    &d);
}

START_TEST(what_others_add_or_fold_does_not_matter)
{
	ck_assert_msg(compare(FIELDS "\r\nb\r\n",
	    "Return-Path: <a@s.test>\r\nReceived: from x\r\n by y; z\r\n"
	    "from: a@other.test\r\nSUBJECT:\r\n\tone\r\n two\r\n"
	    "X-Mxdrill-Token: m1\r\nX-Spam: no\r\n\r\nb\r\n"), "%s", d.text);
	ck_assert_int_eq(d.change, CONTENT_NONE);
	ck_assert_ptr_null(d.encoding);
}
END_TEST

static const struct {
	const char	*arrived;
	size_t		 line, offset;
	const char	*says;
} headers[] = {
	{ "From: <a@s.test>\r\nX-Mxdrill-Token: m1\r\n", 2, 18,
	    "line 2 of the header (offset 18): field Subject is missing" },
	{ "From: <b@s.test>\r\nSubject: one two\r\nX-Mxdrill-Token: m1\r\n",
	    1, 0, "field From is changed: \"a\" became \"b\"" },
	{ FIELDS "Subject: one two\r\n", 4, 57, "field Subject is added" },
	{ "Subject: one two\r\nFrom: <a@s.test>\r\nX-Mxdrill-Token: m1\r\n",
	    2, 18, "field Subject stands in another place" },
	{ FIELDS "Content-Transfer-Encoding: 7bit\r\n", 4, 57,
	    "Content-Transfer-Encoding is added" },
};

START_TEST(a_change_of_the_header_is_named)
{
	char arrived[300];

	snprintf(arrived, sizeof arrived, "%s\r\nb\r\n",
	    headers[_i].arrived);
	ck_assert(!compare(FIELDS "\r\nb\r\n", arrived));
	ck_assert_msg(d.change == CONTENT_FIELD && d.in_header &&
	    d.line == headers[_i].line && d.offset == headers[_i].offset &&
	    strstr(d.text, headers[_i].says) != NULL, "%s", d.text);
}
END_TEST

START_TEST(a_conversion_is_compared_decoded)
{
	const char *quoted = MIME("quoted-printable")
	    "Gr=C3=BC=C3=\r\n=9Fe =3D x=20\r\n.\r\n";
	const char *base64 = MIME("base64")
	    "R3LDvMOf\r\nZSA9IHggDQouDQo=\r\n";

	ck_assert_msg(compare(MIME("8bit") EIGHT, quoted), "%s", d.text);
	ck_assert_str_eq(d.encoding, "quoted-printable");
	ck_assert_msg(compare(MIME("8bit") EIGHT, base64), "%s", d.text);
	ck_assert_str_eq(d.encoding, "base64");
	ck_assert_msg(compare(base64, quoted), "%s", d.text);
	ck_assert_msg(compare(quoted, MIME("8bit") EIGHT), "%s", d.text);
	ck_assert_str_eq(d.encoding, "8bit");
	/* The MIME fields may be new. */
	ck_assert_msg(compare(FIELDS "\r\n" "a=b\r\n", FIELDS
	    "MIME-Version: 1.0\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "a=3Db\r\n"), "%s", d.text);
}
END_TEST

START_TEST(a_conversion_may_damage)
{
	ck_assert(!compare(MIME("8bit") EIGHT, MIME("quoted-printable")
	    "Gr=C3=BC=C3=9Fe =3D x\r\n.\r\n"));
	ck_assert_int_eq(d.change, CONTENT_BLANK);
	ck_assert_ptr_nonnull(strstr(d.text, "decoded"));
	ck_assert(!compare(MIME("8bit") EIGHT, MIME("quoted-printable")
	    "Gr=FC=DFe =3D x=20\r\n.\r\n"));
	ck_assert_int_eq(d.change, CONTENT_HIGH_OCTET);
	ck_assert(!compare(MIME("8bit") EIGHT, MIME("base64") "R3LD?\r\n"));
	ck_assert_ptr_nonnull(strstr(d.text, "does not decode"));
	/* Only the label. */
	ck_assert(!compare(MIME("8bit") EIGHT, MIME("7bit") EIGHT));
	ck_assert_int_eq(d.change, CONTENT_FIELD);
	ck_assert(!compare(MIME("8bit") EIGHT,
	    MIME("quoted-printable") EIGHT));
	/* A field that has nothing to do with it. */
	ck_assert(!compare(MIME("8bit") "a\r\n", "From: <a@s.test>\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYQ0K\r\n"));
	ck_assert_int_eq(d.change, CONTENT_FIELD);
}
END_TEST

START_TEST(nothing_can_be_compared_with_nothing)
{
	ck_assert(content_compare("", 0, "", 0, &d));
	ck_assert(!content_compare(FIELDS, strlen(FIELDS), "", 0, &d));
	ck_assert_int_eq(d.change, CONTENT_FIELD);
	ck_assert(!compare(FIELDS "\r\nb\r\n", FIELDS));
	ck_assert_int_eq(d.change, CONTENT_SHORT);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/content");
	TCase *tc = tcase_create("content");

	tcase_add_loop_test(tc, a_change_of_the_body_is_named, 0,
	    sizeof changes / sizeof *changes);
	tcase_add_test(tc, the_same_body_is_no_difference);
	tcase_add_test(tc, any_two_bodies_can_be_compared);
	tcase_add_test(tc, what_others_add_or_fold_does_not_matter);
	tcase_add_loop_test(tc, a_change_of_the_header_is_named, 0,
	    sizeof headers / sizeof *headers);
	tcase_add_test(tc, a_conversion_is_compared_decoded);
	tcase_add_test(tc, a_conversion_may_damage);
	tcase_add_test(tc, nothing_can_be_compared_with_nothing);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

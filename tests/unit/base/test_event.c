#include "harness/base/event.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "tests/unit/suite.h"

static char path[64];
static struct trace trace;
static bool truncated;
static char *error;

static void
setup(void)
{
	int fd;

	strcpy(path, "/tmp/test_event.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	trace_init(&trace);
}

static void
teardown(void)
{
	unlink(path);
	trace_fini(&trace);
	free(error);
	error = NULL;
}

static bool
read_back(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
	trace_fini(&trace);
	free(error);
	return trace_read(&trace, path, &truncated, &error);
}

static const struct event *
round_trip(const struct event *ev)
{
	struct sbuf line = { 0 };

	event_to_json(ev, &line);
	ck_assert_ptr_null(strchr(line.data, '\n'));
	sbuf_putc(&line, '\n');
	ck_assert_msg(read_back(line.data), "%s", error);
	ck_assert_uint_eq(trace.count, 1);
	sbuf_fini(&line);
	return &trace.events[0];
}

static void
assert_same(const struct event *a, const struct event *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->t_us, b->t_us);
#define X(f)								\
	ck_assert_msg((a->f == NULL) == (b->f == NULL), #f);		\
	if (a->f != NULL)						\
		ck_assert_str_eq(a->f, b->f);
	EVENT_STRINGS(X)
#undef X
#define X(f) ck_assert_int_eq(a->f, b->f);
	EVENT_NUMBERS(X)
	EVENT_TRUTHS(X)
#undef X
}

START_TEST(every_kind_with_every_field_comes_back)
{
	struct event ev = { 0 };
	int64_t n = 100;
	int8_t truth = NO;

#define X(f) ev.f = "value of " #f;
	EVENT_STRINGS(X)
#undef X
#define X(f) ev.f = n++;
	EVENT_NUMBERS(X)
#undef X
#define X(f) ev.f = truth; truth = (int8_t)-truth;
	EVENT_TRUTHS(X)
#undef X
	for (int k = 0; k < EV_COUNT; k++) {
		ev.kind = (enum event_kind)k;
		ev.t_us = k - 5;
		assert_same(&ev, round_trip(&ev));
	}
}
END_TEST

START_TEST(what_an_event_does_not_say_it_does_not_say_on_disk)
{
	struct event ev = { .kind = EV_RUN_END, .t_us = 7, .seq = 3 };
	struct sbuf line = { 0 };

	event_to_json(&ev, &line);
	ck_assert_str_eq(line.data,
	    "{\"t\":7,\"seq\":3,\"ev\":\"run.end\"}");
	assert_same(&ev, round_trip(&ev));
	sbuf_fini(&line);
}
END_TEST

START_TEST(an_empty_string_is_not_the_same_as_none)
{
	struct event ev = { .kind = EV_SMTP_EOD, .from = "" };

	ck_assert_str_eq(round_trip(&ev)->from, "");
	ck_assert_ptr_null(trace.events[0].to);
}
END_TEST

START_TEST(large_and_negative_numbers_come_back)
{
	struct event ev = { .kind = EV_MTA, .t_us = INT64_MIN,
	    .num = INT64_MAX, .code = -1 };

	assert_same(&ev, round_trip(&ev));
}
END_TEST

START_TEST(control_characters_and_utf8_come_back)
{
	struct event ev = { .kind = EV_SMTP_COMMAND,
	    .text = "tab\t quote\" back\\ esc\033 cr\r lf\n \xc3\xbc" };

	assert_same(&ev, round_trip(&ev));
}
END_TEST

START_TEST(each_ascii_character_comes_back)
{
	char text[] = "a?b";
	struct event ev = { .kind = EV_SMTP_COMMAND, .text = text };

	for (text[1] = 1; text[1] > 0 && text[1] < 127; text[1]++)
		assert_same(&ev, round_trip(&ev));
	assert_same(&ev, round_trip(&ev));
}
END_TEST

START_TEST(octets_that_are_no_utf8_come_back_as_their_code_points)
{
	struct event ev = { .kind = EV_SMTP_COMMAND,
	    .text = "MAIL \xff\x80\xc3" };

	/* Latin-1 read as Unicode: each octet is one character. */
	ck_assert_str_eq(round_trip(&ev)->text,
	    "MAIL \xc3\xbf\xc2\x80\xc3\x83");
}
END_TEST

START_TEST(every_kind_has_a_name_of_its_own)
{
	enum event_kind kind;

	for (int k = 0; k < EV_COUNT; k++) {
		ck_assert(event_kind_parse(event_name((enum event_kind)k),
		    &kind));
		ck_assert_int_eq(kind, k);
		ck_assert_uint_gt(strlen(event_help((enum event_kind)k)), 0);
	}
	ck_assert(!event_kind_parse("smtp", &kind));
	ck_assert(!event_kind_parse("", &kind));
}
END_TEST

START_TEST(a_trace_copies_the_strings_and_numbers_on)
{
	char text[] = "first";
	struct event ev = { .kind = EV_FLAG, .text = text, .seq = 99 };

	ck_assert_uint_eq(trace_add(&trace, &ev)->seq, 1);
	strcpy(text, "other");
	ck_assert_uint_eq(trace_add(&trace, &ev)->seq, 2);
	ck_assert_str_eq(trace.events[0].text, "first");
	ck_assert_str_eq(trace.events[1].text, "other");
}
END_TEST

START_TEST(a_trace_cut_in_a_line_reads_up_to_the_last_whole_line)
{
	ck_assert(read_back("{\"t\":1,\"ev\":\"flag\"}\n"
	    "{\"t\":2,\"ev\":\"fl"));
	ck_assert(truncated);
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_int_eq(trace.events[0].t_us, 1);
}
END_TEST

START_TEST(a_whole_trace_is_not_truncated)
{
	ck_assert(read_back("{\"t\":1,\"ev\":\"flag\"}\n"));
	ck_assert(!truncated);
	ck_assert(read_back(""));
	ck_assert(!truncated);
	ck_assert_uint_eq(trace.count, 0);
}
END_TEST

START_TEST(fields_of_a_later_version_are_passed_over)
{
	ck_assert(read_back("{\"t\":1,\"ev\":\"flag\",\"new\":[1]}\n"));
	ck_assert_uint_eq(trace.count, 1);
}
END_TEST

START_TEST(a_bad_line_is_named_by_file_and_line)
{
	static const struct { const char *line, *says; } bad[] = {
		{ "nonsense", "" },
		{ "{\"t\":1,\"ev\":\"flag\"", "" },
		{ "", "" },
		{ "[]", "no time \"t\"" },
		{ "{\"ev\":\"flag\"}", "no time \"t\"" },
		{ "{\"t\":1.5,\"ev\":\"flag\"}", "no time \"t\"" },
		{ "{\"t\":1}", "no known event name \"ev\"" },
		{ "{\"t\":1,\"ev\":\"flags\"}",
		  "no known event name \"ev\"" },
		{ "{\"t\":1,\"ev\":\"flag\",\"text\":1}",
		  "\"text\" must be a string" },
		{ "{\"t\":1,\"ev\":\"flag\",\"conn\":\"1\"}",
		  "\"conn\" must be a whole number" },
		{ "{\"t\":1,\"ev\":\"flag\",\"ok\":1}",
		  "\"ok\" must be true or false" },
	};
	char text[256], where[96];

	snprintf(where, sizeof where, "%s:2: ", path);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "{\"t\":1,\"ev\":\"flag\"}\n%s\n"
		    "{\"t\":3,\"ev\":\"flag\"}\n", bad[i].line);
		ck_assert_msg(!read_back(text), "%s", bad[i].line);
		ck_assert_msg(strncmp(error, where, strlen(where)) == 0,
		    "%s", error);
		ck_assert_msg(strstr(error, bad[i].says) != NULL, "%s",
		    error);
	}
}
END_TEST

START_TEST(a_line_with_a_nul_octet_is_a_bad_line)
{
	static const char text[] = "{\"t\":1,\"ev\":\"flag\"}\n\0\0\0\n";
	FILE *f = fopen(path, "w");

	/* What a crash of the machine leaves of a file. */
	fwrite(text, 1, sizeof text - 1, f);
	fclose(f);
	trace_fini(&trace);
	ck_assert(!trace_read(&trace, path, &truncated, &error));
	ck_assert_ptr_nonnull(strstr(error, ":2: "));
}
END_TEST

START_TEST(a_trace_that_is_not_there_is_named)
{
	trace_fini(&trace);
	ck_assert(!trace_read(&trace, "/nonexistent/trace.jsonl", &truncated,
	    &error));
	ck_assert_str_eq(error,
	    "/nonexistent/trace.jsonl: No such file or directory");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/event");
	TCase *tc = tcase_create("event");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_kind_with_every_field_comes_back);
	tcase_add_test(tc,
	    what_an_event_does_not_say_it_does_not_say_on_disk);
	tcase_add_test(tc, an_empty_string_is_not_the_same_as_none);
	tcase_add_test(tc, large_and_negative_numbers_come_back);
	tcase_add_test(tc, control_characters_and_utf8_come_back);
	tcase_add_test(tc, each_ascii_character_comes_back);
	tcase_add_test(tc,
	    octets_that_are_no_utf8_come_back_as_their_code_points);
	tcase_add_test(tc, every_kind_has_a_name_of_its_own);
	tcase_add_test(tc, a_trace_copies_the_strings_and_numbers_on);
	tcase_add_test(tc,
	    a_trace_cut_in_a_line_reads_up_to_the_last_whole_line);
	tcase_add_test(tc, a_whole_trace_is_not_truncated);
	tcase_add_test(tc, fields_of_a_later_version_are_passed_over);
	tcase_add_test(tc, a_bad_line_is_named_by_file_and_line);
	tcase_add_test(tc, a_line_with_a_nul_octet_is_a_bad_line);
	tcase_add_test(tc, a_trace_that_is_not_there_is_named);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

#include "harness/run/recorder.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "tests/unit/suite.h"

static struct timers *timers;
static struct recorder *recorder;
static char path[64];
static int fd;
static unsigned heard;

/* The first event asks for another one at once, as the stage does. */
static void
hear(void *ctx, const struct event *ev)
{
	struct event more = { .kind = EV_FLAG, .name = "echo" };

	(void)ctx;
	heard++;
	ck_assert_uint_eq(ev->seq, recorder_trace(recorder)->count);
	if (ev->kind == EV_MTA && ev->num == 7) {
		event_emit(recorder_sink(recorder), &more);
		/* What it was called with is still there. */
		ck_assert_int_eq(ev->num, 7);
		ck_assert_str_eq(ev->verb, "exit");
	}
}

static void
setup(void)
{
	strcpy(path, "/tmp/test_recorder.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	timers = timers_new();
	heard = 0;
	recorder = recorder_new(fd, timers, hear, NULL);
}

static void
teardown(void)
{
	recorder_free(recorder);
	timers_free(timers);
	close(fd);
	unlink(path);
}

static struct event
record_at(int64_t t_us, const char *text)
{
	struct event ev = { .kind = EV_FLAG, .text = text };

	timers_advance(timers, t_us);
	event_emit(recorder_sink(recorder), &ev);
	return ev;
}

static size_t
octets_in_file(void)
{
	return (size_t)lseek(fd, 0, SEEK_END);
}

START_TEST(what_was_before_the_start_has_negative_times)
{
	const struct trace *t = recorder_trace(recorder);

	record_at(1000, "before");
	record_at(4000, "before, too");
	timers_advance(timers, 5000);
	recorder_start(recorder);
	record_at(5000, "at the start");
	record_at(7500, "after");
	ck_assert_uint_eq(t->count, 4);
	ck_assert_int_eq(t->events[0].t_us, -4000);
	ck_assert_int_eq(t->events[1].t_us, -1000);
	ck_assert_int_eq(t->events[2].t_us, 0);
	ck_assert_int_eq(t->events[3].t_us, 2500);
	ck_assert_int_eq(recorder_now(recorder), 2500);
}
END_TEST

START_TEST(the_sink_stamps_the_event_it_was_given)
{
	struct event ev;

	record_at(10, "one");
	ev = record_at(20, "two");
	ck_assert_uint_eq(ev.seq, 2);
	ck_assert_int_eq(ev.t_us, 20);
}
END_TEST

START_TEST(nothing_is_written_before_the_start_is_known)
{
	record_at(1000, "early");
	recorder_flush(recorder);
	ck_assert_uint_eq(octets_in_file(), 0);
	recorder_start(recorder);
	recorder_flush(recorder);
	ck_assert_uint_gt(octets_in_file(), 0);
}
END_TEST

START_TEST(a_callback_may_record_in_its_turn)
{
	const struct trace *t = recorder_trace(recorder);
	struct event ev = { .kind = EV_MTA, .verb = "exit", .num = 7 };

	recorder_start(recorder);
	/* So many that the array has moved under the callback. */
	for (int i = 0; i < 100; i++)
		event_emit(recorder_sink(recorder), &ev);
	ck_assert_uint_eq(t->count, 200);
	ck_assert_uint_eq(heard, 200);
	for (size_t i = 0; i < t->count; i++) {
		ck_assert_uint_eq(t->events[i].seq, i + 1);
		ck_assert_int_eq(t->events[i].kind, i % 2 ? EV_FLAG : EV_MTA);
	}
}
END_TEST

static void
assert_file_is(const struct trace *want, const struct trace *got)
{
	ck_assert_uint_eq(got->count, want->count);
	for (size_t i = 0; i < want->count; i++) {
		struct sbuf a = { 0 }, b = { 0 };

		event_to_json(&want->events[i], &a);
		event_to_json(&got->events[i], &b);
		ck_assert_str_eq(a.data, b.data);
		sbuf_fini(&a);
		sbuf_fini(&b);
	}
}

START_TEST(the_file_holds_what_memory_holds)
{
	struct trace back;
	char *error;
	bool truncated;

	record_at(1, "early\n");
	recorder_start(recorder);
	/* More than is gathered for one write. */
	for (int i = 0; i < 3000; i++)
		record_at(2 + i, "an event among many");
	recorder_flush(recorder);
	ck_assert(trace_read(&back, path, &truncated, &error));
	ck_assert(!truncated);
	assert_file_is(recorder_trace(recorder), &back);
	trace_fini(&back);
}
END_TEST

START_TEST(a_run_that_never_began_is_written_at_the_end)
{
	struct trace back;
	char *error;
	bool truncated;

	record_at(3000, "the MTA did not start");
	recorder_free(recorder);
	recorder = NULL;
	ck_assert(trace_read(&back, path, &truncated, &error));
	ck_assert_uint_eq(back.count, 1);
	ck_assert_int_eq(back.events[0].t_us, 0);
	trace_fini(&back);
}
END_TEST

START_TEST(without_a_file_the_trace_is_in_memory_only)
{
	recorder_free(recorder);
	recorder = recorder_new(-1, timers, NULL, NULL);
	recorder_start(recorder);
	record_at(1, "x");
	recorder_flush(recorder);
	ck_assert_uint_eq(recorder_trace(recorder)->count, 1);
	ck_assert_uint_eq(octets_in_file(), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/recorder");
	TCase *tc = tcase_create("recorder");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_before_the_start_has_negative_times);
	tcase_add_test(tc, the_sink_stamps_the_event_it_was_given);
	tcase_add_test(tc, nothing_is_written_before_the_start_is_known);
	tcase_add_test(tc, a_callback_may_record_in_its_turn);
	tcase_add_test(tc, the_file_holds_what_memory_holds);
	tcase_add_test(tc, a_run_that_never_began_is_written_at_the_end);
	tcase_add_test(tc, without_a_file_the_trace_is_in_memory_only);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

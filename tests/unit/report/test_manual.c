/* docs/trace.md against the tables it describes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/event.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/results.h"
#include "harness/scenario/scenario.h"

static struct sbuf manual;

static void
read_manual(void)
{
	ck_assert_int_eq(sbuf_read_file(&manual, "docs/trace.md"), 0);
}

static void
forget_manual(void)
{
	sbuf_fini(&manual);
}

/* The first cell of a row of a table has this word in it. */
static void
ck_row(const char *word)
{
	char *quoted = xasprintf("`%s`", word);
	const char *p = sbuf_str(&manual), *cell;

	for (; (p = strstr(p, "\n|")) != NULL; p++) {
		cell = strstr(p, quoted);
		if (cell != NULL && cell < p + 2 + strcspn(p + 2, "|"))
			break;
	}
	ck_assert_msg(p != NULL, "docs/trace.md has no row for %s", quoted);
	free(quoted);
}

static void
ck_word(const char *word)
{
	char *quoted = xasprintf("`%s`", word);

	ck_assert_msg(strstr(sbuf_str(&manual), quoted) != NULL,
	    "docs/trace.md does not say %s", quoted);
	free(quoted);
}

START_TEST(every_kind_of_event_is_described)
{
	for (int i = 0; i < EV_COUNT; i++)
		ck_row(event_name((enum event_kind)i));
}
END_TEST

START_TEST(every_field_of_an_event_is_described)
{
#define X(f) ck_row(#f);
	EVENT_STRINGS(X)
	EVENT_NUMBERS(X)
	EVENT_TRUTHS(X)
#undef X
	ck_row("t");
	ck_row("seq");
	ck_row("ev");
}
END_TEST

/* In the row of its kind each field that the kind's help names. */
START_TEST(the_fields_of_a_kind_stand_in_its_row)
{
	static const char *const fields[] = {
#define X(f) #f,
		EVENT_STRINGS(X) EVENT_NUMBERS(X) EVENT_TRUTHS(X)
#undef X
	};
	char *row, *quoted;
	const char *at;

	for (int i = 0; i < EV_COUNT; i++) {
		if (i == EV_DNS_REPLY || i == EV_FLAG)
			continue;	/* told by reference, by name */
		quoted = xasprintf("\n| `%s` |", event_name(
		    (enum event_kind)i));
		at = strstr(sbuf_str(&manual), "\n### Kinds of events");
		ck_assert_ptr_nonnull(at);
		ck_assert_ptr_nonnull(at = strstr(at, quoted));
		free(quoted);
		row = xstrndup(at + 1, strcspn(at + 1, "\n"));
		for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
			char *said = xasprintf(" %s,", fields[k]);
			char *help = xasprintf(" %s,", event_help(
			    (enum event_kind)i));

			quoted = xasprintf("`%s`", fields[k]);
			/* "state errno name": no field called name */
			if (strstr(help, said) != NULL &&
			    (i != EV_CONNECT_FAILED || k > 0))
				ck_assert_msg(strstr(row, quoted) != NULL,
				    "no %s in: %s", quoted, row);
			free(quoted);
			free(help);
			free(said);
		}
		free(row);
	}
}
END_TEST

START_TEST(the_versions_are_those_of_the_code)
{
	char *trace = xasprintf("trace version %d", TRACE_VERSION);
	char *results = xasprintf("results version %d", RESULTS_VERSION);

	ck_assert_ptr_nonnull(strstr(sbuf_str(&manual), trace));
	ck_assert_ptr_nonnull(strstr(sbuf_str(&manual), results));
	free(trace);
	free(results);
}
END_TEST

START_TEST(every_result_is_described)
{
#define X(sym, word) ck_word(word);
	RESULTS(X)
#undef X
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace manual");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, read_manual, forget_manual);
	tcase_add_test(tc, every_kind_of_event_is_described);
	tcase_add_test(tc, every_field_of_an_event_is_described);
	tcase_add_test(tc, the_fields_of_a_kind_stand_in_its_row);
	tcase_add_test(tc, the_versions_are_those_of_the_code);
	tcase_add_test(tc, every_result_is_described);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

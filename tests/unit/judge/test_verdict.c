/* The decision list of 21.4 against table 21.6, over every history. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/verdict.h"

/*
 * Table 21.6 row by row, by somebody who has not read verdict.c; -1 where
 * the table says nothing (null and silent senders).
 */
static int
table(const struct history *h)
{
	int n = h->acked + h->ambiguous, f = h->reports;
	int once = h->copy_when == COPY_FIRST_CYCLE ? V_DELIVERED :
	    h->copy_when == COPY_LATE ? V_DELIVERED_LATE :
	    V_DELIVERED_TOO_LATE;

	if (h->null_sender || h->no_dsn)
		return -1;
	if (n >= 2 && f >= 1 && h->acked >= 1)
		return V_FALSE_BOUNCE;
	if (n >= 2)
		return h->unexcused > 0 ? V_DUPLICATE : V_DUPLICATE_EXCUSED;
	if (h->acked == 1 && f >= 1)
		return V_FALSE_BOUNCE;
	if (h->acked == 1)
		return h->queue == QUEUE_YES && h->copy_settled ? V_ZOMBIE :
		    once;
	if (h->ambiguous == 1 && f == 0 && h->queue != QUEUE_YES)
		return once;
	if (f > 0 && h->undead)
		return V_BOUNCED_QUEUED;
	if (f >= 2)
		return V_DUPLICATE_DSN;
	if (f == 1 && !h->entitled)
		return V_PREMATURE_BOUNCE;
	if (f == 1)
		return h->report_late ? V_LATE_BOUNCE : h->report_bad ?
		    V_BOUNCED_MALFORMED : V_BOUNCED_CORRECT;
	if (h->unseen && h->queue != QUEUE_YES)
		return !h->entitled ? V_PREMATURE_BOUNCE : h->report_late ?
		    V_LATE_BOUNCE : V_BOUNCED_NOWHERE;
	switch (h->queue) {
	case QUEUE_YES:
		if (h->report_owed)
			return V_LATE_BOUNCE;
		return h->overdue || !h->recent ? V_STUCK : V_RETRYING;
	case QUEUE_NO:
		return h->grace_over && !h->doubtful ? V_SILENT_DROP :
		    V_INCONCLUSIVE;
	default:
		if (h->past_horizon)
			return h->doubtful ? V_INCONCLUSIVE : V_SILENT_DROP;
		return h->recent ? V_RETRYING : V_INCONCLUSIVE;
	}
}

/* Mixed-radix digits of `code`. */
static int
digit(unsigned long *code, unsigned base)
{
	int d = (int)(*code % base);

	*code /= base;
	return d;
}

static void
fill(struct history *h, unsigned long code)
{
	memset(h, 0, sizeof *h);
	h->accepted = true;
	h->acked = digit(&code, 3);
	h->ambiguous = digit(&code, 3);
	h->unexcused = digit(&code, 3);
	h->reports = digit(&code, 3);
	h->queue = (enum queue_state)digit(&code, 3);
	h->copy_when = (enum copy_when)digit(&code, 3);
	h->null_sender = digit(&code, 2);
	h->no_dsn = digit(&code, 2);
	h->entitled = digit(&code, 2);
	h->tried_after = digit(&code, 2);
	h->report_late = digit(&code, 2);
	h->report_bad = digit(&code, 2);
	h->report_owed = digit(&code, 2);
	h->overdue = digit(&code, 2);
	h->recent = digit(&code, 2);
	h->grace_over = digit(&code, 2);
	h->past_horizon = digit(&code, 2);
	h->copy_settled = digit(&code, 2);
	h->undead = digit(&code, 2);
	h->unseen = digit(&code, 2);
	h->doubtful = digit(&code, 2);
}

START_TEST(the_list_agrees_with_the_table_on_every_history)
{
	const unsigned long all = 729UL << 15;	/* 3^6 2^15: 23887872 */
	const char *note;
	struct history h;
	int want, got;

	for (unsigned long i = 0; i < all; i++) {
		fill(&h, i);
		got = (int)verdict_decide(&h, &note);
		want = table(&h);
		if (got < 0 || got >= VERDICT_COUNT ||
		    (want >= 0 && want != got))
			ck_abort_msg("history %lu: table %d, list %d", i,
			    want, got);
	}
}
END_TEST

START_TEST(silent_mail_is_never_owed_a_report)
{
	const char *note;
	struct history h;
	enum verdict v;

	for (unsigned long i = 0; i < 729UL << 15; i++) {
		fill(&h, i);
		if (!h.null_sender && !h.no_dsn)
			continue;
		v = verdict_decide(&h, &note);
		if (h.reports > 0 && v != V_BOUNCE_TO_NULL &&
		    v != V_UNWANTED_DSN)
			ck_abort_msg("history %lu: a report passed", i);
		if (v == V_LATE_BOUNCE || v == V_BOUNCED_CORRECT)
			ck_abort_msg("history %lu: a report was asked", i);
		if (v == V_DISCARDED_OK && (!h.entitled || (h.tried_after &&
		    h.queue != QUEUE_NO) || h.queue == QUEUE_YES ||
		    h.acked + h.ambiguous > 0))
			ck_abort_msg("history %lu: no discard", i);
		if (h.acked + h.ambiguous == 0 && h.reports == 0 &&
		    h.entitled && !h.tried_after && h.queue != QUEUE_YES &&
		    v != V_DISCARDED_OK)
			ck_abort_msg("history %lu: a discard", i);
	}
}
END_TEST

/* What goes before the table, worst first. */
START_TEST(the_first_rule_that_matches_wins)
{
	struct history h;
	const char *note;

	fill(&h, 0);
	h.acked = 2;
	h.reports = 9;
	h.misaddressed = h.no_dsn = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_UNWANTED_DSN);
	h.no_dsn = false;
	ck_assert_int_eq(verdict_decide(&h, &note), V_MISADDRESSED_DSN);
	h.null_sender = h.no_dsn = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_BOUNCE_TO_NULL);
	h.double_loop = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_DOUBLE_BOUNCE_LOOP);
	h.looping = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_LOOPING);
	h.corrupted = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_CORRUPTED);
	h.downgraded = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_DOWNGRADE);
	h.misrouted = 1;
	ck_assert_int_eq(verdict_decide(&h, &note), V_MISROUTED);
	h.accepted = false;
	h.refusal = 4;
	ck_assert_int_eq(verdict_decide(&h, &note), V_NOT_ACCEPTED);
	ck_assert_str_eq(note, "4yz");
	h.harness_fault = true;
	ck_assert_int_eq(verdict_decide(&h, &note), V_INCONCLUSIVE);
}
END_TEST

START_TEST(severity_follows_21_7)
{
	static const enum verdict order[] = { V_SILENT_DROP,
	    V_DOUBLE_BOUNCE_LOOP, V_PREMATURE_BOUNCE, V_FALSE_BOUNCE,
	    V_DUPLICATE, V_STUCK, V_BOUNCE_TO_NULL, V_LATE_BOUNCE,
	    V_DELIVERED };

	for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++)
		ck_assert_int_gt(verdict_severity(order[i]),
		    verdict_severity(order[i + 1]));
	ck_assert_int_eq(verdict_severity(V_MISROUTED),
	    verdict_severity(V_SILENT_DROP));
	ck_assert_int_eq(verdict_severity(V_DOWNGRADE),
	    verdict_severity(V_CORRUPTED));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("verdict");
	TCase *tc = tcase_create("21.4");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_list_agrees_with_the_table_on_every_history);
	tcase_add_test(tc, silent_mail_is_never_owed_a_report);
	tcase_add_test(tc, the_first_rule_that_matches_wins);
	tcase_add_test(tc, severity_follows_21_7);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

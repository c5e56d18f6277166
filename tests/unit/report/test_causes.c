/* Findings by cause: what is one defect, and how binding its clause is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/report/causes.h"
#include "harness/report/departures.h"
#include "harness/scenario/requirement.h"

static struct unit the_unit = { .msg = "dead", .rcpt = "u@r.test" };
static const struct judgement one = { .units = &the_unit, .unit_count = 1 };

static const struct {
	const char	*sentence, *shape;
} shapes[] = {
	{ "m1 for u@r.test was lost", "# for # was lost" },
	{ "mail for u@r.test was lost", "# for # was lost" },
	{ "dead was retried without a pause: cycle 2 came 0.0s after",
	    "# was retried without a pause: cycle # came # after" },
	{ "not queued after 1 attempt; x", "not queued after # attempt; x" },
	{ "not queued after 7 attempts; x", "not queued after # attempt; x" },
	{ "failed (status 5.4.3) at once", "failed (status 5.#) at once" },
	{ "failed (status 4.4.31) at once", "failed (status 4.#) at once" },
	{ "mx1.r.test answered \"554 5.7.1 go away\" at 0.0s",
	    "# answered \"5yz\" at #" },
	{ "mx1.r.test answered \"450\"", "# answered \"4yz\"" },
	{ "mx1.r.test answered \"450 x", "# answered \"450 x" },
	{ "told \"delayed\" twice", "told \"delayed\" twice" },
	{ "no type: \"2001:db8::1\"", "no type: \"#\"" },
	{ "no type: \"198.18.1.1\"", "no type: \"#\"" },
	{ "its date \"Mon, Jan\" is", "its date \"#\" is" },
	{ "mx1.r.test and mx2.r.test refused", "# refused" },
	{ "a.test, b.test and c.test refused", "# refused" },
	{ "a.test, b.test, and 192.0.2.1 refused", "# refused" },
	{ "it is [192.0.2.1], no name", "it is [#], no name" },
	{ "lookup gave SERVFAIL", "lookup gave SERVFAIL" },
	{ "what; led to it; and more; and more", "what; led to it;" },
	{ "", "" },
	{ "(", "(" },
	{ "\"", "\"" },
};

START_TEST(a_shape_has_no_names_and_numbers)
{
	struct sbuf b = { 0 };

	cause_shape(&b, &one, shapes[_i].sentence);
	ck_assert_str_eq(sbuf_str(&b), shapes[_i].shape);
	sbuf_fini(&b);
}
END_TEST

START_TEST(a_level_is_the_clauses)
{
	static const struct {
		const char		*id;
		enum clause_level	 level;
	} ids[] = {
		{ "R-5321-5.1-b", CLAUSE_MUST },
		{ "R-5321-5.1-f", CLAUSE_MUST },	/* MUST NOT */
		{ "R-7672-2.1.2-a", CLAUSE_MUST },	/* (be able) */
		{ "R-DF-GREET-b", CLAUSE_DEFACTO_MUST },
		{ "R-5321-4.2.1-a", CLAUSE_SHOULD },
		{ "R-9520-2.7-a", CLAUSE_DEFACTO_SHOULD },
		{ "R-no-such", CLAUSE_NONE }, { NULL, CLAUSE_NONE },
	};

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		ck_assert_int_eq(clause_level(ids[i].id), ids[i].level);
	for (size_t i = 0; i < requirement_count(); i++)
		ck_assert_int_eq(clause_level(requirement_at(i)->id) ==
		    CLAUSE_NONE, strstr(requirement_at(i)->words, "MAY") !=
		    NULL);
}
END_TEST

/* A set by hand: runs on two MTAs, each with one or two units. */
#define RUNS	6

struct world {
	struct report_set set;
	struct report_mta mtas[2];
	struct report_row rows[RUNS];
	struct report_run runs[RUNS];
	struct unit	 units[RUNS][2];
	struct finding	 findings[RUNS];
};

static struct unit
bad(enum verdict v, const char *why)
{
	return (struct unit){ .msg = "m1", .rcpt = "u@r.test", .verdict = v,
	    .why = why };
}

static void
give(struct world *w, size_t i, size_t column, enum result r,
    const char *clause, const char *why)
{
	struct report_run *run = &w->runs[i];

	run->row = i;
	run->column = column;
	w->units[i][0] = bad(V_SILENT_DROP, why);
	run->judgement = (struct judgement){ .result = r, .sentence = why,
	    .clause = clause, .units = w->units[i], .unit_count = 1,
	    .findings = &w->findings[i] };
}

static void
world_make(struct world *w)
{
	memset(w, 0, sizeof *w);
	w->set.mtas = w->mtas;
	w->set.mta_count = 2;
	w->set.rows = w->rows;
	w->set.row_count = RUNS;
	w->set.runs = w->runs;
	w->set.run_count = RUNS;
	w->mtas[0].label = "a";
	w->mtas[1].label = "b";
	give(w, 0, 0, RESULT_FAIL, "R-9520-2.7-a", "m1 was lost after 1s");
	give(w, 1, 0, RESULT_WARN, "R-9520-2.7-a", "m2 was lost after 2s");
	give(w, 2, 0, RESULT_XFAIL, "R-5321-5.1-b", "m1 was lost after 1s");
	give(w, 3, 1, RESULT_FAIL, "R-9520-2.7-a", "m1 was lost after 1s");
	give(w, 4, 0, RESULT_ERROR, "R-9520-2.7-a", "m1 was lost after 1s");
	give(w, 5, 0, RESULT_FAIL, "R-9520-2.7-a", "m1 was lost after 1s");
	w->runs[5].hidden = true;
}

static size_t
defects(const struct world *w)
{
	struct causes cs;
	size_t n;

	causes_find(&cs, &w->set);
	n = cs.count;
	causes_fini(&cs);
	return n;
}

START_TEST(one_defect_is_one_entry_the_gravest_first)
{
	struct cause_count n;
	struct causes cs;
	struct world w;

	world_make(&w);
	causes_find(&cs, &w.set);
	ck_assert_uint_eq(cs.count, 3);
	ck_assert_str_eq(cs.items[0].clause, "R-5321-5.1-b");
	ck_assert_str_eq(cs.items[1].clause, "R-9520-2.7-a");
	ck_assert_str_eq(cs.items[1].word, "silent-drop");
	ck_assert_uint_eq(cs.items[1].run_count, 2);
	ck_assert_uint_eq(cs.items[1].runs[1].run, 1);
	ck_assert_uint_eq(cs.items[2].column, 1);
	n = causes_count(&cs, 0, CLAUSE_DEFACTO_SHOULD);
	ck_assert_uint_eq(n.defects, 1);
	ck_assert_uint_eq(n.scenarios, 2);
	n = causes_count(&cs, 0, CLAUSE_SHOULD);
	ck_assert_uint_eq(n.defects + n.scenarios, 0);
	causes_fini(&cs);
}
END_TEST

START_TEST(another_verdict_clause_or_reason_is_another_defect)
{
	struct world w;

	world_make(&w);
	w.units[1][0].verdict = V_PREMATURE_BOUNCE;
	ck_assert_uint_eq(defects(&w), 4);
	world_make(&w);
	w.units[1][0].clause = "R-5321-5.1-b";
	ck_assert_uint_eq(defects(&w), 3);	/* that of run 2 */
	world_make(&w);
	w.units[1][0].why = "m1 was lost in a crash";
	ck_assert_uint_eq(defects(&w), 4);
}
END_TEST

START_TEST(a_scenario_may_ask_for_less_than_its_clause)
{
	static const struct {
		const char *id;
		enum level asked;
		enum clause_level level;
	} asked[] = {
		{ "R-5321-5.1-b", LEVEL_MUST, CLAUSE_MUST },
		{ "R-5321-5.1-b", LEVEL_SHOULD, CLAUSE_SHOULD },
		{ "R-5321-5.1-b", LEVEL_INFO, CLAUSE_NONE },
		{ "R-DF-RET-g", LEVEL_SHOULD, CLAUSE_DEFACTO_SHOULD },
		{ "R-9520-2.7-a", LEVEL_SHOULD, CLAUSE_DEFACTO_SHOULD },
		/* of what it does not cover it says nothing */
		{ "R-5321-4.5.4.1-d", LEVEL_SHOULD, CLAUSE_MUST },
		{ NULL, LEVEL_SHOULD, CLAUSE_NONE },
	};
	const char *const covers[] = { "R-5321-5.1-b", "R-DF-RET-g",
	    "R-9520-2.7-a" };
	struct causes cs;
	struct world w;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		ck_assert_int_eq(clause_level_in(asked[i].id, asked[i].asked,
		    covers, 3), asked[i].level);
	world_make(&w);
	w.rows[2].covers = covers;
	w.rows[2].covers_count = 1;
	w.rows[2].level = LEVEL_SHOULD;
	causes_find(&cs, &w.set);
	for (size_t i = 0; i < cs.count; i++)
		ck_assert(strcmp(cs.items[i].clause, "R-5321-5.1-b") != 0 ||
		    cs.items[i].level == CLAUSE_SHOULD);
	causes_fini(&cs);
}
END_TEST

/* What a line of `expect:` asked for besides does not make another loss. */
START_TEST(a_line_that_is_broken_too_makes_no_other_defect)
{
	struct world w;

	world_make(&w);
	w.units[1][0].why = "m1 was lost after 2s (not within 1d)";
	ck_assert_uint_eq(defects(&w), 3);
	/* Of a verdict that is good in itself it is all there is. */
	w.units[0][0].verdict = w.units[1][0].verdict = V_BOUNCED_CORRECT;
	ck_assert_uint_eq(defects(&w), 4);
}
END_TEST

START_TEST(a_second_defect_of_a_run_is_not_hidden)
{
	struct cause_count n;
	struct causes cs;
	struct world w;

	world_make(&w);
	w.units[0][1] = w.units[0][0];		/* two recipients: one */
	w.runs[0].judgement.unit_count = 2;
	ck_assert_uint_eq(defects(&w), 3);
	w.findings[0] = (struct finding){ .flag = F_RETRY_STORM,
	    .text = "storm" };
	w.runs[0].judgement.finding_count = 1;
	causes_find(&cs, &w.set);
	ck_assert_uint_eq(cs.count, 4);
	n = causes_count(&cs, 0, CLAUSE_DEFACTO_SHOULD);
	ck_assert_uint_eq(n.defects, 2);
	ck_assert_uint_eq(n.scenarios, 2);	/* one shows both */
	causes_fini(&cs);
	w.findings[0].allowed = true;
	ck_assert_uint_eq(defects(&w), 3);
}
END_TEST

/* What made the mail go astray is not a defect beside it. */
START_TEST(a_contact_that_took_the_mail_is_no_other_defect)
{
	struct world w;

	world_make(&w);
	w.units[0][0] = bad(V_MISROUTED, "m1 went to trap.test");
	w.findings[0] = (struct finding){ .flag = F_TRAP_CONTACT,
	    .text = "trap.test was contacted" };
	w.runs[0].judgement.finding_count = 1;
	ck_assert_uint_eq(defects(&w), 4);
	w.findings[0].text = "mx3.r.test was contacted";
	ck_assert_uint_eq(defects(&w), 5);
	w.findings[0].text = "trap.test was contacted";
	w.units[0][0].verdict = V_SILENT_DROP;
	ck_assert_uint_eq(defects(&w), 5);
}
END_TEST

START_TEST(a_failure_without_parts_is_told_by_its_sentence)
{
	struct causes cs;
	struct world w;

	world_make(&w);
	w.runs[3].judgement.unit_count = 0;
	causes_find(&cs, &w.set);
	ck_assert_str_eq(cs.items[2].word, "FAIL");
	ck_assert_str_eq(cs.items[2].text, "m1 was lost after 1s");
	causes_fini(&cs);
}
END_TEST

START_TEST(a_departure_is_told_once_an_mta)
{
	struct departure life = { "a lifetime of 1d", "main.cf:12",
	    "R-5321-4.5.4.1-h" }, tls = { "TLS is a must", NULL, NULL };
	struct departures ds = { .count = 0 };
	struct sbuf b = { 0 };
	struct world w;

	world_make(&w);
	for (size_t i = 0; i < 4; i++) {
		w.runs[i].judgement.departures = i == 1 ? &tls : &life;
		w.runs[i].judgement.departure_count = 1;
	}
	departures_of(&ds, &w.set);
	ck_assert_uint_eq(ds.count, 3);
	ck_assert_uint_eq(ds.items[0].runs, 2);
	ck_assert_str_eq(ds.items[2].mta, "b");
	departure_put(&b, &ds.items[0].what);
	ck_assert_str_eq(sbuf_str(&b), "a lifetime of 1d (main.cf:12), "
	    "R-5321-4.5.4.1-h (MUST)");
	sbuf_clear(&b);
	departure_put(&b, &ds.items[1].what);
	ck_assert_str_eq(sbuf_str(&b), "TLS is a must");
	sbuf_fini(&b);
	departures_fini(&ds);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("causes");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_shape_has_no_names_and_numbers, 0,
	    sizeof shapes / sizeof shapes[0]);
	tcase_add_test(tc, a_level_is_the_clauses);
	tcase_add_test(tc, one_defect_is_one_entry_the_gravest_first);
	tcase_add_test(tc,
	    another_verdict_clause_or_reason_is_another_defect);
	tcase_add_test(tc, a_scenario_may_ask_for_less_than_its_clause);
	tcase_add_test(tc, a_line_that_is_broken_too_makes_no_other_defect);
	tcase_add_test(tc, a_second_defect_of_a_run_is_not_hidden);
	tcase_add_test(tc,
	    a_contact_that_took_the_mail_is_no_other_defect);
	tcase_add_test(tc, a_failure_without_parts_is_told_by_its_sentence);
	tcase_add_test(tc, a_departure_is_told_once_an_mta);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

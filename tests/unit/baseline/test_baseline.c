/*
 * Baselines: diagnostics to the letter (tests/lint/baseline; with
 * MXD_WRITE_EXPECTED=1 they are written anew), what an entry makes of a run,
 * and edits that leave every other octet alone.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/baseline/baseline.h"
#include "tests/unit/suite.h"

static const char *const ids[] = { "dns/one", "dns/two", "mx/a", "mx/b",
    "net/y", "own" };
static const char *const mtas[] = { "postfix", "exim4", "reference" };
#define N(a)	(sizeof a / sizeof *a)

static char *
diagnostics(const char *path)
{
	struct baseline b = { .arena = NULL };
	struct sbuf text = { 0 };
	char *out = NULL;
	size_t len;
	FILE *f;

	ck_assert_int_eq(sbuf_read_file(&text, path), 0);
	baseline_add_text(&b, path, strstr(path, "other-mta") != NULL ?
	    "postfix" : NULL, sbuf_str(&text), text.len);
	baseline_check(&b, ids, N(ids), mtas, N(mtas));
	f = open_memstream(&out, &len);
	ck_assert_uint_gt(baseline_complain(&b, f), 0);
	fclose(f);
	baseline_fini(&b);
	sbuf_fini(&text);
	return out;
}

START_TEST(every_wrong_file_gives_exactly_its_diagnostics)
{
	struct sbuf want;
	char name[256], *got;
	glob_t files;
	FILE *f;

	ck_assert_int_eq(glob("tests/lint/baseline/*.known", 0, NULL,
	    &files), 0);
	ck_assert_uint_ge(files.gl_pathc, 6);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		got = diagnostics(files.gl_pathv[i]);
		snprintf(name, sizeof name, "%.*s.expected",
		    (int)strlen(files.gl_pathv[i]) - 6, files.gl_pathv[i]);
		if (getenv("MXD_WRITE_EXPECTED") != NULL) {
			ck_assert_ptr_nonnull(f = fopen(name, "w"));
			fputs(got, f);
			fclose(f);
		}
		want = (struct sbuf){ 0 };
		ck_assert_msg(sbuf_read_file(&want, name) == 0, "%s", name);
		ck_assert_str_eq(got, sbuf_str(&want));
		sbuf_fini(&want);
		free(got);
	}
	globfree(&files);
}
END_TEST

static void
read_text(struct baseline *b, const char *text)
{
	*b = (struct baseline){ .arena = NULL };
	baseline_add_text(b, "x.known", NULL, text, strlen(text));
	baseline_check(b, ids, N(ids), mtas, N(mtas));
	ck_assert_uint_eq(baseline_complain(b, stderr), 0);
}

START_TEST(a_file_of_comments_is_a_baseline_of_nothing)
{
	struct baseline b;

	read_text(&b, "");
	ck_assert_uint_eq(b.count, 0);
	baseline_fini(&b);
	read_text(&b, "# nothing\n\n   # is known\r\n");
	ck_assert_uint_eq(b.count, 0);
	baseline_fini(&b);
}
END_TEST

/* --- what an entry makes of a run --- */

static struct baseline applied;

/* A run with these verdicts (of m1, m2...) and flags, judged as `r`. */
static struct judgement
run_of(enum result r, const enum verdict *verdicts, size_t count,
    uint32_t flags)
{
	struct judgement j = { .arena = arena_new(), .result = r,
	    .sentence = "it was so" };
	struct finding *f;
	struct unit *u;

	for (size_t i = 0; i < count; i++) {
		u = arena_push(j.arena, &j.units, &j.unit_count, sizeof *u);
		u->verdict = verdicts[i];
		u->expected = r == RESULT_OK || r == RESULT_INFO;
	}
	/* The control message and what is tolerated never count. */
	u = arena_push(j.arena, &j.units, &j.unit_count, sizeof *u);
	u->verdict = V_SILENT_DROP;
	u->control = true;
	u = arena_push(j.arena, &j.units, &j.unit_count, sizeof *u);
	u->verdict = V_LATE_BOUNCE;
	u->tolerated = true;
	for (int n = 0; n < FLAG_COUNT; n++)
		if ((flags & UINT32_C(1) << n) != 0) {
			f = arena_push(j.arena, &j.findings,
			    &j.finding_count, sizeof *f);
			f->flag = (enum flag)n;
		}
	f = arena_push(j.arena, &j.findings, &j.finding_count, sizeof *f);
	f->flag = F_DIVERGENT;
	f->allowed = true;
	return j;
}

#define FLAG(f)	(UINT32_C(1) << F_##f)

/* One verdict or none; the result that the baseline makes of it. */
static enum result
becomes(const char *entry, enum result r, int verdict, uint32_t flags)
{
	enum verdict v = verdict < 0 ? V_DELIVERED : (enum verdict)verdict;
	struct judgement j = run_of(r, &v, verdict >= 0, flags);
	char *text = xasprintf("- id: dns/one\n  reason: because\n  %s\n",
	    entry);
	enum result out;

	read_text(&applied, text);
	baseline_apply(&applied, "dns/one", "postfix", "3.7.11", &j);
	out = j.result;
	if (out != r || r == RESULT_FAIL) {
		ck_assert_ptr_nonnull(j.known);
		ck_assert_str_eq(j.known->at, "x.known:1");
		ck_assert_str_eq(j.known->reason, "because");
		ck_assert_int_eq(j.known->was, r);
		ck_assert_ptr_nonnull(strstr(j.sentence, out ==
		    RESULT_XFAIL ? "because" : "x.known:1"));
	}
	free(text);
	baseline_fini(&applied);
	judgement_fini(&j);
	return out;
}

START_TEST(the_very_failure_is_xfail)
{
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_FAIL,
	    V_SILENT_DROP, 0), RESULT_XFAIL);
	ck_assert_int_eq(becomes("outcome: [crashed, retry-storm]",
	    RESULT_FAIL, -1, FLAG(CRASHED) | FLAG(RETRY_STORM)),
	    RESULT_XFAIL);
	ck_assert_int_eq(becomes("outcome: [silent-drop, crashed]",
	    RESULT_FAIL, V_SILENT_DROP, FLAG(CRASHED)), RESULT_XFAIL);
	ck_assert_int_eq(becomes("outcome: [short-timeout]", RESULT_WARN, -1,
	    FLAG(SHORT_TIMEOUT)), RESULT_XFAIL);
}
END_TEST

START_TEST(fewer_flags_than_known_are_still_known)
{
	ck_assert_int_eq(becomes("outcome: [crashed, retry-storm]",
	    RESULT_FAIL, -1, FLAG(CRASHED)), RESULT_XFAIL);
	ck_assert_int_eq(becomes("outcome: [silent-drop, crashed]",
	    RESULT_FAIL, V_SILENT_DROP, 0), RESULT_XFAIL);
}
END_TEST

START_TEST(another_verdict_or_one_more_flag_is_a_failure)
{
	ck_assert_int_eq(becomes("outcome: late-bounce", RESULT_FAIL,
	    V_SILENT_DROP, 0), RESULT_FAIL);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_FAIL,
	    V_LATE_BOUNCE, 0), RESULT_FAIL);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_FAIL,
	    V_SILENT_DROP, FLAG(CRASHED)), RESULT_FAIL);
	ck_assert_int_eq(becomes("outcome: crashed", RESULT_FAIL,
	    V_SILENT_DROP, FLAG(CRASHED)), RESULT_FAIL);
	ck_assert_int_eq(becomes("outcome: crashed", RESULT_WARN, -1,
	    FLAG(CRASHED) | FLAG(SHORT_TIMEOUT)), RESULT_FAIL);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_FAIL,
	    -1, FLAG(CRASHED)), RESULT_FAIL);
}
END_TEST

START_TEST(what_passes_is_xpass)
{
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_OK,
	    V_DELIVERED, 0), RESULT_XPASS);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_INFO,
	    V_DELIVERED, 0), RESULT_XPASS);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_WARN, -1,
	    FLAG(SHORT_TIMEOUT)), RESULT_XPASS);
}
END_TEST

START_TEST(an_error_and_a_skip_are_never_xfail)
{
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_ERROR,
	    V_SILENT_DROP, 0), RESULT_ERROR);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_NOT_EXERCISED,
	    V_DELIVERED, 0), RESULT_NOT_EXERCISED);
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_SKIP, -1, 0),
	    RESULT_SKIP);
	/* One recipient of a FAIL may be unknown: that is not known. */
	ck_assert_int_eq(becomes("outcome: silent-drop", RESULT_FAIL,
	    V_INCONCLUSIVE, 0), RESULT_FAIL);
}
END_TEST

START_TEST(verdicts_of_several_recipients_must_all_be_pinned)
{
	static const enum verdict both[] = { V_DUPLICATE, V_SILENT_DROP };
	struct judgement j;

	for (int pinned = 0; pinned < 2; pinned++) {
		j = run_of(RESULT_FAIL, both, 2, 0);
		read_text(&applied, pinned ? "- {id: mx/, outcome: "
		    "silent-drop, also: duplicate, reason: r}" :
		    "- {id: mx/, outcome: silent-drop, reason: r}");
		baseline_apply(&applied, "mx/a", "exim4", "4.96", &j);
		ck_assert_int_eq(j.result, pinned ? RESULT_XFAIL :
		    RESULT_FAIL);
		judgement_fini(&j);
		baseline_fini(&applied);
	}
}
END_TEST

static bool
means(const char *id_and_mta, const char *id, const char *mta,
    const char *version)
{
	char *text = xasprintf("- {%s, outcome: stuck, reason: r}",
	    id_and_mta);
	bool found;

	read_text(&applied, text);
	found = baseline_find(&applied, id, mta, version) != NULL;
	baseline_fini(&applied);
	free(text);
	return found;
}

START_TEST(an_entry_means_what_its_id_and_mta_say)
{
	ck_assert(means("id: mx/a", "mx/a", "postfix", "3"));
	ck_assert(!means("id: mx/a", "mx/b", "postfix", "3"));
	ck_assert(means("id: mx/", "mx/b", "postfix", "3"));
	ck_assert(!means("id: mx/", "own", "postfix", "3"));
	ck_assert(means("id: '*/[ab]'", "mx/b", "postfix", "3"));
	ck_assert(!means("id: '*/a'", "mx/b", "postfix", "3"));
	ck_assert(means("id: own, mta: postfix", "own", "postfix", "3"));
	ck_assert(means("id: own, mta: postfix", "own", "postfix=3.7", "3"));
	ck_assert(means("id: own, mta: postfix", "own", "postfix:a=b", "3"));
	ck_assert(!means("id: own, mta: postfix", "own", "exim4", "3"));
	ck_assert(!means("id: own, mta: exim4", "own", "exim", "3"));
	ck_assert(means("id: own, mta: reference:bug=x", "own",
	    "reference:bug=x", "1"));
	ck_assert(!means("id: own, mta: reference:bug=x", "own",
	    "reference:bug=y", "1"));
	ck_assert(!means("id: own, mta: reference:bug=x", "own",
	    "reference", "1"));
	ck_assert(means("id: own, mta: postfix < 3.9", "own", "postfix",
	    "3.7.11"));
	ck_assert(!means("id: own, mta: postfix < 3.9", "own", "postfix",
	    "3.10"));
	ck_assert(!means("id: own, mta: postfix < 3.9", "own", "postfix",
	    ""));
}
END_TEST

/* --- edits --- */

struct edited {
	struct baseline	 b;
	struct sbuf	 text;
	struct baseline_edits edits;
};

static void
edit(struct edited *e, const char *text, const struct baseline_run *runs,
    size_t count, const char *reason, bool mark)
{
	const char *error = NULL;

	memset(e, 0, sizeof *e);
	read_text(&e->b, text);
	ck_assert_msg(baseline_update(&e->b, runs, count, reason, mark,
	    &e->text, &e->edits, &error), "%s", error);
}

static void
edited_fini(struct edited *e)
{
	sbuf_fini(&e->text);
	baseline_fini(&e->b);
}

#define RUN(i, r, v, f)	{ .id = i, .mta = "postfix=3.7", .version = "3.7", \
	.seen = { .result = RESULT_##r, .verdicts = v, .flags = f } }

static const char before[] =
    "# The head stays.\n"
    "\n"
    "- id: dns/one        # so does this\n"
    "  mta: postfix\n"
    "  outcome:   silent-drop   # and this\n"
    "  reason: >\n"
    "    folded\n"
    "    text\n"
    "\n"
    "# above the second\n"
    "-\n"
    "  reason: 'second'\n"
    "  id: dns/two\n"
    "  outcome: [crashed,\n"
    "    retry-storm]\n"
    "# above the third\n"
    "- {id: mx/a, outcome: duplicate, reason: \"third\"} # flow\n"
    "# the end, without a newline";

START_TEST(what_agrees_stays_as_it_is)
{
	static const struct baseline_run runs[] = {
		RUN("dns/one", FAIL, VSET(V_SILENT_DROP), 0),
		RUN("dns/two", FAIL, 0, FLAG(CRASHED) | FLAG(RETRY_STORM)),
		RUN("mx/a", ERROR, 0, 0), RUN("mx/b", OK, 0, 0),
		RUN("own", WARN, 0, FLAG(SHORT_TIMEOUT)),
	};
	struct edited e;

	edit(&e, before, runs, N(runs), "never used", false);
	ck_assert_str_eq(sbuf_str(&e.text), before);
	ck_assert_uint_eq(e.edits.count, 0);
	edited_fini(&e);
}
END_TEST

START_TEST(a_changed_outcome_is_rewritten_and_nothing_else)
{
	static const struct baseline_run runs[] = {
		RUN("dns/one", FAIL, VSET(V_STUCK) | VSET(V_SILENT_DROP),
		    FLAG(CRASHED)),
		RUN("dns/two", FAIL, 0, FLAG(CRASHED)),
		RUN("mx/a", FAIL, VSET(V_DUPLICATE) | VSET(V_LATE_BOUNCE),
		    0),
	};
	struct edited e;

	edit(&e, before, runs, N(runs), NULL, false);
	ck_assert_str_eq(sbuf_str(&e.text),
	    "# The head stays.\n"
	    "\n"
	    "- id: dns/one        # so does this\n"
	    "  mta: postfix\n"
	    "  outcome:   [silent-drop, crashed]\n"
	    "  also: [stuck]   # and this\n"
	    "  reason: >\n"
	    "    folded\n"
	    "    text\n"
	    "\n"
	    "# above the second\n"
	    "-\n"
	    "  reason: 'second'\n"
	    "  id: dns/two\n"
	    "  outcome: [crashed]\n"
	    "# above the third\n"
	    "- {id: mx/a, outcome: duplicate, also: [late-bounce], "
	    "reason: \"third\"} # flow\n"
	    "# the end, without a newline");
	ck_assert_uint_eq(e.edits.count, 3);
	ck_assert_int_eq(e.edits.items[0].kind, EDIT_CHANGED);
	ck_assert_int_eq(e.edits.items[0].line, 3);
	ck_assert_str_eq(e.edits.items[0].before, "silent-drop");
	ck_assert_str_eq(e.edits.items[0].after,
	    "silent-drop, stuck, crashed");
	edited_fini(&e);
}
END_TEST

/* What was written must be read again, and then agree. */
START_TEST(an_edited_file_agrees_with_its_runs)
{
	static const struct baseline_run runs[] = {
		RUN("dns/one", FAIL, VSET(V_STUCK) | VSET(V_SILENT_DROP),
		    FLAG(CRASHED)),
		RUN("dns/two", FAIL, VSET(V_LOOPING), 0),
		RUN("mx/a", OK, 0, 0),
		RUN("mx/b", FAIL, VSET(V_STUCK) | VSET(V_ZOMBIE), 0),
		RUN("net/y", FAIL, 0, FLAG(CRASHED)),
	};
	struct edited e, again;

	for (int mark = 0; mark < 2; mark++) {
		edit(&e, before, runs, N(runs), "seen \"today\": \\o/ \x01#",
		    mark);
		edit(&again, sbuf_str(&e.text), runs, N(runs), NULL, mark);
		ck_assert_str_eq(sbuf_str(&again.text), sbuf_str(&e.text));
		ck_assert_uint_eq(again.edits.count, 0);
		ck_assert_uint_eq(again.b.count, 4);
		ck_assert_str_eq(again.b.entries[3].reason,
		    "seen \"today\": \\o/ \x01#");
		edited_fini(&again);
		edited_fini(&e);
	}
}
END_TEST

START_TEST(what_passes_now_is_removed_and_its_neighbours_stay)
{
	static const struct baseline_run runs[] = {
		RUN("dns/one", OK, 0, 0), RUN("dns/two", INFO, 0, 0),
		RUN("mx/a", WARN, 0, FLAG(SHORT_TIMEOUT)),
	};
	struct edited e;

	edit(&e, before, runs, N(runs), NULL, false);
	ck_assert_str_eq(sbuf_str(&e.text), "# The head stays.\n\n\n"
	    "# above the second\n# above the third\n"
	    "# the end, without a newline");
	ck_assert_uint_eq(e.edits.count, 3);
	ck_assert_int_eq(e.edits.items[2].kind, EDIT_GONE);
	ck_assert_int_eq(e.edits.items[2].line, 17);
	edited_fini(&e);
}
END_TEST

START_TEST(what_passes_now_may_be_made_a_comment)
{
	static const struct baseline_run runs[] = { RUN("dns/one", OK, 0,
	    0) };
	struct edited e;

	edit(&e, "- id: dns/one\n  outcome: stuck\n\n  reason: r\n- id: mx/a\n"
	    "  outcome: stuck\n  reason: r", runs, 1, NULL, true);
	ck_assert_str_eq(sbuf_str(&e.text), "# passes now:\n"
	    "# - id: dns/one\n#   outcome: stuck\n# \n#   reason: r\n"
	    "- id: mx/a\n  outcome: stuck\n  reason: r");
	edited_fini(&e);
}
END_TEST

START_TEST(nothing_is_added_without_a_reason)
{
	static const struct baseline_run runs[] = {
		RUN("mx/b", FAIL, VSET(V_STUCK) | VSET(V_ZOMBIE),
		    FLAG(CRASHED)),
		{ .id = "own", .mta = "reference:bug=x", .version = "",
		    .seen = { .result = RESULT_FAIL,
		    .verdicts = VSET(V_INCONCLUSIVE) } },
	};
	struct edited e;

	edit(&e, before, runs, N(runs), NULL, false);
	ck_assert_str_eq(sbuf_str(&e.text), before);
	ck_assert_uint_eq(e.edits.count, 2);
	ck_assert_int_eq(e.edits.items[0].kind, EDIT_MISSING);
	edited_fini(&e);
	edit(&e, before, runs, N(runs), "it is: so", false);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&e.text), "without a newline\n"
	    "- id: mx/b\n  mta: postfix\n  outcome: [stuck, crashed]\n"
	    "  also: [zombie]\n  reason: \"it is: so\"\n"));
	ck_assert_int_eq(e.edits.items[0].kind, EDIT_ADDED);
	/* What proves nothing is not pinned, reason or no. */
	ck_assert_int_eq(e.edits.items[1].kind, EDIT_MISSING);
	edited_fini(&e);
}
END_TEST

START_TEST(an_entry_of_many_runs_that_differ_is_left_alone)
{
	static const char text[] = "- {id: mx/, outcome: stuck, reason: r}\n";
	static const struct baseline_run runs[] = {
		RUN("mx/a", FAIL, VSET(V_STUCK), 0), RUN("mx/b", OK, 0, 0),
	};
	static const struct baseline_run both[] = {
		RUN("mx/a", FAIL, VSET(V_ZOMBIE), 0),
		RUN("mx/b", FAIL, VSET(V_ZOMBIE), 0),
	};
	struct edited e;

	edit(&e, text, runs, 2, NULL, false);
	ck_assert_str_eq(sbuf_str(&e.text), text);
	ck_assert_uint_eq(e.edits.count, 1);
	ck_assert_int_eq(e.edits.items[0].kind, EDIT_MIXED);
	ck_assert_str_eq(e.edits.items[0].after,
	    "1 as pinned, 0 otherwise, 1 without it");
	edited_fini(&e);
	edit(&e, text, both, 2, NULL, false);
	ck_assert_str_eq(sbuf_str(&e.text),
	    "- {id: mx/, outcome: zombie, reason: r}\n");
	edited_fini(&e);
}
END_TEST

START_TEST(a_list_in_brackets_is_read_but_not_edited)
{
	struct edited e = { .edits = { NULL, 0 } };
	const char *error = NULL;

	read_text(&e.b, "[{id: mx/a, outcome: stuck, reason: r}]");
	ck_assert_uint_eq(e.b.count, 1);
	ck_assert(!baseline_update(&e.b, NULL, 0, NULL, false, &e.text,
	    &e.edits, &error));
	ck_assert_ptr_nonnull(error);
	edited_fini(&e);
}
END_TEST

static TCase *
edit_tests(void)
{
	TCase *tc = tcase_create("edits");

	tcase_add_test(tc, what_agrees_stays_as_it_is);
	tcase_add_test(tc, a_changed_outcome_is_rewritten_and_nothing_else);
	tcase_add_test(tc, an_edited_file_agrees_with_its_runs);
	tcase_add_test(tc, what_passes_now_is_removed_and_its_neighbours_stay);
	tcase_add_test(tc, what_passes_now_may_be_made_a_comment);
	tcase_add_test(tc, nothing_is_added_without_a_reason);
	tcase_add_test(tc, an_entry_of_many_runs_that_differ_is_left_alone);
	tcase_add_test(tc, a_list_in_brackets_is_read_but_not_edited);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("baseline");
	TCase *tc = tcase_create("entries");

	tcase_add_test(tc, every_wrong_file_gives_exactly_its_diagnostics);
	tcase_add_test(tc, a_file_of_comments_is_a_baseline_of_nothing);
	tcase_add_test(tc, the_very_failure_is_xfail);
	tcase_add_test(tc, fewer_flags_than_known_are_still_known);
	tcase_add_test(tc, another_verdict_or_one_more_flag_is_a_failure);
	tcase_add_test(tc, what_passes_is_xpass);
	tcase_add_test(tc, an_error_and_a_skip_are_never_xfail);
	tcase_add_test(tc,
	    verdicts_of_several_recipients_must_all_be_pinned);
	tcase_add_test(tc, an_entry_means_what_its_id_and_mta_say);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, edit_tests());
	return run_and_free(s);
}

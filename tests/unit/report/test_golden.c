/*
 * Reports of stored traces, compared with golden files.  The judgements are
 * written here by hand: this is about the report, not about the judge.
 */
#include "tests/unit/report/story.h"

#include "harness/base/timers.h"

#define DAY_US	(INT64_C(86400) * USEC_PER_SEC)

struct told {
	const char	*name, *mta, *version;
	enum result	 result;
	enum verdict	 verdict;
	const char	*sentence, *proof, *clause, *error;
	enum event_kind	 decisive;	/* the first of this kind ... */
	const char	*text;		/* ... with this text */
	int		 copies, reports, cycles;
	int64_t		 final_us;
	const char	*info;		/* a finding beside it */
	const char	*unfired;	/* the fault that never fired */
};

static const struct told stories[] = {
	{ "pass", "postfix", "3.7.11", RESULT_OK, V_DELIVERED,
	    "m1 for user@r.test reached mx2.r.test after 0.2s", NULL, NULL,
	    NULL, EV_SMTP_COPY, NULL, 1, 0, 1, 200000, NULL, NULL },
	{ "silent-drop", "reference:bug=q267245-drop", "0.1", RESULT_FAIL,
	    V_SILENT_DROP, "m1 for user@r.test was accepted and then lost: no "
	    "copy, no report, not queued after 1 attempt; mx1.r.test had "
	    "answered \"554 5.7.1 client address denied\" at 0s",
	    "accepted at 0s\nattempt 1 at 0s: mx1.r.test 554\ncopies at any "
	    "host: 0; reports to the sender: 0\nqueue: 4 readings without it; "
	    "looked until 5d00h\n", "R-DF-GREET-b", NULL, EV_SMTP_REPLY,
	    "554", 0, 0, 1, TIME_NEVER, NULL, NULL },
	{ "premature-bounce", "postfix=3.7.11", "3.7.11", RESULT_FAIL,
	    V_PREMATURE_BOUNCE, "m1 for user@r.test was reported as failed "
	    "(status 5.4.4) after 0.4s though nothing permanent had been said "
	    "and its lifetime was not over", NULL, "R-9520-2.7-a", NULL,
	    EV_DSN, NULL, 0, 1, 1, 400000,
	    "FORMERR is answered by a retry without EDNS", NULL },
	{ "expired", "postfix", "3.7.11", RESULT_FAIL, V_BOUNCED_CORRECT,
	    "m1 for user@r.test was reported as failed (status 4.4.1) after "
	    "5d00h (not within 4d00h)", NULL, "R-5321-4.5.4.1-h", NULL,
	    EV_DSN, NULL, 0, 1, 112, 5 * DAY_US, NULL, NULL },
	{ "error", "exim", "4.96", RESULT_ERROR, V_INCONCLUSIVE,
	    "harness fault: the host mx2.r.test: timed out", NULL, NULL,
	    "harness fault: the host mx2.r.test: timed out", EV_SMTP_REPLY,
	    NULL, 0, 0, 1, TIME_NEVER, NULL, NULL },
	{ "unexercised", "exim", "4.96", RESULT_NOT_EXERCISED, V_DELIVERED,
	    "G3: the fault at line 10:7 never fired", NULL, NULL, NULL,
	    EV_SMTP_COPY, NULL, 1, 0, 1, 0, NULL, "10:7" },
	{ "gave-up", "exim", "4.96", RESULT_FAIL, V_PREMATURE_BOUNCE,
	    "m1 for user@r.test was reported as failed (status 4.3.2) after "
	    "0.4s though nothing permanent had been said", NULL,
	    "R-5321-4.2.1-a", NULL, EV_DSN, NULL, 0, 1, 1, 400000, NULL,
	    "12:7" },
	{ "hostile", "postfix", "3.7.11", RESULT_FAIL, V_SILENT_DROP,
	    "m1 for \033[31muser@r.test\r was lost: \"554 \x9b\xe2\x80\xae\"",
	    "accepted at 0s\nattempt \033[2J\n", "R-DF-GREET-b", NULL,
	    EV_SMTP_REPLY, "554", 0, 0, 1, TIME_NEVER,
	    "a finding with \033]0;a title\a", NULL },
};
#define STORY_COUNT	(sizeof stories / sizeof stories[0])

static void
fill(struct judgement *j, struct unit units[2], struct finding *f,
    const struct story *st, struct told *told)
{
	memset(j, 0, sizeof *j);
	memset(units, 0, 2 * sizeof *units);
	memset(f, 0, sizeof *f);
	j->result = told->result;
	j->sentence = told->sentence;
	j->clause = told->clause;
	j->error = told->error;
	j->unfired = &told->unfired;
	j->unfired_count = told->unfired != NULL;
	j->units = units;
	j->unit_count = 2;
	units[0] = (struct unit){ .msg = "m1", .rcpt = "user@r.test",
	    .from = "sender@s.test", .verdict = told->verdict,
	    .expected = told->result != RESULT_FAIL, .why = told->sentence,
	    .proof = told->proof,
	    .decisive = story_seq(st, told->decisive, told->text),
	    .expectation = &st->scenario->expect[0],
	    .copies = told->copies, .acked = told->copies,
	    .via = told->copies > 0 ? "mx2.r.test" : NULL,
	    .reports = told->reports, .cycles = told->cycles,
	    .final_us = told->final_us };
	units[1] = (struct unit){ .msg = "control",
	    .rcpt = "control@good.test", .control = true, .expected = true,
	    .verdict = V_DELIVERED, .why = "it arrived" };
	if (told->info == NULL)
		return;
	*f = (struct finding){ .flag = F_DIVERGENT, .allowed = true,
	    .text = told->info };
	j->findings = f;
	j->finding_count = 1;
}

static void
told_by_hand(const struct told *story, void (*use)(const struct story *,
    const struct report_case *))
{
	struct told copy = *story, *told = &copy;
	struct judgement j;
	struct unit units[2];
	struct finding f;
	struct story st;
	char *dir, *rerun;

	story_open(&st, told->name);
	fill(&j, units, &f, &st, told);
	dir = xasprintf("out/%s/golden/%s", told->mta, told->name);
	rerun = xasprintf("mxdrill run golden/%s --mta %s --seed 7",
	    told->name, told->mta);
	use(&st, &(struct report_case){ .scenario = st.scenario,
	    .mta = told->mta, .mta_version = told->version, .judgement = &j,
	    .trace = &st.trace, .dir = dir, .real_us = 1400000,
	    .rerun = rerun });
	free(dir);
	free(rerun);
	story_close(&st);
}

static void
compare(const struct story *st, const struct report_case *rc)
{
	struct sbuf b = { 0 };

	story_tell(&b, st, rc);
	story_compare(st, "txt", &b);
	sbuf_fini(&b);
}

START_TEST(a_stored_run_is_reported_as_it_was)
{
	told_by_hand(&stories[_i], compare);
}
END_TEST

static bool
is_rule_of(const struct scenario *sc, const char *id)
{
	for (size_t i = 0; i < sc->dns_count; i++)
		if (strcmp(sc->dns[i].rule.id, id) == 0)
			return true;
	for (size_t i = 0; i < sc->host_count; i++)
		for (size_t k = 0; k < sc->hosts[i].rule_count; k++)
			if (strcmp(sc->hosts[i].rules[k].rule.id, id) == 0)
				return true;
	return false;
}

static void
check_rules(const struct story *st, const struct report_case *rc)
{
	const char *id;

	for (size_t i = 0; i < rc->trace->count; i++)
		if ((id = rc->trace->events[i].rule) != NULL)
			ck_assert_msg(is_rule_of(st->scenario, id),
			    "%s: no rule has the id %s", st->base, id);
}

START_TEST(the_rules_of_a_stored_trace_are_those_of_its_scenario)
{
	told_by_hand(&stories[_i], check_rules);
}
END_TEST

static void
check_parts(const struct story *st, const struct report_case *rc)
{
	struct report_style style = { .width = 60 };
	struct sbuf b = { 0 };
	char *place = xasprintf("%s.yaml:", st->base);

	console_failure(&b, &style, rc);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), rc->rerun));
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), rc->dir));
	if (rc->judgement->result == RESULT_FAIL) {
		ck_assert_ptr_nonnull(strstr(sbuf_str(&b), place));
		ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "\n> "));
		ck_assert_ptr_nonnull(strstr(sbuf_str(&b),
		    rc->judgement->clause));
	}
	sbuf_fini(&b);
	free(place);
}

START_TEST(a_failure_has_its_five_parts_and_the_command_whole)
{
	told_by_hand(&stories[_i], check_parts);
}
END_TEST

/* Nothing but printable ASCII, line ends and well-formed harmless UTF-8. */
static void
ck_harmless(const struct sbuf *b)
{
	static const char *const evil[] = { "\xe2\x80\xae", "\xe2\x81\xa6",
	    "\xe2\x80\x8b", "\xc2\xad", "\xef\xbb\xbf" };
	const unsigned char *s = (const unsigned char *)b->data;
	size_t i;

	for (i = 0; i < b->len; i++)
		if ((s[i] < 0x20 && s[i] != '\n') || s[i] == 0x7f ||
		    (s[i] == 0xc2 && s[i + 1] < 0xa0))
			break;
	ck_assert_msg(i == b->len, "octet %02x at %zu", s[i], i);
	for (i = 0; i < sizeof evil / sizeof evil[0]; i++)
		ck_assert_msg(strstr(b->data, evil[i]) == NULL,
		    "bidi or hidden character %zu", i);
}

static void
check_harmless(const struct story *st, const struct report_case *rc)
{
	struct sbuf b = { 0 };

	(void)st;
	for (int width = 0; width < 130; width += 13)
		for (int verbose = 0; verbose < 2; verbose++) {
			struct report_style style = { .width = width,
			    .verbose = verbose };

			sbuf_clear(&b);
			console_line(&b, &style, rc);
			console_failure(&b, &style, rc);
			ck_harmless(&b);
		}
	sbuf_fini(&b);
}

START_TEST(no_hostile_octet_reaches_the_terminal)
{
	told_by_hand(&stories[_i], check_harmless);
}
END_TEST

static void
poison(const struct story *st, const struct report_case *rc)
{
	static const char evil[] = "\033[2J\xff\xc0\x80\x9b\xe2\x80\xae\r\n\x7f"
	    "\xed\xa0\x80\xf5\x80\x80\x80\xe2\x80";
	struct trace t = *rc->trace;
	struct report_case poisoned = *rc;

	t.events = xcalloc(t.count, sizeof *t.events);
	memcpy(t.events, rc->trace->events, t.count * sizeof *t.events);
	for (size_t i = 0; i < t.count; i++) {
#define X(f)	if (i % 3 != 0 || t.events[i].f != NULL)		\
			t.events[i].f = evil;
		EVENT_STRINGS(X)
#undef X
	}
	poisoned.trace = &t;
	poisoned.mta = poisoned.mta_version = poisoned.dir = evil;
	poisoned.rerun = evil;
	check_harmless(st, &poisoned);
	free(t.events);
}

START_TEST(octets_that_are_no_utf_8_reach_it_neither)
{
	told_by_hand(&stories[_i], poison);
}
END_TEST

static void
check_colour(const struct story *st, const struct report_case *rc)
{
	struct report_style style = { .width = st->width };
	struct sbuf plain = { 0 }, painted = { 0 }, bare = { 0 };
	const char *p;

	console_line(&plain, &style, rc);
	console_failure(&plain, &style, rc);
	style.colour = true;
	console_line(&painted, &style, rc);
	console_failure(&painted, &style, rc);
	for (p = sbuf_str(&painted); *p != '\0'; p++) {
		if (*p == '\033')
			p += strcspn(p, "m");
		else
			sbuf_putc(&bare, *p);
	}
	ck_assert(painted.len > plain.len);
	ck_assert_str_eq(sbuf_str(&bare), sbuf_str(&plain));
	sbuf_fini(&plain);
	sbuf_fini(&painted);
	sbuf_fini(&bare);
}

START_TEST(colour_changes_no_character)
{
	told_by_hand(&stories[_i], check_colour);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("golden");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_stored_run_is_reported_as_it_was, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc,
	    the_rules_of_a_stored_trace_are_those_of_its_scenario, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc,
	    a_failure_has_its_five_parts_and_the_command_whole, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc, no_hostile_octet_reaches_the_terminal, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc, octets_that_are_no_utf_8_reach_it_neither, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc, colour_changes_no_character, 0, STORY_COUNT);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

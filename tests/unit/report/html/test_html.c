/*
 * The HTML of stored runs, compared with golden files, and what hostile
 * traces come to in it.  With MXDRILL_HTML_DIR set every page is written
 * there too, for programs that are not ours to check.
 */
#include "tests/unit/report/story.h"

#include <sys/stat.h>

#include "harness/judge/profile.h"
#include "harness/report/html/axis.h"
#include "harness/report/html/diff.h"
#include "harness/report/html/internal.h"

static const char *const stories[] = { "pass", "silent-drop",
    "premature-bounce", "expired", "error", "unexercised",
    "gave-up", "hostile" };
#define STORY_COUNT	(sizeof stories / sizeof stories[0])

static void
read_profile(const struct story *st, struct profile *p)
{
	char *path = xasprintf("%s.profile", st->base), *line, *value;
	char *save = NULL;
	const char *error = NULL;
	struct sbuf b = { 0 };

	profile_init(p);
	ck_assert_msg(sbuf_read_file(&b, path) == 0, "%s", path);
	for (line = strtok_r(b.data, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		ck_assert_ptr_nonnull(value = strchr(line, '='));
		*value++ = '\0';
		profile_set(p, line, value, &error);
	}
	sbuf_fini(&b);
	free(path);
}

/* What a row and one of its runs come to, in full. */
static void
tell(struct sbuf *b, const struct report_case *rc,
    const struct profile *profile)
{
	struct report_mta mta = { .mta = rc->mta,
	    .version = rc->mta_version, .label = rc->mta,
	    .has_profile = true, .profile = *profile };
	struct html_lines lines = { .count = 0 };

	html_world(b, rc->scenario);
	html_lines_take(&lines, rc);
	html_lines_put(b, &lines);
	html_lines_fini(&lines);
	html_case_full(b, &(struct html_case){ .rc = rc, .mta = &mta,
	    .id = "run" });
}

static void
tell_curve(struct sbuf *b, const struct report_case *rc)
{
	struct html_curve curve = { .label = rc->mta };

	html_attempts_find(&curve.attempts, rc->judgement);
	if (curve.attempts.count > 0)
		html_curve_draw(b, "curve", rc->scenario->id, &curve, 1);
	html_attempts_fini(&curve.attempts);
}

static void
write_page(const char *name, const struct sbuf *fragment)
{
	const char *dir = getenv("MXDRILL_HTML_DIR");
	struct sbuf b = { 0 };
	char *path;
	FILE *f;

	if (dir == NULL)
		return;
	html_open(&b, name);
	sbuf_puts(&b, "<main id=\"main\">\n");
	sbuf_add(&b, fragment->data, fragment->len);
	html_words(&b);
	sbuf_puts(&b, "</main>\n");
	html_close(&b, true);
	path = xasprintf("%s/%s.html", dir, name);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	ck_assert(fwrite(b.data, 1, b.len, f) == b.len);
	fclose(f);
	free(path);
	sbuf_fini(&b);
}

struct told {
	struct story	 story;
	struct profile	 profile;
	struct judgement judgement;
	struct report_case rc;
	char		*dir;
};

static void
told_open(struct told *t, const char *name)
{
	story_open(&t->story, name);
	read_profile(&t->story, &t->profile);
	judge(t->story.scenario, &t->story.trace, &t->profile,
	    &t->judgement);
	t->dir = xasprintf("out/%s", name);
	t->rc = (struct report_case){ .scenario = t->story.scenario,
	    .mta = "postfix", .mta_version = "3.7.11",
	    .judgement = &t->judgement, .trace = &t->story.trace,
	    .dir = t->dir, .rerun = "mxdrill run golden --mta postfix" };
}

static void
told_close(struct told *t)
{
	judgement_fini(&t->judgement);
	story_close(&t->story);
	free(t->dir);
}

START_TEST(a_stored_run_is_told_as_it_was)
{
	struct sbuf b = { 0 };
	struct told t;

	told_open(&t, stories[_i]);
	tell(&b, &t.rc, &t.profile);
	tell_curve(&b, &t.rc);
	write_page(stories[_i], &b);
	story_compare(&t.story, "html", &b);
	sbuf_fini(&b);
	told_close(&t);
}
END_TEST

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

START_TEST(the_decisive_event_is_marked_once_in_picture_and_list)
{
	struct sbuf b = { 0 };
	struct told t;

	told_open(&t, stories[_i]);
	tell(&b, &t.rc, &t.profile);
	ck_assert_uint_eq(count(sbuf_str(&b), "<text class=\"decisive\""),
	    html_decisive(&t.rc) != 0);
	ck_assert_uint_eq(count(sbuf_str(&b), "<li class=\"decisive\""),
	    html_decisive(&t.rc) != 0);
	sbuf_fini(&b);
	told_close(&t);
}
END_TEST

/* Words that would be markup, control characters, text that turns round. */
static const char evil[] = "\033[2J\xff\xc0\x80\x9b\xe2\x80\xae\r\n\x7f"
    "\xed\xa0\x80\xf5\x80\x80\x80\"'><script>alert(1)</script><img src=x "
    "onerror=alert(1)>]]>--></style></title>&amp;<!--%s%n\xe2\x80";

static void
ck_inert(const struct sbuf *b, const char *what)
{
	const unsigned char *s = (const unsigned char *)b->data;

	for (size_t i = 0; i < b->len; i++)
		ck_assert_msg((s[i] >= 0x20 || s[i] == '\n') &&
		    s[i] != 0x7f && !(s[i] == 0xc2 && s[i + 1] < 0xa0),
		    "%s: octet %02x at %zu", what, s[i], i);
	ck_assert_msg(strstr(b->data, "<script>alert") == NULL, "%s", what);
	ck_assert_msg(strstr(b->data, "<img") == NULL, "%s", what);
	ck_assert_msg(strstr(b->data, "\xe2\x80\xae") == NULL, "%s", what);
	ck_assert_msg(strstr(b->data, "]]>") == NULL, "%s", what);
	/* The mark of text that is shown, not obeyed. */
	ck_assert_msg(strstr(b->data, "&lt;script&gt;alert") != NULL, "%s",
	    what);
}

START_TEST(no_hostile_octet_of_any_field_is_obeyed)
{
	struct sbuf b = { 0 };
	struct told t;
	struct trace poisoned;

	told_open(&t, stories[_i]);
	poisoned = t.story.trace;
	poisoned.events = xcalloc(poisoned.count, sizeof *poisoned.events);
	memcpy(poisoned.events, t.story.trace.events, poisoned.count *
	    sizeof *poisoned.events);
	/* Every field in turn, so that the rest still leads to its writer. */
#define X(f)								\
	for (size_t i = 0; i < poisoned.count; i++)			\
		if (poisoned.events[i].f != NULL)			\
			poisoned.events[i].f = evil;			\
	t.rc.trace = &poisoned;						\
	sbuf_clear(&b);							\
	html_text(&b, evil);						\
	tell(&b, &t.rc, &t.profile);					\
	tell_curve(&b, &t.rc);				\
	ck_inert(&b, stories[_i]);					\
	for (size_t i = 0; i < poisoned.count; i++)			\
		poisoned.events[i].f = t.story.trace.events[i].f;
	EVENT_STRINGS(X)
#undef X
	free(poisoned.events);
	sbuf_fini(&b);
	told_close(&t);
}
END_TEST

START_TEST(no_word_of_scenario_mta_or_judgement_is_obeyed)
{
	struct sbuf b = { 0 };
	struct scenario *sc;
	struct told t;

	told_open(&t, stories[_i]);
	sc = t.story.scenario;
	for (size_t i = 0; i < t.story.trace.count; i++) {
		struct event *ev = &t.story.trace.events[i];

		ev->text = ev->host != NULL ? evil : ev->text;
		ev->host = ev->peer = ev->addr = evil;
	}
	sc->id = sc->path = sc->title = sc->why = sc->source = evil;
	sc->variant = evil;
	for (size_t i = 0; i < sc->zone_count; i++)
		sc->zones[i].text = evil;
	for (size_t i = 0; i < sc->host_count; i++)
		sc->hosts[i].name = evil;
	for (size_t i = 0; i < t.judgement.unit_count; i++) {
		struct unit *u = &t.judgement.units[i];

		u->msg = u->rcpt = u->why = u->proof = u->note = evil;
	}
	t.judgement.sentence = t.judgement.error = evil;
	t.judgement.clause = evil;
	t.rc.mta = t.rc.mta_version = t.rc.dir = t.rc.rerun = evil;
	tell(&b, &t.rc, &t.profile);
	tell_curve(&b, &t.rc);
	ck_inert(&b, stories[_i]);
	write_page(strcmp(stories[_i], "hostile") == 0 ? "poisoned" :
	    "poisoned-too", &b);
	sbuf_fini(&b);
	told_close(&t);
}
END_TEST

START_TEST(a_time_is_exact_to_the_millisecond)
{
	static const struct {
		int64_t		 us;
		const char	*text;
	} times[] = {
		{ 0, "0s" }, { 999, "0s" }, { 3000, "3ms" },
		{ 999000, "999ms" }, { 1000000, "1s" },
		{ 5003000, "5.003s" }, { 60000000, "1m" },
		{ 65250000, "1m5.250s" }, { 3600000000, "1h" },
		{ INT64_C(86400000000), "1d" },
		{ INT64_C(428400000000) + 600000000, "4d23h10m" },
		{ -20000000, "-20s" },
	};
	struct sbuf b = { 0 };

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		sbuf_clear(&b);
		html_time(&b, times[i].us);
		ck_assert_str_eq(sbuf_str(&b), times[i].text);
	}
	sbuf_fini(&b);
}
END_TEST

START_TEST(the_axis_keeps_the_order_and_stays_in_its_bounds)
{
	static const int64_t at[] = { 0, 1000, 3000, 5000000,
	    INT64_C(300000000), INT64_C(432000000000) };
	struct html_axis a = { .count = 0 };
	double before = -1, x;

	axis_need(&a, at[3], 1);	/* out of order */
	for (size_t i = 0; i < 6; i++)
		axis_need(&a, at[i], 1 + i % 3);
	axis_place(&a, 100, 900);
	ck_assert_uint_eq(a.count, 6);
	for (size_t i = 0; i < 6; i++) {
		x = axis_begin(&a, at[i]);
		/* A millisecond is seen, and so is a day. */
		ck_assert(x > before + 8);
		for (size_t k = 0; k < 1 + i % 3; k++) {
			ck_assert(axis_slot(&a, at[i], k) >= x);
			x = axis_slot(&a, at[i], k);
		}
		before = x;
	}
	ck_assert(axis_begin(&a, at[0]) >= 100 && before <= 900.001);
	x = axis_begin(&a, 100000000);
	ck_assert(x > axis_slot(&a, at[3], 9) && x < axis_begin(&a, at[4]));
	axis_fini(&a);
}
END_TEST

START_TEST(a_name_is_a_fragment_and_a_path_a_reference)
{
	struct sbuf b = { 0 };

	html_name(&b, "dns/a b@x:bug=\"y\"");
	ck_assert_str_eq(sbuf_str(&b), "dns/a_20b@x:bug=_22y_22");
	sbuf_clear(&b);
	html_path(&b, "javascript:alert(1)//a b?c#d&e");
	ck_assert_str_eq(sbuf_str(&b),
	    "javascript%3Aalert%281%29//a%20b%3Fc%23d%26e");
	sbuf_fini(&b);
}
END_TEST

START_TEST(timelines_part_where_words_or_seconds_differ)
{
	struct timeline_line a[3] = {
		{ .t_us = 0, .who = "submission",
		    .what = "accepted: queued as 72bd2b400001" },
		{ .t_us = 1000000, .who = "mx1", .what = "450 not now" },
		{ .t_us = 9000000, .who = "queue", .what = "gone" } };
	struct timeline_line b[3];
	struct timeline x = { .lines = a, .count = 3 }, y = { .lines = b,
	    .count = 3 };

	memcpy(b, a, sizeof a);
	/* Another queue id, half a second: the same story. */
	b[0].what = "accepted: queued as 4CxY2z1Qq0";
	b[1].t_us += 500000;
	ck_assert_uint_eq(html_diff_first(&x, &y), 0);
	b[1].t_us += 500000;
	ck_assert_uint_eq(html_diff_first(&x, &y), 2);
	b[1] = a[1];
	b[1].what = "550 not now";
	ck_assert_uint_eq(html_diff_first(&x, &y), 2);
	b[1] = a[1];
	b[2].repeats = 1;
	ck_assert_uint_eq(html_diff_first(&x, &y), 3);
	y.count = 2;
	ck_assert_uint_eq(html_diff_first(&x, &y), 3);
	y.count = 3;
	b[2] = a[2];
	ck_assert_uint_eq(html_diff_first(&x, &y), 0);
}
END_TEST

/* The same run, cut off before the MTA gave up. */
START_TEST(two_runs_stand_beside_each_other)
{
	struct judgement cut;
	struct report_case rc;
	struct report_mta mta = { .mta = "postfix", .version = "3.7.11",
	    .label = "postfix", .has_profile = true };
	struct html_side old = { .mta = &mta, .name = "old" }, new = old;
	struct sbuf b = { 0 };
	struct trace t;
	struct told told;

	told_open(&told, "silent-drop");
	mta.profile = told.profile;
	t = told.story.trace;
	while (t.count > 0 && t.events[t.count - 1].t_us > 0)
		t.count--;
	judge(told.story.scenario, &t, &told.profile, &cut);
	rc = told.rc;
	rc.trace = &t;
	rc.judgement = &cut;
	old.rc = &rc;
	new.name = "new";
	new.rc = &told.rc;
	html_diff_pair(&b, &old, &new, "pair", NULL);
	ck_assert_uint_eq(count(sbuf_str(&b), "<svg class=\"lanes\""), 2);
	ck_assert_ptr_nonnull(strstr(sbuf_str(&b), "the first difference"));
	write_page("pair", &b);
	story_compare(&told.story, "diff.html", &b);
	judgement_fini(&cut);
	sbuf_fini(&b);
	told_close(&told);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("html");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_stored_run_is_told_as_it_was, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc,
	    the_decisive_event_is_marked_once_in_picture_and_list, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc, no_hostile_octet_of_any_field_is_obeyed, 0,
	    STORY_COUNT);
	tcase_add_loop_test(tc, no_word_of_scenario_mta_or_judgement_is_obeyed,
	    0, STORY_COUNT);
	tcase_add_test(tc, a_time_is_exact_to_the_millisecond);
	tcase_add_test(tc, the_axis_keeps_the_order_and_stays_in_its_bounds);
	tcase_add_test(tc, a_name_is_a_fragment_and_a_path_a_reference);
	tcase_add_test(tc, timelines_part_where_words_or_seconds_differ);
	tcase_add_test(tc, two_runs_stand_beside_each_other);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

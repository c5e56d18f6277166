#include "harness/report/html/diff.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/report/html/lanes.h"

#define STEPS_MOST	40
/* A word of that many letters and digits is a name made up for the run. */
#define NAME_LEAST	7

/* Appends the text with such names as "#". */
static void
without_names(struct sbuf *b, const char *s)
{
	size_t n, digits, letters;

	for (; *s != '\0'; s += n) {
		digits = letters = 0;
		for (n = 0; isalnum((unsigned char)s[n]); n++) {
			digits += isdigit((unsigned char)s[n]) != 0;
			letters += isalpha((unsigned char)s[n]) != 0;
		}
		if (n >= NAME_LEAST && digits > 0 && letters > 0)
			sbuf_putc(b, '#');
		else
			sbuf_add(b, s, n = n > 0 ? n : 1);
	}
}

static bool
same_words(const char *a, const char *b)
{
	struct sbuf x = { 0 }, y = { 0 };
	bool same;

	if (a == NULL || b == NULL)
		return a == b;
	without_names(&x, a);
	without_names(&y, b);
	same = strcmp(sbuf_str(&x), sbuf_str(&y)) == 0;
	sbuf_fini(&x);
	sbuf_fini(&y);
	return same;
}

size_t
html_diff_first(const struct timeline *old, const struct timeline *new)
{
	const struct timeline_line *a, *b;
	size_t i;

	for (i = 0; i < old->count && i < new->count; i++) {
		a = &old->lines[i];
		b = &new->lines[i];
		if (llabs(a->t_us - b->t_us) >= USEC_PER_SEC ||
		    a->repeats != b->repeats || a->left_out != b->left_out ||
		    !same_words(a->who, b->who) ||
		    !same_words(a->what, b->what))
			return i + 1;
	}
	return i < old->count || i < new->count ? i + 1 : 0;
}

static const struct unit *
unit_of(const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	const struct unit *u = report_head_unit(j);

	for (size_t i = 0; u == NULL && i < j->unit_count; i++)
		if (!j->units[i].control)
			u = &j->units[i];
	return u;
}

static void
put_verdict_of(struct sbuf *b, const struct html_side *s)
{
	const struct unit *u;

	html_put(b, "<span class=\"dim\">%s:</span> ", s->name);
	if (s->rc == NULL) {
		sbuf_puts(b, "not run");
		return;
	}
	html_result(b, s->rc->judgement->result);
	if ((u = unit_of(s->rc)) != NULL)
		html_put(b, " <code>%s</code>", verdict_word(u->verdict));
}

struct facts {
	struct sbuf	 outcome, attempts, copies, reports, took;
};

static void
facts_take(struct facts *f, const struct html_side *s)
{
	const struct unit *u = s->rc != NULL ? unit_of(s->rc) : NULL;

	if (u == NULL)
		return;
	sbuf_puts(&f->outcome, verdict_word(u->verdict));
	if (u->note != NULL)
		sbuf_printf(&f->outcome, " (%s)", u->note);
	sbuf_printf(&f->attempts, "%d", u->cycles);
	sbuf_printf(&f->copies, "%d", u->copies);
	sbuf_printf(&f->reports, "%d", u->reports);
	if (u->final_us == TIME_NEVER || u->accepted_us == TIME_NEVER)
		sbuf_puts(&f->took, "never");
	else
		html_time(&f->took, u->final_us - u->accepted_us);
}

static void
facts_fini(struct facts *f)
{
	sbuf_fini(&f->outcome);
	sbuf_fini(&f->attempts);
	sbuf_fini(&f->copies);
	sbuf_fini(&f->reports);
	sbuf_fini(&f->took);
}

/* What is the same on both sides is not marked. */
static void
put_fact(struct sbuf *b, const char *key, const struct sbuf *old,
    const struct sbuf *new)
{
	bool same = strcmp(sbuf_str(old), sbuf_str(new)) == 0;

	html_put(b, "<tr><th scope=\"row\">%s</th><td>%s</td><td>", key,
	    sbuf_str(old));
	sbuf_puts(b, same ? "" : "<mark>");
	html_text(b, sbuf_str(new));
	sbuf_puts(b, same ? "</td></tr>\n" : "</mark></td></tr>\n");
}

static void
put_facts(struct sbuf *b, const struct html_side *old,
    const struct html_side *new)
{
	struct facts x = { .outcome = { 0 } }, y = { .outcome = { 0 } };
	const struct unit *u = unit_of(new->rc);

	facts_take(&x, old);
	facts_take(&y, new);
	sbuf_puts(b, "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"old and new\"><table class=\"asked\">");
	if (u != NULL)
		html_put(b, "<caption><code>%s</code> for %s</caption>",
		    u->msg, u->rcpt);
	html_put(b, "<thead><tr><td></td><th scope=\"col\">%s</th>"
	    "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n", old->name,
	    new->name);
	put_fact(b, "outcome", &x.outcome, &y.outcome);
	put_fact(b, "attempts", &x.attempts, &y.attempts);
	put_fact(b, "copies", &x.copies, &y.copies);
	put_fact(b, "reports of failure", &x.reports, &y.reports);
	put_fact(b, "took", &x.took, &y.took);
	sbuf_puts(b, "</tbody></table></div>\n");
	facts_fini(&x);
	facts_fini(&y);
}

/* One axis for both, one picture over the other: times are comparable. */
static void
put_pictures(struct sbuf *b, const struct html_side *sides[2], const char *id)
{
	struct html_axis axis = { .count = 0 };
	struct html_lanes l[2];
	struct sbuf name = { 0 };

	for (size_t i = 0; i < 2; i++) {
		lanes_find(&l[i], sides[i]->rc, html_decisive(sides[i]->rc));
		lanes_need(&l[i], &axis);
	}
	axis_place(&axis, LANES_LEFT + 10, LANES_RIGHT);
	sbuf_puts(b, "<figure class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"both timelines on one axis\">\n");
	for (size_t i = 0; i < 2; i++) {
		html_put(b, "<p class=\"side\"><b>%s</b> ", sides[i]->name);
		html_mta(b, sides[i]->mta);
		sbuf_puts(b, "</p>\n");
		sbuf_clear(&name);
		sbuf_printf(&name, "%s.%s", id, sides[i]->name);
		lanes_draw(b, &l[i], &axis, sbuf_str(&name));
		lanes_fini(&l[i]);
	}
	sbuf_puts(b, "<figcaption>Both on the same axis of time."
	    "</figcaption>\n</figure>\n");
	axis_fini(&axis);
	sbuf_fini(&name);
}

static void
put_lists(struct sbuf *b, const struct html_side *sides[2])
{
	struct timeline tl[2];
	size_t first;

	for (size_t i = 0; i < 2; i++) {
		timeline_build(&tl[i], sides[i]->rc->scenario,
		    sides[i]->rc->trace, html_decisive(sides[i]->rc), false);
		timeline_fold(&tl[i]);
		timeline_cap(&tl[i], STEPS_MOST);
	}
	first = html_diff_first(&tl[0], &tl[1]);
	sbuf_puts(b, first > 0 ? "" : "<p class=\"note\">The timelines do "
	    "not differ in what they tell.</p>\n");
	sbuf_puts(b, "<div class=\"pair\">\n");
	for (size_t i = 0; i < 2; i++) {
		html_put(b, "<div><h4>%s</h4>\n", sides[i]->name);
		html_steps(b, sides[i]->rc, &tl[i], first);
		if (first > tl[i].count)
			sbuf_puts(b, "<p class=\"note\">Nothing more "
			    "happened; the other goes on.</p>\n");
		sbuf_puts(b, "</div>\n");
		timeline_fini(&tl[i]);
	}
	sbuf_puts(b, "</div>\n");
}

static void
put_curves(struct sbuf *b, const struct html_side *sides[2], const char *id)
{
	struct html_curve c[2] = { { .label = sides[0]->name },
		{ .label = sides[1]->name } };
	struct sbuf name = { 0 };

	for (size_t i = 0; i < 2; i++)
		html_attempts_find(&c[i].attempts, sides[i]->rc->judgement);
	if (c[0].attempts.count >= HTML_CURVE_LEAST ||
	    c[1].attempts.count >= HTML_CURVE_LEAST) {
		sbuf_printf(&name, "%s.curve", id);
		sbuf_puts(b, "<h4>Attempts over time</h4>\n");
		html_curve_draw(b, sbuf_str(&name), "Attempts over time, old "
		    "and new", c, 2);
	}
	html_attempts_fini(&c[0].attempts);
	html_attempts_fini(&c[1].attempts);
	sbuf_fini(&name);
}

static void
put_sentences(struct sbuf *b, const struct html_side *sides[2])
{
	sbuf_puts(b, "<div class=\"pair\">\n");
	for (size_t i = 0; i < 2; i++) {
		sbuf_puts(b, "<div>\n<p>");
		put_verdict_of(b, sides[i]);
		sbuf_puts(b, "</p>\n<p class=\"sentence\">");
		if (sides[i]->rc != NULL)
			html_sentence(b, sides[i]->rc);
		sbuf_puts(b, "</p>\n</div>\n");
	}
	sbuf_puts(b, "</div>\n");
}

static void
put_ends(struct sbuf *b, const struct html_side *sides[2], const char *base)
{
	sbuf_puts(b, "<div class=\"pair\">\n");
	for (size_t i = 0; i < 2; i++) {
		sbuf_puts(b, "<div>\n");
		if (sides[i]->rc != NULL) {
			html_smtp(b, sides[i]->rc);
			html_dns(b, sides[i]->rc);
			html_log(b, sides[i]->rc);
			html_artefacts(b, base, sides[i]->rc);
		}
		if (sides[i]->rc != NULL && sides[i]->rc->rerun != NULL)
			html_put(b, "<code class=\"cmd\">%s</code>\n",
			    sides[i]->rc->rerun);
		sbuf_puts(b, "</div>\n");
	}
	sbuf_puts(b, "</div>\n");
}

static bool
has_trace(const struct html_side *s)
{
	return s->rc != NULL && s->rc->trace != NULL &&
	    s->rc->trace->count > 0;
}

void
html_diff_pair(struct sbuf *b, const struct html_side *old,
    const struct html_side *new, const char *id, const char *base)
{
	const struct html_side *sides[2] = { old, new };
	const struct report_case *any = new->rc != NULL ? new->rc : old->rc;

	html_put(b, "<article id=\"%s\">\n<h3>%s</h3>\n<p class=\"path\">"
	    "<a href=\"#%s\">%s</a> on ", id, any->scenario->title, id,
	    any->scenario->id);
	html_mta(b, new->mta != NULL ? new->mta : old->mta);
	sbuf_puts(b, "</p>\n");
	put_sentences(b, sides);
	if (old->rc != NULL && new->rc != NULL)
		put_facts(b, old, new);
	if (has_trace(old) && has_trace(new)) {
		put_pictures(b, sides, id);
		put_lists(b, sides);
		put_curves(b, sides, id);
	}
	put_ends(b, sides, base);
	sbuf_puts(b, "</article>\n");
}

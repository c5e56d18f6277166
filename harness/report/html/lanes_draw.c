/* Swim lanes as SVG. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/names.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/report/html/lanes.h"
#include "harness/report/text.h"

#define LANE_HEIGHT	30.0
#define LANES_TOP	22.0
#define AXIS_HEIGHT	26.0
/* More hosts than that are no picture; the list has them all. */
#define LANES_MOST	16
#define NAME_COLUMNS	20
/* Marks of one kind nearer than that are one. */
#define NEAR		7.0

static const struct {
	const char	*id, *help;
} marks[] = {
#define X(sym, id, help) [MARK_##sym] = { id, help },
	MARKS(X)
#undef X
};

/* Shapes differ as well as colours; each is centred on 0,0. */
static const char shapes[] =
"<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
"<circle id=\"ml\" r=\"3\" class=\"fn\"/>"
"<circle id=\"mn\" r=\"3.2\" class=\"sn\"/>"
"<path id=\"md\" d=\"M-4-4L4 4M-4 4L4-4\" class=\"sw\"/>"
"<rect id=\"mt\" x=\"-4\" y=\"-4\" width=\"8\" height=\"8\" class=\"sn\"/>"
"<g id=\"mo\"><circle r=\"6.5\" class=\"fg\"/>"
"<path d=\"M-3 0l2.2 2.6L3.2-2.6\" class=\"si\"/></g>"
"<g id=\"mu\"><circle r=\"6\" class=\"sg\"/>"
"<path d=\"M0-6A6 6 0 0 1 0 6Z\" class=\"fg\"/></g>"
"<path id=\"m4\" d=\"M0-6.5L6.5 5.5H-6.5Z\" class=\"fw\"/>"
"<rect id=\"m5\" x=\"-5.5\" y=\"-5.5\" width=\"11\" height=\"11\" "
"class=\"fb\"/>"
"<path id=\"mx\" d=\"M-5-5L5 5M-5 5L5-5\" class=\"sb\"/>"
"<path id=\"ma\" d=\"M-5-5L5 0L-5 5Z\" class=\"fa\"/>"
"<path id=\"mr\" d=\"M-5-5L5 0L-5 5Z\" class=\"sb\"/>"
"<rect id=\"mq\" x=\"-2\" y=\"-6\" width=\"4\" height=\"12\" class=\"fa\"/>"
"<rect id=\"mg\" x=\"-2\" y=\"-6\" width=\"4\" height=\"12\" class=\"sa\"/>"
"<g id=\"mf\"><rect x=\"-7\" y=\"-5\" width=\"14\" height=\"10\" "
"class=\"fb\"/><path d=\"M-7-5L0 1L7-5\" class=\"si\"/></g>"
"<g id=\"my\"><rect x=\"-7\" y=\"-5\" width=\"14\" height=\"10\" "
"class=\"sw\"/><path d=\"M-7-5L0 1L7-5\" class=\"sw\"/></g>"
"<path id=\"ms\" d=\"M0-7L5 0L0 7L-5 0Z\" class=\"fp\"/>"
"</defs></svg>\n";

void
html_marks_define(struct sbuf *b)
{
	sbuf_puts(b, shapes);
}

void
html_marks_legend(struct sbuf *b)
{
	sbuf_puts(b, "<ul class=\"legend\">\n");
	for (size_t i = 0; i < MARK_COUNT; i++)
		html_put(b, "<li><svg viewBox=\"-9 -9 18 18\" width=\"18\" "
		    "height=\"18\" aria-hidden=\"true\"><use href=\"#%s\"/>"
		    "</svg> %s</li>\n", marks[i].id, marks[i].help);
	sbuf_puts(b, "<li><span class=\"shade-key\"></span> a fault is in "
	    "force; dashed: between the first and the last time that a "
	    "counted fault decided</li>\n</ul>\n");
}

/* The rows of the lanes that are shown; -1: none. */
struct rows {
	double		*middle;
	size_t		 count;
	double		 bottom;
	size_t		 left_out;
};

static void
rows_find(struct rows *r, const struct html_lanes *l)
{
	r->count = r->left_out = 0;
	r->middle = xcalloc(l->lane_count, sizeof *r->middle);
	for (size_t i = 0; i < l->lane_count; i++) {
		r->middle[i] = -1;
		if (!l->lanes[i].busy)
			continue;
		if (r->count >= LANES_MOST && l->lanes[i].host != NULL) {
			r->left_out++;
			continue;
		}
		r->middle[i] = LANES_TOP + LANE_HEIGHT *
		    ((double)r->count++ + 0.5);
	}
	r->bottom = LANES_TOP + LANE_HEIGHT * (double)r->count;
}

static void
draw_names(struct sbuf *b, const struct html_lanes *l, const struct rows *r)
{
	struct sbuf name = { 0 };

	for (size_t i = 0; i < l->lane_count; i++) {
		if (r->middle[i] < 0)
			continue;
		sbuf_clear(&name);
		text_clean(&name, l->lanes[i].name);
		text_cut(&name, 0, NAME_COLUMNS);
		html_put(b, "<text class=\"lane\" x=\"%.1f\" y=\"%.1f\">%s"
		    "</text><path class=\"line\" d=\"M%.1f %.1fH%.1f\"/>",
		    LANES_LEFT - 14, r->middle[i] + 4, sbuf_str(&name),
		    LANES_LEFT - 6, r->middle[i], LANES_RIGHT + 8);
	}
	sbuf_fini(&name);
}

/* When a counted rule decided, first and last; false: never. */
static bool
decided(const struct trace *t, const char *rule, int64_t *from, int64_t *to)
{
	bool any = false;

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		if (t->events[i].t_us < 0 || t->events[i].kind == EV_FLAG ||
		    !same_text(t->events[i].rule, rule))
			continue;
		if (!any)
			*from = t->events[i].t_us;
		*to = t->events[i].t_us;
		any = true;
	}
	return any;
}

static void
shade(struct sbuf *b, const struct html_lanes *l, const struct html_axis *a,
    double middle, const struct rule *rule, bool counted)
{
	int64_t from = rule->phase.from_us, to = rule->phase.until_us;
	struct sbuf line = { 0 };
	double x, end;
	int n = 0;

	counted |= rule->phase.first > 0 || rule->phase.after > 0;
	if (middle < 0 || (counted && !decided(l->rc->trace, rule->id, &from,
	    &to)) || from > l->end_us)
		return;
	x = axis_begin(a, from) - (from == 0 || counted ? 8 : 0);
	end = to >= l->end_us ? LANES_RIGHT + 8 : axis_begin(a, to) +
	    (counted ? 8 : 0);
	if (rule->id != NULL && (n = atoi(rule->id)) > 0)
		html_source_line(&line, l->rc->scenario, n);
	html_put(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" "
	    "width=\"%.1f\" height=\"%.1f\"><title>fault at %s: %s</title>"
	    "</rect>", counted ? "shade counted" : "shade", x, middle -
	    LANE_HEIGHT / 2 + 2, fmax(end - x, 3), LANE_HEIGHT - 4,
	    rule->id != NULL ? rule->id : "", sbuf_str(&line));
	sbuf_fini(&line);
}

static void
draw_faults(struct sbuf *b, const struct html_lanes *l,
    const struct html_axis *a, const struct rows *r)
{
	const struct scenario *sc = l->rc->scenario;
	const struct fsmtp_host *h;

	for (size_t i = 0; i < sc->dns_count; i++)
		shade(b, l, a, r->middle[0], &sc->dns[i].rule, false);
	for (size_t i = 0; i < sc->network_count; i++)
		shade(b, l, a, r->middle[1], &sc->network[i].rule, false);
	for (size_t i = 0; i < l->lane_count; i++)
		for (size_t k = 0; k < sc->host_count; k++) {
			h = &sc->hosts[k];
			if (!same_text(l->lanes[i].host, h->name))
				continue;
			for (size_t n = 0; n < h->rule_count; n++)
				shade(b, l, a, r->middle[i],
				    &h->rules[n].rule, false);
			if (h->greylist.rule.id != NULL &&
			    *h->greylist.rule.id != '\0')
				shade(b, l, a, r->middle[i],
				    &h->greylist.rule, true);
		}
}

/* Marks of a lane that would stand on each other. */
struct drawn {
	const struct mark *mark;
	double		 x;
	size_t		 more;
	int64_t		 last_us;
};

static void
draw_mark(struct sbuf *b, const struct drawn *d, const struct html_axis *a,
    double y)
{
	const struct mark *m = d->mark;
	double from = axis_slot(a, m->t_us, m->slot);
	struct sbuf clock = { 0 };

	if (d->x - from > 2)
		html_put(b, "<path class=\"stay\" d=\"M%.1f %.1fH%.1f\"/>",
		    from, y, d->x);
	html_time(&clock, m->t_us);
	if (m->until_us - m->t_us >= 1000) {
		sbuf_puts(&clock, " to ");
		html_time(&clock, m->until_us);
	}
	html_put(b, "<use href=\"#%s\" x=\"%.1f\" y=\"%.1f\"><title>%s: %s; "
	    "%s", marks[m->kind].id, d->x, y, sbuf_str(&clock),
	    marks[m->kind].help, sbuf_str(&m->text));
	if (d->more > 0) {
		sbuf_clear(&clock);
		html_time(&clock, d->last_us);
		html_put(b, "; and %zu more until %s", d->more,
		    sbuf_str(&clock));
	}
	sbuf_puts(b, "</title></use>");
	sbuf_fini(&clock);
}

static void
draw_lane(struct sbuf *b, const struct html_lanes *l,
    const struct html_axis *a, size_t lane, double y)
{
	struct drawn d = { .mark = NULL };
	const struct mark *m;
	double x;

	for (size_t i = 0; i < l->mark_count; i++) {
		m = &l->marks[i];
		if (m->lane != lane)
			continue;
		x = axis_slot(a, m->until_us, m->until_slot);
		if (d.mark != NULL && d.mark->kind == m->kind &&
		    !m->decisive && x >= d.x && x - d.x < NEAR) {
			d.more++;
			d.last_us = m->until_us;
			continue;
		}
		if (d.mark != NULL)
			draw_mark(b, &d, a, y);
		d = (struct drawn){ .mark = m, .x = x };
	}
	if (d.mark != NULL)
		draw_mark(b, &d, a, y);
}

static void
draw_decisive(struct sbuf *b, const struct html_lanes *l,
    const struct html_axis *a, const struct rows *r)
{
	double x = axis_begin(a, l->decisive_us), text;
	const struct mark *m = NULL;

	if (!l->decided)
		return;
	for (size_t i = 0; i < l->mark_count; i++)
		if (l->marks[i].decisive)
			m = &l->marks[i];
	if (m != NULL)
		x = axis_slot(a, m->until_us, m->until_slot);
	text = x > LANES_RIGHT - 50 ? LANES_RIGHT - 50 : x;
	html_put(b, "<path class=\"decisive\" d=\"M%.1f %.1fV%.1f\"/>"
	    "<text class=\"decisive\" x=\"%.1f\" y=\"12\">decisive</text>",
	    x, LANES_TOP - 6, r->bottom + 4, text);
	if (m != NULL && r->middle[m->lane] >= 0)
		html_put(b, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%.1f\" "
		    "r=\"11\"/>", x, r->middle[m->lane]);
}

static void
describe(struct sbuf *b, const struct html_lanes *l)
{
	struct sbuf end = { 0 };

	html_time(&end, l->end_us);
	html_put(b, "Events of the run from 0s to %s in lanes: ",
	    sbuf_str(&end));
	for (size_t i = 0, n = 0; i < l->lane_count; i++)
		if (l->lanes[i].busy)
			html_put(b, "%s%s", n++ > 0 ? ", " : "",
			    l->lanes[i].name);
	sbuf_puts(b, ". The list beside this picture tells the same in "
	    "words.");
	sbuf_fini(&end);
}

void
lanes_draw(struct sbuf *b, const struct html_lanes *l,
    const struct html_axis *a, const char *id)
{
	struct rows r;

	rows_find(&r, l);
	html_put(b, "<svg class=\"lanes\" role=\"img\" viewBox=\"0 0 %.1f "
	    "%.1f\" aria-labelledby=\"%s.t %s.d\"><title id=\"%s.t\">"
	    "Timeline of %s on %s</title><desc id=\"%s.d\">", LANES_WIDTH,
	    r.bottom + AXIS_HEIGHT, id, id, id, l->rc->scenario->id,
	    l->rc->mta, id);
	describe(b, l);
	sbuf_puts(b, "</desc>");
	draw_faults(b, l, a, &r);
	draw_names(b, l, &r);
	sbuf_puts(b, "<g class=\"axis\">");
	axis_draw(b, a, l->decisive_us, LANES_TOP, r.bottom);
	sbuf_puts(b, "</g>");
	for (size_t i = 0; i < l->lane_count; i++)
		if (r.middle[i] >= 0)
			draw_lane(b, l, a, i, r.middle[i]);
	draw_decisive(b, l, a, &r);
	sbuf_puts(b, "</svg>\n");
	if (r.left_out > 0)
		html_put(b, "<p class=\"note\">%zu more hosts have no lane "
		    "here; the list has them.</p>\n", r.left_out);
	free(r.middle);
}

void
html_lanes_figure(struct sbuf *b, const struct report_case *rc,
    uint64_t decisive, const char *id)
{
	struct html_axis axis = { .count = 0 };
	struct html_lanes l;

	lanes_find(&l, rc, decisive);
	lanes_need(&l, &axis);
	axis_place(&axis, LANES_LEFT + 10, LANES_RIGHT);
	sbuf_puts(b, "<figure class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"timeline\">\n");
	lanes_draw(b, &l, &axis, id);
	sbuf_puts(b, "</figure>\n");
	axis_fini(&axis);
	lanes_fini(&l);
}

#include "harness/report/html/axis.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/html/internal.h"

/* Widths before they are scaled to the room there is. */
#define SLOT_WIDTH	10.0
#define GAP_LEAST	8.0
#define GAP_DOUBLING	2.5		/* for each doubling of the gap */
#define CHAR_WIDTH	7.1		/* of a label, with 11 px text */
#define LABEL_SPACE	12.0

void
axis_need(struct html_axis *a, int64_t t_us, size_t slots)
{
	struct axis_moment *m;

	for (size_t i = a->count; i > 0; i--) {
		m = &a->moments[i - 1];
		if (m->t_us == t_us) {
			if (m->slots < slots)
				m->slots = slots;
			return;
		}
		/* Mostly they come in order. */
		if (m->t_us < t_us && i == a->count)
			break;
	}
	a->moments = xreallocarray(a->moments, a->count + 1,
	    sizeof *a->moments);
	a->moments[a->count++] = (struct axis_moment){ .t_us = t_us,
	    .slots = slots > 0 ? slots : 1 };
}

static int
by_time(const void *a, const void *b)
{
	const struct axis_moment *x = a, *y = b;

	return (x->t_us > y->t_us) - (x->t_us < y->t_us);
}

static double
gap_width(int64_t us)
{
	return GAP_LEAST + GAP_DOUBLING * log2(1.0 + (double)us / 1000.0);
}

/* Moments that came out of order may be there twice. */
static void
merge(struct html_axis *a)
{
	size_t out = 0;

	qsort(a->moments, a->count, sizeof *a->moments, by_time);
	for (size_t i = 0; i < a->count; i++) {
		if (out > 0 && a->moments[out - 1].t_us == a->moments[i].t_us) {
			if (a->moments[out - 1].slots < a->moments[i].slots)
				a->moments[out - 1].slots =
				    a->moments[i].slots;
			continue;
		}
		a->moments[out++] = a->moments[i];
	}
	a->count = out;
}

void
axis_place(struct html_axis *a, double from, double to)
{
	double x = 0, scale;

	if (a->count == 0)
		axis_need(a, 0, 1);
	merge(a);
	for (size_t i = 0; i < a->count; i++) {
		if (i > 0)
			x += gap_width(a->moments[i].t_us -
			    a->moments[i - 1].t_us);
		a->moments[i].from = x;
		x += SLOT_WIDTH * (double)(a->moments[i].slots - 1);
		a->moments[i].to = x;
	}
	scale = x > 0 ? (to - from) / x : 1;
	for (size_t i = 0; i < a->count; i++) {
		a->moments[i].from = from + a->moments[i].from * scale;
		a->moments[i].to = from + a->moments[i].to * scale;
	}
}

/* The last moment not after the time, or the first one. */
static const struct axis_moment *
moment_at(const struct html_axis *a, int64_t t_us)
{
	size_t low = 0, high = a->count, mid;

	while (high - low > 1) {
		mid = (low + high) / 2;
		if (a->moments[mid].t_us <= t_us)
			low = mid;
		else
			high = mid;
	}
	return &a->moments[low];
}

double
axis_begin(const struct html_axis *a, int64_t t_us)
{
	const struct axis_moment *m = moment_at(a, t_us);

	if (m->t_us >= t_us)
		return m->from;
	if (m + 1 == a->moments + a->count)
		return m->to;
	return m->to + (m[1].from - m->to) * gap_width(t_us - m->t_us) /
	    (gap_width(t_us - m->t_us) + gap_width(m[1].t_us - t_us));
}

double
axis_slot(const struct html_axis *a, int64_t t_us, size_t slot)
{
	const struct axis_moment *m = moment_at(a, t_us);

	if (m->t_us != t_us || m->slots < 2)
		return axis_begin(a, t_us);
	if (slot >= m->slots)
		slot = m->slots - 1;
	return m->from + (m->to - m->from) * (double)slot /
	    (double)(m->slots - 1);
}

struct placed {
	double	*from, *to;
	size_t	 count;
};

/* False: it would stand on another label. */
static bool
take_room(struct placed *p, double from, double to)
{
	for (size_t i = 0; i < p->count; i++)
		if (from < p->to[i] + LABEL_SPACE &&
		    to > p->from[i] - LABEL_SPACE)
			return false;
	p->from[p->count] = from;
	p->to[p->count++] = to;
	return true;
}

static void
draw_label(struct sbuf *b, struct placed *p, const struct html_axis *a,
    const struct axis_moment *m, double top, double bottom)
{
	double left = a->moments[0].from, right = a->moments[a->count - 1].to;
	struct sbuf text = { 0 };
	double width, x;

	html_time(&text, m->t_us);
	width = CHAR_WIDTH * (double)text.len;
	x = m->from - width / 2;
	if (x + width > right)
		x = right - width;
	if (x < left)
		x = left;
	if (take_room(p, x, x + width)) {
		html_put(b, "<path class=\"tick\" d=\"M%.1f %.1fV%.1f\"/>",
		    m->from, top, bottom + 4);
		if (m->to - m->from > 2)
			html_put(b, "<path class=\"span\" d=\"M%.1f %.1f"
			    "H%.1f\"/>", m->from, bottom + 4, m->to);
		html_put(b, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", x,
		    bottom + 17, sbuf_str(&text));
	}
	sbuf_fini(&text);
}

void
axis_draw(struct sbuf *b, const struct html_axis *a, int64_t wanted_us,
    double top, double bottom)
{
	struct placed p = { .count = 0 };

	p.from = xcalloc(a->count + 3, sizeof *p.from);
	p.to = xcalloc(a->count + 3, sizeof *p.to);
	draw_label(b, &p, a, moment_at(a, wanted_us), top, bottom);
	draw_label(b, &p, a, &a->moments[0], top, bottom);
	draw_label(b, &p, a, &a->moments[a->count - 1], top, bottom);
	for (size_t i = 1; i + 1 < a->count; i++)
		draw_label(b, &p, a, &a->moments[i], top, bottom);
	free(p.from);
	free(p.to);
}

void
axis_fini(struct html_axis *a)
{
	free(a->moments);
	memset(a, 0, sizeof *a);
}

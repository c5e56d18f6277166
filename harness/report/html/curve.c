/* When a message was tried: attempts over virtual time, on one scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/report/html/internal.h"

#define WIDTH		960.0
#define HEIGHT		300.0
#define LEFT		44.0
#define RIGHT		760.0
#define TOP		14.0
#define BOTTOM		258.0
#define COLOURS		8

/* The unit that was tried most often; of its cycles the first attempts. */
void
html_attempts_find(struct html_attempts *out, const struct judgement *j)
{
	const struct unit *best = NULL;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < j->unit_count; i++)
		if (!j->units[i].control && (best == NULL ||
		    j->units[i].cycles > best->cycles))
			best = &j->units[i];
	if (best == NULL || best->cycles <= 0 ||
	    best->accepted_us == TIME_NEVER)
		return;
	out->t_us = xcalloc((size_t)best->cycles, sizeof *out->t_us);
	for (size_t i = 0; i < best->attempt_count &&
	    out->count < (size_t)best->cycles; i++)
		if (best->attempts[i].cycle == (int)out->count + 1)
			out->t_us[out->count++] = best->attempts[i].t_us -
			    best->accepted_us;
}

void
html_attempts_fini(struct html_attempts *a)
{
	free(a->t_us);
	memset(a, 0, sizeof *a);
}

/* Logarithmic from a second on; before that all is the first attempt. */
static double
place(int64_t us, int64_t end_us)
{
	double t = us > 0 ? (double)us / USEC_PER_SEC : 0;
	double end = (double)end_us / USEC_PER_SEC;

	return LEFT + (RIGHT - LEFT) * log1p(t) / log1p(end > 1 ? end : 1);
}

static double
height(size_t n, size_t most)
{
	return BOTTOM - (BOTTOM - TOP) * (double)n / (double)most;
}

static void
draw_grid(struct sbuf *b, int64_t end_us, size_t most)
{
	static const struct {
		int64_t		 s;
		const char	*label;
	} ticks[] = { { 0, "0s" }, { 10, "10s" }, { 60, "1m" },
		{ 300, "5m" }, { 900, "15m" }, { 3600, "1h" },
		{ 14400, "4h" }, { 43200, "12h" }, { 86400, "1d" },
		{ 172800, "2d" }, { 432000, "5d" }, { 864000, "10d" } };
	size_t step = most < 6 ? 1 : most < 12 ? 2 : most < 30 ? 5 :
	    most < 60 ? 10 : most < 150 ? 25 : most < 400 ? 50 : most / 5;
	double x, last = 0;

	for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
		if (ticks[i].s * USEC_PER_SEC > end_us)
			break;
		x = place(ticks[i].s * USEC_PER_SEC, end_us);
		if (i > 0 && x - last < 30)
			continue;
		last = x;
		html_put(b, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>"
		    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s"
		    "</text>", x, TOP, BOTTOM, x, BOTTOM + 17,
		    ticks[i].label);
	}
	for (size_t n = 0; n <= most; n += step)
		html_put(b, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>"
		    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%zu"
		    "</text>", LEFT, height(n, most), RIGHT, LEFT - 8,
		    height(n, most) + 4, n);
	html_put(b, "<text x=\"%.1f\" y=\"%.1f\">since acceptance, "
	    "logarithmic</text>", RIGHT + 14, BOTTOM + 17);
}

/* Names at the right end, moved apart. */
static void
draw_names(struct sbuf *b, const struct html_curve *curves, size_t count,
    size_t most)
{
	double *at = xcalloc(count, sizeof *at), y, above;
	bool *done = xcalloc(count, sizeof *done);
	size_t next;

	for (size_t n = 0; n < count; n++) {
		next = count;
		for (size_t i = 0; i < count; i++)
			if (!done[i] && (next == count ||
			    curves[i].attempts.count >
			    curves[next].attempts.count))
				next = i;
		done[next] = true;
		y = height(curves[next].attempts.count, most) + 4;
		above = n > 0 ? at[n - 1] + 16 : 0;
		at[n] = y < above ? above : y;
		html_put(b, "<text class=\"name k%zu\" x=\"%.1f\" y=\"%.1f\" "
		    "style=\"fill:currentColor;stroke:none\">%s</text>",
		    next % COLOURS, RIGHT + 14, at[n], curves[next].label);
	}
	free(at);
	free(done);
}

static void
draw_one(struct sbuf *b, const struct html_curve *c, size_t colour,
    int64_t end_us, size_t most)
{
	static const char *const dashes[] = { "none", "7 3", "2 3",
		"9 3 2 3" };
	const struct html_attempts *a = &c->attempts;

	html_put(b, "<path class=\"k%zu\" stroke-dasharray=\"%s\" "
	    "d=\"M%.1f %.1f", colour % COLOURS, dashes[colour % 4], LEFT,
	    BOTTOM);
	for (size_t i = 0; i < a->count; i++)
		html_put(b, "H%.1fV%.1f", place(a->t_us[i], end_us),
		    height(i + 1, most));
	sbuf_puts(b, "\"/>");
}

static void
put_row(struct sbuf *b, const struct html_curve *c)
{
	const struct html_attempts *a = &c->attempts;
	struct sbuf first = { 0 }, longest = { 0 }, last = { 0 };
	int64_t most = 0;

	for (size_t i = 1; i < a->count; i++)
		if (a->t_us[i] - a->t_us[i - 1] > most)
			most = a->t_us[i] - a->t_us[i - 1];
	if (a->count > 1) {
		html_time(&first, a->t_us[1] - a->t_us[0]);
		html_time(&longest, most);
	}
	if (a->count > 0)
		html_time(&last, a->t_us[a->count - 1]);
	html_put(b, "<tr><th scope=\"row\">%s</th><td class=\"num\">%zu</td>"
	    "<td class=\"num\">%s</td><td class=\"num\">%s</td>"
	    "<td class=\"num\">%s</td></tr>\n", c->label, a->count,
	    sbuf_str(&first), sbuf_str(&longest), sbuf_str(&last));
	sbuf_fini(&first);
	sbuf_fini(&longest);
	sbuf_fini(&last);
}

void
html_curve_draw(struct sbuf *b, const char *id, const char *title,
    const struct html_curve *curves, size_t count)
{
	int64_t end_us = USEC_PER_SEC;
	size_t most = 1;

	for (size_t i = 0; i < count; i++) {
		const struct html_attempts *a = &curves[i].attempts;

		if (a->count > most)
			most = a->count;
		if (a->count > 0 && a->t_us[a->count - 1] > end_us)
			end_us = a->t_us[a->count - 1];
	}
	html_put(b, "<figure class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"retry curve\">\n<svg class=\"curve\" role=\"img\" "
	    "viewBox=\"0 0 %.1f %.1f\" aria-labelledby=\"%s.t %s.d\">"
	    "<title id=\"%s.t\">%s</title><desc id=\"%s.d\">Steps: the "
	    "number of the attempt over the virtual time since acceptance. "
	    "The table below has the figures.</desc>", WIDTH, HEIGHT - 16,
	    id, id, id, title, id);
	draw_grid(b, end_us, most);
	for (size_t i = 0; i < count; i++)
		draw_one(b, &curves[i], i, end_us, most);
	draw_names(b, curves, count, most);
	sbuf_puts(b, "</svg>\n<table><caption>Attempts to deliver, counted "
	    "from the trace</caption><thead><tr><th scope=\"col\">MTA</th>"
	    "<th scope=\"col\">attempts</th><th scope=\"col\">first wait</th>"
	    "<th scope=\"col\">longest wait</th><th scope=\"col\">last "
	    "attempt</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < count; i++)
		put_row(b, &curves[i]);
	sbuf_puts(b, "</tbody></table>\n</figure>\n");
}

void
html_curve_row(struct sbuf *b, const struct html_page *page, size_t row,
    const char *id)
{
	const struct html_row *hr = &page->rows[row];
	struct html_curve *curves = xcalloc(hr->count, sizeof *curves);
	const struct report_mta *mta;
	struct sbuf title = { 0 };
	struct report_case rc;
	size_t n = 0;

	for (size_t i = hr->first; i < hr->first + hr->count; i++) {
		mta = &page->set->mtas[page->set->runs[i].column];
		if (page->set->runs[i].hidden ||
		    !report_run_open(page->set, i, &rc))
			continue;
		html_attempts_find(&curves[n].attempts, rc.judgement);
		report_run_close(page->set, i);
		if (curves[n].attempts.count > 0)
			curves[n++].label = mta->label;
	}
	sbuf_printf(&title, "Attempts over time: %s",
	    page->set->rows[row].id);
	if (n > 0)
		html_curve_draw(b, id, sbuf_str(&title), curves, n);
	for (size_t i = 0; i < n; i++)
		html_attempts_fini(&curves[i].attempts);
	free(curves);
	sbuf_fini(&title);
}

/* The scenario that most MTAs ran, and of those the one tried most often. */
void
html_curves(struct sbuf *b, const struct html_page *page)
{
	const struct html_row *best = NULL, *hr;
	const struct report_row *r;
	size_t others = 0;

	for (size_t i = 0; i < page->set->row_count; i++) {
		hr = &page->rows[i];
		if (hr->cycles < HTML_CURVE_LEAST)
			continue;
		others++;
		if (best == NULL || hr->count > best->count ||
		    (hr->count == best->count && hr->cycles > best->cycles))
			best = hr;
	}
	if (best == NULL)
		return;
	r = &page->set->rows[best - page->rows];
	html_put(b, "<section id=\"curves\">\n<h2>Retry curves</h2>\n"
	    "<p>How often a message was tried in <a href=\"#%s\">%s</a>: %s"
	    "</p>\n", best->id, r->id, r->title);
	html_curve_row(b, page, (size_t)(best - page->rows), "curve");
	if (others > 1)
		html_put(b, "<p class=\"note\">%zu more scenarios with at "
		    "least %d attempts have their own curve where one of "
		    "their runs is shown in full.</p>\n", others - 1,
		    HTML_CURVE_LEAST);
	sbuf_puts(b, "</section>\n");
}

/*
 * The whole report: which scenarios and MTAs there are, which runs are shown
 * in full, and the parts one after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/report/console_int.h"
#include "harness/report/html_int.h"

static size_t
column_of(struct html_page *page, const struct report_case *rc)
{
	struct html_column *c;

	for (size_t i = 0; i < page->column_count; i++) {
		c = &page->columns[i];
		if (html_same(c->mta, rc->mta) &&
		    (c->version == rc->mta_version ||
		    html_same(c->version, rc->mta_version)))
			return i;
	}
	c = arena_push(page->arena, &page->columns, &page->column_count,
	    sizeof *c);
	c->mta = rc->mta;
	c->version = rc->mta_version;
	for (size_t i = 0; i + 1 < page->column_count; i++)
		if (html_same(page->columns[i].mta, rc->mta))
			c->twice = page->columns[i].twice = true;
	return page->column_count - 1;
}

static int
by_id(const void *a, const void *b)
{
	const struct html_case *const *x = a, *const *y = b;
	int c = strcmp((*x)->rc->scenario->id, (*y)->rc->scenario->id);

	if (c == 0)
		c = ((*x)->column > (*y)->column) -
		    ((*x)->column < (*y)->column);
	return c != 0 ? c : (*x > *y) - (*x < *y);
}

static const char *
name_of(struct arena *arena, const char *kind, const char *name)
{
	struct sbuf b = { 0 };
	const char *s;

	sbuf_puts(&b, kind);
	html_name(&b, name);
	s = arena_strdup(arena, sbuf_str(&b));
	sbuf_fini(&b);
	return s;
}

static void
name_case(struct html_page *page, struct html_case *c, size_t again)
{
	const struct html_column *col = &page->columns[c->column];
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s@%s", c->rc->scenario->id, col->mta);
	if (col->twice && col->version != NULL)
		sbuf_printf(&b, "=%s", col->version);
	if (again > 0)
		sbuf_printf(&b, ",%zu", again + 1);
	c->id = name_of(page->arena, "", sbuf_str(&b));
	sbuf_fini(&b);
}

static void
take_scenario(struct html_page *page, struct html_case *c)
{
	struct html_scenario *hs = page->scenario_count > 0 ?
	    &page->scenarios[page->scenario_count - 1] : NULL;
	size_t *slot, again = 0;

	if (hs == NULL || strcmp(hs->sc->id, c->rc->scenario->id) != 0) {
		hs = arena_push(page->arena, &page->scenarios,
		    &page->scenario_count, sizeof *hs);
		hs->sc = c->rc->scenario;
		hs->id = name_of(page->arena, "", hs->sc->id);
	}
	for (size_t i = 0; i < hs->count; i++)
		again += page->cases[hs->cases[i]].column == c->column;
	name_case(page, c, again);
	slot = arena_push(page->arena, &hs->cases, &hs->count, sizeof *slot);
	*slot = (size_t)(c - page->cases);
	c->scenario = page->scenario_count - 1;
	if (c->rc->judgement->result > hs->worst)
		hs->worst = c->rc->judgement->result;
}

static void
page_init(struct html_page *page, const struct html_report *report)
{
	struct html_case **order;

	memset(page, 0, sizeof *page);
	page->arena = arena_new();
	page->report = report;
	page->count = report->count;
	page->cases = arena_array(page->arena, report->count + 1,
	    sizeof *page->cases);
	order = arena_array(page->arena, report->count + 1, sizeof *order);
	for (size_t i = 0; i < page->count; i++) {
		order[i] = &page->cases[i];
		page->cases[i].rc = report->runs[i].rc;
		page->cases[i].profile = report->runs[i].profile;
		page->cases[i].column = column_of(page,
		    report->runs[i].rc);
		page->counts[report->runs[i].rc->judgement->result]++;
	}
	qsort(order, page->count, sizeof *order, by_id);
	for (size_t i = 0; i < page->count; i++)
		take_scenario(page, order[i]);
}

static void
page_fini(struct html_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		sbuf_fini(&page->cases[i].detail);
	arena_free(page->arena);
}

/* Worst first, until the room is used up. */
static void
choose(struct html_page *page)
{
	size_t room = page->report->budget > 0 ? page->report->budget :
	    HTML_BUDGET, used = 0;
	struct html_case *c;

	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		for (size_t i = 0; i < page->count; i++) {
			c = &page->cases[i];
			if (c->rc->judgement->result != (enum result)r ||
			    r == RESULT_SKIP || used >= room ||
			    (r == RESULT_OK && page->count > HTML_FULL_RUNS))
				continue;
			html_case_full(&c->detail, page, c);
			c->full = true;
			used += c->detail.len;
			page->full_count++;
			page->scenarios[c->scenario].full = true;
		}
}

static size_t
unlike(const struct html_page *page)
{
	return page->counts[RESULT_FAIL] + page->counts[RESULT_XPASS];
}

/* One sentence that says whether all is well. */
static void
put_claim(struct sbuf *b, const struct html_page *page)
{
	size_t bad = unlike(page), error = page->counts[RESULT_ERROR];

	if (page->count == 0)
		sbuf_puts(b, "Nothing was run");
	else if (page->counts[RESULT_SKIP] == page->count)
		sbuf_puts(b, "Everything was skipped; nothing is known");
	else if (bad == 0 && error == 0)
		html_put(b, "All %zu runs came out as expected",
		    page->count - page->counts[RESULT_SKIP]);
	else if (bad == 0)
		html_put(b, "No run failed, but %zu of %zu cannot be trusted",
		    error, page->count);
	else
		html_put(b, "%zu of %zu runs did not come out as expected",
		    bad, page->count);
	if (bad > 0 && error > 0)
		html_put(b, ", and %zu cannot be trusted", error);
	html_put(b, ": %zu scenario%s on ", page->scenario_count,
	    page->scenario_count == 1 ? "" : "s");
	if (page->column_count > 3)
		html_put(b, "%zu MTAs", page->column_count);
	for (size_t i = 0; i < page->column_count && page->column_count <= 3;
	    i++)
		html_put(b, "%s%s%s%s", i == 0 ? "" : i + 1 ==
		    page->column_count ? " and " : ", ",
		    page->columns[i].mta, page->columns[i].version ? " " : "",
		    page->columns[i].version ? page->columns[i].version :
		    "");
}

static void
put_counts(struct sbuf *b, const struct html_page *page)
{
	sbuf_puts(b, "<ul class=\"counts\">\n");
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		if (page->counts[r] > 0) {
			html_put(b, "<li title=\"%s\"><b>%zu</b> ",
			    html_result_help((enum result)r),
			    page->counts[r]);
			html_result(b, (enum result)r);
			sbuf_puts(b, "</li>\n");
		}
	sbuf_puts(b, "</ul>\n");
}

static void
put_made(struct sbuf *b, const struct html_page *page)
{
	const struct html_report *r = page->report;
	int64_t us = 0;
	struct sbuf t = { 0 };

	for (size_t i = 0; i < page->count; i++)
		us += report_virtual_us(page->cases[i].rc->trace);
	html_time(&t, us / 60000000 * 60000000);
	html_put(b, "<p class=\"dim\">mxdrill%s%s%s%s%s%s%s%s; %s of virtual "
	    "time. <a href=\"#words\">What the words mean</a></p>\n",
	    r->mxdrill != NULL ? " " : "", r->mxdrill != NULL ? r->mxdrill :
	    "", r->started != NULL ? ", started " : "", r->started != NULL ?
	    r->started : "", r->clock != NULL ? ", clock " : "",
	    r->clock != NULL ? r->clock : "", r->seed != NULL ? ", seed " :
	    "", r->seed != NULL ? r->seed : "", sbuf_str(&t));
	sbuf_fini(&t);
}

static void
put_header(struct sbuf *b, const struct html_page *page)
{
	sbuf_puts(b, "<header>\n<h1>");
	put_claim(b, page);
	sbuf_puts(b, "</h1>\n");
	put_counts(b, page);
	put_made(b, page);
	sbuf_puts(b, "<nav aria-label=\"parts of this page\"><ul>\n");
	if (unlike(page) + page->counts[RESULT_ERROR] > 0)
		sbuf_puts(b, "<li><a href=\"#attention\">What needs "
		    "attention</a></li>\n");
	sbuf_puts(b, "<li><a href=\"#matrix\">Scenarios by MTA</a></li>\n"
	    "<li><a href=\"#requirements\">Requirements</a></li>\n"
	    "<li><a href=\"#runs\">Runs</a></li>\n"
	    "<li><a href=\"#words\">Words and signs</a></li>\n"
	    "</ul></nav>\n</header>\n");
}

/* FAIL, XPASS and ERROR, each with its sentence. */
static void
put_attention(struct sbuf *b, const struct html_page *page)
{
	static const enum result order[] = { RESULT_FAIL, RESULT_XPASS,
	    RESULT_ERROR };

	if (unlike(page) + page->counts[RESULT_ERROR] == 0)
		return;
	sbuf_puts(b, "<section id=\"attention\">\n<h2>What needs attention"
	    "</h2>\n<ul class=\"attention\">\n");
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < page->count; i++) {
			const struct html_case *c = &page->cases[i];

			if (c->rc->judgement->result != order[k])
				continue;
			sbuf_puts(b, "<li>");
			html_result(b, order[k]);
			html_put(b, " <a href=\"#%s\">%s</a> on %s: ", c->id,
			    c->rc->scenario->id, c->rc->mta);
			html_sentence(b, c->rc);
			sbuf_puts(b, "</li>\n");
		}
	sbuf_puts(b, "</ul>\n</section>\n");
}

static void
put_runs(struct sbuf *b, const struct html_page *page)
{
	sbuf_puts(b, "<section id=\"runs\">\n<h2>Runs</h2>\n");
	if (page->full_count < page->count)
		html_put(b, "<p>%zu of %zu runs are shown in full, the worst "
		    "first; the others with their sentence. All of any run: "
		    "<code>mxdrill report RUNDIR -o html=FILE</code> with the "
		    "folder of that run alone.</p>\n", page->full_count,
		    page->count);
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		for (size_t i = 0; i < page->scenario_count; i++)
			if (page->scenarios[i].worst == (enum result)r)
				html_scenario(b, page, &page->scenarios[i]);
	sbuf_puts(b, "</section>\n");
}

void
html_report_write(struct sbuf *b, const struct html_report *report)
{
	struct html_page page;
	struct sbuf title = { 0 };

	page_init(&page, report);
	choose(&page);
	sbuf_printf(&title, "mxdrill: %zu runs, %zu FAIL, %zu ERROR",
	    page.count, page.counts[RESULT_FAIL], page.counts[RESULT_ERROR]);
	html_open(b, sbuf_str(&title));
	put_header(b, &page);
	sbuf_puts(b, "<main id=\"main\">\n");
	put_attention(b, &page);
	html_matrix(b, &page);
	html_clauses(b, &page);
	html_curves(b, &page);
	put_runs(b, &page);
	html_words(b);
	sbuf_puts(b, "</main>\n<footer>Made by mxdrill from the stored "
	    "traces of the runs; nothing here was taken from elsewhere."
	    "</footer>\n");
	html_close(b, true);
	page_fini(&page);
	sbuf_fini(&title);
}

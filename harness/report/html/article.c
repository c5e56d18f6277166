/* One scenario with all its runs. */
#include <string.h>

#include "harness/report/clause.h"
#include "harness/report/html/internal.h"
#include "harness/scenario/requirement.h"

static void
put_words(struct sbuf *b, const char *label, const char *const *items,
    size_t count, bool clauses)
{
	if (count == 0)
		return;
	html_put(b, "<dt>%s</dt><dd>", label);
	for (size_t i = 0; i < count; i++) {
		sbuf_puts(b, i > 0 ? ", " : "");
		if (clauses && requirement_find(items[i]) != NULL)
			html_put(b, "<a href=\"#%s\">%s</a>", items[i],
			    items[i]);
		else
			html_text(b, items[i]);
	}
	sbuf_puts(b, "</dd>\n");
}

static void
put_head(struct sbuf *b, const struct html_page *page, size_t row)
{
	const struct report_row *r = &page->set->rows[row];
	const struct html_row *hr = &page->rows[row];

	html_put(b, "<article id=\"%s\"", hr->id);
	if (!hr->full)
		sbuf_puts(b, " class=\"small\"");
	html_filter_data(b, page, row);
	html_put(b, ">\n<h3>%s</h3>\n", r->title != NULL && *r->title !=
	    '\0' ? r->title : r->id);
	html_put(b, "<p class=\"path\"><a href=\"#%s\">%s</a></p>\n",
	    hr->id, r->id);
	if (!hr->full)
		return;
	if (r->why != NULL)
		html_put(b, "<p>%s</p>\n", r->why);
	sbuf_puts(b, "<dl class=\"facts\">\n");
	put_words(b, "requirements", r->covers, r->covers_count, true);
	put_words(b, "tags", r->tags, r->tag_count, false);
	sbuf_puts(b, "</dl>\n");
	sbuf_add(b, hr->world.data, hr->world.len);
	html_lines_put(b, &hr->lines);
}

/* What is shown in full stands before what is not. */
static void
put_runs(struct sbuf *b, const struct html_page *page,
    const struct html_row *hr)
{
	const struct report_run *run;
	struct report_case rc;

	for (size_t i = hr->first; i < hr->first + hr->count; i++)
		if (page->cells[i].full)
			sbuf_add(b, page->cells[i].detail.data,
			    page->cells[i].detail.len);
	for (size_t i = hr->first; i < hr->first + hr->count; i++) {
		run = &page->set->runs[i];
		if (page->cells[i].full || run->hidden)
			continue;
		report_run_case(page->set, i, &rc);
		html_case_compact(b, &(struct html_case){ .rc = &rc,
		    .mta = &page->set->mtas[run->column],
		    .id = page->cells[i].id }, run->times);
	}
}

void
html_article(struct sbuf *b, const struct html_page *page, size_t row)
{
	const struct html_row *hr = &page->rows[row];
	struct sbuf id = { 0 };

	put_head(b, page, row);
	put_runs(b, page, hr);
	if (hr->full && hr->cycles >= HTML_CURVE_LEAST) {
		sbuf_puts(b, "<h4>Retry curve</h4>\n");
		html_put(&id, "%s.curve", hr->id);
		html_curve_row(b, page, row, sbuf_str(&id));
	}
	sbuf_puts(b, "</article>\n");
	sbuf_fini(&id);
}

/* One scenario with all its runs. */
#include <string.h>

#include "harness/report/clause.h"
#include "harness/report/html_int.h"

static void
put_words(struct sbuf *b, const char *label, const char *const *items,
    size_t count, bool clauses)
{
	if (count == 0)
		return;
	html_put(b, "<dt>%s</dt><dd>", label);
	for (size_t i = 0; i < count; i++) {
		sbuf_puts(b, i > 0 ? ", " : "");
		if (clauses && clause_find(items[i]) != NULL)
			html_put(b, "<a href=\"#%s\">%s</a>", items[i],
			    items[i]);
		else
			html_text(b, items[i]);
	}
	sbuf_puts(b, "</dd>\n");
}

static void
put_head(struct sbuf *b, const struct html_page *page,
    const struct html_scenario *hs)
{
	const struct scenario *sc = hs->sc;

	html_put(b, "<article id=\"%s\"", hs->id);
	if (!hs->full)
		sbuf_puts(b, " class=\"small\"");
	html_filter_data(b, page, hs);
	html_put(b, ">\n<h3>%s</h3>\n<p class=\"path\"><a href=\"#%s\">%s</a>"
	    "</p>\n", sc->title, hs->id, sc->id);
}

void
html_scenario(struct sbuf *b, const struct html_page *page,
    const struct html_scenario *hs)
{
	const struct scenario *sc = hs->sc;
	struct sbuf curve = { 0 };

	put_head(b, page, hs);
	if (hs->full) {
		if (sc->why != NULL)
			html_put(b, "<p>%s</p>\n", sc->why);
		sbuf_puts(b, "<dl class=\"facts\">\n");
		put_words(b, "requirements", sc->covers, sc->covers_count,
		    true);
		put_words(b, "tags", sc->tags, sc->tag_count, false);
		sbuf_puts(b, "</dl>\n");
		html_world(b, hs);
		html_source(b, page, hs);
	}
	/* First what is wrong. */
	for (size_t i = 0; i < hs->count; i++)
		if (page->cases[hs->cases[i]].full)
			sbuf_add(b, page->cases[hs->cases[i]].detail.data,
			    page->cases[hs->cases[i]].detail.len);
	for (size_t i = 0; i < hs->count; i++)
		if (!page->cases[hs->cases[i]].full)
			html_case_compact(b, page,
			    &page->cases[hs->cases[i]]);
	if (hs->full && html_curve_wanted(page, hs)) {
		sbuf_puts(b, "<h4>Retry curve</h4>\n");
		html_put(&curve, "%s.curve", hs->id);
		html_curve_of(b, page, hs, sbuf_str(&curve));
	}
	sbuf_puts(b, "</article>\n");
	sbuf_fini(&curve);
}

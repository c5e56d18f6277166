/* Requirements to scenarios to results, and those that nothing covered. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/report/clause.h"
#include "harness/report/html/internal.h"
#include "harness/scenario/requirement.h"

/* Which scenarios cover a requirement. */
struct covered {
	size_t		*rows;
	size_t		 count;
};

static void
put_cell(struct sbuf *b, const struct html_page *page,
    const struct covered *cov, size_t column)
{
	size_t runs = 0, good = 0;
	enum result worst = RESULT_OK, r;

	for (size_t i = 0; i < cov->count; i++) {
		const struct report_run *run = report_set_cell(page->set,
		    cov->rows[i], column);

		if (run == NULL)
			continue;
		r = run->judgement.result;
		runs++;
		good += r == RESULT_OK;
		if (r > worst)
			worst = r;
	}
	if (runs == 0) {
		sbuf_puts(b, "<td class=\"dim\">not run</td>");
		return;
	}
	sbuf_puts(b, "<td>");
	html_result(b, worst);
	if (good < runs)
		html_put(b, "<br/><span class=\"dim\">%zu of %zu ok</span>",
		    good, runs);
	sbuf_puts(b, "</td>");
}

static void
put_scenarios(struct sbuf *b, const struct html_page *page,
    const struct covered *cov)
{
	html_put(b, "<td><details><summary>%zu scenario%s</summary>",
	    cov->count, cov->count == 1 ? "" : "s");
	for (size_t i = 0; i < cov->count; i++) {
		sbuf_puts(b, i > 0 ? "<br/>" : "");
		html_put(b, "<a href=\"#%s\">%s</a>",
		    page->rows[cov->rows[i]].id,
		    page->set->rows[cov->rows[i]].id);
	}
	sbuf_puts(b, "</details></td>");
}

static void
put_head(struct sbuf *b, const struct html_page *page, size_t rows)
{
	html_late(b, "requirements", 6 * rows);
	sbuf_puts(b, "<table>\n<thead><tr><th scope=\"col\">requirement</th>"
	    "<th scope=\"col\">covered by</th>");
	for (size_t i = 0; i < page->set->mta_count; i++) {
		sbuf_puts(b, "<th scope=\"col\">");
		html_mta(b, &page->set->mtas[i]);
		sbuf_puts(b, "</th>");
	}
	sbuf_puts(b, "</tr></thead>\n<tbody>\n");
}

static void
put_uncovered(struct sbuf *b, const struct covered *covs, size_t count)
{
	const struct requirement *c;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += covs[i].count == 0;
	if (n == 0)
		return;
	html_put(b, "<details><summary>%zu requirement%s that no scenario of "
	    "these runs covers</summary>\n<dl class=\"words\">\n", n,
	    n == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++)
		if (covs[i].count == 0 && (c = requirement_at(i)) != NULL)
			html_put(b, "<dt id=\"%s\">%s <span class=\"dim\">"
			    "%s</span></dt><dd>%s</dd>\n", c->id, c->id,
			    c->words, c->statement);
	sbuf_puts(b, "</dl>\n</details>\n");
}

static void
find_covered(const struct html_page *page, struct covered *covs)
{
	const struct requirement *c, *first = requirement_at(0);
	const struct report_row *sc;
	size_t *slot;

	for (size_t i = 0; i < page->set->row_count; i++) {
		sc = &page->set->rows[i];
		for (size_t k = 0; k < sc->covers_count; k++) {
			if ((c = requirement_find(sc->covers[k])) == NULL)
				continue;
			slot = arena_push(page->arena,
			    &covs[c - first].rows,
			    &covs[c - first].count, sizeof *slot);
			*slot = i;
		}
	}
}

void
html_clauses(struct sbuf *b, const struct html_page *page)
{
	size_t count = requirement_count();
	struct covered *covs = xcalloc(count, sizeof *covs);
	const struct requirement *c;
	size_t n = 0;

	find_covered(page, covs);
	for (size_t i = 0; i < count; i++)
		n += covs[i].count > 0;
	html_put(b, "<section id=\"requirements\">\n<h2>Requirements</h2>\n"
	    "<p>%zu of the %zu requirements that mxdrill knows are covered "
	    "by these runs.</p>\n", n, count);
	if (n > 0)
		put_head(b, page, n);
	for (size_t i = 0; i < count; i++) {
		if (covs[i].count == 0)
			continue;
		c = requirement_at(i);
		html_put(b, "<tr id=\"%s\"><th scope=\"row\"><b>%s</b> "
		    "<span class=\"dim\">%s</span><br/>%s</th>", c->id,
		    c->id, c->words, c->statement);
		put_scenarios(b, page, &covs[i]);
		for (size_t k = 0; k < page->set->mta_count; k++)
			put_cell(b, page, &covs[i], k);
		sbuf_puts(b, "</tr>\n");
	}
	if (n > 0)
		sbuf_puts(b, "</tbody>\n</table>\n</div>\n");
	put_uncovered(b, covs, count);
	sbuf_puts(b, "</section>\n");
	free(covs);
}

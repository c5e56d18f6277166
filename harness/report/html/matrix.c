/* Scenarios by MTAs, with the filters that the script brings to life. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/report/console_int.h"
#include "harness/report/html/internal.h"

/* Words that some scenario has, each once, in order. */
struct words {
	const char	**items;
	size_t		 count;
};

static int
by_word(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
words_sort(struct words *w)
{
	size_t out = 0;

	if (w->count == 0)
		return;
	qsort(w->items, w->count, sizeof *w->items, by_word);
	for (size_t i = 0; i < w->count; i++)
		if (out == 0 || strcmp(w->items[out - 1], w->items[i]) != 0)
			w->items[out++] = w->items[i];
	w->count = out;
}

static void
words_add(struct arena *arena, struct words *w, const char *const *items,
    size_t count)
{
	const char **slot;

	for (size_t i = 0; i < count; i++) {
		slot = arena_push(arena, &w->items, &w->count, sizeof *slot);
		*slot = items[i];
	}
}

static const char *
level_word(enum level l)
{
	return l == LEVEL_MUST ? "MUST" : l == LEVEL_SHOULD ? "SHOULD" :
	    "info";
}

static void
put_select(struct sbuf *b, const char *label, const char *name,
    const struct words *w)
{
	html_put(b, "<label class=\"box\">%s <select name=\"%s\">"
	    "<option value=\"\">any</option>", label, name);
	for (size_t i = 0; i < w->count; i++)
		html_put(b, "<option>%s</option>", w->items[i]);
	sbuf_puts(b, "</select></label>\n");
}

static void
put_filters(struct sbuf *b, const struct html_page *page)
{
	static const char *levels[] = { "MUST", "SHOULD", "info" };
	struct words level = { levels, 3 }, tags = { 0 }, clauses = { 0 };

	for (size_t i = 0; i < page->set->row_count; i++) {
		const struct report_row *r = &page->set->rows[i];

		words_add(page->arena, &tags, r->tags, r->tag_count);
		words_add(page->arena, &clauses, r->covers,
		    r->covers_count);
	}
	words_sort(&tags);
	words_sort(&clauses);
	sbuf_puts(b, "<form id=\"filters\" class=\"filters\" "
	    "hidden=\"hidden\">\n<fieldset><legend>Show scenarios with a "
	    "result of</legend>\n");
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		if (page->set->counts[r] > 0)
			html_put(b, "<label><input type=\"checkbox\" "
			    "name=\"result\" value=\"%s\" "
			    "checked=\"checked\"/> %s</label>\n",
			    html_result_class((enum result)r),
			    report_result_word((enum result)r));
	sbuf_puts(b, "</fieldset>\n");
	put_select(b, "Level", "level", &level);
	put_select(b, "Tag", "tag", &tags);
	put_select(b, "Requirement", "clause", &clauses);
	sbuf_puts(b, "<label class=\"box\">Name or title has <input "
	    "type=\"search\" name=\"text\"/></label>\n"
	    "<button type=\"reset\">Show all</button>\n"
	    "<output id=\"shown\" class=\"dim\" aria-live=\"polite\">"
	    "</output>\n</form>\n");
}

static void
put_lower(struct sbuf *b, const char *s)
{
	struct sbuf low = { 0 };

	for (; s != NULL && *s != '\0'; s++)
		sbuf_putc(&low, (char)tolower((unsigned char)*s));
	html_text(b, sbuf_str(&low));
	sbuf_fini(&low);
}

/* What the filters look at. */
void
html_filter_data(struct sbuf *b, const struct html_page *page, size_t row)
{
	bool seen[RESULT_COUNT] = { false };
	const struct html_row *hr = &page->rows[row];
	const struct report_row *sc = &page->set->rows[row];

	sbuf_puts(b, " data-r=\"");
	for (size_t i = hr->first; i < hr->first + hr->count; i++)
		seen[page->set->runs[i].judgement.result] = true;
	for (int r = 0, n = 0; r < RESULT_COUNT; r++)
		if (seen[r])
			html_put(b, "%s%s", n++ > 0 ? " " : "",
			    html_result_class((enum result)r));
	html_put(b, "\" data-l=\"%s\" data-t=\"", level_word(sc->level));
	for (size_t i = 0; i < sc->tag_count; i++)
		html_put(b, "%s%s", i > 0 ? " " : "", sc->tags[i]);
	sbuf_puts(b, "\" data-c=\"");
	for (size_t i = 0; i < sc->covers_count; i++)
		html_put(b, "%s%s", i > 0 ? " " : "", sc->covers[i]);
	sbuf_puts(b, "\" data-n=\"");
	put_lower(b, sc->id);
	sbuf_putc(b, ' ');
	put_lower(b, sc->title);
	sbuf_putc(b, '"');
}

/* The outcome of the unit that a result comes from, if it says more. */
static const char *
outcome_of(const struct judgement *j)
{
	const struct unit *u = report_head_unit(j);
	const struct finding *f = report_head_finding(j);

	if (j->result == RESULT_OK || j->result == RESULT_SKIP ||
	    report_proves_nothing(j->result))
		return NULL;
	if (u != NULL && (!u->expected || u->tolerated))
		return verdict_word(u->verdict);
	return f != NULL ? flag_word(f->flag) : NULL;
}

static void
put_cell(struct sbuf *b, const struct html_page *page, size_t row,
    size_t column)
{
	const struct report_run *run = report_set_cell(page->set, row,
	    column);
	const char *outcome;

	if (run == NULL) {
		sbuf_puts(b, "<td class=\"dim\">not run</td>");
		return;
	}
	html_put(b, "<td class=\"c-%s\"><a href=\"#%s\">",
	    html_result_class(run->judgement.result),
	    page->cells[run - page->set->runs].id);
	html_result(b, run->judgement.result);
	if ((outcome = outcome_of(&run->judgement)) != NULL)
		html_put(b, " <small>%s</small>", outcome);
	sbuf_puts(b, "</a></td>");
}

/* The folder that an id begins with. */
static size_t
folder_len(const char *id)
{
	const char *slash = strchr(id, '/');

	return slash != NULL ? (size_t)(slash - id) + 1 : 0;
}

static void
open_group(struct sbuf *b, const struct html_page *page, const char *id)
{
	size_t len = folder_len(id);

	sbuf_puts(b, "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"");
	html_put(b, "%zu\">", page->set->mta_count + 1);
	html_text_bytes(b, len > 0 ? id : "scenarios", len > 0 ? len : 9);
	sbuf_puts(b, "</th></tr>\n");
}

static void
put_row(struct sbuf *b, const struct html_page *page, size_t row)
{
	const char *id = page->set->rows[row].id;

	sbuf_puts(b, "<tr");
	html_filter_data(b, page, row);
	html_put(b, "><th scope=\"row\"><a href=\"#%s\">%s</a></th>",
	    page->rows[row].id, id + folder_len(id));
	for (size_t i = 0; i < page->set->mta_count; i++)
		put_cell(b, page, row, i);
	sbuf_puts(b, "</tr>\n");
}

void
html_matrix(struct sbuf *b, const struct html_page *page)
{
	const char *id, *before = NULL;
	size_t len;

	sbuf_puts(b, "<section id=\"matrix\">\n<h2>Scenarios by MTA</h2>\n");
	put_filters(b, page);
	html_late(b, "scenarios by MTA", 5 * page->set->row_count / 2);
	sbuf_puts(b, "<table>\n<caption>Each result leads to its run."
	    "</caption>\n<thead><tr><th scope=\"col\">scenario</th>");
	for (size_t i = 0; i < page->set->mta_count; i++) {
		sbuf_puts(b, "<th scope=\"col\">");
		html_mta(b, &page->set->mtas[i]);
		sbuf_puts(b, "</th>");
	}
	sbuf_puts(b, "</tr></thead>\n");
	for (size_t i = 0; i < page->set->row_count; i++) {
		id = page->set->rows[i].id;
		len = folder_len(id);
		if (before == NULL || folder_len(before) != len ||
		    strncmp(before, id, len) != 0) {
			sbuf_puts(b, before != NULL ? "</tbody>\n" : "");
			open_group(b, page, id);
			before = id;
		}
		put_row(b, page, i);
	}
	sbuf_puts(b, before != NULL ? "</tbody>\n" : "");
	sbuf_puts(b, "</table>\n</div>\n</section>\n");
}

/*
 * The whole report: which runs are shown in full, then the parts one after
 * the other.  Runs are read while their details are written and let go.
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/html/internal.h"
#include "harness/report/text.h"

static char *
name_of(const char *id, const char *mta, size_t again)
{
	struct sbuf b = { 0 };

	html_name(&b, id);
	if (mta != NULL) {
		sbuf_putc(&b, '@');
		html_name(&b, mta);
	}
	if (again > 0)
		sbuf_printf(&b, ",%zu", again + 1);
	return sbuf_steal(&b);
}

static void
take_run(struct html_page *page, size_t i)
{
	const struct report_run *run = &page->set->runs[i];
	struct html_row *hr = &page->rows[run->row];
	size_t again = 0;

	if (hr->count++ == 0)
		hr->first = i;
	for (size_t k = hr->first; k < i; k++)
		again += page->set->runs[k].column == run->column;
	page->cells[i].id = name_of(page->set->rows[run->row].id,
	    page->set->mtas[run->column].label, again);
	if (run->hidden)
		return;
	page->runs++;
	if (run->judgement.result > hr->worst)
		hr->worst = run->judgement.result;
	for (size_t k = 0; k < run->judgement.unit_count; k++)
		if (!run->judgement.units[k].control &&
		    run->judgement.units[k].cycles > hr->cycles)
			hr->cycles = run->judgement.units[k].cycles;
}

static void
page_init(struct html_page *page, struct report_set *set, const char *base)
{
	memset(page, 0, sizeof *page);
	page->arena = arena_new();
	page->set = set;
	page->base = base;
	page->rows = xcalloc(set->row_count + 1, sizeof *page->rows);
	page->cells = xcalloc(set->run_count + 1, sizeof *page->cells);
	for (size_t i = 0; i < set->row_count; i++)
		page->rows[i].id = name_of(set->rows[i].id, NULL, 0);
	for (size_t i = 0; i < set->run_count; i++)
		take_run(page, i);
}

static void
page_fini(struct html_page *page)
{
	for (size_t i = 0; i < page->set->row_count; i++) {
		free(page->rows[i].id);
		sbuf_fini(&page->rows[i].world);
		html_lines_fini(&page->rows[i].lines);
	}
	for (size_t i = 0; i < page->set->run_count; i++) {
		free(page->cells[i].id);
		sbuf_fini(&page->cells[i].detail);
	}
	free(page->rows);
	free(page->cells);
	arena_free(page->arena);
}

/* How much of the page a run and what it brings with it takes. */
static size_t
show_in_full(struct html_page *page, size_t i)
{
	const struct report_run *run = &page->set->runs[i];
	struct html_row *hr = &page->rows[run->row];
	struct html_cell *cell = &page->cells[i];
	struct report_case rc;
	size_t used = 0;

	if (!report_run_open(page->set, i, &rc))
		return 0;
	html_case_full(&cell->detail, &(struct html_case){ .rc = &rc,
	    .mta = &page->set->mtas[run->column], .id = cell->id,
	    .base = page->base });
	html_lines_take(&hr->lines, &rc);
	if (hr->world.len == 0) {
		html_world(&hr->world, rc.scenario);
		used += hr->world.len + strlen(rc.scenario->source != NULL ?
		    rc.scenario->source : "");
	}
	report_run_close(page->set, i);
	cell->full = hr->full = true;
	page->full_count++;
	return used + cell->detail.len;
}

/* The worst first, until the room is used up. */
static void
choose(struct html_page *page)
{
	const struct report_run *run;
	size_t used = 0;

	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		for (size_t i = 0; i < page->set->run_count; i++) {
			run = &page->set->runs[i];
			if (run->judgement.result != (enum result)r ||
			    run->hidden || r == RESULT_SKIP ||
			    used >= HTML_BUDGET || (r == RESULT_OK &&
			    page->runs > HTML_FULL_RUNS))
				continue;
			used += show_in_full(page, i);
		}
}

static size_t
unlike(const struct html_page *page)
{
	return page->set->counts[RESULT_FAIL] +
	    page->set->counts[RESULT_XPASS];
}

static size_t
doubtful(const struct html_page *page)
{
	return page->set->counts[RESULT_ERROR] +
	    page->set->counts[RESULT_NOT_EXERCISED];
}

/* One sentence that says whether all is well. */
static void
put_claim(struct sbuf *b, const struct html_page *page)
{
	size_t bad = unlike(page), error = doubtful(page);
	size_t skipped = page->set->counts[RESULT_SKIP];

	if (page->runs == 0)
		sbuf_puts(b, "Nothing was run");
	else if (skipped == page->runs)
		sbuf_puts(b, "Everything was skipped; nothing is known");
	else if (bad > 0)
		html_put(b, "%zu of %zu runs did not come out as expected",
		    bad, page->runs);
	else if (error > 0)
		html_put(b, "No run failed, but %zu of %zu prove nothing",
		    error, page->runs);
	else
		html_put(b, "All %zu runs came out as expected",
		    page->runs - skipped);
	if (bad > 0 && error > 0)
		html_put(b, ", and %zu prove nothing", error);
}

static void
put_subject(struct sbuf *b, const struct report_set *set)
{
	html_put(b, ": %zu scenario%s on ", set->row_count,
	    set->row_count == 1 ? "" : "s");
	if (set->mta_count > 3) {
		html_put(b, "%zu MTAs", set->mta_count);
		return;
	}
	for (size_t i = 0; i < set->mta_count; i++) {
		html_put(b, "%s%s", i == 0 ? "" : i + 1 == set->mta_count ?
		    " and " : ", ", set->mtas[i].mta);
		if (set->mtas[i].version != NULL &&
		    *set->mtas[i].version != '\0')
			html_put(b, " %s", set->mtas[i].version);
	}
}

void
html_counts(struct sbuf *b, const size_t counts[RESULT_COUNT])
{
	sbuf_puts(b, "<ul class=\"counts\">\n");
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		if (counts[r] > 0) {
			html_put(b, "<li title=\"%s\"><b>%zu</b> ",
			    html_result_help((enum result)r), counts[r]);
			html_result(b, (enum result)r);
			sbuf_puts(b, "</li>\n");
		}
	sbuf_puts(b, "</ul>\n");
}

/* How grave what was found is, which the results alone do not say. */
static void
put_levels(struct sbuf *b, const struct report_set *set)
{
	size_t levels[CLAUSE_LEVEL_COUNT] = { 0 }, n = 0;
	struct report_head head;
	struct report_case rc;

	for (size_t i = 0; i < set->run_count; i++) {
		if (set->runs[i].hidden || !report_is_finding(
		    set->runs[i].judgement.result))
			continue;
		report_run_case(set, i, &rc);
		report_head_of(&head, &rc);
		levels[head.level]++;
	}
	for (int i = 0; i < CLAUSE_LEVEL_COUNT; i++)
		if (levels[i] > 0) {
			sbuf_puts(b, n++ > 0 ? ", " :
			    "<p>Broken, by how binding the clause is: ");
			html_put(b, "%zu %s", levels[i], clause_level_word(
			    (enum clause_level)i));
		}
	sbuf_puts(b, n > 0 ? "</p>\n" : "");
}

/* What is not the MTA's doing. */
static void
put_departures(struct sbuf *b, const struct report_set *set)
{
	struct departures ds = { .count = 0 };
	struct sbuf text = { 0 };

	departures_of(&ds, set);
	departures_head(&text, &ds);
	if (ds.count > 0)
		html_put(b, "<section id=\"departures\">\n<p>%s; what "
		    "follows from that was not judged:</p>\n<ul>\n",
		    sbuf_str(&text));
	for (size_t i = 0; i < ds.count; i++) {
		sbuf_clear(&text);
		departure_put(&text, &ds.items[i].what);
		html_put(b, "<li>%s: %s, %zu run%s</li>\n", ds.items[i].mta,
		    sbuf_str(&text), ds.items[i].runs,
		    ds.items[i].runs == 1 ? "" : "s");
	}
	sbuf_puts(b, ds.count > 0 ? "</ul>\n</section>\n" : "");
	sbuf_fini(&text);
	departures_fini(&ds);
}

static void
put_made(struct sbuf *b, const struct html_page *page)
{
	const struct report_source *s;
	int64_t us = 0;
	struct sbuf t = { 0 };

	for (size_t i = 0; i < page->set->run_count; i++)
		if (!page->set->runs[i].hidden)
			us += page->set->runs[i].virtual_us;
	/* A sum of days is not read to the second. */
	html_time(&t, us > 3600000000 ? us / 60000000 * 60000000 : us);
	html_put(b, "<p class=\"dim\">%s of virtual time",
	    sbuf_str(&t));
	for (size_t i = 0; i < page->set->source_count && i < 8; i++) {
		s = &page->set->sources[i];
		html_put(b, "; %s", s->dir);
		if (s->started != NULL && *s->started != '\0')
			html_put(b, " of %s", s->started);
		if (s->mxdrill != NULL)
			html_put(b, ", mxdrill %s", s->mxdrill);
		if (s->clock != NULL)
			html_put(b, ", %s clock", s->clock);
		if (s->seed != NULL)
			html_put(b, ", seed %s", s->seed);
	}
	if (page->set->source_count > 8)
		html_put(b, "; and %zu more folders",
		    page->set->source_count - 8);
	sbuf_puts(b, ". <a href=\"#words\">What the words mean</a></p>\n");
	sbuf_fini(&t);
}

/* Whatever a reader must know before he trusts the rest. */
static void
put_notes(struct sbuf *b, const struct report_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(b, n++ == 0 ? "<ul class=\"notes\">\n" : "");
		html_put(b, "<li>%s</li>\n", set->notes[i].text);
	}
	for (size_t i = 0; i < set->mta_count; i++) {
		if (set->mtas[i].broken == NULL)
			continue;
		sbuf_puts(b, n++ == 0 ? "<ul class=\"notes\">\n" : "");
		html_put(b, "<li>Nothing ran on %s: %s</li>\n",
		    set->mtas[i].label, set->mtas[i].broken);
	}
	sbuf_puts(b, n > 0 ? "</ul>\n" : "");
}

static void
put_header(struct sbuf *b, const struct html_page *page)
{
	sbuf_puts(b, "<header>\n<h1>");
	put_claim(b, page);
	put_subject(b, page->set);
	sbuf_puts(b, "</h1>\n");
	html_counts(b, page->set->counts);
	put_levels(b, page->set);
	put_departures(b, page->set);
	put_notes(b, page->set);
	put_made(b, page);
	sbuf_puts(b, "<nav aria-label=\"parts of this page\"><ul>\n");
	if (unlike(page) + doubtful(page) > 0)
		sbuf_puts(b, "<li><a href=\"#attention\">What needs "
		    "attention</a></li>\n");
	sbuf_puts(b, "<li><a href=\"#matrix\">Scenarios by MTA</a></li>\n"
	    "<li><a href=\"#requirements\">Requirements</a></li>\n"
	    "<li><a href=\"#runs\">Runs</a></li>\n"
	    "<li><a href=\"#words\">Words and signs</a></li>\n"
	    "</ul></nav>\n</header>\n");
}

/* What is red, each with its sentence. */
static void
put_attention(struct sbuf *b, const struct html_page *page)
{
	static const enum result order[] = { RESULT_FAIL, RESULT_XPASS,
	    RESULT_ERROR, RESULT_NOT_EXERCISED };
	const size_t most = sizeof order / sizeof order[0] *
	    page->set->run_count;
	const struct report_run *run;
	struct report_case rc;
	size_t told = 0;

	if (unlike(page) + doubtful(page) == 0)
		return;
	sbuf_puts(b, "<section id=\"attention\">\n<h2>What needs attention"
	    "</h2>\n<ul class=\"attention\">\n");
	for (size_t i = 0; i < most; i++) {
		run = &page->set->runs[i % page->set->run_count];
		if (run->hidden || run->judgement.result !=
		    order[i / page->set->run_count] ||
		    ++told > HTML_ATTENTION)
			continue;
		report_run_case(page->set, i % page->set->run_count, &rc);
		sbuf_puts(b, "<li>");
		html_result(b, run->judgement.result);
		html_put(b, " <a href=\"#%s\">%s</a> on %s: ",
		    page->cells[i % page->set->run_count].id,
		    page->set->rows[run->row].id,
		    page->set->mtas[run->column].label);
		html_sentence(b, &rc);
		sbuf_puts(b, "</li>\n");
	}
	sbuf_puts(b, "</ul>\n");
	if (told > HTML_ATTENTION)
		html_put(b, "<p>%zu more are in the matrix below.</p>\n",
		    told - HTML_ATTENTION);
	sbuf_puts(b, "</section>\n");
}

static void
put_runs(FILE *out, struct sbuf *b, const struct html_page *page)
{
	sbuf_puts(b, "<section id=\"runs\">\n<h2>Runs</h2>\n");
	if (page->full_count < page->runs)
		html_put(b, "<p>%zu of %zu runs are shown in full, the worst "
		    "first; the others by their sentence. All of any run: "
		    "<code>mxdrill report RUNDIR -o html=FILE</code> with "
		    "the folder of that run.</p>\n", page->full_count,
		    page->runs);
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		for (size_t i = 0; i < page->set->row_count; i++)
			if (page->rows[i].worst == (enum result)r) {
				html_article(b, page, i);
				text_flush(b, out);
			}
	sbuf_puts(b, "</section>\n");
}

static void
put_page(FILE *out, struct sbuf *b, struct report_set *set,
    const char *base)
{
	struct html_page page;
	struct sbuf title = { 0 };

	page_init(&page, set, base);
	choose(&page);
	sbuf_printf(&title, "mxdrill: %zu runs, %zu FAIL, %zu ERROR",
	    page.runs, set->counts[RESULT_FAIL], set->counts[RESULT_ERROR]);
	if (set->counts[RESULT_NOT_EXERCISED] > 0)
		sbuf_printf(&title, ", %zu not-exercised",
		    set->counts[RESULT_NOT_EXERCISED]);
	html_open(b, sbuf_str(&title));
	put_header(b, &page);
	sbuf_puts(b, "<main id=\"main\">\n");
	put_attention(b, &page);
	html_matrix(b, &page);
	html_clauses(b, &page);
	html_curves(b, &page);
	put_runs(out, b, &page);
	html_words(b);
	sbuf_puts(b, "</main>\n<footer>Made by mxdrill from the stored "
	    "traces of the runs; nothing here was taken from elsewhere."
	    "</footer>\n");
	html_close(b, true);
	page_fini(&page);
	sbuf_fini(&title);
}

char *
html_base(const char *path)
{
	char *copy, *base;

	if (path == NULL || strcmp(path, "-") == 0)
		return realpath(".", NULL);
	copy = xstrdup(path);
	base = realpath(dirname(copy), NULL);
	free(copy);
	return base;
}

void
report_html_write(FILE *f, struct report_set *set)
{
	char *base = html_base(set->output);
	struct sbuf b = { 0 };

	put_page(f, &b, set, base);
	text_flush(&b, f);
	sbuf_fini(&b);
	free(base);
}

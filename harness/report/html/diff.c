#include "harness/report/html/diff.h"

#include <stdlib.h>

#include "harness/report/kinds.h"

/* An item with its runs, which are read while it is written. */
struct pair {
	const struct report_diff *d;
	const struct diff_pair *item;
	struct sbuf	 id;
	struct report_case old_rc, new_rc;
	struct html_side old, new;
};

static void
side_open(struct html_side *side, struct report_set *set, size_t run,
    struct report_case *rc, const char *name, bool whole)
{
	side->name = name;
	if (run == DIFF_NO_RUN)
		return;
	side->rc = rc;
	side->mta = &set->mtas[set->runs[run].column];
	/* Nothing but its results may be stored: they are told then. */
	if (!whole || !report_run_open(set, run, rc))
		report_run_case(set, run, rc);
}

static void
pair_open(struct pair *p, const struct report_diff *d, size_t i, bool whole)
{
	const struct diff_pair *item = &d->pairs[i];

	*p = (struct pair){ .d = d, .item = item };
	side_open(&p->old, d->old, item->old_run, &p->old_rc, "old", whole);
	side_open(&p->new, d->new, item->new_run, &p->new_rc, "new", whole);
	sbuf_printf(&p->id, "%zu.", i + 1);
	html_name(&p->id, item->id);
}

static void
pair_close(struct pair *p)
{
	if (p->item->old_run != DIFF_NO_RUN)
		report_run_close(p->d->old, p->item->old_run);
	if (p->item->new_run != DIFF_NO_RUN)
		report_run_close(p->d->new, p->item->new_run);
	sbuf_fini(&p->id);
}

/* A word of the table with its count, if it came up. */
static void
put_count(struct sbuf *b, const struct report_diff *d, enum diff_kind kind)
{
	if (d->counts[kind] > 0)
		html_put(b, "<li><b>%zu</b> <span class=\"r r-%s\">%s</span> "
		    "<span class=\"dim\">%s</span></li>\n", d->counts[kind],
		    diff_word(kind), diff_word(kind), diff_help(kind));
}

static void
put_claim(struct sbuf *b, const struct report_diff *d)
{
	size_t worse = d->counts[DIFF_WORSE], same = d->counts[DIFF_SAME];

	sbuf_puts(b, "<header>\n<h1>");
	if (worse > 0)
		html_put(b, "%zu of %zu pairs of runs got worse", worse,
		    d->count);
	else if (d->count == 0)
		sbuf_puts(b, "There is nothing to compare");
	else if (report_diff_untrusted(d))
		sbuf_puts(b, "Nothing is known to be worse, but not all "
		    "could be compared");
	else if (same == d->count)
		html_put(b, "Nothing changed in %zu pairs of runs", same);
	else
		html_put(b, "Nothing got worse in %zu pairs of runs",
		    d->count);
	sbuf_puts(b, "</h1>\n<ul class=\"counts\">\n");
	for (int k = 0; k < DIFF_KIND_COUNT; k++)
		put_count(b, d, (enum diff_kind)k);
	sbuf_puts(b, "</ul>\n");
}

static void
put_set(struct sbuf *b, const char *name, const struct report_set *set)
{
	html_put(b, "<div>\n<h2>%s</h2>\n<p>", name);
	for (size_t i = 0; i < set->mta_count; i++) {
		sbuf_puts(b, i > 0 ? ", " : "");
		html_mta(b, &set->mtas[i]);
	}
	sbuf_puts(b, "</p>\n");
	for (size_t i = 0; i < set->source_count; i++)
		html_put(b, "<p class=\"note\">%s%s%s</p>\n",
		    set->sources[i].dir, set->sources[i].started != NULL ?
		    " of " : "", set->sources[i].started);
	html_counts(b, set->counts);
	for (size_t i = 0; i < set->note_count; i++)
		html_put(b, "<p class=\"notes\">%s</p>\n",
		    set->notes[i].text);
	sbuf_puts(b, "</div>\n");
}

static void
put_short(struct sbuf *b, const struct html_side *s)
{
	const struct unit *u;

	sbuf_puts(b, "<td>");
	if (s->rc == NULL)
		sbuf_puts(b, "<span class=\"dim\">not run</span>");
	else {
		html_result(b, s->rc->judgement->result);
		if ((u = report_head_unit(s->rc->judgement)) != NULL)
			html_put(b, " <code>%s</code>",
			    verdict_word(u->verdict));
	}
	sbuf_puts(b, "</td>");
}

/* All changes at a glance; each leads to its pair, if it has one. */
static void
put_table(struct sbuf *b, const struct report_diff *d, enum diff_kind kind)
{
	struct pair p;

	html_put(b, "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"4\">%s: "
	    "%zu</th></tr>\n", diff_word(kind), d->counts[kind]);
	for (size_t i = 0; i < d->count; i++) {
		if (d->pairs[i].kind != kind)
			continue;
		pair_open(&p, d, i, false);
		sbuf_puts(b, "<tr><th scope=\"row\">");
		if (p.old.rc != NULL && p.new.rc != NULL)
			html_put(b, "<a href=\"#%s\">%s</a>",
			    sbuf_str(&p.id), d->pairs[i].id);
		else
			html_text(b, d->pairs[i].id);
		html_put(b, "</th><td>%s</td>", (p.new.mta != NULL ?
		    p.new.mta : p.old.mta)->mta);
		put_short(b, &p.old);
		put_short(b, &p.new);
		sbuf_puts(b, "</tr>\n");
		sbuf_fini(&p.id);
	}
	sbuf_puts(b, "</tbody>\n");
}

static void
put_index(struct sbuf *b, const struct report_diff *d)
{
	if (d->counts[DIFF_SAME] == d->count)
		return;
	sbuf_puts(b, "<section id=\"changes\">\n<h2>What changed</h2>\n"
	    "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"what changed\"><table>\n<thead><tr>"
	    "<th scope=\"col\">scenario</th><th scope=\"col\">MTA</th>"
	    "<th scope=\"col\">old</th><th scope=\"col\">new</th></tr>"
	    "</thead>\n");
	for (int k = 0; k < DIFF_SAME; k++)
		if (d->counts[k] > 0)
			put_table(b, d, (enum diff_kind)k);
	sbuf_puts(b, "</table></div>\n</section>\n");
}

/* Beyond the room there is, a pair has its sentences alone. */
static void
put_pairs(struct sbuf *b, const struct report_diff *d, enum diff_kind kind,
    const char *base)
{
	struct pair p;

	html_put(b, "<section id=\"%s\">\n<h2>%s</h2>\n"
	    "<p class=\"dim\">%s</p>\n", diff_word(kind), diff_word(kind),
	    diff_help(kind));
	for (size_t i = 0; i < d->count; i++) {
		if (d->pairs[i].kind != kind)
			continue;
		pair_open(&p, d, i, b->len < HTML_BUDGET);
		html_diff_pair(b, &p.old, &p.new, sbuf_str(&p.id), base);
		pair_close(&p);
	}
	sbuf_puts(b, "</section>\n");
}

void
report_html_diff_write(FILE *f, struct report_diff *d)
{
	char *base = html_base(d->output);
	struct sbuf b = { 0 };

	html_open(&b, "mxdrill: what changed between two runs");
	put_claim(&b, d);
	sbuf_puts(&b, "<div class=\"pair\">\n");
	put_set(&b, "Old", d->old);
	put_set(&b, "New", d->new);
	sbuf_puts(&b, "</div>\n</header>\n<main id=\"main\">\n");
	put_index(&b, d);
	/* What was run on one side only has no pair. */
	for (int k = 0; k < DIFF_ONLY_OLD; k++)
		if (d->counts[k] > 0)
			put_pairs(&b, d, (enum diff_kind)k, base);
	html_words(&b);
	sbuf_puts(&b, "</main>\n<footer>Made by mxdrill from the stored "
	    "traces of both runs, judged alike.</footer>\n");
	html_close(&b, false);
	fwrite(b.data, 1, b.len, f);
	sbuf_fini(&b);
	free(base);
}

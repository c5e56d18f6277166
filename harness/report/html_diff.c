#include "harness/report/html_diff.h"

#include <stdlib.h>

static const struct {
	const char	*id, *heading;
} changes[] = {
#define X(sym, id, heading) { id, heading },
	HTML_CHANGES(X)
#undef X
};

/* An item with its runs, which are read while it is written. */
struct pair {
	const struct html_diff *d;
	const struct html_change_item *item;
	struct sbuf	 id;
	struct report_case old_rc, new_rc;
	struct html_side old, new;
};

static void
side_open(struct html_side *side, struct report_set *set, size_t run,
    struct report_case *rc, const char *name, bool whole)
{
	side->name = name;
	if (run == HTML_NO_RUN)
		return;
	side->rc = rc;
	side->mta = &set->mtas[set->runs[run].column];
	/* Nothing but its results may be stored: they are told then. */
	if (!whole || !report_run_open(set, run, rc))
		report_run_case(set, run, rc);
}

static void
pair_open(struct pair *p, const struct html_diff *d, size_t i, bool whole)
{
	const struct html_change_item *item = &d->items[i];

	*p = (struct pair){ .d = d, .item = item };
	side_open(&p->old, d->old, item->old_run, &p->old_rc, "old", whole);
	side_open(&p->new, d->new, item->new_run, &p->new_rc, "new", whole);
	sbuf_printf(&p->id, "%zu.", i + 1);
	html_name(&p->id, (p->new.rc != NULL ? p->new.rc :
	    p->old.rc)->scenario->id);
}

static void
pair_close(struct pair *p)
{
	if (p->item->old_run != HTML_NO_RUN)
		report_run_close(p->d->old, p->item->old_run);
	if (p->item->new_run != HTML_NO_RUN)
		report_run_close(p->d->new, p->item->new_run);
	sbuf_fini(&p->id);
}

static void
put_claim(struct sbuf *b, const struct html_diff *d,
    const size_t counts[HTML_CHANGE_COUNT])
{
	sbuf_puts(b, "<header>\n<h1>");
	if (d->count == 0)
		html_put(b, "Nothing changed: all %zu runs came to the same",
		    d->same);
	else if (counts[HTML_WORSE] == 0)
		html_put(b, "Nothing got worse: %zu better, %zu changed "
		    "otherwise, %zu the same", counts[HTML_BETTER],
		    counts[HTML_OTHER], d->same);
	else
		html_put(b, "%zu got worse, %zu better, %zu changed "
		    "otherwise, %zu the same", counts[HTML_WORSE],
		    counts[HTML_BETTER], counts[HTML_OTHER], d->same);
	sbuf_puts(b, "</h1>\n");
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

/* All changes at a glance; each leads to its pair. */
static void
put_table(struct sbuf *b, const struct html_diff *d, enum html_change change,
    size_t count)
{
	const struct report_case *any;
	struct pair p;

	html_put(b, "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"4\">%s: "
	    "%zu</th></tr>\n", changes[change].heading, count);
	for (size_t i = 0; i < d->count; i++) {
		if (d->items[i].change != change)
			continue;
		pair_open(&p, d, i, false);
		any = p.new.rc != NULL ? p.new.rc : p.old.rc;
		html_put(b, "<tr><th scope=\"row\"><a href=\"#%s\">%s</a>"
		    "</th><td>%s</td>", sbuf_str(&p.id), any->scenario->id,
		    (p.new.mta != NULL ? p.new.mta : p.old.mta)->mta);
		put_short(b, &p.old);
		put_short(b, &p.new);
		sbuf_puts(b, "</tr>\n");
		sbuf_fini(&p.id);
	}
	sbuf_puts(b, "</tbody>\n");
}

static void
put_index(struct sbuf *b, const struct html_diff *d,
    const size_t counts[HTML_CHANGE_COUNT])
{
	if (d->count == 0)
		return;
	sbuf_puts(b, "<section id=\"changes\">\n<h2>What changed</h2>\n"
	    "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"what changed\"><table>\n<thead><tr>"
	    "<th scope=\"col\">scenario</th><th scope=\"col\">MTA</th>"
	    "<th scope=\"col\">old</th><th scope=\"col\">new</th></tr>"
	    "</thead>\n");
	for (int c = 0; c < HTML_CHANGE_COUNT; c++)
		if (counts[c] > 0)
			put_table(b, d, (enum html_change)c, counts[c]);
	sbuf_puts(b, "</table></div>\n</section>\n");
}

/* Beyond the room there is, a pair has its sentences alone. */
static void
put_pairs(struct sbuf *b, const struct html_diff *d, enum html_change change,
    const char *base)
{
	struct pair p;

	html_put(b, "<section id=\"%s\">\n<h2>%s</h2>\n", changes[change].id,
	    changes[change].heading);
	for (size_t i = 0; i < d->count; i++) {
		if (d->items[i].change != change)
			continue;
		pair_open(&p, d, i, b->len < HTML_BUDGET);
		html_diff_pair(b, &p.old, &p.new, sbuf_str(&p.id), base);
		pair_close(&p);
	}
	sbuf_puts(b, "</section>\n");
}

void
html_diff_write(FILE *f, const struct html_diff *d)
{
	size_t counts[HTML_CHANGE_COUNT] = { 0 };
	char *base = html_base(d->new->output);
	struct sbuf b = { 0 };

	for (size_t i = 0; i < d->count; i++)
		counts[d->items[i].change]++;
	html_open(&b, "mxdrill: what changed between two runs");
	put_claim(&b, d, counts);
	sbuf_puts(&b, "<div class=\"pair\">\n");
	put_set(&b, "Old", d->old);
	put_set(&b, "New", d->new);
	sbuf_puts(&b, "</div>\n</header>\n<main id=\"main\">\n");
	put_index(&b, d, counts);
	for (int c = 0; c < HTML_CHANGE_COUNT; c++)
		if (counts[c] > 0)
			put_pairs(&b, d, (enum html_change)c, base);
	html_words(&b);
	sbuf_puts(&b, "</main>\n<footer>Made by mxdrill from the stored "
	    "traces of both runs, judged alike.</footer>\n");
	html_close(&b, false);
	fwrite(b.data, 1, b.len, f);
	sbuf_fini(&b);
	free(base);
}

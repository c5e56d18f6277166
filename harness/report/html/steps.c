/* The timeline in words: what the picture shows and more. */
#include <stdlib.h>

#include "harness/base/names.h"
#include "harness/report/html/internal.h"

static void
put_clock(struct sbuf *b, int64_t us)
{
	struct sbuf t = { 0 };

	html_time(&t, us);
	html_put(b, "<span class=\"t\">%s</span>", sbuf_str(&t));
	sbuf_fini(&t);
}

static void
put_folded(struct sbuf *b, const struct timeline_line *line)
{
	struct sbuf t = { 0 };

	html_time(&t, line->until_us);
	sbuf_puts(b, "<li><span class=\"t\"></span><span class=\"dim\">");
	if (line->repeats > 0)
		html_put(b, "%zu more %s like this until %s", line->repeats,
		    line->attempt ? "cycles" : "events", sbuf_str(&t));
	else
		html_put(b, "%zu lines left out until %s; all are in "
		    "trace.jsonl", line->left_out, sbuf_str(&t));
	sbuf_puts(b, "</span></li>\n");
	sbuf_fini(&t);
}

/* The scenario's line of each rule that decided, once a run. */
struct shown {
	const char	*ids[64];
	size_t		 count;
};

static bool
first_time(struct shown *s, const char *id)
{
	for (size_t i = 0; i < s->count; i++)
		if (same_text(s->ids[i], id))
			return false;
	if (s->count == sizeof s->ids / sizeof s->ids[0])
		return false;
	s->ids[s->count++] = id;
	return true;
}

static void
put_rules(struct sbuf *b, const struct scenario *sc,
    const struct timeline_line *line, struct shown *shown)
{
	struct sbuf src = { 0 };

	for (size_t i = 0; i < LINE_RULES; i++) {
		if (line->rules[i] == NULL ||
		    !first_time(shown, line->rules[i]))
			continue;
		sbuf_clear(&src);
		if (html_source_line(&src, sc, atoi(line->rules[i])))
			html_put(b, "<code class=\"rule\">%d: %s</code>",
			    atoi(line->rules[i]), sbuf_str(&src));
	}
	sbuf_fini(&src);
}

/* `mark` is the line that differs first, counted from 1; 0: none. */
void
html_steps(struct sbuf *b, const struct report_case *rc,
    const struct timeline *tl, size_t mark)
{
	struct shown shown = { .count = 0 };
	const struct timeline_line *line;

	sbuf_puts(b, "<ol class=\"steps\">\n");
	for (size_t i = 0; i < tl->count; i++) {
		line = &tl->lines[i];
		if (line->repeats + line->left_out > 0) {
			put_folded(b, line);
			continue;
		}
		sbuf_puts(b, line->decisive ? "<li class=\"decisive\">" :
		    i + 1 == mark ? "<li class=\"first\">" : "<li>");
		put_clock(b, line->t_us);
		html_put(b, "<span><b>%s</b> %s", line->who, line->what);
		if (line->decisive)
			sbuf_puts(b, " <span class=\"why\">decisive</span>");
		if (i + 1 == mark)
			sbuf_puts(b, " <span class=\"why\">the first "
			    "difference</span>");
		put_rules(b, rc->scenario, line, &shown);
		sbuf_puts(b, "</span></li>\n");
	}
	sbuf_puts(b, "</ol>\n");
}

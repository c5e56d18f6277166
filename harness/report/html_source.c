/* The scenario's own file, with the lines that decided something marked. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/html_int.h"

/* Line `n` from 1, or NULL. */
static const char *
line_at(const char *source, int n, size_t *len)
{
	for (; source != NULL && n > 1; n--)
		if ((source = strchr(source, '\n')) != NULL)
			source++;
	if (source == NULL || n < 1 || *source == '\0')
		return NULL;
	*len = strcspn(source, "\r\n");
	return source;
}

bool
html_source_line(struct sbuf *b, const struct scenario *sc, int line)
{
	size_t len = 0;
	const char *s = line_at(sc->source, line, &len);

	if (s == NULL)
		return false;
	for (; len > 0 && (*s == ' ' || *s == '\t'); len--)
		s++;
	scenario_fill(sc, b, s, len);
	return true;
}

/* What is known of each line. */
struct known {
	unsigned	*fired;		/* times it decided, over all runs */
	bool		*asked;		/* an expectation that was not met */
	int		 count;
};

static void
count_fired(struct known *k, const struct report_case *rc)
{
	int n;

	for (size_t i = 0; rc->trace != NULL && i < rc->trace->count; i++) {
		const struct event *ev = &rc->trace->events[i];

		if (ev->rule == NULL || ev->kind == EV_FLAG || ev->t_us < 0)
			continue;
		n = atoi(ev->rule);
		if (n > 0 && n <= k->count)
			k->fired[n]++;
	}
}

static void
count_asked(struct known *k, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;

	for (size_t i = 0; i < j->unit_count; i++) {
		const struct unit *u = &j->units[i];
		int n;

		if (u->expected || u->control || u->expectation == NULL)
			continue;
		n = u->expectation->outcome_loc.line;
		if (n == 0)
			n = u->expectation->loc.line;
		if (n > 0 && n <= k->count)
			k->asked[n] = true;
	}
}

static void
put_line(struct sbuf *b, const struct scenario *sc, const struct known *k,
    int n, const char *line, size_t len)
{
	struct sbuf filled = { 0 };
	bool marked = k->fired[n] > 0 || k->asked[n];

	scenario_fill(sc, &filled, line, len);
	html_put(b, "<span class=\"n\">%d</span> ", n);
	if (marked)
		sbuf_puts(b, k->asked[n] ? "<mark class=\"asked\">" :
		    "<mark>");
	html_text_bytes(b, sbuf_str(&filled), filled.len);
	if (marked)
		sbuf_puts(b, "</mark>");
	if (k->fired[n] > 0)
		html_put(b, "<span class=\"why\"> decided %d time%s</span>",
		    (int)k->fired[n], k->fired[n] == 1 ? "" : "s");
	if (k->asked[n])
		sbuf_puts(b, "<span class=\"why\"> not met</span>");
	sbuf_putc(b, '\n');
	sbuf_fini(&filled);
}

void
html_source(struct sbuf *b, const struct html_page *page,
    const struct html_scenario *hs)
{
	const char *s = hs->sc->source;
	struct known k = { .count = 1 };
	size_t len;
	int n = 1;

	if (s == NULL)
		return;
	for (const char *p = s; (p = strchr(p, '\n')) != NULL; p++)
		k.count++;
	k.fired = xcalloc((size_t)k.count + 1, sizeof *k.fired);
	k.asked = xcalloc((size_t)k.count + 1, sizeof *k.asked);
	for (size_t i = 0; i < hs->count; i++) {
		count_fired(&k, page->cases[hs->cases[i]].rc);
		count_asked(&k, page->cases[hs->cases[i]].rc);
	}
	html_put(b, "<details><summary>The scenario file, lines that decided "
	    "something marked</summary>\n<p class=\"path\">%s</p>\n"
	    "<pre class=\"source\" tabindex=\"0\">", hs->sc->path);
	for (; *s != '\0'; s += len + (s[len] == '\n'), n++) {
		len = strcspn(s, "\n");
		put_line(b, hs->sc, &k, n, s, len > 0 && s[len - 1] == '\r' ?
		    len - 1 : len);
	}
	sbuf_puts(b, "</pre>\n</details>\n");
	free(k.fired);
	free(k.asked);
}

/* The scenario's own file, with the lines that decided something marked. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/html/internal.h"

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

static void
take_text(struct html_lines *l, const struct scenario *sc)
{
	struct sbuf filled = { 0 }, html = { 0 };
	const char *s = sc->source;
	size_t len, n = 0;

	l->path = xstrdup(sc->path != NULL ? sc->path : "");
	for (const char *p = s; *p != '\0'; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		l->count++;
	}
	l->text = xcalloc(l->count + 1, sizeof *l->text);
	l->fired = xcalloc(l->count + 1, sizeof *l->fired);
	l->asked = xcalloc(l->count + 1, sizeof *l->asked);
	for (; *s != '\0'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		sbuf_clear(&filled);
		scenario_fill(sc, &filled, s, len);
		while (filled.len > 0 && filled.data[filled.len - 1] == '\r')
			filled.len--;
		html_text_bytes(&html, sbuf_str(&filled), filled.len);
		sbuf_puts(&html, "");
		l->text[n++] = sbuf_steal(&html);
	}
	sbuf_fini(&filled);
}

static void
take_unit(struct html_lines *l, const struct unit *u)
{
	int n;

	if (u->expected || u->control || u->expectation == NULL)
		return;
	n = u->expectation->outcome_loc.line;
	if (n == 0)
		n = u->expectation->loc.line;
	if (n > 0 && (size_t)n <= l->count)
		l->asked[n - 1] = true;
}

void
html_lines_take(struct html_lines *l, const struct report_case *rc)
{
	const struct trace *t = rc->trace;
	int n;

	if (rc->scenario->source == NULL)
		return;
	if (l->text == NULL)
		take_text(l, rc->scenario);
	for (size_t i = 0; t != NULL && i < t->count; i++) {
		if (t->events[i].rule == NULL || t->events[i].t_us < 0 ||
		    t->events[i].kind == EV_FLAG)
			continue;
		n = atoi(t->events[i].rule);
		if (n > 0 && (size_t)n <= l->count)
			l->fired[n - 1]++;
	}
	for (size_t i = 0; i < rc->judgement->unit_count; i++)
		take_unit(l, &rc->judgement->units[i]);
}

static void
put_line(struct sbuf *b, const struct html_lines *l, size_t i)
{
	bool marked = l->fired[i] > 0 || l->asked[i];

	html_put(b, "<span class=\"n\">%zu</span> ", i + 1);
	if (marked)
		sbuf_puts(b, l->asked[i] ? "<mark class=\"asked\">" :
		    "<mark>");
	sbuf_puts(b, l->text[i]);	/* escaped when it was taken */
	if (marked)
		sbuf_puts(b, "</mark>");
	if (l->fired[i] > 0)
		html_put(b, "<span class=\"why\"> decided %d time%s</span>",
		    (int)l->fired[i], l->fired[i] == 1 ? "" : "s");
	if (l->asked[i])
		sbuf_puts(b, "<span class=\"why\"> not met</span>");
	sbuf_putc(b, '\n');
}

void
html_lines_put(struct sbuf *b, const struct html_lines *l)
{
	if (l->text == NULL)
		return;
	html_put(b, "<details><summary>The scenario file, lines that decided "
	    "something marked</summary>\n<p class=\"path\">%s</p>\n"
	    "<pre class=\"source\" tabindex=\"0\">", l->path);
	for (size_t i = 0; i < l->count; i++)
		put_line(b, l, i);
	sbuf_puts(b, "</pre>\n</details>\n");
}

void
html_lines_fini(struct html_lines *l)
{
	for (size_t i = 0; i < l->count && l->text != NULL; i++)
		free(l->text[i]);
	free(l->text);
	free(l->fired);
	free(l->asked);
	free(l->path);
	memset(l, 0, sizeof *l);
}

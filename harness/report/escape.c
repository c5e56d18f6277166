#include "harness/report/escape.h"

#include <string.h>

#include "harness/report/text.h"

/*
 * Appends clean text, with `special` characters replaced by what `with`
 * appends for them.
 */
static void
replace(struct sbuf *b, const char *text, const char *special,
    void (*with)(struct sbuf *, char))
{
	struct sbuf clean = { 0 };
	size_t n;

	text_clean(&clean, text);
	for (const char *p = sbuf_str(&clean); *p != '\0'; p += n + 1) {
		n = strcspn(p, special);
		sbuf_add(b, p, n);
		if (p[n] == '\0')
			break;
		with(b, p[n]);
	}
	sbuf_fini(&clean);
}

/* Line by line, with the line ends between them. */
static void
each_line(struct sbuf *b, const char *text,
    void (*one)(struct sbuf *, const char *))
{
	struct sbuf line = { 0 };
	size_t n;

	for (; text != NULL && *text != '\0'; text += n + (text[n] != 0)) {
		n = strcspn(text, "\n");
		sbuf_clear(&line);
		sbuf_add(&line, text, n);
		one(b, sbuf_str(&line));
		if (text[n] != '\0')
			sbuf_putc(b, '\n');
	}
	sbuf_fini(&line);
}

static void
xml_character(struct sbuf *b, char c)
{
	sbuf_puts(b, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ?
	    "&gt;" : c == '"' ? "&quot;" : "&#39;");
}

void
escape_xml(struct sbuf *b, const char *text)
{
	replace(b, text, "&<>\"'", xml_character);
}

void
escape_xml_lines(struct sbuf *b, const char *text)
{
	each_line(b, text, escape_xml);
}

/*
 * A backslash before punctuation makes it plain (CommonMark 2.4); "<", "&"
 * and "@" are written as entities, since some readers look for them first.
 */
static void
markdown_character(struct sbuf *b, char c)
{
	if (c == '<')
		sbuf_puts(b, "&lt;");
	else if (c == '>')
		sbuf_puts(b, "&gt;");
	else if (c == '&')
		sbuf_puts(b, "&amp;");
	else if (c == '@')
		sbuf_puts(b, "&#64;");
	else
		sbuf_printf(b, "\\%c", c);
}

void
escape_markdown(struct sbuf *b, const char *text)
{
	replace(b, text, "\\`*_{}[]<>()#+!|~&@$", markdown_character);
}

/* In a cell "\|" is a bar even inside code (GFM 4.10). */
static void
code_character(struct sbuf *b, char c)
{
	sbuf_puts(b, c == '|' ? "\\|" : "'");
}

void
escape_markdown_code(struct sbuf *b, const char *text)
{
	sbuf_putc(b, '`');
	replace(b, text, "|`", code_character);
	sbuf_putc(b, '`');
}

static size_t
longest_ticks(const char *text)
{
	size_t longest = 0, n;

	for (; *text != '\0'; text += n > 0 ? n : 1)
		if ((n = strspn(text, "`")) > longest)
			longest = n;
	return longest;
}

void
escape_markdown_fence(struct sbuf *b, const char *lines)
{
	size_t ticks = longest_ticks(lines) + 1;
	struct sbuf fence = { 0 };

	do
		sbuf_putc(&fence, '`');
	while (fence.len < ticks || fence.len < 3);
	sbuf_printf(b, "%stext\n", sbuf_str(&fence));
	each_line(b, lines, text_clean);
	if (b->data[b->len - 1] != '\n')
		sbuf_putc(b, '\n');
	sbuf_printf(b, "%s\n", sbuf_str(&fence));
	sbuf_fini(&fence);
}

static void
github_character(struct sbuf *b, char c)
{
	sbuf_printf(b, "%%%02X", (unsigned char)c);
}

void
escape_github(struct sbuf *b, const char *text)
{
	replace(b, text, "%", github_character);
}

void
escape_github_property(struct sbuf *b, const char *text)
{
	replace(b, text, "%:,", github_character);
}

static void
backslash(struct sbuf *b, char c)
{
	sbuf_printf(b, "\\%c", c);
}

/* TAP 14: "#" begins a directive unless it is escaped. */
void
escape_tap(struct sbuf *b, const char *text)
{
	replace(b, text, "\\#", backslash);
}

/* Of JSON and of YAML alike. */
void
escape_quoted(struct sbuf *b, const char *text)
{
	sbuf_putc(b, '"');
	replace(b, text, "\\\"", backslash);
	sbuf_putc(b, '"');
}

#include "harness/main/doc.h"

#include <ctype.h>
#include <string.h>

#define COLUMNS		79
/* Of the lines in mdoc; mandoc asks for less than 80 octets. */
#define MDOC_COLUMNS	72

/* --- words in lines --- */

struct lines {
	struct sbuf	*out;
	bool		 mdoc;
	int		 indent, column, columns;
	bool		 sentence_over;
};

static void
put_escaped(struct sbuf *out, const char *word, size_t len, bool first)
{
	if (first && len > 0 && (*word == '.' || *word == '\''))
		sbuf_puts(out, "\\&");
	for (size_t i = 0; i < len; i++)
		switch (word[i]) {
		case '\\':
			sbuf_puts(out, "\\e");
			break;
		case '-':
			sbuf_puts(out, "\\-");
			break;
		case '"':
			sbuf_puts(out, "\\(dq");
			break;
		case '\'':
			sbuf_puts(out, "\\(aq");
			break;
		case '`':
			sbuf_puts(out, "\\(ga");
			break;
		case '^':
			sbuf_puts(out, "\\(ha");
			break;
		case '~':
			sbuf_puts(out, "\\(ti");
			break;
		default:
			sbuf_putc(out, word[i]);
		}
}

/* "done." does, "e.g." does not. */
static bool
ends_sentence(const char *word, size_t len)
{
	if (len > 1 && word[len - 1] == ')')
		len--;
	return strchr(".!?", word[len - 1]) != NULL &&
	    !(len == 4 && strncmp(word, "e.g.", 4) == 0);
}

/* Of mdoc the octets count, escapes and all. */
static int
width_of(const struct lines *l, const char *word, size_t len)
{
	struct sbuf b = { 0 };
	size_t width = len;

	if (l->mdoc) {
		put_escaped(&b, word, len, false);
		width = b.len;
	}
	sbuf_fini(&b);
	return (int)width;
}

/* Each sentence begins a line of mdoc, so that its gap is troff's affair. */
static void
put_word(struct lines *l, const char *word, size_t len)
{
	const int width = width_of(l, word, len);

	if (l->column > l->indent && (l->column + 1 + width > l->columns ||
	    (l->mdoc && l->sentence_over))) {
		sbuf_printf(l->out, "\n%*s", l->indent, "");
		l->column = l->indent;
	} else if (l->column > l->indent) {
		sbuf_putc(l->out, ' ');
		l->column++;
	}
	if (l->mdoc)
		put_escaped(l->out, word, len, l->column == 0);
	else
		sbuf_add(l->out, word, len);
	l->column += width;
	l->sentence_over = ends_sentence(word, len);
}

static void
put_words(struct lines *l, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		while (text < end && isspace((unsigned char)*text))
			text++;
		for (n = 0; text + n < end &&
		    !isspace((unsigned char)text[n]); n++)
			;
		if (n > 0)
			put_word(l, text, n);
		text += n;
	}
}

static void
put_paragraph(struct doc *d, const char *text, size_t len, int indent,
    int column)
{
	struct lines l = { .out = d->out, .mdoc = d->mdoc,
	    .indent = d->mdoc ? 0 : indent, .column = column,
	    .columns = d->mdoc ? MDOC_COLUMNS : COLUMNS };

	put_words(&l, text, len);
	sbuf_putc(d->out, '\n');
}

/* --- the parts --- */

void
doc_section(struct doc *d, const char *title)
{
	if (d->mdoc) {
		sbuf_puts(d->out, ".Sh ");
		put_escaped(d->out, title, strlen(title), true);
		sbuf_putc(d->out, '\n');
	} else
		sbuf_printf(d->out, "%s%s\n\n", d->out->len > 0 ? "\n" : "",
		    title);
}

void
doc_subsection(struct doc *d, const char *title)
{
	if (d->mdoc) {
		sbuf_puts(d->out, ".Ss ");
		put_escaped(d->out, title, strlen(title), true);
		sbuf_putc(d->out, '\n');
	} else
		sbuf_printf(d->out, "%s%s\n\n", d->out->len > 0 ? "\n" : "",
		    title);
}

static void
literal(struct doc *d, const char *text, size_t len)
{
	size_t n;

	if (d->mdoc)
		sbuf_puts(d->out, ".Bd -literal -offset indent\n");
	for (const char *end = text + len; text < end; text += n + 1) {
		n = strcspn(text, "\n");
		if (text + n > end)
			n = (size_t)(end - text);
		if (d->mdoc)
			put_escaped(d->out, text + 1, n > 0 ? n - 1 : 0, true);
		else
			sbuf_printf(d->out, "   %.*s", (int)n, text);
		sbuf_putc(d->out, '\n');
	}
	if (d->mdoc)
		sbuf_puts(d->out, ".Ed\n");
}

void
doc_text(struct doc *d, const char *text)
{
	const char *next;
	bool first = true;
	size_t len;

	for (; *text != '\0'; text = next) {
		next = strstr(text, "\n\n");
		len = next != NULL ? (size_t)(next - text) : strlen(text);
		next = next != NULL ? next + 2 : text + len;
		if (!first && (!d->mdoc || *text != ' '))
			sbuf_puts(d->out, d->mdoc ? ".Pp\n" : "\n");
		if (*text == ' ')
			literal(d, text, len);
		else
			put_paragraph(d, text, len, 0, 0);
		first = false;
	}
}

void
doc_list(struct doc *d, int width)
{
	d->width = width;
	if (d->mdoc)
		sbuf_printf(d->out, ".Bl -tag -width Ds\n");
}

void
doc_item(struct doc *d, const char *term, const char *text)
{
	int at = d->width + 4;
	size_t len = strlen(term);

	if (d->mdoc) {
		sbuf_puts(d->out, ".It Ic \"\\&");
		put_escaped(d->out, term, len, false);
		sbuf_puts(d->out, "\"\n");
		put_paragraph(d, text, strlen(text), 0, 0);
		return;
	}
	sbuf_printf(d->out, "  %-*s", d->width, term);
	if ((int)len > d->width)
		sbuf_printf(d->out, "\n%*s", at, "");
	else
		sbuf_puts(d->out, "  ");
	put_paragraph(d, text, strlen(text), at, at);
}

void
doc_list_end(struct doc *d)
{
	if (d->mdoc)
		sbuf_puts(d->out, ".El\n");
}

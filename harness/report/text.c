#include "harness/report/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/timers.h"

/*
 * Length of the UTF-8 character at `s`, its number in *cp; 0 if there is
 * none: overlong forms, surrogates and numbers beyond Unicode are none
 * (RFC 3629 section 3).
 */
static size_t
decode(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > len)
		return 0;
	*cp = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

/* Characters that a terminal obeys, or that make a line read otherwise. */
static const struct {
	uint32_t first, last;
} hostile[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c },
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200f },	/* zero width, left- and right-to-left mark */
	{ 0x2028, 0x202e },	/* separators, embeddings and overrides */
	{ 0x2060, 0x206f },	/* invisible operators, isolates */
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xffff },
	{ 0xe0000, 0xe0fff },	/* tags */
};

static bool
is_hostile(uint32_t cp)
{
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
		if (cp >= hostile[i].first && cp <= hostile[i].last)
			return true;
	return false;
}

void
text_clean_bytes(struct sbuf *b, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t cp = 0;
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = decode(s, len, &cp);
		if (n == 1 && cp == '\t')
			sbuf_putc(b, ' ');
		else if (n > 0 && !is_hostile(cp))
			sbuf_add(b, s, n);
		else if (n == 2 && cp < 0xa0)
			/* A trace keeps octets above 127 as Latin-1. */
			sbuf_printf(b, "\\x%02x", (unsigned)cp);
		else {
			n = n == 0 ? 1 : n;
			for (size_t i = 0; i < n; i++)
				sbuf_printf(b, "\\x%02x", s[i]);
		}
	}
}

void
text_clean(struct sbuf *b, const char *s)
{
	if (s != NULL)
		text_clean_bytes(b, s, strlen(s));
}

static bool
begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t
text_columns(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += begins_character(*s);
	return n;
}

void
text_cut(struct sbuf *b, size_t start, int width)
{
	size_t keep = 0, columns = 0, i;

	if (width <= 0)
		return;
	for (i = start; i < b->len; i++) {
		if (!begins_character(b->data[i]))
			continue;
		if (columns == (size_t)width - 1)
			keep = i;	/* where the ellipsis would stand */
		if (++columns > (size_t)width)
			break;
	}
	if (columns <= (size_t)width)
		return;
	b->len = keep;
	b->data[keep] = '\0';
	sbuf_puts(b, TEXT_ELLIPSIS);
}

void
text_wrap(struct sbuf *b, const char *s, int indent, int width)
{
	size_t room = width > indent + 20 ? (size_t)(width - indent) :
	    width > 0 ? 20 : (size_t)-1;
	size_t used = 0, word, columns;

	for (s += strspn(s, " "); *s != '\0'; s += strspn(s, " ")) {
		word = strcspn(s, " ");
		columns = 0;
		for (size_t i = 0; i < word; i++)
			columns += begins_character(s[i]);
		if (used > 0 && used + 1 + columns > room) {
			sbuf_putc(b, '\n');
			used = 0;
		}
		if (used == 0)
			sbuf_printf(b, "%*s", indent, "");
		else
			sbuf_putc(b, ' ');
		used += columns + (used > 0);
		sbuf_add(b, s, word);
		s += word;
	}
	if (used > 0)
		sbuf_putc(b, '\n');
}

void
text_clock(struct sbuf *b, int64_t us)
{
	int64_t s;

	if (us <= -USEC_PER_SEC)
		sbuf_putc(b, '-');
	s = (us < 0 ? -us : us) / USEC_PER_SEC;
	if (s < 60)
		sbuf_printf(b, "%ds", (int)s);
	else if (s < 3600)
		sbuf_printf(b, "%dm%02ds", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		sbuf_printf(b, "%dh%02dm", (int)(s / 3600),
		    (int)(s / 60 % 60));
	else
		sbuf_printf(b, "%dd%02dh", (int)(s / 86400),
		    (int)(s / 3600 % 24));
}

void
text_real(struct sbuf *b, int64_t us)
{
	int64_t tenths = us / (USEC_PER_SEC / 10);

	if (tenths < 600)
		sbuf_printf(b, "%d.%ds", (int)(tenths / 10),
		    (int)(tenths % 10));
	else
		text_clock(b, us);
}

void
text_flush(struct sbuf *b, FILE *out)
{
	fwrite(sbuf_str(b), 1, b->len, out);
	sbuf_clear(b);
}

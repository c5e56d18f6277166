/*
 * Names the first change of a body.  The order of the questions matters: a
 * lost blank before a line end is also a cut line, a wrapped line is also
 * added text.
 */
#include <string.h>

#include "harness/run/content.h"

/* Octets that must agree for two texts to go on alike. */
#define ALIKE	8

/* From here on the texts differ. */
struct place {
	const char	*at, *line, *start, *end;
};

struct bodies {
	struct place	 sent, arrived;
	struct content_difference *d;
};

/* A line: `len` octets of text, `end` octets of line end (2 is CRLF). */
struct row {
	const char	*p;
	size_t		 len, end;
};

static struct row
row_at(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	if (nl == NULL)
		return (struct row){ p, (size_t)(end - p), 0 };
	if (nl > p && nl[-1] == '\r')
		return (struct row){ p, (size_t)(nl - 1 - p), 2 };
	return (struct row){ p, (size_t)(nl - p), 1 };
}

static size_t
left(const struct place *p)
{
	return (size_t)(p->end - p->at);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
over_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* The octets of a line break here: CRLF 2, LF 1, none 0. */
static size_t
break_at(const char *p, const char *end)
{
	if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
		return 2;
	return p < end && *p == '\n';
}

/* A CR without LF or a LF without CR? */
static bool
is_bare(const struct place *t, const char *p)
{
	if (p < t->start || p >= t->end)
		return false;
	if (*p == '\r')
		return p + 1 == t->end || p[1] != '\n';
	return *p == '\n' && (p == t->start || p[-1] != '\r');
}

/* Does the sent text go on at `s` as the arrived one does at `a`? */
static bool
alike(const struct bodies *b, const char *s, const char *a)
{
	size_t ns, na, n;

	if (s > b->sent.end || a > b->arrived.end)
		return false;
	ns = (size_t)(b->sent.end - s);
	na = (size_t)(b->arrived.end - a);
	n = ns < na ? ns : na;
	if (n > ALIKE)
		n = ALIKE;
	return n == 0 ? ns == na : memcmp(s, a, n) == 0;
}

static bool
tell(const struct bodies *b, enum content_change change, const char *at,
    const char *what)
{
	struct content_difference *d = b->d;

	d->change = change;
	d->in_header = false;
	d->offset = (size_t)(at - b->sent.start);
	d->line = 1;
	for (const char *p = b->sent.start; p < b->sent.line; p++)
		d->line += *p == '\n';
	content_say(d, "line %zu of the body (offset %zu%s): %s", d->line,
	    d->offset, d->encoding != NULL ? ", decoded" : "", what);
	return true;
}

static void
say_octets(const struct bodies *b, const char *before, size_t n)
{
	content_say(b->d, "%s%zu octet%s", before, n, n == 1 ? "" : "s");
}

static void
quote(const struct bodies *b, const char *p, size_t n)
{
	content_say(b->d, ": ");
	content_quote(b->d, p, n);
}

static bool
ends(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;
	const size_t missing = left(s), more = left(a);

	if (more == 0 && missing <= 2 && break_at(s->at, s->end) == missing)
		return tell(b, CONTENT_LINE_END, s->at,
		    "the last line has lost its CRLF");
	if (more == 0) {
		tell(b, CONTENT_SHORT, s->at, "");
		say_octets(b, "the body ends here, without its last ",
		    missing);
		if (s->at == s->line && missing >= 3 &&
		    memcmp(s->at, ".\r\n", 3) == 0)
			content_say(b->d, ", from a line of a single dot on");
		return true;
	}
	if (missing == 0) {
		tell(b, CONTENT_LONGER, s->at, "");
		say_octets(b, "after the body there are ", more);
		quote(b, a->at, more);
		return true;
	}
	return false;
}

static bool
same_rest(struct row x, size_t from_x, struct row y, size_t from_y)
{
	return x.len >= from_x && y.len >= from_y &&
	    x.len - from_x == y.len - from_y &&
	    memcmp(x.p + from_x, y.p + from_y, x.len - from_x) == 0;
}

/* Transparency (RFC 5321 4.5.2) done once too often or too rarely. */
static bool
dots(const struct bodies *b)
{
	struct row s = row_at(b->sent.line, b->sent.end);
	struct row a = row_at(b->arrived.line, b->arrived.end);

	if (s.len > 0 && *s.p == '.' && same_rest(s, 1, a, 0))
		return tell(b, CONTENT_DOT_LOST, s.p,
		    "a dot at the start of the line is lost");
	if (a.len > 0 && *a.p == '.' && same_rest(s, 0, a, 1))
		return tell(b, CONTENT_DOT_ADDED, s.p,
		    "a dot is added at the start of the line");
	return false;
}

static bool
blanks(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;
	const char *s_end = over_blanks(s->at, s->end);
	const char *a_end = over_blanks(a->at, a->end);

	if (break_at(s_end, s->end) == 0 || break_at(a_end, a->end) == 0)
		return false;
	if (s_end > s->at)
		return tell(b, CONTENT_BLANK, s->at, a_end > a->at ?
		    "the blanks at the end of the line are changed" :
		    "the blanks at the end of the line are lost");
	return a_end > a->at && tell(b, CONTENT_BLANK, s->at,
	    "blanks are added at the end of the line");
}

/* What stands in place of one octet, of which the sent text goes on at s. */
static const char *
in_place(const struct bodies *b, const char *s, const char *a)
{
	switch (break_at(a, b->arrived.end)) {
	case 2:
		return "changed to CRLF";
	case 1:
		return "changed to LF";
	}
	return alike(b, s, a) ? "lost" : *a == '\r' ? "changed to CR" :
	    "replaced";
}

static bool
sent_bare(const struct bodies *b, const char *s, const char *a)
{
	tell(b, CONTENT_BARE, s, *s == '\r' ? "a bare CR is " :
	    "a bare LF is ");
	content_say(b->d, "%s", in_place(b, s + 1, a));
	return true;
}

static bool
bare(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;

	if (is_bare(s, s->at))
		return sent_bare(b, s->at, a->at);
	/* A CR that got a LF: they differ after the CR. */
	if (*a->at == '\n' && s->at > s->start && s->at[-1] == '\r' &&
	    is_bare(s, s->at - 1))
		return sent_bare(b, s->at - 1, a->at - 1);
	if (*a->at == '\r' && is_bare(a, a->at) && alike(b, s->at, a->at + 1))
		return tell(b, CONTENT_BARE, s->at, "a bare CR is added");
	return false;
}

/* The sent line ends here, the arrived one does not, or not so. */
static bool
line_ends(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;
	size_t n = break_at(s->at, s->end);

	if (n == 1)	/* after a CR that both have: bare ones are told */
		return tell(b, CONTENT_LINE_END, s->at - 1,
		    "the line ends in a bare CR, not in CRLF");
	if (n == 0)
		return false;
	if (*a->at == '\n')
		return tell(b, CONTENT_LINE_END, s->at,
		    "the line ends in LF, not in CRLF");
	if (!alike(b, s->at + n, a->at))
		return false;
	if (s->at == s->line)
		return tell(b, CONTENT_OTHER, s->at, "an empty line is lost");
	return tell(b, CONTENT_LINE_END, s->at,
	    "the line end is lost, the next line stands in this one");
}

/* The arrived line ends here (sendmail: with a "!"), the sent one does not. */
static bool
breaks(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;
	const char *from = a->at + (*a->at == '!');
	size_t n = break_at(from, a->end), octets;
	struct row rest = row_at(s->at, s->end);
	const char *next = rest.p + rest.len + rest.end;

	if (n == 0 || rest.len == 0)
		return false;
	octets = (size_t)(s->at - s->line);
	from += n;
	if (alike(b, s->at, from) ||
	    (from < a->end && is_blank(*from) && alike(b, s->at, from + 1)) ||
	    (is_blank(*s->at) && alike(b, s->at + 1, from))) {
		if (octets == 0)
			return tell(b, CONTENT_OTHER, s->at,
			    "an empty line is added");
		tell(b, CONTENT_WRAPPED, s->at, "");
		say_octets(b, "the line is wrapped after ", octets);
		return true;
	}
	if (!alike(b, next, from))
		return false;
	tell(b, CONTENT_CUT, s->at, "");
	say_octets(b, "the line is cut after ", octets);
	say_octets(b, " and has lost ", rest.len);
	return true;
}

static bool
high_octets(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;
	const unsigned char was = (unsigned char)*s->at;
	const unsigned char is = (unsigned char)*a->at;
	const char *after = s->at;

	if (was < 128)
		return false;
	while (after < s->end && (unsigned char)*after > 127)
		after++;
	tell(b, CONTENT_HIGH_OCTET, s->at, "");
	if (is == (was & 0x7f))
		content_say(b->d, "octet 0x%02X has lost its high bit", was);
	else if (alike(b, after, a->at))
		content_say(b->d, "octet 0x%02X is lost", was);
	else
		content_say(b->d, "octet 0x%02X is replaced by 0x%02X", was,
		    is);
	return true;
}

/* Is the rest of one the end of the other's? */
static bool
is_tail(const struct place *whole, const struct place *tail)
{
	size_t n = left(tail);

	return left(whole) > n && memcmp(whole->end - n, tail->at, n) == 0;
}

static void
something(const struct bodies *b)
{
	const struct place *s = &b->sent, *a = &b->arrived;

	tell(b, CONTENT_OTHER, s->at, "");
	if (is_tail(a, s)) {
		say_octets(b, "here are added ", left(a) - left(s));
		quote(b, a->at, left(a) - left(s));
	} else if (is_tail(s, a)) {
		say_octets(b, "here are lost ", left(s) - left(a));
		quote(b, s->at, left(s) - left(a));
	} else
		content_say(b->d, "octet 0x%02X is replaced by 0x%02X",
		    (unsigned char)*s->at, (unsigned char)*a->at);
}

bool
content_compare_body(const char *sent, size_t sent_len, const char *arrived,
    size_t arrived_len, struct content_difference *d)
{
	const size_t both = sent_len < arrived_len ? sent_len : arrived_len;
	struct bodies b = { .d = d };
	size_t i = 0, line = 0;

	for (; i < both && sent[i] == arrived[i]; i++)
		if (sent[i] == '\n')
			line = i + 1;
	if (i == sent_len && i == arrived_len)
		return true;
	b.sent = (struct place){ sent + i, sent + line, sent,
		sent + sent_len };
	b.arrived = (struct place){ arrived + i, arrived + line, arrived,
		arrived + arrived_len };
	if (!ends(&b) && !dots(&b) && !blanks(&b) && !bare(&b) &&
	    !line_ends(&b) && !breaks(&b) && !high_octets(&b))
		something(&b);
	return false;
}

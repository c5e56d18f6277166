#include "harness/run/content.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/dsn/mime.h"
#include "harness/run/compose.h"

#define QUOTE_MOST	40	/* octets of a message in a sentence */

void
content_say(struct content_difference *d, const char *fmt, ...)
{
	size_t n = strlen(d->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->text + n, sizeof d->text - n, fmt, ap);
	va_end(ap);
}

void
content_quote(struct content_difference *d, const char *p, size_t len)
{
	content_say(d, "\"");
	for (size_t i = 0; i < len && i < QUOTE_MOST; i++)
		content_say(d, "%c", p[i] >= ' ' && p[i] <= '~' ? p[i] : '?');
	content_say(d, len > QUOTE_MOST ? "...\"" : "\"");
}

/* --- the header --- */

/* A field of ours. */
struct own {
	const char	*name;
	size_t		 line, offset;
	char		*value;		/* without what does not matter */
	size_t		 len;
	size_t		 nth;		/* of those of its name, from 0 */
};

struct owns {
	struct own	*items;
	size_t		 count;
};

/* The octets of the field at p, with the lines that continue it. */
static size_t
field_length(const char *p, const char *end)
{
	const char *nl = p;

	while ((nl = memchr(nl, '\n', (size_t)(end - nl))) != NULL) {
		nl++;
		if (nl == end || (*nl != ' ' && *nl != '\t'))
			return (size_t)(nl - p);
	}
	return (size_t)(end - p);
}

static size_t
count_of(const struct owns *list, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += strcmp(list->items[i].name, name) == 0;
	return n;
}

/* The fields of the `len` octets of a header. */
static void
read_owns(struct arena *a, struct owns *list, const char *header, size_t len)
{
	const char *end = header + len, *name;
	struct sbuf value = { 0 };
	size_t line = 1, n;
	struct own *o;

	for (const char *p = header; p < end; p += n) {
		n = field_length(p, end);
		name = compose_own_field(p, n);
		if (name != NULL) {
			size_t nth = count_of(list, name);
			size_t skip = strlen(name) + 1;

			o = arena_push(a, &list->items, &list->count,
			    sizeof *o);
			sbuf_clear(&value);
			compose_put_value(&value, name, p + skip, n - skip);
			*o = (struct own){ .name = name, .line = line,
			    .offset = (size_t)(p - header), .len = value.len,
			    .value = arena_strndup(a, sbuf_str(&value),
			    value.len), .nth = nth };
		}
		for (size_t i = 0; i < n; i++)
			line += p[i] == '\n';
	}
	sbuf_fini(&value);
}

static const struct own *
find(const struct owns *list, const char *name, size_t nth)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0 &&
		    nth-- == 0)
			return &list->items[i];
	return NULL;
}

static bool
tell(struct content_difference *d, const struct own *o, const char *what)
{
	d->change = CONTENT_FIELD;
	d->in_header = true;
	d->line = o->line;
	d->offset = o->offset;
	content_say(d, "line %zu of the header (offset %zu): field %s %s",
	    o->line, o->offset, o->name, what);
	return false;
}

/* A conversion says its encoding, and MIME fields if there were none. */
static bool
goes_with(const struct content_difference *d, const char *name)
{
	return d->encoding != NULL &&
	    (strcmp(name, "Content-Transfer-Encoding") == 0 ||
	    strcmp(name, "MIME-Version") == 0);
}

static bool
same_field(struct content_difference *d, const struct own *s,
    const struct own *a)
{
	if (a == NULL)
		return tell(d, s, "is missing");
	if (s->len == a->len && memcmp(s->value, a->value, s->len) == 0)
		return true;
	tell(d, s, "is changed: ");
	content_quote(d, s->value, s->len);
	content_say(d, " became ");
	content_quote(d, a->value, a->len);
	return false;
}

/* In the order of the submission (RFC 5322 3.6: not to be reordered). */
static bool
same_order(struct content_difference *d, const struct owns *sent,
    const struct owns *arrived)
{
	const struct own *last = NULL, *a;

	for (size_t i = 0; i < sent->count; i++) {
		const struct own *s = &sent->items[i];

		if (goes_with(d, s->name))
			continue;
		a = find(arrived, s->name, s->nth);
		if (last != NULL && a->offset < last->offset)
			return tell(d, s, "stands in another place");
		last = a;
	}
	return true;
}

static bool
same_header(struct arena *arena, struct content_difference *d,
    const char *sent, size_t sent_len, const char *arrived,
    size_t arrived_len)
{
	struct owns s = { 0 }, a = { 0 };

	read_owns(arena, &s, sent, sent_len);
	read_owns(arena, &a, arrived, arrived_len);
	for (size_t i = 0; i < s.count; i++)
		if (!goes_with(d, s.items[i].name) &&
		    !same_field(d, &s.items[i], find(&a, s.items[i].name,
		    s.items[i].nth)))
			return false;
	for (size_t i = 0; i < a.count; i++)
		if (!goes_with(d, a.items[i].name) &&
		    find(&s, a.items[i].name, a.items[i].nth) == NULL)
			return tell(d, &a.items[i], "is added");
	return same_order(d, &s, &a);
}

/* --- encodings --- */

static const char *
encoding_of(const struct mime_entity *e)
{
	if (e->encoding == NULL)
		return "7bit";
	if (strcmp(e->encoding, "base64") == 0)
		return "base64";
	if (strcmp(e->encoding, "quoted-printable") == 0)
		return "quoted-printable";
	return "8bit";
}

static bool
is_coded(const char *encoding)
{
	return *encoding != '7' && *encoding != '8';
}

/* The decoder of quoted-printable gives LF for each line end. */
static struct mime_text
with_crlf(struct arena *a, struct mime_text t)
{
	char *out = arena_alloc(a, 2 * t.len + 1), *to = out;

	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] == '\n' && (i == 0 || t.p[i - 1] != '\r'))
			*to++ = '\r';
		*to++ = t.p[i];
	}
	return (struct mime_text){ out, (size_t)(to - out) };
}

static bool
decode(struct arena *a, const struct mime_entity *e, struct mime_text *out)
{
	const char *encoding = encoding_of(e);

	*out = e->body;
	if (!is_coded(encoding))
		return true;
	if (!mime_decode(a, e, out))
		return false;
	if (*encoding == 'q')
		*out = with_crlf(a, *out);
	return true;
}

static bool
same_body(struct arena *arena, struct content_difference *d,
    const struct mime_entity *sent, const struct mime_entity *arrived)
{
	struct mime_text s = sent->body, a = arrived->body;

	if (d->encoding != NULL && (!decode(arena, sent, &s) ||
	    !decode(arena, arrived, &a))) {
		d->change = CONTENT_OTHER;
		d->line = 1;
		content_say(d, "the body arrived in %s, which does not "
		    "decode", d->encoding);
		return false;
	}
	return content_compare_body(s.p, s.len, a.p, a.len, d);
}

static size_t
header_length(const char *content, const struct mime_entity *e)
{
	return (size_t)(e->body.p - content);
}

bool
content_compare(const char *sent, size_t sent_len, const char *arrived,
    size_t arrived_len, struct content_difference *d)
{
	struct arena *arena = arena_new();
	struct mime_entity s, a;
	bool same;

	memset(d, 0, sizeof *d);
	mime_entity_read(arena, &s, (struct mime_text){ sent, sent_len });
	mime_entity_read(arena, &a,
	    (struct mime_text){ arrived, arrived_len });
	if (strcmp(encoding_of(&s), encoding_of(&a)) != 0 &&
	    (is_coded(encoding_of(&s)) || is_coded(encoding_of(&a))))
		d->encoding = encoding_of(&a);
	same = same_header(arena, d, sent, header_length(sent, &s), arrived,
	    header_length(arrived, &a)) && same_body(arena, d, &s, &a);
	arena_free(arena);
	return same;
}

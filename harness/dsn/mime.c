#include "harness/dsn/mime.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/sbuf.h"

bool
mime_line(struct mime_text *rest, struct mime_text *line)
{
	const char *nl;
	size_t taken;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = nl != NULL ? (size_t)(nl - rest->p) : rest->len;
	taken = line->len + (nl != NULL);
	if (nl != NULL && line->len > 0 && nl[-1] == '\r')
		line->len--;
	rest->p += taken;
	rest->len -= taken;
	return true;
}

bool
mime_is_eight_bit(struct mime_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.p[i] > 127)
			return true;
	return false;
}

bool
mime_starts(struct mime_text t, const char *prefix)
{
	size_t n = strlen(prefix);

	return t.len >= n && strncasecmp(t.p, prefix, n) == 0;
}

char *
mime_lower(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return copy;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct mime_text
trimmed(struct mime_text t)
{
	for (; t.len > 0 && is_blank(*t.p); t.p++)
		t.len--;
	while (t.len > 0 && (is_blank(t.p[t.len - 1]) ||
	    t.p[t.len - 1] == '\r'))
		t.len--;
	return t;
}

/* Length of the field's name, 0 if the line does not begin a field. */
static size_t
name_length(struct mime_text line, size_t *colon)
{
	size_t n = 0;

	while (n < line.len && line.p[n] > 32 && line.p[n] < 127 &&
	    line.p[n] != ':')
		n++;
	*colon = n;
	while (*colon < line.len && is_blank(line.p[*colon]))
		++*colon;
	return *colon < line.len && line.p[*colon] == ':' ? n : 0;
}

static void
add_value(struct sbuf *b, struct mime_text t)
{
	t = trimmed(t);
	if (b->len > 0 && t.len > 0)
		sbuf_putc(b, ' ');
	sbuf_add(b, t.p, t.len);
}

static const char *
take_value(struct arena *a, struct sbuf *b)
{
	char *value = arena_strndup(a, sbuf_str(b), b->len);

	for (size_t i = 0; i < b->len; i++)
		if (value[i] == '\0')
			value[i] = '?';
	sbuf_clear(b);
	return value;
}

void
mime_header_read(struct arena *a, struct mime_header *h,
    struct mime_text *rest)
{
	struct mime_field *f;
	struct mime_text line;
	struct sbuf value = { 0 };
	const char *name = NULL;
	size_t n, colon;

	memset(h, 0, sizeof *h);
	while (mime_line(rest, &line) && line.len > 0) {
		h->eight_bit |= mime_is_eight_bit(line);
		if (is_blank(*line.p) && name != NULL) {
			add_value(&value, line);
			continue;
		}
		if (name != NULL)
			h->fields[h->count - 1].value = take_value(a, &value);
		name = NULL;
		if ((n = name_length(line, &colon)) == 0) {
			h->bad_lines++;
			continue;
		}
		f = arena_push(a, &h->fields, &h->count, sizeof *f);
		f->name = name = arena_strndup(a, line.p, n);
		line.p += colon + 1;
		line.len -= colon + 1;
		add_value(&value, line);
	}
	if (name != NULL)
		h->fields[h->count - 1].value = take_value(a, &value);
	sbuf_fini(&value);
}

const char *
mime_header_get(const struct mime_header *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (strcasecmp(h->fields[i].name, name) == 0)
			return h->fields[i].value;
	return NULL;
}

size_t
mime_header_count(const struct mime_header *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++)
		n += strcasecmp(h->fields[i].name, name) == 0;
	return n;
}

char *
mime_uncomment(struct arena *a, const char *value)
{
	char *out = arena_strdup(a, value), *to = out;
	bool quoted = false;
	size_t depth = 0;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0' && (quoted || depth > 0)) {
			if (depth == 0)
				*to++ = *p;
			p++;
		} else if (*p == '"' && depth == 0)
			quoted = !quoted;
		else if (*p == '(' && !quoted) {
			depth++;
			continue;
		} else if (*p == ')' && depth > 0) {
			depth--;
			continue;
		}
		if (depth == 0)
			*to++ = *p;
	}
	while (to > out && is_blank(to[-1]))
		to--;
	*to = '\0';
	return out + strspn(out, " \t");
}

/* RFC 2045 5.1: token characters. */
static bool
is_token(char c)
{
	return c > 32 && c < 127 && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* Takes a parameter's value off *p; false if it breaks the syntax. */
static bool
parameter_value(struct arena *a, const char **p, const char **value)
{
	struct sbuf b = { 0 };
	bool good = true;

	if (**p == '"') {
		for (++*p; **p != '\0' && **p != '"'; ++*p) {
			if (**p == '\\' && (*p)[1] != '\0')
				++*p;
			sbuf_putc(&b, **p);
		}
		good = **p == '"';
		*p += good;
	} else
		for (; **p != '\0' && **p != ';' && !is_blank(**p); ++*p) {
			good = good && is_token(**p);
			sbuf_putc(&b, **p);
		}
	*value = arena_strndup(a, sbuf_str(&b), b.len);
	good = good && b.len > 0;
	sbuf_fini(&b);
	return good;
}

static void
read_parameters(struct arena *a, struct mime_entity *e, const char *p)
{
	const char *name, *value;
	size_t n;

	for (;;) {
		p += strspn(p, "; \t");
		if (*p == '\0')
			return;
		for (name = p; is_token(*p); p++)
			;
		n = (size_t)(p - name);
		p += strspn(p, " \t");
		if (n == 0 || *p != '=') {
			e->bad_type = true;
			p += strcspn(p, ";");
			continue;
		}
		p++;
		p += strspn(p, " \t");
		if (!parameter_value(a, &p, &value))
			e->bad_type = true;
		if (n == 8 && strncasecmp(name, "boundary", n) == 0 &&
		    e->boundary == NULL)
			e->boundary = value;
		if (n == 11 && strncasecmp(name, "report-type", n) == 0 &&
		    e->report_type == NULL)
			e->report_type = mime_lower(a, value);
	}
}

/* RFC 2045 5.1 and 6.1. */
static void
read_type(struct arena *a, struct mime_entity *e)
{
	const char *value = mime_header_get(&e->header, "Content-Type");
	const char *p, *slash = NULL;

	e->encoding = mime_header_get(&e->header,
	    "Content-Transfer-Encoding");
	if (e->encoding != NULL)
		e->encoding = mime_lower(a, mime_uncomment(a, e->encoding));
	e->type = "text/plain";
	if (value == NULL)
		return;
	e->bad_type = mime_header_count(&e->header, "Content-Type") > 1;
	p = value = mime_uncomment(a, value);
	for (; is_token(*p) || *p == '/'; p++)
		if (*p == '/') {
			e->bad_type |= slash != NULL;
			slash = p;
		}
	if (slash == NULL || slash == value || slash + 1 == p)
		e->bad_type = true;
	else
		e->type = mime_lower(a, arena_strndup(a, value,
		    (size_t)(p - value)));
	p += strspn(p, " \t");
	if (*p != '\0' && *p != ';')
		e->bad_type = true;
	p += strcspn(p, ";");
	read_parameters(a, e, p);
}

enum delimiter { NO_DELIMITER, DELIMITER, CLOSE_DELIMITER };

/* RFC 2046 5.1.1: "--" boundary ["--"] padding, nothing else. */
static enum delimiter
delimiter_of(struct mime_text line, const char *boundary, size_t n)
{
	enum delimiter d = DELIMITER;

	if (line.len < n + 2 || memcmp(line.p, "--", 2) != 0 ||
	    memcmp(line.p + 2, boundary, n) != 0)
		return NO_DELIMITER;
	line.p += n + 2;
	line.len -= n + 2;
	if (line.len >= 2 && memcmp(line.p, "--", 2) == 0) {
		d = CLOSE_DELIMITER;
		line.p += 2;
		line.len -= 2;
	}
	return trimmed(line).len == 0 ? d : NO_DELIMITER;
}

static void	 read_at_depth(struct arena *, struct mime_entity *,
		    struct mime_text, int depth);

/* The line end before a delimiter belongs to the delimiter. */
static void
add_part(struct arena *a, struct mime_entity *e, const char *start,
    const char *end, bool delimited, int depth)
{
	struct mime_text t = { start, (size_t)(end - start) };
	struct mime_entity *part;

	if (e->part_count == MIME_MAX_PARTS) {
		e->cut = true;
		return;
	}
	if (delimited && t.len > 0 && t.p[t.len - 1] == '\n')
		t.len--;
	if (delimited && t.len > 0 && t.p[t.len - 1] == '\r')
		t.len--;
	part = arena_push(a, &e->parts, &e->part_count, sizeof *part);
	read_at_depth(a, part, t, depth + 1);
}

static void
split(struct arena *a, struct mime_entity *e, int depth)
{
	struct mime_text rest = e->body, line;
	size_t n = strlen(e->boundary);
	const char *start = NULL;
	enum delimiter d;

	while (mime_line(&rest, &line)) {
		d = delimiter_of(line, e->boundary, n);
		if (d == NO_DELIMITER)
			continue;
		if (e->closed) {
			e->reopened = true;
			continue;
		}
		if (start != NULL)
			add_part(a, e, start, line.p, true, depth);
		start = d == DELIMITER ? rest.p : NULL;
		e->closed = d == CLOSE_DELIMITER;
	}
	if (start != NULL)
		add_part(a, e, start, rest.p, false, depth);
}

static void
read_at_depth(struct arena *a, struct mime_entity *e,
    struct mime_text content, int depth)
{
	memset(e, 0, sizeof *e);
	mime_header_read(a, &e->header, &content);
	e->body = content;
	read_type(a, e);
	if (strncmp(e->type, "multipart/", 10) != 0 ||
	    e->boundary == NULL || *e->boundary == '\0')
		return;
	if (depth < MIME_MAX_DEPTH)
		split(a, e, depth);
	else
		e->cut = true;
}

void
mime_entity_read(struct arena *a, struct mime_entity *e,
    struct mime_text content)
{
	struct mime_text line, rest = content;

	/* The separator line of an mbox file is no field. */
	if (mime_line(&rest, &line) && mime_starts(line, "From "))
		content = rest;
	read_at_depth(a, e, content, 0);
}

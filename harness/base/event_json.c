/*
 * Events as lines of JSON.  Jansson reads them; what it would build to write
 * one costs more than all else that the harness does with an event, so plain
 * text is written directly and only the rest is left to it.
 */
#include "harness/base/event.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

/*
 * What the MTA sent may be any bytes.  JSON wants UTF-8, so a string that is
 * not becomes Latin-1 read as UTF-8: every byte is kept, as its code point.
 */
static json_t *
lossless_string(const char *s)
{
	json_t *j = json_string(s);
	struct sbuf b = { 0 };
	unsigned char c;

	if (j != NULL)
		return j;
	for (; (c = (unsigned char)*s) != '\0'; s++) {
		if (c < 0x80)
			sbuf_putc(&b, (char)c);
		else {
			sbuf_putc(&b, (char)(0xc0 | c >> 6));
			sbuf_putc(&b, (char)(0x80 | (c & 0x3f)));
		}
	}
	j = json_string(sbuf_str(&b));
	sbuf_fini(&b);
	return j;
}

/* How much of it stands for itself between quotes. */
static size_t
plain_length(const char *s)
{
	size_t n = 0;

	while (s[n] >= ' ' && s[n] <= '~' && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static void
put_string(struct sbuf *b, const char *s)
{
	size_t n = plain_length(s);
	json_t *j;
	char *text;

	if (s[n] == '\0') {
		sbuf_putc(b, '"');
		sbuf_add(b, s, n);
		sbuf_putc(b, '"');
		return;
	}
	j = lossless_string(s);
	text = json_dumps(j, JSON_ENCODE_ANY);
	if (text == NULL)
		abort();
	sbuf_puts(b, text);
	free(text);
	json_decref(j);
}

static void
put_number(struct sbuf *b, int64_t n)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char digits[20], *first = digits + sizeof digits;

	do
		*--first = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		sbuf_putc(b, '-');
	sbuf_add(b, first, (size_t)(digits + sizeof digits - first));
}

#define PUT_KEY(b, f)	sbuf_add(b, ",\"" #f "\":", sizeof #f + 3)

void
event_to_json(const struct event *ev, struct sbuf *b)
{
	sbuf_puts(b, "{\"t\":");
	put_number(b, ev->t_us);
	PUT_KEY(b, seq);
	put_number(b, (int64_t)ev->seq);
	PUT_KEY(b, ev);
	put_string(b, event_name(ev->kind));
#define X(f)								\
	if (ev->f != NULL) {						\
		PUT_KEY(b, f);						\
		put_string(b, ev->f);					\
	}
	EVENT_STRINGS(X)
#undef X
#define X(f)								\
	if (ev->f != 0) {						\
		PUT_KEY(b, f);						\
		put_number(b, ev->f);					\
	}
	EVENT_NUMBERS(X)
#undef X
#define X(f)								\
	if (ev->f != 0) {						\
		PUT_KEY(b, f);						\
		sbuf_puts(b, ev->f > 0 ? "true" : "false");		\
	}
	EVENT_TRUTHS(X)
#undef X
	sbuf_putc(b, '}');
}

/* Returns what is wrong with the line, or NULL. */
static const char *
event_from_json(struct event *ev, const json_t *o)
{
	const json_t *v;

	memset(ev, 0, sizeof *ev);
	if (!json_is_integer(v = json_object_get(o, "t")))
		return "no time \"t\"";
	ev->t_us = json_integer_value(v);
	if (!json_is_string(v = json_object_get(o, "ev")) ||
	    !event_kind_parse(json_string_value(v), &ev->kind))
		return "no known event name \"ev\"";
#define X(f)								\
	if ((v = json_object_get(o, #f)) != NULL &&			\
	    (ev->f = json_string_value(v)) == NULL)			\
		return "\"" #f "\" must be a string";
	EVENT_STRINGS(X)
#undef X
#define X(f)								\
	if ((v = json_object_get(o, #f)) != NULL) {			\
		if (!json_is_integer(v))				\
			return "\"" #f "\" must be a whole number";	\
		ev->f = json_integer_value(v);				\
	}
	EVENT_NUMBERS(X)
#undef X
#define X(f)								\
	if ((v = json_object_get(o, #f)) != NULL) {			\
		if (!json_is_boolean(v))				\
			return "\"" #f "\" must be true or false";	\
		ev->f = json_is_true(v) ? YES : NO;			\
	}
	EVENT_TRUTHS(X)
#undef X
	return NULL;
}

/* By length: a crash may leave NUL octets in a file. */
static const char *
read_line(struct trace *t, const char *line, size_t n, json_error_t *je)
{
	json_t *o = json_loadb(line, n, 0, je);
	struct event ev;
	const char *wrong = o != NULL ? event_from_json(&ev, o) : je->text;

	if (wrong == NULL)
		trace_add(t, &ev);
	json_decref(o);
	return wrong;
}

static size_t
count_lines(FILE *f)
{
	char chunk[16384];
	size_t n, lines = 0;

	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		for (size_t i = 0; i < n; i++)
			lines += chunk[i] == '\n';
	return lines;
}

/* Line by line: the text of five days need not be held beside its events. */
static void
read_lines(struct trace *t, FILE *f, const char *path, bool *truncated,
    char **error)
{
	char *line = NULL;
	const char *wrong;
	json_error_t je;
	size_t room = 0;
	ssize_t len;

	while (*error == NULL && (len = getline(&line, &room, f)) > 0) {
		if (line[len - 1] != '\n') {
			*truncated = true;
			break;
		}
		wrong = read_line(t, line, (size_t)len - 1, &je);
		if (wrong != NULL)
			*error = xasprintf("%s:%zu: %s", path, t->count + 1,
			    wrong);
	}
	free(line);
}

bool
trace_read(struct trace *t, const char *path, bool *truncated, char **error)
{
	FILE *f = fopen(path, "re");

	*truncated = false;
	*error = NULL;
	if (f == NULL) {
		*error = xasprintf("%s: %s", path, strerror(errno));
		return false;
	}
	trace_init(t);
	trace_reserve(t, count_lines(f));
	rewind(f);
	read_lines(t, f, path, truncated, error);
	if (ferror(f)) {
		free(*error);
		*error = xasprintf("%s: %s", path, strerror(errno));
	}
	fclose(f);
	if (*error != NULL)
		trace_fini(t);
	return *error == NULL;
}

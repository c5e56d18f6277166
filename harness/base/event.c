#include "harness/base/event.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

static const struct {
	const char *name, *help;
} kinds[EV_COUNT] = {
#define X(sym, name, help) { name, help },
	EVENTS(X)
#undef X
};

const char *
event_name(enum event_kind kind)
{
	return kinds[kind].name;
}

const char *
event_help(enum event_kind kind)
{
	return kinds[kind].help;
}

bool
event_kind_parse(const char *name, enum event_kind *kind)
{
	for (int i = 0; i < EV_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*kind = i;
			return true;
		}
	return false;
}

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

char *
event_to_json(const struct event *ev)
{
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "t", json_integer(ev->t_us));
	json_object_set_new(o, "seq", json_integer((json_int_t)ev->seq));
	json_object_set_new(o, "ev", json_string(event_name(ev->kind)));
#define X(f)								\
	if (ev->f != NULL)						\
		json_object_set_new(o, #f, lossless_string(ev->f));
	EVENT_STRINGS(X)
#undef X
#define X(f)								\
	if (ev->f != 0)							\
		json_object_set_new(o, #f, json_integer(ev->f));
	EVENT_NUMBERS(X)
#undef X
#define X(f)								\
	if (ev->f != 0)							\
		json_object_set_new(o, #f, json_boolean(ev->f > 0));
	EVENT_TRUTHS(X)
#undef X
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text == NULL)
		abort();
	return text;
}

void
trace_init(struct trace *t)
{
	memset(t, 0, sizeof *t);
	t->arena = arena_new();
}

void
trace_fini(struct trace *t)
{
	arena_free(t->arena);
	memset(t, 0, sizeof *t);
}

static void
trace_reserve(struct trace *t, size_t room)
{
	struct event *events = arena_array(t->arena, room, sizeof *events);

	if (t->count > 0)
		memcpy(events, t->events, t->count * sizeof *events);
	t->events = events;
	t->room = room;
}

const struct event *
trace_add(struct trace *t, const struct event *ev)
{
	struct event *e;

	if (t->count == t->room)
		trace_reserve(t, t->room > 0 ? 2 * t->room : 64);
	e = &t->events[t->count++];
	*e = *ev;
	e->seq = t->count;
#define X(f)								\
	if (e->f != NULL)						\
		e->f = arena_strdup(t->arena, e->f);
	EVENT_STRINGS(X)
#undef X
	return e;
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

static size_t
count_lines(const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

bool
trace_read(struct trace *t, const char *path, bool *truncated, char **error)
{
	struct sbuf file = { 0 };
	struct event ev;
	json_error_t je;
	const char *wrong;
	char *line, *nl, *end;
	size_t n = 0;
	json_t *o;

	*truncated = false;
	*error = NULL;
	if (sbuf_read_file(&file, path) < 0) {
		*error = xasprintf("%s: %s", path, strerror(errno));
		return false;
	}
	trace_init(t);
	end = file.len > 0 ? file.data + file.len : NULL;
	/* Events are large: most of reading would be to move them about. */
	trace_reserve(t, count_lines(file.data, end) + 1);
	for (line = file.data; line < end; line = nl + 1) {
		n++;
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL) {
			*truncated = true;
			break;
		}
		/* By length: a crash may leave NUL octets in a file. */
		o = json_loadb(line, (size_t)(nl - line), 0, &je);
		wrong = o ? event_from_json(&ev, o) : je.text;
		if (wrong != NULL)
			*error = xasprintf("%s:%zu: %s", path, n, wrong);
		else
			trace_add(t, &ev);
		json_decref(o);
		if (*error != NULL)
			break;
	}
	sbuf_fini(&file);
	if (*error != NULL)
		trace_fini(t);
	return *error == NULL;
}

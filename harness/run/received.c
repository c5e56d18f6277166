#include "harness/run/received.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/dsn/mime.h"

struct trace_fields {
	const char	**values;	/* unfolded, from the top */
	size_t		 count;
};

static void
read_fields(struct arena *a, struct trace_fields *f, const char *content,
    size_t len)
{
	struct mime_text rest = { content, len };
	struct mime_header h;

	mime_header_read(a, &h, &rest);
	for (size_t i = 0; i < h.count; i++)
		if (strcasecmp(h.fields[i].name, "Received") == 0)
			*(const char **)arena_push(a, &f->values, &f->count,
			    sizeof *f->values) = h.fields[i].value;
}

/* Does the word stand there, between blanks, in any case? */
static bool
has_word(const char *value, const char *word)
{
	const size_t n = strlen(word);

	for (const char *p = value; (p = strcasestr(p, word)) != NULL; p++)
		if ((p == value || p[-1] == ' ') && p[n] == ' ')
			return true;
	return false;
}

/* From-domain By-domain Opt-info ";" date-time, as far as all agree. */
static bool
is_trace(const char *value)
{
	const char *date = strrchr(value, ';');

	return strncasecmp(value, "from ", 5) == 0 && has_word(value, "by") &&
	    date != NULL && strpbrk(date, "0123456789") != NULL;
}

/* The same but for white space, which folding may change. */
static bool
same_value(const char *x, const char *y)
{
	for (;;) {
		x += strspn(x, " \t");
		y += strspn(y, " \t");
		if (*x != *y)
			return false;
		if (*x == '\0')
			return true;
		x++;
		y++;
	}
}

static const char *
fault(const struct trace_fields *sent, const struct trace_fields *arrived)
{
	size_t added = arrived->count - sent->count;

	if (arrived->count < sent->count)
		return "a Received field that was there is removed";
	for (size_t i = 0; i < sent->count; i++)
		if (!same_value(sent->values[i], arrived->values[added + i]))
			return "a Received field that was there is changed "
			    "or stands in another place";
	if (added == 0)
		return "no Received field is added";
	for (size_t i = 0; i < added; i++)
		if (is_trace(arrived->values[i]))
			return NULL;
	return "the Received field that is added lacks from, by or the date";
}

const char *
received_fault(const char *sent, size_t sent_len, const char *arrived,
    size_t arrived_len)
{
	struct trace_fields s = { 0 }, a = { 0 };
	struct arena *arena = arena_new();
	const char *what;

	read_fields(arena, &s, sent, sent_len);
	read_fields(arena, &a, arrived, arrived_len);
	what = fault(&s, &a);
	arena_free(arena);
	return what;
}

/* The shape of a why-sentence: what is left without names and numbers. */
#include <ctype.h>
#include <string.h>

#include "harness/report/causes.h"

/* A word between blanks; a quoted text is one with all its blanks. */
static size_t
word_length(const char *p)
{
	size_t n = strcspn(p, " \"");
	const char *end;

	if (p[n] != '"' || (end = strchr(p + n + 1, '"')) == NULL)
		return strcspn(p, " ");
	n = (size_t)(end - p) + 1;
	return n + strcspn(p + n, " ");
}

static bool
is_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)p[i]))
			return false;
	return n > 0;
}

/* "5.7.1": its class says what kind of failure it is, the rest varies. */
static bool
is_status(const char *p, size_t n)
{
	size_t dot = n > 4 && p[1] == '.' && strchr("245", *p) != NULL ?
	    strcspn(p + 2, ".") : 0;

	return dot > 0 && dot + 3 < n && is_digits(p + 2, dot) &&
	    is_digits(p + dot + 3, n - dot - 3);
}

static bool
is_message(const struct judgement *j, const char *p, size_t n)
{
	for (size_t i = 0; i < j->unit_count; i++) {
		const char *key = j->units[i].msg;

		if (key != NULL && strlen(key) == n && strncmp(key, p,
		    n) == 0)
			return true;
	}
	return n == 4 && strncmp(p, "mail", 4) == 0;
}

/* Names, addresses, times and numbers. */
static bool
varies(const struct judgement *j, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)p[i]) || p[i] == '@' ||
		    (p[i] == '.' && i > 0 && i + 1 < n))
			return true;
	return is_message(j, p, n);
}

static bool
ends_with(const struct sbuf *b, const char *end)
{
	size_t n = strlen(end);

	return b->len >= n && memcmp(b->data + b->len - n, end, n) == 0;
}

/* One host or three, "# and #" or "#, # and #": that is no other cause. */
static void
put_varying(struct sbuf *b)
{
	static const char *const lists[] = { "# ", "#, ", "# and ",
		"#, and " };

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (ends_with(b, lists[i])) {
			b->len -= strlen(lists[i]);
			b->data[b->len] = '\0';
			break;
		}
	sbuf_putc(b, '#');
}

/* What a reply or a field held; "delayed" is a word for something. */
static bool
is_quotation(const struct judgement *j, const char *p, size_t n)
{
	return n > 1 && *p == '"' && p[n - 1] == '"' &&
	    (memchr(p, ' ', n) != NULL || varies(j, p, n));
}

static void
put_core(struct sbuf *b, const struct judgement *j, const char *p, size_t n)
{
	if (n > 4 && *p == '"' && is_digits(p + 1, 3) && strchr(" -\"",
	    p[4]) != NULL)
		sbuf_printf(b, "\"%cyz\"", p[1]);
	else if (is_quotation(j, p, n))
		sbuf_puts(b, "\"#\"");
	else if (is_status(p, n))
		sbuf_printf(b, "%c.#", *p);
	else if (*p != '"' && varies(j, p, n))
		put_varying(b);
	else if (ends_with(b, "# ") && n > 3 && p[n - 1] == 's')
		sbuf_add(b, p, n - 1);	/* "1 cycle", "2 cycles" */
	else
		sbuf_add(b, p, n);
}

static void
put_word(struct sbuf *b, const struct judgement *j, const char *p, size_t n)
{
	size_t head = 0, tail = n;

	while (head < n && strchr("([", p[head]) != NULL)
		head++;
	while (tail > head && strchr(")],;:.", p[tail - 1]) != NULL)
		tail--;
	sbuf_add(b, p, head);
	if (tail > head)
		put_core(b, j, p + head, tail - head);
	sbuf_add(b, p + tail, n - tail);
}

/* Beyond what happened and what led to it there are further circumstances. */
static bool
is_circumstance(const char *p, size_t n, int *semicolons)
{
	return n > 0 && p[n - 1] == ';' && ++*semicolons == 2;
}

void
cause_shape(struct sbuf *b, const struct judgement *j, const char *sentence)
{
	int semicolons = 0;
	size_t n;

	for (const char *p = sentence; *p != '\0'; p += n) {
		if (*p == ' ') {
			sbuf_putc(b, ' ');
			n = 1;
			continue;
		}
		n = word_length(p);
		put_word(b, j, p, n);
		if (is_circumstance(p, n, &semicolons))
			return;
	}
}

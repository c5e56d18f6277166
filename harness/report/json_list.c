#include "harness/report/json_list.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/sbuf.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
skip_blanks(const struct json_list *l, size_t at)
{
	while (at < l->len && is_blank(l->text[at]))
		at++;
	return at;
}

/* Behind the string that begins at `at`. */
static size_t
skip_string(const struct json_list *l, size_t at)
{
	for (at++; at < l->len && l->text[at] != '"'; at++)
		if (l->text[at] == '\\')
			at++;
	return at + 1;
}

/* Behind the value that begins at `at`; what it is worth is not looked at. */
static size_t
skip_value(const struct json_list *l, size_t at)
{
	size_t depth = 0;

	while (at < l->len) {
		char c = l->text[at];

		if (c == '"') {
			at = skip_string(l, at);
			continue;
		}
		if (c == '}' || c == ']' || c == ',') {
			if (depth == 0)
				break;
			depth -= c != ',';
		} else if (c == '{' || c == '[')
			depth++;
		at++;
	}
	return at;
}

/* Where the list's items are, if the object has such a member. */
static bool
find_list(struct json_list *l, const char *key)
{
	size_t at = skip_blanks(l, 0), name, end, n = strlen(key);

	if (at >= l->len || l->text[at] != '{')
		return false;
	do {
		name = skip_blanks(l, at + 1);
		if (name >= l->len || l->text[name] != '"')
			return false;
		end = skip_string(l, name);
		at = skip_blanks(l, end);
		if (at >= l->len || l->text[at] != ':')
			return false;
		at = skip_blanks(l, at + 1);
		l->at = at + 1;
		l->end = skip_value(l, at) - 1;
		at = skip_value(l, at);
		if (at >= l->len)
			return false;
		if (end - name == n + 2 && memcmp(l->text + name + 1, key,
		    n) == 0) {
			while (l->end > l->at && is_blank(l->text[l->end]))
				l->end--;
			return l->text[l->at - 1] == '[' &&
			    l->text[l->end] == ']' && l->end >= l->at;
		}
	} while (l->text[at] == ',');
	return false;
}

json_t *
json_list_open(struct json_list *l, const char *text, size_t len,
    const char *key, json_error_t *error)
{
	struct sbuf rest = { 0 };
	json_t *root;

	*l = (struct json_list){ .text = text, .len = len };
	if (!find_list(l, key)) {
		l->at = l->end = 0;
		return json_loadb(text, len, 0, error);
	}
	sbuf_add(&rest, text, l->at);
	/* Whoever reads of an error must find its line. */
	for (size_t i = l->at; i < l->end; i++)
		if (text[i] == '\n')
			sbuf_putc(&rest, '\n');
	sbuf_add(&rest, text + l->end, len - l->end);
	root = json_loadb(rest.data, rest.len, 0, error);
	sbuf_fini(&rest);
	l->at = skip_blanks(l, l->at);
	return root;
}

/* The place of an error in the whole text. */
static void
place_error(const struct json_list *l, json_error_t *error)
{
	int line = 1, column = 0;

	for (size_t i = 0; i < l->at; i++)
		if (l->text[i] == '\n') {
			line++;
			column = 0;
		} else
			column++;
	if (error->line <= 1)
		error->column += column;
	error->line += line - 1;
}

static json_t *
fail(const struct json_list *l, bool *failed, json_error_t *error,
    const char *text)
{
	*failed = true;
	if (text != NULL) {
		memset(error, 0, sizeof *error);
		error->line = error->column = 1;
		snprintf(error->text, sizeof error->text, "%s", text);
	}
	place_error(l, error);
	return NULL;
}

json_t *
json_list_next(struct json_list *l, bool *failed, json_error_t *error)
{
	json_t *item;

	*failed = false;
	if (l->at >= l->end)
		return l->more ? fail(l, failed, error,
		    "expected another item") : NULL;
	item = json_loadb(l->text + l->at, l->end - l->at,
	    JSON_DISABLE_EOF_CHECK, error);
	if (item == NULL)
		return fail(l, failed, error, NULL);
	l->at = skip_blanks(l, l->at + (size_t)error->position);
	l->more = l->at < l->end && l->text[l->at] == ',';
	if (l->at < l->end && !l->more) {
		json_decref(item);
		return fail(l, failed, error, "expected a comma or the end of "
		    "the list");
	}
	if (l->more)
		l->at = skip_blanks(l, l->at + 1);
	return item;
}

#include "harness/report/kinds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/whole_file.h"
#include "harness/base/xalloc.h"

static const struct report_kind set_kinds[] = {
#define X(word, writer, help) { word, help, writer, NULL },
	REPORT_KINDS(X)
#undef X
};
static const struct report_kind diff_kinds[] = {
#define X(word, writer, help) { word, help, NULL, writer },
	DIFF_REPORT_KINDS(X)
#undef X
};
const struct report_kinds report_kinds = { set_kinds,
	sizeof set_kinds / sizeof *set_kinds };
const struct report_kinds report_diff_kinds = { diff_kinds,
	sizeof diff_kinds / sizeof *diff_kinds };

static const struct report_kind *
find_kind(const struct report_kinds *kinds, const char *word, size_t len)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (strlen(kinds->items[i].word) == len &&
		    strncmp(kinds->items[i].word, word, len) == 0)
			return &kinds->items[i];
	return NULL;
}

static char *
unknown_kind(const struct report_kinds *kinds, const char *word, size_t len)
{
	const char **words = xcalloc(kinds->count, sizeof *words);
	char *given = xstrndup(word, len), *text, room[DIAG_MEANT];
	struct sbuf b = { 0 };

	for (size_t i = 0; i < kinds->count; i++) {
		words[i] = kinds->items[i].word;
		sbuf_printf(&b, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	text = xasprintf("there is no report of kind \"%s\"%s; there are: %s",
	    given, diag_meant(given, words, kinds->count, room), sbuf_str(&b));
	sbuf_fini(&b);
	free(words);
	free(given);
	return text;
}

/* Does "KIND=" stand here?  Letters only: a file's name may hold commas. */
static size_t
kind_length(const char *p)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && p[n] == '=' ? n : 0;
}

static const char *
item_end(const char *p)
{
	while ((p = strchr(p, ',')) != NULL && kind_length(p + 1) == 0)
		p++;
	return p;
}

bool
report_outputs_parse(struct report_outputs *o, const char *text,
    char **error)
{
	const struct report_kind *kind;
	const char *file, *end;
	size_t n;

	for (; text != NULL; text = end != NULL ? end + 1 : NULL) {
		n = strcspn(text, "=");
		if (text[n] == '\0' || n == 0) {
			*error = xasprintf("expected KIND=FILE, got \"%s\"",
			    text);
			return false;
		}
		if ((kind = find_kind(o->kinds, text, n)) == NULL) {
			*error = unknown_kind(o->kinds, text, n);
			return false;
		}
		file = text + n + 1;
		end = item_end(file);
		n = end != NULL ? (size_t)(end - file) : strlen(file);
		if (n == 0) {
			*error = xasprintf("%s= needs a file", kind->word);
			return false;
		}
		o->items = xreallocarray(o->items, o->count + 1,
		    sizeof *o->items);
		o->items[o->count].kind = kind;
		o->items[o->count++].path = xstrndup(file, n);
	}
	return true;
}

static bool
is_stdout(const struct report_output *item)
{
	return strcmp(item->path, "-") == 0;
}

bool
report_outputs_take_stdout(const struct report_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (is_stdout(&o->items[i]))
			return true;
	return false;
}

bool
report_outputs_check(const struct report_outputs *o, char **error)
{
	const struct report_output *item;

	for (size_t i = 0; i < o->count; i++) {
		item = &o->items[i];
		for (size_t k = 0; k < i; k++)
			if (strcmp(item->path, o->items[k].path) == 0) {
				*error = xasprintf("%s and %s would both be "
				    "written to %s", o->items[k].kind->word,
				    item->kind->word, item->path);
				return false;
			}
		if (!is_stdout(item) && whole_file_check(item->path) < 0) {
			*error = xasprintf("%s: %s", item->path,
			    strerror(errno));
			return false;
		}
	}
	return true;
}

static void
write_to(FILE *f, const struct report_output *item, const char *path,
    struct report_set *set, struct report_diff *diff)
{
	if (set != NULL) {
		set->output = path;
		item->kind->write(f, set);
		set->output = NULL;
	} else {
		diff->output = path;
		item->kind->write_diff(f, diff);
		diff->output = NULL;
	}
}

static int
write_one(const struct report_output *item, struct report_set *set,
    struct report_diff *diff)
{
	struct whole_file file;

	if (is_stdout(item)) {
		write_to(stdout, item, NULL, set, diff);
		return ferror(stdout) || fflush(stdout) != 0 ? -1 : 0;
	}
	if (whole_file_open(&file, item->path) < 0)
		return -1;
	write_to(file.f, item, item->path, set, diff);
	return whole_file_close(&file);
}

static bool
write_all(const struct report_outputs *o, struct report_set *set,
    struct report_diff *diff, char **error)
{
	*error = NULL;
	for (size_t i = 0; i < o->count; i++)
		if (write_one(&o->items[i], set, diff) < 0 && *error == NULL)
			*error = xasprintf("%s: %s", is_stdout(&o->items[i]) ?
			    "standard output" : o->items[i].path,
			    strerror(errno));
	return *error == NULL;
}

bool
report_outputs_write(const struct report_outputs *o, struct report_set *set,
    char **error)
{
	return write_all(o, set, NULL, error);
}

bool
report_outputs_write_diff(const struct report_outputs *o,
    struct report_diff *diff, char **error)
{
	return write_all(o, NULL, diff, error);
}

void
report_outputs_fini(struct report_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		free(o->items[i].path);
	free(o->items);
	memset(o, 0, sizeof *o);
}

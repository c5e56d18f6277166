#include "harness/base/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

void
diags_init(struct diags *ds)
{
	memset(ds, 0, sizeof *ds);
	ds->arena = arena_new();
}

void
diags_fini(struct diags *ds)
{
	arena_free(ds->arena);
	memset(ds, 0, sizeof *ds);
}

struct diag *
diags_add(struct diags *ds, enum diag_level level, const char *file, int line,
    int col, const char *fmt, ...)
{
	struct sbuf text = { 0 };
	struct diag *d;
	va_list ap;

	d = arena_push(ds->arena, &ds->items, &ds->count, sizeof *d);
	va_start(ap, fmt);
	sbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	*d = (struct diag){ .level = level, .line = line, .col = col,
	    .width = 1 };
	d->file = arena_strdup(ds->arena, file);
	d->message = arena_strdup(ds->arena, sbuf_str(&text));
	sbuf_fini(&text);
	if (level == DIAG_ERROR)
		ds->errors++;
	return d;
}

static int
by_position(const void *va, const void *vb)
{
	const struct diag *a = *(const struct diag *const *)va;
	const struct diag *b = *(const struct diag *const *)vb;
	int c = strcmp(a->file, b->file);

	if (c == 0)
		c = (a->line > b->line) - (a->line < b->line);
	if (c == 0)
		c = (a->col > b->col) - (a->col < b->col);
	return c ? c : (a > b) - (a < b);
}

/* Control characters of hostile input must not reach the terminal. */
static void
put_line(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		fputc(c == '\t' || (c >= 0x20 && c != 0x7f) ? c : '?', out);
	}
}

static void
put_text(FILE *out, const char *before, const char *s, const char *after)
{
	fputs(before, out);
	put_line(out, s, strlen(s));
	fputs(after, out);
}

static void
print_snippet(const struct diag *d, const char *source, FILE *out)
{
	const char *line = source;
	size_t len;
	int i;

	for (i = 1; i < d->line && line != NULL; i++)
		if ((line = strchr(line, '\n')) != NULL)
			line++;
	if (line == NULL)
		return;
	len = strcspn(line, "\n");
	fprintf(out, "%5d | ", d->line);
	put_line(out, line, len);
	fputs("\n      | ", out);
	for (i = 1; i < d->col; i++)
		fputc((size_t)i <= len && line[i - 1] == '\t' ? '\t' : ' ',
		    out);
	fputc('^', out);
	for (i = 1; i < d->width; i++)
		fputc('~', out);
	fputc('\n', out);
}

void
diags_print(const struct diags *ds, const char *source, FILE *out)
{
	const struct diag **order, *d;

	order = xcalloc(ds->count, sizeof *order);
	for (size_t i = 0; i < ds->count; i++)
		order[i] = &ds->items[i];
	qsort(order, ds->count, sizeof *order, by_position);
	for (size_t i = 0; i < ds->count; i++) {
		d = order[i];
		put_text(out, "", d->file, "");
		if (d->line > 0)
			fprintf(out, ":%d:%d", d->line, d->col);
		put_text(out, d->level == DIAG_ERROR ? ": error: " :
		    ": warning: ", d->message, "");
		if (d->rule != NULL)
			fprintf(out, " [%s]", d->rule);
		fputc('\n', out);
		if (source != NULL && d->line > 0)
			print_snippet(d, source, out);
		if (d->expected != NULL)
			put_text(out, "      = expected: ", d->expected,
			    "\n");
		if (d->meant != NULL)
			put_text(out, "      = did you mean \"", d->meant,
			    "\"?\n");
	}
	free(order);
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment distance; words longer than 63 never match. */
static size_t
distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), d[64][64];

	if (la > 63 || lb > 63)
		return SIZE_MAX;
	for (size_t i = 0; i <= la; i++) {
		for (size_t j = 0; j <= lb; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 <
			    d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

const char *
diag_nearest(const char *word, const char *const *candidates, size_t count)
{
	size_t best = strlen(word) / 3 + 1, d;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++)
		if ((d = distance(word, candidates[i])) <= best &&
		    (nearest == NULL || d < best)) {
			best = d;
			nearest = candidates[i];
		}
	return nearest;
}

const char *
diag_meant(const char *word, const char *const *candidates, size_t count,
    char room[static DIAG_MEANT])
{
	const char *nearest = diag_nearest(word, candidates, count);

	if (nearest == NULL)
		return "";
	snprintf(room, DIAG_MEANT, "; did you mean \"%s\"?", nearest);
	return room;
}

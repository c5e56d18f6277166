#include "harness/report/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/console_int.h"
#include "harness/report/text.h"

/* The longest word and a blank. */
#define CELL_COLUMNS	6
#define PAGE_COLUMNS	80
/* A word too long for nine MTAs on a page; it is explained below. */
#define SHORT_UNEXERCISED "n-ex"

static size_t
add_name(char ***names, size_t *count, const char *name)
{
	*names = xreallocarray(*names, *count + 1, sizeof **names);
	(*names)[*count] = xstrdup(name);
	return (*count)++;
}

static size_t
find_mta(struct report_matrix *m, const char *mta)
{
	for (size_t i = m->mta_count; i > 0; i--)
		if (strcmp(m->mtas[i - 1], mta) == 0)
			return i - 1;
	return add_name(&m->mtas, &m->mta_count, mta);
}

static size_t
find_id(struct report_matrix *m, const char *id)
{
	size_t i = name_index_find(&m->id_index, id);

	if (i == NAME_INDEX_NONE) {
		i = add_name(&m->ids, &m->id_count, id);
		name_index_add(&m->id_index, m->ids[i], i);
	}
	return i;
}

static void
widen(struct report_matrix *m, size_t before)
{
	for (size_t i = 0; i < m->id_count; i++) {
		m->cells[i] = xreallocarray(m->cells[i], m->mta_count, 1);
		memset(m->cells[i] + before, 0, m->mta_count - before);
	}
}

void
matrix_add(struct report_matrix *m, const char *id, const char *mta,
    enum result r)
{
	size_t ids = m->id_count, mtas = m->mta_count;
	size_t column = find_mta(m, mta), row;
	unsigned char *cell;

	if (m->mta_count > mtas)
		widen(m, mtas);
	row = find_id(m, id);
	if (m->id_count > ids) {
		m->cells = xreallocarray(m->cells, m->id_count,
		    sizeof *m->cells);
		m->cells[row] = xcalloc(m->mta_count, 1);
	}
	cell = &m->cells[row][column];
	if (*cell < (unsigned)r + 1)
		*cell = (unsigned char)(r + 1);
}

void
matrix_fini(struct report_matrix *m)
{
	for (size_t i = 0; i < m->mta_count; i++)
		free(m->mtas[i]);
	for (size_t i = 0; i < m->id_count; i++) {
		free(m->ids[i]);
		free(m->cells[i]);
	}
	name_index_fini(&m->id_index);
	free(m->mtas);
	free(m->ids);
	free(m->cells);
	memset(m, 0, sizeof *m);
}

/* --- the table --- */

struct layout {
	size_t	 id_columns, cell_columns;
	bool	 letters;	/* instead of names */
};

static void
lay_out(struct layout *l, const struct report_style *style,
    const struct report_matrix *m)
{
	size_t page = style->width > 0 ? (size_t)style->width : PAGE_COLUMNS;
	size_t longest_id = 8, longest = 0, n;

	for (size_t i = 0; i < m->id_count; i++)
		if ((n = text_columns(m->ids[i])) > longest_id)
			longest_id = n;
	for (size_t k = 0; k < m->mta_count; k++)
		if ((n = text_columns(m->mtas[k])) > longest)
			longest = n;
	l->cell_columns = longest + 1 > CELL_COLUMNS ? longest + 1 :
	    CELL_COLUMNS;
	l->letters = m->mta_count * l->cell_columns + 30 > page;
	if (l->letters)
		l->cell_columns = CELL_COLUMNS;
	n = m->mta_count * l->cell_columns;
	l->id_columns = page > n + 20 ? page - n : 20;
	if (l->id_columns > longest_id + 1)
		l->id_columns = longest_id + 1;
}

/* The end of an id says more than its beginning. */
static void
put_id(struct sbuf *b, const char *id, size_t columns)
{
	struct sbuf clean = { 0 };
	const char *p;
	size_t n;

	text_clean(&clean, id);
	p = sbuf_str(&clean);
	if ((n = text_columns(p)) >= columns) {
		sbuf_puts(b, TEXT_ELLIPSIS);
		for (n -= columns - 2; n > 0; n--)
			do
				p++;
			while (((unsigned char)*p & 0xc0) == 0x80);
	}
	sbuf_puts(b, p);
	for (n = text_columns(sbuf_str(&clean)); n < columns; n++)
		sbuf_putc(b, ' ');
	if (text_columns(sbuf_str(&clean)) >= columns)
		sbuf_putc(b, ' ');
	sbuf_fini(&clean);
}

/* A, B ... Z, AA, AB ... */
static void
put_letters(char out[8], size_t k)
{
	size_t n = 0;

	if (k >= 26)
		out[n++] = (char)('A' + k / 26 - 1);
	out[n++] = (char)('A' + k % 26);
	out[n] = '\0';
}

static void
put_heads(struct sbuf *b, const struct layout *l,
    const struct report_matrix *m)
{
	struct sbuf name = { 0 };
	char letters[8];

	sbuf_printf(b, "\n%*s", (int)l->id_columns, "");
	for (size_t k = 0; k < m->mta_count; k++) {
		sbuf_clear(&name);
		put_letters(letters, k);
		text_clean(&name, l->letters ? letters : m->mtas[k]);
		sbuf_printf(b, "%-*s", k + 1 < m->mta_count ?
		    (int)l->cell_columns : 0, sbuf_str(&name));
	}
	sbuf_putc(b, '\n');
	sbuf_fini(&name);
}

/* Ok wherever it ran; *whole: and it ran everywhere. */
static bool
is_ok(const struct report_matrix *m, size_t row, bool *whole)
{
	*whole = true;
	for (size_t k = 0; k < m->mta_count; k++)
		if (m->cells[row][k] == 0)
			*whole = false;
		else if (m->cells[row][k] != RESULT_OK + 1)
			return false;
	return true;
}

static void
put_folded(struct sbuf *b, size_t n, bool more, const char *where)
{
	if (n > 0)
		sbuf_printf(b, "%zu %sscenario%s ok %s\n", n, more ? "more " :
		    "", n == 1 ? "" : "s", where);
}

static void
put_row(struct sbuf *b, const struct report_style *style,
    const struct layout *l, const struct report_matrix *m, size_t row)
{
	unsigned char cell;

	put_id(b, m->ids[row], l->id_columns);
	for (size_t k = 0; k < m->mta_count; k++) {
		cell = m->cells[row][k];
		if (cell == 0 || cell == RESULT_NOT_EXERCISED + 1)
			sbuf_printf(b, "%-5s", cell == 0 ? "-" :
			    SHORT_UNEXERCISED);
		else
			put_status(b, style, (enum result)(cell - 1));
		if (k + 1 < m->mta_count)
			sbuf_printf(b, "%*s", (int)l->cell_columns - 5, "");
	}
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	sbuf_putc(b, '\n');
}

static bool
has(const struct report_matrix *m, enum result r)
{
	for (size_t i = 0; i < m->id_count; i++)
		for (size_t k = 0; k < m->mta_count; k++)
			if (m->cells[i][k] == r + 1)
				return true;
	return false;
}

void
console_matrix(struct sbuf *b, const struct report_style *style,
    const struct report_matrix *m)
{
	struct layout l;
	size_t ok = 0, partly = 0;
	bool whole;
	char letters[8];

	lay_out(&l, style, m);
	put_heads(b, &l, m);
	for (size_t i = 0; i < m->id_count; i++)
		if (style->verbose || !is_ok(m, i, &whole))
			put_row(b, style, &l, m, i);
		else if (whole)
			ok++;
		else
			partly++;
	put_folded(b, ok, ok < m->id_count, "on all");
	put_folded(b, partly, partly < m->id_count, "where they ran");
	if (has(m, RESULT_NOT_EXERCISED))
		sbuf_printf(b, "%s = %s\n", SHORT_UNEXERCISED,
		    report_result_word(RESULT_NOT_EXERCISED));
	for (size_t k = 0; l.letters && k < m->mta_count; k++) {
		put_letters(letters, k);
		sbuf_printf(b, "%-2s = ", letters);
		text_clean(b, m->mtas[k]);
		sbuf_putc(b, '\n');
	}
}

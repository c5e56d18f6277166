#include "harness/main/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"

/* Long options come back as their row, beyond every letter. */
#define ROW_BASE	0x100

bool
option_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *text != '-' &&
	    *out >= least && *out <= most;
}

/* What getopt_long(3) did not take: says so, and what may have been meant. */
static int
unknown_option(const struct option_table *t, const char *given,
    bool lacks_value)
{
	const char **names, *meant = NULL;
	size_t n = 0;

	if (lacks_value)
		return usage_error(t->command, "%s needs a value", given);
	names = xcalloc(t->count, sizeof *names);
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].name != NULL)
			names[n++] = t->rows[i].name;
	if (strncmp(given, "--", 2) == 0)
		meant = diag_nearest(given + 2, names, n);
	free(names);
	return usage_error(t->command, "there is no option %s%s%s%s", given,
	    meant != NULL ? "; did you mean \"--" : "",
	    meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
}

/* getopt's own two tables; `longs` ends with a zeroed row. */
static void
fill_tables(const struct option_table *t, struct option *longs,
    struct sbuf *letters)
{
	sbuf_putc(letters, ':');
	for (size_t i = 0; i < t->count; i++) {
		const struct option_row *row = &t->rows[i];

		if (row->letter != '\0') {
			sbuf_putc(letters, row->letter);
			if (row->arg != NULL)
				sbuf_putc(letters, ':');
		}
		if (row->name == NULL)
			continue;
		longs->name = row->name;
		longs->has_arg = row->arg == NULL ? no_argument :
		    *row->arg == '[' ? optional_argument : required_argument;
		longs->val = ROW_BASE + (int)i;
		longs++;
	}
}

static const struct option_row *
find_row(const struct option_table *t, int c)
{
	if (c >= ROW_BASE)
		return &t->rows[c - ROW_BASE];
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].letter == c)
			return &t->rows[i];
	return NULL;
}

int
options_parse(const struct option_table *t, int argc, char **argv, void *ctx,
    int *first)
{
	struct option *longs = xcalloc(t->count + 1, sizeof *longs);
	struct sbuf letters = { 0 };
	int c, rc = 0;

	fill_tables(t, longs, &letters);
	opterr = 0;
	optind = 0;
	while (rc == 0 && (c = getopt_long(argc, argv, sbuf_str(&letters),
	    longs, NULL)) != -1)
		if (c == '?' || c == ':')
			rc = unknown_option(t, argv[optind - 1], c == ':');
		else
			rc = find_row(t, c)->take(ctx, optarg);
	*first = optind;
	sbuf_fini(&letters);
	free(longs);
	return rc;
}

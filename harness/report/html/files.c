/* What a run left on disk: the MTA's log around the moment, and its files. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/report/html/internal.h"

/* Lines of the log before and after the moment. */
#define LINES_BEFORE	12
#define LINES_AFTER	8
#define LINE_MOST	300
#define FILES_MOST	40

struct log_line {
	int64_t		 t_us;
	const char	*text;
	size_t		 len;
};

/* "SECONDS.MICROSECONDS ..."; false: no time. */
static bool
parse_time(const char *s, int64_t *us)
{
	long long sec;
	int micro, n = 0;

	if (sscanf(s, "%lld.%6d%n", &sec, &micro, &n) != 2 || n == 0)
		return false;
	*us = (int64_t)sec * USEC_PER_SEC + (*s == '-' ? -micro : micro);
	return true;
}

/*
 * Before the phases began the log counts from the lab's start: what comes
 * before time goes back to 0 is none of the run's.
 */
static size_t
split(char *text, struct log_line **out)
{
	struct log_line *lines = NULL;
	size_t count = 0, len;
	int64_t t_us = 0, now;

	for (char *s = text; *s != '\0'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		now = t_us;
		parse_time(s, &now);
		if (now < t_us)
			count = 0;
		t_us = now;
		if ((count & (count - 1)) == 0)
			lines = xreallocarray(lines, count > 0 ? 2 * count :
			    1, sizeof *lines);
		lines[count++] = (struct log_line){ now, s, len };
	}
	*out = lines;
	return count;
}

static void
put_lines(struct sbuf *b, const struct log_line *lines, size_t count,
    int64_t at_us)
{
	size_t middle = 0, from, to;

	while (middle < count && lines[middle].t_us <= at_us)
		middle++;
	from = middle > LINES_BEFORE ? middle - LINES_BEFORE : 0;
	to = middle + LINES_AFTER < count ? middle + LINES_AFTER : count;
	if (from > 0)
		html_put(b, "(%zu lines before)\n", from);
	for (size_t i = from; i < to; i++) {
		if (i == middle)
			sbuf_puts(b, "<b>-- the decisive moment --</b>\n");
		html_text_bytes(b, lines[i].text, lines[i].len < LINE_MOST ?
		    lines[i].len : LINE_MOST);
		sbuf_putc(b, '\n');
	}
	if (to < count)
		html_put(b, "(%zu lines after)\n", count - to);
}

void
html_log(struct sbuf *b, const struct report_case *rc)
{
	const struct event *ev = html_event(rc->trace, html_decisive(rc));
	struct log_line *lines = NULL;
	struct sbuf text = { 0 };
	char *path;
	size_t count;

	if (rc->dir == NULL || ev == NULL)
		return;
	path = xasprintf("%s/mta.log", rc->dir);
	if (sbuf_read_file(&text, path) == 0 && text.len > 0 &&
	    (count = split(text.data, &lines)) > 0) {
		sbuf_puts(b, "<details><summary>The MTA's log around the "
		    "decisive moment</summary>\n<p class=\"note\">The MTA's "
		    "own words; they are no evidence.</p>\n"
		    "<pre tabindex=\"0\">");
		put_lines(b, lines, count, ev->t_us);
		sbuf_puts(b, "</pre>\n</details>\n");
	}
	free(lines);
	free(path);
	sbuf_fini(&text);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the files there are; a folder that is gone has none. */
static size_t
list(const char *dir, char *names[FILES_MOST])
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	while (d != NULL && n < FILES_MOST && (e = readdir(d)) != NULL)
		if (*e->d_name != '.')
			names[n++] = xstrdup(e->d_name);
	if (d != NULL)
		closedir(d);
	qsort(names, n, sizeof *names, by_name);
	return n;
}

/*
 * The folder as seen from `base`, both absolute: a page and its runs may be
 * moved together.
 */
static void
put_way(struct sbuf *b, const char *base, const char *dir)
{
	size_t same = 0, i;

	for (i = 0; base[i] != '\0' && base[i] == dir[i]; i++)
		if (base[i] == '/')
			same = i;
	if ((base[i] == '\0' || base[i] == '/') && (dir[i] == '\0' ||
	    dir[i] == '/'))
		same = i;
	for (const char *p = base + same; *p != '\0'; p++)
		if (*p == '/' && p[1] != '\0')
			sbuf_puts(b, "../");
	dir += same;
	html_path(b, *dir == '/' ? dir + 1 : dir);
}

void
html_artefacts(struct sbuf *b, const char *base,
    const struct report_case *rc)
{
	char *names[FILES_MOST], *dir;
	size_t n;

	if (rc->dir == NULL)
		return;
	n = list(rc->dir, names);
	dir = realpath(rc->dir, NULL);
	html_put(b, "<p class=\"note\">Stored in <code>%s</code>", rc->dir);
	for (size_t i = 0; i < n; i++) {
		sbuf_puts(b, i > 0 ? ", " : ": ");
		sbuf_puts(b, "<a href=\"");
		if (base != NULL && dir != NULL)
			put_way(b, base, dir);
		else
			html_path(b, rc->dir);
		sbuf_putc(b, '/');
		html_path(b, names[i]);
		html_put(b, "\">%s</a>", names[i]);
		free(names[i]);
	}
	sbuf_puts(b, "</p>\n");
	free(dir);
}

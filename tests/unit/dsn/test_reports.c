/*
 * Reports and what must be read of them: reports/NAME.txt.
 *
 *	== name of the case
 *	[mail]			a whole mail, or of the good report that the
 *	[PIECE]			file begins with these pieces replaced: header,
 *				type, first, message, recipient, last, end
 *	[told]			what is read; where pieces are replaced, only
 *	+ LINE			what is told beside the good report's
 *	- LINE			and what is not
 *
 * Lines end in CRLF when they are parsed; "{NUL}" is an octet of zero, "{CR}"
 * a carriage return, "{}" at the end of a line nothing (a blank before it
 * stays), "{*N}" before a line has it N times.  With REPORTS_WRITE=FOLDER in
 * the environment the files are written there as they would pass: to be read
 * before they are believed.
 */
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "tests/unit/dsn/tell.h"
#include "tests/unit/suite.h"

#define FOLDER	"tests/unit/dsn/reports/"

static const char *const piece_names[] = { "header", "type", "first",
	"message", "recipient", "last", "end", "mail" };
enum { MAIL = 7, PIECES };

static glob_t files;

/* One file while it is read. */
struct reading {
	const char	*path;
	char		*good[PIECES];	/* of the first case */
	struct sbuf	 told_of_good;
	struct sbuf	 written;	/* the file as it would pass */
	/* The case. */
	char		*name, *pieces[PIECES];
	struct sbuf	 want;
};

static void
put_line(struct sbuf *b, const char *line)
{
	char *end;
	long times = 1;

	if (strncmp(line, "{*", 2) == 0) {
		times = strtol(line + 2, &end, 10);
		line = end + 1;
	}
	for (long i = 0; i < times; i++) {
		for (const char *p = line; *p != '\0'; p++) {
			if (strcmp(p, "{}") == 0)
				break;
			if (strncmp(p, "{NUL}", 5) == 0) {
				sbuf_putc(b, '\0');
				p += 4;
			} else if (strncmp(p, "{CR}", 4) == 0) {
				sbuf_putc(b, '\r');
				p += 3;
			} else
				sbuf_putc(b, *p);
		}
		sbuf_puts(b, "\r\n");
	}
}

static void
put_piece(struct sbuf *b, const char *text)
{
	char *copy = xstrdup(text != NULL ? text : ""), *line = copy, *nl;

	for (; (nl = strchr(line, '\n')) != NULL; line = nl + 1) {
		*nl = '\0';
		put_line(b, line);
	}
	free(copy);
}

/* Near an end of a line, a word or a name there is something to overlook. */
static bool
is_worth_a_cut(const struct sbuf *mail, size_t n)
{
	for (size_t i = n > 2 ? n - 2 : 0; i <= n && i < mail->len; i++)
		if (strchr("\r\n:;=\"<>@", mail->data[i]) != NULL)
			return true;
	return false;
}

/*
 * Octets cut off do no harm: of the exact size, so that a sanitizer sees
 * their end.
 */
static void
cut_between(const struct sbuf *mail, size_t begin, size_t end)
{
#ifdef __SANITIZE_ADDRESS__
	struct dsn d;
	char *exact;

	for (size_t n = begin; n < end && n < begin + 2000; n++) {
		if (!is_worth_a_cut(mail, n))
			continue;
		exact = xmalloc(n + 1);
		memcpy(exact, mail->data, n);
		exact = realloc(exact, n > 0 ? n : 1);
		dsn_parse(&d, exact, n);
		dsn_fini(&d);
		free(exact);
	}
#else
	(void)end;
	is_worth_a_cut(mail, begin);
#endif
}

static void
tell_case(const struct reading *r, struct sbuf *told)
{
	size_t begin = SIZE_MAX, end = 0, before;
	struct sbuf mail = { 0 };
	struct dsn d;

	for (int i = r->pieces[MAIL] != NULL ? MAIL : 0; i < PIECES; i++) {
		before = mail.len;
		put_piece(&mail, r->pieces[i] != NULL ? r->pieces[i] :
		    r->good[i]);
		if (r->pieces[i] != NULL) {
			begin = before < begin ? before : begin;
			end = mail.len;
		}
		/* The frame's header ends. */
		if (i == 1)
			sbuf_puts(&mail, "\r\n");
	}
	dsn_parse(&d, sbuf_str(&mail), mail.len);
	dsn_tell(told, &d);
	dsn_fini(&d);
	cut_between(&mail, begin, end);
	sbuf_fini(&mail);
}

static bool
has_line(const char *text, const char *line, size_t len)
{
	for (; *text != '\0'; text = strchr(text, '\n') + 1)
		if (strncmp(text, line, len) == 0 && text[len] == '\n')
			return true;
	return false;
}

/* The lines of `a` that `b` has not. */
static void
put_beside(struct sbuf *out, const char *mark, const char *a, const char *b)
{
	size_t len;

	for (; *a != '\0'; a += len + 1) {
		len = strcspn(a, "\n");
		if (!has_line(b, a, len))
			sbuf_printf(out, "%s%.*s\n", mark, (int)len, a);
	}
}

static void
end_case(struct reading *r)
{
	struct sbuf told = { 0 }, got = { 0 };
	bool is_good = r->told_of_good.len == 0;

	if (r->name == NULL)
		return;
	if (is_good)
		memcpy(r->good, r->pieces, sizeof r->good);
	tell_case(r, &told);
	if (is_good)
		sbuf_puts(&r->told_of_good, sbuf_str(&told));
	if (is_good || r->pieces[MAIL] != NULL)
		sbuf_puts(&got, sbuf_str(&told));
	else {
		put_beside(&got, "+ ", sbuf_str(&told),
		    sbuf_str(&r->told_of_good));
		put_beside(&got, "- ", sbuf_str(&r->told_of_good),
		    sbuf_str(&told));
	}
	sbuf_printf(&r->written, "[told]\n%s\n", sbuf_str(&got));
	/* Of those that fail the first is told. */
	if (strcmp(sbuf_str(&got), sbuf_str(&r->want)) != 0 &&
	    getenv("REPORTS_WRITE") == NULL) {
		fprintf(stderr, "%s: told\n%s-- not\n%s", r->name,
		    sbuf_str(&got), sbuf_str(&r->want));
		ck_abort_msg("%s: %s", r->path, r->name);
	}
	sbuf_fini(&told);
	sbuf_fini(&got);
	for (int i = 0; i < PIECES; i++)
		if (!is_good)
			free(r->pieces[i]);
	memset(r->pieces, 0, sizeof r->pieces);
	free(r->name);
	r->name = NULL;
	sbuf_clear(&r->want);
}

static int
piece_of(const char *line)
{
	size_t len = strcspn(line + 1, "]");

	for (int i = 0; i < PIECES; i++)
		if (strlen(piece_names[i]) == len &&
		    strncmp(line + 1, piece_names[i], len) == 0)
			return i;
	return -1;
}

/* A piece's text ends where the next begins. */
static const char *
section_end(const char *p)
{
	for (; *p != '\0'; p += strcspn(p, "\n") + 1)
		if (*p == '[' || strncmp(p, "== ", 3) == 0)
			break;
	return p;
}

static void
read_cases(struct reading *r, const char *p)
{
	const char *start, *end;
	int piece;

	for (; *p != '\0'; p = end) {
		start = p + strcspn(p, "\n") + 1;
		end = section_end(start);
		if (*p == '=') {
			end_case(r);
			r->name = xstrndup(p + 3, (size_t)(start - p - 4));
			sbuf_add(&r->written, p, (size_t)(end - p));
		} else if (strncmp(p, "[told]", 6) == 0) {
			/* An empty line parts the cases. */
			sbuf_add(&r->want, start, (size_t)(end - start));
			while (r->want.len > 1 && strcmp(r->want.data +
			    r->want.len - 2, "\n\n") == 0)
				r->want.data[--r->want.len] = '\0';
			if (strcmp(sbuf_str(&r->want), "\n") == 0)
				sbuf_clear(&r->want);
		} else if ((piece = piece_of(p)) >= 0) {
			r->pieces[piece] = xstrndup(start,
			    (size_t)(end - start));
			sbuf_add(&r->written, p, (size_t)(end - p));
		} else
			ck_abort_msg("%s: %.40s: no such section", r->path, p);
	}
	end_case(r);
}

static void
write_anew(const struct reading *r)
{
	char *path = xasprintf("%s%s", getenv("REPORTS_WRITE"),
	    strrchr(r->path, '/'));
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(sbuf_str(&r->written), f);
	fclose(f);
	free(path);
}

START_TEST(each_report_is_read_as_it_must_be)
{
	struct reading r = { .path = files.gl_pathv[_i] };
	struct sbuf text = { 0 };

	ck_assert_int_eq(sbuf_read_file(&text, r.path), 0);
	read_cases(&r, sbuf_str(&text));
	if (getenv("REPORTS_WRITE") != NULL)
		write_anew(&r);
	for (int i = 0; i < PIECES; i++)
		free(r.good[i]);
	sbuf_fini(&r.told_of_good);
	sbuf_fini(&r.written);
	sbuf_fini(&r.want);
	sbuf_fini(&text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reports");
	TCase *tc = tcase_create("files");
	int rc;

	if (glob(FOLDER "*.txt", 0, NULL, &files) != 0)
		return EXIT_FAILURE;
	tcase_add_loop_test(tc, each_report_is_read_as_it_must_be, 0,
	    (int)files.gl_pathc);
	suite_add_tcase(s, tc);
	rc = run_and_free(s);
	globfree(&files);
	return rc;
}

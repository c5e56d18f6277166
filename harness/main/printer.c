#include "harness/main/printer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/report/github.h"
#include "harness/report/stored.h"
#include "harness/report/text.h"

static int
terminal_width(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 40)
		return ws.ws_col;
	return 0;
}

static void
print_to(struct printer *p, FILE *out)
{
	p->out = out;
	p->style.colour = isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
	p->style.width = terminal_width(fileno(out));
}

void
printer_init(struct printer *p, bool verbose, const struct results_meta *meta)
{
	memset(p, 0, sizeof *p);
	print_to(p, stdout);
	p->style.verbose = verbose;
	p->tty = isatty(STDERR_FILENO);
	p->results = meta != NULL ? results_new(meta) : NULL;
	p->root = getcwd(NULL, 0);
}

void
printer_leave_stdout(struct printer *p)
{
	print_to(p, stderr);
}

/*
 * The fence's end must not be guessed by whoever can put lines into the
 * text: an MTA, a name server.
 */
void
printer_for_github(struct printer *p)
{
	unsigned char octets[16];
	size_t n = 0;

	if (getrandom(octets, sizeof octets, 0) != (ssize_t)sizeof octets)
		abort();
	for (size_t i = 0; i < sizeof octets; i++)
		n += (size_t)snprintf(p->fence + n, sizeof p->fence - n,
		    "%02x", octets[i]);
}

int
printer_take_format(const char *command, const char *word,
    enum printer_format *format)
{
	if (strcmp(word, "text") == 0)
		*format = PRINTER_TEXT;
	else if (strcmp(word, "github") == 0)
		*format = PRINTER_GITHUB;
	else
		return usage_error(command, "--format %s: expected text or "
		    "github", word);
	return 0;
}

void
printer_put(struct printer *p, const struct sbuf *b)
{
	if (p->fence[0] != '\0')
		fprintf(p->out, "::stop-commands::%s\n", p->fence);
	fwrite(sbuf_str(b), 1, b->len, p->out);
	if (p->fence[0] != '\0')
		fprintf(p->out, "::%s::\n", p->fence);
	fflush(p->out);
}

void
printer_clear(struct printer *p)
{
	if (p->status_shown)
		fputs("\r\033[K", stderr);
	p->status_shown = false;
}

bool
printer_wants_detail(const struct printer *p, const struct judgement *j)
{
	return p->style.verbose || result_is_red(j->result) ||
	    j->result == RESULT_WARN;
}

void
printer_count(struct printer *p, const struct report_case *c)
{
	if (!c->hidden)
		summary_add(&p->summary, c);
	matrix_add(&p->matrix, c->scenario->id, c->mta, c->judgement->result);
	if (p->results != NULL)
		results_add(p->results, c);
}

void
printer_case(struct printer *p, const struct report_case *c)
{
	struct sbuf b = { 0 };

	printer_clear(p);
	printer_count(p, c);
	console_line(&b, &p->style, c);
	if (printer_wants_detail(p, c->judgement))
		console_failure(&b, &p->style, c);
	printer_put(p, &b);
	sbuf_clear(&b);
	if (p->fence[0] != '\0')
		github_annotate(&b, c, p->root);
	fputs(sbuf_str(&b), p->out);
	sbuf_fini(&b);
}

void
printer_status(struct printer *p, size_t finished, size_t total,
    const char *id, const char *mta, int64_t virtual_us, int64_t real_us)
{
	struct report_style style = { .width = terminal_width(
	    STDERR_FILENO) };
	struct sbuf b = { 0 };

	if (!p->tty)
		return;
	if (style.width == 0)
		style.width = 79;
	console_progress(&b, &style, finished, total, id, mta, virtual_us,
	    real_us);
	fprintf(stderr, "\r\033[K%s", sbuf_str(&b));
	p->status_shown = true;
	sbuf_fini(&b);
}

static int
exit_status(const struct report_summary *s)
{
	if (s->counts[RESULT_FAIL] + s->counts[RESULT_XPASS] > 0)
		return EXIT_FAILED;
	if (s->counts[RESULT_ERROR] + s->counts[RESULT_NOT_EXERCISED] > 0)
		return EXIT_UNTRUSTED;
	if (s->runs > 0 && s->counts[RESULT_SKIP] == s->runs)
		return EXIT_ALL_SKIPPED;
	return EXIT_AS_EXPECTED;
}

int
printer_summary(struct printer *p, int64_t wall_us)
{
	struct sbuf b = { 0 };

	printer_clear(p);
	if (p->matrix.mta_count > 1)
		console_matrix(&b, &p->style, &p->matrix);
	console_summary(&b, &p->style, &p->summary, wall_us);
	printer_put(p, &b);
	sbuf_fini(&b);
	return exit_status(&p->summary);
}

int
printer_set_summary(struct printer *p, const struct report_set *set)
{
	struct sbuf b = { 0 };
	int rc;

	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(&b, i == 0 ? "\nNOTE  " : "NOTE  ");
		text_clean(&b, set->notes[i].text);
		sbuf_putc(&b, '\n');
	}
	if (b.len > 0)
		printer_put(p, &b);
	sbuf_fini(&b);
	rc = printer_summary(p, 0);
	if (report_set_untrusted(set) && (rc == EXIT_AS_EXPECTED ||
	    rc == EXIT_ALL_SKIPPED))
		return EXIT_UNTRUSTED;
	return rc;
}

int
printer_end(struct printer *p, const char *dir, int64_t wall_us)
{
	char *path = xasprintf("%s/" RUN_RESULTS, dir);

	if (results_write(p->results, path) < 0)
		fprintf(stderr, "mxdrill: %s: %s\n", path, strerror(errno));
	free(path);
	return printer_summary(p, wall_us);
}

void
printer_diff(const struct report_diff *d, bool verbose, FILE *out)
{
	struct printer p = { .style.verbose = verbose };
	struct sbuf b = { 0 };

	print_to(&p, out);
	console_diff(&b, &p.style, d);
	fwrite(sbuf_str(&b), 1, b.len, out);
	fflush(out);
	sbuf_fini(&b);
}

void
printer_fini(struct printer *p)
{
	summary_fini(&p->summary);
	matrix_fini(&p->matrix);
	free(p->root);
	results_free(p->results);
}

#include "harness/main/printer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"

static int
terminal_width(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 40)
		return ws.ws_col;
	return 0;
}

void
printer_init(struct printer *p, bool verbose, const struct results_meta *meta)
{
	memset(p, 0, sizeof *p);
	p->style.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	p->style.width = terminal_width(STDOUT_FILENO);
	p->style.verbose = verbose;
	p->tty = isatty(STDERR_FILENO);
	p->results = results_new(meta);
}

void
printer_clear(struct printer *p)
{
	if (p->status_shown)
		fputs("\r\033[K", stderr);
	p->status_shown = false;
}

static bool
wants_detail(const struct printer *p, const struct judgement *j)
{
	return p->style.verbose || j->result == RESULT_FAIL ||
	    j->result == RESULT_ERROR || j->result == RESULT_XPASS ||
	    j->result == RESULT_WARN;
}

void
printer_case(struct printer *p, const struct report_case *c)
{
	struct sbuf b = { 0 };

	printer_clear(p);
	summary_add(&p->summary, c);
	results_add(p->results, c);
	console_line(&b, &p->style, c);
	if (wants_detail(p, c->judgement))
		console_failure(&b, &p->style, c);
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	fflush(stdout);
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
	if (s->counts[RESULT_ERROR] > 0)
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
	console_summary(&b, &p->style, &p->summary, wall_us);
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	fflush(stdout);
	sbuf_fini(&b);
	return exit_status(&p->summary);
}

int
printer_end(struct printer *p, const char *dir, int64_t wall_us)
{
	char *path = xasprintf("%s/results.json", dir);

	if (results_write(p->results, path) < 0)
		fprintf(stderr, "mxdrill: %s: %s\n", path, strerror(errno));
	free(path);
	return printer_summary(p, wall_us);
}

void
printer_fini(struct printer *p)
{
	summary_fini(&p->summary);
	results_free(p->results);
}

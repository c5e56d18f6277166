/*
 * `mxdrill explore`: worlds made up from seeds, run until something fails,
 * and what failed made small.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/explore/explore.h"
#include "harness/main/cmd.h"
#include "harness/main/explore_options.h"
#include "harness/main/run_options.h"
#include "harness/report/console.h"
#include "harness/report/stored.h"

struct exploring {
	struct explore_options opt;
	struct explore	 explore;
	struct home	 home;
	struct report_style style;
	char		*out, *program;
	bool		 tty;		/* standard error is a terminal */
};

static void
clear_status(const struct exploring *x)
{
	if (x->tty)
		fputs("\r\033[K", stderr);
}

static void
show_status(void *ctx, uint64_t finished)
{
	const struct exploring *x = ctx;

	if (x->tty)
		fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " worlds",
		    finished, x->opt.count);
}

static void
show_note(void *ctx, const char *text)
{
	clear_status(ctx);
	fprintf(stderr, "mxdrill: %s\n", text);
}

/* As `run` tells a failure, but for the small file. */
static void
show_run(const struct exploring *x, const struct explore_find *find)
{
	struct stored_run run;
	struct sbuf b = { 0 };
	char *error = NULL, *rerun;

	if (!stored_run_read(&run, find->trial.dir, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return;
	}
	rerun = xasprintf("%s run %s --mta %s", x->program, find->file,
	    find->trial.mta);
	struct report_case c = { .scenario = run.scenario,
	    .mta = find->trial.mta, .mta_version = run.mta_version,
	    .judgement = &run.judgement, .trace = &run.trace,
	    .dir = find->trial.dir, .rerun = rerun };
	console_line(&b, &x->style, &c);
	console_failure(&b, &x->style, &c);
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	sbuf_fini(&b);
	free(rerun);
	stored_run_fini(&run);
}

static void
show_find(void *ctx, const struct explore_find *find)
{
	const struct exploring *x = ctx;

	clear_status(x);
	show_run(x, find);
	printf("  made small in %u steps from the world of seed %" PRIu64
	    ": %s\n\n", find->steps, find->seed, find->file);
	fflush(stdout);
}

static void
show_failure(void *ctx, const struct trial *tr)
{
	clear_status(ctx);
	printf("%-5s explore/%" PRIu64 "  %s  %s\n", result_word(tr->result),
	    tr->draft.seed, tr->mta, tr->sentence);
	fflush(stdout);
}

/* --- the sum --- */

static void
put_kinds(const struct explore *e)
{
	const struct explore_kind *k;

	for (size_t i = 0; i < e->kind_count; i++) {
		k = &e->kinds[i];
		printf("%6zu  %s  (seed", k->times, k->words);
		for (size_t s = 0; s < k->times && s < sizeof k->seeds /
		    sizeof *k->seeds; s++)
			printf(" %" PRIu64, k->seeds[s]);
		printf("%s)\n", k->times > sizeof k->seeds /
		    sizeof *k->seeds ? " ..." : "");
	}
}

static void
put_bugs(const struct explore *e)
{
	const struct explore_bug *b;
	size_t missed;

	if (e->bug_count > 0)
		printf("\n%-38s %7s %7s %7s  missed\n", "bug", "worlds",
		    "shown", "caught");
	for (size_t i = 0; i < e->bug_count; i++) {
		b = &e->bug_list[i];
		missed = b->shown - b->caught;
		printf("%-38s %7zu %7zu %7zu", b->name, b->worlds, b->shown,
		    b->caught);
		for (size_t s = 0; s < missed && s < sizeof b->missed /
		    sizeof *b->missed; s++)
			printf(" %" PRIu64, b->missed[s]);
		puts(missed > sizeof b->missed / sizeof *b->missed ? " ..." :
		    "");
	}
}

static int
sum_up(const struct explore *e)
{
	const char *sep = "";

	put_kinds(e);
	printf("%" PRIu64 " worlds from seed %" PRIu64 ":", e->done, e->seed);
	for (int r = 0; r < RESULT_COUNT; r++)
		if (e->results[r] > 0) {
			printf("%s %zu %s", sep, e->results[r],
			    result_word((enum result)r));
			sep = ",";
		}
	putchar('\n');
	put_bugs(e);
	if (e->results[RESULT_FAIL] + e->results[RESULT_XPASS] > 0)
		return EXIT_FAILED;
	return e->results[RESULT_ERROR] > 0 ? EXIT_UNTRUSTED :
	    EXIT_AS_EXPECTED;
}

/* --- doing it --- */

static int
print_worlds(const struct explore_options *o)
{
	struct sbuf text = { 0 };
	struct draft d;

	for (uint64_t i = 0; i < o->count; i++) {
		draft_make(&d, o->seed + i);
		draft_text(&d, &text);
		fputs(sbuf_str(&text), stdout);
		sbuf_clear(&text);
		/* Of YAML: the next document. */
		if (i + 1 < o->count)
			puts("---");
	}
	sbuf_fini(&text);
	return EXIT_AS_EXPECTED;
}

static void
set_up(struct exploring *x)
{
	struct winsize ws;

	x->explore = (struct explore){ .home = &x->home, .mta = x->opt.mta,
	    .out = x->out, .seed = x->opt.seed, .count = x->opt.count,
	    .parallel = x->opt.parallel, .most = (unsigned)x->opt.each,
	    .bugs = x->opt.bug, .ways = !x->opt.plain,
	    .limit_us = x->opt.timeout_us, .found = show_find,
	    .failed = show_failure,
	    .tick = show_status, .note = show_note, .ctx = x };
	x->tty = isatty(STDERR_FILENO);
	x->style.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 40)
		x->style.width = ws.ws_col;
}

static int
explore_all(struct exploring *x)
{
	struct explore *e = &x->explore;
	const struct suite_mta *m = explore_open(e);
	int rc;

	if (m == NULL)
		return EXIT_INTERRUPTED;
	if (m->unknown)
		return usage_error("explore", "--mta %s: %s", e->mta,
		    m->broken);
	if (m->broken != NULL) {
		fprintf(stderr, "mxdrill: --mta %s: %s\n", e->mta,
		    m->broken);
		return EXIT_UNTRUSTED;
	}
	rc = explore_run(e) ? 0 : EXIT_INTERRUPTED;
	clear_status(x);
	if (rc == 0)
		return sum_up(e);
	sum_up(e);
	fprintf(stderr, "mxdrill: interrupted\n");
	return rc;
}

int
cmd_explore(int argc, char **argv)
{
	struct exploring x = { 0 };
	char *error = NULL;
	int first, rc = explore_options_parse(&x.opt, argc, argv, &first);

	if (rc != 0 || x.opt.print)
		return rc != 0 ? rc : print_worlds(&x.opt);
	if (!home_find(&x.home, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return EXIT_UNTRUSTED;
	}
	x.program = home_program();
	x.out = run_folder_open(x.opt.out);
	if (x.out != NULL) {
		set_up(&x);
		rc = explore_all(&x);
		explore_fini(&x.explore);
	} else
		rc = EXIT_WRONG_QUESTION;
	home_fini(&x.home);
	free(x.program);
	free(x.out);
	return rc;
}

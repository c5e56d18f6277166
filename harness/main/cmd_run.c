/*
 * `mxdrill run` and `mxdrill adapter check`: everything is parsed before
 * anything starts; then MTAs are made ready, scenarios run, verdicts
 * printed.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/printer.h"
#include "harness/main/reports.h"
#include "harness/main/run_choice.h"
#include "harness/main/run_options.h"
#include "harness/main/select.h"
#include "harness/run/suite.h"

struct run {
	struct run_options opt;
	struct run_choice choice;
	struct baseline	 baseline;
	struct suite	 suite;
	struct printer	 printer;
	char		*out;
	char		*program;	/* how a shell calls us again */
	size_t		 finished;
};

/* --- reports --- */

/* A scenario of the suite goes by its id, one of the user's own by file. */
static const char *
select_word(const struct run *r, const struct scenario *sc)
{
	const char *ours = r->choice.selection.home.scenarios;

	if (strncmp(sc->path, ours, strlen(ours)) == 0 ||
	    access(sc->path, R_OK) != 0)
		return sc->id;
	return sc->path;
}

/* As it is, or in quotes if the shell would take it apart. */
static void
put_shell_word(struct sbuf *b, const char *word)
{
	if (strcspn(word, " \t\n|&;<>()$`\\\"'*?[]#~{}!") == strlen(word)) {
		sbuf_puts(b, word);
		return;
	}
	sbuf_putc(b, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			sbuf_puts(b, "'\\'");
		sbuf_putc(b, *word);
	}
	sbuf_putc(b, '\'');
}

/* What brings this run again, to be pasted into a shell. */
static char *
rerun_command(const struct run *r, const struct suite_job *job, bool known)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s run %s --mta ", r->program,
	    select_word(r, job->scenario));
	put_shell_word(&b, job->mta->given != NULL ? job->mta->given :
	    job->mta->spec.text);
	for (size_t i = 0; job->mta->elsewhere && i < r->opt.place_count; i++)
		sbuf_printf(&b, " --%s %s", r->opt.place_texts[i].option,
		    r->opt.place_texts[i].value);
	if (r->opt.root != NULL)
		sbuf_printf(&b, " --root %s", r->opt.root);
	if (r->opt.config != NULL)
		sbuf_printf(&b, " --config %s", r->opt.config);
	if (r->opt.seed != 1)
		sbuf_printf(&b, " --seed %llu",
		    (unsigned long long)r->opt.seed);
	if (r->opt.clock == LAB_CLOCK_REAL)
		sbuf_puts(&b, " --clock real");
	if (r->opt.search_trap)
		sbuf_puts(&b, " --search-trap");
	if (r->opt.repeat > 1)
		sbuf_printf(&b, " --%s%u", r->opt.until_fail ?
		    "until-fail=" : "repeat ", r->opt.repeat);
	for (size_t i = 0; known && i < r->opt.baseline.count; i++)
		sbuf_printf(&b, " --baseline %s", r->opt.baseline.paths[i]);
	return sbuf_steal(&b);
}

static bool
show_job(void *ctx, const struct suite_job *job, const struct trace *trace,
    const struct judgement *j)
{
	struct run *r = ctx;
	char *rerun = rerun_command(r, job, j->known != NULL);
	struct report_case c = { .scenario = job->scenario,
	    .mta = job->mta->spec.text,
	    .mta_version = job->mta->info.profile.version, .judgement = j,
	    .trace = trace, .dir = job->dir, .real_us = job->real_us,
	    .rerun = rerun, .repeats = r->suite.pairs[job->pair].runs };

	printer_case(&r->printer, &c);
	r->finished++;
	free(rerun);
	return !r->opt.fail_fast || !result_is_red(j->result);
}

static void
show_progress(void *ctx, const struct suite_job *job, size_t finished,
    const struct progress *p, int64_t real_us)
{
	struct run *r = ctx;

	printer_status(&r->printer, finished, r->suite.job_count,
	    job->scenario->id, job->mta->spec.text, p->virtual_us, real_us);
}

static void
show_note(void *ctx, const char *text)
{
	struct run *r = ctx;

	printer_clear(&r->printer);
	fprintf(stderr, "mxdrill: %s\n", text);
}

/* --- the folder --- */

/* runs/DATE-TIME, with a number behind it if that is taken. */
static char *
default_folder(void)
{
	char stamp[32], *path;
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
	if (make_folders("runs") < 0)
		return xasprintf("runs/%s", stamp);
	path = xasprintf("runs/%s", stamp);
	for (int n = 2; mkdir(path, 0755) < 0 && errno == EEXIST; n++) {
		free(path);
		path = xasprintf("runs/%s-%d", stamp, n);
	}
	unlink("runs/last");
	if (symlink(path + 5, "runs/last") < 0)
		return path;	/* a convenience, not a need */
	return path;
}

char *
run_folder_open(const char *out)
{
	char *made = out != NULL ? xstrdup(out) : default_folder();
	char full[PATH_MAX];

	if (make_folders(made) < 0 || realpath(made, full) == NULL) {
		fprintf(stderr, "mxdrill: %s: %s\n", made, strerror(errno));
		free(made);
		return NULL;
	}
	free(made);
	return xstrdup(full);
}

static int
open_folder(struct run *r)
{
	r->out = run_folder_open(r->opt.out);
	return r->out != NULL ? 0 : EXIT_WRONG_QUESTION;
}

/* --- running --- */

static int
plan_mtas(struct run *r)
{
	char *error = NULL;

	r->suite.home = &r->choice.selection.home;
	r->suite.mtas = xcalloc(r->opt.mta_count, sizeof *r->suite.mtas);
	for (size_t i = 0; i < r->opt.mta_count; i++) {
		if (!mta_spec_parse(&r->suite.mtas[i].spec, r->opt.mtas[i],
		    &error)) {
			usage_error("run", "--mta: %s", error);
			free(error);
			return EXIT_WRONG_QUESTION;
		}
		r->suite.mta_count++;
		if (!suite_find_mta(&r->suite, &r->suite.mtas[i]))
			return usage_error("run", "--mta %s: %s",
			    r->opt.mtas[i], r->suite.mtas[i].broken);
		/* Its fakes are at one place: one scenario at a time. */
		if (r->suite.mtas[i].elsewhere)
			r->opt.parallel = 1;
	}
	return 0;
}

static bool
is_chosen(void *ctx, const struct scenario *sc, const struct suite_mta *mta)
{
	const struct run *r = ctx;

	return run_choice_has(&r->choice, sc->id, mta->spec.text);
}

static int64_t
real_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* A wrong name or option of an MTA is a wrong question, not a finding. */
static int
prepare(struct run *r)
{
	struct suite_mta *m;

	for (size_t i = 0; i < r->suite.mta_count; i++) {
		m = &r->suite.mtas[i];
		if (!suite_prepare_mta(&r->suite, m))
			return EXIT_INTERRUPTED;
		results_add_mta(r->printer.results, m->spec.text,
		    &m->info.profile, m->broken);
		if (m->unknown)
			return usage_error("run", "--mta %s: %s",
			    m->spec.text, m->broken);
	}
	return 0;
}

/* What was not run, and whether what was is enough. */
static int
end(struct run *r, int64_t start_us)
{
	const struct report_summary *s = &r->printer.summary;
	size_t left = r->suite.pair_count - r->finished;
	size_t real = s->runs - s->counts[RESULT_SKIP];
	int rc;

	if (left > 0)
		results_not_run(r->printer.results, left);
	rc = printer_end(&r->printer, r->out, real_now_us() - start_us);
	if (left > 0)
		fprintf(r->printer.out, "stopped: %zu of %zu were not run\n",
		    left, r->suite.pair_count);
	fprintf(r->printer.out, "stored in %s\n", r->out);
	rc = reports_write_of(&r->opt.reports, r->out, rc);
	if (real >= r->opt.min)
		return rc;
	fprintf(stderr, "mxdrill: only %zu really ran, at least %llu were to "
	    "(--min)\n", real, (unsigned long long)r->opt.min);
	return rc == EXIT_FAILED || rc == EXIT_WRONG_QUESTION ? rc :
	    EXIT_UNTRUSTED;
}

static int
run_all(struct run *r)
{
	int64_t start = real_now_us();
	/* An empty shard needs no MTA. */
	int rc = r->choice.selection.count > 0 ? prepare(r) : 0;

	if (rc != 0)
		return rc;
	suite_plan(&r->suite, r->choice.selection.scenarios,
	    r->choice.selection.count);
	if (!suite_run(&r->suite)) {
		printer_end(&r->printer, r->out, real_now_us() - start);
		fprintf(stderr, "mxdrill: interrupted; what has run is in "
		    "%s\n", r->out);
		return EXIT_INTERRUPTED;
	}
	return end(r, start);
}

static void
set_up(struct run *r)
{
	char started[32];
	time_t now = time(NULL);
	struct tm tm;
	struct results_meta meta = { .mxdrill = MXDRILL_VERSION,
	    .started = started, .seed = r->opt.seed, .out = r->out,
	    .shard_index = r->opt.shard.shard.index,
	    .shard_count = r->opt.shard.shard.count,
	    .clock = r->opt.clock == LAB_CLOCK_REAL ? "real" : "virtual" };

	gmtime_r(&now, &tm);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &tm);
	printer_init(&r->printer, r->opt.verbose, &meta);
	if (report_outputs_take_stdout(&r->opt.reports))
		printer_leave_stdout(&r->printer);
	if (r->opt.format == PRINTER_GITHUB)
		printer_for_github(&r->printer);
	r->suite.out = r->out;
	r->suite.root = r->opt.root;
	r->suite.config = r->opt.config;
	r->suite.clock = r->opt.clock;
	r->suite.pcap = r->opt.pcap;
	places_finish(&r->opt.places);
	r->suite.places = &r->opt.places;
	r->suite.speed = r->opt.speed;
	r->suite.seed = r->opt.seed;
	r->suite.parallel = r->opt.parallel;
	r->suite.limit_us = r->opt.timeout_us;
	r->suite.repeat = r->opt.repeat;
	r->suite.until_fail = r->opt.until_fail;
	r->suite.one_by_one = r->opt.fail_fast;
	r->suite.baseline = &r->baseline;
	r->suite.wanted = is_chosen;
	r->suite.judged = show_job;
	r->suite.tick = show_progress;
	r->suite.note = show_note;
	r->suite.ctx = r;
}

static int
run_chosen(struct run *r)
{
	int rc = known_open(&r->baseline, &r->opt.baseline,
	    &r->choice.selection, r->opt.mtas, r->opt.mta_count, NULL, 0);

	if (rc == 0)
		rc = plan_mtas(r);
	if (rc == 0)
		rc = open_folder(r);
	if (rc != 0)
		return rc;
	set_up(r);
	rc = run_all(r);
	printer_fini(&r->printer);
	return rc;
}

int
cmd_run(int argc, char **argv)
{
	struct run r = { .finished = 0 };
	int first, rc = run_options_parse(&r.opt, argc, argv, &first);

	if (rc == 0)
		rc = run_choose(&r.choice, &r.opt, argv + first,
		    argc - first);
	r.program = home_program();
	if (rc == RUN_GO_ON)
		rc = run_chosen(&r);
	suite_fini(&r.suite);
	baseline_fini(&r.baseline);
	run_choice_fini(&r.choice);
	run_options_fini(&r.opt);
	free(r.program);
	free(r.out);
	return rc;
}

int
cmd_adapter(int argc, char **argv)
{
	struct run r = { .opt = { .parallel = 1, .seed = 1,
	    .mta_count = 1 } };
	struct suite_mta *m;
	int rc;

	if (argc != 3 || strcmp(argv[1], "check") != 0)
		return usage_error("adapter", "expected \"adapter check "
		    "NAME\"");
	r.opt.mtas[0] = argv[2];
	r.program = home_program();
	rc = selection_open(&r.choice.selection, NULL, 0);
	if (rc == 0)
		rc = plan_mtas(&r);
	if (rc == 0)
		rc = open_folder(&r);
	if (rc == 0) {
		set_up(&r);
		rc = prepare(&r);
		m = &r.suite.mtas[0];
		if (rc == 0 && m->broken != NULL) {
			fprintf(stderr, "mxdrill: --mta %s: %s\n",
			    m->spec.text, m->broken);
			rc = EXIT_UNTRUSTED;
		} else if (rc == 0)
			suite_describe(m, stdout);
		printer_fini(&r.printer);
	}
	suite_fini(&r.suite);
	selection_close(&r.choice.selection);
	free(r.program);
	free(r.out);
	return rc;
}

#include "harness/run/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/canary.h"
#include "harness/run/stage.h"
#include "harness/run/world.h"

#define RUN_ERROR	"error.txt"
#define META_VERSION	1
/* Of a worker, beside 0, 1 and 89: */
#define STATUS_BROKEN	90	/* its MTA's canaries fail */
#define STATUS_WRONG	91	/* the user gave the MTA a wrong option */

int
make_folders(const char *path)
{
	char *copy = xstrdup(path), *p;
	int rc = 0;

	for (p = strchr(copy + 1, '/'); p != NULL && rc == 0;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		rc = mkdir(copy, 0755) < 0 && errno != EEXIST ? -1 : 0;
		*p = '/';
	}
	if (rc == 0 && mkdir(copy, 0755) < 0 && errno != EEXIST)
		rc = -1;
	free(copy);
	return rc;
}

/* A file of the run's folder; not to have it shows when it is read. */
static void
put_file(const char *dir, const char *name, const char *data, size_t len)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	if (f != NULL) {
		fwrite(data, 1, len, f);
		fclose(f);
	}
	free(path);
}

static void
put_meta(const struct suite *su, const struct suite_job *job)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I}",
	    "version", META_VERSION, "scenario", job->scenario->id,
	    "path", job->scenario->path, "mta", job->mta->spec.text,
	    "mta_version", job->mta->info.profile.version,
	    "clock", su->clock == LAB_CLOCK_REAL ? "real" : "virtual",
	    "seed", (json_int_t)su->seed);
	char *text;

	if (job->scenario->variant != NULL)
		json_object_set_new(o, "variant",
		    json_string(job->scenario->variant));
	text = json_dumps(o, JSON_INDENT(2));

	put_file(job->dir, RUN_META, text, strlen(text));
	free(text);
	json_decref(o);
}

static void
put_inputs(const struct suite *su, const struct suite_job *job)
{
	char *from, *to;
	struct sbuf info = { 0 };
	char *stale = xasprintf("%s/" RUN_ERROR, job->dir);

	unlink(stale);		/* of an earlier run in the same folder */
	free(stale);
	put_file(job->dir, RUN_SCENARIO, job->scenario->source,
	    strlen(job->scenario->source));
	put_meta(su, job);
	if (job->mta->dir == NULL)
		return;
	from = xasprintf("%s/" RUN_INFO, job->mta->dir);
	to = xasprintf("%s/" RUN_INFO, job->dir);
	if (strcmp(from, to) != 0 && sbuf_read_file(&info, from) == 0)
		put_file(job->dir, RUN_INFO, info.data, info.len);
	sbuf_fini(&info);
	free(from);
	free(to);
}

/* In the worker: one run.  The exit status tells the parent how it went. */
static int
work_on(const struct suite *su, const struct suite_job *job,
    const struct adapter_info *info, struct progress *progress)
{
	struct stage_spec spec = { .home = su->home,
	    .scenario = job->scenario, .mta = &job->mta->spec,
	    .adapter_dir = job->mta->adapter_dir, .root = job->mta->root,
	    .config = su->config, .info = info, .clock = su->clock,
	    .many_uids = info != NULL ? info->many_uids : geteuid() == 0,
	    .pcap = su->pcap, .seed = su->seed, .progress = progress };
	char *error = NULL;
	int rc;

	if (make_folders(job->dir) < 0 || (spec.dir_fd = open(job->dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "mxdrill: %s: %s\n", job->dir,
		    strerror(errno));
		return 1;
	}
	put_inputs(su, job);
	rc = stage_run(&spec, &error);
	if (error != NULL)
		put_file(job->dir, RUN_ERROR, error, strlen(error));
	free(error);
	close(spec.dir_fd);
	if (rc < 0)
		return spec.wrong_option ? STATUS_WRONG : 1;
	return rc;
}

/* What the worker left behind about a run that came to nothing. */
static char *
worker_error(const struct suite_job *job, int status)
{
	char *path = xasprintf("%s/" RUN_ERROR, job->dir), *text;
	struct sbuf b = { 0 };

	if (sbuf_read_file(&b, path) == 0 && b.len > 0)
		text = sbuf_steal(&b);
	else if (WIFSIGNALED(status))
		text = xasprintf("the worker died of signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		text = xasprintf("the worker failed (status %d)",
		    WEXITSTATUS(status));
	sbuf_fini(&b);
	free(path);
	return text;
}

static bool
has_fault(const struct trace *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EV_HARNESS_FAULT)
			return true;
	return false;
}

/*
 * Reads and judges what a worker left.  A run that was cut short has a
 * harness.fault in its trace, added here if nobody could write it.
 */
static void
judge_job(const struct suite_job *job, int status, struct trace *trace,
    struct judgement *j)
{
	char *path = xasprintf("%s/" RUN_TRACE, job->dir), *error = NULL;
	struct event fault = { .kind = EV_HARNESS_FAULT };
	bool truncated = false;

	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_BROKEN) {
		trace_init(trace);
		error = xstrdup(job->mta->broken);
	} else if (!trace_read(trace, path, &truncated, &error))
		trace_init(trace);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 89)
		fault.text = "skip";
	if (error == NULL && (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 89)))
		error = worker_error(job, status);
	if (error == NULL && truncated)
		error = xstrdup("the trace was cut short");
	if (error != NULL && !has_fault(trace)) {
		fault.text = error;
		trace_add(trace, &fault);
	}
	judge(job->scenario, trace, &job->mta->info.profile, j);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 89) {
		j->result = RESULT_SKIP;
		j->sentence = "the adapter does not support it";
	}
	free(error);
	free(path);
}

/* --- one MTA --- */

static char *
run_dir(const struct suite *su, const struct suite_mta *mta, const char *id)
{
	char *dir = xasprintf("%s/%s/%s", su->out, mta->spec.text, id);

	/* Options may hold anything; a folder's name may not hold all. */
	for (char *p = dir + strlen(su->out) + 1; *p != '\0'; p++)
		if (strchr(":, *?\"'\\", *p) != NULL)
			*p = '-';
	return dir;
}

/* Standard output of a command, one line; NULL if it failed. */
static char *
output_of(const char *const argv[])
{
	struct sbuf b = { 0 };
	char chunk[512];
	int fds[2], status = -1;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	fflush(NULL);
	if ((pid = fork()) == 0) {
		dup2(fds[1], 1);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], chunk, sizeof chunk)) > 0)
		sbuf_add(&b, chunk, (size_t)n);
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (status != 0 || b.len == 0) {
		sbuf_fini(&b);
		return NULL;
	}
	sbuf_str(&b);
	b.data[strcspn(b.data, "\n")] = '\0';
	return sbuf_steal(&b);
}

/* The tree of Debian's package, fetched if it is not there yet. */
static bool
fetch(struct suite *su, struct suite_mta *mta)
{
	char *store = xasprintf("%s/store", su->home->mta);
	char *what = mta->spec.version == NULL ? xstrdup(mta->spec.name) :
	    xasprintf("%s=%s", mta->spec.name, mta->spec.version);
	const char *path[] = { store, "path", what, NULL };
	const char *get[] = { store, "get", what, NULL };
	char *text;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int saved = dup(2);

	dup2(null, 2);
	mta->root = output_of(path);
	dup2(saved, 2);
	close(saved);
	close(null);
	if (mta->root == NULL) {
		text = xasprintf("fetching %s from Debian's archive", what);
		su->note(su->ctx, text);
		free(text);
		mta->root = output_of(get);
	}
	if (mta->root == NULL)
		mta->broken = xasprintf("%s could not be fetched", what);
	free(store);
	free(what);
	return mta->root != NULL;
}

/* Says which adapters there are and which one may have been meant. */
static char *
unknown_mta(const struct suite *su, const char *name)
{
	const char *names[64], *meant;
	struct sbuf b = { 0 };
	glob_t found;
	char *pattern = xasprintf("%s/*/adapter", su->home->mta), *slash;
	size_t n = 0;

	sbuf_printf(&b, "there is no adapter \"%s\"", name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (; n < found.gl_pathc && n < 64; n++) {
			slash = strrchr(found.gl_pathv[n], '/');
			*slash = '\0';
			names[n] = strrchr(found.gl_pathv[n], '/') + 1;
		}
		if ((meant = diag_nearest(name, names, n)) != NULL)
			sbuf_printf(&b, "; did you mean \"%s\"?", meant);
		sbuf_puts(&b, "; there are:");
		for (size_t i = 0; i < n; i++)
			sbuf_printf(&b, " %s", names[i]);
		globfree(&found);
	}
	free(pattern);
	return sbuf_steal(&b);
}

bool
suite_find_mta(const struct suite *su, struct suite_mta *mta)
{
	char *file;

	mta->adapter_dir = xasprintf("%s/%s", su->home->mta, mta->spec.name);
	file = xasprintf("%s/adapter", mta->adapter_dir);
	if (access(file, X_OK) != 0) {
		mta->broken = unknown_mta(su, mta->spec.name);
		mta->unknown = true;
	}
	free(file);
	return mta->broken == NULL;
}

struct trial {
	struct suite		*suite;
	struct suite_job	*job;
	const struct adapter_info *info;
	int			 status;
};

static int
work_trial(void *ctx, size_t i, struct progress *p)
{
	struct trial *t = ctx;

	(void)i;
	return work_on(t->suite, t->job, t->info, p);
}

static bool
end_trial(void *ctx, size_t i, int status, int64_t real_us)
{
	struct trial *t = ctx;

	(void)i;
	t->status = status;
	t->job->real_us = real_us;
	return true;
}

static bool
run_alone(struct trial *t)
{
	struct pool pool = { .count = 1, .parallel = 1, .work = work_trial,
	    .done = end_trial, .ctx = t };

	return pool_run(&pool) == 0;
}

/* Asks the adapter for its facts. */
static bool
ask(struct suite *su, struct suite_mta *mta, struct scenario *sc)
{
	struct suite_job job = { .scenario = sc, .mta = mta };
	struct trial trial = { .suite = su, .job = &job };
	struct sbuf lines = { 0 };
	char *path, *line, *save = NULL;
	bool alive;

	job.dir = run_dir(su, mta, "info");
	alive = run_alone(&trial);
	mta->unknown = alive && WIFEXITED(trial.status) &&
	    WEXITSTATUS(trial.status) == STATUS_WRONG;
	mta->dir = job.dir;
	path = xasprintf("%s/" RUN_INFO, job.dir);
	if (alive && (!WIFEXITED(trial.status) ||
	    WEXITSTATUS(trial.status) != 0))
		mta->broken = worker_error(&job, trial.status);
	else if (alive && sbuf_read_file(&lines, path) < 0)
		mta->broken = xasprintf("%s: %s", path, strerror(errno));
	for (line = lines.data ? strtok_r(lines.data, "\n", &save) : NULL;
	    line != NULL; line = strtok_r(NULL, "\n", &save))
		adapter_info_line(&mta->info, line);
	if (mta->broken == NULL && mta->info.error[0] != '\0')
		mta->broken = xasprintf("the adapter's info is wrong: %s",
		    mta->info.error);
	sbuf_fini(&lines);
	free(path);
	return alive;
}

static char *
unknown_option(const struct suite_mta *mta, const char *name)
{
	const char *names[32], *meant;
	char *words = xstrdup(mta->info.options), *word, *save = NULL, *text;
	size_t n = 0;

	for (word = strtok_r(words, " ", &save); word != NULL && n < 32;
	    word = strtok_r(NULL, " ", &save))
		names[n++] = word;
	meant = diag_nearest(name, names, n);
	text = xasprintf("%s has no option \"%s\"%s%s%s; it takes: %s",
	    mta->spec.name, name, meant != NULL ? "; did you mean \"" : "",
	    meant != NULL ? meant : "", meant != NULL ? "\"?" : "",
	    mta->info.options);
	free(words);
	return text;
}

static bool
know_options(struct suite_mta *mta)
{
	for (size_t i = 0; i < mta->spec.option_count; i++)
		if (!adapter_info_has(mta->info.options,
		    mta->spec.options[i].name)) {
			mta->broken = unknown_option(mta,
			    mta->spec.options[i].name);
			mta->unknown = true;
			return false;
		}
	return true;
}

/* A deliberate bug must not be judged by canaries that it breaks. */
static bool
is_crippled(const struct suite_mta *mta)
{
	for (size_t i = 0; i < mta->spec.option_count; i++)
		if (strcmp(mta->spec.options[i].name, "bug") == 0)
			return true;
	return false;
}

static bool
run_canary(struct suite *su, struct suite_mta *mta)
{
	struct scenario *sc = canary_scenario();
	struct suite_job job = { .scenario = sc, .mta = mta };
	struct trial trial = { .suite = su, .job = &job,
	    .info = &mta->info };
	struct judgement j;
	struct trace trace;
	bool alive;

	world_add_control(sc);
	job.dir = run_dir(su, mta, "canary");
	alive = run_alone(&trial);
	if (alive) {
		judge_job(&job, trial.status, &trace, &j);
		if (j.result == RESULT_FAIL || j.result == RESULT_ERROR)
			mta->broken = xasprintf("its canaries fail: %s (%s)",
			    j.error != NULL ? j.error : j.sentence, job.dir);
		judgement_fini(&j);
		trace_fini(&trace);
	}
	free(job.dir);
	scenario_free(sc);
	return alive;
}

bool
suite_prepare_mta(struct suite *su, struct suite_mta *mta)
{
	struct scenario *sc;
	bool alive;

	adapter_info_init(&mta->info);
	if (su->root != NULL)
		mta->root = xstrdup(su->root);
	else if (strcmp(mta->spec.name, "reference") != 0 &&
	    !fetch(su, mta))
		return true;
	sc = canary_scenario();
	alive = ask(su, mta, sc);
	scenario_free(sc);
	if (!alive || mta->broken != NULL || !know_options(mta) ||
	    is_crippled(mta))
		return alive;
	return run_canary(su, mta);
}

/* --- all of them --- */

static void
add_job(struct suite *su, struct scenario *sc, struct suite_mta *mta)
{
	struct suite_job *job = &su->jobs[su->job_count++];

	job->scenario = sc;
	job->mta = mta;
	job->dir = run_dir(su, mta, sc->id);
}

/* An MTA whose canaries fail gets one explained ERROR instead. */
void
suite_plan(struct suite *su, struct scenario **scenarios, size_t count)
{
	su->jobs = xcalloc((count + 1) * su->mta_count, sizeof *su->jobs);
	su->job_count = 0;
	su->canary = canary_scenario();
	world_add_control(su->canary);
	for (size_t k = 0; k < su->mta_count; k++)
		if (su->mtas[k].broken != NULL)
			add_job(su, su->canary, &su->mtas[k]);
	for (size_t i = 0; i < count; i++) {
		world_add_control(scenarios[i]);
		for (size_t k = 0; k < su->mta_count; k++)
			if (su->mtas[k].broken == NULL)
				add_job(su, scenarios[i], &su->mtas[k]);
	}
}

static const char *
missing_need(const struct suite_job *job)
{
	for (size_t i = 0; i < job->scenario->needs_count; i++)
		if (!adapter_info_has(job->mta->info.capabilities,
		    job->scenario->needs[i]))
			return job->scenario->needs[i];
	return NULL;
}

static int
work(void *ctx, size_t i, struct progress *progress)
{
	struct suite *su = ctx;
	const struct suite_job *job = &su->jobs[i];

	if (job->mta->broken != NULL)
		return STATUS_BROKEN;
	if (missing_need(job) != NULL)
		return 89;
	return work_on(su, job, &job->mta->info, progress);
}

static bool
finish(void *ctx, size_t i, int status, int64_t real_us)
{
	struct suite *su = ctx;
	struct suite_job *job = &su->jobs[i];
	struct judgement j;
	struct trace trace;
	bool more;

	job->real_us = real_us;
	job->done = true;
	judge_job(job, status, &trace, &j);
	if (j.result == RESULT_SKIP && missing_need(job) != NULL)
		j.sentence = arena_printf(j.arena, "%s cannot \"%s\"",
		    job->mta->spec.name, missing_need(job));
	more = su->judged(su->ctx, job, &trace, &j);
	judgement_fini(&j);
	trace_fini(&trace);
	return more;
}

static void
pass_tick(void *ctx, size_t i, size_t finished, const struct progress *p,
    int64_t real_us)
{
	struct suite *su = ctx;

	if (su->tick != NULL)
		su->tick(su->ctx, &su->jobs[i], finished, p, real_us);
}

bool
suite_run(struct suite *su)
{
	struct pool pool = { .count = su->job_count,
	    .parallel = su->parallel, .work = work, .done = finish,
	    .tick = pass_tick, .ctx = su };

	return pool_run(&pool) == 0;
}

void
suite_describe(const struct suite_mta *mta, FILE *out)
{
	const struct profile *p = &mta->info.profile;

	fprintf(out, "%s %s: its canaries pass\n", p->name, p->version);
	fprintf(out, "  can: %s\n", mta->info.capabilities);
#define X(f, key, dflt, help)						\
	fprintf(out, "  %-18s %8llds  %s\n", key,			\
	    (long long)(p->f / USEC_PER_SEC), help);
	PROFILE_TIMES(X)
#undef X
}

void
suite_fini(struct suite *su)
{
	for (size_t i = 0; i < su->job_count; i++)
		free(su->jobs[i].dir);
	free(su->jobs);
	scenario_free(su->canary);
	for (size_t i = 0; i < su->mta_count; i++) {
		mta_spec_fini(&su->mtas[i].spec);
		free(su->mtas[i].adapter_dir);
		free(su->mtas[i].root);
		free(su->mtas[i].dir);
		free(su->mtas[i].broken);
	}
	free(su->mtas);
}

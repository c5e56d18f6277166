/* One MTA of a suite is made ready: fetched, asked, tried by its canaries. */
#include "harness/run/suite_int.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/canary.h"
#include "harness/run/stage.h"
#include "harness/scenario/control.h"

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
		text = xasprintf("fetching %s (mxdrill mta get)", what);
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
	const char *names[64];
	struct sbuf b = { 0 };
	glob_t found;
	char *pattern = xasprintf("%s/*/adapter", su->home->mta), *slash;
	char room[DIAG_MEANT];
	size_t n = 0;

	sbuf_printf(&b, "there is no adapter \"%s\"", name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (; n < found.gl_pathc && n < 64; n++) {
			slash = strrchr(found.gl_pathv[n], '/');
			*slash = '\0';
			names[n] = strrchr(found.gl_pathv[n], '/') + 1;
		}
		sbuf_printf(&b, "%s; there are:",
		    diag_meant(name, names, n, room));
		for (size_t i = 0; i < n; i++)
			sbuf_printf(&b, " %s", names[i]);
		globfree(&found);
	}
	free(pattern);
	return sbuf_steal(&b);
}

/*
 * An adapter may be a link to that of a sister, exim4-heavy's to exim4's; the
 * lab gets the folder where it really lies.
 */
bool
suite_find_mta(const struct suite *su, struct suite_mta *mta)
{
	char *file = xasprintf("%s/%s/adapter", su->home->mta, mta->spec.name);
	char *real = realpath(file, NULL);

	if (real == NULL || access(real, X_OK) != 0) {
		mta->broken = unknown_mta(su, mta->spec.name);
		mta->unknown = true;
	} else {
		*strrchr(real, '/') = '\0';
		mta->adapter_dir = xstrdup(real);
	}
	free(real);
	free(file);
	if (mta->broken == NULL && elsewhere_is(&mta->spec))
		return elsewhere_find(mta);
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
	return suite_work(t->suite, t->job, t->info, p);
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
	char *path;
	bool alive;

	job.dir = run_folder_path(su, mta, "info", 1);
	alive = run_alone(&trial);
	mta->unknown = alive && WIFEXITED(trial.status) &&
	    WEXITSTATUS(trial.status) == STATUS_WRONG;
	mta->dir = job.dir;
	path = xasprintf("%s/" RUN_INFO, job.dir);
	if (alive && (!WIFEXITED(trial.status) ||
	    WEXITSTATUS(trial.status) != 0))
		mta->broken = run_folder_error(&job, trial.status);
	else if (alive && sbuf_read_file(&lines, path) < 0)
		mta->broken = xasprintf("%s: %s", path, strerror(errno));
	adapter_info_lines(&mta->info, lines.data);
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
	const char *names[32];
	char *words = xstrdup(mta->info.options), *word, *save = NULL, *text;
	char room[DIAG_MEANT];
	size_t n = 0;

	for (word = strtok_r(words, " ", &save); word != NULL && n < 32;
	    word = strtok_r(NULL, " ", &save))
		names[n++] = word;
	text = xasprintf("%s has no option \"%s\"%s; it takes: %s",
	    mta->spec.name, name, diag_meant(name, names, n, room),
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

/* What the adapter changed in the user's own configuration is said. */
static void
tell_changes(const struct suite *su, const char *dir)
{
	char *path = xasprintf("%s/" RUN_CHANGES, dir), *line, *save = NULL;
	struct sbuf b = { 0 };

	if (sbuf_read_file(&b, path) == 0 && b.len > 0)
		for (line = strtok_r(b.data, "\n", &save); line != NULL;
		    line = strtok_r(NULL, "\n", &save))
			if (strncmp(line, "changed=", 8) == 0)
				su->note(su->ctx, line + 8);
	sbuf_fini(&b);
	free(path);
}

bool
suite_needs_smarthost(const struct suite_mta *mta)
{
	return adapter_info_has(mta->info.capabilities, "smarthost") &&
	    !adapter_info_has(mta->info.capabilities, "mx");
}

static bool
run_canary(struct suite *su, struct suite_mta *mta)
{
	struct scenario *sc = canary_scenario(suite_needs_smarthost(mta));
	struct suite_job job = { .scenario = sc, .mta = mta };
	struct trial trial = { .suite = su, .job = &job,
	    .info = &mta->info };
	struct judgement j;
	struct trace trace;
	bool alive;

	/* A report may wait for the next run of the queue. */
	sc->horizon_us += mta->info.profile.queue_run_us;
	scenario_add_control(sc);
	job.dir = run_folder_path(su, mta, "canary", 1);
	alive = run_alone(&trial);
	if (alive) {
		tell_changes(su, job.dir);
		suite_judge(&job, trial.status, &trace, &j);
		/* A bug that was asked for may fail what it will. */
		if (result_is_red(j.result) && !is_crippled(mta))
			mta->broken = xasprintf("its canaries fail: %s (%s)",
			    j.error != NULL ? j.error : j.sentence, job.dir);
		mta->info.profile.queue_proven = canary_proves_listing(&trace);
		judgement_fini(&j);
		trace_fini(&trace);
	}
	free(job.dir);
	scenario_free(sc);
	return alive;
}

/*
 * A tree is laid over /: what is not where the system has it is not found.
 * That of an installation with its own prefix must be packed in below it.
 */
static bool
usable_root(const struct suite *su, struct suite_mta *mta)
{
	static const char *const parts[] = { "usr", "etc", "opt", "var" };
	char *path;
	bool found = false;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		path = xasprintf("%s/%s", su->root, parts[i]);
		found |= access(path, R_OK | X_OK) == 0;
		free(path);
	}
	if (found)
		return true;
	mta->broken = access(su->root, R_OK | X_OK) != 0 ?
	    xasprintf("--root %s: %s", su->root, strerror(errno)) :
	    xasprintf("--root %s is no tree to be laid over /: it has no usr, "
	    "etc, opt or var (make install DESTDIR=%s)", su->root, su->root);
	mta->unknown = true;
	return false;
}

bool
suite_prepare_mta(struct suite *su, struct suite_mta *mta)
{
	struct scenario *sc;
	bool alive;

	adapter_info_init(&mta->info);
	if (su->root != NULL && !usable_root(su, mta))
		return true;
	if (su->root != NULL)
		mta->root = xstrdup(su->root);
	else if (!mta->elsewhere &&
	    strcmp(mta->spec.name, "reference") != 0 &&
	    !fetch(su, mta))
		return true;
	sc = canary_scenario(false);
	alive = ask(su, mta, sc);
	scenario_free(sc);
	/* Without TLS no mail goes: every run is skipped, and says why. */
	if (!alive || mta->broken != NULL || !know_options(mta) ||
	    mta->elsewhere || mta->info.profile.tls_line[0] != '\0')
		return alive;
	return run_canary(su, mta);
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

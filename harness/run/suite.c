#include "harness/run/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/run/canary.h"
#include "harness/run/compose.h"
#include "harness/run/stage.h"
#include "harness/run/suite_int.h"
#include "harness/scenario/control.h"

/* A lab ends by itself when its time is over; one that hangs is killed. */
#define GRACE_US	(5 * USEC_PER_SEC)

int
suite_work(const struct suite *su, const struct suite_job *job,
    const struct adapter_info *info, struct progress *progress)
{
	struct stage_spec spec = { .home = su->home,
	    .scenario = job->scenario, .mta = &job->mta->spec,
	    .adapter_dir = job->mta->adapter_dir, .root = job->mta->root,
	    .config = su->config, .info = info, .clock = su->clock,
	    .many_uids = info != NULL ? info->many_uids : geteuid() == 0,
	    .pcap = su->pcap, .seed = su->seed,
	    .limit_us = job->round > 0 ? su->limit_us : 0,
	    .progress = progress };
	char *error = NULL;
	int rc;

	if (make_folders(job->dir) < 0 || (spec.dir_fd = open(job->dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "mxdrill: %s: %s\n", job->dir,
		    strerror(errno));
		return 1;
	}
	if (job->mta->elsewhere) {
		spec.places = su->places;
		spec.submit = job->mta->submit;
		spec.speed = su->speed;
	}
	run_folder_fill(su, job);
	rc = stage_run(&spec, &error);
	if (error != NULL)
		run_folder_put(job->dir, RUN_ERROR, error, strlen(error));
	free(error);
	close(spec.dir_fd);
	if (rc < 0)
		return spec.wrong_option ? STATUS_WRONG : 1;
	return rc;
}

static bool
has_fault(const struct trace *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EV_HARNESS_FAULT)
			return true;
	return false;
}

void
suite_judge(const struct suite_job *job, int status, struct trace *trace,
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
	if (error == NULL && job->late)
		error = xstrdup("it did not end when its time was over, and "
		    "was killed (--timeout)");
	if (error == NULL && (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 89)))
		error = run_folder_error(job, status);
	if (error == NULL && truncated)
		error = xstrdup("the trace was cut short");
	if (error != NULL && !has_fault(trace)) {
		fault.text = error;
		trace_add(trace, &fault);
		/* Whoever reads the folder later must know it, too. */
		if (WIFSIGNALED(status))
			run_folder_put(job->dir, RUN_ERROR, error,
			    strlen(error));
	}
	judge(job->scenario, trace, &job->mta->info.profile, j);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 89) {
		j->result = RESULT_SKIP;
		j->sentence = "the adapter does not support it";
	}
	free(error);
	free(path);
}

static void
add_pair(struct suite *su, struct scenario *sc, struct suite_mta *mta)
{
	struct suite_job *job = &su->jobs[su->pair_count];

	job->scenario = sc;
	job->mta = mta;
	job->pair = su->pair_count++;
	job->round = 1;
}

/* An MTA whose canaries fail gets one explained ERROR instead. */
void
suite_plan(struct suite *su, struct scenario **scenarios, size_t count)
{
	unsigned rounds = su->repeat > 1 ? su->repeat : 1;

	su->jobs = xcalloc((count + 1) * su->mta_count * rounds,
	    sizeof *su->jobs);
	su->pair_count = 0;
	su->canary = canary_scenario(false);
	scenario_add_control(su->canary);
	for (size_t k = 0; k < su->mta_count; k++)
		if (su->mtas[k].broken != NULL)
			add_pair(su, su->canary, &su->mtas[k]);
	for (size_t i = 0; i < count; i++) {
		scenario_add_control(scenarios[i]);
		for (size_t k = 0; k < su->mta_count; k++)
			if (su->mtas[k].broken == NULL &&
			    (su->wanted == NULL || su->wanted(su->ctx,
			    scenarios[i], &su->mtas[k])))
				add_pair(su, scenarios[i], &su->mtas[k]);
	}
	su->pairs = xcalloc(su->pair_count + 1, sizeof *su->pairs);
	suite_spread(su, rounds);
}

/* Why the scenario cannot be run on this MTA, fresh memory, or NULL. */
static char *
obstacle(const struct suite *su, const struct suite_job *job)
{
	const struct scenario *sc = job->scenario;
	char *why = NULL;

	for (size_t i = 0; i < sc->needs_count; i++)
		if (!adapter_info_has(job->mta->info.capabilities,
		    sc->needs[i]))
			return xasprintf("%s cannot \"%s\"",
			    job->mta->spec.name, sc->needs[i]);
	if (job->mta->info.profile.tls_line[0] != '\0')
		return xasprintf("not judged: your configuration says %s, and "
		    "the fake hosts speak no TLS",
		    job->mta->info.profile.tls_line);
	if (sc->smarthost_count > 0 ? !adapter_info_has(
	    job->mta->info.capabilities, "smarthost") :
	    suite_needs_smarthost(job->mta))
		return xasprintf("%s cannot \"%s\"", job->mta->spec.name,
		    sc->smarthost_count > 0 ? "smarthost" : "mx");
	if (!job->mta->elsewhere ||
	    (why = places_obstacle(su->places, sc)) != NULL)
		return why;
	/* Speed and lifetime are the user's choice there. */
	if (sc->repair_us != TIME_NEVER &&
	    sc->repair_us >= job->mta->info.profile.life_us)
		return xasprintf("its fault heals after %llds, the profile's "
		    "life is %llds: --speed, or a longer life",
		    (long long)(sc->repair_us / USEC_PER_SEC),
		    (long long)(job->mta->info.profile.life_us /
		    USEC_PER_SEC));
	return NULL;
}

static int
work(void *ctx, size_t i, struct progress *progress)
{
	struct suite *su = ctx;
	const struct suite_job *job = &su->jobs[i];
	char *why;

	if (job->mta->broken != NULL)
		return STATUS_BROKEN;
	if ((why = obstacle(su, job)) != NULL) {
		free(why);
		/* A report says what was skipped, and why it matters. */
		if (make_folders(job->dir) == 0)
			run_folder_fill(su, job);
		return 89;
	}
	return suite_work(su, job, &job->mta->info, progress);
}

static bool
finish(void *ctx, size_t i, int status, int64_t real_us)
{
	struct suite *su = ctx;
	struct suite_job *job = &su->jobs[i];

	job->real_us = real_us;
	job->status = status;
	job->done = true;
	job->late = su->limit_us > 0 && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL && real_us > su->limit_us;
	return suite_ended(su, job);
}

void
suite_judge_known(const struct suite *su, const struct suite_job *job,
    struct trace *trace, struct judgement *j)
{
	char *why;

	suite_judge(job, job->status, trace, j);
	if (j->result == RESULT_SKIP && (why = obstacle(su, job)) != NULL) {
		j->sentence = arena_strdup(j->arena, why);
		free(why);
	}
	if (su->baseline != NULL)
		baseline_apply(su->baseline, job->scenario->id,
		    job->mta->spec.text, job->mta->info.profile.version, j);
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
	    .one_by_one = su->one_by_one || su->until_fail,
	    .tick = pass_tick, .ctx = su };

	char digest[DIGEST_LEN];

	/* OpenSSL looks for its algorithms once: not in every worker. */
	compose_digest("", 0, digest);
	if (su->limit_us > 0)
		pool.limit_us = su->limit_us + GRACE_US;
	if (pool_run(&pool) < 0)
		return false;
	suite_tell_rest(su);
	return true;
}

void
suite_fini(struct suite *su)
{
	for (size_t i = 0; i < su->job_count; i++)
		free(su->jobs[i].dir);
	free(su->jobs);
	suite_fini_pairs(su);
	scenario_free(su->canary);
	for (size_t i = 0; i < su->mta_count; i++) {
		mta_spec_fini(&su->mtas[i].spec);
		free(su->mtas[i].adapter_dir);
		free(su->mtas[i].root);
		free(su->mtas[i].given);
		free(su->mtas[i].dir);
		free(su->mtas[i].broken);
	}
	free(su->mtas);
}

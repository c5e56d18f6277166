/*
 * --repeat and --until-fail: the runs of a scenario on an MTA come together
 * to one result.  Runs that disagree are an ERROR: such a scenario says
 * nothing, however often it passed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/suite_int.h"

/*
 * Repeats of one pair follow each other, so that it is told early; to find a
 * rare failure the whole suite goes round.
 */
void
suite_spread(struct suite *su, unsigned rounds)
{
	struct suite_job *first = xcalloc(su->pair_count + 1, sizeof *first);
	struct suite_job *job;
	size_t at;

	memcpy(first, su->jobs, su->pair_count * sizeof *first);
	su->job_count = su->pair_count * rounds;
	for (size_t i = 0; i < su->pair_count; i++)
		for (unsigned round = 1; round <= rounds; round++) {
			at = su->until_fail ? (round - 1) * su->pair_count +
			    i : i * rounds + round - 1;
			job = &su->jobs[at];
			*job = first[i];
			job->round = round;
			job->dir = run_folder_path(su, job->mta,
			    job->scenario->id, round);
		}
	free(first);
}

/*
 * What must be the same in every run.  Times and sentences may differ where
 * the clock is real.
 */
static char *
kind_words(const struct judgement *j)
{
	struct sbuf b = { 0 };
	const struct unit *u;

	sbuf_puts(&b, result_word(judgement_plain(j)));
	for (size_t i = 0; i < j->unit_count; i++) {
		u = &j->units[i];
		if (!u->control)
			sbuf_printf(&b, " %s/%s:%s%s", u->msg, u->rcpt,
			    verdict_word(u->verdict), u->expected ||
			    u->tolerated ? "" : "!");
	}
	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			sbuf_printf(&b, " %s",
			    flag_word(j->findings[i].flag));
	return sbuf_steal(&b);
}

static void
count_kind(struct suite_pair *pair, const struct suite_job *job,
    const struct judgement *j)
{
	char *words = kind_words(j);
	struct suite_kind *k;

	for (size_t i = 0; i < pair->kind_count; i++)
		if (strcmp(pair->kinds[i].words, words) == 0) {
			free(words);
			pair->kinds[i].times++;
			return;
		}
	pair->kinds = xreallocarray(pair->kinds, pair->kind_count + 1,
	    sizeof *pair->kinds);
	k = &pair->kinds[pair->kind_count++];
	*k = (struct suite_kind){ .words = words, .result = j->result,
	    .job = job, .times = 1 };
}

/* "silent-drop" of the worst recipient, or the flags. */
static const char *
kind_outcome(struct arena *a, const struct judgement *j)
{
	struct seen s = baseline_seen(j);
	verdict_set all = 0;

	if (s.verdicts != 0 || s.flags != 0)
		return baseline_words(a, s.verdicts, s.flags);
	for (size_t i = 0; i < j->unit_count; i++)
		if (!j->units[i].control)
			all |= VSET(j->units[i].verdict);
	return all == 0 ? "nothing" : baseline_words(a, all, 0);
}

/* "flaky: of 5 runs 3 ok (delivered-at-once), 2 FAIL (silent-drop)" */
static void
say_flaky(const struct suite *su, const struct suite_pair *pair,
    struct judgement *j)
{
	struct sbuf b = { 0 };
	struct judgement other;
	struct trace trace;

	sbuf_printf(&b, "flaky: of %u runs", pair->runs);
	for (size_t i = 0; i < pair->kind_count; i++) {
		suite_judge_known(su, pair->kinds[i].job, &trace, &other);
		sbuf_printf(&b, "%s %u %s (%s)", i > 0 ? "," : "",
		    pair->kinds[i].times, result_word(other.result),
		    kind_outcome(j->arena, &other));
		judgement_fini(&other);
		trace_fini(&trace);
	}
	sbuf_puts(&b, "; a scenario that disagrees with itself says nothing");
	j->result = RESULT_ERROR;
	j->known = NULL;
	j->flaky = true;
	j->error = j->sentence = arena_strdup(j->arena, sbuf_str(&b));
	sbuf_fini(&b);
}

static const struct suite_job *
worst_job(const struct suite_pair *pair)
{
	const struct suite_kind *worst = &pair->kinds[0];

	for (size_t i = 1; i < pair->kind_count; i++)
		if (pair->kinds[i].result > worst->result)
			worst = &pair->kinds[i];
	return worst->job;
}

/* All its runs agree, or it is flaky; the worst run is shown. */
static bool
tell_pair(struct suite *su, struct suite_pair *pair)
{
	const struct suite_job *job = worst_job(pair);
	struct judgement j;
	struct trace trace;
	bool more;

	pair->told = true;
	suite_judge_known(su, job, &trace, &j);
	if (pair->kind_count > 1)
		say_flaky(su, pair, &j);
	more = su->judged(su->ctx, job, &trace, &j);
	judgement_fini(&j);
	trace_fini(&trace);
	return more;
}

/* What --until-fail looked for; the runs before it are told, too. */
static bool
tell_found(struct suite *su, const struct suite_job *job,
    const struct trace *trace, struct judgement *j)
{
	struct suite_pair *pair = &su->pairs[job->pair];

	pair->told = true;
	j->sentence = arena_printf(j->arena, "%s (in run %u of at most %u)",
	    j->sentence, job->round, su->repeat);
	if (j->error != NULL)
		j->error = j->sentence;
	su->judged(su->ctx, job, trace, j);
	return false;
}

bool
suite_ended(struct suite *su, struct suite_job *job)
{
	struct suite_pair *pair = &su->pairs[job->pair];
	struct judgement j;
	struct trace trace;
	bool more = true, tell = false;

	suite_judge_known(su, job, &trace, &j);
	if (su->repeat <= 1) {
		pair->told = true;
		more = su->judged(su->ctx, job, &trace, &j);
	} else {
		count_kind(pair, job, &j);
		pair->runs++;
		if (pair->told)
			more = false;	/* it was found before */
		else if (su->until_fail && result_is_red(j.result))
			more = tell_found(su, job, &trace, &j);
		else
			tell = pair->runs == su->repeat;
	}
	judgement_fini(&j);
	trace_fini(&trace);
	/* Nothing was run: whoever judges the folder again finds nothing. */
	if (WIFEXITED(job->status) && WEXITSTATUS(job->status) == 89)
		remove_folders(job->dir);
	return tell ? tell_pair(su, pair) : more;
}

void
suite_tell_rest(struct suite *su)
{
	for (size_t i = 0; i < su->pair_count; i++)
		if (!su->pairs[i].told && su->pairs[i].runs > 0)
			tell_pair(su, &su->pairs[i]);
}

void
suite_fini_pairs(struct suite *su)
{
	for (size_t i = 0; i < su->pair_count && su->pairs != NULL; i++) {
		for (size_t k = 0; k < su->pairs[i].kind_count; k++)
			free(su->pairs[i].kinds[k].words);
		free(su->pairs[i].kinds);
	}
	free(su->pairs);
}

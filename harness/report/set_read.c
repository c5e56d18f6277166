/* results.json back into judgements; format in docs/trace.md. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/report/json_list.h"
#include "harness/report/set_int.h"
#include "harness/report/stored.h"

static const char *
get_text(struct report_set *set, const json_t *o, const char *key)
{
	return set_text(set, json_string_value(json_object_get(o, key)));
}

static int64_t
get_number(const json_t *o, const char *key, int64_t missing)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : missing;
}

static bool
get_truth(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static bool
get_result(const json_t *o, const char *key, enum result *result)
{
	return result_find(json_string_value(json_object_get(o, key)),
	    result);
}

static enum verdict
get_verdict(const json_t *o)
{
	const char *word = json_string_value(json_object_get(o, "verdict"));

	for (int i = 0; word != NULL && i < VERDICT_COUNT; i++)
		if (strcmp(word, verdict_word((enum verdict)i)) == 0)
			return (enum verdict)i;
	return V_INCONCLUSIVE;
}

static void
get_unit(struct report_set *set, const json_t *o, struct unit *u)
{
	u->msg = get_text(set, o, "msg");
	u->rcpt = get_text(set, o, "rcpt");
	u->from = get_text(set, o, "from");
	u->control = get_truth(o, "control");
	u->verdict = get_verdict(o);
	u->note = get_text(set, o, "note");
	u->expected = get_truth(o, "expected");
	u->tolerated = get_truth(o, "tolerated");
	u->why = get_text(set, o, "why");
	u->clause = get_text(set, o, "clause");
	u->proof = get_text(set, o, "proof");
	u->decisive = (uint64_t)get_number(o, "decisive", 0);
	u->copies = (int)get_number(o, "copies", 0);
	u->acked = (int)get_number(o, "acked", 0);
	u->ambiguous = (int)get_number(o, "ambiguous", 0);
	u->reports = (int)get_number(o, "reports", 0);
	u->delays = (int)get_number(o, "delays", 0);
	u->cycles = (int)get_number(o, "cycles", 0);
	u->accepted_us = get_number(o, "accepted_us", TIME_NEVER);
	u->final_us = get_number(o, "final_us", TIME_NEVER);
}

/* A flag of a newer mxdrill is passed over. */
static bool
get_finding(struct report_set *set, const json_t *o, struct finding *f)
{
	const char *word = json_string_value(json_object_get(o, "flag"));

	for (int i = 0; word != NULL && i < FLAG_COUNT; i++) {
		if (strcmp(word, flag_word((enum flag)i)) != 0)
			continue;
		f->flag = (enum flag)i;
		f->allowed = get_truth(o, "allowed");
		f->clause = get_text(set, o, "clause");
		f->text = get_text(set, o, "text");
		f->decisive = (uint64_t)get_number(o, "decisive", 0);
		return true;
	}
	return false;
}

static const struct known *
get_known(struct report_set *set, const json_t *o)
{
	struct known *k;

	if (!json_is_object(o))
		return NULL;
	k = arena_alloc(set->arena, sizeof *k);
	k->at = get_text(set, o, "at");
	k->outcome = get_text(set, o, "outcome");
	k->reason = get_text(set, o, "reason");
	k->upstream = get_text(set, o, "upstream");
	k->sentence = get_text(set, o, "sentence");
	if (!get_result(o, "was", &k->was))
		k->was = RESULT_FAIL;
	return k;
}

static void
get_unfired(struct report_set *set, const json_t *list, struct judgement *j)
{
	const char *id;

	j->unfired = arena_array(set->arena, json_array_size(list),
	    sizeof *j->unfired);
	for (size_t i = 0; i < json_array_size(list); i++)
		if ((id = json_string_value(json_array_get(list, i))) != NULL)
			j->unfired[j->unfired_count++] = set_text(set, id);
}

static void
get_departures(struct report_set *set, const json_t *list,
    struct judgement *j)
{
	const json_t *o;
	struct departure *d;

	j->departures = arena_array(set->arena, json_array_size(list),
	    sizeof *j->departures);
	for (size_t i = 0; i < json_array_size(list); i++) {
		o = json_array_get(list, i);
		d = &j->departures[j->departure_count];
		d->text = get_text(set, o, "text");
		d->where = get_text(set, o, "where");
		d->clause = get_text(set, o, "clause");
		j->departure_count += d->text != NULL;
	}
}

static void
get_judgement(struct report_set *set, const json_t *o, struct judgement *j)
{
	const json_t *units = json_object_get(o, "units");
	const json_t *findings = json_object_get(o, "findings");

	j->sentence = get_text(set, o, "sentence");
	j->clause = get_text(set, o, "clause");
	j->error = get_text(set, o, "error");
	j->flaky = json_is_true(json_object_get(o, "flaky"));
	j->known = get_known(set, json_object_get(o, "baseline"));
	get_unfired(set, json_object_get(o, "unfired"), j);
	get_departures(set, json_object_get(o, "departures"), j);
	j->unit_count = json_array_size(units);
	j->units = arena_array(set->arena, j->unit_count, sizeof *j->units);
	for (size_t i = 0; i < j->unit_count; i++)
		get_unit(set, json_array_get(units, i), &j->units[i]);
	j->findings = arena_array(set->arena, json_array_size(findings),
	    sizeof *j->findings);
	for (size_t i = 0; i < json_array_size(findings); i++)
		j->finding_count += get_finding(set, json_array_get(findings,
		    i), &j->findings[j->finding_count]);
}

/*
 * The fresh judgement counts.  What it cannot know: that nothing ran, that
 * further runs disagreed, and what a baseline said of exactly this failure.
 */
static void
take_fresh(struct report_set *set, struct report_run *r,
    const struct judgement *fresh)
{
	struct judgement *j = &r->judgement;
	enum result said = j->result, was = judgement_plain(j);
	const char *sentence = j->sentence;

	if (said == RESULT_SKIP || j->flaky)
		return;
	set_copy_judgement(set, j, fresh);
	if (j->known == NULL)
		return;
	if (fresh->result == was) {
		j->result = said;
		j->sentence = sentence;
	} else
		j->known = NULL;	/* it was about another failure */
}

static void
take_stored(struct report_set *set, struct report_run *r,
    const struct stored_run *s)
{
	struct report_mta *m = &set->mtas[r->column];

	set_describe_row(set, r->row, s->scenario);
	if (!m->has_profile) {
		m->profile = s->profile;
		m->has_profile = true;
	}
	if (!s->judged)
		return;
	take_fresh(set, r, &s->judgement);
	r->virtual_us = report_virtual_us(&s->trace);
}

/* Keeps it for those who ask next, as long as not much is kept. */
static void
keep(struct report_set *set, struct report_run *r, struct stored_run *s)
{
	r->stored = xcalloc(1, sizeof *r->stored);
	*r->stored = *s;
	set->kept_bytes += s->bytes;
	report_run_close(set, (size_t)(r - set->runs));
}

/*
 * Where the folder is now: below results.json, wherever that was moved to,
 * else where it was written.
 */
static const char *
find_folder(struct report_set *set, const char *root, const json_t *o)
{
	const char *below = json_string_value(json_object_get(o, "folder"));
	const char *dir = json_string_value(json_object_get(o, "dir"));
	char *path;

	if (below != NULL) {
		path = xasprintf("%s/%s", root, below);
		if (access(path, F_OK) == 0) {
			dir = set_text(set, path);
			free(path);
			return dir;
		}
		free(path);
	}
	return dir != NULL && access(dir, F_OK) == 0 ? set_text(set, dir) :
	    NULL;
}

/* A folder that cannot be read leaves what results.json says. */
static void
read_folder(struct report_set *set, struct report_run *r, const char *id)
{
	struct stored_run s;
	char *error;

	/* The ERROR of an MTA whose canaries fail is not the canary's. */
	if (r->dir == NULL || strcmp(id, "canary") == 0)
		return;
	if (!stored_run_read(&s, r->dir, &error)) {
		set_note(set, true, "%s is not judged again: %s", id, error);
		free(error);
		r->dir = NULL;
		return;
	}
	take_stored(set, r, &s);
	keep(set, r, &s);
}

static bool
read_one(struct report_set *set, size_t source, const json_t *o)
{
	const char *id = json_string_value(json_object_get(o, "id"));
	const char *mta = json_string_value(json_object_get(o, "mta"));
	const char *rerun = get_text(set, o, "rerun");
	struct report_run *r;
	enum result said;

	if (id == NULL || mta == NULL || !get_result(o, "result", &said))
		return false;
	r = set_run(set, source, id, mta, json_string_value(
	    json_object_get(o, "mta_version")));
	get_judgement(set, o, &r->judgement);
	r->judgement.result = r->said = said;
	r->rerun = rerun != NULL ? rerun : "";
	r->virtual_us = get_number(o, "virtual_us", 0);
	r->real_us = get_number(o, "real_us", 0);
	r->dir = find_folder(set, set->sources[source].dir, o);
	read_folder(set, r, id);
	return true;
}

static void
read_mta(struct report_set *set, const json_t *o)
{
	const char *mta = json_string_value(json_object_get(o, "mta"));
	const char *broken = get_text(set, o, "broken");
	struct report_mta *m;
	size_t column;

	if (mta == NULL)
		return;
	column = set_column(set, mta, json_string_value(json_object_get(o,
	    "mta_version")));
	m = &set->mtas[column];
	if (m->broken == NULL)
		m->broken = broken;
}

static void
read_head(struct report_set *set, struct report_source *s, const json_t *o)
{
	const json_t *shard = json_object_get(o, "shard");

	s->suite = true;
	s->mxdrill = get_text(set, o, "mxdrill");
	s->started = get_text(set, o, "started");
	s->clock = get_text(set, o, "clock");
	s->seed = get_text(set, o, "seed");
	s->shard_index = (unsigned)get_number(shard, "index", 0);
	s->shard_count = (unsigned)get_number(shard, "count", 0);
}

/* Each run is let go before the next is read. */
static bool
read_runs(struct report_set *set, size_t source, struct json_list *runs,
    const char *path, char **error)
{
	json_error_t je;
	bool failed, good;
	json_t *item;

	for (size_t i = 1; (item = json_list_next(runs, &failed, &je)) != NULL;
	    i++) {
		good = read_one(set, source, item);
		json_decref(item);
		if (!good) {
			*error = xasprintf("%s: run %zu: expected id, mta and "
			    "a known result", path, i);
			return false;
		}
	}
	if (failed)
		*error = xasprintf("%s:%d:%d: %s", path, je.line, je.column,
		    je.text);
	return !failed;
}

static void
read_suite(struct report_set *set, const char *dir, const char *path,
    const struct sbuf *text, char **error)
{
	struct json_list runs;
	json_error_t je;
	json_t *root = json_list_open(&runs, sbuf_str(text), text->len,
	    "runs", &je), *item;
	size_t source, i;

	if (root == NULL)
		*error = xasprintf("%s:%d:%d: %s", path, je.line, je.column,
		    je.text);
	else if (get_number(root, "version", 0) != RESULTS_VERSION)
		*error = xasprintf("%s: expected results of version %d", path,
		    RESULTS_VERSION);
	else {
		source = set_source(set, dir);
		read_head(set, &set->sources[source], root);
		json_array_foreach(json_object_get(root, "mtas"), i, item)
			read_mta(set, item);
		read_runs(set, source, &runs, path, error);
	}
	json_decref(root);
}

bool
set_read_suite(struct report_set *set, const char *dir, char **error)
{
	char *path = xasprintf("%s/" RUN_RESULTS, dir);
	struct sbuf text = { 0 };

	if (sbuf_read_file(&text, path) < 0)
		*error = xasprintf("%s: %s", path, strerror(errno));
	else
		read_suite(set, dir, path, &text, error);
	sbuf_fini(&text);
	free(path);
	return *error == NULL;
}

bool
set_read_run(struct report_set *set, const char *dir, char **error)
{
	struct stored_run s;
	struct report_run *r;

	if (!stored_run_read(&s, dir, error))
		return false;
	r = set_run(set, set_source(set, dir), s.id, s.mta,
	    s.mta_version);
	r->dir = set_text(set, dir);
	r->rerun = set_text(set, s.rerun);
	if (s.judged)
		r->said = s.judgement.result;
	else {
		r->said = r->judgement.result = RESULT_ERROR;
		r->judgement.sentence = r->judgement.error =
		    "nothing was started";
	}
	take_stored(set, r, &s);
	keep(set, r, &s);
	return true;
}

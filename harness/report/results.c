#include "harness/report/results.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/whole_file.h"
#include "harness/base/xalloc.h"
#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/text.h"

/*
 * The runs are many and their trees are big: each is text as soon as it is
 * known.  What stands before them and after them are two objects.
 */
struct results {
	json_t		*head, *tail, *mtas;
	struct sbuf	 runs;
	FILE		*sink;		/* runs are written to, or NULL */
	size_t		 run_count;
	char		*out;		/* folder of the suite, or NULL */
	size_t		 counts[RESULT_COUNT];
};

/*
 * What came from the wire may be any octets, JSON wants UTF-8: the same
 * escapes as on the terminal.
 */
static void
put_text(json_t *o, const char *key, const char *text)
{
	struct sbuf b = { 0 };

	if (text == NULL)
		return;
	text_clean(&b, text);
	json_object_set_new(o, key, json_string(sbuf_str(&b)));
	sbuf_fini(&b);
}

static void
put_number(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

/* Times that never came are left out. */
static void
put_time(json_t *o, const char *key, int64_t us)
{
	if (us != TIME_NEVER)
		put_number(o, key, us);
}

static void
put_truth(json_t *o, const char *key, bool truth)
{
	json_object_set_new(o, key, json_boolean(truth));
}

struct results *
results_new(const struct results_meta *meta)
{
	struct results *r = xcalloc(1, sizeof *r);

	r->out = meta->out != NULL ? xstrdup(meta->out) : NULL;
	r->head = json_object();
	r->tail = json_object();
	r->mtas = json_array();
	put_number(r->head, "version", RESULTS_VERSION);
	put_text(r->head, "mxdrill", meta->mxdrill);
	put_text(r->head, "started", meta->started);
	put_text(r->head, "clock", meta->clock);
	/* A string: JSON's numbers lose the last bits of 64. */
	if (meta->seed != 0) {
		char seed[24];

		snprintf(seed, sizeof seed, "%llu",
		    (unsigned long long)meta->seed);
		put_text(r->head, "seed", seed);
	}
	if (meta->shard_count != 0)
		json_object_set_new(r->head, "shard", json_pack("{s:i, s:i}",
		    "index", (int)meta->shard_index, "count",
		    (int)meta->shard_count));
	json_object_set_new(r->head, "mtas", r->mtas);
	return r;
}

static json_t *
profile_object(const struct profile *p)
{
	static const char *const greet5[] = {
		[GREET5_EITHER] = "either", [GREET5_SKIP] = "skip",
		[GREET5_PERM] = "perm",
	};
	json_t *o = json_object();

#define X(f, key, dflt, help) put_number(o, key, p->f);
	PROFILE_TIMES(X)
#undef X
	put_text(o, "greet5", greet5[p->greet5]);
	put_number(o, "address-limit", p->address_limit);
	put_text(o, "clock", p->clocked ? "virtual" : "real");
	put_truth(o, "scaled", p->scaled);
	return o;
}

void
results_add_mta(struct results *r, const char *mta, const struct profile *p,
    const char *broken)
{
	json_t *o = json_object();

	put_text(o, "mta", mta);
	if (p != NULL) {
		put_text(o, "name", p->name);
		put_text(o, "mta_version", p->version);
		json_object_set_new(o, "profile", profile_object(p));
	}
	put_text(o, "broken", broken);
	json_array_append_new(r->mtas, o);
}

static json_t *
unit_object(const struct unit *u)
{
	json_t *o = json_object();

	put_text(o, "msg", u->msg);
	put_text(o, "rcpt", u->rcpt);
	put_text(o, "from", u->from);
	if (u->control)
		put_truth(o, "control", true);
	put_text(o, "verdict", verdict_word(u->verdict));
	put_text(o, "note", u->note);
	put_truth(o, "expected", u->expected);
	put_truth(o, "tolerated", u->tolerated);
	put_text(o, "why", u->why);
	put_text(o, "clause", u->clause);
	put_text(o, "proof", u->proof);
	if (u->decisive != 0)
		put_number(o, "decisive", (int64_t)u->decisive);
	put_number(o, "copies", u->copies);
	put_number(o, "acked", u->acked);
	put_number(o, "ambiguous", u->ambiguous);
	put_number(o, "reports", u->reports);
	put_number(o, "delays", u->delays);
	put_number(o, "cycles", u->cycles);
	put_time(o, "accepted_us", u->accepted_us);
	put_time(o, "final_us", u->final_us);
	return o;
}

static json_t *
finding_object(const struct finding *f)
{
	static const char *const words[FLAG_COUNT] = {
#define X(sym, word, help) [F_##sym] = word,
		FLAGS(X)
#undef X
	};
	json_t *o = json_object();

	put_text(o, "flag", words[f->flag]);
	put_truth(o, "allowed", f->allowed);
	put_text(o, "clause", f->clause);
	put_text(o, "text", f->text);
	if (f->decisive != 0)
		put_number(o, "decisive", (int64_t)f->decisive);
	return o;
}

static json_t *
departure_object(const struct departure *d)
{
	json_t *o = json_object();

	put_text(o, "text", d->text);
	put_text(o, "where", d->where);
	put_text(o, "clause", d->clause);
	return o;
}

/* Both are left out where there is none. */
static void
put_unfired(json_t *o, const struct judgement *j)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->unfired_count; i++)
		json_array_append_new(list, json_string(j->unfired[i]));
	if (j->unfired_count > 0)
		json_object_set(o, "unfired", list);
	json_decref(list);
}

static void
put_departures(json_t *o, const struct judgement *j)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->departure_count; i++)
		json_array_append_new(list,
		    departure_object(&j->departures[i]));
	if (j->departure_count > 0)
		json_object_set(o, "departures", list);
	json_decref(list);
}

static json_t *
known_object(const struct known *k)
{
	json_t *o = json_object();

	put_text(o, "at", k->at);
	put_text(o, "outcome", k->outcome);
	put_text(o, "reason", k->reason);
	put_text(o, "upstream", k->upstream);
	put_text(o, "was", report_result_word(k->was));
	put_text(o, "sentence", k->sentence);
	return o;
}

/* The run's folder from the suite's on: the whole may be moved. */
static const char *
below(const struct results *r, const char *dir)
{
	size_t len = r->out != NULL ? strlen(r->out) : 0;

	return len > 0 && dir != NULL && strncmp(dir, r->out, len) == 0 &&
	    dir[len] == '/' ? dir + len + 1 : NULL;
}

void
results_add_note(struct results *r, const char *text, bool untrusted)
{
	json_t *notes = json_object_get(r->tail, "notes"), *o = json_object();

	if (notes == NULL) {
		notes = json_array();
		json_object_set_new(r->tail, "notes", notes);
	}
	put_text(o, "text", text);
	put_truth(o, "untrusted", untrusted);
	json_array_append_new(notes, o);
}

static json_t *
run_object(const struct results *r, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	json_t *o = json_object(), *units = json_array();
	json_t *findings = json_array();

	if (rc->hidden)
		put_truth(o, "hidden", true);
	put_text(o, "id", rc->scenario->id);
	put_text(o, "mta", rc->mta);
	put_text(o, "mta_version", rc->mta_version);
	put_text(o, "result", report_result_word(j->result));
	put_text(o, "sentence", j->sentence);
	put_text(o, "clause", j->clause);
	if (j->clause != NULL)
		put_text(o, "level", clause_level_word(clause_level_in(
		    j->clause, rc->scenario->level, rc->scenario->covers,
		    rc->scenario->covers_count)));
	put_text(o, "error", j->error);
	if (j->flaky)
		put_truth(o, "flaky", true);
	put_unfired(o, j);
	put_departures(o, j);
	if (j->known != NULL)
		json_object_set_new(o, "baseline", known_object(j->known));
	for (size_t i = 0; i < j->unit_count; i++)
		json_array_append_new(units, unit_object(&j->units[i]));
	for (size_t i = 0; i < j->finding_count; i++)
		json_array_append_new(findings,
		    finding_object(&j->findings[i]));
	json_object_set_new(o, "units", units);
	json_object_set_new(o, "findings", findings);
	put_number(o, "virtual_us", report_case_virtual_us(rc));
	put_number(o, "real_us", rc->real_us);
	if (rc->repeats > 1)
		put_number(o, "repeats", rc->repeats);
	put_text(o, "dir", rc->dir);
	put_text(o, "folder", below(r, rc->dir));
	put_text(o, "rerun", rc->rerun);
	return o;
}

static char *
dump(const json_t *o)
{
	char *text = json_dumps(o, JSON_INDENT(1));

	if (text == NULL)
		abort();
	return text;
}

void
results_add(struct results *r, const struct report_case *rc)
{
	json_t *o = run_object(r, rc);
	char *text = dump(o), *p, *end;

	if (!rc->hidden)
		r->counts[rc->judgement->result]++;
	sbuf_puts(&r->runs, r->run_count++ > 0 ? ",\n  " : "\n  ");
	for (p = text; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		sbuf_add(&r->runs, p, (size_t)(end - p));
		sbuf_puts(&r->runs, "\n  ");
	}
	sbuf_puts(&r->runs, p);
	if (r->sink != NULL)
		text_flush(&r->runs, r->sink);
	free(text);
	json_decref(o);
}

void
results_not_run(struct results *r, size_t count)
{
	put_number(r->tail, "not_run", (int64_t)count);
}

/* All but the brace that ends it. */
static void
put_head(const struct results *r, FILE *out)
{
	char *text = dump(r->head);

	fprintf(out, "%.*s,\n \"runs\": [", (int)strlen(text) - 2, text);
	free(text);
}

/* All but the brace that begins it. */
static void
put_tail(const struct results *r, FILE *out)
{
	json_t *counts = json_object();
	char *text;

	for (int i = 0; i < RESULT_COUNT; i++)
		put_number(counts, report_result_word((enum result)i),
		    (int64_t)r->counts[i]);
	json_object_set_new(r->tail, "counts", counts);
	text = dump(r->tail);
	fprintf(out, "%s],%s\n", r->run_count > 0 ? "\n " : "", text + 1);
	free(text);
}

void
results_begin(struct results *r, FILE *out)
{
	put_head(r, out);
	r->sink = out;
}

void
results_end(struct results *r)
{
	put_tail(r, r->sink);
	r->sink = NULL;
}

char *
results_text(const struct results *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	results_print(r, f);
	if (fclose(f) != 0)
		abort();
	return text;
}

void
results_print(const struct results *r, FILE *out)
{
	put_head(r, out);
	fwrite(sbuf_str(&r->runs), 1, r->runs.len, out);
	put_tail(r, out);
}

int
results_write(const struct results *r, const char *path)
{
	struct whole_file file;

	if (whole_file_open(&file, path) < 0)
		return -1;
	results_print(r, file.f);
	return whole_file_close(&file);
}

void
results_free(struct results *r)
{
	if (r == NULL)
		return;
	json_decref(r->head);
	json_decref(r->tail);
	sbuf_fini(&r->runs);
	free(r->out);
	free(r);
}

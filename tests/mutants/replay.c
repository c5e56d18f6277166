/*
 * Judges stored runs again, as each mutant: verdicts, findings, sentences
 * and proofs, and the event at which a run may end, must be what they are
 * without one.  Reads the mails of the runs again likewise.
 *
 *	replay FOLDER		environment: see switch.c
 *
 * The runs are read once; each mutant is a fork that judges until the first
 * difference.
 */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/results.h"
#include "harness/report/stored.h"
#include "tests/mutants/switch.h"
#include "tests/unit/dsn/tell.h"

struct mail {
	struct sbuf	 content;
	char		*told;
};

/* All that is replayed, and what each must give. */
struct replay {
	struct stored_run *runs;
	char		**told;
	size_t		 run_count;
	struct mail	*mails;
	size_t		 mail_count;
};

/* --- runs --- */

/* Where the run might have ended, event by event. */
static void
tell_settling(struct sbuf *b, const struct stored_run *s)
{
	struct judge_settle *state = NULL;
	struct trace t = s->trace;
	bool settled, awaits;
	int last = -1, now;

	for (size_t i = 1; i <= s->trace.count; i++) {
		t.count = i;
		settled = judge_settled(&state, s->scenario, &t, &s->profile,
		    t.events[i - 1].t_us);
		awaits = judge_awaits_reading(state, t.events[i - 1].t_us);
		now = settled * 2 + awaits;
		if (now != last)
			sbuf_printf(b, "%zu:%d ", i, now);
		last = now;
	}
	judge_settle_free(state);
	sbuf_printf(b, "horizon %lld\n",
	    (long long)judge_horizon(s->scenario, &s->profile));
}

static char *
tell_run(const struct stored_run *s)
{
	struct results *r = results_new(&(struct results_meta){
	    .mxdrill = "", .started = "", .clock = "" });
	struct judgement j;
	struct sbuf b = { 0 };
	char *text;

	tell_settling(&b, s);
	judge(s->scenario, &s->trace, &s->profile, &j);
	results_add(r, &(struct report_case){ .scenario = s->scenario,
	    .mta = s->mta, .mta_version = s->mta_version, .judgement = &j,
	    .trace = &s->trace, .rerun = s->rerun });
	text = results_text(r);
	sbuf_puts(&b, text);
	free(text);
	results_free(r);
	judgement_fini(&j);
	text = xstrdup(sbuf_str(&b));
	sbuf_fini(&b);
	return text;
}

/* --- mails --- */

static char *
tell_mail(const struct mail *m)
{
	struct sbuf b = { 0 };
	struct dsn d;
	char *text;

	dsn_parse(&d, sbuf_str(&m->content), m->content.len);
	dsn_tell(&b, &d);
	dsn_fini(&d);
	text = xstrdup(sbuf_str(&b));
	sbuf_fini(&b);
	return text;
}

/* --- all of it --- */

static bool
is_same(const char *was, char *now)
{
	bool same = strcmp(was, now) == 0;

	free(now);
	return same;
}

static bool
tells_the_same(void *arg)
{
	const struct replay *r = arg;

	for (size_t i = 0; i < r->run_count; i++)
		if (!is_same(r->told[i], tell_run(&r->runs[i])))
			return false;
	for (size_t i = 0; i < r->mail_count; i++)
		if (!is_same(r->mails[i].told, tell_mail(&r->mails[i])))
			return false;
	return true;
}

static void
add_run(struct replay *r, const char *dir)
{
	struct stored_run *s;
	char *error;

	r->runs = xreallocarray(r->runs, r->run_count + 1, sizeof *r->runs);
	r->told = xreallocarray(r->told, r->run_count + 1, sizeof *r->told);
	s = &r->runs[r->run_count];
	if (!stored_run_read(s, dir, &error)) {
		fprintf(stderr, "replay: %s\n", error);
		exit(2);
	}
	r->told[r->run_count++] = tell_run(s);
}

static void
add_mail(struct replay *r, const char *path)
{
	struct mail *m;

	r->mails = xreallocarray(r->mails, r->mail_count + 1,
	    sizeof *r->mails);
	m = &r->mails[r->mail_count++];
	memset(m, 0, sizeof *m);
	if (sbuf_read_file(&m->content, path) != 0) {
		perror(path);
		exit(2);
	}
	m->told = tell_mail(m);
}

static void
read_folder(struct replay *r, char *root)
{
	char *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	char *dir;

	while (fts != NULL && (e = fts_read(fts)) != NULL) {
		if (e->fts_info != FTS_F)
			continue;
		if (strncmp(e->fts_name, "mail-", 5) == 0)
			add_mail(r, e->fts_path);
		if (strcmp(e->fts_name, RUN_TRACE) != 0 ||
		    strstr(e->fts_path, "/info/") != NULL)
			continue;
		dir = xstrndup(e->fts_path, e->fts_pathlen -
		    strlen("/" RUN_TRACE));
		add_run(r, dir);
		free(dir);
	}
	if (fts != NULL)
		fts_close(fts);
}

int
main(int argc, char **argv)
{
	struct replay r = { 0 };

	if (argc != 2) {
		fputs("usage: replay FOLDER\n", stderr);
		return 2;
	}
	read_folder(&r, argv[1]);
	printf("%zu runs, %zu mails\n", r.run_count, r.mail_count);
	fflush(stdout);
	if (getenv("MUTANTS") != NULL)
		mutants_try(tells_the_same, &r);
	return r.run_count > 0 && tells_the_same(&r) ? 0 : 2;
}

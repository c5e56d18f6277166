/*
 * `mxdrill judge RUNDIR`: judges stored runs again from their own files, with
 * today's judge and today's baseline, and without the MTA.
 */
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/known.h"
#include "harness/main/options.h"
#include "harness/main/printer.h"
#include "harness/report/stored.h"

struct judging {
	struct printer	 printer;
	struct known_paths known;
	struct baseline	 baseline;
	size_t		 found;
	/* What there is, for the baseline. */
	const char	**ids, **mtas;
};

static int
take_baseline(void *ctx, const char *value)
{
	struct judging *jd = ctx;

	return known_take(&jd->known, "judge", value);
}

static const struct option_row rows[] = {
	{ "baseline", 0, "FILE|DIR", "known failures, repeatable "
	    "(docs/baselines.md)", take_baseline },
};

const struct option_table judge_option_table = { "judge", rows,
	sizeof rows / sizeof *rows };

/* Notes the scenario and the MTA of a run. */
static int
note_folder(struct judging *jd, const char *dir)
{
	char *path = xasprintf("%s/" RUN_META, dir);
	const char *id, *mta;
	json_t *meta = json_load_file(path, 0, NULL);

	free(path);
	/* One that cannot be read will say so when it is judged. */
	if (json_unpack(meta, "{s:s, s:s}", "scenario", &id, "mta",
	    &mta) == 0) {
		jd->ids = xreallocarray(jd->ids, jd->found + 1,
		    sizeof *jd->ids);
		jd->mtas = xreallocarray(jd->mtas, jd->found + 1,
		    sizeof *jd->mtas);
		jd->ids[jd->found] = xstrdup(id);
		jd->mtas[jd->found++] = xstrdup(mta);
	}
	json_decref(meta);
	return 0;
}

static int
judge_folder(struct judging *jd, const char *dir)
{
	struct stored_run s;
	char *error;

	if (!stored_run_read(&s, dir, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	jd->found++;
	baseline_apply(&jd->baseline, s.id, s.mta, s.mta_version,
	    &s.judgement);
	printer_case(&jd->printer, &(struct report_case){
	    .scenario = s.scenario, .mta = s.mta, .mta_version = s.mta_version,
	    .judgement = &s.judgement, .trace = &s.trace, .dir = dir,
	    .rerun = s.rerun });
	stored_run_fini(&s);
	return 0;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Canaries and questions are stored beside the runs; they are none. */
static bool
is_preparation(const char *dir)
{
	const char *name = strrchr(dir, '/');

	name = name != NULL ? name + 1 : dir;
	return strcmp(name, "canary") == 0 || strcmp(name, "info") == 0;
}

/* For each run below, in order. */
static int
each_below(struct judging *jd, char *root, int (*use)(struct judging *,
    const char *dir))
{
	char *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
	    by_name);
	FTSENT *e;
	int rc = 0;
	char *dir;

	while (fts != NULL && (e = fts_read(fts)) != NULL) {
		if (e->fts_info != FTS_F ||
		    strcmp(e->fts_name, RUN_TRACE) != 0)
			continue;
		dir = xstrndup(e->fts_path, e->fts_pathlen -
		    strlen("/" RUN_TRACE));
		if (!is_preparation(dir) && use(jd, dir) != 0)
			rc = EXIT_WRONG_QUESTION;
		free(dir);
	}
	if (fts != NULL)
		fts_close(fts);
	return rc;
}

static int
open_baseline(struct judging *jd, char *root)
{
	struct selection s;
	int rc = selection_open(&s, NULL, 0);

	if (rc == 0)
		rc = each_below(jd, root, note_folder);
	if (rc == 0)
		rc = known_open(&jd->baseline, &jd->known, &s, jd->mtas,
		    jd->found, jd->ids, jd->found);
	for (size_t i = 0; i < jd->found; i++) {
		free((void *)(uintptr_t)jd->ids[i]);
		free((void *)(uintptr_t)jd->mtas[i]);
	}
	jd->found = 0;
	free(jd->ids);
	free(jd->mtas);
	selection_close(&s);
	return rc;
}

int
cmd_judge(int argc, char **argv)
{
	struct judging jd = { .found = 0 };
	int first, rc = options_parse(&judge_option_table, argc, argv, &jd,
	    &first);

	if (rc == 0 && argc - first != 1)
		rc = usage_error("judge", "expected one RUNDIR");
	if (rc == 0 && jd.known.count > 0)
		rc = open_baseline(&jd, argv[first]);
	if (rc != 0) {
		baseline_fini(&jd.baseline);
		return rc;
	}
	printer_init(&jd.printer, false, NULL);
	rc = each_below(&jd, argv[first], judge_folder);
	if (jd.found == 0 && rc == 0)
		rc = usage_error("judge", "no stored run below %s",
		    argv[first]);
	else if (rc == 0)
		rc = printer_summary(&jd.printer, 0);
	printer_fini(&jd.printer);
	baseline_fini(&jd.baseline);
	return rc;
}

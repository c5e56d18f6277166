/*
 * `mxdrill judge RUNDIR`: judges stored runs again from their own files, with
 * today's judge and without the MTA.
 */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/printer.h"
#include "harness/report/stored.h"

static int
judge_folder(struct printer *p, const char *dir)
{
	struct stored_run s;
	char *error;

	if (!stored_run_read(&s, dir, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	printer_case(p, &(struct report_case){ .scenario = s.scenario,
	    .mta = s.mta, .mta_version = s.mta_version,
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

static int
judge_below(struct printer *p, char *root, size_t *found)
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
		if (!is_preparation(dir)) {
			++*found;
			if (judge_folder(p, dir) != 0)
				rc = EXIT_WRONG_QUESTION;
		}
		free(dir);
	}
	if (fts != NULL)
		fts_close(fts);
	return rc;
}

int
cmd_judge(int argc, char **argv)
{
	struct results_meta meta = { .mxdrill = "judge", .started = "",
	    .clock = "" };
	struct printer p;
	size_t found = 0;
	int rc;

	if (argc != 2)
		return usage_error("judge", "expected one RUNDIR");
	printer_init(&p, false, &meta);
	rc = judge_below(&p, argv[1], &found);
	if (found == 0)
		rc = usage_error("judge", "no stored run below %s", argv[1]);
	else if (rc == 0)
		rc = printer_summary(&p, 0);
	printer_fini(&p);
	return rc;
}

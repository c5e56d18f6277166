/*
 * `mxdrill judge RUNDIR`: judges stored runs again from their own files, with
 * today's judge and without the MTA.
 */
#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/printer.h"
#include "harness/run/adapter.h"
#include "harness/run/stage.h"
#include "harness/run/world.h"

/* What meta.json says of a stored run. */
struct stored {
	const char	*dir;
	json_t		*meta;
	const char	*id, *path, *mta;
	char		*variant;
	struct adapter_info info;
};

static bool
load_meta(struct stored *s, char **error)
{
	char *path = xasprintf("%s/" RUN_META, s->dir);
	json_error_t je;
	const char *variant = NULL;

	s->meta = json_load_file(path, 0, &je);
	if (s->meta == NULL || json_unpack_ex(s->meta, &je, 0,
	    "{s:s, s:s, s:s, s?s}", "scenario", &s->id, "path", &s->path,
	    "mta", &s->mta, "variant", &variant) < 0)
		*error = xasprintf("%s:%d:%d: %s", path, je.line, je.column,
		    je.text);
	else if (variant != NULL)
		s->variant = xstrdup(variant);
	free(path);
	return *error == NULL;
}

static void
load_info(struct stored *s)
{
	char *path = xasprintf("%s/" RUN_INFO, s->dir);
	struct sbuf b = { 0 };

	adapter_info_init(&s->info);
	if (sbuf_read_file(&b, path) == 0)
		adapter_info_lines(&s->info, b.data);
	sbuf_fini(&b);
	free(path);
}

static struct scenario *
load_scenario(const struct stored *s, char **error)
{
	char *path = xasprintf("%s/" RUN_SCENARIO, s->dir);
	struct scenario *sc = NULL;
	struct sbuf text = { 0 };
	struct diags diags;

	diags_init(&diags);
	if (sbuf_read_file(&text, path) < 0)
		*error = xasprintf("%s: %s", path, strerror(errno));
	else {
		sc = scenario_parse_variant(sbuf_str(&text), text.len,
		    s->path, s->variant, &diags);
		diags_print(&diags, sbuf_str(&text), stderr);
		if (sc == NULL)
			*error = xasprintf("%s cannot be read", path);
	}
	if (sc != NULL) {
		sc->id = s->id;
		world_add_control(sc);
	}
	diags_fini(&diags);
	sbuf_fini(&text);
	free(path);
	return sc;
}

static void
report(struct printer *p, const struct stored *s, struct scenario *sc,
    struct trace *trace, bool truncated)
{
	struct event fault = { .kind = EV_HARNESS_FAULT,
	    .text = "the trace was cut short" };
	struct judgement j;
	char *rerun = xasprintf("./mxdrill run %s --mta %s", s->id, s->mta);
	struct report_case c = { .scenario = sc, .mta = s->mta,
	    .mta_version = s->info.profile.version, .judgement = &j,
	    .trace = trace, .dir = s->dir, .rerun = rerun };

	if (truncated)
		trace_add(trace, &fault);
	judge(sc, trace, &s->info.profile, &j);
	printer_case(p, &c);
	judgement_fini(&j);
	free(rerun);
}

static int
judge_folder(struct printer *p, const char *dir)
{
	char *path = xasprintf("%s/" RUN_TRACE, dir), *error = NULL;
	struct stored s = { .dir = dir };
	struct scenario *sc = NULL;
	struct trace trace = { 0 };
	bool truncated;

	if (load_meta(&s, &error) && (sc = load_scenario(&s, &error)) &&
	    trace_read(&trace, path, &truncated, &error)) {
		load_info(&s);
		report(p, &s, sc, &trace, truncated);
		trace_fini(&trace);
	}
	if (error != NULL)
		fprintf(stderr, "mxdrill: %s\n", error);
	scenario_free(sc);
	json_decref(s.meta);
	free(s.variant);
	free(path);
	if (error == NULL)
		return 0;
	free(error);
	return EXIT_WRONG_QUESTION;
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

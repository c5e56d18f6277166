#include "harness/report/stored.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/scenario/control.h"

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static bool
read_meta(struct stored_run *s, char **error)
{
	char *path = xasprintf("%s/" RUN_META, s->dir);
	const char *id, *file, *mta, *version = "", *variant = NULL;
	const char *rerun = NULL;
	json_error_t je;
	json_t *meta = json_load_file(path, 0, &je);

	if (meta == NULL || json_unpack_ex(meta, &je, 0,
	    "{s:s, s:s, s:s, s?s, s?s, s?s}", "scenario", &id, "path", &file,
	    "mta", &mta, "mta_version", &version, "variant", &variant,
	    "rerun", &rerun) < 0)
		*error = xasprintf("%s:%d:%d: %s", path, je.line, je.column,
		    je.text);
	else {
		s->id = xstrdup(id);
		s->path = xstrdup(file);
		s->mta = xstrdup(mta);
		s->mta_version = xstrdup(version);
		s->variant = copy(variant);
		s->rerun = rerun != NULL ? xstrdup(rerun) :
		    xasprintf("./mxdrill run %s --mta %s", id, mta);
	}
	json_decref(meta);
	free(path);
	return *error == NULL;
}

static bool
read_scenario(struct stored_run *s, char **error)
{
	char *path = xasprintf("%s/" RUN_SCENARIO, s->dir);
	struct sbuf text = { 0 };
	struct diags diags;

	diags_init(&diags);
	if (sbuf_read_file(&text, path) < 0)
		*error = xasprintf("%s: %s", path, strerror(errno));
	else {
		s->scenario = scenario_parse_variant(sbuf_str(&text),
		    text.len, s->path, s->variant, &diags);
		if (diags.errors > 0)
			diags_print(&diags, sbuf_str(&text), stderr);
		if (s->scenario == NULL)
			*error = xasprintf("%s cannot be read", path);
	}
	if (s->scenario != NULL) {
		s->scenario->id = s->id;
		scenario_add_control(s->scenario);
	}
	diags_fini(&diags);
	sbuf_fini(&text);
	free(path);
	return *error == NULL;
}

static void
read_profile(struct stored_run *s)
{
	char *path = xasprintf("%s/" RUN_INFO, s->dir);
	struct sbuf b = { 0 };

	profile_init(&s->profile);
	if (sbuf_read_file(&b, path) == 0)
		profile_read_lines(&s->profile, b.data);
	sbuf_fini(&b);
	free(path);
}

static bool
has_event(const struct trace *t, enum event_kind kind)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == kind)
			return true;
	return false;
}

/* A run that was cut short could not always write so into its trace. */
static void
add_fault(struct stored_run *s, bool truncated)
{
	char *path = xasprintf("%s/" RUN_ERROR, s->dir);
	struct event fault = { .kind = EV_HARNESS_FAULT };
	struct sbuf why = { 0 };

	if (sbuf_read_file(&why, path) == 0 && why.len > 0)
		fault.text = sbuf_str(&why);
	else if (truncated)
		fault.text = "the trace was cut short";
	else if (s->trace.count > 0 && !has_event(&s->trace, EV_RUN_END))
		fault.text = "the run did not come to its end";
	if (fault.text != NULL && !has_event(&s->trace, EV_HARNESS_FAULT))
		trace_add(&s->trace, &fault);
	sbuf_fini(&why);
	free(path);
}

static bool
read_trace(struct stored_run *s, char **error)
{
	char *path = xasprintf("%s/" RUN_TRACE, s->dir);
	bool truncated = false, there = access(path, F_OK) == 0;
	struct stat st;

	if (!there)
		trace_init(&s->trace);
	else if (!trace_read(&s->trace, path, &truncated, error)) {
		free(path);
		return false;
	}
	if (there && stat(path, &st) == 0)
		s->bytes = (size_t)st.st_size;
	free(path);
	add_fault(s, truncated);
	s->judged = there || s->trace.count > 0;
	if (s->judged)
		judge(s->scenario, &s->trace, &s->profile, &s->judgement);
	return true;
}

bool
stored_run_read(struct stored_run *s, const char *dir, char **error)
{
	memset(s, 0, sizeof *s);
	*error = NULL;
	s->dir = xstrdup(dir);
	if (read_meta(s, error) && read_scenario(s, error)) {
		read_profile(s);
		if (read_trace(s, error))
			return true;
	}
	stored_run_fini(s);
	return false;
}

void
stored_run_fini(struct stored_run *s)
{
	if (s->judged)
		judgement_fini(&s->judgement);
	if (s->trace.arena != NULL)
		trace_fini(&s->trace);
	scenario_free(s->scenario);
	free(s->dir);
	free(s->id);
	free(s->path);
	free(s->mta);
	free(s->mta_version);
	free(s->variant);
	free(s->rerun);
	memset(s, 0, sizeof *s);
}

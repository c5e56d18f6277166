/* The files of a run's folder, save those that the stage itself writes. */
#include "harness/run/suite_int.h"

#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/stage.h"

#define META_VERSION	1

int
make_folders(const char *path)
{
	char *copy = xstrdup(path), *p;
	int rc = 0;

	for (p = strchr(copy + 1, '/'); p != NULL && rc == 0;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		rc = mkdir(copy, 0755) < 0 && errno != EEXIST ? -1 : 0;
		*p = '/';
	}
	if (rc == 0 && mkdir(copy, 0755) < 0 && errno != EEXIST)
		rc = -1;
	free(copy);
	return rc;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

void
remove_folders(const char *path)
{
	nftw(path, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
run_folder_put(const char *dir, const char *name, const char *data, size_t len)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	if (f != NULL) {
		fwrite(data, 1, len, f);
		fclose(f);
	}
	free(path);
}

static void
put_meta(const struct suite *su, const struct suite_job *job)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I}",
	    "version", META_VERSION, "scenario", job->scenario->id,
	    "path", job->scenario->path, "mta", job->mta->spec.text,
	    "mta_version", job->mta->info.profile.version,
	    "clock", su->clock == LAB_CLOCK_REAL ? "real" : "virtual",
	    "seed", (json_int_t)su->seed);
	char *text;

	if (job->scenario->variant != NULL)
		json_object_set_new(o, "variant",
		    json_string(job->scenario->variant));
	text = json_dumps(o, JSON_INDENT(2));

	run_folder_put(job->dir, RUN_META, text, strlen(text));
	free(text);
	json_decref(o);
}

void
run_folder_fill(const struct suite *su, const struct suite_job *job)
{
	char *from, *to;
	struct sbuf info = { 0 };
	char *stale = xasprintf("%s/" RUN_ERROR, job->dir);

	unlink(stale);		/* of an earlier run in the same folder */
	free(stale);
	run_folder_put(job->dir, RUN_SCENARIO, job->scenario->source,
	    strlen(job->scenario->source));
	put_meta(su, job);
	if (job->mta->dir == NULL)
		return;
	from = xasprintf("%s/" RUN_INFO, job->mta->dir);
	to = xasprintf("%s/" RUN_INFO, job->dir);
	if (strcmp(from, to) != 0 && sbuf_read_file(&info, from) == 0) {
		if (job->mta->info.profile.queue_proven)
			sbuf_puts(&info, "queue-listing=proven\n");
		run_folder_put(job->dir, RUN_INFO, info.data, info.len);
	}
	sbuf_fini(&info);
	free(from);
	free(to);
}

char *
run_folder_path(const struct suite *su, const struct suite_mta *mta,
    const char *id, unsigned round)
{
	char *dir = round > 1 ? xasprintf("%s/" RUN_REPEAT "%u/%s/%s",
	    su->out, round, mta->spec.text, id) : xasprintf("%s/%s/%s",
	    su->out, mta->spec.text, id);

	/* Options may hold anything; a folder's name may not hold all. */
	for (char *p = dir + strlen(su->out) + 1; *p != '\0'; p++)
		if (strchr(":, *?\"'\\", *p) != NULL)
			*p = '-';
	return dir;
}

char *
run_folder_error(const struct suite_job *job, int status)
{
	char *path = xasprintf("%s/" RUN_ERROR, job->dir), *text;
	struct sbuf b = { 0 };

	if (sbuf_read_file(&b, path) == 0 && b.len > 0)
		text = sbuf_steal(&b);
	else if (WIFSIGNALED(status))
		text = xasprintf("the worker died of signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		text = xasprintf("the worker failed (status %d)",
		    WEXITSTATUS(status));
	sbuf_fini(&b);
	free(path);
	return text;
}

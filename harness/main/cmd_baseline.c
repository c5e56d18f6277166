/*
 * `mxdrill baseline check` and `mxdrill baseline update`: files of known
 * failures are checked, and brought up to what a stored run shows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/whole_file.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/known.h"
#include "harness/main/options.h"
#include "harness/report/set.h"

struct update {
	const char	*file, *rundir;
	const char	*reason;	/* --reason, or NULL */
	bool		 add, mark;
	struct selection selection;
	struct report_set set;
	struct baseline_run *runs;
	size_t		 run_count;
	const char	**ids, **mtas;	/* of the runs */
	struct baseline	 baseline;
	bool		 is_new;
};

static int
take_reason(void *ctx, const char *value)
{
	struct update *u = ctx;

	u->reason = value;
	return 0;
}

static int
take_add(void *ctx, const char *value)
{
	struct update *u = ctx;

	(void)value;
	u->add = true;
	return 0;
}

static int
take_mark(void *ctx, const char *value)
{
	struct update *u = ctx;

	(void)value;
	u->mark = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "add", 0, NULL, "update: add failures that the file does not know; "
	    "needs --reason", take_add },
	{ "reason", 0, "TEXT", "the reason of what is added", take_reason },
	{ "mark", 0, NULL, "update: make what passes now a comment instead of "
	    "removing it", take_mark },
};

const struct option_table baseline_option_table = { "baseline", rows,
	sizeof rows / sizeof *rows };

static int
check(char **paths, int count)
{
	struct baseline b = { .arena = NULL };
	struct known_paths known = { .count = 0 };
	struct selection s;
	int rc = selection_open(&s, NULL, 0);

	for (int i = 0; i < count && rc == 0; i++)
		rc = known_take(&known, "baseline", paths[i]);
	if (rc == 0)
		rc = known_open(&b, &known, &s, NULL, 0, NULL, 0);
	if (rc == 0)
		printf("%zu known failure%s in %zu file%s, no errors\n",
		    b.count, b.count == 1 ? "" : "s", b.file_count,
		    b.file_count == 1 ? "" : "s");
	baseline_fini(&b);
	selection_close(&s);
	return rc;
}

/* Reads the runs; what a baseline made of them then is undone. */
static int
read_runs(struct update *u)
{
	const struct report_run *run;
	struct baseline_run *r;
	char *error = NULL;

	if (!report_set_add(&u->set, u->rundir, &error)) {
		usage_error("baseline", "%s", error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	report_set_finish(&u->set);
	u->runs = xcalloc(u->set.run_count + 1, sizeof *u->runs);
	u->ids = xcalloc(u->set.run_count + 1, sizeof *u->ids);
	u->mtas = xcalloc(u->set.run_count + 1, sizeof *u->mtas);
	for (size_t i = 0; i < u->set.run_count; i++) {
		run = &u->set.runs[i];
		if (run->hidden)
			continue;
		r = &u->runs[u->run_count];
		r->id = u->set.rows[run->row].id;
		r->mta = u->set.mtas[run->column].mta;
		r->version = u->set.mtas[run->column].version;
		r->seen = baseline_seen(&run->judgement);
		u->ids[u->run_count] = r->id;
		u->mtas[u->run_count++] = r->mta;
	}
	return 0;
}

static int
read_baseline(struct update *u)
{
	struct known_paths known = { .paths = { u->file }, .count = 1 };
	struct stat st;

	if (stat(u->file, &st) == 0 && S_ISDIR(st.st_mode))
		return usage_error("baseline", "%s is a folder; update one "
		    "file at a time", u->file);
	if (u->add && stat(u->file, &st) < 0 && errno == ENOENT) {
		u->is_new = true;
		known.count = 0;
		baseline_add_text(&u->baseline, u->file, NULL, "", 0);
	}
	return known_open(&u->baseline, &known, &u->selection, u->mtas,
	    u->run_count, u->ids, u->run_count);
}

static void
tell(const struct update *u, const struct baseline_edit *e)
{
	if (e->line > 0)
		printf("%s:%d: %s", u->file, e->line, e->id);
	else
		printf("%s: %s", u->file, e->id);
	if (e->mta != NULL)
		printf(" on %s", e->mta);
	switch (e->kind) {
	case EDIT_CHANGED:
		printf(": %s is now %s\n", e->before, e->after);
		break;
	case EDIT_GONE:
		printf(": %s does not show any more: %s\n", e->before,
		    u->mark ? "made a comment" : "removed");
		break;
	case EDIT_ADDED:
		printf(": added: %s\n", e->after);
		break;
	case EDIT_MISSING:
		printf(": not in the file: %s%s\n", e->after, u->add ? "" :
		    " (--add --reason TEXT adds it)");
		break;
	case EDIT_MIXED:
		printf(": left as it is: %s; give each its own entry\n",
		    e->after);
		break;
	}
}

/* The old file or the new one, never half of it. */
static int
write_file(const char *path, const struct sbuf *text)
{
	if (whole_file_write(path, sbuf_str(text), text->len) == 0)
		return 0;
	fprintf(stderr, "mxdrill: %s: %s\n", path, strerror(errno));
	return EXIT_WRONG_QUESTION;
}

/* 1 if the runs still do not agree with the file. */
static int
edit(struct update *u)
{
	struct baseline_edits edits = { NULL, 0 };
	struct sbuf out = { 0 };
	const char *error = NULL;
	size_t wrote = 0, left = 0;
	int rc = 0;

	if (!baseline_update(&u->baseline, u->runs, u->run_count, u->add ?
	    u->reason : NULL, u->mark, &out, &edits, &error))
		return usage_error("baseline", "%s: %s", u->file, error);
	for (size_t i = 0; i < edits.count; i++) {
		if (edits.items[i].kind == EDIT_MISSING ||
		    edits.items[i].kind == EDIT_MIXED)
			left++;
		else
			wrote++;
	}
	if (wrote > 0)
		rc = write_file(u->file, &out);
	for (size_t i = 0; i < edits.count && rc == 0; i++)
		tell(u, &edits.items[i]);
	if (edits.count == 0)
		printf("%s agrees with %s\n", u->file, u->rundir);
	sbuf_fini(&out);
	return rc != 0 ? rc : left > 0 ? EXIT_FAILED : EXIT_AS_EXPECTED;
}

static int
update(struct update *u)
{
	int rc = 0;

	if (u->add && (u->reason == NULL ||
	    u->reason[strspn(u->reason, " \t")] == '\0'))
		return usage_error("baseline", "--add needs --reason TEXT: "
		    "nothing is known without a reason");
	if (!u->add && u->reason != NULL)
		return usage_error("baseline", "--reason goes with --add");
	report_set_init(&u->set);
	if ((rc = selection_open(&u->selection, NULL, 0)) == 0 &&
	    (rc = read_runs(u)) == 0 && (rc = read_baseline(u)) == 0)
		rc = edit(u);
	baseline_fini(&u->baseline);
	free(u->ids);
	free(u->mtas);
	free(u->runs);
	report_set_fini(&u->set);
	selection_close(&u->selection);
	return rc;
}

int
cmd_baseline(int argc, char **argv)
{
	struct update u = { .file = NULL };
	int first, rc = options_parse(&baseline_option_table, argc, argv, &u,
	    &first);
	int count = argc - first;

	if (rc != 0)
		return rc;
	argv += first;
	if (count >= 2 && strcmp(argv[0], "check") == 0) {
		if (u.add || u.mark || u.reason != NULL)
			return usage_error("baseline", "the options go with "
			    "update");
		return check(argv + 1, count - 1);
	}
	if (count != 3 || strcmp(argv[0], "update") != 0)
		return usage_error("baseline", "expected \"check FILE|DIR...\" "
		    "or \"update FILE RUNDIR\"");
	u.file = argv[1];
	u.rundir = argv[2];
	return update(&u);
}

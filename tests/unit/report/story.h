/* A golden story: scenario and stored trace of tests/golden, read back. */
#ifndef MXD_TEST_REPORT_STORY_H
#define MXD_TEST_REPORT_STORY_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/console.h"
#include "harness/scenario/control.h"

struct story {
	char		*base;		/* tests/golden/NAME */
	struct diags	 diags;
	struct scenario	*scenario;
	struct trace	 trace;
	int		 width;
};

static inline void
story_open(struct story *st, const char *name)
{
	struct sbuf width = { 0 };
	char *path, *error = NULL;
	bool truncated;

	st->base = xasprintf("tests/golden/%s", name);
	path = xasprintf("%s.yaml", st->base);
	diags_init(&st->diags);
	st->scenario = scenario_parse_file(path, &st->diags);
	diags_print(&st->diags, NULL, stderr);
	ck_assert_msg(st->scenario != NULL, "%s", path);
	st->scenario->id = arena_printf(st->scenario->arena, "golden/%s",
	    name);
	scenario_add_control(st->scenario);
	free(path);
	path = xasprintf("%s.jsonl", st->base);
	ck_assert_msg(trace_read(&st->trace, path, &truncated, &error),
	    "%s", error);
	ck_assert(!truncated);
	free(path);
	path = xasprintf("%s.width", st->base);
	ck_assert_msg(sbuf_read_file(&width, path) == 0, "%s", path);
	st->width = atoi(sbuf_str(&width));
	sbuf_fini(&width);
	free(path);
}

static inline void
story_close(struct story *st)
{
	trace_fini(&st->trace);
	scenario_free(st->scenario);
	diags_fini(&st->diags);
	free(st->base);
}

/* The seq of the nth event of a kind whose text begins so (NULL: any). */
static inline uint64_t
story_seq(const struct story *st, enum event_kind kind, const char *text)
{
	const struct event *ev;

	for (size_t i = 0; i < st->trace.count; i++) {
		ev = &st->trace.events[i];
		if (ev->kind == kind && ev->t_us >= 0 && (text == NULL ||
		    (ev->text != NULL && strncmp(ev->text, text,
		    strlen(text)) == 0)))
			return ev->seq;
	}
	ck_abort_msg("no such event");
	return 0;
}

/* The line, then the parts: what a golden file holds. */
static inline void
story_tell(struct sbuf *b, const struct story *st,
    const struct report_case *rc)
{
	struct report_style style = { .width = st->width };

	console_line(b, &style, rc);
	if (rc->judgement->result != RESULT_OK) {
		sbuf_putc(b, '\n');
		console_failure(b, &style, rc);
	}
}

/* MXDRILL_UPDATE_GOLDEN=1 writes what would have been compared. */
static inline void
story_compare(const struct story *st, const char *ending,
    const struct sbuf *got)
{
	char *path = xasprintf("%s.%s", st->base, ending);
	struct sbuf want = { 0 };
	FILE *f;

	if (getenv("MXDRILL_UPDATE_GOLDEN") != NULL) {
		ck_assert_ptr_nonnull(f = fopen(path, "w"));
		fwrite(got->data, 1, got->len, f);
		fclose(f);
	} else {
		ck_assert_msg(sbuf_read_file(&want, path) == 0, "%s", path);
		ck_assert_msg(strcmp(sbuf_str(&want), sbuf_str(got)) == 0,
		    "%s is not what the report says now:\n%.2000s", path,
		    sbuf_str(got));
	}
	sbuf_fini(&want);
	free(path);
}

#endif

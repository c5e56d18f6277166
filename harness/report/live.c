#include "harness/report/live.h"

#include <stdlib.h>

#include "harness/base/xalloc.h"
#include "harness/report/console_int.h"
#include "harness/report/timeline.h"

/* A line that was told. */
struct told {
	int64_t		 t_us;
	uint64_t	 shape;
};

struct live {
	const struct scenario *scenario;
	struct report_style style;
	size_t		 from;		/* events before it are done with */
	struct told	*told;		/* of the events since */
	size_t		 told_count;
	struct console_shown shown;
};

struct live *
live_new(const struct scenario *sc, const struct report_style *style)
{
	struct live *l = xcalloc(1, sizeof *l);

	l->scenario = sc;
	l->style = *style;
	return l;
}

void
live_free(struct live *l)
{
	if (l == NULL)
		return;
	free(l->told);
	free(l);
}

static bool
is_told(const struct live *l, const struct timeline_line *line)
{
	for (size_t i = 0; i < l->told_count; i++)
		if (l->told[i].t_us == line->t_us &&
		    l->told[i].shape == line->shape)
			return true;
	return false;
}

static void
tell(struct live *l, struct sbuf *b, const struct timeline_line *line)
{
	struct told *told;

	l->told = xreallocarray(l->told, l->told_count + 1, sizeof *l->told);
	told = &l->told[l->told_count++];
	told->t_us = line->t_us;
	told->shape = line->shape;
	console_timeline_line(b, &l->style, l->scenario, line, &l->shown);
}

void
live_tell(struct live *l, struct sbuf *b, const struct trace *trace,
    bool settled)
{
	struct trace part = { .events = trace->events + l->from,
	    .count = trace->count - l->from };
	struct timeline tl;

	if (part.count == 0)
		return;
	timeline_build(&tl, l->scenario, &part, 0, l->style.verbose);
	for (size_t i = 0; i < tl.count; i++)
		if (!is_told(l, &tl.lines[i]))
			tell(l, b, &tl.lines[i]);
	timeline_fini(&tl);
	if (settled) {
		l->from = trace->count;
		l->told_count = 0;
	}
}

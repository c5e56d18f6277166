/*
 * The fakes alone, for an MTA that somebody else runs and feeds: no mail is
 * handed in, nothing is judged, until a signal ends it.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#include "harness/base/xalloc.h"
#include "harness/run/stage_impl.h"

/* Real time without an event after which lines are taken as settled. */
#define QUIET_US	(150 * 1000)
/* ... or told as far as they go, while a session stays open. */
#define PATIENCE_US	(2 * USEC_PER_SEC)

static void
on_signal(int signal, short what, void *arg)
{
	struct stage *st = stage_of(arg);

	(void)signal;
	(void)what;
	st->over = true;
}

void
stage_serve_begin(void *arg)
{
	struct stage *st = stage_of(arg);

	if (!st->phases)
		stage_begin(st);
}

/* Asked in every round of the loop: tells what there is to tell. */
static bool
look(void *arg)
{
	struct stage *st = stage_of(arg);
	const struct stage_serve *serve = st->spec->serve;
	const struct trace *trace = recorder_trace(st->recorder);
	int64_t now = lab_now(st->lab);
	int64_t rest = now - st->served_us;

	if (st->spec->speed > 0)
		rest = (int64_t)((double)rest / st->spec->speed);
	if (trace->count != st->served) {
		st->served = trace->count;
		st->served_us = now;
		st->told = false;
	} else if (!st->told && st->phases && (rest > PATIENCE_US ||
	    (rest > QUIET_US && fsmtp_sessions(st->smtp) == 0))) {
		st->told = true;
		recorder_flush(st->recorder);
		serve->tell(serve->ctx, trace,
		    fsmtp_sessions(st->smtp) == 0);
	}
	return st->over || st->error != NULL;
}

static void
serve(struct stage *st)
{
	const struct stage_serve *s = st->spec->serve;
	struct event *stop[2];
	struct event_base *base = lab_base(st->lab);
	struct event ev = { .kind = EV_RUN_END, .text = "interrupted" };
	const char *why = NULL;

	stop[0] = evsignal_new(base, SIGINT, on_signal, st);
	stop[1] = evsignal_new(base, SIGTERM, on_signal, st);
	for (int i = 0; i < 2; i++)
		event_add(stop[i], NULL);
	s->ready(s->ctx, &st->world);
	if (s->start_now)
		stage_serve_begin(st);
	if (!lab_loop(st->lab, look, st, &why))
		stage_fail(st, "%s", why);
	for (int i = 0; i < 2; i++)
		event_free(stop[i]);
	event_emit(st->sink, &ev);
}

int
stage_serve_body(struct lab *lab, void *arg)
{
	struct stage *st = stage_of(arg);

	stage_open(st, lab);
	stage_emit_run_start(st);
	if (stage_build_fakes(st))
		serve(st);
	if (st->error != NULL)
		dprintf(st->error_fd, "%s", st->error);
	else
		st->spec->serve->tell(st->spec->serve->ctx,
		    recorder_trace(st->recorder), true);
	stage_tear_down(st);
	return st->error != NULL;
}

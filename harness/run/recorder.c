#include "harness/run/recorder.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

/* Enough to make the write cheap, little enough to lose when killed. */
#define FLUSH_AT	65536

struct recorder {
	int			 fd;
	const struct timers	*timers;
	struct event_sink	 sink;
	recorder_fn		*fn;
	void			*ctx;
	bool			 started, at_once;
	int64_t			 zero_us;
	struct trace		 trace;
	struct sbuf		 out;
};

static void
write_event(struct recorder *r, const struct event *ev)
{
	event_to_json(ev, &r->out);
	sbuf_putc(&r->out, '\n');
	if (r->out.len >= FLUSH_AT || r->at_once)
		recorder_flush(r);
}

static void
record(void *ctx, struct event *ev)
{
	struct recorder *r = ctx;
	const struct event *kept;
	struct event copy;

	ev->t_us = recorder_now(r);
	kept = trace_add(&r->trace, ev);
	ev->seq = kept->seq;
	if (r->started && r->fd >= 0)
		write_event(r, kept);
	/* The array may move when the callee records in its turn. */
	copy = *kept;
	if (r->fn != NULL)
		r->fn(r->ctx, &copy);
}

struct recorder *
recorder_new(int fd, const struct timers *timers, recorder_fn *fn, void *ctx)
{
	struct recorder *r = xcalloc(1, sizeof *r);

	r->fd = fd;
	r->timers = timers;
	r->fn = fn;
	r->ctx = ctx;
	r->sink.emit = record;
	r->sink.ctx = r;
	trace_init(&r->trace);
	return r;
}

void
recorder_at_once(struct recorder *r)
{
	r->at_once = true;
}

const struct event_sink *
recorder_sink(struct recorder *r)
{
	return &r->sink;
}

int64_t
recorder_now(const struct recorder *r)
{
	return timers_now(r->timers) - r->zero_us;
}

const struct trace *
recorder_trace(const struct recorder *r)
{
	return &r->trace;
}

void
recorder_flush(struct recorder *r)
{
	ssize_t n;

	while (r->fd >= 0 && r->out.len > 0) {
		n = write(r->fd, r->out.data, r->out.len);
		if (n <= 0)
			break;	/* a full disk shows as a truncated trace */
		sbuf_consume(&r->out, (size_t)n);
	}
}

void
recorder_start(struct recorder *r)
{
	assert(!r->started);
	r->started = true;
	r->zero_us = timers_now(r->timers);
	for (size_t i = 0; i < r->trace.count; i++) {
		r->trace.events[i].t_us -= r->zero_us;
		if (r->fd >= 0)
			write_event(r, &r->trace.events[i]);
	}
}

void
recorder_free(struct recorder *r)
{
	if (r == NULL)
		return;
	if (!r->started)
		recorder_start(r);
	recorder_flush(r);
	trace_fini(&r->trace);
	sbuf_fini(&r->out);
	free(r);
}

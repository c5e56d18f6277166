/*
 * The recorder: where every event of a run ends.  It stamps time and order,
 * keeps the trace in memory for the runner's own questions (is every verdict
 * final?) and writes it as JSON Lines.
 *
 * Time in the trace counts from the start of the phases, the moment that the
 * scenario's own times count from.  What happened before has negative times,
 * so those events are held back until that moment is known.
 */
#ifndef MXD_RUN_RECORDER_H
#define MXD_RUN_RECORDER_H

#include "harness/base/event.h"
#include "harness/base/timers.h"

struct recorder;

/* Called for each event after it has its place; may record more events. */
typedef void recorder_fn(void *ctx, const struct event *);

/* `fd` is borrowed; -1 keeps the trace in memory only. */
struct recorder *recorder_new(int fd, const struct timers *, recorder_fn *,
	    void *ctx);
/* Writes what is held back. */
void	 recorder_free(struct recorder *);
/*
 * From the start on each event is handed to the kernel at once: the run may
 * take days, and whoever breaks it off wants what it has.
 */
void	 recorder_at_once(struct recorder *);
const struct event_sink *recorder_sink(struct recorder *);
/* Now is time 0 of the trace. */
void	 recorder_start(struct recorder *);
/* Trace time: negative before the start (counted from the lab's start). */
int64_t	 recorder_now(const struct recorder *);
const struct trace *recorder_trace(const struct recorder *);
/* Hands what has been written so far to the kernel. */
void	 recorder_flush(struct recorder *);

#endif

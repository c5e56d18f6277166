#include "harness/base/timers.h"

#include <assert.h>
#include <stdlib.h>

#include "harness/base/xalloc.h"

struct timer {
	int64_t		 when_us;
	uint64_t	 order;		/* keeps equal deadlines first-come */
	size_t		 index;		/* its place in the heap */
	timer_fn	*fn;
	void		*arg;
};

struct timers {
	int64_t		 now_us;
	uint64_t	 armed;
	struct timer	**heap;
	size_t		 count, cap;
};

struct timers *
timers_new(void)
{
	return xcalloc(1, sizeof(struct timers));
}

void
timers_free(struct timers *ts)
{
	if (ts == NULL)
		return;
	for (size_t i = 0; i < ts->count; i++)
		free(ts->heap[i]);
	free(ts->heap);
	free(ts);
}

int64_t
timers_now(const struct timers *ts)
{
	return ts->now_us;
}

static bool
before(const struct timer *a, const struct timer *b)
{
	if (a->when_us != b->when_us)
		return a->when_us < b->when_us;
	return a->order < b->order;
}

static void
place(struct timers *ts, struct timer *t, size_t i)
{
	ts->heap[i] = t;
	t->index = i;
}

static void
sift_up(struct timers *ts, size_t i)
{
	struct timer *t = ts->heap[i];

	while (i > 0 && before(t, ts->heap[(i - 1) / 2])) {
		place(ts, ts->heap[(i - 1) / 2], i);
		i = (i - 1) / 2;
	}
	place(ts, t, i);
}

static void
sift_down(struct timers *ts, size_t i)
{
	struct timer *t = ts->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < ts->count) {
		if (child + 1 < ts->count &&
		    before(ts->heap[child + 1], ts->heap[child]))
			child++;
		if (!before(ts->heap[child], t))
			break;
		place(ts, ts->heap[child], i);
		i = child;
	}
	place(ts, t, i);
}

struct timer *
timers_at(struct timers *ts, int64_t when_us, timer_fn *fn, void *arg)
{
	struct timer *t = xcalloc(1, sizeof *t);

	t->when_us = when_us > ts->now_us ? when_us : ts->now_us;
	t->order = ts->armed++;
	t->fn = fn;
	t->arg = arg;
	if (ts->count == ts->cap) {
		ts->cap = ts->cap ? 2 * ts->cap : 16;
		ts->heap = xreallocarray(ts->heap, ts->cap, sizeof *ts->heap);
	}
	place(ts, t, ts->count++);
	sift_up(ts, t->index);
	return t;
}

struct timer *
timers_in(struct timers *ts, int64_t delay_us, timer_fn *fn, void *arg)
{
	int64_t left = TIME_NEVER - ts->now_us;

	return timers_at(ts, delay_us < left ? ts->now_us + delay_us :
	    TIME_NEVER, fn, arg);
}

void
timers_cancel(struct timers *ts, struct timer *t)
{
	struct timer *last;
	size_t i;

	if (t == NULL)
		return;
	i = t->index;
	assert(i < ts->count && ts->heap[i] == t);
	last = ts->heap[--ts->count];
	if (last != t) {
		place(ts, last, i);
		sift_up(ts, i);
		sift_down(ts, last->index);
	}
	free(t);
}

int64_t
timers_next(const struct timers *ts)
{
	return ts->count ? ts->heap[0]->when_us : TIME_NEVER;
}

unsigned
timers_advance(struct timers *ts, int64_t to_us)
{
	unsigned fired = 0;
	timer_fn *fn;
	void *arg;

	while (ts->count > 0 && ts->heap[0]->when_us <= to_us) {
		fn = ts->heap[0]->fn;
		arg = ts->heap[0]->arg;
		if (ts->heap[0]->when_us > ts->now_us)
			ts->now_us = ts->heap[0]->when_us;
		timers_cancel(ts, ts->heap[0]);
		fn(arg);
		fired++;
	}
	if (to_us > ts->now_us)
		ts->now_us = to_us;
	return fired;
}

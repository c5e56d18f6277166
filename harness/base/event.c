#include "harness/base/event.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"

static const struct {
	const char *name, *help;
} kinds[EV_COUNT] = {
#define X(sym, name, help) { name, help },
	EVENTS(X)
#undef X
};

const char *
event_name(enum event_kind kind)
{
	return kinds[kind].name;
}

const char *
event_help(enum event_kind kind)
{
	return kinds[kind].help;
}

bool
event_kind_parse(const char *name, enum event_kind *kind)
{
	for (int i = 0; i < EV_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*kind = i;
			return true;
		}
	return false;
}

void
trace_init(struct trace *t)
{
	memset(t, 0, sizeof *t);
	t->arena = arena_new();
}

void
trace_fini(struct trace *t)
{
	arena_free(t->arena);
	memset(t, 0, sizeof *t);
}

/*
 * The array before stays where it is: an event never changes, and whoever
 * follows a growing trace keeps pointers to some.
 */
void
trace_reserve(struct trace *t, size_t room)
{
	struct event *events;

	if (room <= t->room)
		return;
	events = arena_array(t->arena, room, sizeof *events);
	if (t->count > 0)
		memcpy(events, t->events, t->count * sizeof *events);
	t->events = events;
	t->room = room;
}

const struct event *
trace_add(struct trace *t, const struct event *ev)
{
	struct event *e;

	if (t->count == t->room)
		trace_reserve(t, t->room > 0 ? 2 * t->room : 64);
	e = &t->events[t->count++];
	*e = *ev;
	e->seq = t->count;
#define X(f)								\
	if (e->f != NULL)						\
		e->f = arena_strdup(t->arena, e->f);
	EVENT_STRINGS(X)
#undef X
	return e;
}

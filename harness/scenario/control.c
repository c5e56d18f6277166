#include "harness/scenario/control.h"

#include "harness/base/arena.h"

void
scenario_add_control(struct scenario *sc)
{
	const char **to = arena_array(sc->arena, 1, sizeof *to);
	struct message *m;

	m = arena_push(sc->arena, &sc->messages, &sc->message_count,
	    sizeof *m);
	to[0] = "control@good.test";
	m->key = CONTROL_KEY;
	m->from = "control@s.test";
	m->to = to;
	m->to_count = 1;
	m->count = 1;
	m->control = true;
}

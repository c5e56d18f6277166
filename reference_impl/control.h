/*
 * Questions on standard input, answered on standard output: the part of the
 * adapter protocol (harness/mta/README.md, "answers") that needs no process
 * of its own then.
 *
 *	queue		ID <REVERSE-PATH> <FORWARD-PATH>, a line a recipient
 *	collect		file=PATH, a line an envelope
 *	kick		forces a queue run
 *
 * A line ". STATUS" ends each answer.
 */
#ifndef REFMTA_CONTROL_H
#define REFMTA_CONTROL_H

#include <event2/event.h>

struct engine;
struct control;

/* NULL when the event cannot be made. */
struct control *control_open(struct event_base *, struct engine *,
	    const char *dir);
void	 control_close(struct control *);

#endif

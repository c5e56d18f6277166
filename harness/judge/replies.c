#include "harness/judge/replies.h"

#include <stddef.h>

bool
reply_is_odd(const struct event *ev)
{
	return ev->action != NULL;
}

int
reply_class(const struct event *ev)
{
	const char *text = ev->text;

	if (ev->code != 0)
		return (int)ev->code / 100;
	return reply_is_odd(ev) && text != NULL && *text >= '2' &&
	    *text <= '5' ? *text - '0' : 0;
}

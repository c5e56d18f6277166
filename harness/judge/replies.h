/*
 * What a client may read in a reply.  One that came whole and in its turn says
 * what it says; one that the scenario spoilt (raw octets, cut short, before
 * the command, a bare LF...) may be read so or otherwise: it excuses, and
 * obliges to nothing.
 */
#ifndef MXD_JUDGE_REPLIES_H
#define MXD_JUDGE_REPLIES_H

#include <stdbool.h>

#include "harness/base/event.h"

bool	 reply_is_odd(const struct event *);
/* 2 to 5, also of what only begins like a reply; 0: it cannot be read so. */
int	 reply_class(const struct event *);

#endif

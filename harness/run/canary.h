/*
 * Canaries: before any scenario an MTA must deliver a healthy message,
 * bounce one refused with 550 and keep one refused with 451.  An MTA that
 * cannot makes one explained ERROR, not forty FAILs.
 */
#ifndef MXD_RUN_CANARY_H
#define MXD_RUN_CANARY_H

#include "harness/base/event.h"
#include "harness/scenario/scenario.h"

#define CANARY_ID	"canary"

/* Never NULL: its text is ours. */
/* For an MTA that knows no MX all goes through a smarthost. */
struct scenario *canary_scenario(bool by_smarthost);

/*
 * Does the trace show that the queue's listing can be believed in this lab?
 * The message that was deferred was listed, and those that had come to their
 * end were not (guard G6).
 */
bool	 canary_proves_listing(const struct trace *);

#endif

/*
 * The wires of an SMTP client session (session.h): connects, reads, writes,
 * keeps the deadlines.
 */
#ifndef REFMTA_CLIENT_H
#define REFMTA_CLIENT_H

#include "reference_impl/session.h"

#include <event2/event.h>

/*
 * Called once, when the verdicts are final; QUIT may still linger, which is
 * nobody's concern any more.  `why` is NULL if the connection failed before
 * a session; then `text` says how.
 */
typedef void client_fn(void *ctx, enum try_result, const struct reply *why,
	    const char *text);

/*
 * `addr` with port.  mail's rcpts and content must live until the call of
 * `fn`, which never happens before client_start() has returned.
 */
void	 client_start(struct event_base *, const struct addr *,
	    int64_t connect_us, const struct session_mail *, client_fn *,
	    void *ctx);

#endif

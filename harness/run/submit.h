/*
 * The submission client: one connection, one message, to the MTA's port 25.
 * Refused connections are tried again until a greeting comes: that is how
 * the harness knows that the MTA is ready.
 */
#ifndef MXD_RUN_SUBMIT_H
#define MXD_RUN_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/addr.h"
#include "harness/base/event.h"

struct event_base;
struct submit;

struct submit_want {
	struct addr	 local;		/* LAB_SUBMIT_IP4/6, no port */
	struct addr	 server;	/* the MTA's address, port 25 */
	const char	*key;		/* "m1" */
	const char	*from;		/* as on the wire (tagged), "" null */
	const char	*const *to;
	size_t		 to_count;
	const char	*notify, *ret, *envid;	/* RFC 3461; NULL: not said */
	bool		 eight_bit;
	const char	*content;	/* CRLF lines, not dot-stuffed */
	size_t		 content_len;
	const struct event_sink *sink;	/* EV_INJECT for each reply */
	/*
	 * Called once.  code: of the reply to the end of data, or of the
	 * stage that ended it all; 0: the connection broke.  rcpt_codes: one
	 * for each of `to`, 0 not asked.  The submit is freed after it.
	 */
	void		(*on_done)(void *ctx, int code, const int *rcpt_codes,
			    const char *why);
	void		*ctx;
};

/* Copies nothing: what `want` points to lives until on_done. */
struct submit *submit_start(struct event_base *, const struct submit_want *);
void	 submit_cancel(struct submit *);	/* without on_done */

#endif

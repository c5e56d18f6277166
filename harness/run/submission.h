/*
 * The harness as a mail submission client (RFC 6409, on port 25 of the MTA):
 * one connection, one message, and the envelope in one go if the MTA offers
 * PIPELINING (RFC 2920); the events are the same with and without.  Time t0 of
 * the judge is the 2yz to the end of data that this client receives.
 *
 * An MTA that does not listen yet is asked again as soon as the lab is quiet
 * (by a short virtual timer): readiness by handshake, never by waiting.
 */
#ifndef MXD_RUN_SUBMISSION_H
#define MXD_RUN_SUBMISSION_H

#include <stdbool.h>

#include "harness/base/addr.h"
#include "harness/base/event.h"
#include "harness/base/timers.h"
#include "harness/scenario/scenario.h"

struct event_base;
struct submission;

struct submission_spec {
	struct event_base *base;
	struct timers	*timers;
	const struct event_sink *sink;	/* inject events */
	/* Our address (family 0: any), the MTA's with port. */
	struct addr	 from, to;
	const struct message *message;
	const char	*tag;		/* copied; NULL: message->key */
	const char	*content;	/* CRLF, not dot-stuffed; copied */
	size_t		 len;
	int64_t		 give_up_us;	/* virtual, waiting for a greeting */
	/* Last thing that happens; frees nothing.  NULL error: answered
	 * (whatever the code); else why the submission came to nothing. */
	void		(*done)(void *ctx, struct submission *, int eod_code,
			    const char *error);
	void		*ctx;
};

struct submission *submission_new(const struct submission_spec *);
/* Also while it is under way: the connection is reset. */
void	 submission_free(struct submission *);

#endif

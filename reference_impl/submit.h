/*
 * The SMTP server that takes mail in (RFC 5321, 2920, 1870, 6152, 6531,
 * 3461).  It relays for known clients, and for anybody into a relay domain.
 * 250 to the message is said once the message is durable.
 */
#ifndef REFMTA_SUBMIT_H
#define REFMTA_SUBMIT_H

#include "reference_impl/engine.h"

#define SUBMIT_SIZE_MAX	(64 * 1024 * 1024)

struct submit;

/* Where a finished message goes; false: not stored, say 451. */
typedef bool submit_fn(void *ctx, struct message *, const char *content,
	    size_t len);

/* Pure: one session as a transcript.  `out` receives the replies. */
struct submit *submit_new(const struct config *, const struct addr *client,
	    submit_fn *, void *ctx, struct sbuf *out);
void	 submit_input(struct submit *, const char *bytes, size_t len);
bool	 submit_is_over(const struct submit *);	/* QUIT, or too bad a client */
void	 submit_free(struct submit *);

/* Listens on an address with port; -1 with errno. */
int	 submit_listen(struct engine *, const struct addr *);

#endif

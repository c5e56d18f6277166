/*
 * The messages that the harness submits, the digest by which a copy is told
 * from a corrupted one, and the tag that names the message in its
 * reverse-path.
 */
#ifndef MXD_RUN_COMPOSE_H
#define MXD_RUN_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/sbuf.h"

#define MESSAGE_DIGEST_LEN	65	/* hex and its NUL */

struct compose {
	const char	*key;		/* "m1" */
	const char	*run;		/* id of the run */
	const char	*from;		/* scenario's sender; "" is null */
	const char	*to;		/* first recipient */
	int64_t		 date_s;	/* seconds since 1970, virtual */
	size_t		 size;		/* least octets of body; 0: short */
	bool		 eight_bit;
};

/* Appends the message, CRLF line ends, not dot-stuffed. */
void	 message_compose(struct sbuf *, const struct compose *);
/*
 * SHA-256 over the body and the harness's own headers, unfolded and sorted
 * by name, so that what MTAs add (Received:, Return-Path:) does not count
 * and any changed octet of the body does.
 */
void	 message_digest(const char *content, size_t len,
	    char out[MESSAGE_DIGEST_LEN]);

/* "a@s.test", "m1" -> "a+m1@s.test"; null stays null.  Fresh memory. */
char	*sender_tag(const char *from, const char *key);
/* The key in a tagged reverse-path, fresh memory; NULL: it has none. */
char	*sender_key(const char *path);

#endif

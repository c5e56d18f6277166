/*
 * The messages that the harness submits, and how it knows them again.
 *
 * The key of a message stands in its envelope sender (a+KEY@s.test), its
 * Message-ID, an X-Mxdrill-Token field and its text.
 */
#ifndef MXD_RUN_COMPOSE_H
#define MXD_RUN_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/sbuf.h"
#include "harness/scenario/scenario.h"

#define TOKEN_FIELD	"X-Mxdrill-Token"
#define DIGEST_LEN	65		/* SHA-256 in hex and NUL */

/* Appends header and body with CRLF line ends; `wall_s` is the Date. */
void	 compose_message(struct sbuf *, const struct message *,
	    int64_t wall_s);
/*
 * A digest of what an MTA on the way may not change: the body and the fields
 * that the harness wrote.  Fields that MTAs add (Received, Return-Path) and
 * the folding of fields do not matter.
 */
void	 compose_digest(const char *content, size_t len,
	    char out[DIGEST_LEN]);
/* The name of the field, if it is one that the harness writes, or NULL. */
const char *compose_own_field(const char *line, size_t len);
/* Appends what the digest covers of the value of the own field `name`. */
void	 compose_put_value(struct sbuf *, const char *name, const char *p,
	    size_t n);
/*
 * The value of the token field in the header of `content`, into `out`;
 * false if it has none.
 */
bool	 compose_token(const char *content, size_t len, char *out,
	    size_t size);
/* "a@s.test", "m1" to "a+m1@s.test"; the null sender stays null. */
void	 compose_tag(struct sbuf *, const char *sender, const char *key);
/* "a+m1@s.test" to "m1"; false if there is no tag. */
bool	 compose_untag(const char *address, char *key, size_t size);
/* "a+b@s.test" to "a+2Bb@s.test": xtext of RFC 3461 section 4. */
void	 compose_xtext(struct sbuf *, const char *address);

#endif

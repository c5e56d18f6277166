/* What lawful ways (ways.h) make of a report (dsn.h).  Pure text. */
#ifndef REFMTA_DSN_WAYS_H
#define REFMTA_DSN_WAYS_H

#include "reference_impl/dsn.h"

/* The first part, its header included, from its text. */
void	 dsn_put_text_part(struct sbuf *, const struct dsn *,
	    const char *boundary, const char *text, size_t len);
/* The fields of message/delivery-status: the same in other words. */
void	 dsn_put_fields(struct sbuf *, const struct dsn *, const char *text);
/* What the recipient's Status is, or NULL: as it is. */
const char *dsn_other_status(const struct dsn *, const struct rcpt *);
/* Is the whole message returned, and anything at all? */
bool	 dsn_returns_all(const struct dsn *);
bool	 dsn_returns_any(const struct dsn *);

#endif

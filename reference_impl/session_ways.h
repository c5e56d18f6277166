/* What lawful ways (ways.h) make of an SMTP client session (session.h). */
#ifndef REFMTA_SESSION_WAYS_H
#define REFMTA_SESSION_WAYS_H

#include "reference_impl/session.h"

bool	 session_has_way(const struct session *, enum way);
/* A command's words, in the letters this client writes them with. */
void	 session_put_verb(struct session *, const char *verb);
/* Recipients in one transaction. */
size_t	 session_chunk(const struct session *);
/* DATA, or BDAT, leaves once every recipient is answered. */
bool	 session_data_waits(const struct session *);
bool	 session_sends_chunks(const struct session *);
/* "<user@domain>", the domain perhaps in other words of the same meaning. */
void	 session_put_rcpt(struct session *, const struct session_rcpt *);
/* The recipient as it was, where nobody said ORCPT: RFC 3461 5.2.1. */
void	 session_add_orcpt(struct session *, const struct session_rcpt *);
/* Makes the content 7-bit (RFC 6152 3); false: no way, or it cannot be. */
bool	 session_convert(struct session *);

#endif

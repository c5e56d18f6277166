/* What is written on top of a message that was taken in: RFC 5321 4.4, 6.4. */
#ifndef REFMTA_RECEIVED_H
#define REFMTA_RECEIVED_H

#include "reference_impl/engine.h"

struct received {
	const char	*helo;
	struct addr	 client;
	const struct message *message;	/* arrival_us is set */
	bool		 esmtp;
};

void	 received_put(struct sbuf *, const struct config *,
	    const struct received *);
/* A Date and a Message-ID that the content lacks, if a way says so. */
void	 fields_add(struct sbuf *, const struct config *,
	    const struct message *, const struct sbuf *content);

#endif

/*
 * Delivery status notifications: RFC 3461, 3462/6522, 3464.  Pure text: who
 * is told, of whom, and the report itself.
 */
#ifndef REFMTA_DSN_H
#define REFMTA_DSN_H

#include "harness/base/sbuf.h"
#include "reference_impl/queue.h"
#include "reference_impl/ways.h"

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_RELAYED };

struct dsn {
	enum dsn_action	 action;
	const struct message *subject;
	const size_t	*rcpts;		/* indices into the subject's */
	size_t		 count;
	const char	*content;	/* of the subject */
	size_t		 len;
	const char	*hostname;
	const char	*to;		/* instead of the sender, or NULL */
	int64_t		 now_us;
	int64_t		 until_us;	/* DELAYED: end of the lifetime */
	bool		 expired;
	const struct bugs *bugs;
	const struct ways *ways;
};

/* RFC 3461 5.2: does this recipient's NOTIFY ask for such a report? */
bool	 dsn_wanted(const struct rcpt *, enum dsn_action, const struct bugs *);
/* The reverse-path the report goes to; "" none (RFC 5321 6.1). */
void	 dsn_address(const struct dsn *, struct sbuf *);
void	 dsn_write(const struct dsn *, struct sbuf *);
/* "Mon, 3 Mar 2031 10:00:00 +0000" */
void	 date_put(struct sbuf *, int64_t us);

#endif

/*
 * One SMTP client session as a state machine without sockets: bytes of the
 * server in, bytes for the server out, verdicts by recipient.  RFC 5321,
 * 2920 (PIPELINING), 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8), 3461
 * (DSN).  The I/O around it is client.c; a transcript is enough to test it.
 *
 * Call session_init(), then feed it: session_input() for what arrived,
 * session_drained() when all output has left, session_lost() when the
 * connection is gone, session_timeout() when `timeout_us` has passed since
 * `armed` last changed.  After each call send what is in `out`, and close
 * when `closing` is set and `out` has left.
 */
#ifndef REFMTA_SESSION_H
#define REFMTA_SESSION_H

#include "harness/base/sbuf.h"
#include "reference_impl/bugs.h"
#include "reference_impl/planner.h"

#define REPLY_TEXT_MAX	2048	/* octets kept of one reply's text */
#define REPLY_LINE_MAX	1024	/* octets kept of one line */
#define REPLY_LINES_MAX	500	/* an endless reply ends here */
#define CHUNK_MAX	100	/* recipients in one transaction */

struct reply {
	int	 code;		/* 0: not a reply at all */
	char	 status[12];	/* enhanced code of the last line, or "" */
	char	 text[REPLY_TEXT_MAX];	/* lines joined by "; ", with code */
};

enum verdict {
	VERDICT_NONE,		/* not offered yet */
	VERDICT_OFFERED,	/* RCPT accepted, the message is not yet */
	VERDICT_OK,		/* accepted: the server is responsible */
	VERDICT_TEMPORARY,
	VERDICT_PERMANENT,
	VERDICT_CROWDED,	/* too many recipients: another transaction */
};

struct session_rcpt {
	const char	*addr;
	const char	*notify, *orcpt;	/* as given (xtext), or NULL */
	const char	*canonical;	/* end of its CNAMEs, or NULL */
	enum verdict	 verdict;
	bool		 dsn_passed;	/* the server took over NOTIFY */
	int		 code;
	char		 status[12];
	char		 text[512];
};

/* X(symbol, seconds to wait for the reply: RFC 5321 4.5.3.2) */
#define STEPS(X)							\
	X(GREETING, 300) X(EHLO, 300) X(HELO, 300) X(MAIL, 300)		\
	X(RCPT, 300) X(DATA, 120) X(CONTENT, 180) X(EOD, 600)		\
	X(RSET, 20) X(NOOP, 20) X(QUIT, 20)

enum step {
#define X(sym, secs) STEP_##sym,
	STEPS(X)
#undef X
	STEP_COUNT
};

struct session_mail {
	const char	*helo;		/* own name */
	const char	*from;		/* "" null */
	const char	*envid, *ret;	/* or NULL */
	const char	*content;	/* CRLF lines, not dot-stuffed */
	size_t		 size;
	bool		 eight_bit;	/* some octet is above 127 */
	bool		 utf8;		/* needs SMTPUTF8 */
	struct session_rcpt *rcpts;
	size_t		 count;
	const struct bugs *bugs;
	const struct ways *ways;
	int		 attempt;	/* for one bug */
	/* The verdicts of one transaction are final: store them now. */
	void		(*commit)(void *ctx);
	void		*ctx;
};

struct expected {
	enum step	 step;
	size_t		 rcpt;
};

struct session {
	struct session_mail *mail;
	struct sbuf	 out;
	bool		 closing;	/* send out, then close */
	bool		 finished;	/* result is final, QUIT may linger */
	enum try_result	 result;
	struct reply	 why;		/* of the whole session's failure */
	int64_t		 timeout_us;
	unsigned	 armed;		/* changes with every new deadline */
	/* private */
	struct sbuf	 in;
	struct reply	 reply;
	size_t		 lines;
	struct expected	*queue;
	size_t		 head, tail, cap;
	bool		 pipelining, size_known, dsn, mime8, utf8, chunking;
	uint64_t	 size_limit;
	const char	*content;	/* what is sent: mail's or converted */
	size_t		 size;
	struct sbuf	 converted;
	size_t		 accepted;	/* RCPTs of this transaction */
	bool		 sending;	/* content is leaving */
	bool		 empty_dot;	/* no recipient: only "." was sent */
	bool		 lingering;	/* QUIT waits, for one way */
	bool		 rejected;	/* mail-level failure already set */
	size_t		 next;		/* first recipient not yet offered */
	size_t		 from_rcpt;	/* first one of this transaction */
};

/* How long a reply of this step is awaited. */
int64_t	 session_patience_us(enum step, const struct ways *);
void	 session_init(struct session *, struct session_mail *);
void	 session_fini(struct session *);
void	 session_input(struct session *, const char *bytes, size_t len);
void	 session_drained(struct session *);
void	 session_lost(struct session *, const char *why);
void	 session_timeout(struct session *);

/* The enhanced code at the start of a reply's text, else from `code`. */
void	 reply_status(const struct reply *, char out[12]);

#endif

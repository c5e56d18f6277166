/*
 * Private to the session's own files:
 *	session.c	lines in, outputs out
 *	session_command.c	what each command does
 *	session_params.c	parameters of MAIL and RCPT
 *	session_content.c	DATA and BDAT content
 *	session_txn.c		transactions: their end and their fate
 *	session_rule.c		which rule decides
 *	session_reply.c		what the reply looks like
 */
#ifndef MXD_FAKE_SMTP_SESSION_IMPL_H
#define MXD_FAKE_SMTP_SESSION_IMPL_H

#include "fake_smtp/grammar.h"
#include "fake_smtp/session.h"
#include "harness/base/sbuf.h"

#define LINE_MAX_OCTETS	65536	/* a longer command line is cut off */
#define FSMTP_SIZE_MAX	52428800

/* X(symbol, "KEYWORD"): extensions with a meaning for the session. */
#define SMTP_EXTENSIONS(X)						\
	X(PIPELINING) X(SIZE) X(8BITMIME) X(SMTPUTF8) X(DSN) X(CHUNKING) \
	X(ENHANCEDSTATUSCODES) X(BINARYMIME) X(STARTTLS) X(AUTH)	\
	X(DELIVERBY) X(REQUIRETLS) X(MTRK) X(MT_PRIORITY)
enum {
#define X(name) EXT_BIT_##name,
	SMTP_EXTENSIONS(X)
#undef X
};
#define EXT(name)	(1u << EXT_BIT_##name)

enum session_state {
	STATE_CONNECT,		/* before the greeting */
	STATE_COMMAND,
	STATE_CONTENT,		/* after 354 */
	STATE_CHUNK,		/* within a BDAT chunk */
	STATE_AUTH,		/* after 334 */
	STATE_TLS,		/* after 220 to STARTTLS: not spoken here */
	STATE_MUTE,		/* a rule took the session over */
	STATE_OVER,
};

/* A recipient; offsets into the transaction's text. */
struct txn_rcpt {
	size_t		 address, params;
	int		 code;
};

/* The last connection or transaction in which a rule matched. */
struct rule_contact {
	uint32_t	 span;		/* its number; 0: none yet */
	uint32_t	 number;	/* which contact of the rule it is */
};

struct fsmtp_txn {
	struct fsmtp_txn *next;
	struct sbuf	 text;		/* strings, each with its NUL */
	size_t		 from, params;
	struct txn_rcpt	*rcpts;		/* accepted ones */
	size_t		 count, cap;
	int		 code;
	bool		 stored;
	struct fsmtp_delivery delivery;
};

struct fsmtp_session {
	struct fsmtp_session_config c;
	int64_t		 now_us;
	int64_t		 mute_us;	/* when it fell silent */
	enum session_state state;
	struct sbuf	 in;
	size_t		 in_pos;
	bool		 awaiting_sent;	/* an output is being carried out */
	bool		 gone, left_waiting;
	bool		 left;		/* said QUIT in place of waiting */
	bool		 ahead;		/* octets came before our last reply */

	/* the output in the making */
	struct fsmtp_output out;
	struct sbuf	 reply;
	struct sbuf	 healthy;
	enum fsmtp_stage out_stage;
	enum fsmtp_action out_action;
	int		 out_code;
	bool		 have_out;
	bool		 out_early;	/* to a command that has not come */
	bool		 out_cut;	/* a line without its end */
	bool		 stay;		/* a rule: open after the reply */

	/* the session's memory */
	unsigned	 offered;	/* EXT() bits of the last EHLO reply */
	unsigned long long size_limit;	/* 0: none offered */
	bool		 greeted, helo, esmtp;
	int		 greeting_code;
	bool		 quit, odd, said_421, refused_data;
	bool		 skip_line;	/* rest of an overlong line */
	int		 reached[FSMTP_STAGE_COUNT];
	struct fsmtp_rule *early[FSMTP_STAGE_COUNT];
	int		 early_code[FSMTP_STAGE_COUNT];
	struct fsmtp_rule *idle;	/* speaks up if the client does not */
	uint32_t	 stages_ruled;	/* bit n: the host has rules for it */
	bool		 any_early, group_ended;
	struct rule_contact *met;	/* of each rule of the host */
	size_t		 met_cap;
	uint32_t	 txn_number;	/* MAIL commands so far */

	/* the open transaction */
	bool		 mail_open, bdat_used, bdat_failed, body_8bit, utf8;
	unsigned	 rcpt_seen;
	unsigned long long chunk_left, chunk_size;
	bool		 chunk_last, chunk_discard;
	size_t		 content_octets;/* as on the wire */
	size_t		 content_len;	/* of the message */
	size_t		 line_octets;
	bool		 mid_line, content_fresh;
	bool		 told_8bit, told_bare, told_long, too_big;
	size_t		 body_mark;	/* next BODY threshold */
	struct sbuf	 content;
	struct fsmtp_txn *txn;		/* the open one */
	struct fsmtp_txn *pending, **pending_tail;
	struct fsmtp_txn *unused;
	struct fsmtp_recipient *told;	/* for on_message */
	size_t		 told_cap;
};

/* session.c */
void	 session_violation(struct fsmtp_session *, const char *id,
	    const char *text);
bool	 session_offers(const struct fsmtp_session *, unsigned ext);
bool	 session_is_farewell(const struct fsmtp_session *);

/* session_command.c */
void	 session_greet(struct fsmtp_session *);
/* `octets`: of the line with its end. */
void	 session_line(struct fsmtp_session *, struct span args,
	    enum smtp_verb, size_t octets);
void	 session_cut_off(struct fsmtp_session *);
enum fsmtp_stage session_verb_stage(enum smtp_verb);

/* session_params.c */
/* NULL if all is well, else the reply that the parameters deserve. */
const char *session_check_params(struct fsmtp_session *, struct span,
	    bool mail);

/* session_content.c: true when something was consumed or decided */
bool	 session_content(struct fsmtp_session *);
bool	 session_chunk(struct fsmtp_session *);
void	 session_content_begin(struct fsmtp_session *);
void	 session_chunk_begin(struct fsmtp_session *, unsigned long long,
	    bool last, bool discard);

/* session_txn.c */
void	 session_txn_reset(struct fsmtp_session *);
void	 session_end_of_data(struct fsmtp_session *, enum fsmtp_stage);
struct fsmtp_txn *session_txn_new(struct fsmtp_session *);
void	 session_txn_add(struct fsmtp_txn *, size_t address, size_t params,
	    int code);
size_t	 session_txn_text(struct fsmtp_txn *, struct span);
const char *session_txn_from(const struct fsmtp_session *);

/* session_reply.c */
/*
 * Makes the answer to a stage: the rule's if one matches, else `healthy`
 * (without the CRLF of its last line).  Returns the code in effect; 0: none.
 */
int	 session_answer(struct fsmtp_session *, enum fsmtp_stage,
	    const char *rcpt, const char *healthy, struct fsmtp_rule **);
/* Sends the early reply, if a rule wants one, of the stage that is next. */
bool	 session_answer_early(struct fsmtp_session *);
void	 session_apply(struct fsmtp_session *, enum fsmtp_stage,
	    struct fsmtp_rule *, const char *healthy);
/* The code that a reply's octets mean to a client; 0: not a reply. */
int	 session_reply_code(const char *bytes, size_t len);
void	 session_reply_event(struct fsmtp_session *);

/* session_rule.c; `rcpt` NULL: any recipient of the transaction will do */
struct fsmtp_rule *session_rule(struct fsmtp_session *, enum fsmtp_stage,
	    const char *rcpt, bool early);
bool	 glob_match(const char *pattern, const char *text);
void	 session_rules_open(struct fsmtp_session *);

#endif

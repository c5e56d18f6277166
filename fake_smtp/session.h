/*
 * One SMTP session of a fake host: octets in, outputs and events out.  No
 * socket and no clock, so that it is tested and fuzzed as it stands.
 *
 *	fsmtp_session_open();
 *	whenever octets come:	fsmtp_session_input();
 *	while nothing is under way:
 *		while (fsmtp_session_next(s, now, &out)) {
 *			carry `out` out; then
 *			fsmtp_session_sent(s);
 *		}
 *
 * The session answers one command at a time: until `sent` is called it
 * decides nothing more, as a real server that is slow.
 */
#ifndef MXD_FAKE_SMTP_SESSION_H
#define MXD_FAKE_SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_smtp/fake_smtp.h"

struct fsmtp_session;
struct fsmtp_greys;		/* the triplets that a host has seen */
struct fsmtp_txn;		/* a transaction whose fate is not yet known */

struct fsmtp_session_config {
	struct fsmtp_host *host;
	struct fsmtp_greys *greys;	/* NULL: no greylist */
	struct addr	 server, client;
	uint64_t	 conn;
	uint32_t	 contact;	/* 0: none of the phases', so healthy */
	enum fsmtp_connect connect;	/* CLOSE, RESET: at once; else OPEN */
	struct fsmtp_rule *connect_rule;/* that said so, or NULL */
	const struct event_sink *sink;
	void		(*on_message)(void *, const struct fsmtp_message *);
	void		*ctx;
};

enum fsmtp_output_kind {
	FSMTP_OUT_SEND,		/* bytes; then `then` */
	FSMTP_OUT_ENDLESS,	/* bytes over and over */
	FSMTP_OUT_SILENCE,	/* say nothing more, read on */
	FSMTP_OUT_CLOSE,	/* end our direction (FIN), read to the end */
	FSMTP_OUT_RESET,
};
struct fsmtp_output {
	enum fsmtp_output_kind kind;
	const char	*bytes;		/* valid until `sent` */
	size_t		 len;
	int64_t		 delay_us;	/* before any of it */
	int64_t		 drip_us;	/* between octets; 0: at once */
	const size_t	*pieces;	/* lengths; the rest is the last one */
	size_t		 piece_count;	/* 0: in one */
	int64_t		 pause_us;	/* between two pieces */
	enum fsmtp_then	 then;
	const char	*rule;		/* id, or NULL */
	struct fsmtp_txn *txn;		/* of which it is the last reply */
	bool		 rule_made;	/* not a healthy server's doing */
};

struct fsmtp_session *fsmtp_session_new(void);
void	 fsmtp_session_free(struct fsmtp_session *);
/* Begins a session; the memory of the one before is used again. */
void	 fsmtp_session_open(struct fsmtp_session *,
	    const struct fsmtp_session_config *);
void	 fsmtp_session_input(struct fsmtp_session *, const char *, size_t);
/* `now_us`: since the start of the phases. */
bool	 fsmtp_session_next(struct fsmtp_session *, int64_t now_us,
	    struct fsmtp_output *);
void	 fsmtp_session_sent(struct fsmtp_session *);
/* From now on it is no contact: no rule that is reached later covers it. */
void	 fsmtp_session_uncount(struct fsmtp_session *);
/* The client's FIN came while an output is under way: it waited in vain, and
 * to close without QUIT is then no violation. */
void	 fsmtp_session_left_waiting(struct fsmtp_session *);
/* The client ended its direction and all is said, or the connection broke. */
void	 fsmtp_session_gone(struct fsmtp_session *);
/* Nothing from the client for too long: makes the 421 the next output. */
void	 fsmtp_session_timeout(struct fsmtp_session *);
/*
 * A rule may speak to a client that keeps silent.  _idle: the session waits
 * for a command; after how long it is spoken to, or -1.  To be asked once
 * while it waits; _unasked makes that the next output, if it still waits.
 */
int64_t	 fsmtp_session_idle(struct fsmtp_session *, int64_t now_us);
void	 fsmtp_session_unasked(struct fsmtp_session *);
/* A rule keeps the session from its healthy course, or it is over. */
bool	 fsmtp_session_stalled(const struct fsmtp_session *);
bool	 fsmtp_session_quit(const struct fsmtp_session *);
/*
 * RFC 2920 lets QUIT be sent on before the replies are there, and TCP lets a
 * client then end its direction and listen (Exim does, after its last
 * message).  That is not impatience.  _ahead: a QUIT waits for its turn;
 * _hushed: a rule fell silent just now, and a QUIT came with what it left
 * unanswered.
 */
bool	 fsmtp_session_quit_ahead(const struct fsmtp_session *);
bool	 fsmtp_session_hushed(const struct fsmtp_session *, int64_t now_us);

/*
 * The fate of a finished transaction: emits smtp.copy for each of its
 * recipients.  `replied` false: its reply never left as a whole.
 */
void	 fsmtp_txn_settle(struct fsmtp_session *, struct fsmtp_txn *,
	    bool replied, bool acked);
/* Transactions not yet settled, oldest first. */
struct fsmtp_txn *fsmtp_session_unsettled(const struct fsmtp_session *);
struct fsmtp_txn *fsmtp_txn_next(const struct fsmtp_txn *);
/* Where in the stream its reply ended, kept for the connection. */
struct fsmtp_delivery {
	uint64_t	 end;		/* octets written up to there */
	int64_t		 at_us;
	bool		 replied;
	bool		 followed;	/* the client spoke after it */
	bool		 farewell;	/* a 421: closing is part of it */
};
struct fsmtp_delivery *fsmtp_txn_delivery(struct fsmtp_txn *);

struct fsmtp_greys *fsmtp_greys_new(void);
void	 fsmtp_greys_free(struct fsmtp_greys *);
void	 fsmtp_greys_clear(struct fsmtp_greys *);
/* When the triplet was first seen; TIME_NEVER: now. */
int64_t	 fsmtp_greys_seen(struct fsmtp_greys *, const struct addr *client,
	    const char *sender, const char *recipient, int64_t now_us);

/* The first rule for the stage that matches a connection, or NULL. */
struct fsmtp_rule *fsmtp_rule_for_contact(struct fsmtp_host *,
	    const struct addr *client, uint32_t contact, int64_t now_us);

#endif

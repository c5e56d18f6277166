/*
 * MX hosts that misbehave on schedule.  A correct RFC 5321 receiver with
 * PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, CHUNKING; what it does wrong is
 * said by the rules of a host (rule.h).
 *
 * Two layers.  session.h is the protocol: octets in, octets and actions out,
 * no socket and no clock.  This file is the server around it: listeners,
 * connections, delays, drips, resets.
 */
#ifndef MXD_FAKE_SMTP_FAKE_SMTP_H
#define MXD_FAKE_SMTP_FAKE_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_smtp/rule.h"
#include "harness/base/addr.h"
#include "harness/base/event.h"
#include "harness/base/timers.h"

struct event_base;
struct fsmtp;

/* One complete transaction, told when its end-of-data reply is decided. */
struct fsmtp_recipient {
	const char	*address;	/* as in RCPT TO, without <> */
	const char	*params;	/* "NOTIFY=... ORCPT=...", or "" */
	int		 code;		/* of the RCPT reply */
};
struct fsmtp_message {
	uint64_t	 conn;
	const char	*host;
	struct addr	 server, client;
	const char	*from;		/* "" is the null sender */
	const char	*params;	/* of MAIL */
	const struct fsmtp_recipient *rcpts;
	size_t		 rcpt_count;
	const char	*content;	/* dot-unstuffed, CRLF line ends */
	size_t		 len;
	bool		 stored;	/* kept by the host */
	bool		 offers_8bit;	/* 8BITMIME, to this client */
};

struct fsmtp_config {
	struct fsmtp_host *hosts;	/* borrowed; `fired` is counted there */
	size_t		 host_count;
	struct timers	*timers;
	uint64_t	 seed;
	/*
	 * Until fsmtp_start_phases() no rule and no greylist is in force and
	 * nothing counts as a contact (its number is 0).  A session that
	 * began before stays healthy to its end.
	 */
	bool		 healthy_first;
	/*
	 * There is no router that sees a SYN: net.syn is told at accept, and
	 * what only a router can do (connect: refuse, ICMP ...) is open.
	 */
	bool		 no_router;
	/* A client came before the phases have started; may start them. */
	void		(*on_first)(void *ctx);
	/*
	 * smtp.open, smtp.command, smtp.reply, smtp.rcpt, smtp.eod,
	 * smtp.copy (one for each accepted recipient when the fate of a
	 * transaction is known), smtp.violation, smtp.close.  The fields msg
	 * and hash are the caller's to fill in.
	 */
	const struct event_sink *sink;
	void		(*on_message)(void *ctx, const struct fsmtp_message *);
	void		*ctx;
};

struct fsmtp *fsmtp_new(const struct fsmtp_config *);
/* Settles what is open: the sink gets its last smtp.copy events. */
void	 fsmtp_free(struct fsmtp *);
/* Rule times count from now on; contacts, triplets and `fired` so far are
 * forgotten; what is connecting or open was no contact of the phases. */
void	 fsmtp_start_phases(struct fsmtp *);
/*
 * Listens at every address of every host, port `port` unless it has one.  0,
 * or -1 with errno and the address in *failed.
 */
int	 fsmtp_listen(struct fsmtp *, struct event_base *, uint16_t port,
	    struct addr *failed);
/*
 * The router saw a SYN: counts the contact and says what the host's rules
 * make of it.  An accepted connection is matched to it by client address and
 * port.  A SYN sent again is the same contact, unless RST or ICMP has ended
 * that attempt.  False: no host has that address.
 */
struct fsmtp_contact {
	enum fsmtp_connect connect;
	const char	*host;
	uint32_t	 contact;
	const char	*rule;		/* id, or NULL */
};
bool	 fsmtp_syn(struct fsmtp *, const struct addr *server,
	    const struct addr *client, struct fsmtp_contact *);
/* Open sessions (the lab is not settled while there are any). */
size_t	 fsmtp_sessions(const struct fsmtp *);

#endif

/*
 * Private to the connection's own files:
 *	conn.c		what is said and heard, and when
 *	conn_end.c	how it ends; the fate of its end-of-data replies
 */
#ifndef MXD_FAKE_SMTP_CONN_IMPL_H
#define MXD_FAKE_SMTP_CONN_IMPL_H

#include <event2/util.h>

#include "fake_smtp/server_impl.h"
#include "fake_smtp/transport.h"
#include "harness/base/sbuf.h"

#define CONN_MAGIC	0x636f6e6eu
struct conn {
	unsigned	 magic;
	struct conn	*next, *prev;
	struct fsmtp	*server;
	struct listener	*listener;
	struct fsmtp_session *session;
	const struct transport *io;
	int		 fd;
	uint64_t	 number;
	struct event	*readable, *writable;	/* libevent's */
	struct timer	*delay, *idle, *grace;
	struct timer	*unasked;	/* a rule speaks to a silent client */
	int64_t		 active_us;
	int64_t		 busy_us;	/* since when `busy` */
	struct sbuf	 out;
	size_t		 out_pos;
	uint64_t	 written;	/* octets taken by TCP */
	struct fsmtp_output cur;	/* under way when `busy` */
	size_t		 cur_pos, cur_piece;
	enum fsmtp_then	 then;		/* once `out` is empty */
	const char	*then_rule;
	bool		 busy, eof, fin_sent, told_close;
	bool		 idle_asked;	/* whether one does, since it spoke */
	bool		 edges;		/* epoll tells us of news only */
};

static inline int64_t
conn_now_us(const struct conn *c)
{
	return timers_now(c->server->c.timers);
}

/* conn.c */
/* Says all that can be said now; the connection may be over afterwards. */
void	 conn_pump(struct conn *);
void	 conn_on_readable(evutil_socket_t, short, void *);
void	 conn_on_writable(evutil_socket_t, short, void *);

/* conn_end.c */
enum occasion {
	HEARD,			/* octets have just come */
	SILENT,			/* the client had time and broke nothing */
	FINISHING,		/* we close the connection */
	RESETTING,		/* we reset it */
	OVER,			/* nothing more will be learnt */
};

/* Settles what can be settled on this occasion. */
void	 conn_settle(struct conn *, enum occasion);
/* Sees to it that a client which now keeps silent is settled in a while. */
void	 conn_await_silence(struct conn *);
/* The smtp.close event, once; `rule` may be NULL. */
void	 conn_tell_close(struct conn *, const char *by, const char *state,
	    const char *rule);
void	 conn_end_by_client(struct conn *, const char *state);
void	 conn_end_by_reset(struct conn *);
void	 conn_end_by_fin(struct conn *, const char *state);
void	 conn_end_at_eof(struct conn *);
/* The client's FIN, or news after it. */
void	 conn_heed_eof(struct conn *);

#endif

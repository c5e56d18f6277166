/* Private to server.c (hosts, contacts, listeners) and conn.c. */
#ifndef MXD_FAKE_SMTP_SERVER_IMPL_H
#define MXD_FAKE_SMTP_SERVER_IMPL_H

#include "fake_smtp/session.h"

struct conn;
struct fsmtp;

struct server_host {
	struct fsmtp_host *host;
	struct fsmtp_greys *greys;
	uint32_t	 contacts;
};

#define LISTENER_MAGIC	0x6c73746eu
struct listener {
	unsigned	 magic;
	struct fsmtp	*server;
	struct server_host *host;
	struct addr	 addr;
	int		 fd;
	struct event	*ready;		/* libevent's */
	struct listener	*next;
};

/* A SYN that the router told us of. */
struct syn {
	struct addr	 server, client;
	struct server_host *host;
	struct fsmtp_rule *rule;
	enum fsmtp_connect connect;
	uint32_t	 contact;
};
#define SYN_MEMORY	1024

struct fsmtp {
	struct fsmtp_config c;
	struct event_base *base;
	struct server_host *hosts;
	struct listener	*listeners;
	int64_t		 origin_us;
	bool		 asleep;	/* healthy until the phases start */
	uint64_t	 conns;		/* numbers given so far */
	size_t		 open;
	struct conn	*live, *idle;	/* in use; to be used again */
	struct syn	*syns;		/* a ring */
	size_t		 syn_count, syn_next;
};

/* Takes the fd. */
void	 conn_open(struct fsmtp *, struct listener *, int fd,
	    const struct addr *client, const struct syn *);
/* At the end of the server: what is still open ends unjudged. */
void	 conn_abandon(struct conn *);
void	 conn_free(struct conn *);
void	 conn_uncount(struct conn *);
struct conn *conn_next(const struct conn *);

#endif

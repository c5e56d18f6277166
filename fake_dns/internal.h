/*
 * What the parts of fake_dns share: the server's state, the decision about
 * one query, and the way its replies take to the wire.
 */
#ifndef MXD_FAKE_DNS_INTERNAL_H
#define MXD_FAKE_DNS_INTERNAL_H

#include <sys/queue.h>

#include "fake_dns/fake_dns.h"
#include "fake_dns/store.h"
#include "fake_dns/truth.h"
#include "fake_dns/wire.h"
#include "harness/base/arena.h"
#include "harness/base/sbuf.h"

/* One RRset of a rule's `records:`. */
struct forged {
	struct name	 owner;		/* the root: the query's name */
	struct rrset	 set;
};

/* A rule made ready. */
struct matcher {
	struct fdns_rule *rule;
	bool		 any_name, below;	/* NULL, "*.suffix" */
	struct name	 name;
	enum fdns_transport transport;
	uint32_t	 contacts;
	struct forged	*forged;
	size_t		 forged_count;
};

struct version {
	int64_t		 from_us;
	struct store	*store;
};

/* A reply that waits for its time. */
struct delayed {
	LIST_ENTRY(delayed) link;
	struct outlet	*outlet;
	struct timer	*timer;
	struct addr	 server, client;
	const char	*host;
	const char	*action;
	const char	*rule;
	uint8_t		*query, *bytes;
	size_t		 query_len, len;
	bool		 nothing, close, other_port;
	const struct fdns_rule *pieces;
};

/* Where replies leave: a UDP socket or a TCP connection. */
struct outlet {
	struct fdns	*fdns;
	enum fdns_transport transport;
	/* Called at the moment at which the reply is to leave. */
	void		(*send)(struct outlet *, const struct addr *client,
			    const struct fdns_reply *);
	LIST_HEAD(, delayed) waiting;
};

struct listener {
	LIST_ENTRY(listener) link;
	void		(*free)(struct listener *);
	struct fdns	*fdns;
	struct addr	 addr;
	int		 resolver;
	char		*name;
};

/* A reply and what trace.c says of it. */
struct described {
	uint8_t		*bytes;
	size_t		 len;
	struct sbuf	 text;
};

#define DESCRIBED_MAX	8

struct fdns {
	struct arena	*arena;
	struct timers	*timers;
	const struct event_sink *sink;
	uint64_t	 seed;
	int64_t		 start_us;
	bool		 asleep;	/* healthy until fdns_start_phases() */
	struct version	*versions;	/* by time */
	size_t		 version_count;
	struct matcher	*matchers;
	size_t		 matcher_count;
	uint8_t		*buffers[FDNS_MAX_REPLIES];
	struct described described[DESCRIBED_MAX];
	unsigned	 described_next;
	LIST_HEAD(, listener) listeners;
};

/* What was decided about one query. */
struct decision {
	const struct fdns_rule *rule;	/* NULL: none */
	const char	*action;
	struct fdns_reply replies[FDNS_MAX_REPLIES];
	size_t		 count;
};

/* rules.c */
bool	 matchers_make(struct fdns *, const struct fdns_config *,
	    struct fdns_error *);
/* Counts contacts; the matcher that decides, or NULL. */
struct matcher *matchers_decide(struct fdns *, const struct fdns_peer *,
	    const struct query *);
/* For struct truth: is a fault about this RRset? */
bool	 matchers_hide(void *fdns, const struct name *, uint16_t type);

/* faults.c: what the action of a rule makes of the truth. */
void	 fault_apply(struct fdns *, const struct truth *, struct matcher *,
	    const struct query *, const struct fdns_peer *,
	    struct decision *);

/* fake_dns.c */
int64_t	 fdns_now(const struct fdns *);		/* since the phases' start */
struct store *fdns_store(const struct fdns *);	/* in force now */
void	 fdns_decide(struct fdns *, const struct fdns_peer *,
	    const uint8_t *query, size_t len, struct decision *);

/* trace.c */
void	 trace_query(struct fdns *, const struct fdns_peer *,
	    const struct query *, enum query_state);
void	 trace_reply(struct fdns *, const struct delayed *,
	    enum fdns_transport);
void	 described_free(struct fdns *);

/* deliver.c */
void	 outlet_init(struct outlet *, struct fdns *, enum fdns_transport,
	    void (*send)(struct outlet *, const struct addr *,
	    const struct fdns_reply *));
void	 outlet_fini(struct outlet *);		/* forgets what waits */
/* Decides about the query and sends the replies, each in its time. */
void	 outlet_serve(struct outlet *, const struct fdns_peer *,
	    const uint8_t *query, size_t len);

/* udp.c, tcp.c: NULL with errno. */
struct listener *udp_listen(struct fdns *, struct event_base *,
	    const struct addr *);
struct listener *tcp_listen(struct fdns *, struct event_base *,
	    const struct addr *);

#endif

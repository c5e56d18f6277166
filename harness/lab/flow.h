/*
 * The TCP connections that the router has seen: what was decided about each
 * and whether it has octets in flight.  No I/O.
 */
#ifndef MXD_LAB_FLOW_H
#define MXD_LAB_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/lab/limit.h"
#include "harness/lab/packet.h"

struct flow {
	struct flow	*next;		/* in its hash chain */
	struct addr	 client, server;/* who sent the SYN, to whom */
	uint32_t	 isn;		/* of the SYN */
	bool		 from_mta;
	/* The router's decision on the SYN; flow.c only keeps it. */
	int		 verdict;
	/* [0] what the client sent, [1] the server. */
	struct flow_half {
		bool	 seen, fin;
		uint32_t sent;		/* sequence number after the last */
		uint32_t acked;		/* by the other end */
	} half[2];
	bool		 deaf;		/* its packets vanish, or nobody acks */
	bool		 pending;	/* octets in flight */
	struct limit	 limit;		/* if `from_mta`; the router's own */
	bool		 watched;	/* something of the limit is due */
	struct flow	*watch_next, **watch_at;
};

struct flows {
	struct flow	**chains;
	size_t		 chain_count, count;
	size_t		 in_flight;	/* flows that are pending */
	struct flow	*watched;
};

void	 flows_init(struct flows *);
void	 flows_fini(struct flows *);
/* The flow of a packet, in either direction, or NULL. */
struct flow *flows_find(const struct flows *, const struct packet *);
/* A new flow for a SYN; an older one of the same four numbers goes. */
struct flow *flows_open(struct flows *, const struct packet *syn);
/* The packet passes through: counts what it sends and acknowledges. */
void	 flows_pass(struct flows *, struct flow **, const struct packet *);
/* The packet was eaten: nothing is to be waited for any more. */
void	 flows_eaten(struct flows *, struct flow *);
/* Gives up waiting for what is in flight now (until more is sent). */
void	 flows_give_up(struct flows *);

/* After its limit has changed: keeps `watched` right. */
void	 flows_watch(struct flows *, struct flow *);
void	 flows_drop(struct flows *, struct flow *);

#endif

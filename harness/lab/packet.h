/*
 * Packets as octets: takes IPv4 and IPv6 apart as far as the router needs
 * it, and makes the kinds of packet that the router sends on its own: TCP
 * resets and ICMP errors.  No I/O, no state.
 */
#ifndef MXD_LAB_PACKET_H
#define MXD_LAB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/addr.h"

#define PACKET_MAX	65536
/* Room for any packet made here: IPv6 + ICMPv6 + quote up to 1280. */
#define PACKET_MADE_MAX	1280

enum {
	TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10
};

struct packet {
	const uint8_t	*bytes;		/* the IP header */
	size_t		 len;		/* as the IP header says */
	struct addr	 src, dst;	/* with ports for TCP and UDP */
	uint8_t		 proto;		/* IPPROTO_*; last header of IPv6 */
	/* TCP alone */
	uint8_t		 flags;
	uint32_t	 seq, ack;
	uint32_t	 seg_len;	/* in sequence space: data, SYN, FIN */
};

/*
 * X(symbol, v4 code, v6 code): destination unreachable, type 3 of RFC 792
 * and RFC 1812 5.2.7.1, type 1 of RFC 4443 3.1.
 */
#define PACKET_ICMPS(X)							\
	X(NET, 0, 0) X(HOST, 1, 3) X(PORT, 3, 4) X(NET_PROHIBITED, 9, 1)\
	X(HOST_PROHIBITED, 10, 5) X(PROHIBITED, 13, 1)

enum packet_icmp {
#define X(sym, v4, v6) PACKET_ICMP_##sym,
	PACKET_ICMPS(X)
#undef X
	PACKET_ICMP_COUNT
};

/*
 * False: no whole IPv4 or IPv6 packet.  A fragment other than the first, or
 * a transport header cut short, parses with port 0 and no flags.  The bytes
 * stay borrowed.
 */
bool	 packet_parse(struct packet *, const uint8_t *bytes, size_t len);

/* Both return the length; `out` is a packet from its dst back to its src. */
size_t	 packet_make_rst(const struct packet *, uint8_t out[PACKET_MADE_MAX]);
/* `from`: who complains, of the packet's family. */
size_t	 packet_make_icmp(const struct packet *, const struct addr *from,
	    enum packet_icmp, uint8_t out[PACKET_MADE_MAX]);

/*
 * "Parameter problem": an error that no network of ours reports otherwise,
 * and that Linux hands to the program as EPROTO.
 */
size_t	 packet_make_mark(const struct packet *, const struct addr *from,
	    uint8_t out[PACKET_MADE_MAX]);
/* A segment without data. */
size_t	 packet_make_bare(const struct packet *what,
	    uint8_t out[PACKET_MADE_MAX]);

/*
 * True if the Internet checksums of the IP header and of its TCP, UDP or
 * ICMP payload are right.
 */
bool	 packet_checksums_ok(const struct packet *);

#endif

#include "harness/lab/packet.h"

#include <assert.h>
#include <string.h>

enum {
	IP4_HEADER = 20, IP6_HEADER = 40, TCP_HEADER = 20, UDP_HEADER = 8,
	ICMP_HEADER = 8, TTL = 64,
	IP4_TTL = 8, IP4_PROTO = 9, IP4_SUM = 10, IP4_SRC = 12, IP4_DST = 16,
	IP6_NEXT = 6, IP6_HOPS = 7, IP6_SRC = 8, IP6_DST = 24
};

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* RFC 1071, one's complement sum carried on from `sum`. */
static uint32_t
sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	if (len == 1)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The checksum over a transport segment with its pseudo header. */
static uint16_t
transport_sum(const struct addr *src, const struct addr *dst, uint8_t proto,
    const uint8_t *segment, size_t len)
{
	size_t alen = src->family == AF_INET ? 4 : 16;
	uint32_t sum = 0;

	if (proto != IPPROTO_ICMP) {
		sum = sum_add(sum, src->ip, alen);
		sum = sum_add(sum, dst->ip, alen);
		sum += proto + (uint32_t)len;
	}
	return (uint16_t)~sum_add(sum, segment, len);
}

static void
take_ip(struct addr *a, sa_family_t family, const uint8_t *p)
{
	memset(a, 0, sizeof *a);
	a->family = family;
	memcpy(a->ip, p, family == AF_INET ? 4 : 16);
}

/*
 * Skips the extension headers of IPv6.  Returns the offset of the last
 * header, 0 when there is none in this packet (a later fragment, or cut).
 */
static size_t
skip_extensions(const uint8_t *b, size_t len, uint8_t *proto)
{
	size_t at = IP6_HEADER;

	for (*proto = b[IP6_NEXT];; *proto = b[at], at += 8u * (b[at + 1] + 1u))
		switch (*proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			if (at + 8 > len ||
			    at + 8u * (b[at + 1] + 1u) > len)
				return 0;
			break;
		case IPPROTO_FRAGMENT:
			if (at + 8 > len || (get16(b + at + 2) & 0xfff8) != 0)
				return 0;
			*proto = b[at];
			return at + 8;
		default:
			return at;
		}
}

/* Offset of the transport header, 0: none here. */
static size_t
network_parse(struct packet *p, const uint8_t *b, size_t len)
{
	size_t head;

	if (len >= IP4_HEADER && b[0] >> 4 == 4) {
		head = 4u * (b[0] & 0x0f);
		p->len = get16(b + 2);
		if (head < IP4_HEADER || p->len < head || p->len > len)
			return p->len = 0;
		take_ip(&p->src, AF_INET, b + IP4_SRC);
		take_ip(&p->dst, AF_INET, b + IP4_DST);
		p->proto = b[IP4_PROTO];
		return (get16(b + 6) & 0x1fff) == 0 ? head : 0;
	}
	if (len >= IP6_HEADER && b[0] >> 4 == 6) {
		p->len = IP6_HEADER + (size_t)get16(b + 4);
		if (p->len > len)
			return p->len = 0;
		take_ip(&p->src, AF_INET6, b + IP6_SRC);
		take_ip(&p->dst, AF_INET6, b + IP6_DST);
		return skip_extensions(b, p->len, &p->proto);
	}
	return 0;
}

bool
packet_parse(struct packet *p, const uint8_t *b, size_t len)
{
	size_t head, data;
	const uint8_t *t;

	memset(p, 0, sizeof *p);
	p->bytes = b;
	head = network_parse(p, b, len);
	if (p->len == 0)
		return false;
	if (head == 0)
		return true;
	t = b + head;
	if (p->proto == IPPROTO_UDP && p->len - head >= UDP_HEADER) {
		p->src.port = get16(t);
		p->dst.port = get16(t + 2);
	}
	if (p->proto == IPPROTO_TCP && p->len - head >= TCP_HEADER &&
	    (data = 4u * (t[12] >> 4)) >= TCP_HEADER &&
	    head + data <= p->len) {
		p->src.port = get16(t);
		p->dst.port = get16(t + 2);
		p->seq = get32(t + 4);
		p->ack = get32(t + 8);
		p->flags = t[13];
		p->seg_len = (uint32_t)(p->len - head - data) +
		    ((p->flags & TCP_SYN) != 0) + ((p->flags & TCP_FIN) != 0);
	}
	return true;
}

/* Writes an IP header for `len` octets of `proto`; returns its length. */
static size_t
network_make(uint8_t *out, const struct addr *src, const struct addr *dst,
    uint8_t proto, size_t len)
{
	if (src->family == AF_INET) {
		memset(out, 0, IP4_HEADER);
		out[0] = 0x45;
		put16(out + 2, (uint32_t)(IP4_HEADER + len));
		put16(out + 6, 0x4000);		/* don't fragment */
		out[IP4_TTL] = TTL;
		out[IP4_PROTO] = proto;
		memcpy(out + IP4_SRC, src->ip, 4);
		memcpy(out + IP4_DST, dst->ip, 4);
		put16(out + IP4_SUM, (uint16_t)~sum_add(0, out, IP4_HEADER));
		return IP4_HEADER;
	}
	memset(out, 0, IP6_HEADER);
	out[0] = 0x60;
	put16(out + 4, (uint32_t)len);
	out[IP6_NEXT] = proto;
	out[IP6_HOPS] = TTL;
	memcpy(out + IP6_SRC, src->ip, 16);
	memcpy(out + IP6_DST, dst->ip, 16);
	return IP6_HEADER;
}

/* Addresses, ports, numbers and flags of `p`; returns the length. */
size_t
packet_make_bare(const struct packet *p, uint8_t out[PACKET_MADE_MAX])
{
	size_t head = network_make(out, &p->src, &p->dst, IPPROTO_TCP,
	    TCP_HEADER);
	uint8_t *t = out + head;

	memset(t, 0, TCP_HEADER);
	put16(t, p->src.port);
	put16(t + 2, p->dst.port);
	put32(t + 4, p->seq);
	put32(t + 8, p->ack);
	t[12] = TCP_HEADER / 4 << 4;
	t[13] = p->flags;
	put16(t + 16, transport_sum(&p->src, &p->dst, IPPROTO_TCP, t,
	    TCP_HEADER));
	return head + TCP_HEADER;
}

/*
 * RFC 9293 3.5.2: to a segment with ACK the reset takes its sequence number
 * from there; to any other it has number 0 and acknowledges the segment.
 */
size_t
packet_make_rst(const struct packet *p, uint8_t out[PACKET_MADE_MAX])
{
	struct packet rst = { .src = p->dst, .dst = p->src };

	assert(p->proto == IPPROTO_TCP);
	if (p->flags & TCP_ACK) {
		rst.seq = p->ack;
		rst.flags = TCP_RST;
	} else {
		rst.ack = p->seq + p->seg_len;
		rst.flags = TCP_RST | TCP_ACK;
	}
	return packet_make_bare(&rst, out);
}

static size_t
icmp_make(const struct packet *p, const struct addr *from, uint8_t type,
    uint8_t code, uint8_t out[PACKET_MADE_MAX])
{
	bool v4 = p->src.family == AF_INET;
	uint8_t proto = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, *t;
	/* RFC 1812 4.3.2.3: at most 576; RFC 4443 2.4: the minimum MTU. */
	size_t room = v4 ? 576 - IP4_HEADER - ICMP_HEADER :
	    PACKET_MADE_MAX - IP6_HEADER - ICMP_HEADER;
	size_t quote = p->len < room ? p->len : room, head;

	assert(from->family == p->src.family);
	head = network_make(out, from, &p->src, proto, ICMP_HEADER + quote);
	t = out + head;
	memset(t, 0, ICMP_HEADER);
	t[0] = type;
	t[1] = code;
	memcpy(t + ICMP_HEADER, p->bytes, quote);
	put16(t + 2, transport_sum(from, &p->src, proto, t,
	    ICMP_HEADER + quote));
	return head + ICMP_HEADER + quote;
}

size_t
packet_make_icmp(const struct packet *p, const struct addr *from,
    enum packet_icmp kind, uint8_t out[PACKET_MADE_MAX])
{
	static const uint8_t code4[] = {
#define X(sym, v4, v6) v4,
		PACKET_ICMPS(X)
#undef X
	}, code6[] = {
#define X(sym, v4, v6) v6,
		PACKET_ICMPS(X)
#undef X
	};
	bool v4 = p->src.family == AF_INET;

	assert(kind < PACKET_ICMP_COUNT);
	return icmp_make(p, from, v4 ? 3 : 1, v4 ? code4[kind] : code6[kind],
	    out);
}

/* Type 12 of RFC 792, type 4 of RFC 4443 3.4. */
size_t
packet_make_mark(const struct packet *p, const struct addr *from,
    uint8_t out[PACKET_MADE_MAX])
{
	return icmp_make(p, from, p->src.family == AF_INET ? 12 : 4, 0, out);
}

bool
packet_checksums_ok(const struct packet *p)
{
	struct packet q = *p;
	size_t head = network_parse(&q, p->bytes, p->len);

	if (p->src.family == AF_INET &&
	    sum_add(0, p->bytes, 4u * (p->bytes[0] & 0x0f)) != 0xffff)
		return false;
	if (head == 0)
		return true;
	return transport_sum(&p->src, &p->dst, p->proto, p->bytes + head,
	    p->len - head) == 0;
}

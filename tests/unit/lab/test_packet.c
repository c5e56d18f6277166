#include "harness/lab/packet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A SYN from 192.0.2.1:40000 to 198.18.1.1:25, number 1000. */
static const uint8_t syn4[40] = {
	0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 18, 1, 1,
	0x9c, 0x40, 0, 25, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0,
	0, 0
};
/* A datagram from [2001:db8::1]:5353 to [2001:db8::2]:53 with "hello". */
static const uint8_t udp6[53] = {
	0x60, 0, 0, 0, 0, 13, 17, 64,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x14, 0xe9, 0, 53, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o'
};

static struct packet
parsed(const uint8_t *bytes, size_t len)
{
	struct packet p;

	ck_assert(packet_parse(&p, bytes, len));
	return p;
}

START_TEST(a_syn_is_taken_apart)
{
	struct packet p = parsed(syn4, sizeof syn4);
	char text[ADDR_STRLEN];

	ck_assert_str_eq(addr_format(&p.src, text), "192.0.2.1:40000");
	ck_assert_str_eq(addr_format(&p.dst, text), "198.18.1.1:25");
	ck_assert_uint_eq(p.seq, 1000);
	ck_assert_uint_eq(p.flags, TCP_SYN);
	ck_assert_uint_eq(p.seg_len, 1);
}
END_TEST

START_TEST(an_ipv6_datagram_is_taken_apart)
{
	struct packet p = parsed(udp6, sizeof udp6);
	char text[ADDR_STRLEN];

	ck_assert_uint_eq(p.proto, IPPROTO_UDP);
	ck_assert_str_eq(addr_format(&p.dst, text), "[2001:db8::2]:53");
}
END_TEST

START_TEST(what_is_cut_short_is_no_packet)
{
	struct packet p;

	for (size_t n = 0; n < sizeof syn4; n++)
		ck_assert(!packet_parse(&p, syn4, n));
	for (size_t n = 0; n < sizeof udp6; n++)
		ck_assert(!packet_parse(&p, udp6, n));
}
END_TEST

START_TEST(a_later_fragment_has_no_ports)
{
	uint8_t b[sizeof syn4];
	struct packet p;

	memcpy(b, syn4, sizeof b);
	b[7] = 1;
	p = parsed(b, sizeof b);
	ck_assert_uint_eq(p.dst.port, 0);
	ck_assert_uint_eq(p.flags, 0);
}
END_TEST

START_TEST(a_reset_acknowledges_the_syn_and_its_data)
{
	uint8_t out[PACKET_MADE_MAX];
	struct packet p = parsed(syn4, sizeof syn4), r;
	size_t n;

	p.seg_len = 11;		/* TCP Fast Open: ten octets came along */
	n = packet_make_rst(&p, out);
	r = parsed(out, n);
	ck_assert(addr_equal(&r.src, &p.dst));
	ck_assert(addr_equal(&r.dst, &p.src));
	ck_assert_uint_eq(r.flags, TCP_RST | TCP_ACK);
	ck_assert_uint_eq(r.ack, 1011);
	ck_assert(packet_checksums_ok(&r));
}
END_TEST

START_TEST(a_reset_to_a_segment_with_ack_takes_its_number)
{
	uint8_t out[PACKET_MADE_MAX], b[sizeof syn4];
	struct packet p, r;

	memcpy(b, syn4, sizeof b);
	b[33] = TCP_ACK;
	b[31] = 77;
	p = parsed(b, sizeof b);
	r = parsed(out, packet_make_rst(&p, out));
	ck_assert_uint_eq(r.flags, TCP_RST);
	ck_assert_uint_eq(r.seq, 77);
}
END_TEST

static void
check_icmp(const uint8_t *bytes, size_t len, const char *who,
    enum packet_icmp kind, int type, int code)
{
	uint8_t out[PACKET_MADE_MAX];
	struct packet p = parsed(bytes, len), e;
	size_t head = p.src.family == AF_INET ? 20 : 40, n;
	struct addr from;

	ck_assert(addr_parse(&from, who));
	n = packet_make_icmp(&p, &from, kind, out);
	e = parsed(out, n);
	ck_assert_int_eq(e.proto, head == 20 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	ck_assert(addr_same_ip(&e.dst, &p.src));
	ck_assert_int_eq(out[head], type);
	ck_assert_int_eq(out[head + 1], code);
	ck_assert_uint_eq(n, head + 8 + len);
	ck_assert(memcmp(out + head + 8, bytes, len) == 0);
	ck_assert(packet_checksums_ok(&e));
}

START_TEST(icmp_errors_quote_the_packet)
{
	const struct { enum packet_icmp kind; int code4, code6; } t[] = {
#define X(sym, v4, v6) { PACKET_ICMP_##sym, v4, v6 },
		PACKET_ICMPS(X)
#undef X
	};

	for (size_t i = 0; i < PACKET_ICMP_COUNT; i++) {
		check_icmp(syn4, sizeof syn4, "192.0.2.254", t[i].kind, 3,
		    t[i].code4);
		check_icmp(udp6, sizeof udp6, "2001:db8::fe", t[i].kind, 1,
		    t[i].code6);
	}
}
END_TEST

START_TEST(a_quote_fits_the_smallest_mtu)
{
	static uint8_t big[4000];
	uint8_t out[PACKET_MADE_MAX];
	struct packet p;
	struct addr from;

	memcpy(big, udp6, sizeof udp6);
	big[4] = (sizeof big - 40) >> 8;
	big[5] = (uint8_t)(sizeof big - 40);
	p = parsed(big, sizeof big);
	addr_parse(&from, "2001:db8::fe");
	ck_assert_uint_eq(packet_make_icmp(&p, &from, PACKET_ICMP_NET, out),
	    1280);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lab/packet");
	TCase *tc = tcase_create("packet");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, a_syn_is_taken_apart);
	tcase_add_test(tc, an_ipv6_datagram_is_taken_apart);
	tcase_add_test(tc, what_is_cut_short_is_no_packet);
	tcase_add_test(tc, a_later_fragment_has_no_ports);
	tcase_add_test(tc, a_reset_acknowledges_the_syn_and_its_data);
	tcase_add_test(tc, a_reset_to_a_segment_with_ack_takes_its_number);
	tcase_add_test(tc, icmp_errors_quote_the_packet);
	tcase_add_test(tc, a_quote_fits_the_smallest_mtu);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#include "harness/lab/router.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"

/* Packets made by hand: addresses, ports and numbers are all that counts. */
static uint8_t buf[128];
static struct router *r;
static struct router_decision d;
static struct net_rule rules[2];
static struct addr addrs[2];
static enum fsmtp_connect host_says;
static int asked;
static char last_event[256];
static bool own_limits;
static char sent[256];		/* of router_expire() */

static size_t
make(uint8_t proto, const char *from, int sport, const char *to, int dport)
{
	struct addr a, b;
	uint8_t *t = buf + 20;

	ck_assert(addr_parse(&a, from) && addr_parse(&b, to));
	memset(buf, 0, sizeof buf);
	buf[0] = 0x45;
	buf[3] = 60;
	buf[9] = proto;
	memcpy(buf + 12, a.ip, 4);
	memcpy(buf + 16, b.ip, 4);
	t[0] = (uint8_t)(sport >> 8);
	t[1] = (uint8_t)sport;
	t[2] = (uint8_t)(dport >> 8);
	t[3] = (uint8_t)dport;
	return 60;
}

/* A TCP segment with `data` octets; numbers below 256 are enough. */
static void
make_tcp(enum router_side from, uint8_t flags, int seq, int ack, int data,
    int mta_port)
{
	bool out = from != ROUTER_INET;

	make(IPPROTO_TCP, out ? "192.0.2.1" : "198.18.1.1",
	    out ? mta_port : 25, out ? "198.18.1.1" : "192.0.2.1",
	    out ? 25 : mta_port);
	buf[3] = (uint8_t)(40 + data);
	buf[27] = (uint8_t)seq;
	buf[31] = (uint8_t)ack;
	buf[32] = 0x50;
	buf[33] = flags;
}

static void
tcp(enum router_side from, uint8_t flags, int seq, int ack, int data,
    int mta_port)
{
	make_tcp(from, flags, seq, ack, data, mta_port);
	router_packet(r, 1000, from, buf, 40u + (size_t)data, &d);
}

static void
udp(int64_t now, enum router_side from)
{
	size_t n = from == ROUTER_INET ?
	    make(IPPROTO_UDP, "192.0.2.53", 53, "192.0.2.1", 4000) :
	    make(IPPROTO_UDP, "192.0.2.1", 4000, "192.0.2.53", 53);

	router_packet(r, now, from, buf, n, &d);
}

static void
on_syn(void *ctx, const struct addr *server, const struct addr *client,
    struct lab_syn *syn)
{
	(void)ctx;
	ck_assert_uint_eq(server->port, 25);
	ck_assert_uint_ne(client->port, 0);
	syn->connect = host_says;
	syn->host = "mx1.test";
	syn->rule = "7:3";
	syn->contact = (uint32_t)++asked;
}

static void
emit(void *ctx, struct event *ev)
{
	(void)ctx;
	snprintf(last_event, sizeof last_event, "%s %s %s %s %s",
	    event_name(ev->kind), ev->host ? ev->host : "-", ev->addr,
	    ev->state, ev->rule ? ev->rule : "-");
}

static struct event_sink sink = { emit, NULL };

static void
open_router(size_t rule_count)
{
	struct router_config cfg = {
		.addrs = addrs, .addr_count = 2, .rules = rules,
		.rule_count = rule_count, .sink = &sink, .on_syn = on_syn,
		.own_limits = own_limits,
	};

	router_free(r);
	r = router_new(&cfg);
}

static void
setup(void)
{
	const struct net_rule none = {
		.rule = { .id = "3:1", .phase = PHASE_ALWAYS }
	};

	rules[0] = rules[1] = none;
	addr_parse(&addrs[0], "198.18.1.1");
	addr_parse(&addrs[1], "192.0.2.53");
	host_says = FSMTP_CONNECT_OPEN;
	asked = 0;
	last_event[0] = '\0';
	own_limits = false;
	r = NULL;
	open_router(0);
}

static void
teardown(void)
{
	router_free(r);
	r = NULL;
}

START_TEST(an_open_host_gets_its_syn)
{
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert(d.send && !d.made);
	ck_assert_int_eq(d.to, ROUTER_INET);
	ck_assert_str_eq(last_event, "net.syn mx1.test 198.18.1.1 open 7:3");
}
END_TEST

START_TEST(a_syn_sent_again_is_no_new_contact)
{
	host_says = FSMTP_CONNECT_BLACKHOLE;
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	host_says = FSMTP_CONNECT_OPEN;
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert(!d.send);
	ck_assert_int_eq(asked, 1);
	tcp(ROUTER_MTA, TCP_SYN, 11, 0, 0, 4000);
	ck_assert(d.send);
	ck_assert_int_eq(asked, 2);
}
END_TEST

START_TEST(refuse_is_a_reset_from_the_router)
{
	host_says = FSMTP_CONNECT_REFUSE;
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert(d.send && d.made && !d.repeat);
	ck_assert_int_eq(d.to, ROUTER_MTA);
	ck_assert_int_eq(d.bytes[33], TCP_RST | TCP_ACK);
}
END_TEST

START_TEST(icmp_for_a_syn_is_said_again)
{
	static const struct { enum fsmtp_connect c; int code; } t[] = {
		{ FSMTP_CONNECT_ICMP_NET, 0 }, { FSMTP_CONNECT_ICMP_HOST, 1 },
		{ FSMTP_CONNECT_ICMP_PORT, 3 },
		{ FSMTP_CONNECT_ICMP_NET_PROHIBITED, 9 },
		{ FSMTP_CONNECT_ICMP_HOST_PROHIBITED, 10 },
		{ FSMTP_CONNECT_ICMP_PROHIBITED, 13 },
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		host_says = t[i].c;
		tcp(ROUTER_MTA, TCP_SYN, 10 + (int)i, 0, 0, 4000);
		ck_assert(d.send && d.repeat);
		ck_assert_int_eq(d.bytes[20], 3);
		ck_assert_int_eq(d.bytes[21], t[i].code);
	}
}
END_TEST

START_TEST(an_address_nobody_has_is_an_unreachable_host)
{
	size_t n = make(IPPROTO_UDP, "192.0.2.1", 4000, "10.0.0.1", 53);

	router_packet(r, 0, ROUTER_MTA, buf, n, &d);
	ck_assert(d.made && d.to == ROUTER_MTA);
	ck_assert_int_eq(d.bytes[21], 1);
	ck_assert_str_eq(last_event, "net.datagram - 10.0.0.1 icmp-host -");
}
END_TEST

START_TEST(rules_sleep_until_the_phases_start)
{
	rules[0].state = NET_BLACKHOLE;
	open_router(1);
	udp(5, ROUTER_MTA);
	ck_assert(d.send);
	router_start_phases(r, 10);
	udp(10, ROUTER_MTA);
	ck_assert(!d.send);
	ck_assert_uint_eq(rules[0].rule.fired, 1);
	ck_assert_str_eq(last_event,
	    "net.datagram - 192.0.2.53 blackhole 3:1");
}
END_TEST

START_TEST(a_rule_counts_contacts_one_by_one)
{
	rules[0].state = NET_REFUSE;
	rules[0].rule.phase.first = 1;
	rules[0].rule.phase.after = 1;
	open_router(1);
	router_start_phases(r, 0);
	udp(0, ROUTER_MTA);
	ck_assert(d.send && !d.made);
	udp(0, ROUTER_INET);		/* an answer is no contact */
	ck_assert(d.send && !d.made);
	udp(0, ROUTER_MTA);
	ck_assert(d.made);
	ck_assert_int_eq(d.bytes[21], 3);
	udp(0, ROUTER_MTA);
	ck_assert(d.send && !d.made);
}
END_TEST

START_TEST(a_rule_of_time_ends_in_time)
{
	rules[0].state = NET_BLACKHOLE;
	rules[0].proto = NET_UDP;
	rules[0].rule.phase.from_us = 10;
	rules[0].rule.phase.until_us = 20;
	open_router(1);
	router_start_phases(r, 100);
	udp(109, ROUTER_MTA);
	ck_assert(d.send);
	udp(110, ROUTER_MTA);
	ck_assert(!d.send);
	udp(119, ROUTER_INET);		/* both directions */
	ck_assert(!d.send);
	udp(120, ROUTER_MTA);
	ck_assert(d.send);
}
END_TEST

START_TEST(a_rule_is_about_its_address_family_and_protocol)
{
	rules[0].state = NET_BLACKHOLE;
	rules[0].addrs = &addrs[0];
	rules[0].addr_count = 1;
	rules[1].state = NET_BLACKHOLE;
	rules[1].proto = NET_TCP;
	open_router(2);
	router_start_phases(r, 0);
	udp(0, ROUTER_MTA);
	ck_assert(d.send);
	rules[1].proto = NET_UDP;
	rules[1].family = AF_INET6;
	udp(0, ROUTER_MTA);
	ck_assert(d.send);
	rules[1].family = AF_INET;
	udp(0, ROUTER_MTA);
	ck_assert(!d.send);
}
END_TEST

START_TEST(a_network_rule_comes_before_the_host)
{
	rules[0].state = NET_REFUSE;
	open_router(1);
	router_start_phases(r, 0);
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert(d.made);
	ck_assert_int_eq(asked, 0);
	ck_assert_str_eq(last_event, "net.syn - 198.18.1.1 refuse 3:1");
}
END_TEST

START_TEST(the_submission_client_is_spared)
{
	size_t n;

	rules[0].state = NET_BLACKHOLE;
	open_router(1);
	router_start_phases(r, 0);
	n = make(IPPROTO_TCP, LAB_SUBMIT_IP4, 4000, "192.0.2.1", 25);
	buf[32] = 0x50;
	buf[33] = TCP_SYN;
	router_packet(r, 0, ROUTER_INET, buf, n, &d);
	ck_assert(d.send);
	ck_assert_int_eq(d.to, ROUTER_SUBMIT);
	n = make(IPPROTO_TCP, "192.0.2.1", 25, LAB_SUBMIT_IP4, 4000);
	buf[32] = 0x50;
	buf[33] = TCP_SYN | TCP_ACK;
	router_packet(r, 0, ROUTER_SUBMIT, buf, n, &d);
	ck_assert(d.send);
	ck_assert_int_eq(d.to, ROUTER_INET);
	ck_assert_int_eq(asked, 0);
}
END_TEST

static void
handshake(void)
{
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_INET, TCP_SYN | TCP_ACK, 100, 11, 0, 4000);
	tcp(ROUTER_MTA, TCP_ACK, 11, 101, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 0);
}

START_TEST(octets_are_in_flight_until_acknowledged)
{
	handshake();
	tcp(ROUTER_INET, TCP_ACK, 101, 11, 20, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_MTA, TCP_ACK, 11, 111, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_MTA, TCP_ACK, 11, 121, 5, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_INET, TCP_ACK, 121, 16, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 0);
}
END_TEST

START_TEST(a_finished_connection_is_forgotten)
{
	handshake();
	tcp(ROUTER_MTA, TCP_FIN | TCP_ACK, 11, 101, 0, 4000);
	tcp(ROUTER_INET, TCP_FIN | TCP_ACK, 101, 12, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_MTA, TCP_ACK, 12, 102, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 0);
	/* The same four numbers and the same ISN are a new contact now. */
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert_int_eq(asked, 2);
}
END_TEST

START_TEST(nothing_is_in_flight_after_a_reset)
{
	handshake();
	tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
	tcp(ROUTER_INET, TCP_RST, 101, 0, 0, 4000);
	ck_assert_uint_eq(router_in_flight(r), 0);
}
END_TEST

START_TEST(a_given_up_connection_is_waited_for_again_when_it_sends)
{
	handshake();
	tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	router_give_up(r);
	ck_assert_uint_eq(router_in_flight(r), 0);
	tcp(ROUTER_MTA, TCP_ACK, 20, 101, 1, 4000);
	ck_assert_uint_eq(router_in_flight(r), 1);
}
END_TEST

START_TEST(a_black_hole_swallows_a_connection_that_was_there)
{
	rules[0].state = NET_BLACKHOLE;
	rules[0].rule.phase.from_us = 500;
	open_router(1);
	handshake();
	tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	router_start_phases(r, 0);	/* tcp() is at 1000 */
	tcp(ROUTER_MTA, TCP_ACK, 20, 101, 9, 4000);
	ck_assert(!d.send);
	ck_assert_uint_eq(router_in_flight(r), 0);
}
END_TEST

START_TEST(many_connections_are_told_apart)
{
	for (int i = 0; i < 2000; i++)
		tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 10000 + i);
	ck_assert_uint_eq(router_in_flight(r), 2000);
	for (int i = 0; i < 2000; i++)
		tcp(ROUTER_INET, TCP_RST | TCP_ACK, 0, 11, 0, 10000 + i);
	ck_assert_uint_eq(router_in_flight(r), 0);
}
END_TEST

/* --- the limits of the MTA's kernel; tcp() is at 1000 us --- */

static void
open_limited(size_t rule_count)
{
	own_limits = true;
	open_router(rule_count);
	router_start_phases(r, 0);
}

static void
note_sent(void *ctx, const struct router_decision *what)
{
	size_t n = strlen(sent);

	(void)ctx;
	snprintf(sent + n, sizeof sent - n, "%s %d%s ", what->to ==
	    ROUTER_MTA ? "mta" : "inet", what->bytes[9] == IPPROTO_ICMP ?
	    what->bytes[20] : what->bytes[33], what->made ? "!" : "");
}

static const char *
expire(int64_t now_us)
{
	sent[0] = '\0';
	router_expire(r, now_us, note_sent, NULL);
	return sent;
}

START_TEST(an_unanswered_syn_is_given_up_after_127_seconds)
{
	host_says = FSMTP_CONNECT_BLACKHOLE;
	open_limited(0);
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert_int_eq(router_next_limit(r), 1000 + 127 * USEC_PER_SEC);
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);	/* the kernel's own */
	ck_assert_int_eq(router_next_limit(r), 1000 + 127 * USEC_PER_SEC);
	ck_assert_str_eq(expire(126 * USEC_PER_SEC), "");
	ck_assert_str_eq(expire(128 * USEC_PER_SEC), "mta 12! ");
	ck_assert_int_eq(router_next_limit(r), TIME_NEVER);
}
END_TEST

START_TEST(a_real_clock_leaves_the_limits_to_the_kernel)
{
	host_says = FSMTP_CONNECT_BLACKHOLE;
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	ck_assert_int_eq(router_next_limit(r), TIME_NEVER);
}
END_TEST

START_TEST(an_answer_of_any_kind_ends_the_wait_for_one)
{
	static const enum fsmtp_connect t[] = { FSMTP_CONNECT_REFUSE,
	    FSMTP_CONNECT_ICMP_NET, FSMTP_CONNECT_OPEN };

	open_limited(0);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		host_says = t[i];
		tcp(ROUTER_MTA, TCP_SYN, 10 + (int)i, 0, 0, 4000);
		if (t[i] == FSMTP_CONNECT_OPEN) {
			ck_assert_int_ne(router_next_limit(r), TIME_NEVER);
			tcp(ROUTER_INET, TCP_SYN | TCP_ACK, 100, 13, 0, 4000);
		}
		ck_assert_int_eq(router_next_limit(r), TIME_NEVER);
	}
}
END_TEST

/* Everything vanishes from the first second to the second given. */
static void
hole_until(int64_t until_s)
{
	rules[0].state = NET_BLACKHOLE;
	rules[0].rule.phase.from_us = USEC_PER_SEC;
	rules[0].rule.phase.until_us = until_s * USEC_PER_SEC;
	open_limited(1);
	handshake();
}

START_TEST(octets_that_nobody_acknowledges_end_the_connection)
{
	hole_until(86400);
	make_tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	router_packet(r, 2 * USEC_PER_SEC, ROUTER_MTA, buf, 49, &d);
	ck_assert(!d.send);
	ck_assert_int_eq(router_next_limit(r), 2200000);
	for (int64_t t = 0; t < 926; t++)
		ck_assert_str_eq(expire(t * USEC_PER_SEC), "");
	ck_assert_str_eq(expire(926600000), "mta 12! mta 4! ");
	ck_assert_int_eq(router_next_limit(r), TIME_NEVER);
}
END_TEST

START_TEST(what_was_eaten_is_sent_again_in_order_once_it_may_pass)
{
	hole_until(4);
	make_tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	router_packet(r, 2 * USEC_PER_SEC, ROUTER_MTA, buf, 49, &d);
	make_tcp(ROUTER_INET, TCP_ACK | TCP_FIN, 101, 11, 0, 4000);
	router_packet(r, 2 * USEC_PER_SEC, ROUTER_INET, buf, 40, &d);
	/* 0.2, 0.6 and 1.4 s later it is still too early. */
	ck_assert_str_eq(expire(2200000), "");
	ck_assert_str_eq(expire(2600000), "");
	ck_assert_str_eq(expire(3400000), "");
	ck_assert_int_eq(router_next_limit(r), 5000000);
	/* The kernel's own try, in real time, counts for nothing. */
	make_tcp(ROUTER_MTA, TCP_ACK, 11, 101, 9, 4000);
	router_packet(r, 4500000, ROUTER_MTA, buf, 49, &d);
	ck_assert(!d.send);
	ck_assert_str_eq(expire(5000000), "inet 16 mta 17 ");
	ck_assert_uint_eq(router_in_flight(r), 1);
}
END_TEST

static void
keep_alive(void)
{
	struct kernel_limits k = { .syn_retries = 6, .keepalive = 1,
	    .keep_idle_s = 100, .keep_interval_s = 10, .keep_probes = 3 };
	struct addr self, peer;

	addr_parse(&self, "192.0.2.1");
	addr_parse(&peer, "198.18.1.1");
	self.port = 4000;
	peer.port = 25;
	router_limits(r, &self, &peer, &k);
}

START_TEST(probes_without_an_answer_end_the_connection)
{
	hole_until(86400);
	keep_alive();
	ck_assert_int_eq(router_next_limit(r), 1000 + 100 * USEC_PER_SEC);
	for (int t = 101; t < 130; t++)
		ck_assert_str_eq(expire(t * USEC_PER_SEC), "");
	ck_assert_str_eq(expire(131 * USEC_PER_SEC), "mta 12! mta 4! ");
}
END_TEST

START_TEST(a_peer_that_answers_a_probe_is_kept)
{
	hole_until(115);
	keep_alive();
	ck_assert_str_eq(expire(101 * USEC_PER_SEC), "");
	ck_assert_str_eq(expire(111 * USEC_PER_SEC), "");
	ck_assert_str_eq(expire(121 * USEC_PER_SEC), "");
	ck_assert_int_eq(router_next_limit(r), 221 * USEC_PER_SEC);
}
END_TEST

/* A process can write anything into the page. */
START_TEST(limits_beyond_the_kernels_are_cut)
{
	struct kernel_limits k = { .syn_retries = UINT32_MAX };
	struct addr self, nobody = { .family = 0 };

	host_says = FSMTP_CONNECT_BLACKHOLE;
	open_limited(0);
	tcp(ROUTER_MTA, TCP_SYN, 10, 0, 0, 4000);
	addr_parse(&self, "192.0.2.1");
	self.port = 4000;
	router_limits(r, &self, &nobody, &k);
	ck_assert_int_eq(router_next_limit(r), 1000 +
	    (127 + 121 * INT64_C(120)) * USEC_PER_SEC);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lab/router");
	TCase *tc = tcase_create("router");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_open_host_gets_its_syn);
	tcase_add_test(tc, a_syn_sent_again_is_no_new_contact);
	tcase_add_test(tc, refuse_is_a_reset_from_the_router);
	tcase_add_test(tc, icmp_for_a_syn_is_said_again);
	tcase_add_test(tc, an_address_nobody_has_is_an_unreachable_host);
	tcase_add_test(tc, rules_sleep_until_the_phases_start);
	tcase_add_test(tc, a_rule_counts_contacts_one_by_one);
	tcase_add_test(tc, a_rule_of_time_ends_in_time);
	tcase_add_test(tc, a_rule_is_about_its_address_family_and_protocol);
	tcase_add_test(tc, a_network_rule_comes_before_the_host);
	tcase_add_test(tc, the_submission_client_is_spared);
	tcase_add_test(tc, octets_are_in_flight_until_acknowledged);
	tcase_add_test(tc, a_finished_connection_is_forgotten);
	tcase_add_test(tc, nothing_is_in_flight_after_a_reset);
	tcase_add_test(tc,
	    a_given_up_connection_is_waited_for_again_when_it_sends);
	tcase_add_test(tc, a_black_hole_swallows_a_connection_that_was_there);
	tcase_add_test(tc, many_connections_are_told_apart);
	tcase_add_test(tc,
	    an_unanswered_syn_is_given_up_after_127_seconds);
	tcase_add_test(tc, a_real_clock_leaves_the_limits_to_the_kernel);
	tcase_add_test(tc, an_answer_of_any_kind_ends_the_wait_for_one);
	tcase_add_test(tc,
	    octets_that_nobody_acknowledges_end_the_connection);
	tcase_add_test(tc,
	    what_was_eaten_is_sent_again_in_order_once_it_may_pass);
	tcase_add_test(tc, probes_without_an_answer_end_the_connection);
	tcase_add_test(tc, a_peer_that_answers_a_probe_is_kept);
	tcase_add_test(tc, limits_beyond_the_kernels_are_cut);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Contacts: SYNs, the accepts that belong to them, and CONNECT rules. */
#include "tests/unit/fake_smtp/wire.h"

static struct fsmtp_rule *
connect_rule(enum fsmtp_connect connect)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_CONNECT, FSMTP_DO_REPLY, NULL);

	r->connect = connect;
	return r;
}

/* What the server says of a SYN to the first host's first address. */
static struct fsmtp_contact
syn(const struct addr *client)
{
	struct addr at = wire_addrs[0];
	struct fsmtp_contact c = { 0 };

	at.port = wire_port;
	ck_assert(fsmtp_syn(server, &at, client, &c));
	return c;
}

#define SYN_IS(client, what, number)					\
	do {								\
		struct fsmtp_contact syn_ = syn(client);		\
		ck_assert_int_eq(syn_.connect, FSMTP_CONNECT_##what);	\
		ck_assert_uint_eq(syn_.contact, number);		\
	} while (0)

static struct addr
client_at(const char *ip, uint16_t port)
{
	struct addr a;

	addr_parse(&a, ip);
	a.port = port;
	return a;
}

START_TEST(a_syn_sent_again_is_the_same_contact)
{
	static const enum fsmtp_connect same[] = { FSMTP_CONNECT_OPEN,
		FSMTP_CONNECT_BLACKHOLE, FSMTP_CONNECT_CLOSE,
		FSMTP_CONNECT_RESET };
	struct fsmtp_rule *r = connect_rule(FSMTP_CONNECT_OPEN);

	wire_start();
	for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
		struct addr a = client_at("192.0.2.9", (uint16_t)(1000 + i));
		struct fsmtp_contact c;

		r->connect = same[i];
		for (int again = 0; again < 3; again++) {
			c = syn(&a);
			ck_assert_int_eq(c.connect, same[i]);
			ck_assert_uint_eq(c.contact, i + 1);
			ck_assert_str_eq(c.rule, "1:1");
			ck_assert_str_eq(c.host, "mx1.test");
		}
		ck_assert_uint_eq(r->rule.fired, i + 1);
	}
}
END_TEST

START_TEST(a_syn_after_an_error_is_a_new_contact)
{
	static const enum fsmtp_connect ended[] = { FSMTP_CONNECT_REFUSE,
		FSMTP_CONNECT_ICMP_NET, FSMTP_CONNECT_ICMP_HOST,
		FSMTP_CONNECT_ICMP_PORT, FSMTP_CONNECT_ICMP_NET_PROHIBITED,
		FSMTP_CONNECT_ICMP_HOST_PROHIBITED,
		FSMTP_CONNECT_ICMP_PROHIBITED };
	struct fsmtp_rule *r = connect_rule(FSMTP_CONNECT_REFUSE);
	struct addr a = client_at("192.0.2.9", 1000);

	wire_start();
	for (unsigned i = 0; i < sizeof ended / sizeof *ended; i++) {
		struct fsmtp_contact c;

		r->connect = ended[i];
		c = syn(&a);
		ck_assert_int_eq(c.connect, ended[i]);
		ck_assert_uint_eq(c.contact, i + 1);
		ck_assert_uint_eq(r->rule.fired, i + 1);
		r->connect = ended[(i + 1) % 7];
	}
}
END_TEST

START_TEST(the_same_port_may_be_refused_and_then_accepted)
{
	struct addr local = { 0 };
	int fd;

	connect_rule(FSMTP_CONNECT_REFUSE)->rule.phase.first = 2;
	wire_start();
	fd = wire_socket(&local, AF_INET);
	SYN_IS(&local, REFUSE, 1);
	SYN_IS(&local, REFUSE, 2);
	SYN_IS(&local, OPEN, 3);
	SYN_IS(&local, OPEN, 3);
	wire_dial(fd, &wire_addrs[0]);
	wire_hear(fd, "220");
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 3\n");
	ck_assert_uint_eq(wire_rules[0].rule.fired, 2);
	close(fd);
}
END_TEST

START_TEST(a_rule_for_one_client_counts_its_connections)
{
	struct addr a = client_at("192.0.2.1", 9), b = client_at("192.0.2.2",
	    9);

	connect_rule(FSMTP_CONNECT_REFUSE)->rule.phase.first = 1;
	wire_rules[0].client = b;
	wire_start();
	SYN_IS(&a, OPEN, 1);
	SYN_IS(&b, REFUSE, 2);
	SYN_IS(&b, OPEN, 3);
}
END_TEST

START_TEST(each_accept_finds_its_own_syn)
{
	struct addr a = { 0 }, b = { 0 }, gone = client_at("192.0.2.1", 9);
	int fa, fb;

	wire_rule(FSMTP_GREETING, FSMTP_DO_REPLY, "421 first")->
	    rule.phase.first = 1;
	connect_rule(FSMTP_CONNECT_CLOSE)->rule.phase.after = 2;
	wire_start();
	fa = wire_socket(&a, AF_INET);
	fb = wire_socket(&b, AF_INET);
	SYN_IS(&a, OPEN, 1);
	SYN_IS(&gone, OPEN, 2);
	SYN_IS(&b, CLOSE, 3);
	wire_dial(fb, &wire_addrs[0]);
	ck_assert_str_eq(wire_end(fb, NULL), "fin");
	wire_dial(fa, &wire_addrs[0]);
	wire_hear(fa, "421 first");
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 3\n"
	    "mx1.test conn 2 contact 1\n");
	close(fa);
	close(fb);
}
END_TEST

START_TEST(an_accept_uses_up_its_syn)
{
	struct addr a = { 0 };
	int fd;

	wire_start();
	fd = wire_socket(&a, AF_INET);
	SYN_IS(&a, OPEN, 1);
	wire_dial(fd, &wire_addrs[0]);
	wire_hear(fd, "220");
	SYN_IS(&a, OPEN, 2);
	close(fd);
}
END_TEST

START_TEST(a_syn_belongs_to_the_address_it_went_to)
{
	struct addr a = { 0 }, unknown = client_at("203.0.113.1", 25);
	struct fsmtp_contact c;
	int fd;

	wire_start();
	fd = wire_socket(&a, AF_INET);
	ck_assert(!fsmtp_syn(server, &unknown, &a, &c));
	SYN_IS(&a, OPEN, 1);
	ck_assert(fsmtp_syn(server, &wire_addrs[2], &a, &c));
	ck_assert_str_eq(c.host, "mx2.test");
	ck_assert_uint_eq(c.contact, 1);
	ck_assert_ptr_null(c.rule);
	ck_assert(fsmtp_syn(server, &wire_addrs[2], &unknown, &c));
	ck_assert_uint_eq(c.contact, 2);
	wire_dial(fd, &wire_addrs[2]);
	wire_hear(fd, "220 mx2.test ESMTP\r\n");
	ck_assert_str_eq(sbuf_str(&opens), "mx2.test conn 1 contact 1\n");
	close(fd);
}
END_TEST

START_TEST(a_flood_of_syns_forgets_only_the_oldest)
{
	struct addr a = client_at("192.0.2.9", 1);

	wire_start();
	for (unsigned i = 1; i <= 1024; i++) {
		a.port = (uint16_t)i;
		SYN_IS(&a, OPEN, i);
	}
	a.port = 1;
	SYN_IS(&a, OPEN, 1);
	a.port = 2000;
	SYN_IS(&a, OPEN, 1025);
	a.port = 2;
	SYN_IS(&a, OPEN, 2);
	a.port = 1;
	SYN_IS(&a, OPEN, 1026);
}
END_TEST

START_TEST(a_connection_without_a_syn_is_a_contact_of_its_own)
{
	int fd;

	connect_rule(FSMTP_CONNECT_RESET)->rule.phase.first = 1;
	wire_start();
	fd = wire_connect(&wire_addrs[0]);
	ck_assert_str_eq(wire_end(fd, NULL), "reset");
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 1\n");
	ck_assert_uint_eq(wire_rules[0].rule.fired, 1);
	close(fd);
	fd = wire_connect(&wire_addrs[0]);
	wire_hear(fd, "220");
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 1\n"
	    "mx1.test conn 2 contact 2\n");
	close(fd);
}
END_TEST

/* Where no router carries it out, the accept does as well as it can. */
START_TEST(every_connect_action_is_carried_out_at_the_accept)
{
	static const struct {
		enum fsmtp_connect connect;
		const char *end, *close, *reply;
	} all[] = {
		{ FSMTP_CONNECT_REFUSE, "reset", "server reset 1:1 at 0\n",
		    "connect 0 reset 1:1\n" },
		{ FSMTP_CONNECT_RESET, "reset", "server reset 1:1 at 0\n",
		    "connect 0 reset 1:1\n" },
		{ FSMTP_CONNECT_CLOSE, "fin", "server fin 1:1 at 0\n",
		    "connect 0 close 1:1\n" },
		{ FSMTP_CONNECT_ICMP_NET, "reset", "server reset 1:1 at 0\n",
		    "connect 0 reset 1:1\n" },
		{ FSMTP_CONNECT_ICMP_PROHIBITED, "reset",
		    "server reset 1:1 at 0\n", "connect 0 reset 1:1\n" },
	};
	struct fsmtp_rule *r = connect_rule(FSMTP_CONNECT_OPEN);

	wire_start();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct sbuf got = { 0 };
		int fd;

		r->connect = all[i].connect;
		sbuf_clear(&closes);
		sbuf_clear(&replies);
		fd = wire_connect(&wire_addrs[0]);
		ck_assert_str_eq(wire_end(fd, &got), all[i].end);
		ck_assert_str_eq(sbuf_str(&got), "");
		ck_assert_str_eq(sbuf_str(&closes), all[i].close);
		ck_assert_str_eq(sbuf_str(&replies), all[i].reply);
		ck_assert_uint_eq(r->rule.fired, i + 1);
		close(fd);
		UNTIL(fsmtp_sessions(server) == 0);
	}
}
END_TEST

START_TEST(a_blackholed_accept_says_nothing)
{
	int fd;

	connect_rule(FSMTP_CONNECT_BLACKHOLE);
	wire_start();
	fd = wire_connect(&wire_addrs[0]);
	wire_hush(fd);
	wire_send(fd, "EHLO c.test\r\n");
	wire_hush(fd);
	ck_assert_str_eq(sbuf_str(&replies), "connect 0 silence 1:1\n");
	close(fd);
	UNTIL(fsmtp_sessions(server) == 0);
	ck_assert_str_eq(sbuf_str(&closes), "client fin - at 0\n");
}
END_TEST

START_TEST(a_connect_rule_may_wait_before_it_closes)
{
	int fd;

	connect_rule(FSMTP_CONNECT_CLOSE)->delay_us = 10 * SEC;
	wire_start();
	fd = wire_connect(&wire_addrs[0]);
	wire_hush(fd);
	timers_advance(timers, 10 * SEC - 1);
	wire_hush(fd);
	timers_advance(timers, 10 * SEC);
	ck_assert_str_eq(wire_end(fd, NULL), "fin");
	ck_assert_str_eq(sbuf_str(&closes), "server fin 1:1 at 10\n");
	close(fd);
}
END_TEST

START_TEST(a_connect_rule_picks_its_clients)
{
	struct addr a = client_at("192.0.2.9", 1), b = client_at("192.0.2.8",
	    1), six = client_at("2001:db8::9", 1);

	connect_rule(FSMTP_CONNECT_REFUSE)->client = client_at("192.0.2.9",
	    0);
	connect_rule(FSMTP_CONNECT_BLACKHOLE)->family = AF_INET6;
	wire_start();
	SYN_IS(&b, OPEN, 1);
	SYN_IS(&a, REFUSE, 2);
	SYN_IS(&six, BLACKHOLE, 3);
	ck_assert_uint_eq(wire_rules[0].rule.fired, 1);
	ck_assert_uint_eq(wire_rules[1].rule.fired, 1);
}
END_TEST

/* At the handshake nothing is known of the session yet. */
START_TEST(a_connect_rule_about_the_session_never_matches)
{
	struct addr a = client_at("192.0.2.9", 1);

	connect_rule(FSMTP_CONNECT_REFUSE)->sender = "*";
	connect_rule(FSMTP_CONNECT_REFUSE)->recipient = "*";
	connect_rule(FSMTP_CONNECT_REFUSE)->nth_in_session = 2;
	connect_rule(FSMTP_CONNECT_REFUSE)->from_nth = 2;
	connect_rule(FSMTP_CONNECT_REFUSE)->after_rcpts = 1;
	wire_rule(FSMTP_GREETING, FSMTP_DO_REPLY, "554 no")->connect =
	    FSMTP_CONNECT_REFUSE;
	wire_start();
	SYN_IS(&a, OPEN, 1);
	wire_rules[2].nth_in_session = 1;
	a.port++;
	SYN_IS(&a, REFUSE, 2);
	wire_rules[2].nth_in_session = 2;
	wire_rules[3].from_nth = 1;
	a.port++;
	SYN_IS(&a, REFUSE, 3);
}
END_TEST

START_TEST(time_bounds_are_exact_and_count_from_the_phases)
{
	struct fsmtp_rule *r = connect_rule(FSMTP_CONNECT_REFUSE);
	struct addr a = client_at("192.0.2.9", 1);

	r->rule.phase.from_us = 10 * SEC;
	r->rule.phase.until_us = 20 * SEC;
	timers_advance(timers, 100 * SEC);
	wire_start();
	fsmtp_start_phases(server);
	timers_advance(timers, 110 * SEC - 1);
	SYN_IS(&a, OPEN, 1);
	timers_advance(timers, 110 * SEC);
	a.port++;
	SYN_IS(&a, REFUSE, 2);
	timers_advance(timers, 120 * SEC - 1);
	SYN_IS(&a, REFUSE, 3);
	timers_advance(timers, 120 * SEC);
	SYN_IS(&a, OPEN, 4);
}
END_TEST

START_TEST(a_stage_is_judged_by_the_time_it_is_reached)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_NOOP, FSMTP_DO_REPLY,
	    "451 no");
	int fd;

	r->rule.phase.from_us = 10 * SEC;
	r->rule.phase.until_us = 20 * SEC;
	timers_advance(timers, 50 * SEC);
	wire_start();
	fd = wire_session();
	fsmtp_start_phases(server);
	close(fd);
	fd = wire_session();
	timers_advance(timers, 60 * SEC - 1);
	wire_say(fd, "NOOP\r\n", "250");
	timers_advance(timers, 60 * SEC);
	wire_say(fd, "NOOP\r\n", "451");
	timers_advance(timers, 70 * SEC - 1);
	wire_say(fd, "NOOP\r\n", "451");
	timers_advance(timers, 70 * SEC);
	wire_say(fd, "NOOP\r\n", "250");
	close(fd);
}
END_TEST

START_TEST(the_start_of_the_phases_forgets_what_was_before)
{
	struct addr a = client_at("192.0.2.9", 1), pending = { 0 };
	int early, late;

	connect_rule(FSMTP_CONNECT_REFUSE)->rule.phase.after = 2;
	wire_rule(FSMTP_NOOP, FSMTP_DO_REPLY, "451 no");
	hosts[0].greylist.rule = (struct rule){ "9:1", PHASE_ALWAYS, false,
		7 };
	wire_start();
	early = wire_session();
	wire_say(early, "NOOP\r\n", "451");
	wire_say(early, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n", "450");
	late = wire_socket(&pending, AF_INET);
	SYN_IS(&pending, OPEN, 2);
	SYN_IS(&a, REFUSE, 3);
	timers_advance(timers, 5 * SEC);
	fsmtp_start_phases(server);
	ck_assert_uint_eq(wire_rules[0].rule.fired, 0);
	ck_assert_uint_eq(wire_rules[1].rule.fired, 0);
	ck_assert_uint_eq(hosts[0].greylist.rule.fired, 0);
	/* Begun before: as it was decided, and no contact any more. */
	wire_dial(late, &wire_addrs[0]);
	wire_hear(late, "220");
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 1\n"
	    "mx1.test conn 2 contact 0\n");
	wire_say(early, "NOOP\r\n", "250");
	close(early);
	a.port = 2;
	SYN_IS(&a, OPEN, 1);
	/* The triplet is new again. */
	early = wire_session();
	wire_say(early, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n", "450");
	a.port = 3;
	SYN_IS(&a, REFUSE, 3);
	close(early);
	close(late);
}
END_TEST

START_TEST(a_host_may_be_healthy_until_the_phases_start)
{
	struct addr a = client_at("192.0.2.9", 1);
	int before, fd;

	wire_config.healthy_first = true;
	connect_rule(FSMTP_CONNECT_REFUSE)->rule.phase.after = 1;
	wire_rule(FSMTP_NOOP, FSMTP_DO_REPLY, "451 no");
	wire_rule(FSMTP_BODY, FSMTP_DO_CLOSE, NULL);
	wire_rule(FSMTP_QUIT, FSMTP_DO_CLOSE, NULL)->early = true;
	hosts[0].greylist.rule = (struct rule){ "9:1", PHASE_ALWAYS, false,
		0 };
	wire_start();
	for (int i = 0; i < 3; i++) {
		a.port++;
		SYN_IS(&a, OPEN, 0);
	}
	before = wire_session();
	ck_assert_str_eq(sbuf_str(&opens), "mx1.test conn 1 contact 0\n");
	wire_say(before, "NOOP\r\n", "250");
	wire_say(before, WIRE_ENVELOPE, "354");
	wire_say(before, ".\r\n", "250 2.0.0 stored");
	fsmtp_start_phases(server);
	wire_say(before, "NOOP\r\n", "250");
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(wire_rules[i].rule.fired, 0);
	ck_assert_uint_eq(hosts[0].greylist.rule.fired, 0);
	fd = wire_session();
	wire_say(fd, "NOOP\r\n", "451");
	wire_say(fd, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n", "450");
	a.port = 50;
	SYN_IS(&a, REFUSE, 2);
	close(before);
	close(fd);
}
END_TEST

START_TEST(a_host_is_reached_by_both_families)
{
	struct fsmtp_rule *r = wire_rule(FSMTP_GREETING, FSMTP_DO_REPLY,
	    "554 not by IPv6");
	int four, six;

	hosts[0].addr_count = 2;
	r->family = AF_INET6;
	wire_start();
	four = wire_connect(&wire_addrs[0]);
	six = wire_connect(&wire_addrs[1]);
	wire_hear(four, "220 mx1.test");
	wire_hear(six, "554 not by IPv6");
	r->family = AF_INET;
	close(six);
	six = wire_connect(&wire_addrs[1]);
	wire_hear(six, "220 mx1.test");
	close(four);
	close(six);
}
END_TEST

START_TEST(an_address_in_use_is_named)
{
	struct addr failed = { 0 };
	struct fsmtp *other;

	wire_start();
	other = fsmtp_new(&wire_config);
	ck_assert_int_eq(fsmtp_listen(other, base, wire_port, &failed), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert(addr_same_ip(&failed, &wire_addrs[0]));
	fsmtp_free(other);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_syn_sent_again_is_the_same_contact,
		a_syn_after_an_error_is_a_new_contact,
		the_same_port_may_be_refused_and_then_accepted,
		a_rule_for_one_client_counts_its_connections,
		each_accept_finds_its_own_syn,
		an_accept_uses_up_its_syn,
		a_syn_belongs_to_the_address_it_went_to,
		a_flood_of_syns_forgets_only_the_oldest,
		a_connection_without_a_syn_is_a_contact_of_its_own,
		every_connect_action_is_carried_out_at_the_accept,
		a_blackholed_accept_says_nothing,
		a_connect_rule_may_wait_before_it_closes,
		a_connect_rule_picks_its_clients,
		a_connect_rule_about_the_session_never_matches,
		time_bounds_are_exact_and_count_from_the_phases,
		a_stage_is_judged_by_the_time_it_is_reached,
		the_start_of_the_phases_forgets_what_was_before,
		a_host_may_be_healthy_until_the_phases_start,
		a_host_is_reached_by_both_families,
		an_address_in_use_is_named,
	};

	return wire_run("fake_smtp contacts", tests,
	    sizeof tests / sizeof *tests);
}

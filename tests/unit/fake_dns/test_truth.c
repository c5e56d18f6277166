#include "fake_dns/fake_dns.h"

#include "tests/unit/fake_dns/ask.h"

static const char zone[] =
    "r.test.     MX 10 mx1.r.test.\n"
    "r.test.     MX 20 mx2.r.test.\n"
    "mx1.r.test. A 198.18.1.1\n"
    "mx1.r.test. AAAA 2001:db8::1\n"
    "mx2.r.test. 60 A 198.18.1.2\n"
    "alias.test. CNAME hop.other.test.\n"
    "hop.other.test. CNAME r.test.\n"
    "dangling.test. CNAME gone.r.test.\n"
    "l1.test. CNAME l2.test.\n"
    "l2.test. CNAME l1.test.\n"
    "odd.test. TYPE65280 \\# 4 01020304\n"
    "null.test. MX 0 .\n"
    "_smtp._tcp.r.test. SRV 1 2 25 mx2.r.test.\n"
    "short.test. SOA ns. h. 1 2 3 4 5\n"
    "short.test. TXT \"x\"\n"
    "$ORIGIN w.test.\n"
    "*   MX 5 mx1\n"
    "mx1 A 198.18.1.9\n"
    "a.deep MX 7 mx1\n";

START_TEST(an_answer_has_the_set_and_the_addresses_of_its_hosts)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("r.test", TYPE_MX),
	    "MX 10 mx1.r.test, MX 20 mx2.r.test");
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 3);
	ck_assert_uint_eq(flags(), 0x8180);
	ask("_smtp._tcp.r.test", TYPE_SRV);
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 1);
}
END_TEST

START_TEST(the_memorized_answer_is_the_first_answer)
{
	uint8_t first[512];
	size_t len;

	serve(zone, NULL, 0);
	ask("r.test", TYPE_MX);
	len = replies[0].len;
	memcpy(first, replies[0].bytes, len);
	ask("r.test", TYPE_MX);
	ck_assert_uint_eq(replies[0].len, len);
	ck_assert_mem_eq(replies[0].bytes, first, len);
}
END_TEST

START_TEST(letter_case_does_not_matter_and_the_question_comes_back)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("R.TeSt", TYPE_MX),
	    "MX 10 mx1.R.TeSt, MX 20 mx2.R.TeSt");
	ck_assert_mem_eq(replies[0].bytes + 12, "\1R\4TeSt", 8);
}
END_TEST

START_TEST(aliases_are_followed_across_zones)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("alias.test", TYPE_MX),
	    "CNAME hop.other.test, CNAME r.test, "
	    "MX 10 mx1.r.test, MX 20 mx2.r.test");
	ck_assert_str_eq(ask("alias.test", TYPE_CNAME),
	    "CNAME hop.other.test");
}
END_TEST

START_TEST(an_alias_to_nowhere_is_nxdomain_of_its_end)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("dangling.test", TYPE_MX), "CNAME gone.r.test");
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
}
END_TEST

START_TEST(an_alias_loop_is_answered_with_the_loop)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("l1.test", TYPE_MX),
	    "CNAME l2.test, CNAME l1.test");
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
}
END_TEST

START_TEST(a_chain_of_fifty_aliases_reaches_its_end)
{
	struct sbuf z = { 0 };

	for (int i = 0; i < 50; i++)
		sbuf_printf(&z, "c%d.test. CNAME c%d.test.\n", i, i + 1);
	sbuf_puts(&z, "c50.test. MX 10 mx.test.\n");
	serve(sbuf_str(&z), NULL, 0);
	sbuf_fini(&z);
	peer.transport = FDNS_TCP;
	ask("c0.test", TYPE_MX);
	ck_assert_int_eq(in_section(SEC_ANSWER), 51);
}
END_TEST

START_TEST(a_wildcard_stands_for_what_does_not_exist)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("x.y.w.test", TYPE_MX), "MX 5 mx1.w.test");
	ck_assert_str_eq(ask("x.w.test", TYPE_A), "");
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
	/* RFC 4592 section 2.2.1: below an existing name it says nothing. */
	ask("x.deep.w.test", TYPE_MX);
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	ck_assert_str_eq(ask("mx1.w.test", TYPE_MX), "");
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
}
END_TEST

START_TEST(an_empty_non_terminal_exists)
{
	serve(zone, NULL, 0);
	ask("deep.w.test", TYPE_MX);
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
	ck_assert_int_eq(in_section(SEC_ANSWER), 0);
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
}
END_TEST

START_TEST(a_negative_answer_has_the_soa_with_its_minimum_as_ttl)
{
	const uint8_t *soa;

	serve(zone, NULL, 0);
	ask("nosuch.short.test", TYPE_A);
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	soa = replies[0].bytes + 12 + 19 + 4;
	ck_assert_uint_eq(get16(soa), 0xc000 + 12 + 7);
	ck_assert_uint_eq(get16(soa + 2), TYPE_SOA);
	ck_assert_uint_eq(get32(soa + 6), 5);
	/* Made up where the text has none: registrable name, then root. */
	ask("nosuch.r.test", TYPE_A);
	soa = replies[0].bytes + 12 + 15 + 4;
	ck_assert_uint_eq(get16(soa), 0xc000 + 12 + 7);
	ck_assert_uint_eq(get32(soa + 6), 300);
	ask("nosuch.example", TYPE_A);
	ck_assert_int_eq(rcode(), RCODE_NXDOMAIN);
	ck_assert_int_eq(in_section(SEC_AUTHORITY), 1);
}
END_TEST

START_TEST(any_gives_every_set_and_unknown_types_are_octets)
{
	serve(zone, NULL, 0);
	ck_assert_str_eq(ask("mx1.r.test", TYPE_ANY),
	    "A 198.18.1.1, AAAA 2001:db8::1");
	ck_assert_str_eq(ask("odd.test", 65280), "TYPE65280 \\# 4 01020304");
	ck_assert_str_eq(ask("odd.test", 65281), "");
	ck_assert_int_eq(rcode(), RCODE_NOERROR);
}
END_TEST

START_TEST(edns_is_echoed_and_its_size_honoured)
{
	struct sbuf z = { 0 };

	for (int i = 0; i < 40; i++)
		sbuf_printf(&z, "big.test. MX %d mx-%d.big.test.\n", i, i);
	serve(sbuf_str(&z), NULL, 0);
	sbuf_fini(&z);
	ask_edns("big.test", TYPE_MX, 0);
	ck_assert(flags() & FLAG_TC);
	ck_assert_int_eq(in_section(SEC_ANSWER), 0);
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 0);
	ask_edns("big.test", TYPE_MX, 1400);
	ck_assert(!(flags() & FLAG_TC));
	ck_assert_int_eq(in_section(SEC_ANSWER), 40);
	ck_assert_int_eq(in_section(SEC_ADDITIONAL), 1);
	/* The memorized answer must be held against the size as well. */
	ask_edns("big.test", TYPE_MX, 600);
	ck_assert(flags() & FLAG_TC);
	ck_assert_uint_le(replies[0].len, 600);
	peer.transport = FDNS_TCP;
	ask_edns("big.test", TYPE_MX, 0);
	ck_assert_int_eq(in_section(SEC_ANSWER), 40);
}
END_TEST

START_TEST(an_edns_version_not_known_is_badvers)
{
	uint8_t q[100];
	size_t n = make_query(q, "r.test", TYPE_MX, 1232);

	serve(zone, NULL, 0);
	q[n - 5] = 1;
	fdns_answer(server, &peer, q, n, replies);
	ck_assert_int_eq(replies[0].bytes[replies[0].len - 6], 1);
	ck_assert_int_eq(rcode(), 0);
}
END_TEST

START_TEST(malformed_queries_get_formerr_or_nothing)
{
	uint8_t q[100];
	size_t n = make_query(q, "r.test", TYPE_MX, 0);

	serve(zone, NULL, 0);
	for (size_t i = 0; i < 12; i++)
		ck_assert_uint_eq(fdns_answer(server, &peer, q, i, replies),
		    0);
	for (size_t i = 12; i < n; i++) {
		ck_assert_uint_eq(fdns_answer(server, &peer, q, i, replies),
		    1);
		ck_assert_int_eq(rcode(), RCODE_FORMERR);
		ck_assert_uint_eq(replies[0].len, 12);
	}
	q[12] = 0xc0;			/* a pointer in the question */
	ck_assert_uint_eq(fdns_answer(server, &peer, q, n, replies), 1);
	ck_assert_int_eq(rcode(), RCODE_FORMERR);
	q[2] = 0x80;			/* a response */
	ck_assert_uint_eq(fdns_answer(server, &peer, q, n, replies), 0);
	q[2] = 0x28;			/* an update */
	fdns_answer(server, &peer, q, n, replies);
	ck_assert_int_eq(rcode(), RCODE_NOTIMP);
}
END_TEST

START_TEST(a_zone_is_replaced_at_its_time)
{
	struct fdns_zone zones[] = {
		{ .text = "r.test. MX 1 a.r.test.\n" },
		{ .text = "r.test. MX 2 b.r.test.\n", .from_us = 50 },
	};
	struct fdns_config cf = { .zones = zones, .zone_count = 2,
	    .timers = timers, .extra = "lab.test. A 192.0.2.7\n" };
	struct fdns_error error;

	server = fdns_new(&cf, &error);
	ck_assert_ptr_nonnull(server);
	timers_advance(timers, 1000);
	fdns_start_phases(server);
	ck_assert_str_eq(ask("r.test", TYPE_MX), "MX 1 a.r.test");
	timers_advance(timers, 1049);
	ck_assert_str_eq(ask("r.test", TYPE_MX), "MX 1 a.r.test");
	timers_advance(timers, 1050);
	ck_assert_str_eq(ask("r.test", TYPE_MX), "MX 2 b.r.test");
	ck_assert_str_eq(ask("lab.test", TYPE_A), "A 192.0.2.7");
}
END_TEST

static const char *
name_text(const char *wire, size_t len)
{
	sbuf_clear(&text);
	zone_name_text(&text, (const uint8_t *)wire, len);
	return sbuf_str(&text);
}

#define NAME_TEXT(wire)	name_text(wire, sizeof wire)

START_TEST(names_are_told_as_zone_files_have_them)
{
	ck_assert_str_eq(NAME_TEXT("\2mx\1r\4TesT"), "mx.r.TesT");
	ck_assert_str_eq(NAME_TEXT("\3x-1\4test"), "x-1.test");
	ck_assert_str_eq(NAME_TEXT("\4_dmx\1r"), "_dmx.r");
	ck_assert_str_eq(NAME_TEXT("\3a.b\4test"), "a\\.b.test");
	ck_assert_str_eq(NAME_TEXT("\3a b\2\377;"), "a\\032b.\\255\\;");
	ck_assert_str_eq(NAME_TEXT(""), ".");
}
END_TEST

START_TEST(wrong_zone_text_is_reported_with_its_line)
{
	struct fdns_error error;

	ck_assert(fdns_zone_check("r.test. MX 10 mx.\n\n; x\n", &error));
	ck_assert(!fdns_zone_check("r.test. A 192.0.2.1\n; comment\n"
	    "r.test. MX ten mx.\nx.test. A 192.0.2.1\n", &error));
	ck_assert_int_eq(error.line, 3);
	ck_assert_str_ne(error.text, "");
	ck_assert(!fdns_zone_check("r.test. A 1.2.3", &error));
	ck_assert_int_eq(error.line, 1);
	ck_assert(!fdns_zone_check("$INCLUDE /etc/passwd\n", &error));
	ck_assert(fdns_zone_check("", &error));
}
END_TEST

START_TEST(class_and_ttl_stand_in_either_order)
{
	static const char *const good[] = { "r.test. IN 300 MX 10 mx.",
		"r.test.\tin\t5m\tMX 10 mx.", "r.test. 300 IN MX 10 mx.",
		"r.test. IN MX 10 mx.", "r.test. MX 10 mx.\n IN 60 A 192.0.2.1",
		"in. IN 1 MX 10 mx.", "r.test. TXT \"x IN 300\"" };
	struct fdns_error error;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(fdns_zone_check(good[i], &error), "%s: %s",
		    good[i], error.text);
	ck_assert(!fdns_zone_check("r.test. CH 300 MX 10 mx.", &error));
	ck_assert(!fdns_zone_check("r.test. IN 300", &error));
}
END_TEST

static void
note_host(void *ctx, int preference, const char *name, const struct addr *a)
{
	char ip[ADDR_STRLEN];

	sbuf_printf(ctx, "%d %s %s;", preference, name, addr_format(a, ip));
}

static const char *
mail_hosts(const char *domain)
{
	sbuf_clear(&text);
	fdns_mail_hosts(server, domain, note_host, &text);
	return sbuf_str(&text);
}

START_TEST(mail_hosts_are_those_of_rfc_5321)
{
	serve("r.test. MX 20 b.r.test.\nr.test. MX 10 a.r.test.\n"
	    "r.test. A 192.0.2.99\na.r.test. A 192.0.2.1\n"
	    "a.r.test. AAAA 2001:db8::1\nb.r.test. CNAME c.r.test.\n"
	    "c.r.test. A 192.0.2.3\nalias.test. CNAME r.test.\n"
	    "implicit.test. A 192.0.2.4\nnull.test. MX 0 .\n"
	    "null.test. A 192.0.2.5\n. A 192.0.2.6\n"
	    "l1.test. CNAME l1.test.\n", NULL, 0);
	ck_assert_str_eq(mail_hosts("r.test"), "10 a.r.test 192.0.2.1;"
	    "10 a.r.test 2001:db8::1;20 b.r.test 192.0.2.3;");
	ck_assert_str_eq(mail_hosts("ALIAS.test."), "10 a.r.test 192.0.2.1;"
	    "10 a.r.test 2001:db8::1;20 b.r.test 192.0.2.3;");
	ck_assert_str_eq(mail_hosts("implicit.test"),
	    "0 implicit.test 192.0.2.4;");
	ck_assert_str_eq(mail_hosts("null.test"), "");
	ck_assert_str_eq(mail_hosts("l1.test"), "");
	ck_assert_str_eq(mail_hosts("nosuch.test"), "");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		an_answer_has_the_set_and_the_addresses_of_its_hosts,
		the_memorized_answer_is_the_first_answer,
		letter_case_does_not_matter_and_the_question_comes_back,
		aliases_are_followed_across_zones,
		an_alias_to_nowhere_is_nxdomain_of_its_end,
		an_alias_loop_is_answered_with_the_loop,
		a_chain_of_fifty_aliases_reaches_its_end,
		a_wildcard_stands_for_what_does_not_exist,
		an_empty_non_terminal_exists,
		a_negative_answer_has_the_soa_with_its_minimum_as_ttl,
		any_gives_every_set_and_unknown_types_are_octets,
		edns_is_echoed_and_its_size_honoured,
		an_edns_version_not_known_is_badvers,
		malformed_queries_get_formerr_or_nothing,
		a_zone_is_replaced_at_its_time,
		names_are_told_as_zone_files_have_them,
		wrong_zone_text_is_reported_with_its_line,
		class_and_ttl_stand_in_either_order,
		mail_hosts_are_those_of_rfc_5321,
	};

	return run_suite("fake_dns/truth", tests,
	    sizeof tests / sizeof *tests);
}

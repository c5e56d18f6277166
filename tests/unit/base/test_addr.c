#include "harness/base/addr.h"

#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(only_plain_addresses_are_addresses)
{
	static const char *const bad[] = { "", "mx1.r.test", "192.0.2",
		"192.0.2.256", "192.0.2.1:25", "[2001:db8::1]", " 192.0.2.1",
		"2001:db8::1%lo", "2001:db8::1::2" };
	struct addr a;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(!addr_parse(&a, bad[i]), "%s", bad[i]);
		ck_assert_int_eq(a.family, 0);
	}
	ck_assert(addr_parse(&a, "192.0.2.1"));
	ck_assert_int_eq(a.family, AF_INET);
	ck_assert_uint_eq(a.port, 0);
	ck_assert(addr_parse(&a, "2001:db8::1"));
	ck_assert_int_eq(a.family, AF_INET6);
}
END_TEST

START_TEST(an_address_is_written_as_mail_admins_write_it)
{
	char out[ADDR_STRLEN];
	struct addr a = { 0 };

	ck_assert_str_eq(addr_format(&a, out), "-");
	addr_parse(&a, "192.0.2.1");
	ck_assert_str_eq(addr_format(&a, out), "192.0.2.1");
	a.port = 25;
	ck_assert_str_eq(addr_format(&a, out), "192.0.2.1:25");
	addr_parse(&a, "2001:DB8:0:0::1");
	ck_assert_str_eq(addr_format(&a, out), "2001:db8::1");
	a.port = 65535;
	ck_assert_str_eq(addr_format(&a, out), "[2001:db8::1]:65535");
}
END_TEST

START_TEST(the_longest_address_with_a_port_fits)
{
	struct addr a;
	char out[ADDR_STRLEN];

	addr_parse(&a, "2001:db8:1111:2222:3333:4444:5555:6666");
	a.port = 65535;
	ck_assert_str_eq(addr_format(&a, out),
	    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
}
END_TEST

START_TEST(the_same_address_may_have_another_port)
{
	struct addr a, b, six;

	addr_parse(&a, "192.0.2.1");
	addr_parse(&b, "192.0.2.1");
	a.port = 25;
	b.port = 587;
	ck_assert(addr_same_ip(&a, &b));
	ck_assert(!addr_equal(&a, &b));
	b.port = 25;
	ck_assert(addr_equal(&a, &b));
	addr_parse(&b, "192.0.2.2");
	ck_assert(!addr_same_ip(&a, &b));
	/* The same leading octets, another family. */
	addr_parse(&six, "c000:201::");
	ck_assert(!addr_same_ip(&a, &six));
}
END_TEST

START_TEST(two_v6_addresses_differ_in_any_octet)
{
	struct addr a, b;

	addr_parse(&a, "2001:db8::1");
	addr_parse(&b, "2001:db8::2");
	ck_assert(!addr_same_ip(&a, &b));
	addr_parse(&b, "2001:db8::1");
	ck_assert(addr_same_ip(&a, &b));
}
END_TEST

START_TEST(an_address_survives_the_way_to_the_kernel_and_back)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1" };
	struct sockaddr_storage ss;
	struct addr a, back;

	for (int i = 0; i < 2; i++) {
		addr_parse(&a, texts[i]);
		a.port = 0x1234;
		ck_assert_uint_eq(addr_to_sockaddr(&a, &ss), i == 0 ?
		    sizeof(struct sockaddr_in) :
		    sizeof(struct sockaddr_in6));
		ck_assert_uint_eq(((struct sockaddr_in *)&ss)->sin_port,
		    htons(0x1234));
		ck_assert(addr_from_sockaddr(&back, (struct sockaddr *)&ss));
		ck_assert(addr_equal(&a, &back));
	}
}
END_TEST

START_TEST(a_mapped_v4_address_becomes_v4)
{
	struct sockaddr_storage ss;
	char out[ADDR_STRLEN];
	struct addr a;

	addr_parse(&a, "::ffff:192.0.2.7");
	a.port = 25;
	addr_to_sockaddr(&a, &ss);
	ck_assert(addr_from_sockaddr(&a, (struct sockaddr *)&ss));
	ck_assert_int_eq(a.family, AF_INET);
	ck_assert_str_eq(addr_format(&a, out), "192.0.2.7:25");
}
END_TEST

START_TEST(a_socket_of_another_family_has_no_address)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNIX };
	struct addr a = { .family = AF_INET, .port = 1 };

	ck_assert(!addr_from_sockaddr(&a, (struct sockaddr *)&ss));
	ck_assert_int_eq(a.family, 0);
}
END_TEST

START_TEST(an_endpoint_may_have_a_port)
{
	static const struct {
		const char *text, *is;
	} good[] = {
		{ "192.0.2.1", "192.0.2.1:25" },
		{ "192.0.2.1:2525", "192.0.2.1:2525" },
		{ "::1", "[::1]:25" },
		{ "[::1]", "[::1]:25" },
		{ "[2001:db8::1]:65535", "[2001:db8::1]:65535" },
	};
	static const char *const bad[] = { "", ":25", "192.0.2.1:",
		"192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:25x", "[::1",
		"[192.0.2.1]:25", "[::1]:", "mx.test:25", "192.0.2:25" };
	char out[ADDR_STRLEN];
	struct addr a;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert(addr_parse_endpoint(&a, good[i].text, 25));
		ck_assert_str_eq(addr_format(&a, out), good[i].is);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!addr_parse_endpoint(&a, bad[i], 25), "%s",
		    bad[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/addr");
	TCase *tc = tcase_create("addr");

	tcase_add_test(tc, only_plain_addresses_are_addresses);
	tcase_add_test(tc, an_address_is_written_as_mail_admins_write_it);
	tcase_add_test(tc, the_longest_address_with_a_port_fits);
	tcase_add_test(tc, the_same_address_may_have_another_port);
	tcase_add_test(tc, an_endpoint_may_have_a_port);
	tcase_add_test(tc, two_v6_addresses_differ_in_any_octet);
	tcase_add_test(tc, an_address_survives_the_way_to_the_kernel_and_back);
	tcase_add_test(tc, a_mapped_v4_address_becomes_v4);
	tcase_add_test(tc, a_socket_of_another_family_has_no_address);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

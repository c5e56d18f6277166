#include "reference_impl/dns.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* A reply to "r.test MX" without records; TC is set. */
static const uint8_t truncated[] = { 0, 7, 0x83, 0x80, 0, 1, 0, 0, 0, 0, 0, 0,
	1, 'r', 4, 't', 'e', 's', 't', 0, 0, 15, 0, 1 };

static enum dns_verdict
judge(bool tcp, const struct bugs *bugs)
{
	struct fact f = { .name = "r.test", .type = FACT_MX };

	return dns_judge(truncated, sizeof truncated, 7, tcp, bugs, &f);
}

START_TEST(a_truncated_reply_is_an_answer_over_no_transport)
{
	struct bugs bugs = { 0 };

	ck_assert_int_eq(judge(false, &bugs), DNS_TRUNCATED);
	ck_assert_int_eq(judge(true, &bugs), DNS_USELESS);
	bugs.on[BUG_TRUNCATED_USED] = true;
	ck_assert_int_eq(judge(false, &bugs), DNS_ANSWER);
}
END_TEST

/* Records of a spoilt reply may be without data. */
static const uint8_t empty[] = { 0, 7, 0x81, 0x80, 0, 1, 0, 2, 0, 1, 0, 0,
	1, 'r', 4, 't', 'e', 's', 't', 0, 0, 15, 0, 1,
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 0,
	0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 0,
	0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 9, 0, 0 };

START_TEST(records_without_data_are_survived)
{
	const struct bugs bugs = { 0 };
	struct fact f = { .name = "r.test", .type = FACT_MX };

	dns_judge(empty, sizeof empty, 7, false, &bugs, &f);
	ck_assert_uint_eq(f.count, 0);
	ck_assert_str_eq(f.alias, "");
	free(f.rrs);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/dns_judge");
	TCase *tc = tcase_create("dns_judge");

	tcase_add_test(tc, a_truncated_reply_is_an_answer_over_no_transport);
	tcase_add_test(tc, records_without_data_are_survived);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

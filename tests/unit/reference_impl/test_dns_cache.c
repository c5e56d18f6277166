#include "reference_impl/dns_cache.h"

#include "tests/unit/suite.h"

#include <string.h>

#define SECOND	INT64_C(1000000)

static struct dns_cache cache;
static struct ways ways;

static void
setup(void)
{
	memset(&ways, 0, sizeof ways);
	memset(&cache, 0, sizeof cache);
}

static void
teardown(void)
{
	dns_cache_fini(&cache);
}

static struct fact
fact(enum fact_state state, uint32_t ttl_s)
{
	static struct fact_rr rr = { .preference = 10, .name = "mx1.r.test" };

	return (struct fact){ .name = "r.test", .type = FACT_MX,
		.state = state, .ttl_s = ttl_s, .rrs = &rr,
		.count = state == FACT_OK };
}

static enum fact_state
found(const char *name, int64_t now_us)
{
	struct fact f = { .type = FACT_MX };
	enum fact_state state;

	snprintf(f.name, sizeof f.name, "%s", name);
	if (!dns_cache_find(&cache, &f, now_us))
		return FACT_PENDING;
	state = f.state;
	free(f.rrs);
	return state;
}

START_TEST(an_answer_is_kept_for_its_ttl_and_no_longer)
{
	struct fact f = fact(FACT_OK, 30), g = fact(FACT_NXDOMAIN, 30);

	ways.on[WAY_DNS_CACHE] = true;
	dns_cache_keep(&cache, &f, &ways, 0);
	ck_assert_int_eq(found("R.Test", 30 * SECOND - 1), FACT_OK);
	ck_assert_int_eq(found("r.test", 30 * SECOND), FACT_PENDING);
	ck_assert_int_eq(found("x.test", 0), FACT_PENDING);
	/* What is kept does not begin anew, what is over is replaced. */
	dns_cache_keep(&cache, &g, &ways, 20 * SECOND);
	ck_assert_int_eq(found("r.test", 29 * SECOND), FACT_OK);
	dns_cache_keep(&cache, &g, &ways, 31 * SECOND);
	ck_assert_int_eq(found("r.test", 60 * SECOND), FACT_NXDOMAIN);
}
END_TEST

START_TEST(failures_are_kept_by_their_own_way)
{
	struct fact f = fact(FACT_FAILED, 3600), ok = fact(FACT_OK, 3600);

	dns_cache_keep(&cache, &f, &ways, 0);
	ways.on[WAY_DNS_CACHE] = true;
	dns_cache_keep(&cache, &f, &ways, 0);
	ck_assert_int_eq(found("r.test", 1), FACT_PENDING);
	ways.on[WAY_DNS_CACHE] = false;
	ways.on[WAY_FAILURE_CACHE] = true;
	dns_cache_keep(&cache, &ok, &ways, 0);
	ck_assert_int_eq(found("r.test", 1), FACT_PENDING);
	dns_cache_keep(&cache, &f, &ways, 0);
	ck_assert_int_eq(found("r.test", 60 * SECOND - 1), FACT_FAILED);
	ck_assert_int_eq(found("r.test", 60 * SECOND), FACT_PENDING);
}
END_TEST

START_TEST(an_answer_without_ttl_is_not_kept)
{
	struct fact f = fact(FACT_OK, 0);

	ways.on[WAY_DNS_CACHE] = true;
	dns_cache_keep(&cache, &f, &ways, 0);
	ck_assert_int_eq(found("r.test", 0), FACT_PENDING);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/dns_cache");
	TCase *tc = tcase_create("cache");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_answer_is_kept_for_its_ttl_and_no_longer);
	tcase_add_test(tc, failures_are_kept_by_their_own_way);
	tcase_add_test(tc, an_answer_without_ttl_is_not_kept);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

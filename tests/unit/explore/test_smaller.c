/* Making small: every step is sound, none leads back. */
#include <check.h>
#include <stdlib.h>

#include "harness/base/rng.h"
#include "harness/explore/draft.h"
#include "tests/unit/suite.h"

#define SEEDS	300

START_TEST(what_is_smaller_lints_clean)
{
	struct sbuf text = { 0 };
	struct scenario *sc;
	struct diags diags;
	struct draft d, *list;
	size_t n;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		draft_make(&d, seed);
		n = draft_smaller(&d, &list);
		for (size_t i = 0; i < n; i++) {
			sbuf_clear(&text);
			draft_text(&list[i], &text);
			diags_init(&diags);
			sc = scenario_parse(sbuf_str(&text), text.len, "x.yaml",
			    &diags);
			ck_assert_msg(sc != NULL && diags.count == 0, "%s",
			    sbuf_str(&text));
			scenario_free(sc);
			diags_fini(&diags);
		}
		free(list);
	}
	sbuf_fini(&text);
}
END_TEST

/* Takes steps as `choose` likes until there are none; returns how many. */
static unsigned
walk(struct draft *d, size_t (*choose)(struct rng *, size_t), struct rng *r)
{
	struct draft *list;
	unsigned steps = 0;
	size_t n;

	while ((n = draft_smaller(d, &list)) > 0) {
		*d = list[choose(r, n)];
		free(list);
		ck_assert_uint_lt(++steps, 200);
	}
	free(list);
	return steps;
}

static size_t
choose_any(struct rng *r, size_t n)
{
	return rng_below(r, (uint32_t)n);
}

static size_t
choose_last(struct rng *r, size_t n)
{
	(void)r;
	return n - 1;
}

START_TEST(no_chain_of_steps_is_endless)
{
	struct draft d;
	struct rng r;

	rng_init(&r, 1);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		draft_make(&d, seed);
		walk(&d, choose_any, &r);
		ck_assert_uint_eq(d.fault_count, 0);
		draft_make(&d, seed);
		walk(&d, choose_last, &r);
		ck_assert_uint_eq(d.fault_count, 0);
		ck_assert_uint_eq(d.message_count, 1);
		ck_assert_int_eq(__builtin_popcount(d.messages[0].to), 1);
	}
}
END_TEST

static bool
has_greylist(const struct draft *d)
{
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table == DRAFT_IN_GREYLIST &&
		    d->faults[i].host != DRAFT_SENDER_MX)
			return true;
	return false;
}

/* As explore_shrink() does, with a wish in place of a run. */
static void
shrink_to(struct draft *d, bool (*wish)(const struct draft *))
{
	struct draft *list;
	size_t n, i;

	for (;;) {
		n = draft_smaller(d, &list);
		for (i = 0; i < n && !wish(&list[i]); i++)
			;
		if (i < n)
			*d = list[i];
		free(list);
		if (i == n)
			return;
	}
}

START_TEST(all_but_the_cause_goes)
{
	unsigned found = 0;
	struct draft d;
	int hosts;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		draft_make(&d, seed);
		if (!has_greylist(&d))
			continue;
		found++;
		shrink_to(&d, has_greylist);
		ck_assert_uint_eq(d.fault_count, 1);
		ck_assert_uint_eq(d.message_count, 1);
		ck_assert_int_eq(d.resolvers, 1);
		ck_assert(!d.alias && d.mta_ipv4 && d.mta_ipv6);
		hosts = 0;
		for (int i = 0; i < DRAFT_MX; i++)
			hosts += d.hosts[i].there;
		ck_assert_int_eq(hosts, 1);
	}
	ck_assert_uint_gt(found, 10);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("explore smaller");
	TCase *tc = tcase_create("smaller");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_is_smaller_lints_clean);
	tcase_add_test(tc, no_chain_of_steps_is_endless);
	tcase_add_test(tc, all_but_the_cause_goes);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

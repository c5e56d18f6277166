#include "harness/base/rng.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(the_numbers_are_those_of_splitmix64)
{
	/* Published with the algorithm: seed 1234567. */
	static const uint64_t known[] = { UINT64_C(6457827717110365317),
		UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
		UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821) };
	struct rng r;

	rng_init(&r, 1234567);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		ck_assert_uint_eq(rng_next(&r), known[i]);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_numbers)
{
	struct rng a, b, other;
	int same = 0;

	rng_init(&a, 7);
	rng_init(&b, 7);
	rng_init(&other, 8);
	for (int i = 0; i < 100; i++) {
		uint64_t x = rng_next(&a);

		ck_assert_uint_eq(x, rng_next(&b));
		same += x == rng_next(&other);
	}
	ck_assert_int_eq(same, 0);
}
END_TEST

START_TEST(a_bounded_number_takes_every_value_below_the_bound)
{
	unsigned seen[6] = { 0 };
	struct rng r;
	uint32_t x;

	rng_init(&r, 1);
	for (int i = 0; i < 6000; i++) {
		x = rng_below(&r, 6);
		ck_assert_uint_lt(x, 6);
		seen[x]++;
	}
	for (int i = 0; i < 6; i++) {
		ck_assert_uint_gt(seen[i], 800);
		ck_assert_uint_lt(seen[i], 1200);
	}
	ck_assert_uint_eq(rng_below(&r, 1), 0);
}
END_TEST

START_TEST(shuffling_keeps_every_element)
{
	struct { char tag[3]; } v[50];
	bool seen[50] = { false };
	struct rng r;
	int moved = 0;

	for (int i = 0; i < 50; i++)
		memset(v[i].tag, i, sizeof v[i].tag);
	rng_init(&r, 3);
	rng_shuffle(&r, v, 50, sizeof *v);
	for (int i = 0; i < 50; i++) {
		ck_assert(!seen[(int)v[i].tag[0]]);
		seen[(int)v[i].tag[0]] = true;
		ck_assert_int_eq(v[i].tag[0], v[i].tag[1]);
		ck_assert_int_eq(v[i].tag[0], v[i].tag[2]);
		moved += v[i].tag[0] != i;
	}
	ck_assert_int_gt(moved, 30);
	rng_shuffle(&r, v, 0, sizeof *v);
	rng_shuffle(&r, v, 1, sizeof *v);
}
END_TEST

START_TEST(every_element_can_come_to_every_place)
{
	unsigned at[3][3] = { { 0 } };
	struct rng r;

	rng_init(&r, 5);
	for (int n = 0; n < 3000; n++) {
		int v[3] = { 0, 1, 2 };

		rng_shuffle(&r, v, 3, sizeof *v);
		for (int i = 0; i < 3; i++)
			at[i][v[i]]++;
	}
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++) {
			ck_assert_uint_gt(at[i][k], 850);
			ck_assert_uint_lt(at[i][k], 1150);
		}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/rng");
	TCase *tc = tcase_create("rng");

	tcase_add_test(tc, the_numbers_are_those_of_splitmix64);
	tcase_add_test(tc, the_same_seed_gives_the_same_numbers);
	tcase_add_test(tc,
	    a_bounded_number_takes_every_value_below_the_bound);
	tcase_add_test(tc, shuffling_keeps_every_element);
	tcase_add_test(tc, every_element_can_come_to_every_place);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

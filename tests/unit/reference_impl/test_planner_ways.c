/* The planner with lawful ways: pure, so a table of facts is enough. */
#include "reference_impl/planner_ways.h"

#include "tests/unit/suite.h"

#include <string.h>

#define MINUTE	INT64_C(60000000)
#define HOUR	(60 * MINUTE)

static struct ways ways;
static struct plan_policy policy;
static struct plan_input in;
static struct fact_rr mx[4], v4[4][2], v6[4][2];
static struct fact facts[12];
static struct try tries[16];

static void
set_fact(const char *name, enum fact_type type, struct fact_rr *rrs,
    size_t count)
{
	struct fact *f = &facts[in.fact_count++];

	snprintf(f->name, sizeof f->name, "%s", name);
	f->type = type;
	f->state = count > 0 ? FACT_OK : FACT_NODATA;
	f->rrs = rrs;
	f->count = count;
}

/* Hosts mx1 to mxN, of one preference or rising; two addresses a family. */
static void
make_world(int hosts, bool equal)
{
	char name[32], ip[64];

	memset(facts, 0, sizeof facts);
	in.fact_count = in.try_count = 0;
	set_fact("r.test", FACT_MX, mx, (size_t)hosts);
	for (int i = 0; i < hosts; i++) {
		snprintf(name, sizeof name, "mx%d.r.test", i + 1);
		mx[i].preference = (uint16_t)(equal ? 10 : 10 * (i + 1));
		memcpy(mx[i].name, name, sizeof name);
		for (int k = 0; k < 2; k++) {
			snprintf(ip, sizeof ip, "198.18.%d.%d", i + 1, k + 1);
			addr_parse(&v4[i][k].addr, ip);
			snprintf(ip, sizeof ip, "2001:db8:%d::%d", i + 1,
			    k + 1);
			addr_parse(&v6[i][k].addr, ip);
		}
		set_fact(name, FACT_A, v4[i], 2);
		set_fact(name, FACT_AAAA, v6[i], 2);
	}
}

static void
setup(void)
{
	memset(&ways, 0, sizeof ways);
	policy = (struct plan_policy){ .first_retry_us = HOUR / 2,
		.max_retry_us = 4 * HOUR, .life_us = 120 * HOUR,
		.life_null_us = 120 * HOUR, .hop_limit = 100,
		.hostname = "sut.test", .ways = &ways };
	in = (struct plan_input){ .domain = "r.test", .pending = 1,
		.last_host = "", .facts = facts, .tries = tries };
}

/*
 * Every connection fails with `result`.  What was tried, as "1a 1A 2b": host,
 * a and b its IPv4 addresses, A and B those of IPv6; then how it ended.
 */
static const char *
story(enum try_result result)
{
	static const char *const ends[] = { "LOOKUP", "WAIT", "", "DEF", "BNC",
		"DROP", "DONE" };
	static char text[200];
	struct plan p;
	size_t len = 0;

	in.try_count = 0;
	for (;;) {
		plan_next(&in, &policy, &p);
		if (p.action != PLAN_CONNECT || in.try_count == 16)
			break;
		tries[in.try_count].addr = p.addr;
		tries[in.try_count++].result = result;
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%c%c ", p.name[2], p.addr.family == AF_INET ?
		    "ab"[p.addr.ip[3] - 1] : "AB"[p.addr.ip[15] - 1]);
	}
	snprintf(text + len, sizeof text - len, "%s", ends[p.action]);
	return text;
}

static const struct {
	enum way way;
	int hosts;
	enum try_result result;
	const char *plain, *by_way;
} stories[] = {
	{ WAY_IPV4_FIRST, 1, TRY_REFUSED, "1A 1a 1B 1b DEF",
	    "1a 1A 1b 1B DEF" },
	{ WAY_IPV4_THEN_IPV6, 1, TRY_REFUSED, "1A 1a 1B 1b DEF",
	    "1a 1b 1A 1B DEF" },
	{ WAY_IPV6_THEN_IPV4, 1, TRY_REFUSED, "1A 1a 1B 1b DEF",
	    "1A 1B 1a 1b DEF" },
	{ WAY_DENIED_WAITS, 1, TRY_GREETING_5YZ, "1A 1a 1B 1b BNC",
	    "1A 1a 1B 1b DEF" },
	{ WAY_DENIED_WAITS, 1, TRY_EHLO_5YZ, "1A 1a 1B 1b BNC",
	    "1A 1a 1B 1b DEF" },
	{ WAY_MAIL_4YZ_ENDS_CYCLE, 2, TRY_MAIL_4YZ,
	    "1A 1a 1B 1b 2A 2a 2B 2b DEF", "1A DEF" },
	{ WAY_MAIL_4YZ_ENDS_CYCLE, 1, TRY_GREETING_4YZ, "1A 1a 1B 1b DEF",
	    "1A 1a 1B 1b DEF" },
	{ WAY_LOST_EOD_GOES_ON, 2, TRY_AMBIGUOUS, "1A DEF", "1A 1a DEF" },
};

START_TEST(each_way_changes_the_story_lawfully)
{
	make_world(stories[_i].hosts, false);
	ck_assert_str_eq(story(stories[_i].result), stories[_i].plain);
	ways.on[stories[_i].way] = true;
	ck_assert_str_eq(story(stories[_i].result), stories[_i].by_way);
}
END_TEST

START_TEST(of_two_ways_that_exclude_each_other_the_first_acts)
{
	make_world(1, false);
	ways.on[WAY_IPV4_FIRST] = ways.on[WAY_IPV6_THEN_IPV4] = true;
	ck_assert_str_eq(story(TRY_REFUSED), "1a 1A 1b 1B DEF");
}
END_TEST

START_TEST(shuffled_addresses_are_all_tried_and_any_is_first)
{
	bool first[128] = { false };
	int kinds = 0;

	ways.on[WAY_ADDRESSES_SHUFFLED] = true;
	make_world(2, true);
	for (in.seed = 0; in.seed < 100; in.seed++) {
		const char *s = story(TRY_REFUSED);

		ck_assert_int_eq(in.try_count, 8);
		ck_assert_str_eq(s + 24, "DEF");
		first[(s[0] - '1') * 64 + s[1] - 'A'] = true;
	}
	for (int i = 0; i < 128; i++)
		kinds += first[i];
	ck_assert_int_eq(kinds, 8);
}
END_TEST

START_TEST(shuffled_addresses_do_not_leave_their_preference)
{
	ways.on[WAY_ADDRESSES_SHUFFLED] = true;
	make_world(2, false);
	for (in.seed = 0; in.seed < 50; in.seed++) {
		const char *s = story(TRY_REFUSED);

		for (int i = 0; i < 8; i++)
			ck_assert_int_eq(s[3 * i], i < 4 ? '1' : '2');
	}
}
END_TEST

START_TEST(rotated_hosts_begin_anywhere_and_keep_their_circle)
{
	int begun[3] = { 0 };

	ways.on[WAY_EQUAL_ROTATED] = true;
	make_world(3, true);
	for (in.seed = 0; in.seed < 99; in.seed++) {
		const char *s = story(TRY_REFUSED);

		ck_assert_int_eq((s[12] - s[0] + 3) % 3, 1);
		ck_assert_int_eq((s[24] - s[12] + 3) % 3, 1);
		begun[s[0] - '1']++;
	}
	for (int i = 0; i < 3; i++)
		ck_assert_int_gt(begun[i], 10);
}
END_TEST

/* The n-th question that is asked of an empty world, "mx1.r.test A". */
static void
ask(int n, char out[64], bool answer_mx)
{
	static const char *const types[] = { "A", "AAAA", "MX" };
	struct plan p;

	make_world(2, false);
	in.fact_count = answer_mx ? 1 : 0;
	for (int i = 0; ; i++) {
		plan_next(&in, &policy, &p);
		snprintf(out, 64, "%s", p.action == PLAN_WAIT ? "wait" : "-");
		if (p.action != PLAN_LOOKUP)
			return;
		snprintf(out, 64, "%.40s %s", p.name, types[p.type]);
		if (i == n)
			return;
		set_fact(p.name, p.type, NULL, 0);
		facts[in.fact_count - 1].state = FACT_PENDING;
	}
}

static const struct {
	enum way way;
	bool mx_known;
	const char *asked[5];
} questions[] = {
	{ WAY_COUNT, true, { "mx1.r.test AAAA", "mx1.r.test A", "wait" } },
	{ WAY_A_ASKED_FIRST, true, { "mx1.r.test A", "mx1.r.test AAAA",
	    "wait" } },
	{ WAY_LOOKUPS_IN_TURN, true, { "mx1.r.test AAAA", "wait" } },
	{ WAY_HOSTS_LOOKED_UP_FIRST, true, { "mx1.r.test AAAA",
	    "mx1.r.test A", "mx2.r.test AAAA", "mx2.r.test A", "wait" } },
	{ WAY_COUNT, false, { "r.test MX", "wait" } },
	{ WAY_ADDRESS_ASKED_TOO, false, { "r.test MX", "r.test A",
	    "r.test AAAA", "wait" } },
};

START_TEST(each_way_asks_in_its_order)
{
	char got[64];

	if (questions[_i].way != WAY_COUNT)
		ways.on[questions[_i].way] = true;
	for (int n = 0; n < 5 && questions[_i].asked[n] != NULL; n++) {
		ask(n, got, questions[_i].mx_known);
		ck_assert_str_eq(got, questions[_i].asked[n]);
	}
}
END_TEST

START_TEST(the_domains_own_address_is_asked_for_and_not_used)
{
	make_world(1, false);
	set_fact("r.test", FACT_A, v4[3], 1);
	set_fact("r.test", FACT_AAAA, NULL, 0);
	ways.on[WAY_ADDRESS_ASKED_TOO] = true;
	ck_assert_str_eq(story(TRY_REFUSED), "1A 1a 1B 1b DEF");
}
END_TEST

/* --- time ------------------------------------------------------------ */

static int64_t
minutes_after(int attempts)
{
	in.attempts = attempts;
	return (plan_retry_at(&in, &policy) - in.now_us) / MINUTE;
}

START_TEST(quadratic_intervals_grow_by_the_square)
{
	ways.on[WAY_QUADRATIC_BACKOFF] = true;
	policy.first_retry_us = 6 * MINUTE;
	ck_assert_int_eq(minutes_after(0), 6);
	ck_assert_int_eq(minutes_after(1), 24);
	ck_assert_int_eq(minutes_after(2), 54);
	ck_assert_int_eq(minutes_after(100000), 240);
}
END_TEST

START_TEST(an_early_second_attempt_shifts_the_doubling)
{
	ways.on[WAY_EARLY_SECOND] = true;
	ck_assert_int_eq(minutes_after(0), 5);
	ck_assert_int_eq(minutes_after(1), 30);
	ck_assert_int_eq(minutes_after(2), 60);
}
END_TEST

START_TEST(jitter_lengthens_by_up_to_a_quarter)
{
	int64_t least = INT64_MAX, most = 0;

	ways.on[WAY_JITTER] = true;
	for (in.seed = 0; in.seed < 200; in.seed++) {
		int64_t us = plan_retry_at(&in, &policy);

		least = us < least ? us : least;
		most = us > most ? us : most;
	}
	ck_assert_int_ge(least, HOUR / 2);
	ck_assert_int_lt(least, HOUR / 2 + HOUR / 40);
	ck_assert_int_gt(most, HOUR / 2 + HOUR / 10);
	ck_assert_int_le(most, HOUR / 2 + HOUR / 8);
}
END_TEST

START_TEST(a_retry_waits_for_the_run_of_the_queue)
{
	policy.queue_run_us = 15 * MINUTE;
	in.now_us = 7 * MINUTE;
	ck_assert_int_eq(plan_retry_at(&in, &policy), 45 * MINUTE);
	in.now_us = 15 * MINUTE;
	ck_assert_int_eq(plan_retry_at(&in, &policy), 45 * MINUTE);
	ck_assert_int_eq(plan_queue_run(61, 0), 61);
}
END_TEST

START_TEST(the_end_of_the_lifetime_by_each_way)
{
	struct plan p;

	in.now_us = 119 * HOUR;
	in.attempts = 30;
	ck_assert_int_eq(plan_retry_at(&in, &policy), 120 * HOUR);
	ways.on[WAY_EXPIRES_AT_ATTEMPT] = true;
	ck_assert_int_eq(plan_retry_at(&in, &policy), 123 * HOUR);
	ways.on[WAY_EXPIRES_AT_ATTEMPT] = false;
	in.now_us = 120 * HOUR - 1;
	ck_assert_int_gt(plan_retry_at(&in, &policy), 120 * HOUR);
	ways.on[WAY_EXPIRES_UNTRIED] = true;
	ck_assert_int_eq(plan_retry_at(&in, &policy), 120 * HOUR);

	in.now_us = 120 * HOUR;
	plan_next(&in, &policy, &p);
	ck_assert_int_eq(p.action, PLAN_BOUNCE);
	ck_assert(p.expired);
	/* Who was never tried is tried. */
	in.attempts = 0;
	plan_next(&in, &policy, &p);
	ck_assert_int_eq(p.action, PLAN_LOOKUP);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/planner_ways");
	TCase *tc = tcase_create("ways");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, each_way_changes_the_story_lawfully, 0,
	    sizeof stories / sizeof *stories);
	tcase_add_test(tc,
	    of_two_ways_that_exclude_each_other_the_first_acts);
	tcase_add_test(tc,
	    shuffled_addresses_are_all_tried_and_any_is_first);
	tcase_add_test(tc, shuffled_addresses_do_not_leave_their_preference);
	tcase_add_test(tc, rotated_hosts_begin_anywhere_and_keep_their_circle);
	tcase_add_loop_test(tc, each_way_asks_in_its_order, 0,
	    sizeof questions / sizeof *questions);
	tcase_add_test(tc,
	    the_domains_own_address_is_asked_for_and_not_used);
	tcase_add_test(tc, quadratic_intervals_grow_by_the_square);
	tcase_add_test(tc, an_early_second_attempt_shifts_the_doubling);
	tcase_add_test(tc, jitter_lengthens_by_up_to_a_quarter);
	tcase_add_test(tc, a_retry_waits_for_the_run_of_the_queue);
	tcase_add_test(tc, the_end_of_the_lifetime_by_each_way);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/* How long a client waits (RFC 5321 4.5.3.2), and what profiles say of it. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

/* Of each stage: the RFC's least, the default profile's own. */
static const struct {
	const char *stage;
	int least, own;
} stages[] = {
	{ "greeting", 300, 300 }, { "ehlo", 300, 300 }, { "helo", 300, 300 },
	{ "mail", 300, 300 }, { "rcpt", 300, 300 }, { "data", 120, 120 },
	{ "eod", 600, 600 }, { "vrfy", 0, 0 },
};

/* Silence at the stage from 1 s on, until the client hangs up. */
static void
tell_silence(struct story *st, const char *stage, int ms)
{
	char lines[300];

	snprintf(lines, sizeof lines, "1s accept 1 mx1.r.test 198.18.1.1\n"
	    "1s silent 1 %s\n%.3fs close 1 client fin\n"
	    "9999s queue m1 yes\n", stage, 1 + ms / 1000.0);
	story_open(st, ONE);
	story_tell(st, IN);
	story_tell(st, lines);
}

static void
ck_silence(const char *stage, int ms, bool is_short, bool is_long)
{
	struct story st;

	tell_silence(&st, stage, ms);
	story_judge(&st);
	ck_assert_msg(story_has_flag(&st, F_SHORT_TIMEOUT) == is_short &&
	    story_has_flag(&st, F_LONG_TIMEOUT) == is_long, "%s after %d ms",
	    stage, ms);
	story_close(&st);
}

START_TEST(each_stage_has_its_own_patience)
{
	const int least = stages[_i].least * 1000;
	const int most = stages[_i].own * 1100;
	const bool known = least > 0;

	ck_silence(stages[_i].stage, least - 2001, known, false);
	ck_silence(stages[_i].stage, least - 2000, false, false);
	ck_silence(stages[_i].stage, most, false, false);
	ck_silence(stages[_i].stage, most + 1, false, known);
}
END_TEST

/* Told 421, it need not hear what becomes of what it has sent since. */
START_TEST(whoever_is_sent_away_may_go)
{
	static const char *const replies[] = { "450 busy", "421 closing" };
	char lines[300];
	struct story st;

	for (int i = 0; i < 2; i++) {
		snprintf(lines, sizeof lines, IN
		    "1s open 1 mx1.r.test 198.18.1.1\n"
		    "1s rcpt 1 m1 u@r.test %s\n1s cmd 1 rcpt\n"
		    "1s close 1 client fin\n", replies[i]);
		story(&st, ONE, lines);
		ck_assert(story_has_flag(&st, F_SHORT_TIMEOUT) == (i == 0));
		story_close(&st);
	}
}
END_TEST

/* A profile that says so has chosen so: a remark, and longer is too long. */
START_TEST(a_profile_may_choose_to_wait_less)
{
	static const struct {
		int ms;
		bool is_short, is_long;
		enum result result;
	} waits[] = {
		{ 26999, true, false, RESULT_WARN },
		{ 27000, true, false, RESULT_INFO },
		{ 33000, true, false, RESULT_INFO },
		{ 33001, true, true, RESULT_WARN },
	};
	struct story st;

	for (int i = 0; i < ALL(waits); i++) {
		tell_silence(&st, "greeting", waits[i].ms);
		story_tell(&st, "9999s syn mx2.r.test 198.18.1.2 refuse\n");
		st.profile.greeting_us = story_time("30s");
		story_judge(&st);
		for (size_t f = 0; f < st.j.finding_count; f++)
			if (st.j.findings[f].flag == F_SHORT_TIMEOUT)
				ck_assert_int_eq(st.j.findings[f].weight,
				    waits[i].ms < 27000 ? WEIGHT_BY_THE_WAY :
				    WEIGHT_REMARK);
		ck_assert_int_eq(story_has_flag(&st, F_SHORT_TIMEOUT),
		    waits[i].is_short);
		ck_assert_int_eq(story_has_flag(&st, F_LONG_TIMEOUT),
		    waits[i].is_long);
		story_close(&st);
	}
	/* No timeout of its own: none is too long. */
	tell_silence(&st, "greeting", 9000000);
	st.profile.greeting_us = 0;
	story_judge(&st);
	ck_assert(!story_has_flag(&st, F_LONG_TIMEOUT));
	story_close(&st);
}
END_TEST

#define UP "1s accept 1 mx1.r.test 198.18.1.1\n"
#define UP2 "1s accept 2 mx2.r.test 198.18.1.2\n"
#define DUMB "1s silent 1 greeting\n"
#define FIN "31s close 1 client fin\n"
#define EHLO "1s reply 1 greeting 220 hi\n1s cmd 1 ehlo EHLO a\n"

static const struct {
	const char *lines;
	bool is_short, is_long;
	const char *says;
} waits[] = {
	{ IN UP DUMB FIN, true, false, "the client waited only 30.0s for the "
	    "reply of mx1.r.test to greeting; RFC 5321 asks for 5m00s" },
	{ IN UP DUMB "901s close 1 client fin\n", false, true, "the client "
	    "waited 15m00s for the reply of mx1.r.test to greeting; its "
	    "timeout is 5m00s" },
	/* a reply that is only slow has an end of its own */
	{ IN UP EHLO FIN, true, false, "the client waited only 30.0s for the "
	    "reply of mx1.r.test to ehlo; RFC 5321 asks for 5m00s" },
	{ IN UP EHLO "901s close 1 client fin\n", false, false, NULL },
	{ IN UP EHLO "2s reply 1 ehlo 250 hi\n" FIN, false, false, NULL },
	{ IN UP EHLO "2s silent 1 ehlo\n" FIN, true, false, "29.0s" },
	{ IN UP EHLO "2s cmd 1 mail MAIL FROM:<a@s.test>\n" FIN, true, false,
	    "29.0s for the reply of mx1.r.test to mail" },
	{ IN UP "1s reply 1 greeting 220 hi\n1s eod 1\n" FIN, true, false,
	    "30.0s for the reply of mx1.r.test to eod; RFC 5321 asks for "
	    "10m00s" },
	/* QUIT ends it where nothing comes, not where it is sent ahead */
	{ IN UP DUMB "31s cmd 1 quit\n", true, false, "30.0s" },
	{ IN UP DUMB "31s cmd 1 noop\n400s close 1 client fin\n", false,
	    false, NULL },
	{ IN UP EHLO "31s cmd 1 quit\n400s close 1 client fin\n", false,
	    false, NULL },
	/* the host hung up, the MTA was told to stop: no impatience */
	{ IN UP DUMB "31s close 1 server fin\n40s close 1 client fin\n", false,
	    false, NULL },
	{ IN UP DUMB "20s mta stop\n" FIN, false, false, NULL },
	{ IN UP "1s mta kick\n" DUMB FIN, true, false, NULL },
	{ IN UP "1s mta kill\n1s mta start\n" DUMB FIN, false, false, NULL },
	{ IN "0.5s mta kill\n0.5s mta start\n" UP DUMB FIN, true, false,
	    NULL },
	{ IN UP DUMB "20s died smtp 6\n" FIN, true, false, NULL },
	{ IN UP DUMB FIN "31s mta stop\n", true, false, NULL },
	/* stopped and started again while it waited; a reply long after */
	{ IN UP DUMB "20s mta stop\n21s mta start\n" FIN, false, false,
	    NULL },
	{ IN UP DUMB FIN "400s close 1 client fin\n", true, false, NULL },
	/* each connection for itself; once; not before the run */
	{ IN UP UP2 DUMB "31s close 2 client fin\n301s close 1 client fin\n",
	    false, false, NULL },
	{ IN UP UP2 DUMB "2s reply 2 greeting 220 hi\n" FIN, true, false,
	    NULL },
	{ IN UP DUMB FIN "1000s close 1 client fin\n", true, false, NULL },
	{ "-9s accept 1 mx1.r.test 198.18.1.1\n-9s silent 1 greeting\n"
	    "-5s close 1 client fin\n" IN, false, false, NULL },
};

START_TEST(impatience_shows_where_the_client_hangs_up)
{
	const char *said = NULL;
	struct story st;
	size_t n = 0;

	story(&st, ONE, waits[_i].lines);
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == F_SHORT_TIMEOUT ||
		    st.j.findings[i].flag == F_LONG_TIMEOUT) {
			said = st.j.findings[i].text;
			n++;
		}
	if (story_has_flag(&st, F_SHORT_TIMEOUT) != waits[_i].is_short ||
	    story_has_flag(&st, F_LONG_TIMEOUT) != waits[_i].is_long ||
	    n > 1 || (waits[_i].says != NULL &&
	    strstr(said, waits[_i].says) == NULL))
		ck_abort_msg("%d: %s\n%s", _i, said, waits[_i].lines);
	story_close(&st);
}
END_TEST

/* --- profiles --- */

static const struct { const char *text; int64_t seconds; } durations[] = {
	{ "0", 0 }, { "1", 1 }, { "90", 90 }, { "1s", 1 }, { "2m", 120 },
	{ "3h", 10800 }, { "5d", 432000 }, { "1w", 604800 },
	{ "1h2m3s", 3723 }, { "10m5", 605 }, { "15250284w", 9223371763200 },
	{ "15250284w1w", -1 }, { "99999999999999999999s", -1 },
	{ "15250284s", 15250284 }, { "15250285s", -1 },
	{ "", -1 }, { "s", -1 }, { "5x", -1 },
	{ "-1s", -1 }, { "1h ", -1 }, { "1hm", -1 }, { " 1s", -1 },
};

START_TEST(durations_are_read)
{
	int64_t us = -7;
	bool good = duration_parse(durations[_i].text, &us);

	ck_assert_int_eq(good, durations[_i].seconds >= 0);
	ck_assert_int_eq(us, good ? durations[_i].seconds * 1000000 : -7);
}
END_TEST

START_TEST(a_profile_is_set_key_by_key)
{
	static const struct { const char *key, *value; int rc; } sets[] = {
		{ "first-retry", "7m", 1 }, { "first-retry", "soon", -1 },
		{ "name", "Exim", 1 }, { "name", "", -1 },
		{ "version", "4.96", 1 }, { "greet5", "perm", 1 },
		{ "greet5", "never", -1 }, { "clock", "real", 1 },
		{ "clock", "no", -1 }, { "scaled", "yes", 1 },
		{ "scaled", "maybe", -1 }, { "queue-listing", "proven", 1 },
		{ "queue-listing", "x", -1 }, { "address-limit", "10000", 1 },
		{ "address-limit", "10001", -1 },
		{ "address-limit", "-1", -1 }, { "address-limit", "5x", -1 },
		{ "address-limit", "", -1 }, { "no-such-key", "1", 0 },
	};
	const char *error;
	struct profile p;
	char longest[80];

	profile_init(&p);
	ck_assert(p.clocked && !p.scaled && !p.queue_proven);
	for (int i = 0; i < ALL(sets); i++) {
		error = NULL;
		ck_assert_int_eq(profile_set(&p, sets[i].key, sets[i].value,
		    &error), sets[i].rc);
		ck_assert_int_eq(error != NULL, sets[i].rc < 0);
	}
	ck_assert_int_eq(p.first_retry_us, story_time("7m"));
	ck_assert_str_eq(p.name, "Exim");
	ck_assert_str_eq(p.version, "4.96");
	ck_assert_int_eq(p.greet5, GREET5_PERM);
	ck_assert(!p.clocked && p.scaled && p.queue_proven);
	ck_assert_int_eq(p.address_limit, 10000);
	profile_set(&p, "greet5", "skip", &error);
	ck_assert_int_eq(p.greet5, GREET5_SKIP);
	profile_set(&p, "greet5", "either", &error);
	ck_assert_int_eq(p.greet5, GREET5_EITHER);
	profile_set(&p, "clock", "virtual", &error);
	profile_set(&p, "scaled", "no", &error);
	profile_set(&p, "queue-listing", "unproven", &error);
	ck_assert(p.clocked && !p.scaled && !p.queue_proven);
	memset(longest, 'x', sizeof longest);
	longest[63] = '\0';
	ck_assert_int_eq(profile_set(&p, "name", longest, &error), 1);
	ck_assert_str_eq(p.name, longest);
	longest[63] = 'x';
	longest[64] = '\0';
	ck_assert_int_eq(profile_set(&p, "name", longest, &error), -1);
}
END_TEST

START_TEST(lines_of_a_profile_are_read)
{
	char lines[] = "life=2d\nwithout a sign\nname=mine\nlife-null=3d";
	struct profile p;

	profile_init(&p);
	profile_read_lines(&p, NULL);
	profile_read_lines(&p, lines);
	ck_assert_int_eq(p.life_us, story_time("2d"));
	ck_assert_int_eq(p.life_null_us, story_time("3d"));
	ck_assert_str_eq(p.name, "mine");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("waits");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_stage_has_its_own_patience, 0,
	    ALL(stages));
	tcase_add_test(tc, whoever_is_sent_away_may_go);
	tcase_add_test(tc, a_profile_may_choose_to_wait_less);
	tcase_add_loop_test(tc, impatience_shows_where_the_client_hangs_up, 0,
	    ALL(waits));
	tcase_add_loop_test(tc, durations_are_read, 0, ALL(durations));
	tcase_add_test(tc, a_profile_is_set_key_by_key);
	tcase_add_test(tc, lines_of_a_profile_are_read);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

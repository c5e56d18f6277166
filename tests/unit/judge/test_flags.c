/* Which findings a told run raises, and what they are worth. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define STORM IN "1s syn mx1.r.test 198.18.1.1 refuse\n"		\
	"1s syn mx2.r.test 198.18.1.2 refuse\n"				\
	"11s syn mx1.r.test 198.18.1.1 refuse\n"			\
	"11s syn mx2.r.test 198.18.1.2 refuse\n"			\
	"21s syn mx1.r.test 198.18.1.1 refuse\n"			\
	"21s syn mx2.r.test 198.18.1.2 refuse\n"

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	bool raised;
	enum result result;		/* RESULT_COUNT: not looked at */
} flagged[] = {
	{ ONE "untouched: [mx2.r.test]\n", IN DELIVER
	    "3s syn mx2.r.test 198.18.1.2 refuse\n", F_TRAP_CONTACT, true,
	    RESULT_FAIL },
	{ ONE "untouched: [mx2.r.test]\n", IN DELIVER, F_TRAP_CONTACT, false,
	    RESULT_OK },
	{ ONE "untouched: [mx2.r.test]\n",
	    "-3s syn mx2.r.test 198.18.1.2 refuse\n" IN DELIVER,
	    F_TRAP_CONTACT, false, RESULT_OK },
	{ ONE "untouched: [mx2.r.test]\nallow: [trap-contact]\n", IN DELIVER
	    "3s syn mx2.r.test 198.18.1.2 refuse\n", F_TRAP_CONTACT, true,
	    RESULT_INFO },
	/* order of a cycle */
	{ ONE, IN "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, true, RESULT_FAIL },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, false, RESULT_OK },
	{ ONE, IN "1s dns mx1.r.test A SERVFAIL servfail\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, false, RESULT_OK },
	{ ONE, IN "1s noroute 198.18.1.1:25 25\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, false, RESULT_OK },
	{ ONE, IN "1s noroute 198.18.1.1:587 587\n"
	    "2s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, true, RESULT_FAIL },
	{ ONE "order: [mx1.r.test, mx2.r.test]\n", IN
	    "1s syn mx2.r.test 198.18.1.2 refuse\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    F_ORDER_VIOLATION, true, RESULT_FAIL },
	/* the second cycle must begin at the best again */
	{ ONE, IN REFUSED_BOTH
	    "5m deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    F_ORDER_VIOLATION, true, RESULT_FAIL },
	/* coverage */
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n"
	    "30m syn mx1.r.test 198.18.1.1 refuse\n31m queue m1 yes\n",
	    F_NOT_ALL_TRIED, true, RESULT_WARN },
	{ ONE, IN REFUSED_BOTH "30m queue m1 yes\n", F_NOT_ALL_TRIED, false,
	    RESULT_OK },
	{ ONE, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 450 later\n30m queue m1 yes\n",
	    F_NOT_ALL_TRIED, false, RESULT_OK },
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n3s mta restart\n"
	    "30m queue m1 yes\n", F_NOT_ALL_TRIED, false, RESULT_OK },
	/* its own death is no excuse */
	{ ONE, IN "1s syn mx1.r.test 198.18.1.1 refuse\n3s died smtp 6\n"
	    "30m queue m1 yes\n", F_NOT_ALL_TRIED, true, RESULT_FAIL },
	/* rate */
	{ ONE, STORM "31s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    F_RETRY_STORM, true, RESULT_FAIL },
	{ ONE, STORM "40m deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    F_RETRY_STORM, false, RESULT_OK },
	{ ONE, STORM "25s mta kick\n"
	    "31s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    F_RETRY_STORM, false, RESULT_OK },
	/* timeouts */
	{ ONE, IN "1s accept 1 mx1.r.test 198.18.1.1\n1s silent 1 greeting\n"
	    "31s close 1 client fin\n31s syn mx2.r.test 198.18.1.2 refuse\n"
	    "60s queue m1 yes\n", F_SHORT_TIMEOUT, true, RESULT_WARN },
	{ ONE, IN "1s accept 1 mx1.r.test 198.18.1.1\n1s silent 1 greeting\n"
	    "301s close 1 client fin\n302s syn mx2.r.test 198.18.1.2 refuse\n"
	    "360s queue m1 yes\n", F_SHORT_TIMEOUT, false, RESULT_OK },
	{ ONE, IN "1s accept 1 mx1.r.test 198.18.1.1\n1s silent 1 greeting\n"
	    "31s close 1 server fin\n31s syn mx2.r.test 198.18.1.2 refuse\n"
	    "60s queue m1 yes\n", F_SHORT_TIMEOUT, false, RESULT_OK },
	{ ONE, IN "1s accept 1 mx1.r.test 198.18.1.1\n1s silent 1 greeting\n"
	    "901s close 1 client fin\n902s syn mx2.r.test 198.18.1.2 refuse\n"
	    "960s queue m1 yes\n", F_LONG_TIMEOUT, true, RESULT_WARN },
	/* the rest */
	{ ONE, IN DELIVER "2s violation 1 R-5321-2.3.8-a\n",
	    F_PROTOCOL_VIOLATION, true, RESULT_WARN },
	/* ... of what the scenario is about */
	{ ONE, IN DELIVER "2s violation 1 R-DF-CON-a\n",
	    F_PROTOCOL_VIOLATION, true, RESULT_FAIL },
	{ ONE, IN DELIVER "3s mta exit\n", F_CRASHED, true, RESULT_FAIL },
	{ ONE, IN DELIVER "3s died smtp 11\n", F_CRASHED, true, RESULT_FAIL },
	{ ONE, IN DELIVER "3s mta stop\n", F_CRASHED, false, RESULT_OK },
	{ ONE, IN DELIVER "3s stray q@trap.test\n", F_STRAY_MAIL, true,
	    RESULT_FAIL },
	{ ONE "queries-max: 2\n", IN "1s query r.test MX\n1s query r.test A\n"
	    "1s query r.test AAAA\n" DELIVER, F_TOO_MANY_QUERIES, true,
	    RESULT_FAIL },
	{ ONE "queries-max: 2\n", "-1s query good.test MX\n" IN
	    "1s query r.test MX\n1s query r.test A\n" DELIVER,
	    F_TOO_MANY_QUERIES, false, RESULT_OK },
	{ ONE "contacts-max: 1\n", IN "1s syn mx1.r.test 198.18.1.1 refuse\n"
	    DELIVER, F_TOO_MANY_CONTACTS, true, RESULT_FAIL },
	{ ONE "expect: {outcome: bounced, tolerate: delivered-at-once}\n",
	    IN DELIVER, F_DIVERGENT, true, RESULT_INFO },
	{ ZONE "messages:\n  - {name: m1, to: u@r.test}\n"
	    "  - {name: m2, to: v@q.test}\n",
	    IN "0s legit q.test mx1.q.test 198.18.2.1 10\n0s inject m2 250\n"
	    REFUSED_BOTH "20m syn mx1.r.test 198.18.1.1 refuse\n"
	    "20m syn mx2.r.test 198.18.1.2 refuse\n"
	    "20m deliver 1 m2 v@q.test mx1.q.test 198.18.2.1\n"
	    "21m queue m1 yes\n", F_HOL_BLOCKED, true, RESULT_FAIL },
	{ ZONE "messages:\n  - {name: m1, to: u@r.test}\n"
	    "  - {name: m2, to: v@q.test}\n",
	    IN "0s legit q.test mx1.q.test 198.18.2.1 10\n0s inject m2 250\n"
	    REFUSED_BOTH "2s deliver 1 m2 v@q.test mx1.q.test 198.18.2.1\n"
	    "20m syn mx1.r.test 198.18.1.1 refuse\n"
	    "20m syn mx2.r.test 198.18.1.2 refuse\n21m queue m1 yes\n",
	    F_HOL_BLOCKED, false, RESULT_OK },
	{ ZONE "messages:\n  - {name: m1, to: u@r.test}\n"
	    "  - {name: m2, to: v@q.test}\n",
	    IN "0s legit q.test mx1.q.test 198.18.2.1 10\n0s inject m2 250\n"
	    DELIVER "20m deliver 2 m2 v@q.test mx1.q.test 198.18.2.1\n"
	    "21m queue m1 no\n", F_HOL_BLOCKED, false, RESULT_OK },
};

START_TEST(a_flag_is_raised_when_and_only_when)
{
	struct story st;

	story(&st, flagged[_i].yaml, flagged[_i].lines);
	if (story_has_flag(&st, flagged[_i].flag) != flagged[_i].raised ||
	    st.j.result != flagged[_i].result)
		ck_abort_msg("%d: %s %s, %s: %s\n%s", _i,
		    flag_word(flagged[_i].flag), flagged[_i].raised ?
		    "wanted" : "unwanted", result_word(st.j.result),
		    st.j.sentence, flagged[_i].lines);
	story_close(&st);
}
END_TEST

START_TEST(twenty_messages_to_one_of_two_equals_are_no_chance)
{
	char lines[4096];
	struct story st;
	int n = 0;

	/* All to one; one to the other; all to one, but in one session. */
	for (int how = 0; how < 3; how++) {
		n = snprintf(lines, sizeof lines, LEGIT);
		for (int i = 1; i <= 20; i++)
			n += snprintf(lines + n, sizeof lines - (size_t)n,
			    "0s inject m.%d 250\n%ds deliver %d m.%d u@r.test "
			    "mx%d.r.test 198.18.1.1\n", i, i,
			    how == 2 ? 1 : i, i, how == 1 && i == 7 ? 2 : 1);
		story(&st, ZONE "messages: [{name: m, to: u@r.test, times: 20}]"
		    "\nspread: [mx1.r.test, mx2.r.test]\n", lines);
		ck_assert_int_eq(story_has_flag(&st, F_NOT_RANDOMISED),
		    how == 0);
		story_close(&st);
	}
}
END_TEST

#define APART ZONE "messages:\n  - {name: m1, to: u@r.test}\n"			\
	"  - {name: m2, to: v@q.test}\n"
#define APART_IN IN "0s legit q.test mx1.q.test 198.18.2.1 10\n"		\
	"0s inject m2 250\n" REFUSED_BOTH
#define REFUSED_AT(t) t " syn mx1.r.test 198.18.1.1 refuse\n" t			\
	" syn mx2.r.test 198.18.1.2 refuse\n"
#define HEALTHY(t) t " deliver 1 m2 v@q.test mx1.q.test 198.18.2.1\n"
#define HELD "1h queue m1 yes\n"
#define CONTACTS "1s syn mx1.r.test 198.18.1.1 refuse\n"

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	const char *says;		/* NULL: no such finding */
} bounds[] = {
	/* a healthy domain waits for a dead one's: DSN_MAX and a tenth */
	{ APART, APART_IN REFUSED_AT("5m") HEALTHY("396s") HELD,
	    F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m") HEALTHY("397s") HELD,
	    F_HOL_BLOCKED, "m2 for the healthy mx1.q.test waited 6m37s for "
	    "dead destinations of other mail" },
	{ APART, APART_IN HEALTHY("397s") HELD, F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m") "6m mta stop\n" HEALTHY("397s")
	    HELD, F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m") "6m network down 10:7\n"
	    HEALTHY("397s") HELD, F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m") HEALTHY("397s") "398s mta stop\n"
	    HELD, F_HOL_BLOCKED, "m2" },
	{ APART, APART_IN REFUSED_AT("5m")
	    "6m dns q.test MX SERVFAIL servfail\n" HEALTHY("397s") HELD,
	    F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m")
	    "6m dns mx1.q.test A SERVFAIL servfail\n" HEALTHY("397s") HELD,
	    F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m")
	    "6m dns r.test MX SERVFAIL servfail\n" HEALTHY("397s") HELD,
	    F_HOL_BLOCKED, "m2" },
	{ APART, APART_IN REFUSED_AT("5m")
	    "6m dns q.test MX NOERROR truth MX 10 mx1.q.test\n"
	    HEALTHY("397s") HELD, F_HOL_BLOCKED, "m2" },
	{ APART, APART_IN REFUSED_AT("5m") HEALTHY("397s")
	    "398s dns q.test MX SERVFAIL servfail\n" HELD, F_HOL_BLOCKED,
	    "m2" },
	{ APART, APART_IN "2s syn mx1.q.test 198.18.2.1 refuse\n"
	    REFUSED_AT("5m") HEALTHY("397s") HELD, F_HOL_BLOCKED, NULL },
	{ APART, APART_IN REFUSED_AT("5m") HEALTHY("397s")
	    "9m deliver 2 m2 v@q.test mx1.q.test 198.18.2.1\n" HELD,
	    F_HOL_BLOCKED, NULL },
	/* as many as are allowed, and one more */
	{ ONE "queries-max: 2\n", IN "1s query r.test MX\n"
	    "1s query r.test A\n" DELIVER, F_TOO_MANY_QUERIES, NULL },
	{ ONE "queries-max: 1\n", IN "1s query r.test MX\n"
	    "1s query r.test A\n" DELIVER, F_TOO_MANY_QUERIES,
	    "2 DNS queries for 1 messages, more than 1 each" },
	{ APART "queries-max: 1\n", APART_IN "1s query r.test MX\n"
	    "1s query q.test MX\n", F_TOO_MANY_QUERIES, NULL },
	{ ZONE "messages: [{name: m, to: u@r.test, times: 2}]\n"
	    "queries-max: 1\n", LEGIT "1s query r.test MX\n"
	    "1s query r.test A\n", F_TOO_MANY_QUERIES, NULL },
	{ ONE, IN "1s query r.test MX\n", F_TOO_MANY_QUERIES, NULL },
	{ ONE "contacts-max: 2\n", IN CONTACTS CONTACTS, F_TOO_MANY_CONTACTS,
	    NULL },
	{ ONE "contacts-max: 2\n", IN CONTACTS CONTACTS CONTACTS,
	    F_TOO_MANY_CONTACTS, "3 connections, more than 2" },
	{ ONE, IN CONTACTS, F_TOO_MANY_CONTACTS, NULL },
	/* order: of those that were contacted at all */
	{ ONE "order: [mx2.r.test, mx1.r.test]\n", IN CONTACTS,
	    F_ORDER_VIOLATION, NULL },
	{ ONE "order: [mx1.r.test, mx2.r.test]\n", IN REFUSED_BOTH,
	    F_ORDER_VIOLATION, NULL },
	{ ONE "order: [mx2.r.test, mx1.r.test]\n", IN REFUSED_BOTH,
	    F_ORDER_VIOLATION, "mx1.r.test was tried before mx2.r.test" },
	{ ONE "order: [mx2.r.test, mx1.r.test]\n", "-9s syn mx2.r.test "
	    "198.18.1.2 refuse\n" IN REFUSED_BOTH, F_ORDER_VIOLATION,
	    "mx1.r.test was tried before mx2.r.test" },
	/* what they say */
	{ ONE "untouched: [mx2.r.test]\n", IN "2s open 1 mx2.r.test "
	    "198.18.1.2\n", F_TRAP_CONTACT, "mx2.r.test was contacted at "
	    "2.0s, which must be left alone" },
	{ ONE "untouched: [mx2.r.test]\n", IN CONTACTS,
	    F_TRAP_CONTACT, NULL },
	{ ONE "untouched: [mx2.r.test]\n", IN "2s query mx2.r.test A\n",
	    F_TRAP_CONTACT, NULL },
	{ ONE, IN "3s died smtp 11\n", F_CRASHED, "smtp, a process of the "
	    "MTA, died of signal 11 after 3.0s" },
	{ ONE, IN "3s mta exit\n", F_CRASHED, "the MTA ended by itself after "
	    "3.0s, with status 1" },
	{ ONE, "-3s mta exit\n" IN, F_CRASHED, NULL },
	{ ONE, IN DELIVER "3s stray q@trap.test\n", F_STRAY_MAIL, "mail that "
	    "nobody sent arrived at trap.test for q@trap.test after 3.0s" },
	{ ONE, IN DELIVER "3s violation 1 R-5321-2.3.8-a\n",
	    F_PROTOCOL_VIOLATION, "the client broke the protocol at "
	    "mx1.r.test after 3.0s: bare LF" },
	{ ONE, IN DELIVER "-3s violation 1 R-5321-2.3.8-a\n",
	    F_PROTOCOL_VIOLATION, NULL },
};

START_TEST(a_flag_says_what_was_too_much)
{
	const char *text = NULL;
	struct story st;

	story(&st, bounds[_i].yaml, bounds[_i].lines);
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == bounds[_i].flag)
			text = st.j.findings[i].text;
	if ((text == NULL) != (bounds[_i].says == NULL) || (text != NULL &&
	    strstr(text, bounds[_i].says) == NULL))
		ck_abort_msg("%d: %s\n%s", _i, text, bounds[_i].lines);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("flags");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_flag_is_raised_when_and_only_when, 0,
	    ALL(flagged));
	tcase_add_loop_test(tc, a_flag_says_what_was_too_much, 0,
	    ALL(bounds));
	tcase_add_test(tc, twenty_messages_to_one_of_two_equals_are_no_chance);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

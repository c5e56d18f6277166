/* What an expectation asks for beside an outcome, and what is said of it. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define WANT(more) ONE "repair: 2h\nexpect: {outcome: [bounced, delivered], " \
	more "}\n"
#define REPORT(fields) WANT("report: {" fields "}")
#define DSN IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test "	\
	"envid=Q1 orcpt=u@r.test remote=mx1.r.test "			\
	"reporter=mta.sut.test text=550-no\n"
#define DELAYED "2h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
#define RELAYED "2h dsn m1 u@r.test relayed 2.0.0 to=a@s.test\n"
#define LATER IN REFUSED_BOTH "1h deliver 1 m1 u@r.test mx1.r.test "	\
	"198.18.1.1\n"

static const struct {
	const char *yaml, *lines;
	const char *says;		/* NULL: all is as asked for */
} asked[] = {
	{ REPORT("from: ''"), DSN, NULL },
	{ REPORT("from: root@sut.test"), DSN,
	    "the report's from is \"\", not \"root@sut.test\"" },
	{ REPORT("to: a@s.test"), DSN, NULL },
	{ REPORT("to: b@s.test"), DSN, "the report's to is \"a@s.test\", not "
	    "\"b@s.test\"" },
	{ REPORT("reporting-mta: 'MTA.*'"), DSN, NULL },
	{ REPORT("reporting-mta: x.test"), DSN, "reporting-mta" },
	{ REPORT("envid: Q1"), DSN, NULL },
	{ REPORT("envid: Q2"), DSN, "envid" },
	{ REPORT("original-recipient: u@r.test"), DSN, NULL },
	{ REPORT("original-recipient: x@r.test"), DSN, "original-recipient" },
	{ REPORT("final-recipient: u@r.test"), DSN, NULL },
	{ REPORT("final-recipient: x@r.test"), DSN, "final-recipient" },
	{ REPORT("status: 5.1.*"), DSN, NULL },
	{ REPORT("status: 5.2.*"), DSN, "status" },
	{ REPORT("remote-mta: mx1.r.test"), DSN, NULL },
	{ REPORT("remote-mta: mx2.r.test"), DSN, "remote-mta" },
	{ REPORT("diagnostic-code: '550*'"), DSN, NULL },
	{ REPORT("diagnostic-code: '551*'"), DSN, "diagnostic-code" },
	{ REPORT("envid: Q1"), BOUNCE,
	    "the report's envid is not there, not \"Q1\"" },
	{ REPORT("action: delayed"), DSN, "no report says delayed" },
	{ REPORT("action: delayed"), LATER DELAYED, NULL },
	{ REPORT("action: delayed, status: 4.4.*"), LATER DELAYED, NULL },
	{ REPORT("action: delayed, status: 4.2.*"), LATER DELAYED, "status" },
	/* one of several is enough, and of its own action */
	{ REPORT("action: delayed, status: 4.4.1"), LATER
	    "1h dsn m1 u@r.test delayed 4.2.1 to=a@s.test\n" DELAYED, NULL },
	{ REPORT("action: delayed, status: 4.4.1"), LATER DELAYED
	    "9h dsn m1 u@r.test delayed 4.2.1 to=a@s.test\n", NULL },
	{ REPORT("action: relayed, status: 4.4.1"), LATER DELAYED,
	    "no report says relayed" },
	/* how many of them */
	{ WANT("delays-min: 1"), LATER DELAYED, NULL },
	{ WANT("delays-min: 2"), LATER DELAYED,
	    "1 reports \"delayed\", fewer than 2" },
	{ WANT("delays-max: 1"), LATER DELAYED, NULL },
	{ WANT("delays-max: 0"), LATER DELAYED,
	    "1 reports \"delayed\", more than 0" },
	{ WANT("delays-max: 0"), LATER RELAYED, NULL },
	{ WANT("relayed-min: 1"), LATER RELAYED, NULL },
	{ WANT("relayed-min: 1"), LATER DELAYED,
	    "0 reports \"relayed\", fewer than 1" },
	{ WANT("relayed-max: 0"), LATER RELAYED,
	    "1 reports \"relayed\", more than 0" },
	/* times, counts, places */
	{ WANT("status: 5.1.*"), BOUNCE, NULL },
	{ WANT("status: 5.2.*"), BOUNCE, "the report's status is not 5.2.*" },
	{ WANT("via: mx1.r.test"), LATER, NULL },
	{ WANT("via: mx2.r.test"), LATER, "not delivered at mx2.r.test" },
	{ WANT("via: mx2.r.test"), BOUNCE, NULL },
	{ WANT("within: 1h"), LATER, NULL },
	{ WANT("within: 59m"), LATER, "not within 59m00s" },
	{ WANT("within: 3s"), BOUNCE, NULL },
	{ WANT("within: 2s"), BOUNCE, "not within 2.0s" },
	{ WANT("not-before: 1h"), LATER, NULL },
	{ WANT("not-before: 61m"), LATER, "before 1h01m" },
	{ WANT("attempts-min: 2"), LATER, NULL },
	{ WANT("attempts-min: 3"), LATER, "2 cycles, fewer than 3" },
	{ WANT("attempts-max: 2"), LATER, NULL },
	{ WANT("attempts-max: 1"), LATER, "2 cycles, more than 1" },
	{ WANT("copies-max: 1"), LATER, NULL },
};

START_TEST(what_is_asked_for_is_looked_at)
{
	const char *says = asked[_i].says;
	struct story st;

	story(&st, asked[_i].yaml, asked[_i].lines);
	if ((st.j.result == RESULT_FAIL) != (says != NULL) || (says != NULL &&
	    strstr(st.j.sentence, says) == NULL))
		ck_abort_msg("%d: %s: %s", _i, result_word(st.j.result),
		    st.j.sentence);
	story_close(&st);
}
END_TEST

/* The most particular line decides; of equals the last. */
static const struct { const char *expect; enum result result; } lines[] = {
	{ "[{outcome: bounced}, {message: m1, outcome: delivered}]",
	    RESULT_OK },
	{ "[{message: m1, outcome: delivered}, {outcome: bounced}]",
	    RESULT_OK },
	{ "[{message: m1, outcome: delivered}, {recipient: u@r.test, "
	    "outcome: bounced}]", RESULT_FAIL },
	{ "[{recipient: u@r.test, outcome: delivered}, {message: m1, "
	    "outcome: bounced}]", RESULT_OK },
	{ "[{message: m1, recipient: u@r.test, outcome: delivered}, "
	    "{recipient: u@r.test, outcome: bounced}]", RESULT_OK },
	{ "[{recipient: u@r.test, outcome: bounced}, {message: m1, "
	    "recipient: u@r.test, outcome: delivered}]", RESULT_OK },
};

START_TEST(the_most_particular_line_decides)
{
	char yaml[2048];
	struct story st;

	snprintf(yaml, sizeof yaml, ONE "expect: %s\n", lines[_i].expect);
	story(&st, yaml, IN DELIVER);
	ck_assert_int_eq(st.j.result, lines[_i].result);
	story_close(&st);
}
END_TEST

START_TEST(a_result_is_found_by_its_word)
{
	enum result found = RESULT_COUNT;

	for (int r = 0; r < RESULT_COUNT; r++) {
		ck_assert(result_find(result_word((enum result)r), &found));
		ck_assert_int_eq(found, r);
	}
	ck_assert(!result_find("so-so", &found));
	ck_assert(!result_find("", &found));
	ck_assert(!result_find(NULL, &found));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("asked");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_is_asked_for_is_looked_at, 0,
	    ALL(asked));
	tcase_add_loop_test(tc, the_most_particular_line_decides, 0,
	    ALL(lines));
	tcase_add_test(tc, a_result_is_found_by_its_word);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/* Which requirement a verdict breaks (21.7): its own, or the scenario's. */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define COVERS(ids, message) "title: t\ncovers: [" ids "]\nzone: |\n"		\
	"  r.test.  MX 10 mx1.r.test.\n  r.test.  MX 20 mx2.r.test.\n"	\
	"  mx1.r.test.  A 198.18.1.1\n  mx2.r.test.  A 198.18.1.2\n"	\
	"mta-families: [ipv4]\n"						\
	"messages: [{name: m1, from: " message ", to: u@r.test}]\n"		\
	"repair: 2h\nexpect: {outcome: not-accepted}\n"
#define CON	"R-DF-CON-a"
#define ABOUT(ids) COVERS(ids, "a@s.test")
#define BOTH_OF(own) ABOUT(CON ", " own)
#define TRAP "2s deliver 1 m1 u@r.test trap.test 198.18.9.9\n"
#define COMPLETED(domain) "2s open 1 trap.test 198.18.9.9\n"			\
	"2s copy 1 m1 u@" domain " 250\n"
#define QUEUED "30m queue m1 yes\n"
#define DSN(more) IN RCPT550 "3s dsn m1 u@r.test failed " more "\n"
#define MORE "3s dsn m1 u@r.test failed 5.1.1\n"
#define NO_ANSWER(rcode) "1s dns r.test MX " rcode " refused\n" MORE
#define LOST IN REFUSED_BOTH "6s queue m1 no\n400s queue m1 no\n"
#define NOT_THERE "1s dns mx1.r.test A NXDOMAIN truth\n"			\
	"1s dns mx2.r.test A NXDOMAIN truth\n"

/* Two recipients, the first of which is taken. */
#define FEW ZONE							\
	"messages: [{name: m1, from: a@s.test, to: [u@r.test, v@r.test]}]\n"
#define MANY IN "1s open 1 mx1.r.test 198.18.1.1\n"			\
	"1s rcpt 1 m1 u@r.test 250 ok\n1s also 1 m1 v@r.test "
#define V_TOO "1s copy 1 m1 u@r.test 250\n2s dsn m1 v@r.test failed 5.5.3\n"

static const struct {
	const char *yaml, *lines, *clause;
} broken[] = {
	{ ABOUT(CON), IN TRAP, "R-5321-5.1-a" },
	{ ABOUT("R-5321-5.1-g"), IN TRAP, "R-5321-5.1-g" },
	{ BOTH_OF("R-5321-5.1-g"), IN TRAP, "R-5321-5.1-g" },
	{ ABOUT("R-5321-5.2-a"), IN TRAP, "R-5321-5.1-a" },
	{ ABOUT(CON), IN COMPLETED("r.test.x.test"), "R-5321-2.3.5-a" },
	{ ABOUT("R-5321-5.1-g"), IN COMPLETED("R.TEST.x.test"),
	    "R-5321-2.3.5-a" },
	{ ABOUT(CON), IN COMPLETED("r.testx"), "R-5321-5.1-a" },
	{ ABOUT(CON), IN COMPLETED("r.test.x"), "R-5321-2.3.5-a" },
	{ ABOUT(CON), IN COMPLETED("r.testx.test"), "R-5321-5.1-a" },
	{ ABOUT(CON), IN COMPLETED("q.test.x.test"), "R-5321-5.1-a" },
	{ ABOUT(CON), IN COMPLETED("r.test."), "R-5321-5.1-a" },
	{ ABOUT(CON), IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 "
	    "bad\n", "R-5321-4.5.2-a" },
	{ ABOUT(CON), IN RCPT550 MORE MORE MORE MORE, "R-DF-DB-a" },
	{ COVERS(CON, "''"), DSN("5.1.1"), "R-5321-6.1-d" },
	{ COVERS(CON, "a@s.test, notify: NEVER"), DSN("5.1.1"),
	    "R-3461-5.2.6-a" },
	{ ABOUT(CON), DSN("5.1.1 to=b@s.test"), "R-5321-6.1-b" },
	{ ABOUT(CON), IN RCPT550 MORE MORE, "R-3464-3-b" },
	{ ABOUT(CON), DSN("5.1.1 defect=boundary"), "R-3464-3-a" },
	{ ABOUT(CON), DSN("5.1.1 from=root@sut.test"), "R-5321-6.1-b" },
	{ ABOUT(CON), DSN("2.1.1"), "R-3464-2.3.4-a" },
	{ ABOUT(CON), DSN("4.1.1"), "R-3464-2.3.4-a" },
	{ ABOUT(CON), DSN("5.1.1") QUEUED, "R-DF-RET-f" },
	/* REFUSED taken for an end: if the scenario is about that */
	{ BOTH_OF("R-9520-2.2-a"), IN NO_ANSWER("REFUSED"), "R-9520-2.2-a" },
	{ BOTH_OF("R-9520-2.2-a"), IN NO_ANSWER("SERVFAIL"), CON },
	{ ABOUT(CON), IN NO_ANSWER("REFUSED"), CON },
	/* 552 for too many recipients, taken for an end... */
	{ FEW, MANY "552 5.5.3 no more\n" V_TOO, "R-5321-4.5.3.1.10-b" },
	{ FEW, MANY "552 too many of them\n" V_TOO,
	    "R-5321-4.5.3.1.10-b" },
	/* ...but not if it was tried again, and something else was */
	{ FEW, MANY "552 5.5.3 no more\n"
	    "31m open 2 mx1.r.test 198.18.1.1\n"
	    "31m rcpt 2 m1 v@r.test 451 later\n"
	    "31m dsn m1 v@r.test failed 5.1.1\n", CON },
	/* a fate: what the scenario is about, if not that very one */
	{ ABOUT(CON), IN RCPT550 QUEUED, CON },
	{ BOTH_OF("R-DF-RET-f"), IN RCPT550 QUEUED, "R-DF-RET-f" },
	{ BOTH_OF("R-DF-RET-f"), IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 250\n1s reply 1 data 554\n" QUEUED,
	    "R-DF-RET-f" },
	{ BOTH_OF("R-5321-5.1-r"), IN "1s dns r.test MX NOERROR truth MX 0 "
	    "mta.sut.test\n" QUEUED, "R-5321-5.1-r" },
	{ BOTH_OF("R-5321-5.1-h"), IN MX NOT_THERE QUEUED, "R-5321-5.1-h" },
	{ BOTH_OF("R-5321-5.1-d"), IN "1s dns r.test MX NXDOMAIN truth\n"
	    QUEUED, "R-5321-5.1-d" },
	{ BOTH_OF("R-5321-4.5.4.1-h"), IN REFUSED_BOTH
	    "6d dsn m1 u@r.test failed 4.4.7\n", "R-5321-4.5.4.1-h" },
	{ BOTH_OF("R-5321-4.5.4.1-h"), IN REFUSED_BOTH MORE,
	    "R-5321-4.5.4.1-h" },
	{ BOTH_OF("R-5321-4.5.4.1-d"), IN REFUSED_BOTH "2d queue m1 yes\n",
	    "R-5321-4.5.4.1-d" },
	{ BOTH_OF("R-DF-RET-g"), IN REFUSED_BOTH
	    "9h deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    "R-DF-RET-g" },
	/* a loss is no SHOULD, whatever the scenario had in mind */
	{ ABOUT("R-5321-4.5.3.1.10-a"), LOST, "R-5321-3.6.3-b" },
	{ ABOUT("R-5321-4.5.3.1.10-a"), IN RCPT550 QUEUED,
	    "R-5321-4.5.3.1.10-a" },
	{ BOTH_OF("R-5321-6.1-a"), LOST, "R-5321-6.1-a" },
};

START_TEST(a_verdict_breaks_the_clause_that_it_breaks)
{
	struct story st;

	story(&st, broken[_i].yaml, broken[_i].lines);
	if (st.j.clause == NULL || strcmp(st.j.clause, broken[_i].clause) != 0)
		ck_abort_msg("%d: %s, not %s: %s: %s", _i, st.j.clause,
		    broken[_i].clause, result_word(st.j.result),
		    st.j.sentence);
	story_close(&st);
}
END_TEST

/* 21.4: more than 120 transactions, or more than 30 in 30 s. */
START_TEST(round_and_round_is_a_loop)
{
	static const struct { int copies, ms; bool loops; } rounds[] = {
		{ 120, 60000, false }, { 121, 60000, true },
		{ 31, 1000, true }, { 30, 900, false }, { 40, 1001, false },
	};
	char line[120];
	struct story st;

	for (int r = 0; r < ALL(rounds); r++) {
		story_open(&st, ONE);
		story_tell(&st, IN);
		for (int i = 0; i < rounds[r].copies; i++) {
			snprintf(line, sizeof line, "%.3fs deliver %d m1 "
			    "u@r.test mx1.r.test 198.18.1.1\n", 1 +
			    i * rounds[r].ms / 1000.0, 1 + i % 60);
			story_tell(&st, line);
		}
		story_judge(&st);
		ck_assert_msg((st.j.units[0].verdict == V_LOOPING) ==
		    rounds[r].loops, "%d: %s", r,
		    verdict_name(st.j.units[0].verdict));
		if (rounds[r].loops)
			ck_assert_str_eq(st.j.clause, "R-5321-6.3-a");
		story_close(&st);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("clauses");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_verdict_breaks_the_clause_that_it_breaks, 0,
	    ALL(broken));
	tcase_add_test(tc, round_and_round_is_a_loop);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

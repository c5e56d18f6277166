/*
 * Where mail for a domain may go (21.1): the zone's truth while it holds and
 * an hour after, what a `records` rule told, and never behind the MTA's own
 * place.
 */
#include "harness/judge/build.h"
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define TO(t, host, addr) t " deliver 1 m1 u@r.test " host " " addr "\n"
#define TO1(t) TO(t, "mx1.r.test", "198.18.1.1")
#define TO9(t) TO(t, "mx9.r.test", "198.18.1.9")
#define NEW9(t) t " legit r.test mx9.r.test 198.18.1.9 10\n"
#define RULE(question, answer) "1s dns " question " NOERROR records "	\
	answer "\n"
#define NO_MX "1s dns r.test MX NOERROR truth\n"
#define AT(rcpt) ZONE "messages: [{name: m1, from: a@s.test, to: '" rcpt "'}]\n"
#define LITERAL(rcpt, addr) "0s inject m1 250\n2s deliver 1 m1 " rcpt		\
	" h9.test " addr "\n"

#define TOLD_OWN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"	\
	"1s dns mx1.r.test A NOERROR records A 192.0.2.1\n"

static const struct {
	const char *yaml, *lines;
	bool allowed;
} visits[] = {
	/* by its name or by its address */
	{ ONE, IN TO1("2s"), true },
	{ ONE, IN TO("2s", "MX1.R.TEST", "198.18.7.7"), true },
	{ ONE, IN TO("2s", "other.test", "198.18.1.2"), true },
	{ ONE, IN TO("2s", "other.test", "198.18.7.7"), false },
	/* until an hour after it was replaced, and not before it came */
	{ ONE, IN NEW9("10m") TO1("4200s"), true },
	{ ONE, IN NEW9("10m") TO1("4201s"), false },
	{ ONE, IN NEW9("10m") TO9("599s"), false },
	{ ONE, IN NEW9("10m") TO9("600s"), true },
	{ ONE, IN NEW9("10m") "20m legit r.test mx8.r.test 198.18.1.8 5\n"
	    TO9("4800s"), true },
	{ ONE, IN NEW9("10m") "20m legit r.test mx8.r.test 198.18.1.8 5\n"
	    TO1("4800s"), false },
	/* the first state holds from before the run */
	{ ONE, "10s legit r.test mx1.r.test 198.18.1.1 10\n"
	    "0s inject m1 250\n" TO1("2s"), true },
	{ ONE, "0s legit r.test -\n0s inject m1 250\n" TO1("2s"), false },
	{ ONE, "0s legit r.test -\n0s inject m1 250\n"
	    "10s legit r.test mx1.r.test 198.18.1.1 10\n" TO1("2s"), false },
	{ ONE, IN "10s legit r.test -\n" TO1("2h"), false },
	/* told twice at a time, once by each address, once again */
	{ ONE, IN "0s legit r.test mx1.r.test 198.18.1.1 10\n"
	    "0s legit r.test mta.sut.test 192.0.2.1 15\n" TO1("2s"), true },
	{ ONE, IN "0s legit r.test mx1.r.test 198.18.1.1 20\n"
	    "0s legit r.test mta.sut.test 192.0.2.1 15\n" TO1("2s"), true },
	{ ONE, "0s legit r.test mx1.r.test 198.18.1.1 20\n"
	    "0s legit r.test mx1.r.test 198.18.1.2 10\n0s inject m1 250\n"
	    "0s legit r.test mta.sut.test 192.0.2.1 15\n" TO1("2s"), true },
	{ ONE, "0s legit r.test mx1.r.test 198.18.1.1 20\n"
	    "0s legit r.test mx2.r.test 198.18.1.1 10\n0s inject m1 250\n"
	    "0s legit r.test mta.sut.test 192.0.2.1 15\n" TO1("2s"), true },
	/* never at, or behind, the MTA's own place; the better of two */
	{ ONE, IN "0s legit r.test mta.sut.test 192.0.2.1 10\n" TO1("2s"),
	    false },
	{ ONE, IN "0s legit r.test mta.sut.test 198.18.7.7 10\n" TO1("2s"),
	    false },
	{ ONE, IN "0s legit r.test h.test 192.0.2.1 10\n" TO1("2s"), false },
	{ ONE, IN "0s legit r.test h.test 2001:db8:0:1::1 10\n" TO1("2s"),
	    true },
	{ BOTH, IN "0s legit r.test h.test 2001:db8:0:1::1 10\n" TO1("2s"),
	    false },
	{ ONE, IN "0s legit r.test mta.sut.test 192.0.2.1 30\n"
	    "0s legit r.test h.test 192.0.2.1 5\n" TO1("2s"), false },
	{ ONE, IN "0s legit r.test mta.sut.test 192.0.2.1 5\n"
	    "0s legit r.test h.test 192.0.2.1 30\n" TO1("2s"), false },
	{ ONE, "0s legit r.test mta.sut.test 192.0.2.1 5\n"
	    "10s legit r.test mx1.r.test 198.18.1.1 10\n0s inject m1 250\n"
	    TO1("20s"), true },
	/* its own address, by a rule, until DNS says that there is none */
	{ ONE, IN TOLD_OWN TO1("2s"), false },
	{ ONE, IN "0s ask q mx1.r.test A\n"
	    "1s answer q mx1.r.test A NOERROR records A 192.0.2.1\n"
	    TO1("2s"), true },
	{ ONE, IN TOLD_OWN "1s dns mx1.r.test A NOERROR nodata\n" TO1("2s"),
	    true },
	/* MX that a rule told, of the domain or the end of its aliases */
	{ ONE, IN RULE("r.test MX", "MX 5 mx9.r.test") TO9("2s"), true },
	{ ONE, IN RULE("x.test MX", "MX 5 mx9.r.test") TO9("2s"), false },
	{ ONE, IN "1s dns r.test A NOERROR truth CNAME e.test\n"
	    RULE("e.test MX", "MX 5 mx9.r.test") TO9("2s"), true },
	{ ONE, IN RULE("r.test TXT", "MX 5 mx9.r.test") TO9("2s"), false },
	{ ONE, IN RULE("r.test MX", "MX 5 mx8.r.test, MX 9 mx9.r.test")
	    TO9("2s"), true },
	/* an MX that is an address is a host by itself, whoever told it */
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 5 198.18.1.9.\n"
	    TO("2s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 5 198.18.1.9\n"
	    TO("2s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN "1s dns r.test MX NOERROR wrong-id MX 5 198.18.1.9.\n"
	    TO("2s", "h9.test", "198.18.1.9"), false },
	/* addresses that a rule told: of its hosts, or its own without MX */
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.7.7, A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("x.test A", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN RULE("mx1.r.test AAAA", "AAAA 2001:db8::9")
	    TO("2s", "h9.test", "2001:db8::9"), true },
	{ ONE, IN RULE("mx1.r.test TXT", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN NO_MX RULE("r.test A", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("r.test A", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN "1s dns r.test MX SERVFAIL servfail\n"
	    RULE("r.test A", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN NO_MX RULE("x.test A", "A 198.18.1.9")
	    TO("2s", "h9.test", "198.18.1.9"), false },
	/* ... until another answer takes them back, and an hour more */
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    TO("3h", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    TO("10801s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx1.r.test A NOERROR records A 198.18.1.1, A 198.18.1.9\n"
	    TO("10801s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx1.r.test AAAA NOERROR truth AAAA 2001:db8::1\n"
	    TO("10801s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("mx1.r.test AAAA", "AAAA 2001:db8::9")
	    "2h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    TO("10801s", "h9.test", "2001:db8::9"), true },
	{ ONE, IN RULE("mx1.r.test AAAA", "AAAA 2001:db8::9")
	    "2h dns mx1.r.test AAAA NOERROR truth AAAA 2001:db8::1\n"
	    TO("10801s", "h9.test", "2001:db8::9"), false },
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx2.r.test A NOERROR truth A 198.18.1.2\n"
	    TO("10801s", "h9.test", "198.18.1.9"), true },
	{ ONE, IN RULE("mx1.r.test A", "A 198.18.1.9")
	    "2h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    "3h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    TO("10801s", "h9.test", "198.18.1.9"), false },
	{ ONE, IN "1s dns mx1.r.test A NOERROR truth A 198.18.7.7\n"
	    TO1("2h"), true },
	/* a host that a rule told, until DNS tells of others */
	{ ONE, IN RULE("r.test MX", "MX 5 mta.sut.test") TO1("30m"), false },
	{ ONE, IN RULE("r.test MX", "MX 5 mta.sut.test")
	    "30m dns r.test MX NOERROR truth MX 10 mx1.r.test\n" TO1("30m"),
	    true },
	/* an address literal is its own host, and nobody else's */
	{ AT("u@[198.18.1.9]"), LITERAL("u@[198.18.1.9]", "198.18.1.9"),
	    true },
	{ AT("u@[198.18.1.9]"), LITERAL("u@[198.18.1.9]", "198.18.1.8"),
	    false },
	{ AT("u@[IPv6:2001:db8::9]"), LITERAL("u@[IPv6:2001:db8::9]",
	    "2001:db8::9"), true },
	{ AT("u@[IPv6:2001:db8::9]"), LITERAL("u@[IPv6:2001:db8::9]",
	    "2001:db8::8"), false },
};

START_TEST(mail_goes_where_it_may)
{
	struct story st;

	story(&st, visits[_i].yaml, visits[_i].lines);
	if ((st.j.units[0].verdict != V_MISROUTED) != visits[_i].allowed)
		ck_abort_msg("%d: %s: %s\n%s", _i,
		    verdict_name(st.j.units[0].verdict), st.j.units[0].why,
		    visits[_i].lines);
	story_close(&st);
}
END_TEST

/* One more reply with the same is no more than was told already. */
START_TEST(what_is_told_again_is_not_told_twice)
{
	struct ledger l;
	struct story st;

	story_open(&st, ONE);
	story_tell(&st, IN);
	for (int i = 0; i < 40; i++)
		story_tell(&st, RULE("r.test MX", "MX 5 mx9.r.test")
		    RULE("mx9.r.test A", "A 198.18.1.9"));
	build(&l, st.sc->arena, st.sc, &st.trace, &st.profile);
	/* Two of the zone, the new host, and that with its address. */
	ck_assert_uint_eq(ledger_destination(&l, "r.test")->legit_count, 4);
	ledger_fini(&l);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("places");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, mail_goes_where_it_may, 0, ALL(visits));
	tcase_add_test(tc, what_is_told_again_is_not_told_twice);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

/*
 * Ways that more than one message, recipient or report shares: what is told
 * of the one must not be taken for the other's.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define GONE "8s queue m1 no\n400s queue m1 no\n"
#define BOTH_IN LEGIT "0s inject m2 250\n0s inject m1 250\n"
#define SMART "title: t\ncovers: [R-DF-CON-a]\nsmarthosts: [mx1.r.test]\n"	\
	"zone: |\n  mx1.r.test.  A 198.18.1.1\nmta-families: [ipv4]\n"	\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define SMART_IN "0s legit r.test mx1.r.test 198.18.1.1 0\n"			\
	"0s inject m1 250\n"
#define SMART_TWO "title: t\ncovers: [R-DF-CON-a]\nsmarthosts: [mx1.r.test]\n"\
	"zone: |\n  mx1.r.test.  A 198.18.1.1\nmta-families: [ipv4]\n"	\
	"messages:\n  - {name: m1, from: a@s.test, to: u@r.test}\n"		\
	"  - {name: m2, from: b@s.test, to: u@r.test}\n"
#define SMART_THREE SMART_TWO "  - {name: m3, from: c@s.test, to: u@r.test}\n"
#define SMART_BOTH "title: t\ncovers: [R-DF-CON-a]\nsmarthosts: "		\
	"[mx1.r.test, mx2.r.test]\nzone: |\n  mx1.r.test.  A 198.18.1.1\n"	\
	"  mx2.r.test.  A 198.18.1.2\nmta-families: [ipv4]\n"			\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define EHLO_NO_AT(t, n) t " open " #n " mx1.r.test 198.18.1.1\n" t		\
	" cmd " #n " ehlo EHLO m\n" t " reply " #n " ehlo 554 no\n" t		\
	" cmd " #n " quit\n" t " close " #n " client fin\n"
#define EHLO_NO(n) EHLO_NO_AT(#n "s", n)
#define AWAY(t, n) t " accept " #n " mx1.r.test 198.18.1.1\n" t		\
	" reply " #n " greeting 554 no\n"
#define SHUT(t) t " syn mx1.r.test 198.18.1.1 refuse\n"
#define LEFT "6d queue m1 no\n"
#define LEGIT_SMART "0s legit r.test mx1.r.test 198.18.1.1 0\n"
#define SMART_NO "1s open 1 mx1.r.test 198.18.1.1\n"				\
	"1s rcpt 1 m1 u@r.test 550 no\n1s cmd 1 mail MAIL FROM:<b@s.test>\n" \
	"1s rcpt 1 m2 u@r.test 550 no\n1s cmd 1 mail MAIL FROM:<>\n"
#define QUIT "2s violation 1 R-5321-4.1.1.10-b\n"
#define OPEN1 "1s open 1 mx1.r.test 198.18.1.1\n"
#define RESET(n, key, rcpt) #n "s open " #n " mx1.r.test 198.18.1.1\n"	\
	#n "s rcpt " #n " " key " " rcpt " 451 later\n"				\
	#n "s close " #n " server reset\n"

#define PAIR_GONE "title: t\ncovers: [R-DF-CON-a]\n"			\
	"zone: 'a.test. A 198.18.1.1'\nmessages:\n"					\
	"  - {name: m1, from: a@s.test, to: u@gone.test}\n"			\
	"  - {name: m2, from: b@s.test, to: u@gone.test}\n"
#define BOTH_GONE "0s inject m1 250\n0s inject m2 250\n" HOME			\
	"1s dns gone.test MX NXDOMAIN truth\n"				\
	"1s query s.test MX\n1s dns s.test MX NOERROR truth MX 10 mx.s.test\n"
#define NO_HOST(type) "1s dns mx.s.test " type " NXDOMAIN nxdomain\n"
#define HEALED "1s dns mx.s.test A NOERROR truth A 198.18.0.10\n"
#define TOLD_M2 "1s open 3 mx.s.test 198.18.0.10\n"			\
	"1s offers 3 b+m2@s.test 250\n1s dsn m2 u@gone.test failed 5.1.2\n"

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
	const char *fact;		/* in the sentence; "-": is not */
	const char *not;
} tales[] = {
	/* its own attempt at that host failed before: a later cycle */
	{ PAIR, BOTH_IN MX OPEN1 "1s rcpt 1 m2 u@r.test 450 4.2.0 busy\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n"
	    "5s deliver 2 m2 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED_LATE, NULL, NULL },
	/* the other message's did */
	{ PAIR, BOTH_IN MX OPEN1 "1s rcpt 1 m1 v@r.test 450 4.2.0 busy\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n"
	    "5s deliver 2 m2 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED, NULL, NULL },
	/* nobody knows whose did */
	{ PAIR, BOTH_IN MX "1s syn mx1.r.test 198.18.1.1 refuse\n"
	    "5s deliver 2 m2 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED, NULL, NULL },
	/* its own did, at another host */
	{ PAIR, BOTH_IN MX OPEN1 "1s rcpt 1 m2 u@r.test 450 4.2.0 busy\n"
	    "1s cmd 1 quit\n1s close 1 client fin\n"
	    "5s deliver 2 m2 u@r.test mx2.r.test 198.18.1.2\n",
	    V_DELIVERED, NULL, NULL },
	/* the signs before a warning are the warning's... */
	{ ONE, IN HOME MX REFUSED_BOTH "4h syn mx.s.test 198.18.0.10 refuse\n"
	    "5h open 5 mx.s.test 198.18.0.10\n"
	    "5h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "6h queue m1 no\n9h queue m1 no\n", V_SILENT_DROP,
	    "accepted and then lost", "then dropped" },
	/* ...those after it are not */
	{ ONE, IN HOME MX REFUSED_BOTH
	    "4h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "5h open 5 mx.s.test 198.18.0.10\n"
	    "5h offers 5 a+m1@s.test 451 later\n"
	    "6h queue m1 no\n9h queue m1 no\n", V_SILENT_DROP,
	    "then dropped", NULL },
	/* gone at once; what was tried since was of its report */
	{ SMART, SMART_IN "1s accept 1 mx1.r.test 198.18.1.1\n"
	    "1s reply 1 greeting 554 no\n"
	    "2s accept 2 mx1.r.test 198.18.1.1\n"
	    "2s reply 2 greeting 554 no\n" GONE
	    "1h syn mx1.r.test 198.18.1.1 refuse\n"
	    "1d syn mx1.r.test 198.18.1.1 refuse\n1d listed m1\n"
	    "4d23h syn mx1.r.test 198.18.1.1 refuse\n6d queue m1 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	/* refused for good, and offered again before any retry was due */
	{ SMART, SMART_IN "1s syn mx1.r.test 198.18.1.1 icmp-host\n"
	    "30m accept 1 mx1.r.test 198.18.1.1\n"
	    "30m reply 1 greeting 521 no\n"
	    "30m accept 2 mx1.r.test 198.18.1.1\n"
	    "30m reply 2 greeting 521 no\n6d queue m1 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART, SMART_IN "1s syn mx1.r.test 198.18.1.1 icmp-host\n"
	    "30m accept 1 mx1.r.test 198.18.1.1\n"
	    "30m reply 1 greeting 521 no\n6d queue m1 no\n",
	    V_SILENT_DROP, NULL, NULL },
	/* turned away at EHLO, and so its report, if it had one */
	{ SMART, SMART_IN EHLO_NO(1) EHLO_NO(60) "6d queue m1 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART, SMART_IN EHLO_NO(1) "6d queue m1 no\n", V_SILENT_DROP,
	    NULL, NULL },
	/* hours apart each has its own pair; at once one of four is missing */
	{ SMART_TWO, SMART_IN EHLO_NO(1) EHLO_NO(2) "5s queue m1 no\n"
	    "5h inject m2 250\n" EHLO_NO_AT("5h", 3) EHLO_NO_AT("5h", 4)
	    "5h queue m2 no\n6d queue m1 no\n6d queue m2 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	/* the pair of hours later is the other's, and its report's */
	{ SMART_TWO, SMART_IN EHLO_NO(1) "5s queue m1 no\n5h inject m2 250\n"
	    EHLO_NO_AT("5h", 3) EHLO_NO_AT("5h", 4)
	    "6h queue m2 no\n6d queue m1 no\n6d queue m2 no\n",
	    V_SILENT_DROP, NULL, NULL },
	/* reported and refused; half an hour later the other is, and taken */
	{ TWO, IN HOME "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550\n1s close 1 server fin\n"
	    "2s accept 2 mx.s.test 198.18.0.10\n2s reply 2 greeting 554 no\n"
	    "2s close 2 client fin\n5s queue m1 u@r.test no\n"
	    "30m open 3 mx1.r.test 198.18.1.1\n30m rcpt 3 m1 v@r.test 550\n"
	    "30m close 3 server fin\n30m open 4 mx.s.test 198.18.0.10\n"
	    "30m offers 4 a+m1@s.test 250\n"
	    "30m dsn m1 v@r.test failed 5.0.0 conn=4\n"
	    "30m copy 4 - a+m1@s.test 250\n9h queue m1 u@r.test no\n",
	    V_BOUNCED_NOWHERE, "refused for good", NULL },
	/* all mail is gone: two who come are the reports; one is either's */
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" EHLO_NO(1) EHLO_NO(2)
	    "5s queue m1 no\n5s queue m2 no\n" EHLO_NO_AT("1h", 3)
	    EHLO_NO_AT("1h", 4) "6d queue m1 no\n6d queue m2 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" EHLO_NO(1) EHLO_NO(2)
	    "5s queue m1 no\n5s queue m2 no\n" EHLO_NO_AT("1h", 3)
	    "6d queue m1 no\n6d queue m2 no\n", V_SILENT_DROP, NULL, NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" EHLO_NO(1) EHLO_NO(2)
	    EHLO_NO(3) "5s queue m1 no\n5s queue m2 no\n6d queue m1 no\n"
	    "6d queue m2 no\n", V_SILENT_DROP, NULL, NULL },
	/* the third was of one that was taken */
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" EHLO_NO(1) EHLO_NO(2)
	    "3s open 3 mx1.r.test 198.18.1.1\n3s cmd 3 ehlo EHLO m\n"
	    "3s rcpt 3 m2 u@r.test 250\n3s copy 3 m2 u@r.test 250\n"
	    "5s queue m1 no\n6d queue m1 no\n", V_BOUNCED_NOWHERE, NULL,
	    NULL },
	/* by the other's time, not by the order of the scenario */
	{ SMART_TWO, LEGIT_SMART "0s inject m2 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) "5s queue m2 no\n5h inject m1 250\n"
	    AWAY("5h", 3) AWAY("5h", 4) "18005s queue m1 no\n"
	    "6d queue m2 no\n" LEFT, V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART_TWO, LEGIT_SMART "0s inject m2 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) "5s queue m2 no\n5h inject m1 250\n"
	    AWAY("5h", 3) "18005s queue m1 no\n6d queue m2 no\n" LEFT,
	    V_SILENT_DROP, NULL, NULL },
	{ SMART_THREE, LEGIT_SMART "0s inject m3 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) "5s queue m3 no\n5h inject m1 250\n"
	    "5h inject m2 250\n" AWAY("5h", 3) AWAY("5h", 4) AWAY("5h", 5)
	    AWAY("5h", 6) "18005s queue m1 no\n18005s queue m2 no\n"
	    "6d queue m2 no\n" LEFT, V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART_THREE, SMART_IN "0s inject m3 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) AWAY("3s", 3) "5s queue m1 no\n5s queue m3 no\n"
	    "9h inject m2 250\n" AWAY("9h", 4) AWAY("9h", 5)
	    "32405s queue m2 no\n6d queue m2 no\n" LEFT, V_SILENT_DROP,
	    NULL, NULL },
	/* one that was taken only when its retry was due was there as well */
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) "270s open 3 mx1.r.test 198.18.1.1\n"
	    "270s rcpt 3 m2 u@r.test 250\n270s copy 3 m2 u@r.test 250\n"
	    "5s queue m1 no\n" LEFT, V_SILENT_DROP, NULL, NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" AWAY("1s", 1)
	    AWAY("2s", 2) "269s open 3 mx1.r.test 198.18.1.1\n"
	    "269s rcpt 3 m2 u@r.test 250\n269s copy 3 m2 u@r.test 250\n"
	    "5s queue m1 no\n" LEFT, V_BOUNCED_NOWHERE, NULL, NULL },
	/* what was not accepted needs no report; what waits needs its own */
	{ SMART_TWO, SMART_IN AWAY("30m", 1) AWAY("30m", 2) LEFT,
	    V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" AWAY("30m", 1)
	    AWAY("30m", 2) AWAY("30m", 3) "1805s queue m1 no\n"
	    "1805s queue m2 no\n6d queue m2 no\n" LEFT, V_SILENT_DROP, NULL,
	    NULL },
	/* nine tenths of a retry later it may be a retry */
	{ SMART, SMART_IN AWAY("1800s", 1) AWAY("2069.9s", 2) LEFT,
	    V_BOUNCED_NOWHERE, NULL, NULL },
	{ SMART, SMART_IN AWAY("1800s", 1) AWAY("2070s", 2) LEFT,
	    V_SILENT_DROP, NULL, NULL },
	{ SMART, SMART_IN SHUT("1800s") AWAY("1801s", 1) LEFT, V_SILENT_DROP,
	    NULL, NULL },
	{ SMART, LEGIT_SMART "30m inject m1 250\n" AWAY("30m", 1)
	    AWAY("30m", 2) LEFT, V_BOUNCED_NOWHERE, NULL, NULL },
	/* gone before any retry: what came there again was its report */
	{ SMART, SMART_IN AWAY("1s", 1) SHUT("5s") GONE, V_BOUNCED_NOWHERE,
	    "still under way", NULL },
	{ SMART, SMART_IN AWAY("1s", 1) GONE, V_INCONCLUSIVE, NULL, NULL },
	{ SMART, LEGIT_SMART "200s inject m1 250\n" AWAY("201s", 1)
	    SHUT("205s") "499.9s queue m1 no\n900s queue m1 no\n",
	    V_BOUNCED_NOWHERE, "still under way", NULL },
	{ SMART, LEGIT_SMART "200s inject m1 250\n" AWAY("201s", 1)
	    SHUT("205s") "500s queue m1 no\n900s queue m1 no\n",
	    V_INCONCLUSIVE, NULL, NULL },
	{ SMART, LEGIT_SMART AWAY("1s", 1) "2s inject m1 250\n" SHUT("5s")
	    GONE, V_BOUNCED_NOWHERE, "still under way", NULL },
	{ SMART, LEGIT_SMART AWAY("0.9s", 1) "2s inject m1 250\n" SHUT("5s")
	    GONE, V_INCONCLUSIVE, NULL, NULL },
	{ SMART_BOTH, SMART_IN "0s legit r.test mx2.r.test 198.18.1.2 0\n"
	    AWAY("1s", 1) "5s syn mx2.r.test 198.18.1.2 refuse\n" GONE,
	    V_INCONCLUSIVE, NULL, NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" AWAY("1s", 1) SHUT("5s")
	    GONE "8s queue m2 no\n400s queue m2 no\n", V_INCONCLUSIVE, NULL,
	    NULL },
	/* a smarthost that does not exist takes no report either */
	{ SMART, SMART_IN AWAY("1s", 1) "5s query mx1.r.test A\n"
	    "5s dns mx1.r.test A NXDOMAIN truth\n" GONE LEFT,
	    V_BOUNCED_NOWHERE, "DNS said NXDOMAIN to mx1.r.test A", NULL },
	{ SMART, SMART_IN AWAY("1s", 1) "5s query mx1.r.test A\n"
	    "5s dns mx1.r.test A SERVFAIL servfail\n" GONE LEFT,
	    V_SILENT_DROP, NULL, NULL },
	/* after a try that was only put off: no HELO follows either EHLO */
	{ SMART, SMART_IN "1s open 9 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 9 m1 u@r.test 450\n1s cmd 9 quit\n1s close 9 client fin\n"
	    EHLO_NO_AT("30m", 2) EHLO_NO_AT("30m", 3) "1860s queue m1 no\n"
	    "9000s queue m1 no\n", V_BOUNCED_NOWHERE, NULL, NULL },
	/* a MAIL FROM:<> in the mail's own session is its report's */
	{ SMART, SMART_IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 no\n1s cmd 1 mail MAIL FROM:<>\n"
	    "1s reply 1 mail 501 bad sender\n" GONE "9h queue m1 no\n",
	    V_BOUNCED_NOWHERE, "501 bad sender", NULL },
	{ SMART, SMART_IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 no\n1s cmd 1 mail MAIL FROM:<>\n"
	    "1s reply 1 mail 451 not now\n" GONE "9h queue m1 no\n",
	    V_SILENT_DROP, NULL, "refused for good" },
	/* ...of one of two messages, and nobody knows of which */
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" SMART_NO
	    "1s reply 1 mail 501 bad sender\n" GONE "9h queue m1 no\n"
	    "8s queue m2 no\n9h queue m2 no\n", V_INCONCLUSIVE,
	    "under way", NULL },
	{ SMART_TWO, SMART_IN "0s inject m2 250\n" SMART_NO
	    "1s reply 1 mail 501 bad sender\n1s cmd 1 mail MAIL FROM:<>\n"
	    "1s reply 1 mail 501 bad sender\n" GONE "9h queue m1 no\n"
	    "8s queue m2 no\n9h queue m2 no\n", V_BOUNCED_NOWHERE,
	    "501 bad sender", NULL },
	/* it may have been the mail, or its report: no proof of a loss */
	{ SMART, SMART_IN "5d10m syn mx1.r.test 198.18.1.1 refuse\n"
	    "7d syn mx1.r.test 198.18.1.1 refuse\n"
	    "239h syn mx1.r.test 198.18.1.1 refuse\n11d queue m1 no\n",
	    V_INCONCLUSIVE, NULL, NULL },
	/* read as gone before: it can have been nothing but a report */
	{ SMART, SMART_IN "5d10m syn mx1.r.test 198.18.1.1 refuse\n"
	    "5d1h queue m1 no\n"
	    "7d syn mx1.r.test 198.18.1.1 refuse\n"
	    "239h syn mx1.r.test 198.18.1.1 refuse\n11d queue m1 no\n",
	    V_BOUNCED_NOWHERE, NULL, NULL },
	/* P5 without the family of the own address: none of its own */
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test}]\n",
	    IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s dns mx1.r.test AAAA NOERROR records AAAA 2001:db8:0:1::1\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DELIVERED, NULL, NULL },
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test}]\n",
	    IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s dns mx1.r.test A NOERROR records A 192.0.2.1\n"
	    "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_MISROUTED, NULL, NULL },
	/* our own place, by a rule: one of two answers in use, or the one */
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test}]\n",
	    IN "5s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "
	    "mx2.r.test\n"
	    "6s dns r.test MX NOERROR records MX 5 mta.sut.test\n"
	    "6s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    V_DELIVERED, NULL, NULL },
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test}]\n",
	    IN "6s dns r.test MX NOERROR records MX 5 mta.sut.test\n"
	    "6s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n",
	    V_MISROUTED, NULL, NULL },
	/* pipelined, and read by a slow host when all was over */
	{ ONE, IN "5d open 1 mx1.r.test 198.18.1.1\n"
	    "5d mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
	    "5d dsn m1 u@r.test failed 4.4.2 to=a@s.test\n"
	    "5d1m also 1 m1 u@r.test 451 later\n", V_BOUNCED_CORRECT, NULL,
	    NULL },
	{ ONE, IN "5d dsn m1 u@r.test failed 4.4.2 to=a@s.test\n"
	    "5d1m open 1 mx1.r.test 198.18.1.1\n"
	    "5d1m mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
	    "5d1m rcpt 1 m1 u@r.test 451 later\n", V_BOUNCED_QUEUED, NULL,
	    NULL },
	/* every address that DNS told of it is the MTA's own host */
	{ NEVER, "0s legit r.test r.test 198.18.1.1 0\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR nodata\n"
	    "1s dns r.test A NOERROR records A 127.0.0.1\n" GONE,
	    V_DISCARDED_OK, NULL, NULL },
	{ NEVER, "0s legit r.test r.test 198.18.1.1 0\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR nodata\n"
	    "1s dns r.test A NOERROR records A 127.0.0.1, A 198.18.1.1\n"
	    GONE, V_SILENT_DROP, NULL, NULL },
	/* what DNS said of its sender's host before it healed for another */
	{ PAIR_GONE, BOTH_GONE NO_HOST("AAAA") NO_HOST("A") HEALED TOLD_M2
	    "8s queue m1 no\n5000s queue m1 no\n", V_BOUNCED_NOWHERE, NULL,
	    NULL },
	{ PAIR_GONE, BOTH_GONE NO_HOST("AAAA") HEALED TOLD_M2
	    "8s queue m1 no\n5000s queue m1 no\n", V_SILENT_DROP, NULL,
	    NULL },
	{ PAIR_GONE, BOTH_GONE NO_HOST("AAAA") NO_HOST("A") HEALED TOLD_M2
	    "2s open 4 mx.s.test 198.18.0.10\n2s offers 4 a+m1@s.test 450\n"
	    "8s queue m1 no\n5000s queue m1 no\n", V_SILENT_DROP, NULL,
	    NULL },
};

START_TEST(what_is_anothers_is_not_its_own)
{
	const struct unit *u;
	struct story st;

	story(&st, tales[_i].yaml, tales[_i].lines);
	u = &st.j.units[0];
	if (u->verdict != tales[_i].verdict || (tales[_i].fact != NULL &&
	    strstr(u->why, tales[_i].fact) == NULL) || (tales[_i].not !=
	    NULL && strstr(u->why, tales[_i].not) != NULL))
		ck_abort_msg("tale %d: %s, not %s: %s\n%s", _i,
		    verdict_name(u->verdict), verdict_name(tales[_i].verdict),
		    u->why, tales[_i].lines);
	story_close(&st);
}
END_TEST

static const struct {
	const char *yaml, *lines;
	enum flag flag;
	bool raised;
} flags[] = {
	/* who is told to stop leaves what it has begun */
	{ ONE, IN OPEN1 "1s mta stop\n" QUIT, F_PROTOCOL_VIOLATION, false },
	{ ONE, IN OPEN1 "1s mta restart\n" QUIT, F_PROTOCOL_VIOLATION, false },
	{ ONE, IN OPEN1 "1s mta kill\n" QUIT, F_PROTOCOL_VIOLATION, false },
	{ ONE, IN OPEN1 "1s mta kick\n" QUIT, F_PROTOCOL_VIOLATION, true },
	{ ONE, IN OPEN1 "1s mta start\n" QUIT, F_PROTOCOL_VIOLATION, true },
	{ ONE, IN OPEN1 QUIT, F_PROTOCOL_VIOLATION, true },
	/* ...but before it had begun, after its end, or in another way */
	{ ONE, IN "0.5s mta stop\n" OPEN1 QUIT, F_PROTOCOL_VIOLATION, true },
	{ ONE, IN OPEN1 QUIT "3s mta stop\n", F_PROTOCOL_VIOLATION, true },
	{ ONE, IN OPEN1 "1s mta stop\n2s violation 1 R-5321-2.3.8-a\n",
	    F_PROTOCOL_VIOLATION, true },
	/* a session whose beginning nobody saw */
	{ ONE, IN "1s mta stop\n2s violation 9 R-5321-4.1.1.10-b\n",
	    F_PROTOCOL_VIOLATION, true },
	/* a session for each recipient, all of them broken off: no storm */
	{ TWO, IN RESET(1, "m1", "u@r.test") RESET(2, "m1", "v@r.test")
	    RESET(3, "m1", "u@r.test") RESET(4, "m1", "v@r.test")
	    RESET(5, "m1", "u@r.test") RESET(6, "m1", "v@r.test")
	    RESET(7, "m1", "u@r.test") "30m queue m1 yes\n", F_RETRY_STORM,
	    true },
	{ TWO, IN RESET(1, "m1", "u@r.test") RESET(2, "m1", "v@r.test")
	    RESET(3, "m1", "u@r.test") RESET(4, "m1", "v@r.test")
	    RESET(5, "m1", "u@r.test") "30m queue m1 yes\n", F_RETRY_STORM,
	    false },
	{ TWO, IN OPEN1 "1s close 1 server reset\n"
	    "2s open 2 mx1.r.test 198.18.1.1\n2s close 2 server reset\n"
	    "3s open 3 mx1.r.test 198.18.1.1\n3s close 3 server reset\n"
	    "4s open 4 mx1.r.test 198.18.1.1\n4s close 4 server reset\n"
	    "30m queue m1 yes\n", F_RETRY_STORM, false },
	{ ONE, IN OPEN1 "1s close 1 server reset\n"
	    "2s open 2 mx1.r.test 198.18.1.1\n2s close 2 server reset\n"
	    "3s open 3 mx1.r.test 198.18.1.1\n3s close 3 server reset\n"
	    "4s open 4 mx1.r.test 198.18.1.1\n4s close 4 server reset\n"
	    "30m queue m1 yes\n", F_RETRY_STORM, true },
};

START_TEST(a_shared_way_is_nobodys_fault)
{
	struct story st;

	story(&st, flags[_i].yaml, flags[_i].lines);
	if (story_has_flag(&st, flags[_i].flag) != flags[_i].raised)
		ck_abort_msg("%d: %s %s: %s\n%s", _i,
		    flag_word(flags[_i].flag), flags[_i].raised ?
		    "wanted" : "unwanted", st.j.sentence, flags[_i].lines);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("shared");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_is_anothers_is_not_its_own, 0,
	    ALL(tales));
	tcase_add_loop_test(tc, a_shared_way_is_nobodys_fault, 0, ALL(flags));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

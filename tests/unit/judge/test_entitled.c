/*
 * What entitles a report of failure and what obliges to one (21.2), piece by
 * piece: a report at once shows the former, one at the end of the lifetime
 * the latter.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

#define AT_ONCE "2s dsn m1 u@r.test failed 5.0.0\n"
#define AT_LAST "5d dsn m1 u@r.test failed 4.4.7\n"
#define AT(t) t " dsn m1 u@r.test failed 5.0.0\n"
#define OPEN1 "1s open 1 mx1.r.test 198.18.1.1\n"
#define OPEN2 "1s open 2 mx2.r.test 198.18.1.2\n"
#define TAKEN1 OPEN1 "1s rcpt 1 m1 u@r.test 250 ok\n"
#define MAILED1(reply) OPEN1 "1s cmd 1 mail MAIL FROM:<a+m1@s.test>\n"	\
	"1s reply 1 mail " reply "\n"
#define BUSY2 OPEN2 "1s rcpt 2 m1 u@r.test 450 busy\n1s close 2 client fin\n"
#define REFUSED1(t) t " open 1 mx1.r.test 198.18.1.1\n" t				\
	" rcpt 1 m1 u@r.test 550 no\n"
#define ONE_MORE(words) OPEN1 "1s rcpt 1 m1 v@r.test 250\n"				\
	"1s also 1 m1 u@r.test " words "\n"
#define MX1 "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
#define MX12 "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 "	\
	"mx2.r.test\n"
#define DNS(when, question, answer) when " dns " question " " answer "\n"
#define A1(answer) DNS("1s", "mx1.r.test A", answer)
#define AAAA1(answer) DNS("1s", "mx1.r.test AAAA", answer)
#define GONE_NAME "NXDOMAIN truth"
#define NODATA "NOERROR truth"
#define NO_MX DNS("1s", "r.test MX", NODATA)
#define SIX "title: t\ncovers: [R-DF-CON-a]\nzone: |\n"				\
	"  r.test.  MX 10 mx1.r.test.\n  mx1.r.test.  A 198.18.1.1\n"	\
	"mta-families: [ipv6]\n"						\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define SIZED(size, more) ZONE "messages: [{name: m1, from: a@s.test, "	\
	"to: u@r.test, size: " size more "}]\n"
#define EIGHT ", eight-bit: true"
#define KEYS(mx1) "hosts: {mx1.r.test: {keywords: [" mx1 "]}}\n"
#define KEYS2(mx1, mx2) "hosts: {mx1.r.test: {keywords: [" mx1		\
	"]}, mx2.r.test: {keywords: [" mx2 "]}}\n"
#define EHLO1(t) t " open 1 mx1.r.test 198.18.1.1\n" t " reply 1 ehlo 250 a\n"
#define EHLO2(t) t " open 2 mx2.r.test 198.18.1.2\n" t " reply 2 ehlo 250 b\n"
#define DENIED(t, n) t " accept " #n " mx" #n ".r.test 198.18.1." #n "\n" t	\
	" reply " #n " greeting 554 no\n"
#define MINE "0s legit r.test h.r.test 192.0.2.1 10\n0s inject m1 250\n"
#define SELF "MX 10 mta.sut.test"

#define DUAL "title: t\ncovers: [R-DF-CON-a]\nzone: |\n"			\
	"  r.test. MX 10 mx1.r.test.\n  mx1.r.test. A 198.18.1.1\n"		\
	"  mx1.r.test. AAAA 2001:db8:1::1\n"					\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define MX6 "0s legit r.test mx1.r.test 2001:db8:1::1 10\n"			\
	"1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"			\
	"1s dns mx1.r.test AAAA NOERROR truth AAAA 2001:db8:1::1\n"
#define NO6 "1s accept 1 mx1.r.test 2001:db8:1::1\n"			\
	"1s reply 1 greeting 554 no\n1s close 1 client fin\n"
#define SENT1 OPEN1 "1s rcpt 1 m1 u@r.test 250\n1s eod 1\n"
#define MAIL1 "1s mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
#define NAMED(type, answer) "1s dns r.test MX NOERROR truth MX 10 "		\
	"mx1.r.test\n1s dns mx1.r.test " type " " answer "\n"
#define RIGHT	V_BOUNCED_CORRECT
#define EARLY	V_PREMATURE_BOUNCE
#define LATE	V_LATE_BOUNCE

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
} tales[] = {
	/* another host has just said that later may be better (0.6.4) */
	{ ONE, IN BUSY2 REFUSED1("100s") AT_LAST, RIGHT },
	{ ONE, IN BUSY2 REFUSED1("300.9s") AT_LAST, RIGHT },
	{ ONE, IN BUSY2 REFUSED1("301s") AT_LAST, LATE },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 450 busy\n"
	    "1s close 1 client fin\n" REFUSED1("100s") AT_LAST, LATE },
	{ ONE, IN OPEN2 "1s rcpt 2 m1 u@r.test 250\n1s reply 2 data 451\n"
	    REFUSED1("100s") AT_LAST, RIGHT },
	{ ONE, IN OPEN2 "1s rcpt 2 m1 u@r.test 250\n1s reply 2 data 251\n"
	    REFUSED1("100s") AT_LAST, LATE },
	{ ONE, IN OPEN2 "1s rcpt 2 m1 u@r.test 550\n" REFUSED1("100s")
	    AT_LAST, LATE },
	{ ONE, IN BUSY2 TAKEN1 "2s reply 1 data 554\n" AT_LAST, RIGHT },
	{ ONE, IN TAKEN1 "2s reply 1 data 554\n" AT_LAST, LATE },
	/* known before it was accepted; beside a word of its own, the first */
	{ ONE, LEGIT "1s dns r.test MX NXDOMAIN truth\n10m inject m1 250\n"
	    AT("602s"), RIGHT },
	{ ONE, IN ONE_MORE("552 so it is")
	    "10m dns r.test MX NXDOMAIN truth\n" AT_LAST, LATE },
	{ ONE, IN "1s dns r.test MX NXDOMAIN truth\n" REFUSED1("390s")
	    AT("500s"), LATE },
	{ ONE, IN REFUSED1("1s") "390s dns r.test MX NXDOMAIN truth\n"
	    AT("500s"), LATE },
	/* 552: only the words tell */
	{ ONE, IN ONE_MORE("552 so it is") AT_ONCE, RIGHT },
	{ ONE, IN ONE_MORE("552 so it is") AT_LAST, RIGHT },
	{ ONE, IN ONE_MORE("552 5.2.2 full") AT_LAST, LATE },
	{ ONE, IN ONE_MORE("552 - 5.5.3 x") AT_ONCE, EARLY },
	{ ONE, IN ONE_MORE("552 5.5.1 x") AT_LAST, LATE },
	{ ONE, IN ONE_MORE("552 5.3.3 x") AT_LAST, LATE },
	{ ONE, IN ONE_MORE("550 Too many recipients") AT_ONCE, RIGHT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 552 Too many recipients\n"
	    AT_ONCE, RIGHT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 v@r.test 550\n"
	    "1s also 1 m1 u@r.test 552 Too many recipients\n" AT_ONCE,
	    RIGHT },
	/* what the client's own misuse may have earned */
	{ ONE, IN MAILED1("499 x") AT_ONCE, EARLY },
	{ ONE, IN MAILED1("500 x") AT_ONCE, EARLY },
	{ ONE, IN MAILED1("504 x") AT_ONCE, EARLY },
	{ ONE, IN MAILED1("505 x") AT_ONCE, RIGHT },
	{ ONE, IN MAILED1("555 x") AT_ONCE, EARLY },
	{ ONE, IN MAILED1("554 x") AT_ONCE, RIGHT },
	{ ONE, IN MAILED1("556 x") AT_ONCE, RIGHT },
	{ ONE, IN MAILED1("599 x") AT_ONCE, RIGHT },
	{ ONE, IN OPEN1 "1s cmd 1 mail MAIL FROM:<a+m1@s.test>\n"
	    "1s ruled 1 mail 503 10:7 x\n" AT_ONCE, RIGHT },
	/* P2 at each stage, of those who had been accepted, at a host of it */
	{ ONE, IN TAKEN1 "1s reply 1 body 554\n" AT_ONCE, RIGHT },
	{ ONE, IN TAKEN1 "1s reply 1 body 554\n" AT_LAST, RIGHT },
	{ ONE, IN TAKEN1 "1s reply 1 bdat 554\n" AT_ONCE, RIGHT },
	{ ONE, IN TAKEN1 "1s reply 1 bdat 554\n" AT_LAST, LATE },
	{ ONE, IN TAKEN1 "1s reply 1 eod 554\n" AT_LAST, LATE },
	{ ONE, IN TAKEN1 "1s reply 1 noop 554\n" AT_ONCE, EARLY },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 450\n1s reply 1 data 554\n"
	    AT_ONCE, EARLY },
	{ ONE, IN "1s open 1 trap.test 198.18.9.9\n"
	    "1s cmd 1 mail MAIL FROM:<a+m1@s.test>\n1s reply 1 mail 554\n"
	    AT_ONCE, EARLY },
	/* P6: of nobody's header but its own, and from 25 on */
	{ TRAVELLED(HOP HOP HOP HOP HOP HOP HOP HOP "      X: received:\n"),
	    IN AT_ONCE, EARLY },
	{ TRAVELLED(HOP HOP HOP HOP HOP HOP HOP HOP "      received: x\n"),
	    IN AT_ONCE, RIGHT },
	/* P7: SIZE and 8BITMIME, by the words of EHLO */
	{ SIZED("2000", "") KEYS("SIZE 1000"), IN EHLO1("1s") AT_ONCE,
	    RIGHT },
	{ SIZED("2000", "") KEYS("SIZE 1000"), IN EHLO1("1s") AT_LAST,
	    RIGHT },
	{ SIZED("2000", "") KEYS("PIPELINING, SIZE 1000"), IN EHLO1("1s")
	    AT_ONCE, RIGHT },
	{ SIZED("2000", "") KEYS("SIZE 2000"), IN EHLO1("1s") AT_ONCE,
	    EARLY },
	{ SIZED("2000", "") KEYS("SIZE"), IN EHLO1("1s") AT_ONCE, EARLY },
	{ SIZED("2000", "") KEYS("SIZE 0"), IN EHLO1("1s") AT_ONCE, EARLY },
	{ SIZED("2000", "") KEYS("SIZE 1"), IN EHLO1("1s") AT_ONCE, RIGHT },
	{ SIZED("2000", "") KEYS("SIZEX 1000"), IN EHLO1("1s") AT_ONCE,
	    EARLY },
	{ SIZED("2000", "") KEYS("XSIZE 1000"), IN EHLO1("1s") AT_ONCE,
	    EARLY },
	{ SIZED("2000", "") KEYS("SIZE 1000"), IN EHLO1("3s") AT_ONCE,
	    EARLY },
	{ SIZED("2000", "") KEYS2("SIZE 5000", "SIZE 1000"), IN EHLO1("1s")
	    EHLO2("1s") AT_ONCE, RIGHT },
	{ SIZED("2000", "") KEYS2("SIZE 1000", "SIZE 5000"), IN EHLO1("1s")
	    EHLO2("1s") AT_ONCE, RIGHT },
	{ SIZED("2000", "") KEYS2("SIZE 1000", "SIZE 1000"), IN EHLO1("1s")
	    EHLO2("3s") AT_ONCE, RIGHT },
	{ SIZED("2000", "") KEYS("SIZE 1000"), IN EHLO2("1s") AT_ONCE,
	    EARLY },
	{ SIZED("500", EIGHT) KEYS("8BITMIME, SIZE 1000"), IN EHLO1("1s")
	    AT_ONCE, EARLY },
	{ SIZED("500", EIGHT) KEYS("8BITMIMEX"), IN EHLO1("1s") AT_ONCE,
	    RIGHT },
	{ SIZED("500", "") KEYS("PIPELINING"), IN EHLO1("1s") AT_ONCE,
	    EARLY },
	{ SIZED("500", EIGHT) KEYS("PIPELINING"), IN OPEN1 AT_ONCE, EARLY },
	{ SIZED("500", EIGHT) KEYS("PIPELINING"), IN EHLO1("1s") EHLO1("3s")
	    AT_ONCE, RIGHT },
	{ SIZED("2000", EIGHT) KEYS2("PIPELINING", "8BITMIME, SIZE 1000"),
	    IN EHLO1("1s") EHLO2("3s") AT_ONCE, RIGHT },
	{ SIZED("2000", EIGHT) KEYS2("8BITMIME, SIZE 1000", "PIPELINING"),
	    IN EHLO1("1s") EHLO2("3s") AT_ONCE, RIGHT },
	{ SIZED("500", EIGHT), IN "1s accept 1 mx1.r.test 198.18.1.1\n"
	    "1s reply 1 helo 250 a\n3s reply 1 helo 250 a\n" AT_ONCE, RIGHT },
	/* P8: the lifetime, whoever is in command of it; if tried, by then */
	{ ONE, IN AT_LAST, RIGHT },
	{ ONE, IN "5d syn mx1.r.test 198.18.1.1 refuse\n" AT("5d1s"),
	    RIGHT },
	{ ONE, IN AT_LAST "5d1h syn mx1.r.test 198.18.1.1 refuse\n", EARLY },
	{ ONE, IN REFUSED_BOTH AT("431640s"), RIGHT },
	{ ONE, IN REFUSED_BOTH AT("431639s"), EARLY },
	/* what the other family's answer takes back in one lookup */
	{ BOTH, IN MX1 AAAA1(GONE_NAME) DNS("1.5s", "mx1.r.test A",
	    "NOERROR truth A 198.18.1.1") AT_ONCE, EARLY },
	{ BOTH, IN MX1 AAAA1(GONE_NAME) DNS("2s", "mx1.r.test A",
	    "NOERROR truth A 198.18.1.1") AT("2s"), RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", GONE_NAME) DNS("1.5s", "r.test MX",
	    "NOERROR truth MX 10 mx1.r.test") AT_ONCE, RIGHT },
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("1s", 2)
	    "1.5s syn mx1.r.test 198.18.1.1 refuse\n" AT_ONCE, RIGHT },
	/* healed: as long as a report takes, 360 s and a tenth */
	{ ONE, IN DNS("1s", "r.test MX", GONE_NAME) DNS("1h", "r.test MX",
	    "NOERROR truth MX 10 mx1.r.test") AT("3996s"), LATE },
	{ ONE, IN DNS("1s", "r.test MX", GONE_NAME) DNS("1h", "r.test MX",
	    "NOERROR truth MX 10 mx1.r.test") AT("3997s"), EARLY },
	/* by a contact of another kind, by a greeting; not by one alike */
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("1s", 2)
	    "1h syn mx1.r.test 198.18.1.1 blackhole\n" AT("70m"), EARLY },
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("1s", 2)
	    "1h open 3 mx1.r.test 198.18.1.1\n" AT("70m"), EARLY },
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("1s", 2) DENIED("1h", 1)
	    AT("70m"), RIGHT },
	/* said before it was accepted: by a second at most */
	{ ONE, LEGIT REFUSED1("1s") "2s inject m1 250\n" AT("3s"), RIGHT },
	{ ONE, LEGIT REFUSED1("1s") "2.1s inject m1 250\n" AT("3s"), EARLY },
	/* names that a reply makes known */
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 h9.test")
	    DNS("1s", "h9.test A", GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth CNAME e.test, MX 10 "
	    "h9.test") DNS("1s", "h9.test A", GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth CNAME e.test")
	    DNS("1s", "e.test MX", "NOERROR truth MX 10 h9.test")
	    DNS("1s", "h9.test A", GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test A", "NOERROR truth CNAME e.test")
	    DNS("1s", "r.test MX", "SERVFAIL servfail")
	    DNS("1s", "e.test MX", GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN MX1 DNS("1s", "mx1.r.test AAAA", "NOERROR truth CNAME "
	    "e.test") DNS("1s", "e.test A", GONE_NAME) AT_ONCE, RIGHT },
	/* P4: what was said of a host cycles ago is asked for anew */
	{ ONE, IN MX12 A1(GONE_NAME) DNS("4301s", "mx2.r.test A", GONE_NAME)
	    AT("4301s"), RIGHT },
	{ ONE, IN MX12 A1(GONE_NAME) DNS("4302s", "mx2.r.test A", GONE_NAME)
	    AT("4302s"), EARLY },
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("4301s", 2) AT("4301s"),
	    RIGHT },
	{ ONE, IN MX12 DENIED("1s", 1) DENIED("4302s", 2) AT("4302s"),
	    EARLY },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 ., MX 20 "
	    "mx2.r.test") DNS("1s", "mx2.r.test A", GONE_NAME) AT_ONCE,
	    RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 ., MX 20 "
	    "mx2.r.test") AT_ONCE, EARLY },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 mx1.r.test, "
	    "...") A1(GONE_NAME) AT_ONCE, EARLY },
	/* ... by the families that the MTA has */
	{ BOTH, IN MX1 A1(NODATA) AAAA1(NODATA) AT_ONCE, RIGHT },
	{ BOTH, IN MX1 A1(NODATA) AAAA1(NODATA) AT_LAST, LATE },
	{ BOTH, IN MX1 A1(NODATA) AT_ONCE, EARLY },
	{ BOTH, IN MX1 AAAA1(NODATA) AT_ONCE, EARLY },
	{ BOTH, IN MX1 AAAA1(GONE_NAME) AT_ONCE, RIGHT },
	{ BOTH, IN MX1 A1(GONE_NAME) AT_ONCE, RIGHT },
	{ BOTH, IN MX1 A1(GONE_NAME) AAAA1("SERVFAIL servfail") AT_ONCE,
	    EARLY },
	{ BOTH, IN MX1 A1(NODATA) AAAA1("NOERROR truth AAAA 2001:db8::9")
	    AT_ONCE, EARLY },
	{ ONE, IN MX1 A1(NODATA) AT_ONCE, RIGHT },
	{ ONE, IN MX1 A1(NODATA) AT_LAST, RIGHT },
	{ ONE, IN MX1 A1(GONE_NAME) AT_LAST, LATE },
	{ ONE, IN MX1 AAAA1(GONE_NAME) AT_ONCE, EARLY },
	{ SIX, IN MX1 AAAA1(NODATA) AT_ONCE, RIGHT },
	{ SIX, IN MX1 AAAA1(NODATA) AT_LAST, RIGHT },
	{ SIX, IN MX1 A1(GONE_NAME) AT_ONCE, EARLY },
	{ ONE, IN "0s legit r.test mx1.r.test 2001:db8:1::1 10\n" MX1
	    DENIED("1s", 1) AT_ONCE, RIGHT },
	{ BOTH, IN "0s legit r.test mx1.r.test 2001:db8:1::1 10\n" MX1
	    DENIED("1s", 1) AT_ONCE, EARLY },
	{ ONE, "0s legit r.test mx1.r.test 198.18.1.9 10\n"
	    "1s legit r.test mx1.r.test 198.18.1.1 10\n0s inject m1 250\n"
	    MX1 DENIED("1s", 1) AT_ONCE, RIGHT },
	{ ONE, IN MX12 DENIED("1s", 1) AT_ONCE, EARLY },
	{ ONE, IN MX12 DENIED("1s", 2) A1(GONE_NAME) AT_ONCE, RIGHT },
	/* aliases that lead back: either ending, of a host or the domain */
	{ ONE, IN MX1 A1("NOERROR truth CNAME i.test") DNS("1s", "i.test A",
	    "NOERROR truth CNAME mx1.r.test") AT_ONCE, RIGHT },
	{ ONE, IN MX1 A1("NOERROR truth CNAME i.test") DNS("1s", "i.test A",
	    "NOERROR truth CNAME mx1.r.test") AT_LAST, RIGHT },
	{ SIX, IN MX1 AAAA1("NOERROR truth CNAME i.test") DNS("1s",
	    "i.test AAAA", "NOERROR truth CNAME mx1.r.test") AT_LAST,
	    RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth CNAME e.test")
	    DNS("1s", "e.test MX", "NOERROR truth CNAME r.test") AT_ONCE,
	    RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth CNAME e.test")
	    DNS("1s", "e.test MX", "NOERROR truth CNAME r.test") REFUSED_BOTH
	    AT_LAST, RIGHT },
	/* hosts that cannot be another's, known by the zone's truth */
	{ ONE, "0s legit r.test h.r.test 127.0.0.1 10\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR truth MX 10 h.r.test\n" AT_ONCE,
	    RIGHT },
	{ ONE, "0s legit r.test h.r.test 127.0.0.1 10\n"
	    "0s legit r.test h.r.test 198.18.1.1 10\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR truth MX 10 h.r.test\n" AT_ONCE,
	    EARLY },
	{ ONE, LEGIT "0s legit r.test mx3.r.test 127.0.0.1 30\n"
	    "0s inject m1 250\n" MX1 AT_ONCE, EARLY },
	{ ONE, IN MX1 A1("NOERROR truth A 127.0.0.1, A 198.18.1.1") AT_ONCE,
	    EARLY },
	{ BOTH, IN "0s legit r.test h.r.test 198.18.9.9 5\n"
	    "1s dns r.test MX NOERROR truth MX 10 h9.test\n"
	    "1s dns h9.test AAAA NOERROR truth AAAA ::1\n" AT_ONCE, RIGHT },
	/* P5: by any of its names and addresses, at the best it has */
	{ ONE, MINE "1s dns r.test MX NOERROR truth MX 10 h.r.test\n"
	    AT_ONCE, RIGHT },
	{ ONE, MINE "1s dns r.test MX NOERROR truth MX 10 h.r.test\n"
	    REFUSED_BOTH AT_LAST, LATE },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 mx1.r.test, "
	    "MX 20 mta.sut.test") AT_ONCE, EARLY },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 mx1.r.test, "
	    "MX 20 mta.sut.test") A1(GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 10 mx1.r.test, "
	    SELF) AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth " SELF ", MX 15 "
	    "mx1.r.test, MX 20 mta.sut.test") AT_ONCE, RIGHT },
	{ ONE, IN DNS("1s", "r.test MX", "NOERROR truth MX 20 mta.sut.test, "
	    "MX 15 mx1.r.test, " SELF) AT_ONCE, RIGHT },
	/* the domain's own address, and what a rule tells of it */
	{ ONE, "0s legit r.test r.test 198.18.1.1 0\n0s inject m1 250\n"
	    NO_MX DENIED("1s", 1) AT_ONCE, RIGHT },
	{ ONE, "0s legit r.test r.test 198.18.1.1 0\n0s inject m1 250\n"
	    NO_MX DNS("1s", "r.test A", "NOERROR truth A 198.18.1.1")
	    "1s accept 1 r.test 198.18.1.1\n1s reply 1 greeting 554 no\n"
	    AT_ONCE, RIGHT },
	{ ONE, IN NO_MX DNS("1s", "r.test A", "NOERROR records A 127.0.0.1")
	    AT_ONCE, RIGHT },
	{ ONE, "0s legit r.test mta.sut.test 192.0.2.1 5\n"
	    "0s legit r.test mx1.r.test 198.18.1.1 10\n0s inject m1 250\n"
	    NO_MX AT_ONCE, RIGHT },
	/* P3: the types of the families that the MTA has */
	{ ONE, IN NO_MX DNS("1s", "r.test A", GONE_NAME) AT_ONCE, RIGHT },
	{ ONE, IN NO_MX DNS("1s", "r.test A", NODATA) REFUSED_BOTH AT_LAST,
	    RIGHT },
	{ BOTH, IN NO_MX DNS("1s", "r.test A", NODATA) AT_ONCE, EARLY },
	{ BOTH, IN NO_MX DNS("1s", "r.test AAAA", NODATA) AT_ONCE, EARLY },
	{ BOTH, IN NO_MX DNS("1s", "r.test AAAA", GONE_NAME) AT_ONCE,
	    RIGHT },
	{ BOTH, IN NO_MX DNS("1s", "r.test A", NODATA)
	    DNS("1s", "r.test AAAA", NODATA) AT_ONCE, RIGHT },
	{ BOTH, IN NO_MX DNS("1s", "r.test A", NODATA)
	    DNS("1s", "r.test AAAA", NODATA) REFUSED_BOTH AT_LAST, LATE },
	{ SIX, IN NO_MX DNS("1s", "r.test AAAA", NODATA) AT_ONCE, RIGHT },
	{ SIX, IN NO_MX DNS("1s", "r.test A", NODATA) AT_ONCE, EARLY },
	/* one type says that there is no such name, the other has one */
	{ BOTH, IN NO_MX DNS("1s", "r.test A", GONE_NAME) DNS("1s",
	    "r.test AAAA", "NOERROR truth AAAA 2001:db8:1::1") REFUSED_BOTH
	    AT_LAST, RIGHT },
	{ BOTH, IN NO_MX DNS("1s", "r.test AAAA", GONE_NAME) DNS("1s",
	    "r.test A", "NOERROR truth A 198.18.1.1") AT_ONCE, RIGHT },
	{ BOTH, IN NO_MX DNS("1s", "r.test A", GONE_NAME) REFUSED_BOTH
	    AT_LAST, LATE },
	/* a refusal before it was asked for is taken for what is asked next */
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 250\n1s odd 1 rcpt 552 early "
	    "no\n1s close 1 client fin\n" AT_ONCE, RIGHT },
	/* to MAIL: of two recipients it may be the other's session */
	{ ONE, IN OPEN1 MAIL1 "1s reply 1 mail 554 no\n" AT_LAST, LATE },
	{ TWO, IN OPEN1 MAIL1 "1s reply 1 mail 554 no\n" AT_LAST, LATE },
	{ TWO, IN OPEN1 MAIL1 "1s reply 1 mail 554 no\n1s close 1 client fin\n"
	    "1s open 2 mx1.r.test 198.18.1.1\n1s rcpt 2 m1 u@r.test 450\n"
	    "1s close 2 client fin\n" AT_LAST, RIGHT },
	{ TWO, IN OPEN1 MAIL1 "1s reply 1 mail 554 no\n" AT_ONCE, RIGHT },
	/* said of an AUTH that nobody gave: he may have said MAIL by then */
	{ ONE, IN OPEN1 "1s cmd 1 ehlo EHLO a\n1s odd 1 auth 550 early what\n"
	    "1s close 1 server fin\n" AT_ONCE, RIGHT },
	{ ONE, IN OPEN1 "1s cmd 1 ehlo EHLO a\n1s odd 1 auth 450 early what\n"
	    "1s close 1 server fin\n" AT_ONCE, EARLY },
	{ ONE, IN OPEN1 "1s cmd 1 ehlo EHLO a\n1s odd 1 auth 550 early what\n"
	    "1s close 1 server fin\n" AT_LAST, RIGHT },
	/* said of a RSET, ahead of it, to one who says MAIL */
	{ ONE, IN OPEN1 "1s odd 1 rset 550 early what\n" MAIL1 AT_ONCE, RIGHT },
	{ ONE, IN OPEN1 "1s odd 1 rset 450 early what\n" MAIL1 AT_ONCE, EARLY },
	/* said of the DATA, ahead of it, to one whose RCPT was not yet read */
	{ TWO, IN OPEN1 MAIL1 "1s rcpt 1 m1 v@r.test 250\n"
	    "1s odd 1 data 554 early no\n1s close 1 server reset\n" AT_ONCE,
	    RIGHT },
	{ TWO, IN OPEN1 MAIL1 "1s rcpt 1 m1 v@r.test 250\n"
	    "1s odd 1 data 554 garbage no\n1s close 1 server reset\n" AT_ONCE,
	    EARLY },
	{ ONE, IN OPEN1 "1s odd 1 rcpt 552 early no\n"
	    "1s rcpt 1 m1 u@r.test 250\n1s close 1 client fin\n" AT_ONCE,
	    RIGHT },
	{ ONE, IN OPEN1 "1s mail 1 m1 MAIL FROM:<a+m1@s.test>\n"
	    "1s odd 1 rcpt 552 early no\n1s close 1 server reset\n" AT_ONCE,
	    RIGHT },
	{ ONE, IN OPEN1 "1s odd 1 rcpt 452 early no\n"
	    "1s rcpt 1 m1 u@r.test 250\n1s close 1 client fin\n" AT_ONCE,
	    EARLY },
	/* refused at the address it was told; of the other it was not, yet */
	{ DUAL, IN MX6 "1s dns mx1.r.test A NOERROR nodata\n" NO6 AT_ONCE,
	    RIGHT },
	{ DUAL, IN MX6 "1s dns mx1.r.test A FORMERR formerr\n" NO6 AT_ONCE,
	    RIGHT },
	{ DUAL, IN MX6 "1s dns mx1.r.test A NOERROR truth A 198.18.1.1\n" NO6
	    AT_ONCE, EARLY },
	{ DUAL, IN MX6 "1s dns mx1.r.test A FORMERR formerr\n" AT_ONCE,
	    EARLY },
	/* no name of the family in use, but an address of the other */
	{ ONE, IN NAMED("A", "NXDOMAIN truth") NAMED("AAAA",
	    "NOERROR truth AAAA 2001:db8:1::1") AT_LAST, RIGHT },
	/* what is said to who has hung up entitles, and obliges to nothing */
	{ ONE, IN SENT1 "600s close 1 client fin\n700s reply 1 eod 554 no\n"
	    AT_LAST, RIGHT },
	{ ONE, IN SENT1 "600s close 1 client fin\n700s reply 1 eod 554 no\n"
	    "701s dsn m1 u@r.test failed 5.0.0\n", RIGHT },
	{ ONE, IN SENT1 "700s reply 1 eod 554 no\n700s close 1 client fin\n"
	    AT_LAST, LATE },
	/* what a reset overtakes may not have been read */
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 550 no\n"
	    "1s close 1 server reset\n" REFUSED_BOTH AT_LAST, RIGHT },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 550 no\n"
	    "2s close 1 server reset\n" REFUSED_BOTH AT_LAST, LATE },
	{ ONE, IN OPEN1 "1s rcpt 1 m1 u@r.test 550 no\n"
	    "1s close 1 server fin\n" REFUSED_BOTH AT_LAST, LATE },
	/* one family's NXDOMAIN entitles; the other's may be waited for */
	{ ONE, IN NAMED("A", "NXDOMAIN truth") AT_ONCE, RIGHT },
	{ ONE, IN NAMED("A", "NXDOMAIN truth") AT_LAST, LATE },
	{ ONE, IN NAMED("A", "NXDOMAIN truth") NAMED("AAAA", "- drop") AT_LAST,
	    RIGHT },
	{ ONE, IN NAMED("A", "NXDOMAIN truth") NAMED("AAAA", "- drop") AT_ONCE,
	    RIGHT },
	{ BOTH, IN NO_MX "1s dns r.test A NXDOMAIN truth\n" AT_LAST, LATE },
	{ BOTH, IN NO_MX "1s dns r.test A NXDOMAIN truth\n"
	    "1s dns r.test AAAA - drop\n" AT_LAST, RIGHT },
	{ BOTH, IN NO_MX "1s dns r.test AAAA NXDOMAIN truth\n"
	    "1s dns r.test A SERVFAIL servfail\n" AT_LAST, RIGHT },
	/* turned away at each address that is not its own */
	{ BOTH, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s dns mx1.r.test AAAA NOERROR records AAAA ::1\n"
	    DENIED("1s", 1) AT_ONCE, RIGHT },
	{ BOTH, IN "1s dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1s dns mx1.r.test AAAA NOERROR records AAAA 2001:db8:1::9\n"
	    DENIED("1s", 1) AT_ONCE, EARLY },
	/* a host that has no address but the MTA's own, by a rule */
	{ BOTH, "0s legit r.test -\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR truth MX 40 mx4.r.test\n"
	    "1s dns mx4.r.test AAAA NOERROR records AAAA 2001:db8:0:1::1\n"
	    "1s dns mx4.r.test A NXDOMAIN truth\n" AT_ONCE, RIGHT },
	{ BOTH, "0s legit r.test -\n0s inject m1 250\n"
	    "1s dns r.test MX NOERROR truth MX 40 mx4.r.test\n"
	    "1s dns mx4.r.test AAAA NOERROR records AAAA 2001:db8:1::1\n"
	    "1s dns mx4.r.test A NXDOMAIN truth\n" AT_ONCE, EARLY },
	/* one was told that there is no MX, another that there is */
	{ BOTH, IN NO_MX "1s dns r.test A NOERROR truth\n" DNS("10s",
	    "r.test MX", "NOERROR truth MX 10 mx1.r.test") DNS("61s",
	    "r.test AAAA", NODATA) AT("61s"), RIGHT },
	{ BOTH, IN NO_MX "1s dns r.test A NOERROR truth\n" DNS("10s",
	    "r.test MX", "NOERROR truth MX 10 mx1.r.test") DNS("62s",
	    "r.test AAAA", NODATA) AT("62s"), EARLY },
	{ BOTH, IN NO_MX "1s dns r.test A NOERROR truth\n" DNS("10s",
	    "r.test MX", "NOERROR truth MX 10 mx1.r.test") AT("12s"),
	    EARLY },
	{ BOTH, IN DNS("10s", "r.test MX", "NOERROR truth MX 10 mx1.r.test")
	    DNS("10s", "r.test A", NODATA) DNS("10s", "r.test AAAA", NODATA)
	    AT("12s"), EARLY },
};

START_TEST(evidence_entitles_and_obliges)
{
	struct story st;

	story_ends(&st, tales[_i].yaml, tales[_i].lines, tales[_i].verdict,
	    _i);
	story_close(&st);
}
END_TEST

/* A greeting that denies: by what the MTA's profile says of it. */
START_TEST(a_denying_greeting_is_worth_what_the_profile_says)
{
	static const struct {
		enum greet5 greet5;
		const char *when;
		enum verdict verdict;
	} greets[] = {
		{ GREET5_EITHER, AT_ONCE, RIGHT },
		{ GREET5_EITHER, AT_LAST, RIGHT },
		{ GREET5_PERM, AT_ONCE, RIGHT }, { GREET5_PERM, AT_LAST, LATE },
		{ GREET5_SKIP, AT_ONCE, EARLY },
	};
	struct story st;

	for (int i = 0; i < ALL(greets); i++) {
		story_open(&st, ONE);
		st.profile.greet5 = greets[i].greet5;
		story_tell(&st, IN MX12 DENIED("1s", 1) DENIED("1s", 2));
		story_tell(&st, greets[i].when);
		story_judge(&st);
		ck_assert_int_eq(st.j.units[0].verdict, greets[i].verdict);
		story_close(&st);
	}
	/* Without such a greeting the profile has no say in it. */
	story_open(&st, ONE);
	st.profile.greet5 = GREET5_SKIP;
	story_tell(&st, IN MX1 A1(GONE_NAME) AT_ONCE);
	story_judge(&st);
	ck_assert_int_eq(st.j.units[0].verdict, RIGHT);
	story_close(&st);
}
END_TEST

/* What is said to MAIL is said of all of its recipients, and of no others. */
START_TEST(a_refused_transaction_is_of_its_own_recipients)
{
	struct story st;

	story(&st, TWO, IN MAILED1("554 no") AT_ONCE
	    "2s dsn m1 v@r.test failed 5.0.0\n");
	ck_assert_int_eq(st.j.units[0].verdict, RIGHT);
	ck_assert_int_eq(st.j.units[1].verdict, RIGHT);
	story_close(&st);
	story(&st, ZONE "messages:\n  - {name: m1, from: a@s.test, to: "
	    "u@r.test}\n  - {name: m2, from: '', to: v@r.test}\n", LEGIT
	    "0s inject m1 250\n0s inject m2 250\n" OPEN1
	    "1s cmd 1 mail MAIL FROM:<>\n1s reply 1 mail 554 no\n" AT_ONCE
	    "8s queue m2 no\n400s queue m2 no\n");
	ck_assert_int_eq(st.j.units[0].verdict, EARLY);
	ck_assert_int_eq(st.j.units[1].verdict, V_DISCARDED_OK);
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("entitled");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, evidence_entitles_and_obliges, 0, ALL(tales));
	tcase_add_test(tc, a_denying_greeting_is_worth_what_the_profile_says);
	tcase_add_test(tc, a_refused_transaction_is_of_its_own_recipients);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

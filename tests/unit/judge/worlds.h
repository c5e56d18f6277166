/* The worlds that most of the judge's stories are told of, and their parts. */
#ifndef MXD_TESTS_WORLDS_H
#define MXD_TESTS_WORLDS_H

#define ZONE "title: t\ncovers: [R-DF-CON-a]\nzone: |\n"			\
	"  r.test.  MX 10 mx1.r.test.\n  r.test.  MX 20 mx2.r.test.\n"	\
	"  mx1.r.test.  A 198.18.1.1\n  mx2.r.test.  A 198.18.1.2\n"	\
	"mta-families: [ipv4]\n"
#define ONE ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define HOP "      Received: from a by b; Mon, 30 Nov 2026 12:00:00 +0000\n"
#define HOPS_8 HOP HOP HOP HOP HOP HOP HOP HOP
#define TRAVELLED(hops) ZONE "messages:\n  - name: m1\n"			\
	"    from: a@s.test\n    to: u@r.test\n    header: |\n" HOPS_8	\
	HOPS_8 hops
#define BOTH "title: t\ncovers: [R-DF-CON-a]\nzone: |\n"			\
	"  r.test.  MX 10 mx1.r.test.\n  mx1.r.test.  A 198.18.1.1\n"	\
	"messages: [{name: m1, from: a@s.test, to: u@r.test}]\n"
#define TWO ZONE "messages: [{name: m1, from: a@s.test, to: [u@r.test, "	\
	"v@r.test]}]\n"
#define PAIR ZONE "messages:\n"						\
	"  - {name: m2, from: b@s.test, to: u@r.test}\n"			\
	"  - {name: m1, from: a@s.test, to: v@r.test}\n"
#define NULLED ZONE "messages: [{name: m1, from: '', to: u@r.test}]\n"
#define NEVER ZONE							\
	"messages: [{name: m1, from: a@s.test, to: u@r.test, notify: NEVER}]\n"
#define EXPECT(x) "expect: {outcome: " x "}\n"

#define LEGIT "0s legit r.test mx1.r.test 198.18.1.1 10\n"		\
	"0s legit r.test mx2.r.test 198.18.1.2 20\n"
#define IN LEGIT "0s inject m1 250\n"
#define MX "1s dns r.test MX NOERROR truth MX 10 mx1.r.test, MX 20 mx2.r.test\n" \
	"1s dns mx1.r.test A NOERROR truth A 198.18.1.1\n"		\
	"1s dns mx2.r.test A NOERROR truth A 198.18.1.2\n"
#define REFUSED_BOTH "1s syn mx1.r.test 198.18.1.1 refuse\n"		\
	"1s syn mx2.r.test 198.18.1.2 refuse\n"
#define RCPT550 "1s open 1 mx1.r.test 198.18.1.1\n"			\
	"1s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
#define GREET554 "1s accept 1 mx1.r.test 198.18.1.1\n"			\
	"1s reply 1 greeting 554 5.7.1 client address refused\n"
#define DELIVER "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1\n"
#define BOUNCE IN RCPT550 "3s dsn m1 u@r.test failed 5.1.1\n"

#define ALL(a)	(int)(sizeof a / sizeof *a)

#endif

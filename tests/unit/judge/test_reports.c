/*
 * Reports of failure as mail of their own, and whose a recipient is: what
 * correct MTAs were accused of.  Each sentence must name the fact that it
 * rests on.
 */
#include "tests/unit/judge/story.inc"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

/* The sender's side is told as the recipients' is. */
#define HOME "0s legit s.test mx.s.test 198.18.0.10 10\n"
#define NEIGHBOURS ZONE "messages:\n"					\
	"  - {name: m1, from: a@s.test, to: u@r.test}\n"			\
	"  - {name: m2, from: b@s.test, to: v@r.test}\n"
#define GONE "8s queue m1 no\n400s queue m1 no\n"
#define BOUNCING IN HOME MX RCPT550

#define UNHEARD(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t " offers "	\
	#n " a+m1@s.test 250\n" t " close " #n " client fin\n" t " reply "	\
	#n " eod 554 no\n"
#define UNTOLD(h, n) h "h open " #n " mx.s.test 198.18.0.10\n" h "h offers "	\
	#n " a+m1@s.test 521 untold\n" h ".2h close " #n " client fin\n"
#define PUT_OFF(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t " offers "	\
	#n " a+m1@s.test 450\n"
#define NO_EHLO(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t " cmd " #n	\
	" ehlo EHLO a\n" t " reply " #n " ehlo 451 later\n"
#define LATE_WORDS "20m dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"	\
	"1h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n"
#define TAKEN(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t		\
	" offers " #n " a+m1@s.test 250\n" t				\
	" dsn m1 u@r.test failed 5.1.1 to=a@s.test conn=" #n "\n" t		\
	" reply " #n " eod 250 kept\n" t " cmd " #n " quit\n"

#define STRAYS(to) "2s open 2 mx.s.test 198.18.0.10\n"			\
	"2s cmd 2 mail MAIL FROM:<>\n2s cmd 2 rcpt RCPT TO:<" to ">\n"
#define LATER "2s reply 2 rcpt 450 4.2.0 later\n"
#define AGAIN(t) t " bounce-refused a+m1@s.test 550\n"
#define NULL_NO(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t		\
	" cmd " #n " mail MAIL FROM:<>\n" t " reply " #n " mail 550 no\n"
#define ASKED(when) "2s query s.test MX\n" when				\
	" dns s.test MX NOERROR truth MX 10 mx.s.test\n"
#define SHARED ZONE "messages:\n"						\
	"  - {name: m1, from: a@s.test, to: u@r.test}\n"			\
	"  - {name: m2, from: b@q.test, to: x@s.test}\n"
#define HARBOUR "0s inject m2 250\n" BOUNCING
#define ARRIVES(t, n, key) t " deliver " #n " " key				\
	" x@s.test mx.s.test 198.18.0.10\n"
#define CLOSED(t) t " syn mx.s.test 198.18.0.10 refuse\n"
#define NULL_BUSY(t, n) t " open " #n " mx.s.test 198.18.0.10\n" t		\
	" cmd " #n " mail MAIL FROM:<>\n" t " reply " #n " mail 450 busy\n"
#define MOORED "20s queue m1 no\n400s queue m1 no\n"

static const struct {
	const char *yaml, *lines;
	enum verdict verdict;
	const char *fact;		/* in the sentence */
} lives[] = {
	/* deferred at RCPT, then taken: as if it had come at once */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 450 4.2.0 later\n" GONE
	    "2h open 3 mx.s.test 198.18.0.10\n"
	    "2h offers 3 a+m1@s.test 250\n"
	    "2h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n",
	    V_BOUNCED_CORRECT, "550 5.1.1 no such user" },
	/* nothing at all for two hours: late */
	{ ONE, BOUNCING GONE "2h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n",
	    V_LATE_BOUNCE, "too late" },
	/* its host is closed: a contact is a sign of life as well */
	{ ONE, BOUNCING "2s syn mx.s.test 198.18.0.10 refuse\n" GONE
	    "2h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	/* so is a lookup that fails */
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX SERVFAIL servfail\n" GONE
	    "1h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	/* still on its way when the run ends: no loss */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 450 4.2.0 later\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	/* what was listed before its last offer may be gone since */
	{ ONE, IN "5s queue m1 yes\n" HOME "5d20m open 2 mx.s.test "
	    "198.18.0.10\n5d2h syn mx.s.test 198.18.0.10 refuse\n",
	    V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, IN HOME "5d20m open 2 mx.s.test 198.18.0.10\n"
	    "5d2h syn mx.s.test 198.18.0.10 refuse\n5d2h queue m1 yes\n",
	    V_STUCK, NULL },
	/* what DNS takes back and says again afterwards is for other mail */
	{ ONE, IN HOME "1s dns r.test MX NXDOMAIN truth\n"
	    "2s syn mx.s.test 198.18.0.10 refuse\n5s queue m1 no\n"
	    "10m dns r.test MX SERVFAIL servfail\n"
	    "10m dns r.test MX NXDOMAIN truth\n"
	    "40m dsn m1 u@r.test failed 5.1.2 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	/* said to another message: this one hears it at its next retry */
	{ NEIGHBOURS, "0s legit r.test mx1.r.test 198.18.1.1 10\n"
	    "0s inject m1 250\n0s inject m2 250\n" HOME
	    "0s dns r.test MX SERVFAIL servfail\n"
	    "10m dns r.test MX NXDOMAIN truth\n"
	    "1h dsn m1 u@r.test failed 5.1.2 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	/* some ask for the sender's domain at each queue run: no report */
	{ ONE, IN HOME MX REFUSED_BOTH "20m query s.test MX\n"
	    "20m dns s.test MX NOERROR truth MX 10 mx.s.test\n",
	    V_RETRYING, NULL },
	/* two at once, each refused or lost in a session of its own */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 250\n2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 3 a+m1@s.test 250\n2s reply 2 eod 554 no\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	/* killed before it can have kept that the first was taken */
	{ ONE, BOUNCING TAKEN("2s", 2) "3s mta kill\n3s mta start\n"
	    TAKEN("9s", 3), V_BOUNCED_CORRECT, NULL },
	{ ONE, BOUNCING TAKEN("2s", 2) "2s mta restart\n2.5s mta kill\n"
	    "3s mta start\n" TAKEN("9s", 3), V_BOUNCED_CORRECT, NULL },
	{ ONE, BOUNCING TAKEN("2s", 2) "4.1s mta kill\n4.1s mta start\n"
	    TAKEN("9s", 3), V_DUPLICATE_DSN, NULL },
	{ ONE, BOUNCING TAKEN("2s", 2) "2s mta restart\n3s mta start\n"
	    TAKEN("9s", 3), V_DUPLICATE_DSN, NULL },
	/* one recipient, and two reports of its failure at once */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "2s offers 3 a+m1@s.test 550 5.1.1 who\n" GONE
	    "9h queue m1 no\n", V_DUPLICATE_DSN, "twice at once" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "3s offers 3 a+m1@s.test 250\n"
	    "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test conn=3\n" GONE,
	    V_DUPLICATE_DSN, "twice at once" },
	/* the second session begins when the first was answered, or long after
	 * it: the same report again */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 3 a+m1@s.test 550 5.1.1 who\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "5m offers 3 a+m1@s.test 550 5.1.1 who\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	/* two recipients, a report each */
	{ TWO, IN HOME MX
	    "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
	    "1s also 1 m1 v@r.test 550 5.1.1 no such user\n"
	    "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s open 3 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "2s offers 3 a+m1@s.test 550 5.1.1 who\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	/* offered to one who has nothing to do with it */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s cmd 2 rcpt RCPT TO:<other@s.test>\n"
	    "2s reply 2 rcpt 450 4.2.0 later\n" GONE "9h queue m1 no\n",
	    V_MISADDRESSED_DSN, "was offered to other@s.test" },
	/* ...to the sender as well, to whoever keeps the MTA, elsewhere */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s cmd 2 rcpt RCPT TO:<other@s.test>\n"
	    "2s reply 2 rcpt 550 5.1.1 who\n"
	    "3s offers 2 a+m1@s.test 550 5.1.1 who\n" GONE,
	    V_BOUNCED_NOWHERE, "refused for good" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s cmd 2 rcpt RCPT TO:<Root@s.test>\n"
	    "2s reply 2 rcpt 450 4.2.0 later\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s cmd 2 rcpt RCPT TO:<other@mx.s.test>\n"
	    "2s reply 2 rcpt 450 4.2.0 later\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	/* tried once and never again: dropped */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 450 4.2.0 later\n" GONE
	    "9h queue m1 no\n", V_SILENT_DROP, "then dropped" },
	/* listed in the queue: not dropped */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 450 4.2.0 later\n" GONE
	    "9h listed m1\n9h queue m1 no\n", V_BOUNCED_NOWHERE,
	    "still under way" },
	/* tried for its lifetime, then given up */
	{ ONE, BOUNCING "2s syn mx.s.test 198.18.0.10 refuse\n" GONE
	    "2d syn mx.s.test 198.18.0.10 refuse\n"
	    "4d23h syn mx.s.test 198.18.0.10 refuse\n6d queue m1 no\n",
	    V_BOUNCED_NOWHERE, "given up" },
	/* refused for good: at RCPT, at MAIL */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n" GONE,
	    V_BOUNCED_NOWHERE, "refused for good; mx.s.test answered \"550 "
	    "5.1.1 who\"" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s reply 2 mail 550 5.7.1 no null sender\n" GONE,
	    V_BOUNCED_NOWHERE, "no null sender" },
	/* by the greeting; but not if it was tried again after that */
	{ ONE, BOUNCING "2s accept 2 mx.s.test 198.18.0.10\n"
	    "2s reply 2 greeting 554 5.7.1 denied\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE,
	    "refused for good; mx.s.test answered \"554 5.7.1 denied\"" },
	{ ONE, BOUNCING "2s accept 2 mx.s.test 198.18.0.10\n"
	    "2s reply 2 greeting 554 5.7.1 denied\n"
	    "3s syn mx.s.test 198.18.0.10 refuse\n" GONE
	    "9h queue m1 no\n", V_SILENT_DROP, "then dropped" },
	{ ONE, BOUNCING "2s accept 2 mx.s.test 198.18.0.10\n"
	    "2s reply 2 greeting 421 4.7.1 later\n" GONE
	    "9h queue m1 no\n", V_SILENT_DROP, "then dropped" },
	/* the sender's domain takes no mail */
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR truth MX 0 .\n" GONE,
	    V_BOUNCED_NOWHERE, "nowhere to go; DNS said MX 0 . to s.test" },
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NXDOMAIN truth\n" GONE,
	    V_BOUNCED_NOWHERE, "NXDOMAIN" },
	/* refused for good, and then a warning came that had waited */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 250\n2s reply 2 eod 521 no mail\n"
	    "2s cmd 2 quit QUIT\n2s reply 2 quit 221 bye\n"
	    "3s dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE,
	    "refused for good; mx.s.test answered \"521 no mail\"" },
	/* said too early to its MAIL, or to a RCPT that nobody read */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n2s odd 2 rcpt 550 early who\n"
	    "2s close 2 server reset\n" GONE "9h queue m1 no\n",
	    V_BOUNCED_NOWHERE, "refused for good" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n2s odd 2 rcpt 450 early who\n"
	    "2s close 2 server reset\n" GONE "9h queue m1 no\n",
	    V_SILENT_DROP, NULL },
	/* what a warning explains may have been the report of failure's */
	{ ONE, BOUNCING PUT_OFF("397s", 2) LATE_WORDS, V_BOUNCED_CORRECT,
	    NULL },
	{ ONE, BOUNCING PUT_OFF("398s", 2) LATE_WORDS, V_LATE_BOUNCE, NULL },
	{ ONE, BOUNCING NO_EHLO("397s", 2) LATE_WORDS, V_BOUNCED_CORRECT,
	    NULL },
	{ ONE, BOUNCING NO_EHLO("398s", 2) LATE_WORDS, V_LATE_BOUNCE, NULL },
	/* a lost query, or what DNS says to whoever asked, is no sign of one */
	{ ONE, IN HOME "1s noroute 192.0.2.53 53\n" GONE, V_SILENT_DROP, NULL },
	{ ONE, IN HOME "2s dns s.test MX NXDOMAIN truth\n" GONE,
	    V_SILENT_DROP, NULL },
	{ ONE, BOUNCING "2s noroute 192.0.2.53 53\n" GONE,
	    V_BOUNCED_NOWHERE, NULL },
	{ ONE, BOUNCING "2s dns s.test MX NXDOMAIN truth\n" GONE,
	    V_BOUNCED_NOWHERE, NULL },
	/* told its MX, whose address comes too late */
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    "2s query mx.s.test A\n" GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    "2s query mx.s.test A\n"
	    "2s dns mx.s.test A NOERROR truth A 198.18.0.10\n" GONE,
	    V_SILENT_DROP, NULL },
	/* told its MX, whose address the network ate */
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    "2s network icmp-net 1:1\n2s noroute 192.0.2.53 53\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	/* what DNS said of it can be read as anything */
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR mutate MX 9 m\\214.s.test\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE,
	    "nowhere to go; DNS said MX 9 m\\214.s.test" },
	{ ONE, BOUNCING "2s query s.test MX\n"
	    "2s dns s.test MX NOERROR mutate MX 9 m\\214.s.test\n"
	    "3s query s.test MX\n3s dns s.test MX SERVFAIL servfail\n" GONE
	    "9h queue m1 no\n", V_SILENT_DROP, "then dropped" },
	/* refused, and no reason to report: premature all the same */
	{ ONE, IN HOME MX REFUSED_BOTH "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n" GONE,
	    V_PREMATURE_BOUNCE, "nothing permanent had been said" },
	/* a warning that was refused is no report of failure */
	{ ONE, IN HOME MX REFUSED_BOTH "4h open 2 mx.s.test 198.18.0.10\n"
	    "4h offers 2 a+m1@s.test 550 5.1.1 who\n"
	    "4h syn mx1.r.test 198.18.1.1 refuse\n"
	    "4h syn mx2.r.test 198.18.1.2 refuse\n4h queue m1 yes\n",
	    V_RETRYING, NULL },
	/* tried to its lifetime; what was offered before is its warning */
	{ ONE, IN HOME RCPT550 "4h open 2 mx.s.test 198.18.0.10\n"
	    "4h offers 2 a+m1@s.test 451 later\n"
	    "5d open 3 mx1.r.test 198.18.1.1\n"
	    "5d rcpt 3 m1 u@r.test 550 5.1.1 no such user\n"
	    "5d open 4 mx.s.test 198.18.0.10\n"
	    "5d offers 4 a+m1@s.test 451 later\n", V_LATE_BOUNCE,
	    "reported as failed after 5d00h, too late: mx1.r.test answered "
	    "\"550 5.1.1 no such user\" at 1.0s; the report is still under "
	    "way, tried 1 time" },
	/* due at its lifetime, and kept off longer than a warning was */
	{ ONE, IN HOME REFUSED_BOTH "5d open 4 mx.s.test 198.18.0.10\n"
	    "5d offers 4 a+m1@s.test 451 later\n"
	    "6d dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "6d1h dsn m1 u@r.test failed 4.4.7 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	/* the first word of those that refused it for good */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 first\n"
	    "1h open 3 mx.s.test 198.18.0.10\n"
	    "1h offers 3 a+m1@s.test 550 second\n1h queue m1 no\n"
	    "2h queue m1 no\n", V_BOUNCED_NOWHERE, "\"550 first\"" },
	{ ONE, BOUNCING "2s bounce-refused a+m1@s.test 501\n" GONE,
	    V_BOUNCED_NOWHERE, "refused for good" },
	/* the last word of a transaction, and nothing that was said after it */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 450 4.2.0 later\n" GONE,
	    V_BOUNCED_NOWHERE, "answered \"450 4.2.0 later\"" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 250\n2s reply 2 data 451 busy\n"
	    "2s cmd 2 rset RSET\n2s reply 2 rset 250 flushed\n" GONE,
	    V_BOUNCED_NOWHERE, "answered \"451 busy\"" },
	/* ...nor what is said to a DATA without a recipient */
	{ ONE, BOUNCING PUT_OFF("2s", 2) "2s reply 2 data 554 no one\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	/* twice in one session is not twice at once */
	{ ONE, BOUNCING PUT_OFF("2s", 2) "2s offers 2 a+m1@s.test 450\n" GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	/* who keeps the MTA has several names, and no parts of them */
	{ ONE, BOUNCING STRAYS("postmaster@s.test") LATER GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, BOUNCING STRAYS("mailer-daemon@s.test") LATER GONE,
	    V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, BOUNCING STRAYS("abuse@s.test") LATER GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ ONE, BOUNCING STRAYS("abu@s.test") LATER "2s cmd 2 rcpt RCPT "
	    "TO:<z@s.test>\n" GONE "9h queue m1 no\n", V_MISADDRESSED_DSN,
	    "was offered to abu@s.test" },
	/* its sender it is, though nothing answers */
	{ ONE, BOUNCING STRAYS("a+m1@s.test") "2s close 2 server reset\n"
	    GONE, V_BOUNCED_NOWHERE, "still under way" },
	/* a question, other people's mail, another place, the neighbour's */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<>\n2s cmd 2 vrfy VRFY <z@s.test>\n"
	    GONE, V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s cmd 2 mail MAIL FROM:<y@s.test>\n"
	    "2s cmd 2 rcpt RCPT TO:<z@s.test>\n" LATER GONE, V_SILENT_DROP,
	    "accepted and then lost" },
	{ ONE, BOUNCING "2s open 2 h9.test 198.18.9.9\n"
	    "2s cmd 2 mail MAIL FROM:<>\n"
	    "2s cmd 2 rcpt RCPT TO:<z@s.test>\n2s reply 2 mail 550 no\n"
	    GONE, V_SILENT_DROP, "accepted and then lost" },
	{ NEIGHBOURS, BOUNCING "0s inject m2 250\n"
	    STRAYS("z@s.test") LATER GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ SHARED, HARBOUR STRAYS("z@s.test") LATER GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	/* refused to other mail, or to another recipient: not to it */
	{ SHARED, HARBOUR "2s open 5 mx.s.test 198.18.0.10\n"
	    "2s cmd 5 mail MAIL FROM:<b+m2@q.test>\n"
	    "2s reply 5 mail 550 no\n" MOORED, V_SILENT_DROP,
	    "accepted and then lost" },
	{ ONE, BOUNCING STRAYS("postmaster@s.test")
	    "2s reply 2 rcpt 550 5.1.1 who\n" GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	/* who was told the MX and dials nobody has no report to send... */
	{ ONE, IN HOME MX REFUSED_BOTH "20m query s.test MX\n"
	    "20m dns r.test MX SERVFAIL servfail\n"
	    "20m dns s.test MX NOERROR truth MX 10 mx.s.test\n"
	    "20m query mx.s.test A\n20m dns s.test A NOERROR truth\n"
	    "20m dns mx.s.test A NOERROR truth A 198.18.0.10\n"
	    "20m dns mx1.r.test A SERVFAIL servfail\n",
	    V_RETRYING, NULL },
	{ ONE, BOUNCING ASKED("2.9s") GONE, V_SILENT_DROP,
	    "accepted and then lost" },
	/* ...if it was told in time, and its address did not fail */
	{ ONE, BOUNCING ASKED("3s") GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ ONE, BOUNCING ASKED("2s") "62s dns mx.s.test A SERVFAIL servfail\n"
	    "70s queue m1 no\n470s queue m1 no\n", V_BOUNCED_NOWHERE,
	    "still under way" },
	{ ONE, BOUNCING ASKED("2s") "62.1s dns mx.s.test A SERVFAIL servfail\n"
	    "70s queue m1 no\n470s queue m1 no\n", V_SILENT_DROP,
	    "accepted and then lost" },
	/* all else is over: the query that the network ate was its report's */
	{ ONE, BOUNCING "2s noroute 192.0.2.53 53\n" GONE, V_BOUNCED_NOWHERE,
	    "still under way" },
	/* other mail goes there: a contact is its report's when that is over */
	{ SHARED, HARBOUR ARRIVES("2s", 5, "m2") CLOSED("10s") MOORED,
	    V_BOUNCED_NOWHERE, "still under way" },
	{ SHARED, HARBOUR CLOSED("2s") CLOSED("6s") MOORED, V_INCONCLUSIVE,
	    NULL },
	{ SHARED, HARBOUR ARRIVES("2s", 5, "m2") CLOSED("2s") MOORED,
	    V_INCONCLUSIVE, NULL },
	{ SHARED, HARBOUR "2s dsn m2 x@s.test failed 5.1.1 to=b@q.test\n"
	    CLOSED("10s") MOORED, V_BOUNCED_NOWHERE, "still under way" },
	{ SHARED, BOUNCING CLOSED("10s") MOORED, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ SHARED "  - {name: m3, from: b@q.test, to: x@s.test}\n", HARBOUR
	    "0s inject m3 250\n" ARRIVES("2s", 5, "m3") CLOSED("10s")
	    ARRIVES("15s", 6, "m2") MOORED, V_INCONCLUSIVE, NULL },
	{ SHARED "  - {name: m3, from: b@q.test, to: x@s.test}\n", HARBOUR
	    "0s inject m3 250\n" ARRIVES("2s", 5, "m2") CLOSED("10s")
	    ARRIVES("15s", 6, "m3") MOORED, V_INCONCLUSIVE, NULL },
	{ SHARED "  - {name: m3, from: b@s.test, to: u@r.test}\n", HARBOUR
	    ARRIVES("2s", 5, "m2") CLOSED("10s") MOORED, V_INCONCLUSIVE,
	    NULL },
	/* <> is nobody's but a report's, where no message has it */
	{ SHARED, HARBOUR NULL_BUSY("2s", 5) MOORED, V_BOUNCED_NOWHERE,
	    "still under way" },
	{ SHARED, HARBOUR NULL_BUSY("2s", 5) CLOSED("10s") MOORED,
	    V_BOUNCED_NOWHERE, "still under way" },
	{ SHARED "  - {name: m3, from: '', to: y@s.test}\n", HARBOUR
	    NULL_BUSY("2s", 5) MOORED, V_INCONCLUSIVE, NULL },
	/* ...and so is one that is known by its recipient, or is listed */
	{ SHARED, HARBOUR PUT_OFF("2s", 2) MOORED, V_BOUNCED_NOWHERE,
	    "tried 1 time, last at 2.0s; mx.s.test answered \"450\"" },
	{ SHARED, HARBOUR "350s listed m1\n350s queue m1 no\n",
	    V_BOUNCED_NOWHERE, "in the queue" },
	{ ONE, BOUNCING PUT_OFF("2s", 2) "5s listed m1\n"
	    GONE "9h queue m1 no\n",
	    V_SILENT_DROP, "then dropped" },
	{ ONE, BOUNCING "2s syn mx.s.test 198.18.0.10 refuse\n" GONE
	    "2d syn mx.s.test 198.18.0.10 refuse\n"
	    "4d23h syn mx.s.test 198.18.0.10 refuse\n6d listed m1\n"
	    "6d queue m1 no\n", V_BOUNCED_NOWHERE, "still under way" },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550 5.1.1 who\n9h listed m1\n"
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	/* a report that was listed before it was tried itself is another's */
	{ ONE, IN HOME "1d listed m1\n4d syn mx1.r.test 198.18.1.1 refuse\n",
	    V_RETRYING, NULL },
	{ ONE, IN HOME "2s open 2 mx.s.test 198.18.0.10\n"
	    "6s syn mx1.r.test 198.18.1.1 refuse\n" GONE, V_SILENT_DROP,
	    "accepted and then lost" },
	/* by its first offer, however often it is tried since */
	{ ONE, BOUNCING PUT_OFF("2s", 2) "2h open 3 mx.s.test 198.18.0.10\n",
	    V_BOUNCED_NOWHERE, "after 2.0s" },
	/* what was taken in a session was about another recipient */
	{ TWO, IN HOME MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
	    "1s also 1 m1 v@r.test 550 5.1.1 no such user\n"
	    "2s open 2 mx.s.test 198.18.0.10\n2s offers 2 a+m1@s.test 250\n"
	    "2s dsn m1 v@r.test failed 5.1.1 to=a@s.test conn=2\n"
	    "2s copy 2 - a+m1@s.test 250 from=\n2s reply 2 eod 250\n" GONE,
	    V_SILENT_DROP, "accepted and then lost" },
	{ TWO, IN HOME MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
	    "1s also 1 m1 v@r.test 550 5.1.1 no such user\n"
	    "2s open 2 mx.s.test 198.18.0.10\n2s offers 2 a+m1@s.test 250\n"
	    "2s dsn m1 v@r.test failed 5.1.1 to=a@s.test conn=2\n"
	    "2s copy 2 - a+m1@s.test 250 from=\n2s reply 2 eod 250\n"
	    "2h dsn m1 u@r.test failed 5.1.1 to=a@s.test conn=3\n",
	    V_LATE_BOUNCE, NULL },
	/* ...or its own, and read slowly */
	{ ONE, BOUNCING "397s open 2 mx.s.test 198.18.0.10\n"
	    "397s offers 2 a+m1@s.test 250\n"
	    "500s dsn m1 u@r.test failed 5.1.1 to=a@s.test conn=2\n"
	    "500s copy 2 - a+m1@s.test 250 from=\n500s reply 2 eod 250\n",
	    V_BOUNCED_CORRECT, NULL },
	/* the same of contacts that say nothing, and of sessions unseen */
	{ ONE, BOUNCING CLOSED("397s") LATE_WORDS, V_BOUNCED_CORRECT, NULL },
	{ ONE, BOUNCING CLOSED("398s") LATE_WORDS, V_LATE_BOUNCE, NULL },
	{ ONE, BOUNCING "2s bounce-refused a+m1@s.test 450\n" LATE_WORDS,
	    V_BOUNCED_CORRECT, NULL },
	/* it had somewhere to go: it came, and late */
	{ ONE, "0s dns s.test MX NXDOMAIN truth\n" BOUNCING
	    "2h dsn m1 u@r.test failed 5.1.1 to=a@s.test\n", V_LATE_BOUNCE,
	    NULL },
	/* refused for good, whatever the code */
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 501 5.1.3 what\n"
	    "3s dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n" GONE
	    "9h queue m1 no\n", V_BOUNCED_NOWHERE, "refused for good" },
	/* what its host told the warning it has not told the report */
	{ ONE, IN HOME REFUSED_BOTH "4h accept 5 mx.s.test 198.18.0.10\n"
	    "4h reply 5 greeting 554 no\n"
	    "5h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "6h queue m1 no\n9h queue m1 no\n", V_SILENT_DROP,
	    "accepted and then lost" },
	/* ...but what DNS said need not be asked again */
	{ ONE, IN HOME "0s dns s.test MX NXDOMAIN truth\n"
	    "10s open 1 mx1.r.test 198.18.1.1\n"
	    "10s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n" MOORED,
	    V_BOUNCED_NOWHERE, "nowhere to go; DNS said NXDOMAIN" },
	/* without a sign of one it stays a loss */
	{ ONE, BOUNCING GONE "900s queue m1 no\n", V_SILENT_DROP,
	    "accepted and then lost" },
	/* only the postmaster was told */
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 "
	    "to=postmaster@sut.test\n" GONE "900s queue m1 no\n",
	    V_SILENT_DROP, "only postmaster@sut.test was told" },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test\n"
	    "3s dsn m1 u@r.test failed 5.1.1 to=postmaster@sut.test\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 to=postmaster\n"
	    "3s dsn m1 u@r.test failed 5.1.1 to=postmaster@b.test\n" GONE
	    "900s queue m1 no\n", V_SILENT_DROP,
	    "only postmaster was told" },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 "
	    "to=postmaster2@s.test\n", V_MISADDRESSED_DSN, NULL },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 "
	    "to=bestmaster@s.test\n", V_MISADDRESSED_DSN, NULL },
	{ ZONE "messages: [{name: m1, from: postmaster@s.test, to: "
	    "u@r.test}]\n", BOUNCING "3s dsn m1 u@r.test failed 5.1.1 "
	    "to=postmaster@s.test\n", V_BOUNCED_CORRECT, NULL },
	/* of another message, of another end, of nobody, of somebody else */
	{ ONE, BOUNCING "3s dsn zz u@r.test failed 5.1.1 to=a@s.test\n"
	    "3s dsn zz - failed 5.1.1 to=a@s.test\n3s listed zz\n" GONE,
	    V_SILENT_DROP, NULL },
	{ ONE, BOUNCING "3s dsn m1 u@r.test relayed 2.0.0 to=a@s.test "
	    "defect=x\n" GONE, V_SILENT_DROP, NULL },
	{ TWO, IN HOME MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test 550 5.1.1 no such user\n"
	    "1s also 1 m1 v@r.test 550 5.1.1 no such user\n"
	    "3s dsn m1 - failed 5.1.1 to=a@s.test defect=nobody\n",
	    V_BOUNCED_MALFORMED, "nobody" },
	/* what is wrong with it is said */
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test "
	    "from=root@sut.test\n", V_BOUNCED_MALFORMED,
	    "it is not from <>" },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 2.1.1 to=a@s.test\n",
	    V_BOUNCED_MALFORMED, "its status is of no failure" },
	/* a question that is not for its MX is no sign of one */
	{ ONE, BOUNCING "2s query s.test TXT\n" GONE, V_SILENT_DROP,
	    "accepted and then lost" },
	/* reported, and not over */
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test\n"
	    "30m open 3 mx1.r.test 198.18.1.1\n"
	    "30m rcpt 3 m1 u@r.test 550 5.1.1 no such user\n",
	    V_BOUNCED_QUEUED, "yet it was offered again" },
	{ ONE, BOUNCING "3s dsn m1 u@r.test failed 5.1.1 to=a@s.test\n"
	    "30m queue m1 yes\n", V_BOUNCED_QUEUED, "yet it is still queued" },
	/* what had healed does not entitle any more */
	{ ONE, IN "1s dns r.test MX NXDOMAIN truth\n" "1h "
	    "dns r.test MX NOERROR truth MX 10 mx1.r.test\n"
	    "1h dns mx1.r.test A NOERROR truth A 198.18.1.1\n"
	    "1h syn mx1.r.test 198.18.1.1 refuse\n"
	    "9h dsn m1 u@r.test failed 5.4.4 to=a@s.test\n",
	    V_PREMATURE_BOUNCE, "mx1.r.test refused the connection" },
	/* what the client earned by misuse entitles nobody */
	{ ONE, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s cmd 1 mail MAIL FROM:<a+m1@s.test>\n"
	    "1s reply 1 mail 503 5.5.1 EHLO first\n"
	    "3s dsn m1 u@r.test failed 5.5.1 to=a@s.test\n",
	    V_PREMATURE_BOUNCE, "503 5.5.1" },
	/* a copy after an acknowledged one has no excuse in an earlier loss */
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "302s deliver 2 m1 u@r.test mx1.r.test 198.18.1.1\n"
	    "602s deliver 3 m1 u@r.test mx1.r.test 198.18.1.1\n",
	    V_DUPLICATE, "the MTA knew" },
	/* an unacknowledged copy hides nothing that is stuck */
	{ ONE, IN "2s deliver 1 m1 u@r.test mx1.r.test 198.18.1.1 lost\n"
	    "2d queue m1 yes\n", V_STUCK, "without an attempt" },
	/* hosts that cannot be another's */
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 0 localhost\n"
	    "2s dsn m1 u@r.test failed 5.4.6 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 0 198.18.1.9.\n"
	    "2s dsn m1 u@r.test failed 5.4.4 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN "1s dns r.test MX NOERROR truth MX 0 198.18.1.9.\n"
	    "1s open 1 h9.test 198.18.1.9\n"
	    "1s rcpt 1 m1 u@r.test 250 ok\n1s copy 1 m1 u@r.test 250\n",
	    V_DELIVERED, NULL },
	/* aliases that lead back: either ending */
	{ ONE, IN "1s query r.test MX\n"
	    "1s dns r.test MX NOERROR truth MX 0 h.r.test\n"
	    "1s dns h.r.test A NOERROR truth CNAME i.r.test\n"
	    "1s dns i.r.test A NOERROR truth CNAME h.r.test\n"
	    "1s dns h.r.test AAAA NOERROR truth CNAME i.r.test\n"
	    "30m queue m1 yes\n", V_RETRYING, NULL },
	/* recipients under another name */
	{ TWO, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 x@r.test 250 ok\n1s also 1 m1 y@r.test 250 ok\n"
	    "1s copy 1 m1 x@r.test 250\n1s copy 1 m1 y@r.test 250\n",
	    V_DELIVERED, "for u@r.test reached mx1.r.test" },
	{ ONE, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 x@r.test 550 no\n"
	    "3s dsn m1 x@r.test failed 5.1.1 to=a@s.test\n",
	    V_BOUNCED_CORRECT, NULL },
	{ ONE, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 u@r.test.sut.test 250 ok\n"
	    "1s copy 1 m1 u@r.test.sut.test 250\n", V_DELIVERED, NULL },
	{ ONE, IN MX "1s open 1 decoy.sut.test 198.18.0.66\n"
	    "1s rcpt 1 m1 u@r.test.sut.test 250 ok\n"
	    "1s copy 1 m1 u@r.test.sut.test 250\n", V_MISROUTED,
	    "readdressed to u@r.test.sut.test" },
};

START_TEST(a_report_has_a_life_of_its_own)
{
	const struct unit *u;
	struct story st;

	story(&st, lives[_i].yaml, lives[_i].lines);
	u = &st.j.units[0];
	if (u->verdict != lives[_i].verdict || (lives[_i].fact != NULL &&
	    strstr(u->why, lives[_i].fact) == NULL))
		ck_abort_msg("life %d: %s, not %s: %s\n%s", _i,
		    verdict_name(u->verdict), verdict_name(lives[_i].verdict),
		    u->why, lives[_i].lines);
	story_close(&st);
}
END_TEST

/* Each recipient's warnings may be under way as well, one a WARN. */
START_TEST(warnings_may_go_beside_it)
{
	static const char *const opens = "16h open 2 mx.s.test 198.18.0.10\n"
	    "16h open 3 mx.s.test 198.18.0.10\n"
	    "16h open 4 mx.s.test 198.18.0.10\n"
	    "16h open 5 mx.s.test 198.18.0.10\n";
	static const char *const offers = "16h offers 2 a+m1@s.test 450\n"
	    "16h offers 3 a+m1@s.test 450\n16h offers 4 a+m1@s.test 450\n";
	struct story st;

	for (int many = 0; many < 2; many++) {
		story_open(&st, ONE);
		st.profile.warn_us = story_time("4h");
		story_tell(&st, LEGIT HOME "8h inject m1 250\n"
		    "8h open 1 mx1.r.test 198.18.1.1\n"
		    "8h rcpt 1 m1 u@r.test 550 5.1.1 no such user\n");
		story_tell(&st, opens);
		story_tell(&st, offers);
		if (many)
			story_tell(&st, "16h offers 5 a+m1@s.test 450\n");
		story_judge(&st);
		ck_assert_int_eq(st.j.units[0].verdict, many ?
		    V_DUPLICATE_DSN : V_LATE_BOUNCE);
		story_close(&st);
	}
}
END_TEST

/* A listing that no canary proved is no proof of a loss. */
START_TEST(an_unproven_listing_proves_nothing)
{
	struct judge_settle *state = NULL;
	struct story st;

	story_open(&st, ONE);
	st.profile.queue_proven = false;
	story_tell(&st, BOUNCING GONE "900s queue m1 no\n");
	ck_assert(!judge_settled(&state, st.sc, &st.trace, &st.profile,
	    story_time("900s")));
	story_judge(&st);
	ck_assert_int_ne(st.j.units[0].verdict, V_SILENT_DROP);
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

/* A storm ends the run, and is the finding: whoever shares the host. */
START_TEST(a_storm_is_seen_while_it_goes_on)
{
	struct judge_settle *state = NULL;
	struct story st;
	char line[80];

	story_open(&st, PAIR);
	story_tell(&st, LEGIT "0s inject m2 250\n0s inject m1 250\n");
	for (int i = 1; i <= 60; i++) {
		ck_assert(i > 48 || !judge_settled(&state, st.sc, &st.trace,
		    &st.profile, st.trace.events[st.trace.count - 1].t_us));
		snprintf(line, sizeof line,
		    "%ds syn mx1.r.test 198.18.1.1 refuse\n", i);
		story_tell(&st, line);
	}
	ck_assert(judge_settled(&state, st.sc, &st.trace, &st.profile,
	    story_time("60s")));
	story_judge(&st);
	ck_assert(story_has_flag(&st, F_RETRY_STORM));
	ck_assert_int_eq(st.j.result, RESULT_FAIL);
	ck_assert_str_eq(st.j.clause, "R-5321-4.5.4.1-d");
	judge_settle_free(state);
	story_close(&st);
}
END_TEST

static const struct {
	const char *yaml, *lines;
	enum flag flag;			/* FLAG_COUNT: none at all */
	const char *clause, *fact;
} tellings[] = {
	{ ONE, BOUNCING "2s bounce-refused a+m1@s.test 550\n"
	    "1h bounce-refused a+m1@s.test 550\n"
	    "2h bounce-refused a+m1@s.test 550\n"
	    "3h bounce-refused a+m1@s.test 550\n"
	    "4h bounce-refused a+m1@s.test 550\n"
	    "5h bounce-refused a+m1@s.test 550\n" GONE, F_REPORT_RETRIED,
	    "R-DF-DB-a", "again and again" },
	/* refused when it had hung up, and offered again, as it must be */
	{ ONE, BOUNCING UNHEARD("1h", 2) UNHEARD("2h", 3) UNHEARD("3h", 4)
	    UNHEARD("4h", 5) UNHEARD("5h", 6) UNHEARD("6h", 7), FLAG_COUNT,
	    NULL, NULL },
	/* refused, but not told so before it hung up */
	{ ONE, BOUNCING UNTOLD("1", 2) UNTOLD("2", 3) UNTOLD("3", 4)
	    UNTOLD("4", 5) UNTOLD("5", 6) UNTOLD("6", 7), FLAG_COUNT,
	    NULL, NULL },
	/* ...each by the next retry, of each recipient, after a clear word */
	{ ONE, BOUNCING AGAIN("2s") AGAIN("4732s") AGAIN("9462s")
	    AGAIN("14192s") AGAIN("18922s") AGAIN("23652s") GONE,
	    F_REPORT_RETRIED, "R-DF-DB-a", "again and again" },
	{ TWO, BOUNCING AGAIN("2s") AGAIN("1h") AGAIN("2h") AGAIN("3h")
	    AGAIN("4h") AGAIN("5h") GONE, FLAG_COUNT, NULL, NULL },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 250\n2s reply 2 body 554 no\n"
	    AGAIN("1h") AGAIN("2h") AGAIN("3h") AGAIN("4h") AGAIN("5h") GONE,
	    FLAG_COUNT, NULL, NULL },
	{ ONE, BOUNCING "2s open 2 mx.s.test 198.18.0.10\n"
	    "2s offers 2 a+m1@s.test 550\n2s close 2 server reset\n"
	    AGAIN("1h") AGAIN("2h") AGAIN("3h") AGAIN("4h") AGAIN("5h") GONE,
	    FLAG_COUNT, NULL, NULL },
	{ NULLED, IN DELIVER, FLAG_COUNT, NULL, NULL },
	/* <> refused there: as often as there are units of its senders */
	{ SHARED, HARBOUR NULL_NO("2s", 2) NULL_NO("1h", 3) NULL_NO("2h", 4)
	    NULL_NO("3h", 5) NULL_NO("4h", 6) NULL_NO("5h", 7) GONE,
	    F_REPORT_RETRIED, "R-DF-DB-a", "again and again" },
	{ NEIGHBOURS, "0s inject m2 250\n" BOUNCING NULL_NO("2s", 2)
	    NULL_NO("1h", 3) NULL_NO("2h", 4) NULL_NO("3h", 5)
	    NULL_NO("4h", 6) NULL_NO("5h", 7) GONE, FLAG_COUNT, NULL, NULL },
	/* another each day is no storm of one */
	{ ONE, BOUNCING "2s bounce-refused a+m1@s.test 550\n"
	    "1d bounce-refused a+m1@s.test 550\n"
	    "2d bounce-refused a+m1@s.test 550\n"
	    "3d bounce-refused a+m1@s.test 550\n"
	    "4d bounce-refused a+m1@s.test 550\n"
	    "5d bounce-refused a+m1@s.test 550\n" GONE, FLAG_COUNT, NULL,
	    NULL },
	{ ONE, IN REFUSED_BOTH
	    "4h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "5m syn mx1.r.test 198.18.1.1 refuse\n4h queue m1 yes\n",
	    FLAG_COUNT, NULL, NULL },
	{ ZONE "messages: [{name: m1, from: a@s.test, to: u@r.test, "
	    "notify: FAILURE}]\n", IN REFUSED_BOTH
	    "4h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n"
	    "4h queue m1 yes\n", F_DELAY_WARNING, "R-3461-5.2.5-a",
	    "although NOTIFY is FAILURE" },
	{ ONE, IN MX "1s syn mx1.r.test 198.18.1.1 refuse\n"
	    "1s deliver 1 m1 u@r.test mx2.r.test 198.18.1.2\n"
	    "4h dsn m1 u@r.test delayed 4.4.1 to=a@s.test\n",
	    F_DELAY_WARNING, "R-3461-5.2.5-a", "come to its end" },
	{ ONE, IN MX "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 U@r.test 250 ok\n1s copy 1 m1 U@r.test 250\n",
	    F_REWRITTEN, "R-5321-2.4-a", "in another case" },
};

START_TEST(what_was_told_is_judged_by_its_own_clause)
{
	const struct finding *f = NULL;
	struct story st;

	story(&st, tellings[_i].yaml, tellings[_i].lines);
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag != F_NOT_ALL_TRIED)
			f = &st.j.findings[i];
	if (tellings[_i].flag == FLAG_COUNT)
		ck_assert_ptr_null(f);
	else {
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(f->flag, tellings[_i].flag);
		ck_assert_str_eq(f->clause, tellings[_i].clause);
		ck_assert_ptr_nonnull(strstr(f->text, tellings[_i].fact));
	}
	story_close(&st);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reports");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_report_has_a_life_of_its_own, 0, ALL(lives));
	tcase_add_test(tc, warnings_may_go_beside_it);
	tcase_add_test(tc, an_unproven_listing_proves_nothing);
	tcase_add_test(tc, a_storm_is_seen_while_it_goes_on);
	tcase_add_loop_test(tc, what_was_told_is_judged_by_its_own_clause, 0,
	    ALL(tellings));
	suite_add_tcase(s, tc);
	return run_and_free(s);
}

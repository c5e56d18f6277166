/*
 * A run told in lines of text, for the judge's tests:
 *
 *	TIME legit DOMAIN HOST ADDR PREF	(HOST "-": no host at all)
 *	TIME inject KEY CODE			end of data
 *	TIME inject KEY RCPT CODE
 *	TIME submits KEY STAGE CODE		any reply to the submission
 *	TIME broken-off KEY			the command that submits it
 *	TIME query NAME TYPE
 *	TIME dns NAME TYPE RCODE ACTION [TEXT...]	(RCODE "-": no reply)
 *	TIME ask PEER NAME TYPE			a query, and who asks
 *	TIME answer PEER NAME TYPE RCODE ACTION [TEXT...]
 *	TIME syn HOST ADDR STATE
 *	TIME open CONN HOST ADDR		also the SYN and the greeting
 *	TIME accept CONN HOST ADDR		as open, without greeting
 *	TIME cmd CONN STAGE [TEXT...]
 *	TIME mail CONN KEY TEXT...		a MAIL that tells its message
 *	TIME reply CONN STAGE CODE TEXT...
 *	TIME silent CONN STAGE
 *	TIME odd CONN STAGE CODE ACTION [TEXT...]	a reply spoilt by order
 *	TIME ruled CONN STAGE CODE RULE [TEXT...]	a rule of the scenario's
 *	TIME eod CONN				the dot of the content
 *	TIME rcpt CONN KEY RCPT CODE TEXT...	command, verdict and reply
 *	TIME refuses CONN KEY RCPT CODE		without the reply itself
 *	TIME also CONN KEY RCPT CODE TEXT...	one more in its transaction
 *	TIME copy CONN KEY RCPT CODE [lost] [discarded] [bad]
 *	TIME close CONN BY STATE
 *	TIME deliver CONN KEY RCPT HOST ADDR	all of a healthy delivery
 *	TIME dsn KEY RCPT ACTION STATUS [to=ADDR] [from=ADDR] [defect=WORD]
 *		[conn=CONN] [envid=ID] [orcpt=ADDR] [remote=MTA] [full]
 *		[reporter=MTA] [text=DIAGNOSTIC]	(RCPT "-": none)
 *	TIME form KEY CLAUSE MUST|MAY TEXT...	a lesser defect
 *	TIME bounce-refused RCPT CODE		the sender's MX refuses a report
 *	TIME offers CONN SENDER CODE TEXT...	a report's MAIL and RCPT
 *	TIME offers CONN SENDER CODE untold	the same, not answered yet
 *	TIME listed KEY				a report about it is queued
 *	TIME queue KEY [RCPT] STATE
 *	TIME died PROGRAM SIGNAL
 *	TIME mta VERB [RULE] | flag NAME KEY STATE | violation CONN ID
 *	TIME stray TO | fault TEXT | end TEXT | unclocked
 *	TIME network STATE RULE | noroute ADDR PORT
 *	TIME rule RULE				the rule exists, decided nothing
 */
#ifndef MXD_TESTS_STORY_H
#define MXD_TESTS_STORY_H

#include "harness/judge/judge.h"
#include "harness/scenario/scenario.h"

struct story {
	struct scenario	*sc;
	struct trace	 trace;
	struct profile	 profile;
	struct judgement j;
};

/* R1 300s, Rmax 4000s, QR 300s, LIFE 5d, as the MTA most tests imagine. */
void	 story_open(struct story *, const char *yaml);
void	 story_tell(struct story *, const char *lines);
void	 story_judge(struct story *);
void	 story_close(struct story *);
/* All at once; the caller closes. */
void	 story(struct story *, const char *yaml, const char *lines);
/* The same, and its first unit must end so; `nth` is for the failure. */
void	 story_ends(struct story *, const char *yaml, const char *lines,
	    enum verdict, int nth);
bool	 story_has_flag(const struct story *, enum flag);
/* Virtual time of "2h3m1.5s"-like words: 2h, 90s, 5m, -3s. */
int64_t	 story_time(const char *);

#endif

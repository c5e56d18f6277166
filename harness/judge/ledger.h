/*
 * The ledger: what the trace says of each message and recipient.  Facts
 * only; history.h asks it, verdict.h decides.  build.c fills it, event by
 * event, in the order of its table; each block below names the one file
 * that writes it.  Nothing is ever taken back but by that file.
 *
 * All times are virtual microseconds; TIME_NEVER: not seen.  Strings and
 * events are the trace's, the scenario's or the arena's.
 */
#ifndef MXD_JUDGE_LEDGER_H
#define MXD_JUDGE_LEDGER_H

#include <uthash.h>

#include "harness/base/event.h"
#include "harness/base/names.h"
#include "harness/judge/bounds.h"
#include "harness/judge/profile.h"
#include "harness/judge/verdict.h"
#include "harness/scenario/scenario.h"

/* --- found again by name: index.c --- */

struct indexed {
	const char	*name;		/* lower case, without its last dot */
	size_t		*items;
	size_t		 count;
	UT_hash_handle	 hh;
};

/* --- answers.c: what DNS told the MTA --- */

enum answer {
	ANSWER_SOFT,			/* failed, forged, mangled or none */
	ANSWER_RECORDS, ANSWER_NODATA, ANSWER_NXDOMAIN, ANSWER_NULL_MX,
	ANSWER_LOOP,			/* aliases that lead back */
	ANSWER_UNASKED
};

struct asked {			/* the last answer to one question */
	const char	*qname, *qtype;
	enum answer	 answer, before;	/* and the one before it */
	const struct event *ev;
	int64_t		 before_us;
	bool		 slow;		/* whoever asked may wait no more */
};

struct alias {
	const char	*from, *to;
	bool		 told;		/* by a scenario's `records` rule */
};

/* --- legit.c: where mail for a domain may go --- */

struct legit {			/* told by the runner, or by a DNS reply */
	const char	*host, *addr;	/* host NULL: none at all */
	int		 preference;
	int64_t		 from_us, until_us;
	bool		 told;		/* by a scenario's `records` rule */
	bool		 slow;		/* nobody may have waited for it */
	bool		 first;		/* first state: also before from_us */
	bool		 self;		/* the MTA's own place */
};

/* --- sessions.c: connections and addresses --- */

/* What the last contact with an address came to. */
/* ODD5: it may have been read as a refusal for good. */
enum contact { CONTACT_FAILED, CONTACT_GREET5, CONTACT_ODD5, CONTACT_OPEN };

struct dialled {		/* whose accept is still to come */
	size_t		 contact;
	const char	*peer;		/* NULL: not told */
};

struct address {
	const char	*addr;
	enum contact	 contact;
	int64_t		 t_us;
	/* attempts.c: contacts not yet open, and the first that may be so */
	struct dialled	*waiting;
	size_t		 waiting_count, opened;
	/* those that ended in a fall-back, and the first yet to be followed */
	size_t		*fallen;
	size_t		 fallen_count, followed;
	/* repeats.c: contacts that were turned away, in order */
	size_t		*away;
	size_t		 away_count;
	/* storms.c: contacts since then */
	int64_t		 since_us;
	int		 contacts;
};

struct offer {			/* a recipient of the current transaction */
	size_t		 entry;
	int		 code;
	uint64_t	 seq;
};

struct session {		/* one connection that reached a fake host */
	const char	*host, *addr;
	const char	*mail;		/* text of the MAIL command, or NULL */
	const char	*mail_key;	/* whose it is; NULL: not known */
	const char	*rcpt;		/* text of the last RCPT command */
	const char	*msg;		/* key of the first message in it */
	bool		 mixed;		/* more than one message */
	bool		 null_sender;	/* its transaction is of <> */
	bool		 ordinary;	/* had one that is of somebody */
	bool		 got_mail;	/* reached MAIL */
	bool		 said_ehlo;
	bool		 fell_back;	/* last word was EHLO or STARTTLS */
	bool		 to_helo;	/* and it was EHLO */
	bool		 said_quit;
	bool		 unanswered;	/* the last command */
	bool		 cut;		/* told 421 */
	const struct event *early;	/* a refusal before it was asked for */
	const struct event *before_mail; /* last reply before any MAIL */
	bool		 strange;	/* got what is of no known unit */
	bool		 whole;		/* ended at the client's wish, known */
	bool		 reset;		/* by the host */
	bool		 reply_lost;	/* of an end of data */
	bool		 report_offered;	/* one of failure */
	bool		 report_taken;	/* and delivered */
	const char	**bare;		/* keys of MAILs without a RCPT */
	size_t		 bare_count;
	size_t		*named;		/* entries: whose recipients it got */
	size_t		 named_count;
	struct offer	*offers;
	size_t		 offer_count;
	size_t		*reports;	/* mails that its reports are about */
	size_t		 report_count;
	int		 accepted;	/* recipients of this transaction */
	int		 greeting;	/* its code; 0: none came */
	uint64_t	 last_command, last_reply;	/* seq */
	uint64_t	 sent;		/* seq of the last end of data */
	uint64_t	 opened, closed;	/* seq; 0: not yet */
	int64_t		 began_us;	/* its transaction, or itself */
	int64_t		 heard_us;	/* the host's last reply */
	int64_t		 closed_us;	/* 0: not yet */
};

/* --- attempts.c: delivery attempts and cycles (21.3) --- */

struct attempt {
	int64_t		 t_us;
	uint64_t	 seq;
	const char	*host, *addr;	/* NULL: the MX query alone */
	const char	*state;		/* of the SYN: open, refuse... */
	int64_t		 conn;
	int		 preference;
	int		 cycle;		/* from 1 */
	bool		 vague;		/* a lost query: of any mail at all */
	bool		 answered;	/* report_state.c: it is no sign */
};

struct lookup {			/* that has led to no connection so far */
	int64_t		 since_us;	/* TIME_NEVER: none is open */
	uint64_t	 seq;
	bool		 failed;	/* no answer, or none of use */
	bool		 vague;		/* the network ate the query */
};

/* --- evidence.c: what entitles a report of failure (21.2) --- */

enum perm { PERM_NONE, P1, P2, P3, P4, P5, P6, P7, P8 };

struct proof {
	enum perm	 perm;
	int64_t		 t_us;
	int64_t		 until_us;	/* healed; TIME_NEVER: not */
	bool		 obliges;	/* waiting on is not allowed */
	bool		 both;		/* DNS said it of A and of AAAA */
	const struct event *ev;		/* NULL: P8, the time itself */
	const struct event *healed;	/* what took it back, or NULL */
};

/*
 * Where mail for one domain goes, be it the scenario's or a report of
 * failure.  With smarthosts there is one destination for all.
 */
struct destination {
	const char	*domain;	/* NULL: the smarthosts */
	size_t		 nr;
	/* ledger.c */
	size_t		*entries;	/* that go there, no control message */
	size_t		 entry_count;
	size_t		 mails;		/* of them, messages */
	size_t		 senders;	/* messages whose reports go there */
	size_t		 null_mails;	/* units of the null sender */
	/* legit.c */
	struct legit	*legit;
	size_t		 legit_count;
	bool		 garbled;	/* may have been told anything */
	int64_t		 told_others_us; /* last MX without us; TIME_NEVER */
	/* attempts.c: what may be of any mail that goes there */
	struct lookup	 lookup;
	bool		 reached;	/* one has ever led to an address */
	struct attempt	*shared;
	size_t		 shared_count;
	bool		 company;	/* other domains use its addresses */
	/* evidence_home.c: P3, P4, P5, for all mail alike */
	struct proof	*proofs;
	size_t		 proof_count;
	const struct event *last_reply;	/* a refusal of the session */
	const struct event *no_8bitmime;	/* an EHLO reply without it */
	const struct event *size_limit;	/* the reply with the least SIZE */
	unsigned long	 size;
	/* reports.c: signs of a report that do not say about what */
	struct attempt	*signs;
	size_t		 sign_count;
	int64_t		 emptied_us;	/* its mail had left; TIME_NEVER */
	size_t		 untold;	/* repeats.c: senders, no report */
	const struct event *refused;	/* the last 5yz to MAIL FROM:<> */
	int		 refusals;	/* of that kind */
	int64_t		 touched_us;	/* last contact; TIME_NEVER */
	/* storms.c: queries for its MX since then */
	int64_t		 queries_us;
	int		 queries;
};

/* --- reports.c: reports of failure as mail of their own --- */

struct report_try {		/* a transaction that offered one */
	int64_t		 t_us;
	uint64_t	 seq;
	int64_t		 conn;
	const struct event *reply;	/* what ended it; NULL: nothing yet */
	int		 code;
};

/* One message of the scenario, and what its sender was told. */
struct mail {
	/* ledger.c */
	const struct message *message;
	const char	*key;
	size_t		 first, count;	/* its entries */
	struct destination *home;	/* of its sender; NULL: null sender */
	/* whose.c: what its recipients became on the way */
	struct binding	*bindings;
	size_t		 binding_count;
	/* report_tries.c, reports.c */
	struct report_try *tries;
	size_t		 try_count;
	const struct event *refused;	/* first refusal of one for good */
	int		 reoffers;	/* transactions after that */
	const struct event *doubled;	/* one more at once than explained */
	const struct event *strayed;	/* RCPT that offers one to another */
	int64_t		 listed_us;	/* last reading with a report queued */
	const struct event *postmaster;	/* a copy for the MTA's own */
};

/* How a recipient on the wire is known to stand for a unit. */
enum identity {
	ID_NAMED,			/* as it was submitted */
	ID_CASED,			/* its local part in another case */
	ID_ALIAS_END,			/* at the end of its domain's CNAMEs */
	ID_ELSEWHERE,			/* its local part at another domain */
	ID_TOLD,			/* by ORCPT or Original-Recipient */
	ID_UNTAGGED,			/* less a "+tag" */
	ID_PRESUMED			/* as one of those not yet seen */
};

struct binding {
	const char	*address;
	size_t		 entry;
	enum identity	 how;
	const struct event *ev;		/* where it was first seen */
};

/* --- units.c: what became of one recipient of one message --- */

struct copy {
	const struct event *ev;
	bool		 legit, counted, ambiguous;
	uint64_t	 sent;		/* seq of its end of data */
};

struct entry {
	/* ledger.c */
	const struct message *message;
	const char	*key, *rcpt, *domain;
	bool		 null_sender, no_dsn;
	struct mail	*mail;
	struct destination *dest;
	/* units.c: injection */
	bool		 accepted, asked;
	bool		 offered;	/* told to send its content (354) */
	int		 refusal;
	const struct event *injected;	/* the reply that decided */
	int64_t		 t0_us;
	int		 broken_off;	/* submissions that may be queued */
	/* units.c: copies */
	struct copy	*copies;
	size_t		 copy_count;
	int		 acked, ambiguous, misrouted;
	int		 passes;	/* transactions accepted, kept or not */
	bool		 looping;
	const struct event *misroute, *bad_copy, *downgrade;
	/* units.c: the queue */
	enum queue_state queue;
	int		 queue_no_readings;
	int64_t		 queue_no_since_us;	/* TIME_NEVER */
	int64_t		 queue_no_last_us;
	int64_t		 queue_yes_us;		/* last reading with it */
	const struct event *queue_wrong;	/* G6: seen after "no" twice */
	/* whose.c */
	bool		 named;		/* seen under its own name */
	bool		 presumed;	/* known only by ID_PRESUMED */
	const struct entry *twin;	/* build.c: it may have become one */
	const struct event *rewritten;	/* first seen otherwise */
	enum identity	 rewrite;
	/* reports.c: what its sender was told of it */
	int		 reports, delays;
	const struct event *first_report, *bad_report, *misaddressed;
	const struct event *last_delay;	/* a report "delayed" */
	const struct event **told;	/* each report that names it */
	size_t		 told_count;
	const char	*report_defect, *defect_clause;
	/* attempts.c */
	struct attempt	*own;		/* certainly its own */
	size_t		 own_count;
	struct attempt	*attempts;	/* with those that may be */
	size_t		 attempt_count;
	int		 cycles;
	/* evidence.c */
	int64_t		 last_begun_us;	/* when that transaction began */
	int64_t		 last_offer_us;	/* last RCPT; TIME_NEVER */
	struct proof	*proofs;	/* its own: P1, P2 */
	size_t		 proof_count;
	const struct event *last_reply;	/* the last refusal it met */
	const struct event *last_4yz;
	const struct event *said;	/* last answer to its RCPT, any code */
	const struct event *too_many;	/* 552 that is no refusal for good */
	const struct event *unclear_552;	/* said too little */
	/* ledger.c, at the end */
	bool		 alone;		/* no other message may go its way */
	bool		 sole;		/* no other recipient either */
};

/* --- faults.c: where a count-bounded fault met the MTA --- */

struct met {
	uint64_t	 seq;
	int64_t		 t_us, conn;
};

/* --- downtimes.c: when the harness held the MTA down --- */

struct downtime {
	int64_t		 from_us, until_us;	/* TIME_NEVER: it still is */
	uint64_t	 seq, until_seq;	/* until_seq 0: it still is */
	bool		 killed;
};

/* --- storms.c: retries that do not stop --- */

struct storm {
	const char	*host, *addr;	/* or the domain whose MX was asked */
	const struct event *ev;		/* the contact, or query, too many */
	int		 contacts;
	bool		 lookups;	/* queries are what was counted */
	int64_t		 within_us;
};

struct ledger {
	struct arena	*arena;
	const struct scenario *scenario;
	const struct profile *profile;
	const struct trace *trace;	/* may still grow */
	struct mail	*mails;
	size_t		 mail_count;
	struct entry	*entries;
	size_t		 count;
	struct destination **dests;
	size_t		 dest_count;
	struct asked	*asked;
	size_t		 asked_count;
	struct alias	*aliases;
	size_t		 alias_count;
	struct address	*addresses;
	size_t		 address_count;
	struct session	**sessions;	/* by conn */
	size_t		 session_count;
	int64_t		*queries_us;	/* when DNS was asked */
	size_t		 query_count;
	struct attempt	*contacts;	/* every one, whosesoever */
	size_t		 contact_count;
	int64_t		*lost_us;	/* when the network ate a query */
	size_t		 lost_count;
	/* repeats.c: into the queue and out of it, each in order of time */
	int64_t		*came_us, *left_us;
	size_t		 came_count, left_count;
	struct downtime	*downtimes;	/* oldest first, none overlap */
	size_t		 downtime_count;
	struct met	*met;
	size_t		 met_count;
	struct storm	 storm;		/* ev NULL: none */
	int64_t		 end_us;
	/* index.c */
	struct indexed	*by_key;	/* mails by their key */
	struct indexed	*by_unit;	/* entries by "KEY RCPT" */
	struct indexed	*by_domain;	/* destinations */
	struct indexed	*by_host;	/* destinations by a name of theirs */
	struct indexed	*by_addr;	/* destinations by an address */
	struct indexed	*by_question;	/* asked by "TYPE NAME" */
	struct indexed	*by_alias;	/* aliases by `from` */
	struct indexed	*by_peer;	/* queries_us by who asks */
	struct indexed	*by_contact;	/* addresses */
};

/* Before the phases began only the control message was on its way. */
#define BEFORE_RUN(ev)	((ev)->t_us < 0)
/* The MTA may act before the harness has read the reply to its mail. */
#define AHEAD_US	(1000 * 1000)

/* ledger.c: the units, nothing known of them yet; and the way to them. */
void	 ledger_list(struct ledger *, struct arena *, const struct scenario *,
	    const struct profile *);
/* Frees what is not the arena's. */
void	 ledger_fini(struct ledger *);
/* rcpt NULL: the message's first recipient. */
struct entry *ledger_find(const struct ledger *, const char *msg,
	    const char *rcpt);
/* The entries of that recipient of that message; NULL: none. */
const struct indexed *ledger_units(const struct ledger *, const char *msg,
	    const char *rcpt);
struct mail *ledger_mail(const struct ledger *, const char *key);
struct destination *ledger_destination(const struct ledger *,
	    const char *domain);
/* As above; made if it is not known yet. */
struct destination *ledger_make_destination(struct ledger *,
	    const char *domain);
struct session *ledger_session(struct ledger *, int64_t conn);
/* NULL: there was no such connection. */
const struct session *ledger_session_of(const struct ledger *, int64_t conn);
/* Does `message:` of an expectation mean the key? */
bool	 expectation_names(const char *want, const char *key);
/* The lifetime that holds for the unit: LIFE or LIFEb. */
int64_t	 entry_life(const struct ledger *, const struct entry *);
/* Did the harness do something to the MTA?  Its own end is none of that. */
bool	 mta_was_handled(const struct event *);
/* Did it between two times, both included, or from one event to another? */
bool	 ledger_handled(const struct ledger *, int64_t from_us, int64_t to_us);
bool	 ledger_handled_between(const struct ledger *, const struct event *,
	    const struct event *);
bool	 ledger_is_smart(const struct ledger *);
/* The index of the first event at or after that time. */
size_t	 ledger_since(const struct ledger *, int64_t t_us);
bool	 is_smarthost(const struct scenario *, const char *name);

/* index.c */
void	 index_add(struct ledger *, struct indexed **, const char *name,
	    size_t item);
/* As index_add(), unless the name has the item already. */
void	 index_join(struct ledger *, struct indexed **, const char *name,
	    size_t item);
const struct indexed *index_find(struct indexed *, const char *name);
void	 index_free(struct indexed **);
/* An address as the index keeps it: one text, no port.  NULL: no address. */
const char *index_addr(const char *addr, char room[static 64]);

#endif

/*
 * The ledger: what the trace says about each unit (21.1), its delivery
 * attempts and cycles (21.3) and the evidence that entitles a report of
 * failure (21.2).  Facts and figures only; verdict.h decides.
 */
#ifndef MXD_JUDGE_LEDGER_H
#define MXD_JUDGE_LEDGER_H

#include "harness/base/names.h"
#include "harness/judge/bounds.h"
#include "harness/judge/judge.h"
#include "harness/judge/verdict.h"

/* Where mail for a domain may go: told by the runner, or by a DNS reply. */
struct legit {
	const char	*domain, *host, *addr;	/* host NULL: none at all */
	int		 preference;
	int64_t		 from_us, until_us;
	bool		 told;		/* by a scenario's `records` rule */
	bool		 first;		/* first state: also before from_us */
};

/* The last answer that the MTA got to one question. */
enum answer {
	ANSWER_SOFT,			/* failed, forged, mangled or none */
	ANSWER_RECORDS, ANSWER_NODATA, ANSWER_NXDOMAIN, ANSWER_NULL_MX,
	ANSWER_UNASKED
};

struct asked {
	const char	*qname, *qtype;
	enum answer	 answer;
	const struct event *ev;
};

struct alias {
	const char	*from, *to;
};

/* What the last contact with an address came to. */
enum contact { CONTACT_FAILED, CONTACT_GREET5, CONTACT_OPEN };

struct address {
	const char	*host, *addr;
	enum contact	 contact;
	int64_t		 t_us;
};

struct attempt {
	int64_t		 t_us;
	uint64_t	 seq;
	const char	*host, *addr;	/* NULL: the MX query alone */
	const char	*state;		/* of the SYN: open, refuse... */
	int64_t		 conn;
	int		 preference;
	int		 cycle;		/* from 1 */
};

struct offer {			/* a recipient of the current transaction */
	size_t		 entry;
	int		 code;
};

/* One connection that reached a fake host. */
struct session {
	const char	*host, *addr;
	const char	*mail;		/* text of the MAIL command, or NULL */
	const char	*mail_key;	/* whose it is; NULL: not known */
	const char	*msg;		/* key of the first message in it */
	bool		 mixed;		/* more than one message */
	bool		 got_mail;	/* reached MAIL */
	bool		 fell_back;	/* last word was EHLO or STARTTLS */
	bool		 said_quit;
	bool		 unanswered;	/* the last command */
	bool		 cut;		/* told 421 */
	bool		 strange;	/* got what is of no known unit */
	bool		 whole;		/* ended at the client's wish, known */
	const char	**bare;		/* keys of MAILs without a RCPT */
	size_t		 bare_count;
	size_t		*named;		/* entries: whose recipients it got */
	size_t		 named_count;
	struct offer	*offers;
	size_t		 offer_count;
	int		 accepted;	/* recipients of this transaction */
	int64_t		 closed_us;	/* 0: not yet */
};

struct copy {
	const struct event *ev;
	bool		 legit, counted, ambiguous;
};

enum perm { PERM_NONE, P1, P2, P3, P4, P5, P6, P7, P8, P9 };

struct proof {			/* one piece of permanent evidence */
	enum perm	 perm;
	int64_t		 t_us;
	bool		 obliges;	/* waiting on is not allowed */
	const struct event *ev;		/* NULL: P8, the time itself */
};

struct entry {			/* one unit's page */
	const struct message *message;
	const char	*key, *rcpt, *domain;
	bool		 null_sender, no_dsn;
	bool		 accepted, asked;
	bool		 offered;	/* told to send its content (354) */
	int		 refusal;
	const struct event *injected;	/* the reply that decided */
	int64_t		 t0_us;
	struct copy	*copies;
	size_t		 copy_count;
	int		 acked, ambiguous, lost_replies, kills, misrouted;
	int		 passes;	/* transactions accepted, kept or not */
	bool		 looping;
	const struct event *misroute, *bad_copy, *downgrade;
	int		 reports, delays, report_offers;
	const struct event *first_report, *bad_report, *misaddressed;
	const struct event *last_delay;	/* a report "delayed" */
	const struct event *refused_report;	/* the sender's MX said 5yz */
	const char	*report_defect;
	struct attempt	*attempts;
	size_t		 attempt_count;
	int64_t		 dns_since_us;	/* a lookup without address */
	uint64_t	 dns_seq;
	int		 cycles;
	int64_t		 last_offer_us;	/* last RCPT; TIME_NEVER */
	struct proof	*proofs;
	size_t		 proof_count;
	enum queue_state queue;
	int		 queue_no_readings;
	int64_t		 queue_no_since_us;	/* TIME_NEVER */
	int64_t		 queue_no_last_us;
	const struct event *queue_wrong;	/* G6: seen after "no" twice */
	const struct event *last_reply;	/* the last refusal it met */
	const struct event *last_4yz;
	bool		 alone;		/* no other message to its domain */
	bool		 sole;		/* no other recipient either */
};

struct ledger {
	struct arena	*arena;
	const struct scenario *scenario;
	const struct trace *trace;
	const struct profile *profile;
	struct entry	*entries;
	size_t		 count;
	struct legit	*legit;
	size_t		 legit_count;
	struct asked	*asked;
	size_t		 asked_count;
	struct alias	*aliases;
	size_t		 alias_count;
	struct address	*addresses;
	size_t		 address_count;
	struct session	**sessions;	/* by conn */
	size_t		 session_count;
	int64_t		 end_us;
};

/* Before the phases began only the control message was on its way. */
#define BEFORE_RUN(ev)	((ev)->t_us < 0)

void	 ledger_build(struct ledger *, struct arena *, const struct scenario *,
	    const struct trace *, const struct profile *);
/* The units alone, nothing known of them yet. */
void	 ledger_list(struct ledger *, struct arena *, const struct scenario *);
struct entry *ledger_find(struct ledger *, const char *msg, const char *rcpt);
struct session *ledger_session(struct ledger *, int64_t conn);
/* Does `message:` of an expectation mean the key? */
bool	 expectation_names(const char *want, const char *key);
/* Is the sender's address, tagged or not, the reverse-path of the entry? */
bool	 entry_sender_is(const struct entry *, const char *address);

#define SENDER_SIZE	512

/* sessions.c: whom "MAIL FROM:<...> ..." names; false: nobody, or NULL. */
bool	 mail_sender(const char *command, char sender[static SENDER_SIZE]);
/* sessions.c, units.c: take the facts of one event. */
void	 sessions_take(struct ledger *, const struct event *);
void	 units_inject(struct ledger *, const struct event *);
void	 units_take(struct ledger *, const struct event *);
/*
 * The unit that a recipient on the wire stands for, or NULL.  *rewritten:
 * the MTA has changed the address.  To the end of its domain's CNAMEs it may
 * (RFC 1123 5.2.2 asked for that); anything else is another's mailbox.
 */
struct entry *units_find(struct ledger *, const struct event *,
	    bool *rewritten);
/* Does the report say that it failed, be it badly? */
bool	 report_says_failed(const struct event *);

/* legit.c: where mail for a domain may go. */
void	 legit_take(struct ledger *, const struct event *);
bool	 legit_host(const struct ledger *, const char *domain,
	    const char *host, const char *addr, int64_t t_us);
const struct legit *legit_find(const struct ledger *, const char *domain,
	    const char *host, const char *addr, int64_t t_us);
/* The preference from which on the MTA's own place excludes hosts. */
int	 legit_self(const struct ledger *, const char *domain, int64_t t_us);
bool	 legit_in_force(const struct ledger *, const struct legit *,
	    int64_t t_us);
bool	 name_is_self(const char *name);
bool	 is_smarthost(const struct scenario *, const char *name);

/* answers.c: what DNS told the MTA. */
struct mx {
	int		 preference;
	char		 name[256];
};

void	 answers_take(struct ledger *, const struct event *);
const struct asked *answers_last(const struct ledger *, const char *qname,
	    const char *qtype);
/* The end of the CNAMEs that start at `name`. */
const char *answers_end(const struct ledger *, const char *name);
/* The next MX of a reply's text from *at on; false at the end. */
bool	 answers_next_mx(const char **at, struct mx *);
enum answer answer_of(const struct event *);

/* 21.3 (attempts.c): finds attempts event by event, then their cycles. */
void	 attempts_take(struct ledger *, struct entry *, const struct event *);
void	 attempts_end(struct ledger *, struct entry *);
/* G of 21.3: a longer pause begins a new cycle. */
int64_t	 attempts_gap(const struct profile *);

/* 21.2 (evidence.c, candidates.c): fills entry->proofs. */
void	 evidence_take(struct ledger *, struct entry *, const struct event *);
void	 evidence_end(struct ledger *, struct entry *);
void	 evidence_add(struct ledger *, struct entry *, enum perm,
	    bool obliges, const struct event *);
void	 candidates_check(struct ledger *, struct entry *,
	    const struct event *);
/* The earliest evidence not after `t_us`; NULL: none. */
const struct proof *evidence_first(const struct entry *, int64_t t_us,
	    bool obliging);

/* The abstract history that verdict_decide() takes (history.c). */
void	 ledger_history(const struct ledger *, const struct entry *,
	    struct history *);
/* In which of the unit's cycles the copy came; 1 also when not known. */
int	 history_cycle_of(const struct entry *, const struct event *copy);

/* The lifetime that holds for the unit: LIFE or LIFEb. */
int64_t	 entry_life(const struct ledger *, const struct entry *);
/* Until when a fault may hold up reports to the sender; 0: never did. */
int64_t	 sender_fault_until(const struct ledger *, const struct entry *);
/* Did the harness do something to the MTA?  Its own end is none of that. */
bool	 mta_was_handled(const struct event *);

#endif

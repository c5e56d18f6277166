/*
 * The ledger: what the trace says about each unit (21.1), its delivery
 * attempts and cycles (21.3) and the evidence that entitles a report of
 * failure (21.2).  Facts and figures only; verdict.h decides.
 */
#ifndef MXD_JUDGE_LEDGER_H
#define MXD_JUDGE_LEDGER_H

#include "harness/judge/judge.h"
#include "harness/judge/verdict.h"

struct legit {			/* from flag events named "legit" */
	const char	*domain, *host, *addr;	/* host NULL: none at all */
	int		 preference;
	int64_t		 from_us, until_us;
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

struct copy {
	const struct event *ev;
	bool		 legit, counted, ambiguous;
};

enum perm { PERM_NONE, P1, P2, P3, P4, P5, P6, P7, P8, P9 };

struct proof {			/* one piece of permanent evidence */
	enum perm	 perm;
	int64_t		 t_us;
	bool		 obliges;	/* waiting on is not allowed */
	const struct event *ev;
};

struct entry {			/* one unit's page */
	const struct message *message;
	const char	*key, *rcpt, *domain;
	bool		 null_sender, no_dsn;
	bool		 accepted, asked;
	int		 refusal;
	int64_t		 t0_us;
	const struct event *injected;
	struct copy	*copies;
	size_t		 copy_count;
	int		 acked, ambiguous, lost_replies, kills, misrouted;
	const struct event *misroute, *bad_copy, *downgrade;
	int		 reports, delays, malformed;
	const struct event *first_report, *bad_report, *misaddressed;
	struct attempt	*attempts;
	size_t		 attempt_count;
	int		 cycles;
	struct proof	*proofs;
	size_t		 proof_count;
	enum queue_state queue;
	int		 queue_no_readings;
	int64_t		 queue_no_since_us;	/* TIME_NEVER */
	const struct event *last_reply;	/* the last refusal it met */
	const struct event *last_4yz;
	bool		 alone;		/* no other mail goes to its domain */
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
	int64_t		 end_us;
	int		 second_generation;	/* reports about reports (21.5) */
	const struct event *double_bounce;
};

void	 ledger_build(struct ledger *, struct arena *, const struct scenario *,
	    const struct trace *, const struct profile *);
struct entry *ledger_find(struct ledger *, const char *msg, const char *rcpt);
/* Is `host` one of `domain`'s at that moment (or within the last TTL)? */
bool	 ledger_legit(const struct ledger *, const char *domain,
	    const char *host, int64_t t_us);
/* The abstract history that verdict_decide() takes. */
void	 ledger_history(const struct ledger *, const struct entry *,
	    struct history *);
/* 21.3: numbers the cycles of the attempts found (attempts.c). */
void	 attempts_find(struct ledger *, struct entry *);
/* 21.2: fills entry->proofs (evidence.c). */
void	 evidence_find(struct ledger *, struct entry *);
/* The evidence that decided about the report at `t_us`; NULL: none. */
const struct proof *evidence_first(const struct entry *, int64_t t_us,
	    bool obliging);

/* The lifetime that holds for the unit: LIFE or LIFEb. */
int64_t	 entry_life(const struct ledger *, const struct entry *);
/* EPS of 0.3: a tenth of the bound, at least 2 s. */
int64_t	 bound_eps(int64_t bound_us);
int64_t	 profile_dsn_max(const struct profile *);
/* NULL-safe string equality; addresses and names ignore case. */
bool	 same_text(const char *, const char *);
bool	 same_name(const char *, const char *);	/* also the last dot */

#endif

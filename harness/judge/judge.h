/*
 * The judge: scenario + trace + profile -> result.  A pure function: no
 * clock, no file, no socket.  Its specification is docs/judge.md, which
 * follows requirements section 21; numbers such as 21.4 in comments are its.
 */
#ifndef MXD_JUDGE_JUDGE_H
#define MXD_JUDGE_JUDGE_H

#include "harness/base/event.h"
#include "harness/judge/profile.h"
#include "harness/scenario/scenario.h"

/* X(symbol, "word", "help"): flags of 21.4, any number beside a verdict. */
#define FLAGS(X)							\
	X(TRAP_CONTACT, "trap-contact", "a host that must be left alone was contacted")	\
	X(ORDER_VIOLATION, "order-violation", "a host was tried before a better one") \
	X(NOT_ALL_TRIED, "not-all-tried", "gave up the cycle with hosts untried") \
	X(NOT_RANDOMISED, "not-randomised", "equal hosts do not share the load") \
	X(RETRY_STORM, "retry-storm", "retries without the delay RFC 5321 asks for") \
	X(SHORT_TIMEOUT, "short-timeout", "hung up before the least timeout")	\
	X(LONG_TIMEOUT, "long-timeout", "waited far beyond the timeout")	\
	X(HOL_BLOCKED, "hol-blocked", "a dead destination delayed another")	\
	X(PROTOCOL_VIOLATION, "protocol-violation", "the client broke the protocol") \
	X(CRASHED, "crashed", "a process of the MTA died of a signal")		\
	X(TOO_MANY_QUERIES, "too-many-queries", "more DNS queries than allowed") \
	X(TOO_MANY_CONTACTS, "too-many-contacts", "more connections than allowed") \
	X(STRAY_MAIL, "stray-mail", "mail that nobody sent")			\
	X(DIVERGENT, "divergent", "differs where sources disagree")

enum flag {
#define X(sym, word, help) F_##sym,
	FLAGS(X)
#undef X
	FLAG_COUNT
};

/* Result of a scenario, worst last. */
#define RESULTS(X)							\
	X(OK, "ok")	X(XFAIL, "xfail")	X(SKIP, "skip")		\
	X(INFO, "info")	X(WARN, "warn")		X(XPASS, "XPASS")	\
	X(ERROR, "ERROR") X(FAIL, "FAIL")

enum result {
#define X(sym, word) RESULT_##sym,
	RESULTS(X)
#undef X
	RESULT_COUNT
};

struct unit {
	const char	*msg, *rcpt, *from;
	bool		 control;
	enum verdict	 verdict;
	const char	*note;		/* "4yz", "pending", "presumed", NULL */
	bool		 expected;	/* the verdict is what was asked for */
	bool		 tolerated;	/* disputed point: info */
	const char	*why;		/* one sentence, for a postmaster */
	const char	*proof;		/* lines; with every SILENT_DROP */
	uint64_t	 decisive;	/* seq of the deciding event, 0: none */
	const struct expectation *expectation;	/* NULL: the default */
	/* the ledger's figures */
	int		 copies, acked, ambiguous, reports, delays, cycles;
	int64_t		 accepted_us, final_us;	/* TIME_NEVER: not */
};

/* A flag or a failed scenario-wide check. */
struct finding {
	enum flag	 flag;
	bool		 allowed;	/* by the scenario, or info only */
	const char	*clause;	/* requirement id or NULL */
	const char	*text;
	uint64_t	 decisive;
};

/* What a baseline says of a run; baseline.h. */
struct known {
	const char	*at;		/* the entry: "FILE:LINE" */
	const char	*outcome;	/* what it pins, in words */
	const char	*reason, *upstream;	/* upstream may be NULL */
	enum result	 was;		/* before the baseline */
	const char	*sentence;	/* likewise */
};

struct judgement {
	struct arena	*arena;
	enum result	 result;
	const char	*sentence;	/* the head line of the report */
	struct unit	*units;
	size_t		 unit_count;
	struct finding	*findings;
	size_t		 finding_count;
	const char	*error;		/* result ERROR: which guard (21.8) */
	const char	*clause;	/* requirement broken, or NULL */
	const struct known *known;	/* NULL: no baseline speaks of it */
	bool		 flaky;		/* an ERROR: its runs disagree */
};

void	 judge(const struct scenario *, const struct trace *,
	    const struct profile *, struct judgement *);
void	 judgement_fini(struct judgement *);
/* What the judge found, whatever a baseline made of it. */
enum result judgement_plain(const struct judgement *);

/*
 * How long the runner must look (21.10): the virtual time by which every
 * verdict is final, given the profile.
 */
int64_t	 judge_horizon(const struct scenario *, const struct profile *);
/*
 * True once no later event can change any verdict: the run may end early.
 * Cheap enough to be asked after every interesting event; counts
 * incrementally from *state (zeroed at the start, free with judge_settle_free).
 */
struct judge_settle;
bool	 judge_settled(struct judge_settle **state, const struct scenario *,
	    const struct trace *, const struct profile *, int64_t now_us);
/*
 * True if one more reading of the queue can settle a unit: of what has its
 * end, the first without it; of what has none, another without it.
 */
bool	 judge_awaits_reading(const struct judge_settle *);
void	 judge_settle_free(struct judge_settle *);

const char *flag_word(enum flag);
const char *flag_help(enum flag);
const char *result_word(enum result);
/* False: no result has this word (which may be NULL). */
bool	 result_find(const char *word, enum result *);
/* Does this result make the exit status? */
bool	 result_is_red(enum result);

#endif

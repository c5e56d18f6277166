/*
 * The judge: scenario + trace + profile -> result.  A pure function: no
 * clock, no file, no socket.  Its specification is docs/judge.md, which
 * follows requirements section 21; numbers such as 21.4 in comments are its.
 */
#ifndef MXD_JUDGE_JUDGE_H
#define MXD_JUDGE_JUDGE_H

#include "harness/base/event.h"
#include "harness/judge/profile.h"
#include "harness/judge/result.h"
#include "harness/scenario/scenario.h"

/* An attempt to deliver, as the judge counts them (21.3). */
struct shown_attempt {
	int64_t		 t_us;
	const char	*host, *addr;	/* NULL: the MX query alone */
	int		 cycle;		/* from 1 */
	uint64_t	 seq;		/* its first event */
};

struct unit {
	const char	*msg, *rcpt, *from;
	bool		 control;
	enum verdict	 verdict;
	const char	*note;		/* "4yz", "pending", "presumed", NULL */
	bool		 expected;	/* the verdict is what was asked for */
	bool		 tolerated;	/* disputed point: info */
	const char	*why;		/* one sentence, for a postmaster */
	const char	*clause;	/* what it breaks; NULL: as the run */
	const char	*proof;		/* lines; with every SILENT_DROP */
	uint64_t	 decisive;	/* seq of the deciding event, 0: none */
	const char	*via;		/* who took its first copy, or NULL */
	const struct expectation *expectation;	/* NULL: the default */
	/* the ledger's figures */
	int		 copies, acked, ambiguous, reports, delays, cycles;
	int64_t		 accepted_us, final_us;	/* TIME_NEVER: not */
	struct shown_attempt *attempts;	/* in the order of time */
	size_t		 attempt_count;
};

/* How a finding is weighed. */
enum weight {
	WEIGHT_ALWAYS,			/* FAIL in every scenario */
	WEIGHT_SCENARIO,		/* as the scenario's level says */
	WEIGHT_CLAUSE,			/* as the clause's level says */
	/* Likewise, but at most warn in a scenario about something else. */
	WEIGHT_BY_THE_WAY,
	WEIGHT_REMARK			/* allowed, or sources disagree: info */
};

/* A flag or a failed scenario-wide check. */
struct finding {
	enum flag	 flag;
	enum weight	 weight;
	enum result	 worth;		/* what it came to here */
	bool		 allowed;	/* by the scenario, or info only */
	const char	*clause;	/* requirement id or NULL */
	const char	*text;
	uint64_t	 decisive;
};

/*
 * Where the site's own configuration departs from the RFC, so that what
 * follows from it is no defect of the MTA.
 */
struct departure {
	const char	*text;		/* what it says: "life is 1d" */
	const char	*where;		/* the line that says so, or NULL */
	const char	*clause;	/* the requirement it departs from */
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
	/*
	 * Ids ("LINE:COL") of the faults that never fired (G3), whatever the
	 * result is: a FAIL stays one, and a reader must know of both.
	 */
	const char	**unfired;
	size_t		 unfired_count;
	struct departure *departures;
	size_t		 departure_count;
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
bool	 judge_awaits_reading(const struct judge_settle *, int64_t now_us);
/*
 * At the horizon: how much longer to look, because a report of failure is
 * still on its way to its sender; 0: no longer.
 */
int64_t	 judge_more(const struct judge_settle *, int64_t now_us);
void	 judge_settle_free(struct judge_settle *);

#endif

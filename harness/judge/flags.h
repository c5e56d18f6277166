/*
 * Flags of 21.4 and the scenario-wide checks: findings beside verdicts.
 */
#ifndef MXD_JUDGE_FLAGS_H
#define MXD_JUDGE_FLAGS_H

#include "harness/judge/ledger.h"

struct flag_ctx {
	struct ledger	 *l;
	struct judgement *j;
	enum result	  worst;
};

/* Fills the findings; returns the worst they are worth. */
enum result flags_judge(struct ledger *, struct judgement *);

/* One finding a flag: the first is the one that counts. */
void	 flag_raise(struct flag_ctx *, enum flag, enum result worth,
	    const char *clause, const struct event *, const char *text);
/* What a violated expectation is worth at the scenario's level. */
enum result flag_worth(const struct flag_ctx *);

/* 21.3 (cycles.c): order, coverage and rate of a unit's attempts. */
void	 cycles_check(struct flag_ctx *, const struct entry *);
/* RFC 5321 4.5.3.2 (waits.c): how long the client waits for a reply. */
void	 waits_check(struct flag_ctx *);

#endif

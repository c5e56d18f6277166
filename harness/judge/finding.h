/*
 * Findings beside a verdict: the flags of 21.4.  Who finds one only raises
 * it, with what was seen and the clause it breaks; judge.c alone weighs.
 */
#ifndef MXD_JUDGE_FINDING_H
#define MXD_JUDGE_FINDING_H

#include "harness/judge/judge.h"
#include "harness/judge/ledger.h"

struct findings {
	struct ledger	 *l;
	struct judgement *j;
};

/*
 * One finding a flag and clause: the first is the one that counts.  `clause`
 * NULL: what the scenario is about.  `text` is in the judgement's arena.
 */
void	 finding_raise(struct findings *, enum flag, enum weight,
	    const char *clause, const struct event *, const char *text);

/* flags.c: single events and the scenario-wide checks. */
void	 flags_check(struct findings *);
/* cycles.c, 21.3: order, coverage and rate of a unit's attempts. */
void	 cycles_check(struct findings *, const struct entry *);
/* waits.c, RFC 5321 4.5.3.2: how long the client waits for a reply. */
void	 waits_check(struct findings *);
/* told.c: reports' form, delay warnings, DSN parameters, recipients. */
void	 told_check(struct findings *);

#endif

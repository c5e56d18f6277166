/*
 * Guards against false verdicts (21.8).  G4 and G8 are kept by the runner
 * (its own configuration and the run's folder), G5 by the ledger, G9 by
 * why_proof(); docs/judge.md says how.
 */
#ifndef MXD_JUDGE_GUARDS_H
#define MXD_JUDGE_GUARDS_H

#include "harness/judge/judge.h"
#include "harness/judge/ledger.h"

/* Nothing seen can be trusted (G1, G2, G6, G7, faults); NULL: it can. */
const char *guard_harness(const struct ledger *);
/*
 * Lists the faults that are not optional and never fired (G3); the sentence
 * that says so, or NULL: all did.
 */
const char *guard_unfired(const struct ledger *, struct judgement *);

#endif

/* Guards against false verdicts (21.8). */
#ifndef MXD_JUDGE_GUARDS_H
#define MXD_JUDGE_GUARDS_H

#include "harness/judge/ledger.h"

/* The harness itself failed (G1, faults, no clock); NULL: it did not. */
const char *guard_harness(const struct ledger *);
/* A fault that is not optional never fired (G3); NULL: all did. */
const char *guard_unfired(const struct ledger *);

#endif

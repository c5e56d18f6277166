/* Flags of 21.4 and the scenario-wide checks: findings beside verdicts. */
#ifndef MXD_JUDGE_FLAGS_H
#define MXD_JUDGE_FLAGS_H

#include "harness/judge/ledger.h"

/* Fills the findings; returns the worst they are worth. */
enum result flags_judge(struct ledger *, struct judgement *);

#endif

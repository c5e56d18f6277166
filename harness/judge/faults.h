/*
 * When a fault that is bounded by a count last met the MTA: such a fault ends
 * when it has met it so often, not at a time that the scenario names.
 */
#ifndef MXD_JUDGE_FAULTS_H
#define MXD_JUDGE_FAULTS_H

#include "harness/judge/ledger.h"

void	 faults_take(struct ledger *, const struct event *);
/* The last one before the event; 0: none. */
int64_t	 faults_last(const struct ledger *, const struct event *before);

#endif

/*
 * Retries that do not stop, seen while they go on: so many contacts with one
 * address within the first retry interval that no lawful mixture of units
 * and reports explains them.  The finer rule of 21.3 is cycles.c's, for a
 * unit whose attempts are certainly its own.
 */
#ifndef MXD_JUDGE_STORMS_H
#define MXD_JUDGE_STORMS_H

#include "harness/judge/ledger.h"

void	 storms_take(struct ledger *, const struct event *);

#endif

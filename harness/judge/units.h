/*
 * What became of each unit (21.1): injection, copies, queue readings.
 */
#ifndef MXD_JUDGE_UNITS_H
#define MXD_JUDGE_UNITS_H

#include "harness/judge/ledger.h"

void	 units_take(struct ledger *, const struct event *);
/*
 * Copies more than one that neither a lost reply, nor a kill, nor our own
 * second submission excuses: a copy after one that was acknowledged never
 * is, since the MTA knew (RFC 1047).
 */
int	 units_unexcused(const struct ledger *, const struct entry *);
/* The nth copy that counts, from 0; NULL: there are fewer. */
const struct event *units_copy(const struct entry *, int nth);

#endif

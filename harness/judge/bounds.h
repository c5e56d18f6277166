/*
 * The tolerances of requirements 0.3 and 21: by how much an MTA may differ
 * from its own figures before it is said to.  All times in microseconds.
 */
#ifndef MXD_JUDGE_BOUNDS_H
#define MXD_JUDGE_BOUNDS_H

#include "harness/judge/profile.h"

/* EPS of 0.3: a tenth of the bound, at least 2 s. */
int64_t	 bound_eps(int64_t bound_us);
/* EPS of LIFE: no report hours before the lifetime's end is entitled. */
int64_t	 life_eps(const struct profile *, int64_t life_us);
/* DSN_MAX: from the reason to the report's first offer. */
int64_t	 profile_dsn_max(const struct profile *);
/* The longest pause between two attempts: Rmax + QR + EPS. */
int64_t	 retry_bound(const struct profile *);

#endif

/* What the planner's files share: an order by seed, and the ways of hosts. */
#ifndef REFMTA_PLANNER_WAYS_H
#define REFMTA_PLANNER_WAYS_H

#include "reference_impl/planner.h"

/* Of a name under a seed: a stable "random" order. */
uint64_t plan_rank(uint64_t seed, const char *name);

/* The address facts of one host; a family without addresses counts none. */
struct addresses {
	const struct fact *v4, *v6;
};

/*
 * The i-th address in the order of trying, NULL after the last: families take
 * turns, IPv6 first, unless a way (or a bug) has it otherwise.
 */
const struct addr *plan_nth_address(const struct plan_policy *,
	    const struct addresses *, size_t i);

#endif

#include "harness/judge/bounds.h"

#include "harness/base/timers.h"

int64_t
bound_eps(int64_t bound_us)
{
	int64_t tenth = bound_us / 10;

	return tenth > 2 * USEC_PER_SEC ? tenth : 2 * USEC_PER_SEC;
}

/*
 * A tenth of five days would entitle a report twelve hours too early; an
 * MTA cannot be further off than its queue run and a minute.
 */
int64_t
life_eps(const struct profile *p, int64_t life_us)
{
	int64_t eps = life_us / 10, most = p->queue_run_us +
	    60 * USEC_PER_SEC;

	if (eps > most)
		eps = most;
	return eps > 2 * USEC_PER_SEC ? eps : 2 * USEC_PER_SEC;
}

int64_t
profile_dsn_max(const struct profile *p)
{
	return 60 * USEC_PER_SEC + p->queue_run_us;
}

int64_t
retry_bound(const struct profile *p)
{
	int64_t bound = p->max_retry_us + p->queue_run_us;

	return bound + bound_eps(bound);
}

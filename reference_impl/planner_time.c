/* When a message is tried again, and until when: RFC 5321 4.5.4.1.  Pure. */
#include "reference_impl/planner.h"

#include "reference_impl/planner_ways.h"

#define SECOND	INT64_C(1000000)

int64_t
plan_expiry(const struct plan_input *in, const struct plan_policy *pol)
{
	int64_t life = in->null_sender ? pol->life_null_us : pol->life_us;

	if (HAS_BUG(pol->bugs, GIVES_UP_EARLY))
		life /= 5;
	return in->arrival_us + life;
}

/* For one bug: did a session end without its last reply? */
static bool
was_lost(const struct plan_input *in)
{
	for (size_t i = 0; i < in->try_count; i++)
		if (in->tries[i].result == TRY_LOST)
			return true;
	return false;
}

static int64_t
doubled(int64_t wait, int times, int64_t most)
{
	for (int i = 0; i < times && wait < most; i++)
		wait *= 2;
	return wait < most ? wait : most;
}

/* The interval after the attempts so far and the one that ends now. */
static int64_t
interval(const struct plan_input *in, const struct plan_policy *pol)
{
	int64_t first = pol->first_retry_us, most = pol->max_retry_us;
	int64_t n = in->attempts + 1, wait;
	bool early = HAS_WAY(pol->ways, EARLY_SECOND) && first > 300 * SECOND;

	if (HAS_BUG(pol->bugs, BACK_OFF_UNLIMITED))
		most = pol->life_us;
	if (early && n == 1)
		wait = 300 * SECOND;
	else if (HAS_WAY(pol->ways, QUADRATIC_BACKOFF))
		wait = n > 1000 || first * n * n > most ? most : first * n * n;
	else
		wait = doubled(first, in->attempts - early, most);
	if (HAS_WAY(pol->ways, JITTER))
		wait += wait / 4 / 1024 * (int64_t)(plan_rank(in->seed,
		    "jitter") % 1024);
	return wait;
}

int64_t
plan_queue_run(int64_t at, int64_t run_us)
{
	return run_us <= 0 ? at : (at + run_us - 1) / run_us * run_us;
}

/*
 * Doubling from the first interval to the largest one.  The last cycle begins
 * when the lifetime ends, so that the report comes right after a last
 * attempt, unless that would follow too closely.
 */
int64_t
plan_retry_at(const struct plan_input *in, const struct plan_policy *pol)
{
	int64_t expiry = plan_expiry(in, pol), at;

	if (HAS_BUG(pol->bugs, RETRY_STORM) ||
	    (HAS_BUG(pol->bugs, QUIT_LOOP) && was_lost(in)))
		return in->now_us + SECOND;
	at = in->now_us + interval(in, pol);
	if (at > expiry && in->now_us < expiry &&
	    !HAS_WAY(pol->ways, EXPIRES_AT_ATTEMPT)) {
		at = in->now_us + pol->first_retry_us;
		if (at < expiry || HAS_WAY(pol->ways, EXPIRES_UNTRIED))
			at = expiry;
	}
	return plan_queue_run(at, pol->queue_run_us);
}

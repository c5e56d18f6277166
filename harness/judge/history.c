/*
 * From the ledger's times to the abstract history of 21.4.
 */
#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

static int64_t
retry_bound(const struct profile *p)
{
	int64_t bound = p->max_retry_us + p->queue_run_us;

	return bound + bound_eps(bound);
}

static const struct event *
first_copy(const struct entry *e)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted)
			return e->copies[i].ev;
	return NULL;
}

/* CYC1: what the dead candidates of the first cycle may cost. */
static int64_t
first_cycle_bound(const struct ledger *l, const struct entry *e)
{
	const struct profile *p = l->profile;
	int64_t sum = 5 * USEC_PER_SEC + p->dns_us;

	for (size_t i = 0; i < e->attempt_count &&
	    e->attempts[i].cycle == 1; i++) {
		const char *state = e->attempts[i].state;

		if (same_text(state, "blackhole"))
			sum += p->connect_us;
		else if (same_text(state, "open"))
			sum += p->greeting_us + p->helo_us + p->mail_us +
			    p->rcpt_us + p->data_us + p->block_us + p->eod_us;
		else
			sum += p->dns_us;
	}
	return sum;
}

static enum copy_when
copy_time(const struct ledger *l, const struct entry *e,
    const struct event *copy)
{
	const struct profile *p = l->profile;
	int64_t repair = l->scenario->repair_us, bound;
	int cycle = 1;

	for (size_t i = 0; i < e->attempt_count; i++)
		if (e->attempts[i].t_us <= copy->t_us)
			cycle = e->attempts[i].cycle;
	if ((cycle <= 1 || !e->alone) &&
	    copy->t_us <= e->t0_us + first_cycle_bound(l, e))
		return COPY_FIRST_CYCLE;
	if (repair == TIME_NEVER)
		return COPY_LATE;	/* nothing was promised */
	if (repair < e->t0_us)
		repair = e->t0_us;
	bound = p->max_retry_us + p->queue_run_us + p->host_cache_us;
	return copy->t_us <= repair + bound + bound_eps(bound) ? COPY_LATE :
	    COPY_TOO_LATE;
}

static void
report_times(const struct ledger *l, const struct entry *e,
    struct history *h)
{
	const struct profile *p = l->profile;
	int64_t life = entry_life(l, e), dsn = profile_dsn_max(p), t, limit;
	const struct proof *cause;

	t = e->first_report != NULL ? e->first_report->t_us : l->end_us;
	h->entitled = evidence_first(e, t, false) != NULL;
	cause = evidence_first(e, t, true);
	limit = life + p->max_retry_us + p->queue_run_us;
	limit += e->t0_us + bound_eps(limit);
	h->overdue = l->end_us > limit;
	h->past_horizon = l->end_us >= e->t0_us + life + p->max_retry_us +
	    dsn + bound_eps(dsn);
	if (cause != NULL)
		limit = cause->t_us + dsn + bound_eps(dsn);
	h->report_late = e->first_report != NULL && t > limit;
	h->report_owed = cause != NULL && l->end_us > limit;
	for (size_t i = 0; cause != NULL && i < e->attempt_count; i++)
		if (e->attempts[i].t_us > cause->t_us)
			h->tried_after = true;
}

void
ledger_history(const struct ledger *l, const struct entry *e,
    struct history *h)
{
	const struct event *copy = first_copy(e);
	int64_t last = e->t0_us;

	memset(h, 0, sizeof *h);
	h->accepted = e->accepted;
	h->refusal = e->refusal;
	h->misrouted = e->misrouted;
	h->downgraded = e->downgrade != NULL;
	h->corrupted = e->bad_copy != NULL;
	h->acked = e->acked;
	h->ambiguous = e->ambiguous;
	h->excuses = e->lost_replies + e->kills;
	h->null_sender = e->null_sender;
	h->no_dsn = e->no_dsn;
	h->reports = e->reports;
	h->misaddressed = e->misaddressed != NULL;
	h->double_loop = l->second_generation > 1 && e->reports > 0;
	h->report_bad = e->bad_report != NULL;
	h->queue = e->queue;
	report_times(l, e, h);
	if (e->attempt_count > 0)
		last = e->attempts[e->attempt_count - 1].t_us;
	h->recent = l->end_us - last <= retry_bound(l->profile);
	/* G9: a second reading, or one at the horizon, makes "no" certain. */
	if (e->queue_no_readings > 0 && h->past_horizon)
		h->queue = QUEUE_NO;
	h->grace_over = h->past_horizon || (e->queue_no_since_us !=
	    TIME_NEVER && l->end_us - e->queue_no_since_us >=
	    profile_dsn_max(l->profile));
	if (copy != NULL) {
		h->copy_when = copy_time(l, e, copy);
		h->copy_settled = l->end_us - copy->t_us >
		    l->profile->queue_run_us +
		    bound_eps(l->profile->queue_run_us);
	}
}

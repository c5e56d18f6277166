#include "harness/judge/history.h"

#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/evidence.h"
#include "harness/judge/faults.h"
#include "harness/judge/units.h"

/* The attempt that led to the copy; NULL: not known. */
static const struct attempt *
attempt_of(const struct entry *e, const struct event *copy)
{
	for (size_t i = 0; i < e->attempt_count; i++)
		if (copy->conn > 0 && e->attempts[i].conn == copy->conn)
			return &e->attempts[i];
	return NULL;
}

/* CYC1: what the dead candidates of the first cycle may cost. */
static int64_t
first_cycle_bound(const struct ledger *l, const struct entry *e,
    const struct attempt *good)
{
	const struct profile *p = l->profile;
	int64_t sum = 5 * USEC_PER_SEC + p->dns_us;

	for (size_t i = 0; i < e->attempt_count &&
	    e->attempts[i].cycle == 1 && &e->attempts[i] != good; i++) {
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

int
history_cycle_of(const struct entry *e, const struct event *copy)
{
	int cycle = 1;

	for (size_t i = 0; i < e->attempt_count; i++)
		if (e->attempts[i].seq <= copy->seq)
			cycle = e->attempts[i].cycle;
	return cycle;
}

/* Whoever shares the way: its own attempt there has failed before. */
static bool
is_again(const struct entry *e, const struct attempt *good)
{
	for (size_t i = 0; good != NULL && i < e->own_count; i++)
		if (e->own[i].seq < good->seq &&
		    same_ip(e->own[i].addr, good->addr))
			return true;
	return false;
}

static enum copy_when
copy_time(const struct ledger *l, const struct entry *e,
    const struct event *copy)
{
	const struct profile *p = l->profile;
	int64_t repair = l->scenario->repair_us, bound, start;
	const struct attempt *good = attempt_of(e, copy);

	/* A slow host that delivers in the end is no dead candidate. */
	start = good != NULL ? good->t_us : copy->t_us;
	if ((history_cycle_of(e, copy) <= 1 ||
	    (!e->alone && !is_again(e, good))) &&
	    start <= e->t0_us + first_cycle_bound(l, e, good))
		return COPY_FIRST_CYCLE;
	if (repair == TIME_NEVER)
		return COPY_LATE;	/* nothing was promised */
	if (repair < e->t0_us)
		repair = e->t0_us;
	start = faults_last(l, copy);
	if (repair < start)
		repair = start;
	bound = p->max_retry_us + p->queue_run_us + p->host_cache_us;
	return copy->t_us <= repair + bound + bound_eps(bound) ? COPY_LATE :
	    COPY_TOO_LATE;
}

/* --- the report --- */

/*
 * How long "not queued" must last before it is a loss.  A report for hosts
 * that were not well may be kept back by the MTA, and no sign be seen.
 */
static bool
grace_is_over(const struct ledger *l, const struct entry *e,
    const struct report_state *r)
{
	int64_t grace = profile_dsn_max(l->profile);

	if (r->tries > 0)
		grace = retry_bound(l->profile);
	return e->queue_no_since_us != TIME_NEVER &&
	    l->profile->queue_proven &&
	    l->end_us - e->queue_no_since_us >= grace;
}

/*
 * "No attempt after tP": none after the time that the MTA had to give up,
 * by any piece of evidence.
 */
static bool
tried_after(const struct ledger *l, const struct entry *e)
{
	const struct profile *pr = l->profile;
	const int64_t dsn = profile_dsn_max(pr);
	int64_t last = e->last_offer_us, limit = INT64_MIN, t;
	struct proof p;

	if (e->sole && e->attempt_count > 0)
		last = e->attempts[e->attempt_count - 1].t_us;
	for (size_t i = 0; evidence_nth(l, e, i, &p); i++) {
		if (p.perm == PERM_NONE || p.t_us > l->end_us)
			continue;
		t = p.t_us + (p.obliges ? dsn + bound_eps(dsn) :
		    retry_bound(pr) + life_eps(pr, entry_life(l, e)));
		if (t > limit)
			limit = t;
	}
	return last != TIME_NEVER && last > limit;
}

/* 3464 2.3.3: class 4 says that time was over, class 5 that it was final. */
static bool
status_fits(const struct ledger *l, const struct entry *e)
{
	const struct event *ev = e->first_report;
	const int64_t life = entry_life(l, e);
	struct proof cause;

	if (ev->status == NULL || *ev->status != '4')
		return true;
	return !evidence_first(l, e, ev->t_us, true, &cause) ||
	    ev->t_us >= e->t0_us + life - life_eps(l->profile, life);
}

/* Offered or queued after its sender was told that it failed. */
static bool
is_undead(const struct ledger *l, const struct entry *e)
{
	const int64_t qr = l->profile->queue_run_us;
	int64_t told;

	if (e->first_report == NULL)
		return false;
	told = e->first_report->t_us;
	return (e->last_offer_us != TIME_NEVER &&
	    e->last_begun_us > told + AHEAD_US) ||
	    (e->queue == QUEUE_YES && e->queue_yes_us > told + qr +
	    bound_eps(qr));
}

/*
 * Unproven, the listing proves no absence; and what was listed before a
 * report that it may have was last tried may have left since.  A lookup
 * alone is no try: some ask for the sender's domain at each queue run.
 */
static enum queue_state
queue_now(const struct ledger *l, const struct entry *e,
    const struct history *h, const struct report_state *r)
{
	if (e->queue == QUEUE_NO && !l->profile->queue_proven)
		return QUEUE_UNKNOWN;
	return e->queue == QUEUE_YES && h->unseen && h->entitled &&
	    r->tries > 0 && e->queue_yes_us < r->last_us ? QUEUE_UNKNOWN :
	    e->queue;
}

/*
 * Was there a sign of the report when the mail itself had been seen for the
 * last time?  Without a reason a query of which nobody knows for whom it was
 * is the mail's own; and what DNS says of the sender's domain is no sign.
 */
static bool
was_after(const struct history *h, const struct report_state *r, int64_t last)
{
	if (r->last_us == TIME_NEVER)
		return h->entitled;
	return last == TIME_NEVER || last < r->last_us ||
	    (last == r->last_us && (h->entitled || !r->vague));
}

static void
tell_report(const struct ledger *l, const struct entry *e,
    struct history *h)
{
	const struct profile *p = l->profile;
	const int64_t life = entry_life(l, e), dsn = profile_dsn_max(p);
	const int64_t last = history_last_seen(l, e);
	struct report_state r;
	struct proof any;
	struct owing o = history_owing(l, e);
	int64_t t = l->end_us;

	history_report(l, e, &r);
	if (e->first_report != NULL)
		t = e->first_report->t_us;
	else if (r.last_us != TIME_NEVER)
		t = r.last_us;
	/* It was in the queue until then, so it was not over before. */
	if (e->first_report == NULL && e->queue_no_since_us != TIME_NEVER &&
	    e->queue_no_since_us > t && p->queue_proven)
		t = e->queue_no_since_us;
	/* What was known when it was first offered may have healed since. */
	h->entitled = evidence_first(l, e, t, false, &any) ||
	    (r.first_us != TIME_NEVER &&
	    evidence_first(l, e, r.first_us, false, &any));
	h->overdue = l->end_us > e->t0_us + life + p->max_retry_us +
	    p->queue_run_us + life_eps(p, life);
	h->past_horizon = l->end_us >= e->t0_us + life + p->max_retry_us +
	    dsn + bound_eps(dsn);
	h->report_late = o.late && r.end != REPORT_NOWHERE;
	h->report_owed = o.owed && o.late;
	h->tried_after = tried_after(l, e);
	h->undead = is_undead(l, e);
	h->unseen = r.sure && e->reports == 0 && (r.end == REPORT_ALIVE ||
	    r.end == REPORT_REFUSED || r.end == REPORT_NOWHERE ||
	    r.end == REPORT_EXPIRED) && was_after(h, &r, last);
	h->doubtful = !r.sure && (r.end == REPORT_ALIVE ||
	    r.end == REPORT_EXPIRED || (r.end == REPORT_REFUSED &&
	    e->mail->home->refusals > 0));
	h->queue = queue_now(l, e, h, &r);
	h->grace_over = grace_is_over(l, e, &r) || (h->past_horizon &&
	    e->queue_no_readings > 0);
}

void
history_tell(const struct ledger *l, const struct entry *e,
    struct history *h)
{
	const struct event *copy = units_copy(e, 0);
	const int64_t qr = l->profile->queue_run_us;
	int64_t last = e->t0_us;

	memset(h, 0, sizeof *h);
	h->accepted = e->accepted;
	h->refusal = e->refusal;
	if (!e->accepted)
		return;
	h->misrouted = e->misrouted;
	h->downgraded = e->downgrade != NULL;
	h->corrupted = e->bad_copy != NULL;
	h->looping = e->looping;
	h->acked = e->acked;
	h->ambiguous = e->ambiguous;
	h->unexcused = units_unexcused(l, e);
	h->null_sender = e->null_sender;
	h->no_dsn = e->no_dsn;
	h->reports = e->reports;
	/* The postmaster alone was told, not the sender. */
	h->misaddressed = e->misaddressed != NULL;
	h->strayed = e->mail->strayed != NULL && e->mail->try_count == 0;
	h->doubled = e->mail->doubled != NULL;
	/* 21.5: N0 + 2 with one report owed, beside those rightly repeated. */
	h->double_loop = e->reports > 3;
	tell_report(l, e, h);
	h->report_bad = e->bad_report != NULL || (e->first_report != NULL &&
	    !status_fits(l, e));
	if (e->attempt_count > 0)
		last = e->attempts[e->attempt_count - 1].t_us;
	h->recent = l->end_us - last <= retry_bound(l->profile);
	/* G9: a second reading, or one at the horizon, makes "no" certain. */
	if (e->queue_no_readings > 0 && h->past_horizon)
		h->queue = QUEUE_NO;
	if (copy != NULL) {
		h->copy_when = copy_time(l, e, copy);
		h->copy_settled = l->end_us - copy->t_us > qr + bound_eps(qr);
	}
}

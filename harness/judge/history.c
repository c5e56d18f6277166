/*
 * From the ledger's times to the abstract history of 21.4.
 */
#include <fnmatch.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

static const struct event *
first_copy(const struct entry *e)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted)
			return e->copies[i].ev;
	return NULL;
}

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

static bool
is_counted(const struct scenario *s, const char *id)
{
	for (size_t i = 0; i < s->dns_count; i++)
		if (same_text(s->dns[i].rule.id, id))
			return s->dns[i].rule.phase.first > 0;
	for (size_t i = 0; i < s->network_count; i++)
		if (same_text(s->network[i].rule.id, id))
			return s->network[i].rule.phase.first > 0;
	for (size_t h = 0; h < s->host_count; h++)
		for (size_t i = 0; i < s->hosts[h].rule_count; i++)
			if (same_text(s->hosts[h].rules[i].rule.id, id))
				return s->hosts[h].rules[i].rule.phase.first >
				    0;
	return false;
}

/*
 * A fault bounded by a count ends when it has met the MTA so often; silence
 * lasts as long as the connection.
 */
static int64_t
last_counted_fault(const struct ledger *l, const struct event *before)
{
	int64_t last = 0, conn = 0;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->seq >= before->seq)
			break;
		if (ev->kind == EV_SMTP_CLOSE && ev->conn == conn)
			last = ev->t_us;
		if (ev->rule == NULL || ev->kind == EV_FLAG ||
		    !is_counted(l->scenario, ev->rule))
			continue;
		last = ev->t_us;
		conn = ev->conn > 0 ? ev->conn : conn;
	}
	return last;
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

static enum copy_when
copy_time(const struct ledger *l, const struct entry *e,
    const struct event *copy)
{
	const struct profile *p = l->profile;
	int64_t repair = l->scenario->repair_us, bound, start;
	const struct attempt *good = attempt_of(e, copy);

	/* A slow host that delivers in the end is no dead candidate. */
	start = good != NULL ? good->t_us : copy->t_us;
	if ((history_cycle_of(e, copy) <= 1 || !e->alone) &&
	    start <= e->t0_us + first_cycle_bound(l, e, good))
		return COPY_FIRST_CYCLE;
	if (repair == TIME_NEVER)
		return COPY_LATE;	/* nothing was promised */
	if (repair < e->t0_us)
		repair = e->t0_us;
	start = last_counted_fault(l, copy);
	if (repair < start)
		repair = start;
	bound = p->max_retry_us + p->queue_run_us + p->host_cache_us;
	return copy->t_us <= repair + bound + bound_eps(bound) ? COPY_LATE :
	    COPY_TOO_LATE;
}

/* Until when faults keep a host from taking the report; 0: none does. */
static int64_t
host_fault_until(const struct scenario *s, const struct fsmtp_host *host,
    const char *sender)
{
	int64_t until = 0;

	for (size_t i = 0; i < host->rule_count; i++) {
		const struct fsmtp_rule *r = &host->rules[i];
		const struct phase *p = &r->rule.phase;

		/* Another's mail; and what a count bounds, the MTA outlives. */
		if (p->first > 0 || (r->sender != NULL && *r->sender != '\0' &&
		    strcmp(r->sender, "*") != 0) || (r->recipient != NULL &&
		    fnmatch(r->recipient, sender, FNM_CASEFOLD) != 0))
			continue;
		if (p->until_us > until)
			until = p->until_us;
	}
	for (size_t i = 0; i < s->dns_count; i++) {
		const struct fdns_rule *r = &s->dns[i];

		if (r->rule.phase.first == 0 && same_name(r->name,
		    host->name) && r->rule.phase.until_us > until)
			until = r->rule.phase.until_us;
	}
	return until;
}

/* One smarthost that works is enough. */
static int64_t
smarthosts_fault_until(const struct scenario *s, const char *sender)
{
	int64_t until = TIME_NEVER, one;

	for (size_t h = 0; h < s->host_count; h++) {
		if (!is_smarthost(s, s->hosts[h].name))
			continue;
		one = host_fault_until(s, &s->hosts[h], sender);
		if (one < until)
			until = one;
	}
	return until;
}

int64_t
sender_fault_until(const struct ledger *l, const struct entry *e)
{
	const struct scenario *s = l->scenario;
	const char *from = e->message->from != NULL ? e->message->from : "";
	const char *at = strrchr(from, '@');
	int64_t until = 0, one;

	if (at == NULL)
		return 0;
	if (s->smarthost_count > 0)
		return smarthosts_fault_until(s, from);
	for (size_t h = 0; h < s->host_count; h++)
		if (name_within(s->hosts[h].name, at + 1) && (one =
		    host_fault_until(s, &s->hosts[h], from)) > until)
			until = one;
	for (size_t i = 0; i < s->dns_count; i++) {
		const struct fdns_rule *r = &s->dns[i];

		if (r->rule.phase.first == 0 && r->rule.phase.until_us >
		    until && (name_within(r->name, at + 1) ||
		    (r->name != NULL && strncmp(r->name, "*.", 2) == 0 &&
		    name_within(at + 1, r->name + 2))))
			until = r->rule.phase.until_us;
	}
	return until;
}

/* 21.4: DSN_MAX and the fault window of the sender's own MX. */
static bool
grace_is_over(const struct ledger *l, const struct entry *e)
{
	int64_t until = sender_fault_until(l, e);

	if (until == TIME_NEVER)
		return false;
	if (until > 0 && l->end_us < until + retry_bound(l->profile))
		return false;
	return e->queue_no_since_us != TIME_NEVER && l->end_us -
	    e->queue_no_since_us >= profile_dsn_max(l->profile);
}

/*
 * "No attempt after tP": none after the time that the MTA had to give up,
 * by any piece of evidence.
 */
static bool
tried_after(const struct ledger *l, const struct entry *e)
{
	const struct profile *p = l->profile;
	int64_t last = TIME_NEVER, limit = INT64_MIN, dsn, t;

	if (e->last_offer_us != TIME_NEVER)
		last = e->last_offer_us;
	if (e->sole && e->attempt_count > 0)
		last = e->attempts[e->attempt_count - 1].t_us;
	dsn = profile_dsn_max(p);
	for (size_t i = 0; i < e->proof_count; i++) {
		t = e->proofs[i].t_us;
		if (t > l->end_us)
			continue;
		t += e->proofs[i].obliges ? dsn + bound_eps(dsn) :
		    retry_bound(p) + life_eps(p, entry_life(l, e));
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
	const struct proof *cause;

	if (ev->kind != EV_DSN || ev->status == NULL || *ev->status != '4')
		return true;
	cause = evidence_first(e, ev->t_us, true);
	return cause == NULL || ev->t_us >= e->t0_us + entry_life(l, e) -
	    life_eps(l->profile, entry_life(l, e));
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
	limit += e->t0_us + life_eps(p, life);
	h->overdue = l->end_us > limit;
	h->past_horizon = l->end_us >= e->t0_us + life + p->max_retry_us +
	    dsn + bound_eps(dsn) && sender_fault_until(l, e) != TIME_NEVER;
	if (cause != NULL)
		limit = cause->t_us + dsn + bound_eps(dsn);
	h->report_late = e->first_report != NULL && t > limit;
	h->report_owed = cause != NULL && l->end_us > limit;
	h->tried_after = tried_after(l, e);
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
	if (!e->accepted)
		return;
	h->misrouted = e->misrouted;
	h->downgraded = e->downgrade != NULL;
	h->corrupted = e->bad_copy != NULL;
	h->looping = e->looping;
	h->acked = e->acked;
	h->ambiguous = e->ambiguous;
	h->excuses = e->lost_replies + e->kills;
	h->null_sender = e->null_sender;
	h->no_dsn = e->no_dsn;
	h->reports = e->reports;
	h->misaddressed = e->misaddressed != NULL;
	/* 21.5: N0 + 2 with one report owed, beside those rightly repeated. */
	h->double_loop = e->reports > 3;
	report_times(l, e, h);
	h->report_bad = e->bad_report != NULL || (e->first_report != NULL &&
	    !status_fits(l, e));
	if (e->attempt_count > 0)
		last = e->attempts[e->attempt_count - 1].t_us;
	h->recent = l->end_us - last <= retry_bound(l->profile);
	h->queue = e->queue;
	/* G9: a second reading, or one at the horizon, makes "no" certain. */
	if (e->queue_no_readings > 0 && h->past_horizon)
		h->queue = QUEUE_NO;
	h->grace_over = grace_is_over(l, e) || (h->past_horizon &&
	    e->queue_no_readings > 0);
	if (copy != NULL) {
		h->copy_when = copy_time(l, e, copy);
		h->copy_settled = l->end_us - copy->t_us >
		    l->profile->queue_run_us +
		    bound_eps(l->profile->queue_run_us);
	}
}

/* From when on there may be a report of a unit, and until when it is owed. */
#include "harness/judge/history.h"

#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/downtimes.h"
#include "harness/judge/evidence.h"
#include "harness/judge/legit.h"

/* What DNS says after that is said to other mail. */
int64_t
history_left_us(const struct ledger *l, const struct entry *e)
{
	const int64_t told = e->first_report != NULL ?
	    e->first_report->t_us : l->end_us;

	return l->profile->queue_proven && e->queue_no_since_us < told ?
	    e->queue_no_since_us : told;
}

static int64_t
last_until(const struct attempt *list, size_t count, int64_t until_us,
    int64_t last)
{
	while (count > 0 && list[count - 1].t_us > until_us)
		count--;
	return count > 0 && (last == TIME_NEVER || list[count - 1].t_us >
	    last) ? list[count - 1].t_us : last;
}

/* What may be another recipient's is so once this one has left. */
int64_t
history_last_seen(const struct ledger *l, const struct entry *e)
{
	const int64_t left = history_left_us(l, e);
	int64_t last = e->last_offer_us;

	last = last_until(e->own, e->own_count, left, last);
	return e->alone ? last_until(e->attempts, e->attempt_count, left,
	    last) : last;
}

/*
 * The first reason to give up.  At a smarthost what its report was told seems
 * to take the reason back: there it counts as it was.
 */
static int64_t
reason_us(const struct ledger *l, const struct entry *e)
{
	const int64_t left = history_left_us(l, e);
	int64_t first = TIME_NEVER;
	struct proof p;

	if (!ledger_is_smart(l))
		return evidence_first(l, e, left, false, &p) ? p.t_us :
		    TIME_NEVER;
	for (size_t i = 0; evidence_nth(l, e, i, &p); i++)
		if (p.perm != PERM_NONE && p.t_us >= e->t0_us - AHEAD_US &&
		    p.t_us <= left && (first == TIME_NEVER || p.t_us < first))
			first = p.t_us;
	return first;
}

/* From when on a sign at the sender's hosts may be of its report. */
static int64_t
report_since(const struct ledger *l, const struct entry *e)
{
	int64_t last = history_last_seen(l, e), reason = reason_us(l, e);

	/* Whoever tries no more may have given up then, rightly or not. */
	if (reason != TIME_NEVER && (last == TIME_NEVER || reason < last))
		return reason - AHEAD_US;
	return last != TIME_NEVER ? last : e->t0_us;
}

void
history_report(const struct ledger *l, const struct entry *e,
    struct report_state *r)
{
	report_state_at(l, e, report_since(l, e), l->end_us, r);
}

static bool
was_signed(const struct destination *home, const struct mail *m,
    const struct ledger *l, const char *addr)
{
	for (size_t i = 0; i < home->sign_count; i++)
		if (same_ip(home->signs[i].addr, addr))
			return true;
	for (size_t i = 0; i < m->try_count; i++) {
		const struct session *s = ledger_session_of(l,
		    m->tries[i].conn);

		if (s != NULL && same_ip(s->addr, addr))
			return true;
	}
	return false;
}

/* It was looked up, and no address came of it. */
static bool
has_failed(const struct ledger *l, const struct legit *g)
{
	const struct asked *q = answers_last(l, g->host, legit_qtype(g));

	return q != NULL && q->answer != ANSWER_RECORDS;
}

bool
history_report_had_its_chances(const struct ledger *l, const struct entry *e)
{
	const struct destination *home = e->mail->home;
	const struct scenario *s = l->scenario;
	struct report_state r;

	history_report(l, e, &r);
	if (home == NULL || r.end == REPORT_REFUSED ||
	    r.end == REPORT_NOWHERE || home->sign_count == 0)
		return true;
	for (size_t i = 0; i < home->legit_count; i++) {
		const struct legit *g = &home->legit[i];

		if (g->addr == NULL || !legit_in_force(g, l->end_us) ||
		    !(strchr(g->addr, ':') != NULL ? s->mta_ipv6 :
		    s->mta_ipv4))
			continue;
		if (!was_signed(home, e->mail, l, g->addr) &&
		    !has_failed(l, g))
			return false;
	}
	return true;
}

/* What was said at once is only read when the transaction comes to its end. */
static int64_t
concluded_us(const struct ledger *l, const struct proof *p)
{
	const struct session *s = p->ev != NULL ?
	    ledger_session_of(l, p->ev->conn) : NULL;

	int64_t end = p->t_us;

	if (s != NULL && s->heard_us > end)
		end = s->heard_us;
	if (s != NULL && s->closed_us > end)
		end = s->closed_us;
	return end;
}

/*
 * While the network is not well a report may be tried unseen; once it is, the
 * next try is due within the largest interval.
 */
static int64_t
excused_until(const struct ledger *l, int64_t limit, int64_t t_us)
{
	for (size_t i = ledger_since(l, limit); i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us > t_us)
			break;
		if (ev->kind == EV_NETWORK)
			limit = ev->t_us + retry_bound(l->profile);
	}
	return limit;
}

/* The same for queries that were lost on their way since the time came. */
static int64_t
lost_until(const struct ledger *l, int64_t from_us, int64_t limit,
    int64_t t_us)
{
	int64_t next = limit;

	for (size_t i = 0; i < l->lost_count && l->lost_us[i] <= t_us; i++)
		if (l->lost_us[i] >= from_us && l->lost_us[i] <= next)
			next = l->lost_us[i] + retry_bound(l->profile);
	return next > limit ? next : limit;
}

/* DNS said it to whoever asked: this one may do so at its own next retry. */
static bool
is_of_others(const struct entry *e, const struct proof *cause)
{
	return cause->ev != NULL && cause->ev->kind == EV_DNS_REPLY &&
	    e->dest->mails > 1;
}

struct owing
history_owing(const struct ledger *l, const struct entry *e)
{
	const struct profile *p = l->profile;
	const int64_t life = entry_life(l, e), dsn = profile_dsn_max(p);
	int64_t t = l->end_us, limit, since;
	struct report_state r;
	struct proof cause;
	struct owing o;

	if (e->first_report != NULL)
		t = e->first_report->t_us;
	o.owed = evidence_first(l, e, history_left_us(l, e), true, &cause);
	if (o.owed) {
		limit = concluded_us(l, &cause) + (is_of_others(e, &cause) ?
		    retry_bound(p) : dsn + bound_eps(dsn));
		since = cause.t_us - AHEAD_US;
	} else {
		limit = e->t0_us + life + p->max_retry_us + p->queue_run_us +
		    life_eps(p, life);
		since = report_since(l, e);
	}
	limit = excused_until(l, limit, t);
	limit = lost_until(l, since, limit, t);
	limit = downtimes_put_off(l, since, limit);
	report_state_at(l, e, since, t, &r);
	o.late = t > limit && (r.first_us == TIME_NEVER ||
	    r.first_us > limit) && (r.maybe_us == TIME_NEVER ||
	    r.maybe_us > limit);
	return o;
}

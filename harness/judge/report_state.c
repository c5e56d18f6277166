#include "harness/judge/report_state.h"

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/evidence.h"
#include "harness/judge/legit.h"
#include "harness/judge/repeats.h"
#include "harness/judge/reports.h"

/* --- signs --- */

/* May the contact have been for a report that is not known to have come? */
static bool
is_sign(const struct session *s)
{
	if (s == NULL || !s->got_mail)
		return true;
	return s->null_sender && !s->ordinary && s->msg == NULL &&
	    !s->report_offered;	/* which is a try, and counted as such */
}

/*
 * The MX was told, no address of it failed or is late to come, and yet nobody
 * was dialled: some ask for the sender's domain at each queue run, and have no
 * report to send.
 */
static bool
was_told(const struct ledger *l, const struct attempt *a)
{
	const struct event *query = &l->trace->events[a->seq - 1], *ev;
	const struct event *told = NULL;
	int open = 0;		/* addresses asked for, and not told yet */

	if (a->addr != NULL || query->kind != EV_DNS_QUERY)
		return false;
	for (size_t i = a->seq; i < l->trace->count; i++) {
		ev = &l->trace->events[i];
		if (ev->t_us - a->t_us > l->profile->dns_us)
			break;
		/* It may have been for an address of that MX. */
		if (told != NULL && attempts_is_lost_query(ev))
			return false;
		open += told != NULL && ev->kind == EV_DNS_QUERY &&
		    answers_names_mx(told, ev->qname);
		if (ev->kind != EV_DNS_REPLY)
			continue;
		if (same_name(ev->qname, query->qname) &&
		    same_text(ev->qtype, query->qtype))
			told = ev;
		else if (told != NULL && answers_names_mx(told, ev->qname)) {
			if (answer_of(ev) != ANSWER_RECORDS)
				return false;
			open--;
		}
	}
	return open <= 0 && told != NULL && answer_of(told) == ANSWER_RECORDS &&
	    told->t_us - a->t_us < ANSWER_PATIENCE_US;
}

/* By when the unit had surely left the queue; TIME_NEVER: it may be there. */
static int64_t
surely_gone_us(const struct ledger *l, const struct entry *e)
{
	if (!e->accepted)
		return 0;
	if (e->first_report != NULL)
		return e->first_report->t_us;
	if (e->acked > 0)
		return e->copies[e->copy_count - 1].ev->t_us;
	return l->profile->queue_proven ? e->queue_no_since_us : TIME_NEVER;
}

/* From then on a contact is of a report. */
static int64_t
emptied_us(const struct ledger *l, const struct destination *d)
{
	int64_t last = 0, t;

	for (size_t i = 0; i < d->entry_count; i++) {
		t = surely_gone_us(l, &l->entries[d->entries[i]]);
		if (t > last)
			last = t;
	}
	return last;
}

void
report_state_signs(struct ledger *l)
{
	const struct indexed *x;

	repeats_index(l);
	for (size_t c = 0; c < l->contact_count; c++) {
		const struct attempt *a = &l->contacts[c];

		if (!is_sign(ledger_session_of(l, a->conn)))
			continue;
		x = legit_destinations(l, a->host, a->addr);
		for (size_t i = 0; x != NULL && i < x->count; i++)
			if (l->dests[x->items[i]]->senders > 0)
				reports_sign(l, l->dests[x->items[i]], a);
	}
	for (size_t i = 0; i < l->dest_count; i++) {
		struct destination *d = l->dests[i];

		d->emptied_us = emptied_us(l, d);
		for (size_t k = 0; d->senders > 0 && k < d->shared_count; k++)
			if (d->shared[k].addr == NULL)
				reports_sign(l, d, &d->shared[k]);
		for (size_t k = 0; k < d->sign_count; k++)
			d->signs[k].answered = was_told(l, &d->signs[k]);
	}
}

static void
note_sign(struct report_state *r, int64_t t_us, bool contact)
{
	r->tries += contact;
	if (t_us < r->first_us)
		r->first_us = t_us;
	if (r->last_us == TIME_NEVER || t_us > r->last_us)
		r->last_us = t_us;
}

/*
 * What led to a warning that came is the warning's: no report of failure goes
 * before it, unless its own time had come.
 */
static bool
is_warnings(const struct ledger *l, const struct entry *e, int64_t t_us,
    uint64_t seq)
{
	const int64_t life = entry_life(l, e);

	return e->last_delay != NULL && seq < e->last_delay->seq &&
	    t_us < e->t0_us + life - life_eps(l->profile, life);
}

/*
 * A try that was delivered was about other recipients, or it would show; but
 * for the one that brought this unit's.
 */
static bool
is_of_another(const struct ledger *l, const struct entry *e,
    const struct report_try *t)
{
	const struct session *s = ledger_session_of(l, t->conn);

	return s != NULL && s->report_taken && (e->first_report == NULL ||
	    e->first_report->conn != t->conn);
}

/* A warning's most likely, but a report of failure may have gone so, too. */
static void
note_maybe(struct report_state *r, int64_t t_us)
{
	if (r->maybe_us == TIME_NEVER || t_us < r->maybe_us)
		r->maybe_us = t_us;
}

static void
count_tries(const struct ledger *l, const struct entry *e, int64_t since_us,
    int64_t now_us, struct report_state *r)
{
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->try_count; i++) {
		const struct report_try *t = &m->tries[i];

		if (t->t_us < since_us || t->t_us > now_us ||
		    is_of_another(l, e, t))
			continue;
		/* What was refused for good led to no warning that came. */
		if (t->code / 100 != 5 && is_warnings(l, e, t->t_us, t->seq)) {
			note_maybe(r, t->t_us);
			continue;
		}
		note_sign(r, t->t_us, true);
		r->ev = t->reply;
		r->sure = true;
	}
}

/* Was it said to be from <>, and can that be nothing but a report? */
static bool
is_of_report(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	if (s == NULL || !s->null_sender)
		return false;
	for (size_t i = 0; i < l->mail_count; i++)
		if (l->mails[i].home == NULL)
			return false;
	return true;
}

static void
count_signs(const struct ledger *l, const struct entry *e, int64_t since_us,
    int64_t now_us, struct report_state *r)
{
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->home->sign_count; i++) {
		const struct attempt *a = &m->home->signs[i];

		if (a->t_us < since_us || a->t_us > now_us || a->answered)
			continue;
		if (is_warnings(l, e, a->t_us, a->seq)) {
			note_maybe(r, a->t_us);
			continue;
		}
		note_sign(r, a->t_us, a->addr != NULL);
		if (a->t_us == r->last_us)
			r->vague = a->vague;
		r->sure = r->sure || is_of_report(l, a) ||
		    (m->home->senders == 1 && a->t_us > m->home->emptied_us);
		if (repeats_for_report(l, e, a)) {
			r->sure = true;
			r->denied = repeats_refusal(l, a);
		} else if (a->addr != NULL && !ledger_is_smart(l))
			r->denied = repeats_turned_away(l, a);
	}
}

/*
 * In a session that goes on after other mail there is no sign of one but its
 * MAIL; that it was of this mail is sure if there were as many as there are
 * senders.
 */
static void
count_refused(const struct mail *m, int64_t since_us, int64_t now_us,
    struct report_state *r)
{
	const struct destination *home = m->home;

	if (home->refused == NULL || home->refused->t_us < since_us ||
	    home->refused->t_us > now_us)
		return;
	note_sign(r, home->refused->t_us, r->tries == 0);
	r->sure = r->sure || home->refusals >= (int)home->senders;
}

/* Who refused it for good, if anybody did? */
static const struct event *
refusal(const struct mail *m, int64_t since_us)
{
	const struct event *ev = m->refused;

	if (ev == NULL && m->home->refused != NULL &&
	    m->home->refused->t_us >= since_us)
		ev = m->home->refused;
	return ev;
}

/* The answer to its last lookup can be read as anything, "no such host" too. */
static bool
was_garbled(const struct destination *home, int64_t last_us, struct proof *p)
{
	for (size_t i = home->proof_count; i-- > 0;)
		if (answer_is_garbled(home->proofs[i].ev) &&
		    home->proofs[i].t_us >= last_us) {
			*p = home->proofs[i];
			return true;
		}
	return false;
}

/*
 * What was said for good of the domain, or at all its hosts, to one of several
 * reports may have been said to this one, that was not tried since, before it
 * healed for another.
 */
static bool
was_told_so(const struct ledger *l, const struct entry *e, int64_t since_us,
    int64_t now_us, struct proof *p)
{
	const struct mail *m = e->mail;

	if (m->home->senders < 2 && m->count < 2)
		return false;
	for (size_t i = 0; i < m->try_count; i++)
		if (m->tries[i].t_us > since_us &&
		    !is_of_another(l, e, &m->tries[i]))
			since_us = m->tries[i].t_us;
	return evidence_between(m->home, since_us, now_us, p);
}

static enum report_end
ended_by(struct report_state *r, const struct proof *p)
{
	r->ev = p->ev;
	return p->ev->kind == EV_DNS_REPLY ? REPORT_NOWHERE : REPORT_REFUSED;
}

static enum report_end
end_of(const struct ledger *l, const struct entry *e, int64_t since_us,
    int64_t now_us, struct report_state *r)
{
	const struct destination *home = e->mail->home;
	const int64_t bound = retry_bound(l->profile);
	const int64_t life = l->profile->life_null_us;
	struct proof p;

	/* What the MTA has once learned it need not ask again. */
	if (evidence_of_destination(home, now_us, &p) &&
	    (r->last_us != TIME_NEVER || p.ev->kind == EV_DNS_REPLY))
		return ended_by(r, &p);
	if (r->last_us == TIME_NEVER)
		return REPORT_NONE;
	if (was_garbled(home, r->last_us, &p) ||
	    was_told_so(l, e, since_us, now_us, &p))
		return ended_by(r, &p);
	if (r->last_us - r->first_us >= life - bound -
	    life_eps(l->profile, life))
		return REPORT_EXPIRED;
	return now_us - r->last_us <= bound ? REPORT_ALIVE : REPORT_LOST;
}

void
report_state_at(const struct ledger *l, const struct entry *e,
    int64_t since_us, int64_t now_us, struct report_state *r)
{
	const struct mail *m = e->mail;
	const struct event *no;

	*r = (struct report_state){ .end = REPORT_NONE,
	    .first_us = TIME_NEVER, .last_us = TIME_NEVER,
	    .maybe_us = TIME_NEVER };
	if (e->reports > 0) {
		r->end = REPORT_TAKEN;
		r->sure = true;
		r->ev = e->first_report;
	}
	if (m->home == NULL)
		return;
	count_signs(l, e, since_us, now_us, r);
	count_tries(l, e, since_us, now_us, r);
	count_refused(m, since_us, now_us, r);
	r->sure = r->sure || m->home->entry_count == 0 ||
	    (m->listed_us != TIME_NEVER && m->listed_us >= since_us);
	if (r->end == REPORT_TAKEN)
		return;
	no = refusal(m, since_us);
	if (no == NULL)
		no = r->denied;
	if (no != NULL && r->last_us != TIME_NEVER) {
		r->end = REPORT_REFUSED;
		r->ev = no;
	} else
		r->end = end_of(l, e, since_us, now_us, r);
	if ((r->end == REPORT_NONE || r->end == REPORT_LOST ||
	    r->end == REPORT_EXPIRED) && m->listed_us != TIME_NEVER &&
	    m->listed_us >= since_us && m->listed_us >= e->queue_no_last_us)
		r->end = REPORT_ALIVE;
}

#include "harness/judge/reports.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/evidence.h"
#include "harness/judge/legit.h"
#include "harness/judge/repeats.h"
#include "harness/judge/replies.h"
#include "harness/judge/whose.h"

/* --- what was read: events `dsn` --- */

/*
 * A report that names the recipient and forgets to say what became of it has
 * told the sender in its prose: malformed (RFC 3464 2.3.3), but no silence.
 */
bool
report_says_failed(const struct event *ev)
{
	return same_name(ev->action, "failed") ||
	    (ev->action == NULL && ev->ok == NO);
}

static bool
is_postmaster(const char *address)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	if (at == NULL)
		return same_name(address, "postmaster");
	return (size_t)(at - address) == strlen("postmaster") &&
	    strncasecmp(address, "postmaster", strlen("postmaster")) == 0;
}

/* Was it sent again because its own end-of-data reply was lost? */
static bool
is_repeated_rightly(const struct ledger *l, const struct event *first)
{
	const struct session *s = first != NULL ?
	    ledger_session_of(l, first->conn) : NULL;

	return s != NULL && s->reply_lost;
}

static const char *
find_defect(const struct event *ev, const char *other, const char **clause)
{
	*clause = "R-3464-3-a";
	if (ev->from != NULL && *ev->from != '\0') {
		*clause = "R-5321-6.1-b";
		return "it is not from <>";
	}
	if (ev->ok == NO) {
		if (ev->clause != NULL)
			*clause = ev->clause;
		return ev->defect != NULL ? ev->defect : "unreadable";
	}
	if (ev->status == NULL || (*ev->status != '5' &&
	    *ev->status != '4')) {
		*clause = "R-3464-2.3.4-a";
		return "its status is of no failure";
	}
	return other;
}

static void
note_failed(struct ledger *l, struct entry *e, const struct event *ev,
    const char *defect)
{
	const char *clause;

	defect = find_defect(ev, defect, &clause);
	if (defect != NULL && e->bad_report == NULL) {
		e->bad_report = ev;
		e->report_defect = defect;
		e->defect_clause = clause;
	}
	if (ev->to != NULL && !e->null_sender &&
	    !whose_sender_is(l, e->mail, ev->to) && e->misaddressed == NULL)
		e->misaddressed = ev;
	if (e->reports > 0 && is_repeated_rightly(l, e->first_report))
		return;
	if (e->reports++ == 0)
		e->first_report = ev;
}

static void
note_report(struct ledger *l, struct entry *e, const struct event *ev,
    const char *defect)
{
	*(const struct event **)arena_push(l->arena, &e->told,
	    &e->told_count, sizeof *e->told) = ev;
	if (same_name(ev->action, "delayed")) {
		e->delays++;
		e->last_delay = ev;
	} else if (report_says_failed(ev))
		note_failed(l, e, ev, defect);
}

static void
take_dsn(struct ledger *l, const struct event *ev)
{
	struct mail *m = ledger_mail(l, ev->msg);
	const char *defect = NULL;
	struct entry *e;

	if (m == NULL)
		return;
	/* The MTA's own may have a copy, or be told in the sender's stead. */
	if (is_postmaster(ev->to) && !whose_sender_is(l, m, ev->to)) {
		if (m->postmaster == NULL)
			m->postmaster = ev;
		return;
	}
	e = whose_report(l, ev, &defect);
	if (e != NULL) {
		note_report(l, e, ev, defect);
		return;
	}
	/* It names nobody: all whose end is not known may be meant. */
	for (size_t i = 0; ev->rcpt == NULL && i < m->count; i++)
		note_report(l, &l->entries[m->first + i], ev, defect);
}

/* --- what was tried: transactions with the tag --- */

static void
refuse(struct mail *m, const struct event *ev)
{
	if (m->refused == NULL)
		m->refused = ev;
}

/*
 * Whoever offers the same again does so by the next retry; later it is
 * another report, of one more day that the mail has waited.
 */
static bool
is_offered_again(const struct ledger *l, const struct mail *m,
    const struct event *ev)
{
	return m->try_count == 0 || ev->t_us - m->tries[m->try_count -
	    1].t_us <= retry_bound(l->profile);
}

static void
take_rcpt(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	struct report_try *try;
	struct mail *m;

	if (ev->from == NULL || *ev->from != '\0' || ev->msg != NULL ||
	    (m = whose_mail(l, ev->rcpt)) == NULL)
		return;
	if (m->refused != NULL && !reply_is_odd(m->refused) &&
	    is_offered_again(l, m, ev))
		m->reoffers++;
	try = arena_push(l->arena, &m->tries, &m->try_count, sizeof *try);
	/* Slow is not late: it was offered when the transaction began. */
	*try = (struct report_try){ .t_us = s != NULL && s->addr != NULL ?
	    s->began_us : ev->t_us, .seq = ev->seq,
	    .conn = ev->conn, .host = ev->host, .stage = "rcpt",
	    .reply = ev, .code = (int)ev->code };
	if (ev->code / 100 == 5)
		refuse(m, ev);
}

/* Several reports may be under way at once, each in its own session. */
static struct report_try *
last_try(struct mail *m, int64_t conn)
{
	for (size_t i = m->try_count; i-- > 0;)
		if (m->tries[i].conn == conn)
			return &m->tries[i];
	return NULL;
}

/*
 * The words of the reply, and what the transaction came to after RCPT.  What
 * is said to a DATA without a recipient is no word on the report.
 */
static void
note_reply(const struct session *s, struct mail *m, const struct event *ev)
{
	struct report_try *try = last_try(m, ev->conn);

	if (try == NULL || (s->accepted == 0 &&
	    !same_text(ev->stage, "rcpt")))
		return;
	try->reply = ev;
	try->stage = ev->stage;
	try->code = (int)ev->code;
	if (reply_class(ev) != 5)
		return;
	if (m->refused == NULL || m->refused->conn == ev->conn)
		m->refused = ev;
}

static void
take_reply(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	const struct indexed *x;

	if (s == NULL || !s->null_sender)
		return;
	for (size_t i = 0; i < s->report_count; i++)
		note_reply(s, &l->mails[s->reports[i]], ev);
	if (!same_text(ev->stage, "mail") || reply_class(ev) != 5)
		return;
	/* About what it would have been is not known any more. */
	x = legit_destinations(l, ev->host, s->addr);
	for (size_t i = 0; x != NULL && i < x->count; i++) {
		struct destination *d = l->dests[x->items[i]];

		d->refusals += !reply_is_odd(ev);
		d->refused = ev;
	}
}

static void
take_listed(struct ledger *l, const struct event *ev)
{
	struct mail *m = ledger_mail(l, ev->msg);

	if (m != NULL && ev->from != NULL && *ev->from == '\0' &&
	    m->home != NULL && same_text(ev->state, "yes"))
		m->listed_us = ev->t_us;
}

/* Whether anything was said in it shows later: reports_end(). */
static void
take_contact(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, ev->addr);

	for (size_t i = 0; x != NULL && i < x->count; i++)
		l->dests[x->items[i]]->touched_us = ev->t_us;
}

static void
add_sign(struct ledger *l, struct destination *d, const struct attempt *a)
{
	*(struct attempt *)arena_push(l->arena, &d->signs, &d->sign_count,
	    sizeof *a) = *a;
}

/* A lookup is a sign: who asks may have something to send. */
static void
take_query(struct ledger *l, const struct event *ev)
{
	struct destination *d = same_text(ev->qtype, "MX") && ev->qname !=
	    NULL && !ledger_is_smart(l) ? ledger_destination(l, ev->qname) :
	    NULL;

	if (d != NULL && d->senders > 0)
		add_sign(l, d, &(struct attempt){ .t_us = ev->t_us,
		    .seq = ev->seq });
}

/* Who was told an MX dials it, or had nothing to send: was_told(). */
static void
take_answer(struct ledger *l, const struct event *ev)
{
	const struct asked *q = answers_last(l, ev->qname, ev->qtype);
	const enum answer answer = q == NULL || q->slow ? ANSWER_SOFT :
	    answer_of(ev);
	const struct indexed *x = answer == ANSWER_SOFT ?
	    index_find(l->by_host, ev->qname) : NULL;
	struct destination *d = same_text(ev->qtype, "MX") &&
	    !ledger_is_smart(l) && answer != ANSWER_RECORDS ?
	    ledger_destination(l, ev->qname) : NULL;

	if (d != NULL && d->senders > 0)
		d->touched_us = ev->t_us;
	for (size_t i = 0; x != NULL && i < x->count; i++)
		if (l->dests[x->items[i]]->senders > 0)
			l->dests[x->items[i]]->touched_us = ev->t_us;
}

void
reports_note(struct ledger *l, const struct event *ev)
{
	if (ev->kind == EV_DSN)
		take_dsn(l, ev);
	else if (ev->kind == EV_SMTP_RCPT)
		take_rcpt(l, ev);
	else if (ev->kind == EV_SMTP_REPLY)
		take_reply(l, ev);
	else if (ev->kind == EV_QUEUE)
		take_listed(l, ev);
	else if (attempts_is_contact(ev))
		take_contact(l, ev);
	else if (ev->kind == EV_DNS_QUERY)
		take_query(l, ev);
	else if (ev->kind == EV_DNS_REPLY)
		take_answer(l, ev);
}

/*
 * Each recipient may have a report of its own, and each of those go to a few
 * hosts; what goes on after that goes on for ever.
 */
bool
reports_go_on(const struct ledger *l, const struct mail *m)
{
	const struct destination *home = m->home;
	size_t units = 0;

	if (home == NULL)
		return false;
	if (m->reoffers > 2 + 2 * (int)m->count)
		return true;
	if (home->refusals == 0)
		return false;
	for (size_t i = 0; i < l->mail_count; i++)
		if (l->mails[i].home == home)
			units += l->mails[i].count;
	return home->refusals > 3 + 2 * (int)units;
}

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
 * The MX was told, no address of it failed, and yet nobody was dialled: some
 * ask for the sender's domain at each queue run, and have no report to send.
 */
static bool
was_told(const struct ledger *l, const struct attempt *a)
{
	const struct event *query = &l->trace->events[a->seq - 1], *ev;
	const struct event *told = NULL;

	if (a->addr != NULL || query->kind != EV_DNS_QUERY)
		return false;
	for (size_t i = a->seq; i < l->trace->count; i++) {
		ev = &l->trace->events[i];
		if (ev->t_us - a->t_us > l->profile->dns_us)
			break;
		if (ev->kind != EV_DNS_REPLY)
			continue;
		if (same_name(ev->qname, query->qname) &&
		    same_text(ev->qtype, query->qtype))
			told = ev;
		else if (told != NULL && answers_names_mx(told, ev->qname) &&
		    answer_of(ev) != ANSWER_RECORDS)
			return false;
	}
	return told != NULL && answer_of(told) == ANSWER_RECORDS &&
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
		if (t == TIME_NEVER)
			return TIME_NEVER;
		if (t > last)
			last = t;
	}
	return last;
}

void
reports_end(struct ledger *l)
{
	const struct indexed *x;

	for (size_t c = 0; c < l->contact_count; c++) {
		const struct attempt *a = &l->contacts[c];

		if (!is_sign(ledger_session_of(l, a->conn)))
			continue;
		x = legit_destinations(l, a->host, a->addr);
		for (size_t i = 0; x != NULL && i < x->count; i++)
			if (l->dests[x->items[i]]->senders > 0)
				add_sign(l, l->dests[x->items[i]], a);
	}
	for (size_t i = 0; i < l->dest_count; i++) {
		struct destination *d = l->dests[i];

		d->emptied_us = emptied_us(l, d);
		for (size_t k = 0; d->senders > 0 && k < d->shared_count; k++)
			if (d->shared[k].addr == NULL)
				add_sign(l, d, &d->shared[k]);
		for (size_t k = 0; k < d->sign_count; k++)
			d->signs[k].answered = was_told(l, &d->signs[k]);
	}
}

static void
note_sign(struct report_state *r, int64_t t_us, bool contact)
{
	r->tries += contact;
	if (r->first_us == TIME_NEVER || t_us < r->first_us)
		r->first_us = t_us;
	if (r->last_us == TIME_NEVER || t_us > r->last_us)
		r->last_us = t_us;
}

/*
 * What led to a warning that came is the warning's: no report of failure goes
 * before it.
 */
static bool
is_warnings(const struct entry *e, uint64_t seq)
{
	return e->last_delay != NULL && seq < e->last_delay->seq;
}

/*
 * A try that was delivered was about other recipients, or it would show; but
 * for the one that brought this unit's.
 */
static void
count_tries(const struct ledger *l, const struct entry *e, int64_t since_us,
    int64_t now_us, struct report_state *r)
{
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->try_count; i++) {
		const struct report_try *t = &m->tries[i];
		const struct session *s = ledger_session_of(l, t->conn);

		if (t->t_us < since_us || t->t_us > now_us ||
		    is_warnings(e, t->seq) || (s != NULL && s->report_taken &&
		    (e->first_report == NULL ||
		    e->first_report->conn != t->conn)))
			continue;
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

		if (a->t_us < since_us || a->t_us > now_us ||
		    is_warnings(e, a->seq) || a->answered)
			continue;
		note_sign(r, a->t_us, a->addr != NULL);
		r->sure = r->sure || is_of_report(l, a) ||
		    (m->home->senders == 1 && a->t_us > m->home->emptied_us);
		if (repeats_for_report(l, e, a)) {
			r->sure = true;
			r->denied = repeats_refusal(l, a);
		}
	}
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

static enum report_end
end_of(const struct ledger *l, const struct mail *m, int64_t now_us,
    struct report_state *r)
{
	const int64_t bound = retry_bound(l->profile);
	const int64_t life = l->profile->life_null_us;
	struct proof p;

	/* What the MTA has once learned it need not ask again. */
	if (evidence_of_destination(m->home, now_us, &p) &&
	    (r->last_us != TIME_NEVER || p.ev->kind == EV_DNS_REPLY)) {
		r->ev = p.ev;
		return p.ev->kind == EV_DNS_REPLY ? REPORT_NOWHERE :
		    REPORT_REFUSED;
	}
	if (r->last_us == TIME_NEVER)
		return REPORT_NONE;
	if (r->last_us - r->first_us >= life - bound -
	    life_eps(l->profile, life))
		return REPORT_EXPIRED;
	return now_us - r->last_us <= bound ? REPORT_ALIVE : REPORT_LOST;
}

void
reports_state(const struct ledger *l, const struct entry *e,
    int64_t since_us, int64_t now_us, struct report_state *r)
{
	const struct mail *m = e->mail;
	const struct event *no;

	*r = (struct report_state){ .end = REPORT_NONE,
	    .first_us = TIME_NEVER, .last_us = TIME_NEVER };
	if (e->reports > 0) {
		r->end = REPORT_TAKEN;
		r->sure = true;
		r->ev = e->first_report;
	}
	if (m->home == NULL)
		return;
	count_signs(l, e, since_us, now_us, r);
	count_tries(l, e, since_us, now_us, r);
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
		r->end = end_of(l, m, now_us, r);
	if ((r->end == REPORT_NONE || r->end == REPORT_LOST ||
	    r->end == REPORT_EXPIRED) && m->listed_us != TIME_NEVER &&
	    m->listed_us >= since_us && (e->queue_no_last_us == 0 ||
	    m->listed_us >= e->queue_no_last_us))
		r->end = REPORT_ALIVE;
}

#include "harness/judge/reports.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/downtimes.h"
#include "harness/judge/legit.h"
#include "harness/judge/report_tries.h"
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

/*
 * Was it sent again because its own end-of-data reply was lost, or the MTA
 * ended by us before it had kept it?
 */
static bool
is_repeated_rightly(const struct ledger *l, const struct event *first)
{
	const struct session *s = first != NULL ?
	    ledger_session_of(l, first->conn) : NULL;

	return s != NULL && (s->reply_lost ||
	    downtimes_forgets(l, first->conn, first->seq, s->heard_us));
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
	if (is_repeated_rightly(l, e->first_report))
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

/* --- signs of one that does not say about what --- */

void
reports_sign(struct ledger *l, struct destination *d, const struct attempt *a)
{
	*(struct attempt *)arena_push(l->arena, &d->signs, &d->sign_count,
	    sizeof *a) = *a;
}

static void
take_listed(struct ledger *l, const struct event *ev)
{
	struct mail *m = ledger_mail(l, ev->msg);

	if (m != NULL && ev->from != NULL && *ev->from == '\0' &&
	    m->home != NULL && same_text(ev->state, "yes"))
		m->listed_us = ev->t_us;
}

/* Whether anything was said in it shows later: report_state_signs(). */
static void
take_contact(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, ev->addr);

	for (size_t i = 0; x != NULL && i < x->count; i++)
		l->dests[x->items[i]]->touched_us = ev->t_us;
}

/* A lookup is a sign: who asks may have something to send. */
static void
take_query(struct ledger *l, const struct event *ev)
{
	struct destination *d = same_text(ev->qtype, "MX") && ev->qname !=
	    NULL && !ledger_is_smart(l) ? ledger_destination(l, ev->qname) :
	    NULL;

	if (d != NULL && d->senders > 0)
		reports_sign(l, d, &(struct attempt){ .t_us = ev->t_us,
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
		report_tries_rcpt(l, ev);
	else if (ev->kind == EV_SMTP_COMMAND)
		report_tries_command(l, ev);
	else if (ev->kind == EV_SMTP_REPLY)
		report_tries_reply(l, ev);
	else if (ev->kind == EV_QUEUE)
		take_listed(l, ev);
	else if (attempts_is_contact(ev))
		take_contact(l, ev);
	else if (ev->kind == EV_DNS_QUERY)
		take_query(l, ev);
	else if (ev->kind == EV_DNS_REPLY)
		take_answer(l, ev);
}

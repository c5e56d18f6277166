/*
 * The units' own facts (21.1): injection, copies, reports, queue readings.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* How long after an acknowledged copy a kill excuses another (21.1). */
#define COMMIT_US	(2 * USEC_PER_SEC)

static bool
concerns(const struct entry *e, const struct event *ev)
{
	return same_text(e->key, ev->msg) && (ev->rcpt == NULL ||
	    same_name(ev->rcpt, e->rcpt));
}

/* A new transaction may undo what an earlier one was told. */
void
units_inject(struct ledger *l, const struct event *ev)
{
	bool ok = ev->code / 100 == 2 || ev->code / 100 == 3;
	bool command = same_text(ev->stage, "exit");
	bool final = command || same_text(ev->stage, "eod");

	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (!concerns(e, ev) || e->accepted)
			continue;
		e->asked = true;
		if (ok && same_text(ev->stage, "mail"))
			e->refusal = 0;
		/* Broken off after its content: that copy may be queued. */
		if (command ? ev->code == 0 : e->offered &&
		    same_text(ev->stage, "connect"))
			e->lost_replies++;
		e->offered = ok && same_text(ev->stage, "data");
		if (!ok) {
			e->refusal = (int)ev->code / 100;
			e->injected = ev;
		} else if (final && e->refusal == 0) {
			e->accepted = true;
			e->t0_us = ev->t_us;
			e->injected = ev;
		}
	}
}

/*
 * The harness's own RST right after the ACK: the MTA's kernel had the reply,
 * the MTA perhaps not.
 */
static bool
reply_cut_off(const struct ledger *l, const struct event *copy)
{
	for (size_t i = copy->seq; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us > copy->t_us + USEC_PER_SEC)
			return false;
		if (ev->conn != copy->conn)
			continue;
		if (ev->kind == EV_SMTP_COMMAND)
			return false;
		if (ev->kind == EV_SMTP_CLOSE)
			return same_text(ev->by, "server") &&
			    same_text(ev->state, "reset");
	}
	return false;
}

static void
note_misroute(struct entry *e, const struct event *ev)
{
	e->misrouted++;
	if (e->misroute == NULL)
		e->misroute = ev;
}

/* 21.5: round and round, 120 times or half a minute at full speed. */
#define MOST_PASSES	120
#define FAST_PASSES	30
#define FAST_US		(30 * USEC_PER_SEC)

static void
note_pass(struct entry *e, const struct event *ev)
{
	size_t n = e->copy_count;

	if (ev->code / 100 == 2)
		e->passes++;
	if (e->passes > MOST_PASSES || (n > FAST_PASSES && ev->t_us -
	    e->copies[n - 1 - FAST_PASSES].ev->t_us <= FAST_US))
		e->looping = true;
}

static void
note_copy(struct ledger *l, struct entry *e, const struct event *ev,
    bool rewritten)
{
	struct copy *c = arena_push(l->arena, &e->copies, &e->copy_count,
	    sizeof *c);
	bool ok = ev->code >= 200 && ev->code < 300;

	c->ev = ev;
	c->legit = !rewritten &&
	    legit_host(l, e->domain, ev->host, ev->addr, ev->t_us);
	note_pass(e, ev);
	if (!c->legit) {
		note_misroute(e, ev);
		return;
	}
	if (ev->stored == YES && ok && ev->acked == YES) {
		e->acked++;
		c->counted = true;
	} else if (ev->stored == YES && (ev->code == 0 ||
	    (ok && ev->acked != YES))) {
		e->ambiguous++;
		c->counted = c->ambiguous = true;
	}
	if (ev->code == 0 || ev->acked != YES ||
	    (ok && reply_cut_off(l, ev)))
		e->lost_replies++;
	if (c->counted && same_text(ev->hash, "bad") && e->bad_copy == NULL)
		e->bad_copy = ev;
}

/* A report whose own end-of-data reply was lost is sent again: no second. */
static bool
report_repeated_rightly(const struct ledger *l, const struct event *first)
{
	if (first == NULL || first->conn == 0)
		return false;
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->kind == EV_SMTP_COPY && ev->conn == first->conn &&
		    (ev->code == 0 || ev->acked != YES))
			return true;
	}
	return false;
}

/*
 * Whose report it is: G5 asks for two keys, the message and its recipient.
 * A report about the only recipient under another name is malformed.
 */
static struct entry *
reported_entry(struct ledger *l, const struct event *ev, const char **defect)
{
	struct entry *e = ledger_find(l, ev->msg, ev->rcpt), *only = NULL;

	if (e != NULL) {
		if (ev->rcpt != NULL && strcmp(ev->rcpt, e->rcpt) != 0)
			*defect = "the recipient is not written as it was";
		return e;
	}
	for (size_t i = 0; i < l->count; i++) {
		if (!same_text(l->entries[i].key, ev->msg))
			continue;
		if (only != NULL)
			return NULL;
		only = &l->entries[i];
	}
	*defect = "it names another recipient";
	return only;
}

/*
 * A report that names the recipient and forgets to say what became of it has
 * told the sender in its prose: malformed (RFC 3464 2.3.3), but no silence.
 */
bool
report_says_failed(const struct event *ev)
{
	return same_name(ev->action, "failed") ||
	    (ev->action == NULL && ev->rcpt != NULL && ev->ok == NO);
}

static void
note_report(struct ledger *l, const struct event *ev)
{
	const char *defect = NULL;
	struct entry *e = reported_entry(l, ev, &defect);

	if (e == NULL)
		return;
	if (same_name(ev->action, "delayed")) {
		e->delays++;
		e->last_delay = ev;
		return;
	}
	if (!report_says_failed(ev))
		return;
	if (ev->from != NULL && *ev->from != '\0')
		defect = "it is not from <>";	/* RFC 5321 6.1 */
	else if (ev->ok == NO)
		defect = ev->defect != NULL ? ev->defect : "unreadable";
	else if (ev->status == NULL || (*ev->status != '5' &&
	    *ev->status != '4'))
		defect = "its status is of no failure";
	if (defect != NULL && e->bad_report == NULL) {
		e->bad_report = ev;
		e->report_defect = defect;
	}
	if (ev->to != NULL && !e->null_sender &&
	    !entry_sender_is(e, ev->to) && e->misaddressed == NULL)
		e->misaddressed = ev;
	e->report_offers++;
	if (e->reports > 0 && report_repeated_rightly(l, e->first_report))
		return;
	if (e->reports++ == 0)
		e->first_report = ev;
}

/* The sender's own MX refused the report: the MTA did what it could. */
static void
note_report_offer(struct ledger *l, const struct event *ev)
{
	if (ev->from == NULL || *ev->from != '\0' || ev->code / 100 != 5)
		return;
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (e->null_sender || !entry_sender_is(e, ev->rcpt))
			continue;
		e->report_offers++;
		if (e->refused_report == NULL)
			e->refused_report = ev;
	}
}

/* "no" counts when read twice at least QR apart with nothing in between. */
static void
note_queue(struct ledger *l, const struct event *ev)
{
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (!concerns(e, ev) || !e->accepted ||
		    ev->t_us < e->t0_us)
			continue;
		if (!same_text(ev->state, "no")) {
			e->queue = same_text(ev->state, "yes") ? QUEUE_YES :
			    QUEUE_UNKNOWN;
			e->queue_no_readings = 0;
			e->queue_no_since_us = TIME_NEVER;
			continue;
		}
		if (e->queue_no_readings++ == 0)
			e->queue_no_since_us = ev->t_us;
		e->queue_no_last_us = ev->t_us;
		e->queue = e->queue_no_readings > 1 && ev->t_us -
		    e->queue_no_since_us >= l->profile->queue_run_us ?
		    QUEUE_NO : QUEUE_UNKNOWN;
	}
}

/* It was said to be gone, and now it is sent: the readings were wrong. */
static void
note_alive(struct entry *e, const struct event *ev)
{
	if (e->queue == QUEUE_NO && e->queue_wrong == NULL)
		e->queue_wrong = ev;
	e->queue = QUEUE_UNKNOWN;
	e->queue_no_readings = 0;
	e->queue_no_since_us = TIME_NEVER;
}

static void
note_kill(struct ledger *l, const struct event *ev)
{
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		for (size_t c = 0; c < e->copy_count; c++)
			if (e->copies[c].counted && ev->t_us >=
			    e->copies[c].ev->t_us && ev->t_us <=
			    e->copies[c].ev->t_us + COMMIT_US) {
				e->kills++;
				break;
			}
	}
}

/* Is it the local part of the unit, at another domain? */
static bool
same_local(const struct entry *e, const char *to)
{
	const char *at = strrchr(to, '@');
	size_t n = strlen(e->rcpt) - strlen(e->domain);

	return at != NULL && (size_t)(at + 1 - to) == n &&
	    strncmp(to, e->rcpt, n) == 0;
}

/*
 * The unit that a transaction carries.  The key says which message it is; its
 * recipient may have become another one on the way: it keeps its local part,
 * or the message was handed over and had no other recipient.
 */
struct entry *
units_find(struct ledger *l, const struct event *ev, bool *rewritten)
{
	struct entry *e = ledger_find(l, ev->msg, ev->rcpt), *found = NULL;
	struct entry *any = NULL;
	size_t units = 0;

	*rewritten = false;
	if (e != NULL || ev->msg == NULL || ev->rcpt == NULL)
		return e;
	for (size_t i = 0; i < l->count && found == NULL; i++) {
		e = &l->entries[i];
		if (!same_text(e->key, ev->msg))
			continue;
		any = e;
		units++;
		if (!same_local(e, ev->rcpt))
			continue;
		if (same_name(strrchr(ev->rcpt, '@') + 1,
		    answers_end(l, e->domain)))
			return e;
		found = e;
	}
	if (found == NULL && units == 1 && ev->kind == EV_SMTP_COPY &&
	    !entry_sender_is(any, ev->rcpt))
		found = any;
	*rewritten = found != NULL;
	return found;
}

static void
take_rcpt(struct ledger *l, const struct event *ev)
{
	bool rewritten;
	struct entry *e = units_find(l, ev, &rewritten);

	if (ev->code / 100 == 2)
		ledger_session(l, ev->conn)->accepted++;
	note_report_offer(l, ev);
	if (e == NULL)
		return;
	note_alive(e, ev);
	if (ev->code / 100 == 2 && (rewritten || !legit_host(l, e->domain,
	    ev->host, ledger_session(l, ev->conn)->addr, ev->t_us)))
		note_misroute(e, ev);
}

void
units_take(struct ledger *l, const struct event *ev)
{
	struct entry *e;
	bool rewritten;

	switch (ev->kind) {
	case EV_FLAG:
		if (same_text(ev->name, "downgrade") && (e = ledger_find(l,
		    ev->msg, ev->rcpt)) != NULL && e->downgrade == NULL)
			e->downgrade = ev;
		break;
	case EV_SMTP_RCPT:
		take_rcpt(l, ev);
		break;
	case EV_SMTP_COPY:
		if ((e = units_find(l, ev, &rewritten)) != NULL)
			note_copy(l, e, ev, rewritten);
		break;
	case EV_DSN:
		note_report(l, ev);
		break;
	case EV_QUEUE:
		note_queue(l, ev);
		break;
	case EV_MTA:
		if (same_text(ev->verb, "kill"))
			note_kill(l, ev);
		break;
	default:
		break;
	}
}

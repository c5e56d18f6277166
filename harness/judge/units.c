#include "harness/judge/units.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/downtimes.h"
#include "harness/judge/legit.h"
#include "harness/judge/sessions.h"
#include "harness/judge/whose.h"

/* A reset so soon after an acknowledgement may have come before it (21.1). */
#define CUT_OFF_US	USEC_PER_SEC

/* Those that an event of their message is about: one recipient's, or all. */
static void
for_units(struct ledger *l, const struct event *ev,
    void (*take)(struct ledger *, struct entry *, const struct event *))
{
	const struct mail *m = ledger_mail(l, ev->msg);
	const struct indexed *x;

	if (m == NULL)
		return;
	if (ev->rcpt != NULL) {
		x = ledger_units(l, ev->msg, ev->rcpt);
		for (size_t i = 0; x != NULL && i < x->count; i++)
			take(l, &l->entries[x->items[i]], ev);
		return;
	}
	for (size_t i = 0; i < m->count; i++)
		take(l, &l->entries[m->first + i], ev);
}

/* --- injection --- */

/* A new transaction may undo what an earlier one was told. */
static void
take_inject(struct ledger *l, struct entry *e, const struct event *ev)
{
	bool ok = ev->code / 100 == 2 || ev->code / 100 == 3;
	bool command = same_text(ev->stage, "exit");
	bool final = command || same_text(ev->stage, "eod");

	(void)l;
	if (e->accepted)
		return;
	e->asked = true;
	if (ok && same_text(ev->stage, "mail"))
		e->refusal = 0;
	/* Broken off after its content: that copy may be queued. */
	if (command ? ev->code == 0 : e->offered &&
	    same_text(ev->stage, "connect"))
		e->broken_off++;
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

/* --- copies --- */

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

/* Did a host tell the MTA that address?  RFC 5321 3.4: it is for people. */
static bool
was_told_to(const struct entry *e, const char *address)
{
	const struct event *said = e->said;

	return said != NULL && said->text != NULL &&
	    strcasestr(said->text, address) != NULL;
}

/*
 * May mail for the unit be given to that host?  A recipient that the MTA
 * rewrote by its own tables may go where mail for the new one goes.
 */
static bool
may_have(const struct ledger *l, const struct entry *e,
    const struct event *ev, const char *addr, enum identity how)
{
	const struct destination *d = e->dest;
	const char *at = strrchr(ev->rcpt, '@');

	if (how == ID_TOLD || how == ID_PRESUMED || how == ID_ELSEWHERE) {
		if (was_told_to(e, ev->rcpt))
			return false;
		d = at != NULL ? ledger_destination(l, at + 1) : NULL;
		if (d != NULL && legit_host(d, ev->host, addr, ev->t_us))
			return true;
	}
	return legit_host(e->dest, ev->host, addr, ev->t_us);
}

static void
take_copy(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	enum identity how;
	struct entry *e = whose_unit(l, ev, &how);
	bool ok = ev->code >= 200 && ev->code < 300;
	struct copy *c;

	if (e == NULL)
		return;
	c = arena_push(l->arena, &e->copies, &e->copy_count, sizeof *c);
	c->ev = ev;
	c->sent = s != NULL && s->sent > 0 ? s->sent : ev->seq;
	c->legit = may_have(l, e, ev, ev->addr, how);
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
	if (c->counted && same_text(ev->hash, "bad") && e->bad_copy == NULL)
		e->bad_copy = ev;
}

/*
 * The harness's own RST right after the ACK: the MTA's kernel had the reply,
 * the MTA perhaps not.
 */
static bool
reply_cut_off(const struct ledger *l, const struct event *copy)
{
	const struct session *s = ledger_session_of(l, copy->conn);

	return s != NULL && s->reset && s->last_command < copy->seq &&
	    s->closed_us - copy->t_us <= CUT_OFF_US;
}

/* A slow host keeps what it was sent long ago: in the order of sending. */
static const struct copy *
next_sent(const struct entry *e, const struct copy *last)
{
	const struct copy *next = NULL;

	for (size_t i = 0; i < e->copy_count; i++) {
		const struct copy *c = &e->copies[i];

		if (c->counted && (last == NULL || c->sent > last->sent ||
		    (c->sent == last->sent && c > last)) && (next == NULL ||
		    c->sent < next->sent))
			next = c;
	}
	return next;
}

int
units_unexcused(const struct ledger *l, const struct entry *e)
{
	const struct copy *c = NULL;
	int extra = 0;
	bool known = false;	/* to the MTA, that it was delivered */

	while ((c = next_sent(e, c)) != NULL) {
		extra += known;
		known = known || (!c->ambiguous && !reply_cut_off(l, c->ev) &&
		    !downtimes_forgets(l, c->ev->conn, c->sent, c->ev->t_us));
	}
	return extra > e->broken_off ? extra - e->broken_off : 0;
}

const struct event *
units_copy(const struct entry *e, int nth)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && nth-- == 0)
			return e->copies[i].ev;
	return NULL;
}

/* --- the queue --- */

/* "no" counts when read twice at least QR apart with nothing in between. */
static void
take_queue(struct ledger *l, struct entry *e, const struct event *ev)
{
	if (!e->accepted || ev->t_us < e->t0_us)
		return;
	if (!same_text(ev->state, "no")) {
		e->queue = same_text(ev->state, "yes") ? QUEUE_YES :
		    QUEUE_UNKNOWN;
		if (e->queue == QUEUE_YES)
			e->queue_yes_us = ev->t_us;
		e->queue_no_readings = 0;
		e->queue_no_since_us = TIME_NEVER;
		return;
	}
	if (e->queue_no_readings++ == 0)
		e->queue_no_since_us = ev->t_us;
	e->queue_no_last_us = ev->t_us;
	e->queue = e->queue_no_readings > 1 && ev->t_us -
	    e->queue_no_since_us >= l->profile->queue_run_us ?
	    QUEUE_NO : QUEUE_UNKNOWN;
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
take_rcpt(struct ledger *l, const struct event *ev)
{
	enum identity how;
	struct entry *e = whose_unit(l, ev, &how);
	const struct session *s = ledger_session_of(l, ev->conn);

	if (e == NULL)
		return;
	/* What was sent before it was gone is no sign of life. */
	if (e->queue_no_readings == 0 ||
	    sessions_begun_us(l, ev) >= e->queue_no_since_us)
		note_alive(e, ev);
	if (ev->code / 100 == 2 && !may_have(l, e, ev, s != NULL ? s->addr :
	    NULL, how))
		note_misroute(e, ev);
}

static void
take_flag(struct ledger *l, const struct event *ev)
{
	struct entry *e = same_text(ev->name, "downgrade") ?
	    ledger_find(l, ev->msg, ev->rcpt) : NULL;

	if (e != NULL && e->downgrade == NULL)
		e->downgrade = ev;
}

void
units_take(struct ledger *l, const struct event *ev)
{
	switch (ev->kind) {
	case EV_INJECT:
		for_units(l, ev, take_inject);
		break;
	case EV_FLAG:
		take_flag(l, ev);
		break;
	case EV_SMTP_RCPT:
		take_rcpt(l, ev);
		break;
	case EV_SMTP_COPY:
		take_copy(l, ev);
		break;
	case EV_QUEUE:
		/* A line about a report is reports.c's. */
		if (ev->from == NULL || *ev->from != '\0')
			for_units(l, ev, take_queue);
		break;
	default:
		break;
	}
}

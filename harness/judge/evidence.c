#include "harness/judge/evidence.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/evidence_home.h"
#include "harness/judge/legit.h"
#include "harness/judge/replies.h"
#include "harness/judge/sessions.h"
#include "harness/judge/whose.h"

static void
add(struct ledger *l, struct entry *e, enum perm perm, bool obliges,
    const struct event *ev)
{
	struct proof *p;

	for (size_t i = 0; i < e->proof_count; i++)
		if (e->proofs[i].perm == perm && e->proofs[i].obliges ==
		    obliges)
			return;
	p = arena_push(l->arena, &e->proofs, &e->proof_count, sizeof *p);
	*p = (struct proof){ .perm = perm, .t_us = ev->t_us,
	    .until_us = TIME_NEVER, .obliges = obliges, .ev = ev };
}

/*
 * 0.6.4: a refusal for good obliges, unless another host has just said that
 * later may be better.
 */
static bool
other_waits(const struct ledger *l, const struct entry *e,
    const struct event *ev)
{
	return e->last_4yz != NULL && !same_name(e->last_4yz->host,
	    ev->host) && ev->t_us - e->last_4yz->t_us <
	    l->profile->first_retry_us;
}

static bool
is_legit(const struct ledger *l, const struct entry *e,
    const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);

	return legit_host(e->dest, ev->host, s != NULL ? s->addr : NULL,
	    ev->t_us);
}

/*
 * RFC 5321 4.5.3.1.10: 552 for too many recipients is temporary; 4.2.3: for
 * a full mailbox it is not.  Only the words or the enhanced code tell.
 */
enum meaning { TOO_MANY, FOR_GOOD, UNCLEAR };

static enum meaning
meaning_of_552(const char *text)
{
	const char *p = text != NULL ? text : "";
	int class, subject, detail;

	if (strcasestr(p, "too many") != NULL)
		return TOO_MANY;
	if (strncmp(p, "552", 3) == 0)
		p += 3 + strspn(p + 3, " -");
	if (sscanf(p, "%1d.%3d.%3d", &class, &subject, &detail) != 3)
		return UNCLEAR;
	return subject == 5 && detail == 3 ? TOO_MANY : FOR_GOOD;
}

static void
refuse_recipient(struct ledger *l, const struct session *s, struct entry *e,
    const struct event *ev)
{
	enum meaning m = FOR_GOOD;

	if (ev->code == 552 && s->accepted > 0)
		m = meaning_of_552(ev->text);
	if (m == TOO_MANY) {
		e->too_many = ev;
		return;
	}
	if (m == UNCLEAR)
		e->unclear_552 = ev;
	add(l, e, P1, m == FOR_GOOD && sessions_surely_heard(l, ev) &&
	    !other_waits(l, e, ev), ev);
}

/*
 * The answer to the RCPT just seen: a host that is slow decides before it
 * speaks, and nobody knows what it has not said.
 */
static void
take_words(struct ledger *l, const struct session *s, const struct event *ev)
{
	const struct offer *o = s->offer_count > 0 ?
	    &s->offers[s->offer_count - 1] : NULL;
	struct entry *e = o != NULL ? &l->entries[o->entry] : NULL;

	if (e == NULL || o->code != ev->code)
		return;
	e->said = ev;
	if (e->last_reply != NULL && e->last_reply->kind == EV_SMTP_RCPT &&
	    e->last_reply->conn == ev->conn)
		e->last_reply = ev;
	if (reply_class(ev) == 5 && is_legit(l, e, ev))
		refuse_recipient(l, s, e, ev);
}

/*
 * A refusal that the client earned by its own misuse, no rule of the
 * scenario's, says nothing about the mail.
 */
static bool
is_misuse(const struct event *ev)
{
	return ev->rule == NULL && ((ev->code >= 500 && ev->code <= 504) ||
	    ev->code == 555);
}

static void
refuse(struct ledger *l, struct entry *e, const struct event *ev)
{
	if (!is_legit(l, e, ev))
		return;
	if (ev->code >= 400)
		e->last_reply = ev;
	if (ev->code / 100 == 4)
		e->last_4yz = ev;
	/* In the midst of the content it may be lost (R-DF-DATA-a). */
	if (reply_class(ev) == 5 && !is_misuse(ev))
		add(l, e, P2, !other_waits(l, e, ev) &&
		    sessions_surely_heard(l, ev) &&
		    !same_text(ev->stage, "body"), ev);
}

/* Every recipient of the message that the session is about. */
static void
refuse_mail(struct ledger *l, const struct session *s, const struct event *ev)
{
	const struct mail *m;

	if (s->null_sender) {	/* its message is known by its recipient */
		for (size_t i = 0; i < l->count; i++)
			if (l->entries[i].null_sender)
				refuse(l, &l->entries[i], ev);
		return;
	}
	m = ledger_mail(l, s->mail_key);
	for (size_t i = 0; m != NULL && i < m->count; i++)
		refuse(l, &l->entries[m->first + i], ev);
}

static void
take_rcpt(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	enum identity how;
	struct entry *e = whose_unit(l, ev, &how);

	if (e == NULL)
		return;
	e->last_offer_us = ev->t_us;
	e->last_begun_us = sessions_begun_us(l, ev);
	if (ev->code / 100 == 4)
		e->last_4yz = ev;
	if (ev->code >= 400)
		e->last_reply = ev;
	/* Whoever is answered before he asks takes it for what he asks next. */
	if (s != NULL && s->early != NULL)
		refuse(l, e, s->early);
}

/* The same of a MAIL. */
static void
take_command(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);

	if (s != NULL && s->early != NULL && same_text(ev->stage, "mail"))
		refuse_mail(l, s, s->early);
}

static void
refuse_transaction(struct ledger *l, const struct session *s,
    const struct event *ev)
{
	/*
	 * Before a RCPT was answered nobody knows of which it was said; what
	 * is said too early is heard as the answer to the next one.
	 */
	const bool of_all = same_text(ev->stage, "mail") ||
	    (s->mail_key != NULL && (same_text(ev->stage, "rcpt") ||
	    same_text(ev->action, "early")));

	if (of_all)
		refuse_mail(l, s, ev);
	for (size_t i = 0; !of_all && i < s->offer_count; i++)
		if (s->offers[i].code / 100 == 2)
			refuse(l, &l->entries[s->offers[i].entry], ev);
}

static bool
is_session_stage(const char *stage)
{
	return same_text(stage, "greeting") || same_text(stage, "ehlo") ||
	    same_text(stage, "helo");
}

/* Said too early to one who had begun a MAIL that nobody has read. */
static void
refuse_unread(struct ledger *l, const struct session *s,
    const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, s->addr);

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		const struct destination *d = l->dests[x->items[i]];

		for (size_t k = 0; k < d->entry_count; k++)
			refuse(l, &l->entries[d->entries[k]], ev);
	}
}

static void
take_reply(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);

	if (s == NULL)
		return;
	if (is_session_stage(ev->stage))
		evidence_home_reply(l, s, ev);
	else if (same_text(ev->action, "early") && !s->got_mail)
		refuse_unread(l, s, ev);
	else if (same_text(ev->stage, "rcpt") &&
	    !same_text(ev->action, "early"))
		take_words(l, s, ev);
	else if (same_text(ev->stage, "mail") ||
	    same_text(ev->stage, "rcpt") || same_text(ev->stage, "data") ||
	    same_text(ev->stage, "body") ||
	    same_text(ev->stage, "eod") || same_text(ev->stage, "bdat"))
		refuse_transaction(l, s, ev);
}

void
evidence_take(struct ledger *l, const struct event *ev)
{
	if (ev->kind == EV_DNS_REPLY)
		evidence_home_dns(l, ev);
	else if (attempts_is_contact(ev))
		evidence_home_contact(l, ev);
	else if (ev->kind == EV_SMTP_RCPT)
		take_rcpt(l, ev);
	else if (ev->kind == EV_SMTP_COMMAND)
		take_command(l, ev);
	else if (ev->kind == EV_SMTP_REPLY)
		take_reply(l, ev);
}

/*
 * Connections and addresses: what was said in each, and what the last
 * contact with each came to.  Facts that the evidence of any unit may need.
 */
#include "harness/judge/sessions.h"

#include <string.h>

#include "harness/base/arena.h"
#include "harness/judge/replies.h"
#include "harness/judge/whose.h"

const struct address *
sessions_known(const struct ledger *l, const char *addr)
{
	const struct indexed *x;
	char room[64];

	x = index_find(l->by_contact, index_addr(addr, room));
	return x != NULL ? &l->addresses[x->items[0]] : NULL;
}

struct address *
sessions_address(struct ledger *l, const char *addr)
{
	const struct indexed *x;
	struct address *a;
	char room[64];

	if (index_addr(addr, room) == NULL)
		return NULL;
	x = index_find(l->by_contact, room);
	if (x != NULL)
		return &l->addresses[x->items[0]];
	index_add(l, &l->by_contact, room, l->address_count);
	a = arena_push(l->arena, &l->addresses, &l->address_count, sizeof *a);
	a->addr = addr;
	return a;
}

int64_t
sessions_begun_us(const struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);

	return s != NULL && s->addr != NULL ? s->began_us : ev->t_us;
}

static void
note_contact(struct ledger *l, const char *addr, enum contact contact,
    int64_t t_us)
{
	struct address *a = sessions_address(l, addr);

	if (a == NULL)
		return;
	a->contact = contact;
	a->t_us = t_us;
}

static void
note_identity(struct session *s, const char *key)
{
	if (key == NULL)
		return;
	if (s->msg == NULL)
		s->msg = key;
	else if (strcmp(s->msg, key) != 0)
		s->mixed = true;
}

static const char *
key_of_mail(const struct ledger *l, const char *command)
{
	char sender[SENDER_SIZE];
	const struct mail *m;

	if (!whose_sender(command, sender))
		return NULL;
	m = whose_mail(l, sender);
	return m != NULL ? m->key : NULL;
}

/* The transaction that ends now got no RCPT: the MAIL alone was tried. */
static void
note_bare(struct ledger *l, struct session *s)
{
	if (s->mail == NULL || s->offer_count > 0 || s->report_count > 0)
		return;
	if (s->mail_key == NULL)
		s->strange = true;
	else
		*(const char **)arena_push(l->arena, &s->bare, &s->bare_count,
		    sizeof *s->bare) = s->mail_key;
}

static void
begin_transaction(struct ledger *l, struct session *s,
    const struct event *ev)
{
	char sender[SENDER_SIZE];

	note_bare(l, s);
	if (s->got_mail)
		s->began_us = ev->t_us;
	s->mail = ev->text;
	s->mail_key = key_of_mail(l, ev->text);
	s->null_sender = whose_sender(ev->text, sender) && *sender == '\0';
	s->ordinary = s->ordinary || !s->null_sender;
	s->got_mail = true;
	s->accepted = 0;
	s->offers = NULL;
	s->reports = NULL;
	s->offer_count = s->report_count = 0;
	note_identity(s, s->mail_key);
}

static void
note_command(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);

	if (same_text(ev->stage, "ehlo"))
		s->said_ehlo = s->fell_back = s->to_helo = true;
	else if (same_text(ev->stage, "starttls")) {
		s->fell_back = true;
		s->to_helo = false;
	} else if (!same_text(ev->stage, "quit"))
		s->fell_back = false;
	else
		s->said_quit = true;
	s->unanswered = true;
	s->last_command = ev->seq;
	if (same_text(ev->stage, "mail"))
		begin_transaction(l, s, ev);
	else if (same_text(ev->stage, "rcpt"))
		s->rcpt = ev->text;
}

bool
sessions_names(const struct ledger *l, int64_t conn, const struct entry *e)
{
	const struct session *s = ledger_session_of(l, conn);

	for (size_t i = 0; s != NULL && i < s->named_count; i++)
		if (s->named[i] == (size_t)(e - l->entries))
			return true;
	return false;
}

bool
sessions_surely_heard(const struct ledger *l, const struct event *reply)
{
	const struct session *s = ledger_session_of(l, reply->conn);

	/* What the host has decided it may yet be slow to say. */
	if (s != NULL && reply->kind == EV_SMTP_RCPT &&
	    s->last_reply < reply->seq)
		return false;
	return !reply_is_odd(reply) && (s == NULL || s->closed == 0 ||
	    reply->seq < s->closed);
}

static void
note_reply(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);
	bool hello = same_text(ev->stage, "ehlo") ||
	    same_text(ev->stage, "helo");

	s->unanswered = false;
	s->heard_us = ev->t_us;
	s->last_reply = ev->seq;
	if (ev->code == 421)
		s->cut = true;
	if (same_text(ev->action, "early") && reply_class(ev) == 5)
		s->early = ev;
	if (!s->got_mail && !same_text(ev->stage, "quit"))
		s->before_mail = ev;
	if (same_text(ev->stage, "greeting"))
		s->greeting = (int)ev->code;
	if (!hello && !same_text(ev->stage, "greeting"))
		return;
	note_contact(l, s->addr, reply_class(ev) != 5 ? CONTACT_OPEN :
	    sessions_surely_heard(l, ev) ? CONTACT_GREET5 : CONTACT_ODD5,
	    ev->t_us);
}

/* Whose report does a RCPT after MAIL FROM:<> offer?  NULL: none's. */
static struct mail *
reported_mail(const struct ledger *l, const struct event *ev)
{
	return ev->from != NULL && *ev->from == '\0' ?
	    whose_mail(l, ev->rcpt) : NULL;
}

static void
note_rcpt(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);
	const struct mail *about = reported_mail(l, ev);
	enum identity how;
	struct entry *e = whose_unit(l, ev, &how);
	struct offer *o;

	if (ev->code / 100 == 2)
		s->accepted++;
	note_identity(s, ev->msg);
	if (about != NULL && e == NULL) {
		s->report_offered = true;
		*(size_t *)arena_push(l->arena, &s->reports, &s->report_count,
		    sizeof *s->reports) = (size_t)(about - l->mails);
		return;
	}
	if (e == NULL) {
		s->strange = true;
		return;
	}
	o = arena_push(l->arena, &s->offers, &s->offer_count, sizeof *o);
	o->entry = (size_t)(e - l->entries);
	o->code = (int)ev->code;
	o->seq = ev->seq;
	*(size_t *)arena_push(l->arena, &s->named, &s->named_count,
	    sizeof *s->named) = o->entry;
}

static void
note_copy(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);

	if (ev->code == 0 || ev->acked != YES)
		s->reply_lost = true;
	else if (ev->code / 100 == 2 && reported_mail(l, ev) != NULL)
		s->report_taken = true;
}

static void
note_close(struct ledger *l, struct session *s, const struct event *ev)
{
	note_bare(l, s);
	s->closed_us = ev->t_us;
	s->closed = ev->seq;
	s->reset = same_text(ev->by, "server") &&
	    same_text(ev->state, "reset");
	s->whole = !s->cut && !s->strange && (s->said_quit ||
	    (!s->unanswered && same_text(ev->by, "client")));
}

void
sessions_take(struct ledger *l, const struct event *ev)
{
	struct session *s;

	switch (ev->kind) {
	case EV_SYN:
	case EV_CONNECT_FAILED:
		note_contact(l, ev->addr, CONTACT_FAILED, ev->t_us);
		break;
	case EV_SMTP_OPEN:
		s = ledger_session(l, ev->conn);
		s->host = ev->host;
		s->addr = ev->addr;
		s->opened = ev->seq;
		s->closed = 0;
		s->began_us = ev->t_us;
		note_contact(l, ev->addr, CONTACT_OPEN, ev->t_us);
		break;
	case EV_SMTP_CLOSE:
		note_close(l, ledger_session(l, ev->conn), ev);
		break;
	case EV_SMTP_COMMAND:
		note_command(l, ev);
		break;
	case EV_SMTP_REPLY:
		note_reply(l, ev);
		break;
	case EV_SMTP_EOD:
		ledger_session(l, ev->conn)->sent = ev->seq;
		break;
	case EV_SMTP_RCPT:
		note_rcpt(l, ev);
		break;
	case EV_SMTP_COPY:
		note_copy(l, ev);
		break;
	default:
		break;
	}
}

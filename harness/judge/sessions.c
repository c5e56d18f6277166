/*
 * Connections and addresses: what was said in each, and what the last
 * contact with each came to.  Facts that the evidence of any unit may need.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

static struct address *
address_of(struct ledger *l, const char *addr)
{
	struct address *a;

	for (size_t i = 0; i < l->address_count; i++)
		if (same_ip(l->addresses[i].addr, addr))
			return &l->addresses[i];
	a = arena_push(l->arena, &l->addresses, &l->address_count, sizeof *a);
	a->addr = addr;
	return a;
}

static void
note_contact(struct ledger *l, const char *addr, enum contact contact,
    int64_t t_us)
{
	struct address *a;

	if (addr == NULL)
		return;
	a = address_of(l, addr);
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

bool
mail_sender(const char *command, char sender[static SENDER_SIZE])
{
	const char *lt = command != NULL ? strchr(command, '<') : NULL;
	size_t n = lt != NULL ? strcspn(lt + 1, ">") : SENDER_SIZE;

	if (n >= SENDER_SIZE)
		return false;
	memcpy(sender, lt + 1, n);
	sender[n] = '\0';
	return true;
}

static const char *
key_of_mail(const struct ledger *l, const char *command)
{
	char sender[SENDER_SIZE];

	if (!mail_sender(command, sender) || *sender == '\0')
		return NULL;
	for (size_t i = 0; i < l->count; i++)
		if (!l->entries[i].null_sender &&
		    entry_sender_is(&l->entries[i], sender))
			return l->entries[i].key;
	return NULL;
}

/* The transaction that ends now got no RCPT: the MAIL alone was tried. */
static void
note_bare(struct ledger *l, struct session *s)
{
	if (s->mail == NULL || s->offer_count > 0)
		return;
	if (s->mail_key == NULL)
		s->strange = true;
	else
		*(const char **)arena_push(l->arena, &s->bare, &s->bare_count,
		    sizeof *s->bare) = s->mail_key;
}

static void
note_command(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);

	if (same_text(ev->stage, "ehlo") || same_text(ev->stage, "starttls"))
		s->fell_back = true;
	else if (!same_text(ev->stage, "quit"))
		s->fell_back = false;
	else
		s->said_quit = true;
	s->unanswered = true;
	if (same_text(ev->stage, "mail")) {
		note_bare(l, s);
		s->mail = ev->text;
		s->mail_key = key_of_mail(l, ev->text);
		s->got_mail = true;
		s->accepted = 0;
		s->offers = NULL;
		s->offer_count = 0;
		note_identity(s, s->mail_key);
	}
}

static void
note_reply(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);
	bool hello = same_text(ev->stage, "ehlo") ||
	    same_text(ev->stage, "helo");

	s->unanswered = false;
	if (ev->code == 421)
		s->cut = true;
	if (!hello && !same_text(ev->stage, "greeting"))
		return;
	note_contact(l, s->addr, ev->code / 100 == 5 ? CONTACT_GREET5 :
	    CONTACT_OPEN, ev->t_us);
}

static void
note_rcpt(struct ledger *l, const struct event *ev)
{
	struct session *s = ledger_session(l, ev->conn);
	bool rewritten;
	struct entry *e = units_find(l, ev, &rewritten);
	struct offer *o;

	note_identity(s, ev->msg);
	if (e != NULL) {
		o = arena_push(l->arena, &s->offers, &s->offer_count,
		    sizeof *o);
		o->entry = (size_t)(e - l->entries);
		o->code = (int)ev->code;
		*(size_t *)arena_push(l->arena, &s->named, &s->named_count,
		    sizeof *s->named) = o->entry;
	} else
		s->strange = true;
}

static void
note_close(struct ledger *l, struct session *s, const struct event *ev)
{
	note_bare(l, s);
	s->closed_us = ev->t_us;
	s->whole = !s->cut && !s->strange && (s->said_quit ||
	    (!s->unanswered && same_text(ev->by, "client")));
}

/* Facts that any unit's evidence may need, event by event. */
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
	case EV_SMTP_RCPT:
		note_rcpt(l, ev);
		break;
	default:
		break;
	}
}

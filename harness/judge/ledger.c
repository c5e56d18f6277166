#include "harness/judge/ledger.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/scenario/mailbox.h"

bool
mta_was_handled(const struct event *ev)
{
	return ev->kind == EV_MTA && !same_text(ev->verb, "exit");
}

int64_t
entry_life(const struct ledger *l, const struct entry *e)
{
	return e->null_sender ? l->profile->life_null_us : l->profile->life_us;
}

bool
is_smarthost(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->smarthost_count; i++)
		if (same_name(s->smarthosts[i], name))
			return true;
	return false;
}

bool
ledger_is_smart(const struct ledger *l)
{
	return l->scenario->smarthost_count > 0;
}

/* --- the units --- */

static bool
is_null(const struct message *m)
{
	return m->from == NULL || *m->from == '\0';
}

struct destination *
ledger_make_destination(struct ledger *l, const char *domain)
{
	const bool smart = ledger_is_smart(l);
	struct destination *d = ledger_destination(l, domain);

	if (d != NULL)
		return d;
	d = arena_alloc(l->arena, sizeof *d);
	d->domain = smart ? NULL : domain;
	d->nr = l->dest_count;
	d->lookup.since_us = d->touched_us = d->told_others_us = TIME_NEVER;
	*(struct destination **)arena_push(l->arena, &l->dests,
	    &l->dest_count, sizeof d) = d;
	if (!smart) {
		index_add(l, &l->by_domain, domain, d->nr);
		index_join(l, &l->by_host, domain, d->nr);
	}
	return d;
}

static void
add_entry(struct ledger *l, size_t mail, const char *rcpt)
{
	struct entry *e = arena_push(l->arena, &l->entries, &l->count,
	    sizeof *e);
	const struct message *m = l->mails[mail].message;

	e->message = m;
	e->key = l->mails[mail].key;
	e->rcpt = rcpt;
	e->domain = mailbox_domain(rcpt);
	e->null_sender = is_null(m);
	/* RFC 3461 4.1: NEVER, or a list without FAILURE, asks for none. */
	e->no_dsn = m->notify != NULL &&
	    strcasestr(m->notify, "FAILURE") == NULL;
	e->queue_no_since_us = e->queue_yes_us = TIME_NEVER;
	e->last_offer_us = TIME_NEVER;
	e->dest = ledger_make_destination(l, e->domain);
	index_join(l, &l->by_unit, arena_printf(l->arena, "%s %s", e->key,
	    rcpt), l->count - 1);
}

static void
add_mail(struct ledger *l, const struct message *m, const char *key)
{
	struct mail *mail = arena_push(l->arena, &l->mails, &l->mail_count,
	    sizeof *mail);
	const size_t nr = l->mail_count - 1;

	mail->message = m;
	mail->key = key;
	mail->first = l->count;
	mail->listed_us = TIME_NEVER;
	index_add(l, &l->by_key, key, nr);
	for (size_t i = 0; i < m->to_count; i++)
		add_entry(l, nr, m->to[i]);
	mail = &l->mails[nr];
	mail->count = l->count - mail->first;
	if (!is_null(m))
		mail->home = ledger_make_destination(l,
		    mailbox_domain(m->from));
}

/* Now that the arrays stay where they are. */
static void
tie(struct ledger *l)
{
	struct mail *last = NULL;

	for (size_t i = 0; i < l->mail_count; i++) {
		struct mail *m = &l->mails[i];

		if (m->home != NULL)
			m->home->senders += !m->message->control;
	}
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		e->mail = ledger_mail(l, e->key);
		if (e->message->control)
			continue;
		*(size_t *)arena_push(l->arena, &e->dest->entries,
		    &e->dest->entry_count, sizeof i) = i;
		e->dest->null_mails += e->null_sender;
		if (e->mail == last && e->dest == e[-1].dest)
			continue;
		last = e->mail;
		e->dest->mails++;
	}
}

void
ledger_list(struct ledger *l, struct arena *arena, const struct scenario *s,
    const struct profile *p)
{
	memset(l, 0, sizeof *l);
	l->arena = arena;
	l->scenario = s;
	l->profile = p;
	for (size_t i = 0; i < s->message_count; i++) {
		const struct message *m = &s->messages[i];

		for (int n = 1; n <= (m->count > 1 ? m->count : 1); n++)
			add_mail(l, m, m->count > 1 ? arena_printf(arena,
			    "%s.%d", m->key, n) : m->key);
	}
	tie(l);
}

void
ledger_fini(struct ledger *l)
{
	index_free(&l->by_key);
	index_free(&l->by_unit);
	index_free(&l->by_domain);
	index_free(&l->by_host);
	index_free(&l->by_addr);
	index_free(&l->by_question);
	index_free(&l->by_alias);
	index_free(&l->by_peer);
	index_free(&l->by_contact);
}

/* --- the way to them --- */

struct mail *
ledger_mail(const struct ledger *l, const char *key)
{
	const struct indexed *x = index_find(l->by_key, key);

	return x != NULL ? &l->mails[x->items[0]] : NULL;
}

struct destination *
ledger_destination(const struct ledger *l, const char *domain)
{
	const struct indexed *x;

	if (ledger_is_smart(l))
		return l->dest_count > 0 ? l->dests[0] : NULL;
	x = index_find(l->by_domain, domain);
	return x != NULL ? l->dests[x->items[0]] : NULL;
}

const struct indexed *
ledger_units(const struct ledger *l, const char *msg, const char *rcpt)
{
	char unit[1100];

	snprintf(unit, sizeof unit, "%s %s", msg, rcpt);
	return index_find(l->by_unit, unit);
}

struct entry *
ledger_find(const struct ledger *l, const char *msg, const char *rcpt)
{
	const struct mail *m = ledger_mail(l, msg);
	const struct indexed *x;

	if (m == NULL || m->count == 0)
		return NULL;
	if (rcpt == NULL)
		return &l->entries[m->first];
	x = ledger_units(l, msg, rcpt);
	return x != NULL ? &l->entries[x->items[0]] : NULL;
}

const struct session *
ledger_session_of(const struct ledger *l, int64_t conn)
{
	return conn > 0 && (size_t)conn < l->session_count ?
	    l->sessions[conn] : NULL;
}

struct session *
ledger_session(struct ledger *l, int64_t conn)
{
	size_t i = conn > 0 ? (size_t)conn : 0;

	while (l->session_count <= i)
		arena_push(l->arena, &l->sessions, &l->session_count,
		    sizeof *l->sessions);
	if (l->sessions[i] == NULL)
		l->sessions[i] = arena_alloc(l->arena,
		    sizeof **l->sessions);
	return l->sessions[i];
}

size_t
ledger_since(const struct ledger *l, int64_t t_us)
{
	size_t low = 0, high = l->trace->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (l->trace->events[mid].t_us < t_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
ledger_handled(const struct ledger *l, int64_t from_us, int64_t to_us)
{
	for (size_t i = ledger_since(l, from_us); i < l->trace->count &&
	    l->trace->events[i].t_us <= to_us; i++)
		if (mta_was_handled(&l->trace->events[i]))
			return true;
	return false;
}

bool
ledger_handled_between(const struct ledger *l, const struct event *from,
    const struct event *to)
{
	for (uint64_t i = from->seq; i < to->seq; i++)
		if (mta_was_handled(&l->trace->events[i]))
			return true;
	return false;
}

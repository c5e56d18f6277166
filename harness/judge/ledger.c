#include "harness/judge/ledger.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"

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

static void
add_entry(struct ledger *l, const struct message *m, const char *key,
    const char *rcpt)
{
	struct entry *e = arena_push(l->arena, &l->entries, &l->count,
	    sizeof *e);
	const char *at = strrchr(rcpt, '@');

	e->message = m;
	e->key = key;
	e->rcpt = rcpt;
	e->domain = at != NULL ? at + 1 : "";
	e->null_sender = m->from == NULL || *m->from == '\0';
	/* RFC 3461 4.1: NEVER, or a list without FAILURE, asks for none. */
	e->no_dsn = m->notify != NULL &&
	    strcasestr(m->notify, "FAILURE") == NULL;
	e->queue_no_since_us = TIME_NEVER;
	e->dns_since_us = e->last_offer_us = TIME_NEVER;
}

void
ledger_list(struct ledger *l, struct arena *arena, const struct scenario *s)
{
	memset(l, 0, sizeof *l);
	l->arena = arena;
	l->scenario = s;

	for (size_t i = 0; i < s->message_count; i++) {
		const struct message *m = &s->messages[i];
		for (int n = 1; n <= (m->count > 1 ? m->count : 1); n++) {
			const char *key = m->count > 1 ? arena_printf(l->arena,
			    "%s.%d", m->key, n) : m->key;
			for (size_t r = 0; r < m->to_count; r++)
				add_entry(l, m, key, m->to[r]);
		}
	}
}

struct entry *
ledger_find(struct ledger *l, const char *msg, const char *rcpt)
{
	for (size_t i = 0; i < l->count; i++)
		if (same_text(l->entries[i].key, msg) &&
		    (rcpt == NULL || same_name(l->entries[i].rcpt, rcpt)))
			return &l->entries[i];
	return NULL;
}

/* "a@s.test" travels as "a+KEY@s.test". */
bool
entry_sender_is(const struct entry *e, const char *address)
{
	const char *from = e->message->from, *at;
	size_t local, key = strlen(e->key);

	if (address == NULL || e->null_sender)
		return address != NULL && *address == '\0';
	if (same_name(address, from))
		return true;
	at = strrchr(from, '@');
	local = at != NULL ? (size_t)(at - from) : strlen(from);
	return strncasecmp(address, from, local) == 0 &&
	    address[local] == '+' &&
	    strncmp(address + local + 1, e->key, key) == 0 &&
	    strcasecmp(address + local + 1 + key, from + local) == 0;
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

/* Attempts at a domain say for certain whose they are if it has one user. */
static void
find_company(const struct ledger *l, struct entry *e)
{
	const bool smart = l->scenario->smarthost_count > 0;

	e->alone = e->sole = true;
	for (size_t i = 0; i < l->count; i++) {
		const struct entry *o = &l->entries[i];
		const char *at = o->message->from == NULL ? NULL :
		    strrchr(o->message->from, '@');

		/* Smarthosts take everybody's mail, and the reports. */
		if (o != e && !o->message->control && (smart ||
		    same_name(o->domain, e->domain))) {
			e->sole = false;
			if (!same_text(o->key, e->key))
				e->alone = false;
		}
		if (smart)
			e->sole = false;
		else if (at != NULL && same_name(at + 1, e->domain))
			e->alone = e->sole = false;
	}
}

/*
 * Twice over the trace: first who the units are and where their mail may go,
 * then, knowing when each was accepted, what happened to it.
 */
void
ledger_build(struct ledger *l, struct arena *arena, const struct scenario *s,
    const struct trace *t, const struct profile *p)
{
	ledger_list(l, arena, s);
	l->trace = t;
	l->profile = p;
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EV_INJECT)
			units_inject(l, &t->events[i]);
		else if (t->events[i].kind == EV_FLAG)
			legit_take(l, &t->events[i]);
	for (size_t i = 0; i < t->count; i++) {
		const struct event *ev = &t->events[i];

		answers_take(l, ev);
		if (ev->kind == EV_DNS_REPLY)
			legit_take(l, ev);
		sessions_take(l, ev);
		for (size_t k = 0; k < l->count; k++) {
			attempts_take(l, &l->entries[k], ev);
			evidence_take(l, &l->entries[k], ev);
		}
		units_take(l, ev);
	}
	l->end_us = t->count > 0 ? t->events[t->count - 1].t_us : 0;
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		find_company(l, e);
		if (e->reports == 0 && e->refused_report != NULL) {
			e->reports = 1;
			e->first_report = e->refused_report;
		}
		attempts_end(l, e);
		evidence_end(l, e);
	}
}

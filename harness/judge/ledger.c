#include "harness/judge/ledger.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"

/* How long after an acknowledged copy a kill excuses another (21.1). */
#define COMMIT_US	(2 * USEC_PER_SEC)
/* A record just replaced may still be in the MTA's resolver: longest TTL. */
#define MAX_TTL_US	(3600 * USEC_PER_SEC)

bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
same_name(const char *a, const char *b)
{
	size_t la, lb;

	if (a == NULL || b == NULL)
		return false;
	la = strlen(a);
	lb = strlen(b);
	if (la > 0 && a[la - 1] == '.')
		la--;
	if (lb > 0 && b[lb - 1] == '.')
		lb--;
	return la == lb && strncasecmp(a, b, la) == 0;
}

int64_t
bound_eps(int64_t bound_us)
{
	int64_t tenth = bound_us / 10;

	return tenth > 2 * USEC_PER_SEC ? tenth : 2 * USEC_PER_SEC;
}

int64_t
profile_dsn_max(const struct profile *p)
{
	return 60 * USEC_PER_SEC + p->queue_run_us;
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
}

static void
add_entries(struct ledger *l)
{
	const struct scenario *s = l->scenario;

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

static void
note_legit(struct ledger *l, const struct event *ev)
{
	struct legit *g;

	/* The events of one moment describe one state; they end the last. */
	for (size_t i = 0; i < l->legit_count; i++)
		if (same_name(l->legit[i].domain, ev->rcpt) &&
		    l->legit[i].from_us < ev->t_us &&
		    l->legit[i].until_us == TIME_NEVER)
			l->legit[i].until_us = ev->t_us;
	g = arena_push(l->arena, &l->legit, &l->legit_count, sizeof *g);
	g->domain = ev->rcpt;
	g->host = ev->host;
	g->addr = ev->addr;
	g->preference = (int)ev->num;
	g->from_us = ev->t_us;
	g->until_us = TIME_NEVER;
}

bool
ledger_legit(const struct ledger *l, const char *domain, const char *host,
    int64_t t_us)
{
	bool known = false;

	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (!same_name(g->domain, domain))
			continue;
		known = true;
		/* The first state holds from before the run on. */
		if (g->host != NULL && same_name(g->host, host) &&
		    (g->from_us <= t_us || g->from_us == 0) &&
		    (g->until_us == TIME_NEVER ||
		    t_us <= g->until_us + MAX_TTL_US))
			return true;
	}
	return !known;		/* nothing said: no ground for an accusation */
}

static void
note_inject(struct ledger *l, const struct event *ev)
{
	bool final = same_text(ev->stage, "eod") || same_text(ev->stage,
	    "exit");

	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (!same_text(e->key, ev->msg))
			continue;
		if (ev->rcpt != NULL && !same_name(ev->rcpt, e->rcpt))
			continue;
		e->asked = true;
		if (ev->code >= 400 || ev->code == 0) {
			if (e->refusal == 0)
				e->refusal = (int)ev->code / 100;
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
note_copy(struct ledger *l, struct entry *e, const struct event *ev)
{
	struct copy *c = arena_push(l->arena, &e->copies, &e->copy_count,
	    sizeof *c);
	bool ok = ev->code >= 200 && ev->code < 300;

	c->ev = ev;
	c->legit = ledger_legit(l, e->domain, ev->host, ev->t_us);
	if (!c->legit) {
		e->misrouted++;
		if (e->misroute == NULL)
			e->misroute = ev;
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
	if (ev->code == 0 || ev->acked != YES || reply_cut_off(l, ev))
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

static void
note_report(struct ledger *l, const struct event *ev)
{
	struct entry *e = ledger_find(l, ev->msg, ev->rcpt);

	if (ev->from != NULL && *ev->from != '\0' && e != NULL &&
	    e->bad_report == NULL)
		e->bad_report = ev;	/* RFC 5321 6.1: from <> */
	if (e == NULL)
		return;
	if (same_name(ev->action, "delayed")) {
		e->delays++;
		return;
	}
	if (!same_name(ev->action, "failed"))
		return;
	if (ev->ok == NO) {
		e->malformed++;
		if (e->bad_report == NULL)
			e->bad_report = ev;
	}
	if (ev->to != NULL && !e->null_sender &&
	    !same_name(ev->to, e->message->from) && e->misaddressed == NULL)
		e->misaddressed = ev;
	if (e->reports > 0 && report_repeated_rightly(l, e->first_report))
		return;
	if (e->reports++ == 0)
		e->first_report = ev;
}

/* "no" counts when read twice at least QR apart with nothing in between. */
static void
note_queue(struct ledger *l, const struct event *ev)
{
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];

		if (!same_text(e->key, ev->msg) ||
		    (ev->rcpt != NULL && !same_name(ev->rcpt, e->rcpt)))
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
		e->queue = ev->t_us - e->queue_no_since_us >=
		    l->profile->queue_run_us ? QUEUE_NO : QUEUE_UNKNOWN;
	}
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

static void
take_event(struct ledger *l, const struct event *ev)
{
	struct entry *e;

	switch (ev->kind) {
	case EV_FLAG:
		if (same_text(ev->name, "legit"))
			note_legit(l, ev);
		if (same_text(ev->name, "downgrade") && (e = ledger_find(l,
		    ev->msg, ev->rcpt)) != NULL && e->downgrade == NULL)
			e->downgrade = ev;
		break;
	case EV_INJECT:
		note_inject(l, ev);
		break;
	case EV_SMTP_COPY:
		if ((e = ledger_find(l, ev->msg, ev->rcpt)) != NULL)
			note_copy(l, e, ev);
		break;
	case EV_DSN:
		note_report(l, ev);
		break;
	case EV_STRAY:
		/* 21.5: mail about mail with the null sender. */
		if (same_text(ev->name, "double-bounce") &&
		    l->second_generation++ == 0)
			l->double_bounce = ev;
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

/* Attempts at a domain say for certain whose they are if it has one user. */
static bool
domain_alone(const struct ledger *l, const struct entry *e)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct entry *o = &l->entries[i];
		const char *at = o->message->from == NULL ? NULL :
		    strrchr(o->message->from, '@');

		if (o != e && same_name(o->domain, e->domain))
			return false;
		if (at != NULL && same_name(at + 1, e->domain))
			return false;
	}
	return true;
}

void
ledger_build(struct ledger *l, struct arena *arena, const struct scenario *s,
    const struct trace *t, const struct profile *p)
{
	memset(l, 0, sizeof *l);
	l->arena = arena;
	l->scenario = s;
	l->trace = t;
	l->profile = p;
	add_entries(l);
	for (size_t i = 0; i < t->count; i++)
		take_event(l, &t->events[i]);
	l->end_us = t->count > 0 ? t->events[t->count - 1].t_us : 0;
	for (size_t i = 0; i < l->count; i++) {
		l->entries[i].alone = domain_alone(l, &l->entries[i]);
		attempts_find(l, &l->entries[i]);
		evidence_find(l, &l->entries[i]);
	}
}

#include "harness/judge/ledger.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/addr.h"
#include "harness/base/arena.h"
#include "harness/base/timers.h"


bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
mta_was_handled(const struct event *ev)
{
	return ev->kind == EV_MTA && !same_text(ev->verb, "exit");
}

/* Asked for each event and unit: most names differ at once. */
bool
same_name(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	for (; *a != '\0' && tolower((unsigned char)*a) ==
	    tolower((unsigned char)*b); a++)
		b++;
	if (*a == '.' && a[1] == '\0')
		a++;
	if (*b == '.' && b[1] == '\0')
		b++;
	return *a == '\0' && *b == '\0';
}

/* "192.0.2.1", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]:25" */
static size_t
find_ip(const char **text)
{
	const char *colon;

	if (**text == '[')
		return strcspn(++*text, "]");
	colon = strchr(*text, ':');
	return colon == NULL || strchr(colon + 1, ':') != NULL ?
	    strlen(*text) : (size_t)(colon - *text);
}

static bool
parse_ip(struct addr *a, const char *text, size_t n)
{
	char ip[ADDR_STRLEN];

	if (n >= sizeof ip)
		return false;
	memcpy(ip, text, n);
	ip[n] = '\0';
	return addr_parse(a, ip);
}

/* Asked for each event and unit: only IPv6 has two texts for one address. */
bool
same_ip(const char *a, const char *b)
{
	struct addr x, y;
	size_t na, nb;

	if (a == NULL || b == NULL)
		return false;
	na = find_ip(&a);
	nb = find_ip(&b);
	if (na == nb && memcmp(a, b, na) == 0)
		return true;
	return memchr(a, ':', na) != NULL && memchr(b, ':', nb) != NULL &&
	    parse_ip(&x, a, na) && parse_ip(&y, b, nb) &&
	    addr_same_ip(&x, &y);
}

bool
name_within(const char *name, const char *domain)
{
	size_t n, d;

	if (name == NULL || domain == NULL)
		return false;
	n = strlen(name);
	d = strlen(domain);
	return same_name(name, domain) || (n > d + 1 &&
	    name[n - d - 1] == '.' && same_name(name + n - d, domain));
}

int64_t
bound_eps(int64_t bound_us)
{
	int64_t tenth = bound_us / 10;

	return tenth > 2 * USEC_PER_SEC ? tenth : 2 * USEC_PER_SEC;
}

/*
 * A tenth of five days would entitle a report twelve hours too early; an
 * MTA cannot be further off than its queue run and a minute.
 */
int64_t
life_eps(const struct profile *p, int64_t life_us)
{
	int64_t eps = life_us / 10, most = p->queue_run_us +
	    60 * USEC_PER_SEC;

	if (eps > most)
		eps = most;
	return eps > 2 * USEC_PER_SEC ? eps : 2 * USEC_PER_SEC;
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

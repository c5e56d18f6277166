#include "harness/judge/storms.h"

#include "harness/base/timers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/sessions.h"

/*
 * Each unit may come by itself, in clear after TLS, with HELO after EHLO, in
 * both transactions of a report; this many of each, and some for us.
 */
#define CONTACTS_A_UNIT	8
#define CONTACTS_MORE	32

/* Units that may be sent there; reports go wherever their senders are. */
static int
units_at(const struct ledger *l, const char *addr)
{
	const struct indexed *x;
	char room[64];
	size_t n = 0;

	x = index_find(l->by_addr, index_addr(addr, room));
	for (size_t i = 0; x != NULL && i < x->count; i++)
		n += l->dests[x->items[i]]->entry_count;
	return (int)(n > 0 ? n : l->count);
}

static bool
is_too_many(const struct ledger *l, const struct address *at)
{
	if (at->contacts <= CONTACTS_MORE)
		return false;
	return at->contacts > CONTACTS_MORE + CONTACTS_A_UNIT *
	    units_at(l, at->addr);
}

static int64_t
window_us(const struct ledger *l)
{
	int64_t window = l->profile->first_retry_us / 10 * 9;

	return window > USEC_PER_SEC ? window : USEC_PER_SEC;
}

/*
 * A lookup is a handful of queries: two resolvers, a few tries of each, EDNS
 * and TCP.  So many and no contact are no lookups of one cycle.
 */
#define QUERIES_A_UNIT	32
#define QUERIES_MORE	128

static void
take_query(struct ledger *l, const struct event *ev)
{
	struct destination *d = same_text(ev->qtype, "MX") &&
	    ev->qname != NULL ? ledger_destination(l, ev->qname) : NULL;

	if (d == NULL)
		return;
	if (d->queries == 0 || ev->t_us - d->queries_us > window_us(l)) {
		d->queries_us = ev->t_us;
		d->queries = 0;
	}
	if (++d->queries <= QUERIES_MORE + QUERIES_A_UNIT *
	    (int)(d->entry_count + d->senders))
		return;
	l->storm = (struct storm){ .host = ev->qname, .ev = ev,
	    .contacts = d->queries, .lookups = true,
	    .within_us = ev->t_us - d->queries_us };
}

static void
take_contact(struct ledger *l, const struct event *ev)
{
	const int64_t window = window_us(l);
	struct address *at = sessions_address(l, ev->addr);

	if (at == NULL)
		return;
	if (at->contacts == 0 || ev->t_us - at->since_us > window) {
		at->since_us = ev->t_us;
		at->contacts = 0;
	}
	at->contacts++;
	if (!is_too_many(l, at))
		return;
	l->storm = (struct storm){ .host = ev->host, .addr = at->addr,
	    .ev = ev, .contacts = at->contacts,
	    .within_us = ev->t_us - at->since_us };
}

void
storms_take(struct ledger *l, const struct event *ev)
{
	if (BEFORE_RUN(ev) || l->storm.ev != NULL)
		return;
	if (attempts_is_contact(ev))
		take_contact(l, ev);
	else if (ev->kind == EV_DNS_QUERY && !ledger_is_smart(l))
		take_query(l, ev);
}

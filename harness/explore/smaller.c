/*
 * One step smaller: parts left out, then parts made plain.  Every step takes
 * something away or turns a value into the plain one of its kind, so that no
 * chain of steps is endless.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/explore/draft.h"

struct steps {
	const struct draft *from;
	struct draft	*list;
	size_t		 count, room;
};

/* Room for one more; kept only if it is then different and makes sense. */
static struct draft *
step(struct steps *s)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 32;
		s->list = xreallocarray(s->list, s->room, sizeof *s->list);
	}
	s->list[s->count] = *s->from;
	return &s->list[s->count];
}

static void
keep(struct steps *s)
{
	const struct draft *d = &s->list[s->count];

	if (memcmp(d, s->from, sizeof *d) != 0 && draft_is_sound(d))
		s->count++;
}

/* --- leaving out --- */

static void
drop_fault(struct draft *d, size_t i)
{
	d->fault_count--;
	memmove(&d->faults[i], &d->faults[i + 1],
	    (d->fault_count - i) * sizeof d->faults[0]);
	memset(&d->faults[d->fault_count], 0, sizeof d->faults[0]);
}

static void
without_faults(struct steps *s)
{
	size_t n = s->from->fault_count, half = n / 2;
	struct draft *d;

	for (size_t part = 0; part < 2 && n > 3; part++) {
		d = step(s);
		for (size_t i = n; i-- > 0; )
			if ((i < half) == (part == 0))
				drop_fault(d, i);
		keep(s);
	}
	for (size_t i = 0; i < n; i++) {
		drop_fault(step(s), i);
		keep(s);
	}
}

/* The host in whose place or at whose events the fault is; -1: none. */
static bool
is_about(const struct draft *d, const struct draft_fault *f, int host)
{
	const char *name = draft_host_name(d, host), *at = NULL;

	if (f->table == DRAFT_IN_HOST || f->table == DRAFT_IN_GREYLIST)
		return f->host == host;
	if (f->table == DRAFT_IN_NETWORK)
		at = f->as.network.at;
	if (f->table == DRAFT_IN_MTA)
		at = f->as.mta.host;
	if (f->table == DRAFT_IN_DNS)
		at = f->as.dns.name;
	return at != NULL && strcmp(at, name) == 0;
}

static void
without_hosts(struct steps *s)
{
	struct draft *d;
	int count = 0;

	for (int i = 0; i < DRAFT_MX; i++)
		count += s->from->hosts[i].there;
	for (int i = 0; i < DRAFT_MX && count > 1; i++) {
		if (!s->from->hosts[i].there)
			continue;
		d = step(s);
		memset(&d->hosts[i], 0, sizeof d->hosts[i]);
		for (size_t k = d->fault_count; k-- > 0; )
			if (is_about(d, &d->faults[k], i))
				drop_fault(d, k);
		keep(s);
	}
}

static void
without_mail(struct steps *s)
{
	struct draft *d;
	unsigned bit;

	for (size_t i = 0; i < s->from->message_count &&
	    s->from->message_count > 1; i++) {
		d = step(s);
		d->message_count--;
		memmove(&d->messages[i], &d->messages[i + 1],
		    (d->message_count - i) * sizeof d->messages[0]);
		memset(&d->messages[d->message_count], 0,
		    sizeof d->messages[0]);
		keep(s);
	}
	for (int i = 0; i < DRAFT_RCPTS; i++) {
		d = step(s);
		for (size_t k = 0; k < d->message_count; k++) {
			bit = 1u << i;
			if (d->messages[k].to != bit)
				d->messages[k].to &= ~bit;
		}
		keep(s);
	}
}

/* --- making plain --- */

#define PLAIN(s, member, value) do {					\
	step(s)->member = (value);					\
	keep(s);							\
} while (0)

static void
plain_world(struct steps *s)
{
	struct draft *d;

	PLAIN(s, alias, false);
	PLAIN(s, ttl, 0);
	PLAIN(s, mta_ipv4, true);
	PLAIN(s, mta_ipv6, true);
	if (s->from->kind == DRAFT_BY_SMART)
		PLAIN(s, kind, DRAFT_BY_MX);
	for (int i = 0; i < DRAFT_MX; i++) {
		if (!s->from->hosts[i].there)
			continue;
		PLAIN(s, hosts[i].preference, 10 * (i + 1));
		if (s->from->hosts[i].ipv4)
			PLAIN(s, hosts[i].ipv6, false);
		d = step(s);
		if (!d->hosts[i].ipv4) {
			d->hosts[i].ipv4 = true;
			d->hosts[i].ipv6 = false;
		}
		keep(s);
	}
	for (size_t i = 0; i < s->from->message_count; i++) {
		PLAIN(s, messages[i].from, "sender@s.test");
		PLAIN(s, messages[i].at_us, 0);
		PLAIN(s, messages[i].size, 0);
		PLAIN(s, messages[i].eight_bit, false);
		PLAIN(s, messages[i].notify, NULL);
	}
}

static void
plain_resolvers(struct steps *s)
{
	struct draft *d;

	if (s->from->resolvers == 1)
		return;
	d = step(s);
	d->resolvers = 1;
	for (size_t i = 0; i < d->fault_count; i++) {
		struct draft_fault *f = &d->faults[i];

		if (f->table == DRAFT_IN_DNS)
			f->as.dns.resolver = 0;
		if (f->table == DRAFT_IN_NETWORK && f->as.network.at != NULL &&
		    strcmp(f->as.network.at, "resolver2") == 0)
			f->as.network.at = "resolvers";
	}
	keep(s);
}

static void
plain_phase(struct steps *s, size_t i)
{
	const struct phase *p = draft_phase_of(&s->from->faults[i]);

	if (s->from->faults[i].table == DRAFT_IN_MTA)
		return;
	*draft_phase(&step(s)->faults[i]) = (struct phase)PHASE_ALWAYS;
	keep(s);
	draft_phase(&step(s)->faults[i])->from_us = 0;
	keep(s);
	draft_phase(&step(s)->faults[i])->until_us = TIME_NEVER;
	keep(s);
	draft_phase(&step(s)->faults[i])->after = 0;
	keep(s);
	draft_phase(&step(s)->faults[i])->first = 0;
	keep(s);
	if (p->first > 1) {
		draft_phase(&step(s)->faults[i])->first = 1;
		keep(s);
	}
}

static void
plain_dns(struct steps *s, size_t i)
{
	const struct fdns_rule *r = &s->from->faults[i].as.dns;

	PLAIN(s, faults[i].as.dns.transport, FDNS_ANY);
	PLAIN(s, faults[i].as.dns.resolver, 0);
	PLAIN(s, faults[i].as.dns.delay_us, 0);
	PLAIN(s, faults[i].as.dns.ttl, -1);
	PLAIN(s, faults[i].as.dns.shuffle, false);
	PLAIN(s, faults[i].as.dns.mix_case, false);
	PLAIN(s, faults[i].as.dns.ad, false);
	if (r->records == NULL)
		PLAIN(s, faults[i].as.dns.type, 0);
}

static void
plain_pieces(struct steps *s, size_t i)
{
	struct fsmtp_rule *h = &step(s)->faults[i].as.host;

	h->pieces = NULL;
	h->piece_count = 0;
	h->pause_us = 0;
	keep(s);
}

static void
plain_host(struct steps *s, size_t i)
{
	PLAIN(s, faults[i].as.host.sender, NULL);
	PLAIN(s, faults[i].as.host.recipient, NULL);
	PLAIN(s, faults[i].as.host.nth_in_session, 0);
	PLAIN(s, faults[i].as.host.from_nth, 0);
	PLAIN(s, faults[i].as.host.after_rcpts, 0);
	PLAIN(s, faults[i].as.host.counts, FSMTP_COUNT_CONNECTIONS);
	PLAIN(s, faults[i].as.host.family, 0);
	PLAIN(s, faults[i].as.host.client, (struct addr){ 0 });
	PLAIN(s, faults[i].as.host.delay_us, 0);
	PLAIN(s, faults[i].as.host.drip_us, 0);
	plain_pieces(s, i);
	PLAIN(s, faults[i].as.host.early, false);
	PLAIN(s, faults[i].as.host.cut, 0);
	PLAIN(s, faults[i].as.host.octets, 0);
	if (s->from->faults[i].as.host.cut == 0 &&
	    s->from->faults[i].as.host.stage != FSMTP_BODY)
		PLAIN(s, faults[i].as.host.then, FSMTP_THEN_NOTHING);
	PLAIN(s, faults[i].as.host.keep, FSMTP_KEEP_BY_REPLY);
	if (s->from->faults[i].lines[1] != NULL &&
	    (*s->from->faults[i].lines[0] == '4' ||
	    *s->from->faults[i].lines[0] == '5')) {
		struct draft_fault *f = &step(s)->faults[i];

		f->lines[0] = *f->lines[0] == '4' ? "451 4.3.0 try later" :
		    "554 5.7.1 refused";
		f->lines[1] = f->lines[2] = NULL;
		keep(s);
	}
}

static void
plain_other(struct steps *s, size_t i)
{
	switch (s->from->faults[i].table) {
	case DRAFT_IN_GREYLIST:
		PLAIN(s, faults[i].as.greylist.reply, NULL);
		break;
	case DRAFT_IN_NETWORK:
		PLAIN(s, faults[i].as.network.at, NULL);
		PLAIN(s, faults[i].as.network.family, 0);
		PLAIN(s, faults[i].as.network.proto, NET_ANY_PROTO);
		break;
	case DRAFT_IN_MTA:
		PLAIN(s, faults[i].as.mta.nth, 1);
		PLAIN(s, faults[i].as.mta.host, NULL);
		if (s->from->faults[i].as.mta.verb == MTA_KILL)
			PLAIN(s, faults[i].as.mta.verb, MTA_RESTART);
		break;
	default:
		break;
	}
}

size_t
draft_smaller(const struct draft *d, struct draft **out)
{
	struct steps s = { .from = d };

	without_faults(&s);
	without_hosts(&s);
	without_mail(&s);
	plain_world(&s);
	plain_resolvers(&s);
	for (size_t i = 0; i < d->fault_count; i++) {
		plain_phase(&s, i);
		if (d->faults[i].table == DRAFT_IN_DNS)
			plain_dns(&s, i);
		else if (d->faults[i].table == DRAFT_IN_HOST)
			plain_host(&s, i);
		else
			plain_other(&s, i);
	}
	*out = s.list;
	return s.count;
}

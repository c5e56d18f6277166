/* A world from a seed. */
#include "harness/explore/draft.h"

#include <string.h>

#include "harness/base/rng.h"
#include "harness/base/timers.h"

#define ONE_OF(r, list) \
	((list)[rng_below((r), (uint32_t)(sizeof (list) / sizeof *(list)))])

static bool
chance(struct rng *r, uint32_t percent)
{
	return rng_below(r, 100) < percent;
}

const char *
draft_host_name(const struct draft *d, int host)
{
	static const char *const names[DRAFT_HOSTS] = { "mx1.r.test",
	    "mx2.r.test", "mx3.r.test", "mx4.r.test", "mx.s.test" };

	return d->kind == DRAFT_BY_IMPLICIT && host == 0 ? "r.test" :
	    names[host];
}

const char *
draft_rcpt(int i)
{
	static const char *const names[DRAFT_RCPTS] = { "a@r.test",
	    "b@r.test", "c@r.test", "d@r.test" };

	return names[i];
}

static void
make_kind(struct draft *d, struct rng *r)
{
	uint32_t n = rng_below(r, 100);

	d->kind = n < 78 ? DRAFT_BY_MX : n < 86 ? DRAFT_BY_IMPLICIT :
	    n < 88 ? DRAFT_BY_NULL_MX : n < 90 ? DRAFT_BY_NOTHING :
	    DRAFT_BY_SMART;
	/* With smarthosts nobody asks for the domain. */
	d->alias = d->kind == DRAFT_BY_MX && chance(r, 8);
}

static void
make_hosts(struct draft *d, struct rng *r)
{
	static const int preferences[] = { 5, 10, 10, 10, 20, 20, 30, 100 };
	int count = 1 + (int)rng_below(r, DRAFT_MX), i;

	if (d->kind == DRAFT_BY_NULL_MX || d->kind == DRAFT_BY_NOTHING)
		count = 0;
	if (d->kind == DRAFT_BY_IMPLICIT)
		count = 1;
	for (i = 0; i < count; i++) {
		uint32_t family = rng_below(r, 20);

		d->hosts[i].there = true;
		/* Now and then one has no address at all. */
		d->hosts[i].ipv4 = family < 15;
		d->hosts[i].ipv6 = family >= 5 && family < 19;
		/* A smarthost and a name with nothing else exist by it. */
		if (d->kind != DRAFT_BY_MX && !d->hosts[i].ipv6)
			d->hosts[i].ipv4 = true;
		d->hosts[i].preference = ONE_OF(r, preferences);
	}
}

static void
make_messages(struct draft *d, struct rng *r)
{
	static const char *const notify[] = { "NEVER", "FAILURE",
	    "FAILURE,DELAY", "SUCCESS,FAILURE" };
	static const int64_t minutes[] = { 1, 10, 60, 300 };
	static const size_t sizes[] = { 2000, 20000, 200000 };
	int rcpts = 1 + (int)rng_below(r, DRAFT_RCPTS);

	d->message_count = chance(r, 15) ? 2 : 1;
	for (size_t i = 0; i < d->message_count; i++) {
		struct draft_message *m = &d->messages[i];

		m->from = "sender@s.test";
		for (int k = 0; k < rcpts; k++)
			if (d->message_count == 1 || chance(r, 60))
				m->to |= 1u << k;
		if (m->to == 0)
			m->to = 1;
		if (chance(r, 10))
			m->notify = ONE_OF(r, notify);
		/*
		 * A report about null-sender mail is told by its recipient
		 * alone: such a message has none in common with others.
		 */
		else if (d->message_count == 1 && chance(r, 6))
			m->from = "";
		if (chance(r, 10))
			m->size = ONE_OF(r, sizes);
		m->eight_bit = chance(r, 6);
		if (i > 0 && chance(r, 60))
			m->at_us = ONE_OF(r, minutes) * 60 * USEC_PER_SEC;
	}
}

void
draft_make(struct draft *d, uint64_t seed)
{
	static const int ttls[] = { 0, 0, 0, 0, 0, 30, 300, 7200 };
	struct rng r;
	uint32_t families;
	size_t faults;

	memset(d, 0, sizeof *d);
	d->seed = seed;
	rng_init(&r, seed);
	make_kind(d, &r);
	make_hosts(d, &r);
	make_messages(d, &r);
	d->ttl = ONE_OF(&r, ttls);
	d->resolvers = chance(&r, 20) ? 2 : 1;
	families = rng_below(&r, 10);
	d->mta_ipv4 = families != 0;
	d->mta_ipv6 = families != 1;
	if (!draft_is_sound(d))
		d->mta_ipv4 = d->mta_ipv6 = true;
	faults = rng_below(&r, DRAFT_FAULTS + 1);
	/* What makes no sense in this world is left out, not sought again. */
	while (faults-- > 0) {
		draft_fault(d, &r, &d->faults[d->fault_count++]);
		if (!draft_is_sound(d))
			memset(&d->faults[--d->fault_count], 0,
			    sizeof d->faults[0]);
	}
}

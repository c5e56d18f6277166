/*
 * When a fault rule is in force: the same words for DNS, network, SMTP and
 * MTA events.  A rule sees *contacts* (a DNS query that matches its name and
 * type, a connection to its host) and time.
 *
 *	first: N	only the first N contacts
 *	after: N	not the first N contacts (with first: the N after them)
 *	from: T		not before virtual time T
 *	until: T	not at or after virtual time T
 *
 * Time counts from the start of the scenario (the first injection).
 */
#ifndef MXD_BASE_PHASE_H
#define MXD_BASE_PHASE_H

#include <stdbool.h>
#include <stdint.h>

struct phase {
	uint32_t first;		/* 0: no bound */
	uint32_t after;		/* contacts let pass before */
	int64_t	 from_us;	/* 0: from the start */
	int64_t	 until_us;	/* TIME_NEVER: for ever */
};

/* What every rule of every fake carries besides its own match and action. */
struct rule {
	const char	*id;		/* "LINE:COL" in the scenario file */
	struct phase	 phase;
	bool		 optional;	/* may stay unfired without an ERROR */
	uint64_t	 fired;		/* how often it decided something */
};

#define PHASE_ALWAYS	{ 0, 0, 0, INT64_MAX }

/* `contact` counts from 1. */
static inline bool
phase_covers(const struct phase *p, uint32_t contact, int64_t now_us)
{
	if (now_us < p->from_us || now_us >= p->until_us)
		return false;
	if (contact <= p->after)
		return false;
	return p->first == 0 || contact - p->after <= p->first;
}

#endif

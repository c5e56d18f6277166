#include "harness/judge/departures.h"

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/evidence.h"
#include "harness/judge/why.h"

#define DAY_US		(24 * 3600 * USEC_PER_SEC)

/* RFC 5321 4.5.4.1: "generally needs to be at least 4-5 days". */
#define LEAST_LIFE_US	(4 * DAY_US)

/* Verdicts of mail that was given up as the MTA said it would. */
static bool
is_given_up(enum verdict v)
{
	const verdict_set ends = VSET(V_BOUNCED_CORRECT) |
	    VSET(V_BOUNCED_NOWHERE) | VSET(V_BOUNCED_MALFORMED) |
	    VSET(V_DISCARDED_OK);

	return (ends & VSET(v)) != 0;
}

static void
raise_once(const struct ledger *l, struct judgement *j)
{
	const char *where = l->profile->life_line;

	for (size_t i = 0; i < j->departure_count; i++)
		if (same_text(j->departures[i].where, where))
			return;
	*(struct departure *)arena_push(j->arena, &j->departures,
	    &j->departure_count, sizeof *j->departures) = (struct departure){
	    .text = arena_printf(j->arena, "mail is given up after %s",
	    why_duration(j->arena, l->profile->life_us)), .where = where,
	    .clause = "R-5321-4.5.4.1-h" };
}

bool
departures_explain(const struct ledger *l, const struct entry *e,
    struct judgement *j, struct unit *u)
{
	const int64_t t = e->first_report != NULL ? e->first_report->t_us :
	    l->end_us;

	if (l->profile->life_line[0] == '\0' ||
	    l->profile->life_us >= LEAST_LIFE_US ||
	    !is_given_up(u->verdict) || !evidence_is_age(l, e, t))
		return false;
	raise_once(l, j);
	u->why = arena_printf(j->arena, "not judged: your configuration says "
	    "%s; %s", l->profile->life_line, u->why);
	return true;
}

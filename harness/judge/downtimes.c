#include "harness/judge/downtimes.h"

#include "harness/base/arena.h"
#include "harness/base/timers.h"

/* How long after a reply a kill excuses that it is forgotten (21.1). */
#define COMMIT_US	(2 * USEC_PER_SEC)

static struct downtime *
open_one(const struct ledger *l)
{
	struct downtime *d;

	if (l->downtime_count == 0)
		return NULL;
	d = &l->downtimes[l->downtime_count - 1];
	return d->until_us == TIME_NEVER ? d : NULL;
}

void
downtimes_take(struct ledger *l, const struct event *ev)
{
	struct downtime *d = open_one(l);

	if (!mta_was_handled(ev) || same_text(ev->verb, "kick"))
		return;
	if (same_text(ev->verb, "start")) {
		if (d != NULL) {
			d->until_us = ev->t_us;
			d->until_seq = ev->seq;
		}
		return;
	}
	if (d == NULL) {
		d = arena_push(l->arena, &l->downtimes, &l->downtime_count,
		    sizeof *d);
		d->from_us = ev->t_us;
		d->until_us = TIME_NEVER;
		d->seq = ev->seq;
	}
	d->killed = d->killed || same_text(ev->verb, "kill");
}

bool
downtimes_cut(const struct ledger *l, const struct event *end)
{
	const struct session *s = ledger_session_of(l, end->conn);

	for (size_t i = 0; s != NULL && i < l->downtime_count; i++)
		if (l->downtimes[i].from_us >= s->began_us &&
		    l->downtimes[i].seq < end->seq)
			return true;
	return false;
}

bool
downtimes_forgets(const struct ledger *l, int64_t conn, uint64_t seq,
    int64_t told_us)
{
	const struct session *s = ledger_session_of(l, conn);
	const bool went_on = s == NULL || s->last_command > seq;

	for (size_t i = 0; i < l->downtime_count; i++) {
		const struct downtime *d = &l->downtimes[i];

		if (d->from_us <= told_us + COMMIT_US && (d->killed ||
		    !went_on) && (d->until_seq == 0 || d->until_seq > seq ||
		    (s != NULL && s->opened < d->seq)))
			return true;
	}
	return false;
}

int64_t
downtimes_put_off(const struct ledger *l, int64_t from_us, int64_t limit_us)
{
	for (size_t i = 0; i < l->downtime_count; i++) {
		const struct downtime *d = &l->downtimes[i];

		if (d->until_us < from_us || d->from_us > limit_us)
			continue;
		if (d->until_us == TIME_NEVER)
			return TIME_NEVER;
		if (d->until_us + retry_bound(l->profile) > limit_us)
			limit_us = d->until_us + retry_bound(l->profile);
	}
	return limit_us;
}

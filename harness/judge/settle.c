/*
 * How long to look (21.10), and whether looking on can change anything.
 */
#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "harness/judge/ledger.h"

struct judge_settle {
	size_t	seen;		/* events looked at so far */
	bool	settled;
};

int64_t
judge_horizon(const struct scenario *s, const struct profile *p)
{
	int64_t last = 0, life = p->life_us, dsn = profile_dsn_max(p);

	if (s->horizon_us > 0)
		return s->horizon_us;
	if (p->life_null_us > life)
		life = p->life_null_us;
	for (size_t i = 0; i < s->message_count; i++)
		if (s->messages[i].at_us > last)
			last = s->messages[i].at_us;
	life += p->max_retry_us + p->queue_run_us;
	return last + life + bound_eps(life) + dsn + bound_eps(dsn);
}

static bool
matters(const struct event *ev)
{
	switch (ev->kind) {
	case EV_INJECT:
	case EV_SMTP_COPY:
	case EV_DSN:
	case EV_QUEUE:
		return true;
	default:
		return false;
	}
}

/* Final: an end seen, and a queue reading after it that says "no". */
static bool
entry_final(const struct ledger *l, const struct entry *e)
{
	int64_t end = -1;

	if (!e->accepted)
		return e->refusal != 0;
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && !e->copies[i].ambiguous)
			end = e->copies[i].ev->t_us;
	if (e->first_report != NULL && e->first_report->t_us > end)
		end = e->first_report->t_us;
	if (end < 0 || e->queue_no_readings == 0)
		return false;
	for (size_t i = l->trace->count; i-- > 0;) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us < end)
			break;
		if (ev->kind == EV_QUEUE && same_text(ev->msg, e->key) &&
		    same_text(ev->state, "no") && (ev->rcpt == NULL ||
		    same_name(ev->rcpt, e->rcpt)))
			return true;
	}
	return false;
}

bool
judge_settled(struct judge_settle **state, const struct scenario *s,
    const struct trace *t, const struct profile *p, int64_t now_us)
{
	struct arena *arena;
	struct ledger l;
	bool news = false;

	if (*state == NULL)
		*state = xcalloc(1, sizeof **state);
	for (; (*state)->seen < t->count; (*state)->seen++)
		news = news || matters(&t->events[(*state)->seen]);
	if (now_us >= judge_horizon(s, p))
		return true;
	if (s->horizon_us > 0)
		return false;	/* the scenario asked to look so long */
	if (!news)
		return (*state)->settled;
	arena = arena_new();
	ledger_build(&l, arena, s, t, p);
	(*state)->settled = l.count > 0;
	for (size_t i = 0; i < l.count; i++)
		if (!l.entries[i].message->control &&
		    !entry_final(&l, &l.entries[i]))
			(*state)->settled = false;
	arena_free(arena);
	return (*state)->settled;
}

void
judge_settle_free(struct judge_settle *state)
{
	free(state);
}

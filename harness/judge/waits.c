/*
 * How long the client waits for a reply (RFC 5321 4.5.3.2).  Judged only
 * where a host was silent by order of the scenario: the silence has no end
 * of its own, so the client's hanging up tells its timeout.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/finding.h"
#include "harness/judge/why.h"

struct bound {
	const char	*stage;
	int64_t		 least_us;	/* RFC 5321 4.5.3.2.1 to .6 */
	int64_t		 own_us;	/* of the profile */
};

static const struct bound *
bound_of(const struct profile *p, const char *stage, struct bound *b)
{
	const struct bound bounds[] = {
		{ "greeting", 300 * USEC_PER_SEC, p->greeting_us },
		{ "ehlo", 300 * USEC_PER_SEC, p->helo_us },
		{ "helo", 300 * USEC_PER_SEC, p->helo_us },
		{ "mail", 300 * USEC_PER_SEC, p->mail_us },
		{ "rcpt", 300 * USEC_PER_SEC, p->rcpt_us },
		{ "data", 120 * USEC_PER_SEC, p->data_us },
		{ "eod", 600 * USEC_PER_SEC, p->eod_us },
	};

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
		if (same_text(bounds[i].stage, stage)) {
			*b = bounds[i];
			return b;
		}
	return NULL;
}

static void
judge_wait(struct findings *c, const struct event *silence,
    const struct event *end)
{
	int64_t took = end->t_us - silence->t_us;
	struct arena *a = c->j->arena;
	struct bound b;

	if (bound_of(c->l->profile, silence->stage, &b) == NULL)
		return;
	if (took < b.least_us - 2 * USEC_PER_SEC)
		/* A profile that says so has chosen so. */
		finding_raise(c, F_SHORT_TIMEOUT, took >= b.own_us -
		    bound_eps(b.own_us) ? WEIGHT_REMARK : WEIGHT_BY_THE_WAY,
		    "R-5321-4.5.3.2.1-a", end, arena_printf(a, "the client "
		    "waited only %s for the reply of %s to %s; RFC 5321 asks "
		    "for %s", why_duration(a, took), end->host != NULL ?
		    end->host : "a host", silence->stage,
		    why_duration(a, b.least_us)));
	if (b.own_us > 0 && took > b.own_us + bound_eps(b.own_us))
		finding_raise(c, F_LONG_TIMEOUT, WEIGHT_BY_THE_WAY, "R-5321-4.5.3.2-b",
		    end, arena_printf(a, "the client waited %s for the reply "
		    "of %s to %s; its timeout is %s", why_duration(a, took),
		    end->host != NULL ? end->host : "a host", silence->stage,
		    why_duration(a, b.own_us)));
}

static bool
ends_wait(const struct event *ev)
{
	return (ev->kind == EV_SMTP_CLOSE && same_text(ev->by, "client")) ||
	    (ev->kind == EV_SMTP_COMMAND && same_text(ev->stage, "quit"));
}

void
waits_check(struct findings *c)
{
	const struct trace *t = c->l->trace;
	const struct event **silent = NULL, *ev;
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++) {
		ev = &t->events[i];
		if (ev->conn <= 0 || BEFORE_RUN(ev))
			continue;
		while (count <= (size_t)ev->conn)
			arena_push(c->j->arena, &silent, &count,
			    sizeof *silent);
		if (ev->kind == EV_SMTP_REPLY) {
			silent[ev->conn] = same_text(ev->action, "silence") ?
			    ev : NULL;
		} else if (silent[ev->conn] != NULL && (ends_wait(ev) ||
		    ev->kind == EV_SMTP_CLOSE)) {
			if (ends_wait(ev))
				judge_wait(c, silent[ev->conn], ev);
			silent[ev->conn] = NULL;
		}
	}
}

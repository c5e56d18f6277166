/*
 * How long the client waits for a reply (RFC 5321 4.5.3.2).  Its hanging up
 * tells its timeout where a host was silent by order of the scenario, which
 * has no end of its own; where a reply was only slow to come it tells when it
 * was too short.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/downtimes.h"
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

/* A QUIT may be sent ahead of replies that are only slow (RFC 2920). */
static bool
ends_wait(const struct event *begin, const struct event *ev)
{
	return (ev->kind == EV_SMTP_CLOSE && same_text(ev->by, "client")) ||
	    (begin->kind == EV_SMTP_REPLY && ev->kind == EV_SMTP_COMMAND &&
	    same_text(ev->stage, "quit"));
}

static const char *
stage_of(const struct event *begin)
{
	return begin->kind == EV_SMTP_EOD ? "eod" : begin->stage;
}

static void
judge_wait(struct findings *c, const struct event *silence,
    const struct event *end)
{
	int64_t took = end->t_us - silence->t_us;
	struct arena *a = c->j->arena;
	struct bound b;

	if (bound_of(c->l->profile, stage_of(silence), &b) == NULL ||
	    ledger_handled_between(c->l, silence, end) ||
	    downtimes_cut(c->l, end))
		return;
	if (took < b.least_us - 2 * USEC_PER_SEC)
		/* A profile that says so has chosen so. */
		finding_raise(c, F_SHORT_TIMEOUT, took >= b.own_us -
		    bound_eps(b.own_us) ? WEIGHT_REMARK : WEIGHT_BY_THE_WAY,
		    "R-5321-4.5.3.2.1-a", end, arena_printf(a, "the client "
		    "waited only %s for the reply of %s to %s; RFC 5321 asks "
		    "for %s", why_duration(a, took), end->host != NULL ?
		    end->host : "a host", stage_of(silence),
		    why_duration(a, b.least_us)));
	if (silence->kind == EV_SMTP_REPLY && b.own_us > 0 &&
	    took > b.own_us + bound_eps(b.own_us))
		finding_raise(c, F_LONG_TIMEOUT, WEIGHT_BY_THE_WAY,
		    "R-5321-4.5.3.2-b", end, arena_printf(a, "the client "
		    "waited %s for the reply of %s to %s; its timeout is "
		    "%s", why_duration(a, took), end->host != NULL ?
		    end->host : "a host", stage_of(silence),
		    why_duration(a, b.own_us)));
}

/* Silence; or a command, and the end of the content, until it is answered. */
static bool
begins_wait(const struct event *ev)
{
	return (ev->kind == EV_SMTP_REPLY && same_text(ev->action,
	    "silence")) || ev->kind == EV_SMTP_COMMAND ||
	    ev->kind == EV_SMTP_EOD;
}

struct line {			/* one connection's */
	const struct event *silent;	/* since when; NULL: it is not */
	bool		 out_of_step;	/* a reply was early, none, the last */
};

void
waits_check(struct findings *c)
{
	const struct trace *t = c->l->trace;
	const struct event *ev;
	struct line *lines = NULL, *line;
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++) {
		ev = &t->events[i];
		if (ev->conn <= 0 || BEFORE_RUN(ev))
			continue;
		while (count <= (size_t)ev->conn)
			arena_push(c->j->arena, &lines, &count,
			    sizeof *lines);
		line = &lines[ev->conn];
		if (line->silent != NULL && ends_wait(line->silent, ev)) {
			judge_wait(c, line->silent, ev);
			line->silent = NULL;
		}
		if (same_text(ev->action, "early") ||
		    same_text(ev->action, "raw") ||
		    same_text(ev->action, "garbage") || (ev->code == 421 &&
		    ev->kind == EV_SMTP_REPLY))
			line->out_of_step = true;
		if (begins_wait(ev) && !line->out_of_step)
			line->silent = ev;
		else if (ev->kind == EV_SMTP_REPLY ||
		    ev->kind == EV_SMTP_CLOSE)
			line->silent = NULL;
	}
}

#include "harness/judge/warnings.h"

#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/why.h"

/* When the unit came to its end: delivered, or reported as failed. */
static int64_t
end_of(const struct entry *e)
{
	/* Of a copy whose reply was lost the MTA does not know. */
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && !e->copies[i].ambiguous)
			return e->copies[i].ev->t_us;
	return e->first_report != NULL ? e->first_report->t_us : TIME_NEVER;
}

/* Kept off by the sender's own hosts it is no later than its first offer. */
static bool
was_offered_by(const struct entry *e, int64_t by_us, const struct event *ev)
{
	const struct destination *home = e->mail->home;

	if (ev->t_us <= by_us)
		return true;
	for (size_t i = 0; i < e->mail->try_count; i++)
		if (e->mail->tries[i].t_us >= e->t0_us &&
		    e->mail->tries[i].t_us <= by_us)
			return true;
	for (size_t i = 0; home != NULL && i < home->sign_count; i++)
		if (home->signs[i].t_us >= e->t0_us &&
		    home->signs[i].t_us <= by_us)
			return true;
	return false;
}

/* After a kill or a lost reply the MTA cannot know that it was sent. */
static bool
is_sent_again(const struct findings *c, const struct event *last,
    const struct event *ev)
{
	const struct session *s = ledger_session_of(c->l, last->conn);

	if (s != NULL && s->reply_lost)
		return true;
	return ledger_handled_between(c->l, last, ev);
}

static bool
is_failed_lookup(const struct event *ev, const char *domain)
{
	return ev->kind == EV_DNS_REPLY && name_within(ev->qname, domain) &&
	    answer_of(ev) == ANSWER_SOFT;
}

/* Was any report of that mail put off before this one came? */
static bool
was_kept_off(const struct ledger *l, const struct entry *e,
    const struct event *ev)
{
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->try_count && m->tries[i].seq < ev->seq; i++)
		if (m->tries[i].code / 100 != 2)
			return true;
	for (size_t i = 0; m->home != NULL && i < m->home->sign_count; i++)
		if (m->home->signs[i].addr != NULL &&
		    m->home->signs[i].seq < ev->seq &&
		    m->home->signs[i].t_us >= e->t0_us)
			return true;
	/* A network that breaks shows nothing of whom it kept off. */
	for (uint64_t i = 0; i < ev->seq; i++)
		if (l->trace->events[i].kind == EV_NETWORK ||
		    (m->home != NULL && m->home->domain != NULL &&
		    is_failed_lookup(&l->trace->events[i], m->home->domain)))
			return true;
	return false;
}

/* Those that were put off come together: then their number must do. */
static bool
is_too_soon(const struct findings *c, const struct entry *e,
    const struct event *ev, const struct event *last, int nr)
{
	const int64_t warn = c->l->profile->warn_us, eps = bound_eps(warn);
	bool close, many;

	if (last == NULL || last->conn == ev->conn ||
	    is_sent_again(c, last, ev))
		return false;
	close = ev->t_us - last->t_us < warn - eps;
	many = warn > 0 ? nr > (ev->t_us - e->t0_us + eps) / warn : close;
	/* Only where the two differ is it worth to look. */
	return close == many || !was_kept_off(c->l, e, ev) ? close : many;
}

static const char *
wrong_warning(const struct findings *c, const struct entry *e,
    const struct event *ev, const struct event *last, int nr)
{
	const char *notify = e->message->notify;
	const int64_t end = end_of(e);

	if (notify != NULL && strcasestr(notify, "DELAY") == NULL)
		return arena_printf(c->j->arena, "although NOTIFY is %s",
		    notify);
	if (end != TIME_NEVER && !was_offered_by(e, end +
	    profile_dsn_max(c->l->profile), ev))
		return "although it had come to its end";
	if (is_too_soon(c, e, ev, last, nr))
		return arena_printf(c->j->arena, "only %s after another",
		    why_duration(c->j->arena, ev->t_us - last->t_us));
	return NULL;
}

void
warnings_check(struct findings *c, const struct entry *e)
{
	const struct event *last = NULL;
	const char *wrong;
	int nr = 0;

	for (size_t i = 0; i < e->told_count; i++) {
		const struct event *ev = e->told[i];

		if (!same_name(ev->action, "delayed"))
			continue;
		wrong = wrong_warning(c, e, ev, last, ++nr);
		if (wrong != NULL)
			finding_raise(c, F_DELAY_WARNING, WEIGHT_BY_THE_WAY,
			    "R-3461-5.2.5-a", ev, arena_printf(c->j->arena,
			    "%s for %s was reported as delayed after %s, %s",
			    e->key, e->rcpt, why_duration(c->j->arena,
			    ev->t_us - e->t0_us), wrong));
		last = ev;
	}
}

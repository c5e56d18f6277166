#include "harness/judge/repeats.h"

#include <stdlib.h>

#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/replies.h"

static bool
is_only_mail(const struct ledger *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->mail_count; i++)
		n += !l->mails[i].message->control;
	return n == 1;
}

/* The same place, or the same lookups, in the time before. */
static bool
was_there_before(const struct destination *home, const struct attempt *now,
    int64_t since_us)
{
	for (size_t i = 0; i < home->sign_count; i++) {
		const struct attempt *a = &home->signs[i];

		if (a->seq < now->seq && a->t_us >= since_us &&
		    (a->addr == NULL ? now->addr == NULL :
		    same_ip(a->addr, now->addr)))
			return true;
	}
	return false;
}

/*
 * Where the smarthost itself does not exist no second look is needed: the
 * message is gone, and nothing about it could go anywhere.
 */
static bool
left_before_retry(const struct ledger *l, const struct entry *e,
    const struct attempt *a)
{
	return l->profile->queue_proven &&
	    e->queue_no_since_us != TIME_NEVER &&
	    e->queue_no_since_us - e->t0_us < l->profile->first_retry_us &&
	    (was_there_before(e->mail->home, a, e->t0_us - AHEAD_US) ||
	    (a->addr == NULL && repeats_refusal(l, a) != NULL));
}

/*
 * All mail was refused there for good, and as often once more, before any
 * retry was due.
 */
static bool
follows_refusal(const struct ledger *l, const struct entry *e,
    const struct attempt *now)
{
	const struct destination *home = e->mail->home;
	const int64_t due = l->profile->first_retry_us / 10 * 9;
	size_t refused = 0, before = 0;

	if (now->addr == NULL || repeats_refusal(l, now) == NULL)
		return false;
	for (size_t i = 0; i < home->sign_count; i++) {
		const struct attempt *a = &home->signs[i];

		if (a->addr == NULL || a->t_us < e->t0_us ||
		    llabs(now->t_us - a->t_us) >= due ||
		    !same_ip(a->addr, now->addr) ||
		    repeats_refusal(l, a) == NULL)
			continue;
		refused++;
		before += a->seq < now->seq;
	}
	return before > 0 && refused >= 2 * home->mails;
}

bool
repeats_for_report(const struct ledger *l, const struct entry *e,
    const struct attempt *a)
{
	return ledger_is_smart(l) && ((is_only_mail(l) &&
	    left_before_retry(l, e, a)) || follows_refusal(l, e, a));
}

const struct event *
repeats_turned_away(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);
	const struct event *last = NULL;

	if (s == NULL || s->got_mail)
		return NULL;
	for (size_t i = a->seq; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->conn == a->conn && ev->kind == EV_SMTP_CLOSE)
			break;
		if (ev->conn == a->conn && ev->kind == EV_SMTP_REPLY &&
		    !same_text(ev->stage, "quit"))
			last = ev;
	}
	return last != NULL && reply_class(last) == 5 ? last : NULL;
}

const struct event *
repeats_refusal(const struct ledger *l, const struct attempt *a)
{
	const struct scenario *s = l->scenario;
	const struct asked *q;

	if (a->addr != NULL)
		return repeats_turned_away(l, a);
	for (size_t i = 0; i < s->smarthost_count; i++)
		if ((q = answers_last(l, s->smarthosts[i], "A")) != NULL &&
		    q->answer == ANSWER_NXDOMAIN)
			return q->ev;
	return NULL;
}

#include "harness/judge/repeats.h"

#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/replies.h"
#include "harness/judge/sessions.h"

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

static int
by_time(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

/* Its first retry is not due before. */
static int64_t
due_us(const struct ledger *l)
{
	return l->profile->first_retry_us / 10 * 9;
}

/* Taken before any retry was due, it has not been turned away. */
static bool
was_taken_at_once(const struct ledger *l, const struct entry *e)
{
	return e->acked > 0 && e->copies[0].ev->t_us - e->t0_us < due_us(l);
}

/*
 * When each message came into the queue, and when it was seen to have left;
 * of those that may have been turned away.
 */
static void
list_stays(struct ledger *l)
{
	for (size_t i = 0; i < l->mail_count; i++) {
		const struct entry *e = &l->entries[l->mails[i].first];
		int64_t left = 0;
		bool taken = true;

		for (size_t k = 0; k < l->mails[i].count; k++) {
			taken = taken && was_taken_at_once(l, &e[k]);
			if (e[k].queue_no_since_us > left)
				left = e[k].queue_no_since_us;
		}
		if (e->message->control || !e->accepted || taken)
			continue;
		if (l->mails[i].home != NULL && e->reports == 0)
			l->mails[i].home->untold++;
		*(int64_t *)arena_push(l->arena, &l->came_us, &l->came_count,
		    sizeof left) = e->t0_us;
		*(int64_t *)arena_push(l->arena, &l->left_us, &l->left_count,
		    sizeof left) = left;
	}
	if (l->came_count > 0) {
		qsort(l->came_us, l->came_count, sizeof *l->came_us, by_time);
		qsort(l->left_us, l->left_count, sizeof *l->left_us, by_time);
	}
}

/* How many of the sorted times are before that one? */
static size_t
count_before(const int64_t *times, size_t count, int64_t t_us)
{
	size_t low = 0;

	while (low < count) {
		size_t mid = (low + count) / 2;

		if (times[mid] < t_us)
			low = mid + 1;
		else
			count = mid;
	}
	return low;
}

/*
 * How many contacts of that time messages and their reports make: one each
 * of those in the queue, and one of the report of each that left it.
 */
static size_t
contacts_due(const struct ledger *l, int64_t from_us, int64_t to_us)
{
	const size_t gone = count_before(l->left_us, l->left_count, from_us);

	return count_before(l->came_us, l->came_count, to_us) - gone +
	    count_before(l->left_us, l->left_count, to_us) - gone;
}

void
repeats_index(struct ledger *l)
{
	list_stays(l);
	for (size_t c = 0; c < l->contact_count; c++) {
		const struct attempt *a = &l->contacts[c];
		struct address *at = sessions_address(l, a->addr);

		if (repeats_turned_away(l, a) != NULL)
			*(size_t *)arena_push(l->arena, &at->away,
			    &at->away_count, sizeof *at->away) = c;
	}
}

/* The first of those turned away at or after that time. */
static size_t
away_since(const struct ledger *l, const struct address *at, int64_t t_us)
{
	size_t low = 0, high = at->away_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (l->contacts[at->away[mid]].t_us < t_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * All mail of that time was refused there for good, this one before it left
 * the queue, and once more for each that left, before any retry was due.
 */
static bool
follows_refusal(const struct ledger *l, const struct entry *e,
    const struct attempt *now)
{
	const int64_t due = due_us(l);
	int64_t from = now->t_us - due + 1;
	const struct address *at;
	size_t first, end;

	if (now->addr == NULL || repeats_turned_away(l, now) == NULL)
		return false;
	at = sessions_known(l, now->addr);
	if (from < e->t0_us)
		from = e->t0_us;
	first = away_since(l, at, from);
	end = away_since(l, at, now->t_us + due);
	return first < end && l->contacts[at->away[first]].seq < now->seq &&
	    l->contacts[at->away[first]].t_us <= e->queue_no_since_us &&
	    end - first >= contacts_due(l, from, now->t_us + due);
}

/*
 * When all mail has left, who comes is a report.  As many at once as may be
 * out, and all turned away: each of them was.
 */
static bool
are_all_reports(const struct ledger *l, const struct destination *home,
    const struct attempt *now)
{
	const struct address *at;

	if (now->addr == NULL || now->t_us <= home->emptied_us ||
	    repeats_turned_away(l, now) == NULL)
		return false;
	at = sessions_known(l, now->addr);
	return away_since(l, at, now->t_us + due_us(l)) - away_since(l, at,
	    now->t_us - due_us(l) + 1) >= home->untold;
}

bool
repeats_for_report(const struct ledger *l, const struct entry *e,
    const struct attempt *a)
{
	const struct destination *home = e->mail->home;

	return ledger_is_smart(l) && ((home->mails == 1 &&
	    left_before_retry(l, e, a)) || follows_refusal(l, e, a) ||
	    are_all_reports(l, home, a));
}

const struct event *
repeats_turned_away(const struct ledger *l, const struct attempt *a)
{
	const struct session *s = ledger_session_of(l, a->conn);

	return s != NULL && !s->got_mail && s->before_mail != NULL &&
	    reply_class(s->before_mail) == 5 ? s->before_mail : NULL;
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

#include "harness/judge/why.h"

#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"

const char *
why_duration(struct arena *a, int64_t us)
{
	int64_t s = us / USEC_PER_SEC;

	if (s < 60)
		return arena_printf(a, "%d.%ds", (int)s,
		    (int)(us % USEC_PER_SEC / 100000));
	if (s < 3600)
		return arena_printf(a, "%dm%02ds", (int)(s / 60),
		    (int)(s % 60));
	if (s < 86400)
		return arena_printf(a, "%dh%02dm", (int)(s / 3600),
		    (int)(s / 60 % 60));
	return arena_printf(a, "%dd%02dh", (int)(s / 86400),
	    (int)(s / 3600 % 24));
}

static const char *
said(struct arena *a, const struct event *ev)
{
	if (ev == NULL)
		return "no host answered";
	return arena_printf(a, "%s had answered \"%d %s\" at %s",
	    ev->host != NULL ? ev->host : "a host", (int)ev->code,
	    ev->text != NULL ? ev->text : "",
	    why_duration(a, ev->t_us));
}

static const struct event *
counted_copy(const struct entry *e, int nth)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && nth-- == 0)
			return e->copies[i].ev;
	return NULL;
}

static const char *
delivered(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	const struct event *ev = counted_copy(e, 0);

	*decisive = ev->seq;
	return arena_printf(l->arena, "%s for %s reached %s after %s%s",
	    e->key, e->rcpt, ev->host != NULL ? ev->host : "a host",
	    why_duration(l->arena, ev->t_us - e->t0_us),
	    v == V_DELIVERED_TOO_LATE ?
	    ", later than one retry interval after the repair" :
	    v == V_ZOMBIE ? ", yet it is still queued" : "");
}

static const char *
reported(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	const struct event *ev = e->first_report;
	const char *tail = "";

	*decisive = ev->seq;
	if (v == V_BOUNCED_MALFORMED && e->bad_report != NULL)
		tail = arena_printf(l->arena, "; the report is malformed: %s",
		    e->bad_report->defect != NULL ? e->bad_report->defect :
		    "not from <>");
	else if (v == V_PREMATURE_BOUNCE)
		tail = arena_printf(l->arena, " though nothing permanent had "
		    "been said and its lifetime was not over: %s",
		    said(l->arena, e->last_reply));
	else if (v == V_FALSE_BOUNCE)
		tail = " although it had been delivered";
	else if (v == V_DUPLICATE_DSN)
		tail = arena_printf(l->arena, ", %d times", e->reports);
	else if (v == V_LATE_BOUNCE)
		tail = ", too late";
	return arena_printf(l->arena,
	    "%s for %s was reported as failed (status %s) after %s%s", e->key,
	    e->rcpt, ev->status != NULL ? ev->status : "none",
	    why_duration(l->arena, ev->t_us - e->t0_us), tail);
}

static const char *
neither(const struct ledger *l, const struct entry *e, enum verdict v,
    const char *note, uint64_t *decisive)
{
	struct arena *a = l->arena;

	if (e->attempt_count > 0)
		*decisive = e->attempts[e->attempt_count - 1].seq;
	if (v == V_SILENT_DROP) {
		if (e->last_reply != NULL)
			*decisive = e->last_reply->seq;
		return arena_printf(a, "%s for %s was accepted and then lost: "
		    "no copy, no report, not queued after %d attempts%s; %s",
		    e->key, e->rcpt, (int)e->attempt_count,
		    note != NULL ? " (presumed)" : "",
		    said(a, e->last_reply));
	}
	if (v == V_DISCARDED_OK)
		return arena_printf(a, "%s for %s ended without a report, as "
		    "it must; %s", e->key, e->rcpt, said(a, e->last_reply));
	return arena_printf(a, "%s for %s is %s after %d cycles%s%s%s; %s",
	    e->key, e->rcpt, v == V_RETRYING ? "queued and retried" :
	    v == V_INCONCLUSIVE ? "undecided" : "stuck in the queue",
	    e->cycles, note != NULL ? " (" : "", note != NULL ? note : "",
	    note != NULL ? ")" : "", said(a, e->last_reply));
}

const char *
why_sentence(const struct ledger *l, const struct entry *e, enum verdict v,
    const char *note, uint64_t *decisive)
{
	struct arena *a = l->arena;
	const struct event *ev;

	*decisive = 0;
	if (v == V_NOT_ACCEPTED)
		return arena_printf(a, "%s for %s was refused at injection "
		    "(%s)", e->key, e->rcpt, note);
	if (v == V_MISROUTED || v == V_DOWNGRADE || v == V_CORRUPTED) {
		ev = v == V_MISROUTED ? e->misroute : v == V_DOWNGRADE ?
		    e->downgrade : e->bad_copy;
		*decisive = ev->seq;
		return arena_printf(a, "%s for %s %s %s after %s", e->key,
		    e->rcpt, v == V_MISROUTED ? "was given to a stranger," :
		    v == V_DOWNGRADE ? "went in clear to" :
		    "arrived damaged at", ev->host != NULL ? ev->host : "?",
		    why_duration(a, ev->t_us - e->t0_us));
	}
	if (v == V_DUPLICATE || v == V_DUPLICATE_EXCUSED) {
		*decisive = counted_copy(e, 1)->seq;
		return arena_printf(a, "%s for %s arrived %d times; lost "
		    "replies and crashes excuse %d more than one", e->key,
		    e->rcpt, e->acked + e->ambiguous,
		    e->lost_replies + e->kills);
	}
	if (e->misaddressed != NULL && v == V_MISADDRESSED_DSN) {
		*decisive = e->misaddressed->seq;
		return arena_printf(a, "the report about %s went to %s, not to "
		    "the sender", e->key, e->misaddressed->to);
	}
	if (e->first_report != NULL)
		return reported(l, e, v, decisive);
	if (counted_copy(e, 0) != NULL && v != V_INCONCLUSIVE)
		return delivered(l, e, v, decisive);
	return neither(l, e, v, note, decisive);
}

const char *
why_proof(const struct ledger *l, const struct entry *e)
{
	struct sbuf b = { 0 };
	const char *text;

	sbuf_printf(&b, "accepted at %s\n", why_duration(l->arena, e->t0_us));
	for (size_t i = 0; i < e->attempt_count; i++)
		sbuf_printf(&b, "attempt %zu at %s: %s %s\n", i + 1,
		    why_duration(l->arena, e->attempts[i].t_us),
		    e->attempts[i].host != NULL ? e->attempts[i].host :
		    "MX lookup", e->attempts[i].state != NULL ?
		    e->attempts[i].state : "");
	sbuf_printf(&b, "copies at any host: %zu; reports to the sender: %d\n",
	    e->copy_count, e->reports);
	sbuf_printf(&b, "queue: %d readings without it; looked until %s\n",
	    e->queue_no_readings, why_duration(l->arena, l->end_us));
	text = arena_strdup(l->arena, sbuf_str(&b));
	sbuf_fini(&b);
	return text;
}

/*
 * What follows from an event: messages get their keys, the MTA is killed at
 * the n-th end of data, the queue is read when something looks final, and
 * the run is over when no verdict can change any more.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/run/stage_impl.h"
#include "harness/scenario/control.h"
#include "harness/scenario/keys.h"

/* How soon after something final the queue is read, and again after that. */
#define SOON_US		(5 * USEC_PER_SEC)
#define AGAIN_US	(60 * USEC_PER_SEC)

/* Events at one moment of virtual time; thirty messages make a thousand. */
#define INSTANT_EVENTS	50000
#define MESSAGE_EVENTS	200		/* more for each message */

static void plan_readings(struct stage *);

static bool
is_ours(const struct event *ev)
{
	return ev->msg != NULL && strcmp(ev->msg, CONTROL_KEY) != 0;
}

/* Kills and restarts bound to an event rather than to a time. */
static void
act_on_eod(struct stage *st, const struct event *ev, int when)
{
	struct mta_event *m;

	for (size_t i = 0; i < st->sc->mta_count; i++) {
		m = &st->sc->mta[i];
		if ((int)m->when != when || m->rule.fired > 0)
			continue;
		if (m->host != NULL && strcmp(m->host, ev->host) != 0)
			continue;
		/* Reports are counted where their host is named. */
		if (m->host == NULL && when == MTA_AT_EOD && !is_ours(ev))
			continue;
		if (++st->mta_seen[i] >= (m->nth > 0 ? m->nth : 1))
			stage_mta_event(st, m);
	}
}

static void
note_inject(struct stage *st, const struct event *ev)
{
	if (strcmp(ev->stage, "eod") != 0 && strcmp(ev->stage, "exit") != 0)
		return;
	if (ev->code / 100 == 2)
		act_on_eod(st, ev, MTA_AFTER_INJECT);
	plan_readings(st);
}

static void
note_copy(struct stage *st, const struct event *ev)
{
	if (!st->phases) {
		if (ev->msg != NULL && ev->code / 100 == 2)
			st->control_copies++;
		return;
	}
	if (is_ours(ev))
		plan_readings(st);
}

/*
 * A report that was refused ends as much as one that was taken; mail that was
 * leaves its report behind, which may look like it where all mail goes alike.
 */
static void
note_refusal(struct stage *st, const struct event *ev)
{
	if (st->phases && ev->code / 100 == 5 &&
	    (ev->kind == EV_SMTP_RCPT || st->sc->smarthost_count > 0))
		plan_readings(st);
}

/*
 * An MTA that makes new work of its own work (reports about reports) never
 * lets virtual time move on.
 */
static void
watch_instant(struct stage *st, const struct event *ev)
{
	const uint64_t most = INSTANT_EVENTS + st->message_count *
	    MESSAGE_EVENTS;

	if (ev->t_us != st->instant_us) {
		st->instant_us = ev->t_us;
		st->instant_seq = ev->seq;
	} else if (ev->seq - st->instant_seq == most)
		stage_fail(st, "the MTA never came to rest: %" PRIu64
		    " events while virtual time stood still at %s", most,
		    scenario_duration_text(ev->t_us));
}

/* The recorder's callback: every event, after it has its place. */
void
stage_event(void *ctx, const struct event *ev)
{
	struct stage *st = stage_of(ctx);

	if (st->spec->progress != NULL) {
		st->spec->progress->virtual_us = ev->t_us;
		st->spec->progress->events = (uint32_t)ev->seq;
	}
	stage_packet_comment(st, ev);
	watch_instant(st, ev);
	switch (ev->kind) {
	case EV_SMTP_COPY:
		note_copy(st, ev);
		break;
	case EV_DSN:
		plan_readings(st);
		break;
	case EV_SMTP_RCPT:
		note_refusal(st, ev);
		break;
	case EV_INJECT:
		if (st->phases)
			note_inject(st, ev);
		break;
	case EV_SMTP_EOD:
		if (st->phases)
			act_on_eod(st, ev, MTA_AT_EOD);
		break;
	case EV_SMTP_REPLY:
		note_refusal(st, ev);
		if (st->phases && ev->stage != NULL &&
		    strcmp(ev->stage, "eod") == 0)
			act_on_eod(st, ev, MTA_AFTER_EOD_REPLY);
		break;
	case EV_QUEUE:
	case EV_SMTP_CLOSE:
		break;
	default:
		return;
	}
	st->look = true;
}

/* The message that "MAIL FROM:<a+KEY@s.test> ..." begins, if it says so. */
static const char *
key_of_mail(struct stage *st, const struct event *ev)
{
	const char *open, *close;
	char path[512];

	if (strcmp(ev->stage, "mail") != 0 ||
	    (open = strchr(ev->text, '<')) == NULL ||
	    (close = strchr(open, '>')) == NULL || close == open + 1 ||
	    (size_t)(close - open) > sizeof path)
		return NULL;
	snprintf(path, sizeof path, "%.*s", (int)(close - open - 1),
	    open + 1);
	return stage_key_of(st, path, NULL);
}

/* The fakes do not know the scenario's messages; the stage does. */
void
stage_fill_and_record(void *ctx, struct event *ev)
{
	struct stage *st = stage_of(ctx);
	const struct last_mail *last = stage_last_mail(st,
	    (uint64_t)ev->conn);

	if (st->spec->serve != NULL && ev->kind == EV_DNS_QUERY)
		stage_serve_begin(st);
	/* A process that we have just killed cannot say QUIT. */
	if (ev->kind == EV_SMTP_VIOLATION && st->killed &&
	    lab_now(st->lab) == st->killed_us)
		return;
	switch (ev->kind) {
	case EV_SMTP_COMMAND:
		ev->msg = key_of_mail(st, ev);
		break;
	case EV_SMTP_RCPT:
	case EV_SMTP_EOD:	/* its content is not told yet */
		ev->msg = stage_key_of(st, ev->from, ev->rcpt);
		break;
	case EV_SMTP_COPY:
		ev->msg = stage_key_of(st, ev->from, ev->rcpt);
		if (last->conn != (uint64_t)ev->conn)
			break;
		/* Its sender may have become another (SRS), not its text. */
		if (ev->msg == NULL)
			ev->msg = last->key;
		if (ev->msg != NULL)
			ev->hash = last->ok ? "ok" : "bad";
		if (last->text[0] != '\0')
			ev->text = last->text;
		break;
	default:
		break;
	}
	event_emit(st->sink, ev);
}

/* --- the queue --- */

static void
reading_ended(void *arg, const struct adapter_result *res)
{
	struct stage *st = stage_of(arg);

	st->reading = false;
	st->look = true;
	if (res->status == ADAPTER_DONE)
		stage_queue_was_read(st, res);
	else if (res->status == ADAPTER_UNSUPPORTED)
		st->no_queue = true;
	else if (res->status != ADAPTER_GONE && st->mta_expected)
		stage_fail(st, "the adapter's \"queue\" failed (exit %d): %s",
		    res->exit_code, res->notes);
}

static void
read_queue(struct stage *st)
{
	st->look = true;	/* silence may have settled it */
	if (st->reading || !st->mta_expected || st->no_queue)
		return;
	st->reading = true;
	if (!adapter_run(st->adapter, ADAPTER_QUEUE, reading_ended,
	    st)) {
		st->reading = false;
		stage_fail(st, "the adapter cannot be started: %s",
		    strerror(errno));
	}
}

static void
read_soon(void *arg)
{
	struct stage *st = stage_of(arg);

	st->soon = NULL;
	read_queue(st);
}

static void
read_again(void *arg)
{
	struct stage *st = stage_of(arg);

	st->again = NULL;
	read_queue(st);
}

/*
 * A queue reading shortly after something that looks final and another one
 * queue run later: "no longer queued" counts only when it was read twice.
 */
static void
plan_readings(struct stage *st)
{
	struct timers *ts = lab_timers(st->lab);

	st->apart_us = AGAIN_US + st->spec->info->profile.queue_run_us;
	if (st->soon == NULL)
		st->soon = timers_in(ts, SOON_US, read_soon, st);
	timers_cancel(ts, st->again);
	st->again = timers_in(ts, SOON_US + st->apart_us, read_again, st);
}

/*
 * Those two readings may have come too early: in real time a busy MTA is late
 * to clear its queue.  Twice as late each time, so that an MTA which never
 * clears it costs a handful.
 */
static void
plan_another(struct stage *st)
{
	if (st->apart_us == 0 || st->soon != NULL || st->again != NULL ||
	    st->last_readings > 0 || st->sc->horizon_us > 0 ||
	    !judge_awaits_reading(st->settle,
	    recorder_now(st->recorder)))
		return;
	st->again = timers_in(lab_timers(st->lab), st->apart_us, read_again,
	    st);
	st->apart_us *= 2;
}

/* --- times of the scenario --- */

/* Shows the judge all that has happened, and asks whether that decides. */
static bool
is_settled(struct stage *st)
{
	return judge_settled(&st->settle, st->sc,
	    recorder_trace(st->recorder), &st->spec->info->profile,
	    recorder_now(st->recorder));
}

static void
at_horizon(void *arg)
{
	struct stage *st = stage_of(arg);
	int64_t more;

	/* It answers by what it has seen, which must be all there is. */
	(void)is_settled(st);
	more = judge_more(st->settle, recorder_now(st->recorder));
	st->look = true;
	if (more > 0) {		/* a report is still on its way */
		/* What is seen once its mail has left can be nothing else. */
		read_queue(st);
		st->horizon_us += more;
		timers_in(lab_timers(st->lab), more, at_horizon, st);
	} else if (st->last_readings++ < 2 && !st->no_queue) {
		read_queue(st);
		timers_in(lab_timers(st->lab), AGAIN_US +
		    st->spec->info->profile.queue_run_us, at_horizon, st);
	} else
		st->over = true;
}

static void
at_zone_switch(void *arg)
{
	struct stage *st = stage_of(arg);

	world_emit_legit(&st->world, st->sc, st->dns, st->sink);
}

struct appointment {
	struct stage	*st;
	void		*what;
};

static void
at_injection(void *arg)
{
	struct appointment *a = arg;

	stage_submit(a->st, a->what);
}

static void
at_mta_event(void *arg)
{
	struct appointment *a = arg;

	stage_mta_event(a->st, a->what);
}

static void
appoint(struct stage *st, int64_t when_us, timer_fn *fn, void *what)
{
	struct appointment *a = arena_alloc(st->sc->arena, sizeof *a);

	a->st = st;
	a->what = what;
	timers_in(lab_timers(st->lab), when_us, fn, a);
}

/* Called at the start of the phases: everything that has a time of its own. */
void
stage_schedule(struct stage *st)
{
	struct stage_message *m;

	st->horizon_us = judge_horizon(st->sc, &st->spec->info->profile);
	at_zone_switch(st);
	for (size_t i = 0; i < st->sc->zone_count; i++)
		if (st->sc->zones[i].from_us > 0)
			timers_in(lab_timers(st->lab),
			    st->sc->zones[i].from_us, at_zone_switch, st);
	for (size_t i = 0; i < st->sc->mta_count; i++)
		if (st->sc->mta[i].when == MTA_AT_TIME)
			appoint(st, st->sc->mta[i].rule.phase.from_us,
			    at_mta_event, &st->sc->mta[i]);
	for (size_t i = 0; i < st->message_count; i++) {
		m = &st->messages[i];
		if (!m->message->control)
			appoint(st, m->message->at_us, at_injection, m);
	}
	/* Just after what the MTA does at that very moment. */
	timers_in(lab_timers(st->lab), st->horizon_us + 1, at_horizon, st);
}

bool
stage_is_over(struct stage *st)
{
	if (st->error != NULL || st->over)
		return true;
	if (!st->look)
		return false;
	st->look = false;
	if (st->reading || fsmtp_sessions(st->smtp) > 0)
		return false;
	if (is_settled(st))
		return true;
	plan_another(st);
	return false;
}

/*
 * The order of things inside the lab.  Process 1 runs stage_body(): it
 * builds the fakes, asks the adapter to make and start the MTA, sees a
 * control message through, starts the phases, submits the scenario's
 * messages and then only watches until every verdict is final.
 */
#include "harness/run/stage.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/run/stage_impl.h"
#include "harness/scenario/keys.h"

/* A control message takes no longer, or the MTA is not fit to be tested. */
#define CONTROL_US	(900 * USEC_PER_SEC)

void
stage_fail(struct stage *st, const char *fmt, ...)
{
	struct event ev = { .kind = EV_HARNESS_FAULT };
	struct sbuf line = { 0 };
	va_list ap;
	char *text, *end;

	if (st->error != NULL)
		return;		/* the first cause is the one to tell */
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	/* A log's lines, an adapter's notes: one line of it all. */
	for (const char *s = text; *(s += strspn(s, " \n")) != '\0'; s = end) {
		end = strchrnul(s, '\n');
		sbuf_printf(&line, "%s%.*s", line.len == 0 ? "" :
		    line.data[line.len - 1] == ':' ? " " : "; ",
		    (int)(end - s), s);
	}
	free(text);
	st->error = xstrdup(sbuf_str(&line));
	sbuf_fini(&line);
	ev.text = st->error;
	event_emit(st->sink, &ev);
}

static void
fail_waiting(struct stage *st, const char *what, const char *why)
{
	stage_fail(st, "it waited for %s (%s%s): %s", what, st->phases ?
	    "virtual time " : "before the scenario began", st->phases ?
	    scenario_duration_text(recorder_now(st->recorder)) : "", why);
}

/*
 * Runs the lab until `done`, waiting for `what`; false if the stage has
 * failed.
 */
static bool
run_until(struct stage *st, bool (*done)(void *), const char *what)
{
	const char *why = NULL;

	if (st->error == NULL && !lab_loop(st->lab, done, st, &why))
		fail_waiting(st, what, why);
	return st->error == NULL;
}

static bool
failed_or_verb_done(void *arg)
{
	struct stage *st = stage_of(arg);

	return st->error != NULL || st->verb_done;
}

static void
verb_ended(void *arg, const struct adapter_result *res)
{
	struct stage *st = stage_of(arg);

	st->verb_done = true;
	st->verb_status = res->status;
	if (strcmp(res->verb, "info") == 0)
		stage_keep(st, RUN_INFO, res->out, strlen(res->out));
	else if (strcmp(res->verb, "setup") == 0 && *res->out != '\0')
		stage_keep(st, RUN_CHANGES, res->out, strlen(res->out));
	else if (strcmp(res->verb, "collect") == 0)
		stage_collect(st, res->out);
	if (res->status == ADAPTER_WRONG) {
		st->wrong_option = true;
		stage_fail(st, "%.*s", (int)strcspn(res->notes, "\n"),
		    res->notes);
	} else if (res->status != ADAPTER_DONE && res->status !=
	    ADAPTER_GONE && res->status != ADAPTER_UNSUPPORTED)
		stage_fail(st, "the adapter's \"%s\" failed (exit %d): %s",
		    res->verb, res->exit_code, res->notes);
}

/* Runs a verb of the adapter to its end. */
static bool
verb(struct stage *st, enum adapter_verb v)
{
	static const char *const whats[] = {
#define X(sym, word, help) "the adapter's \"" word "\"",
		ADAPTER_VERBS(X)
#undef X
	};

	st->verb_status = ADAPTER_DONE;
	if (adapter_is_idle(st->adapter, v))
		return st->error == NULL;
	st->verb_done = false;
	if (!adapter_run(st->adapter, v, verb_ended, st)) {
		stage_fail(st, "the adapter cannot be started: %s",
		    strerror(errno));
		return false;
	}
	return run_until(st, failed_or_verb_done, whats[v]);
}

static bool
control_arrived(void *arg)
{
	struct stage *st = stage_of(arg);

	return st->error != NULL || st->control_copies > 0 ||
	    lab_now(st->lab) > st->control_deadline_us;
}

/*
 * G2: the MTA delivers a healthy message before anything breaks.  It also
 * tells when the MTA is ready: its submission is tried until it greets.
 */
static bool
see_control_through(struct stage *st)
{
	st->control_deadline_us = lab_now(st->lab) + CONTROL_US;
	/* So that time has somewhere to go if the MTA does nothing. */
	timers_at(lab_timers(st->lab), st->control_deadline_us + 1,
	    stage_nothing, NULL);
	stage_submit(st, stage_control(st));
	if (!run_until(st, control_arrived, "a healthy message to be "
	    "delivered"))
		return false;
	if (st->control_copies == 0)
		stage_fail(st, "the MTA did not deliver a healthy message "
		    "within %d virtual minutes (guard G2)",
		    (int)(CONTROL_US / USEC_PER_SEC / 60));
	return st->error == NULL;
}

/* What the MTA wrote itself tells why it was not fit, if anything does. */
static void
collect_after_all(struct stage *st)
{
	char *error = st->error;

	st->error = NULL;
	verb(st, ADAPTER_COLLECT);
	free(st->error);
	st->error = error;
}

static bool
over(void *arg)
{
	return stage_is_over(stage_of(arg));
}

/* G7: a program that the clock does not reach makes every time a guess. */
static void
emit_unclocked(struct stage *st)
{
	struct event ev = { .kind = EV_FLAG, .name = "unclocked" };
	struct lab_stats stats;

	lab_stats(st->lab, &stats);
	ev.text = stats.unclocked;
	if (stats.unclocked[0] != '\0' &&
	    st->spec->clock == LAB_CLOCK_VIRTUAL)
		event_emit(st->sink, &ev);
}

static void
emit_end(struct stage *st)
{
	struct event ev = { .kind = EV_RUN_END };

	ev.text = st->error != NULL ? "error" :
	    recorder_now(st->recorder) >= st->horizon_us ? "horizon" :
	    "settled";
	event_emit(st->sink, &ev);
}

static void
play(struct stage *st)
{
	if (!verb(st, ADAPTER_SETUP) ||
	    st->verb_status == ADAPTER_UNSUPPORTED)
		return;
	if (!stage_start_mta(st))
		return;
	if (!see_control_through(st)) {
		collect_after_all(st);
		return;
	}
	stage_begin(st);
	stage_schedule(st);
	run_until(st, over, "every message to come to its end");
	emit_unclocked(st);
	emit_end(st);
	if (st->error == NULL)
		verb(st, ADAPTER_COLLECT);
}

/* Runs as process 1 of the lab. */
int
stage_body(struct lab *lab, void *arg)
{
	struct stage *st = stage_of(arg);

	stage_open(st, lab);
	st->adapter = adapter_new(&(struct adapter_config){ .lab = lab,
	    .home = st->spec->home, .mta = st->spec->mta,
	    .info = st->spec->info,
	    .mta_ipv4 = st->sc->mta_ipv4, .mta_ipv6 = st->sc->mta_ipv6,
	    .relay_domain = st->sc->relay_domain,
	    .outside = stage_is_elsewhere(st) ? st->spec->adapter_dir : NULL,
	    .smarthosts = st->sc->smarthosts,
	    .smarthost_count = st->sc->smarthost_count,
	    .has_config = st->spec->config != NULL, .notes = st->notes });
	stage_emit_run_start(st);
	if (st->spec->info == NULL)
		verb(st, ADAPTER_INFO);
	else if (stage_build_fakes(st))
		play(st);
	if (st->error != NULL)
		dprintf(st->error_fd, "%s", st->error);
	stage_tear_down(st);
	if (st->error != NULL)
		return st->wrong_option ? STAGE_WRONG_OPTION : 1;
	return st->verb_status == ADAPTER_UNSUPPORTED ? 89 : 0;
}

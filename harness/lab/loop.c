/*
 * The main loop: serve everything that is ready; when nothing is, and all
 * tasks sleep, jump the clock.
 */
#include <event2/event.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "harness/lab/inside.h"
#include "harness/lab/packet_log.h"

/* Real time; see flight_settled(). */
enum { FLIGHT_US = 250000, HELD_US = 100000, AGAIN_US = 5000 };

static int64_t
clock_now_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

int64_t
real_now_us(void)
{
	return clock_now_us(CLOCK_MONOTONIC);
}

struct event_base *
lab_base(struct lab *lab)
{
	return lab->base;
}

struct timers *
lab_timers(struct lab *lab)
{
	return lab->timers;
}

int64_t
lab_now(const struct lab *lab)
{
	int64_t real;

	if (lab->clock != NULL)
		return clock_now(lab->clock);
	real = real_now_us() - lab->real_start_us;
	return lab->speed > 0 ? (int64_t)((double)real * lab->speed) : real;
}

int64_t
lab_epoch(const struct lab *lab)
{
	return lab->cfg->bare ? lab->epoch_s : LAB_EPOCH;
}

void
lab_comment(struct lab *lab, const struct lab_comment *c)
{
	packet_log_comment(lab->packet_log, lab_now(lab), c);
}

void
lab_start_phases(struct lab *lab)
{
	lab->start_us = lab_now(lab);
	if (lab->cfg->bare)
		return;
	router_start_phases(lab->router, lab->start_us);
	net_switch(lab);
}

void
lab_hold(struct lab *lab)
{
	lab->holds++;
}

void
lab_release(struct lab *lab)
{
	if (lab->holds > 0)
		lab->holds--;
}

void
lab_begin(struct lab *lab)
{
	if (lab->cfg->on_made != NULL)
		lab->cfg->on_made(lab->cfg->ctx);
	lab->real_start_us = real_now_us();
}

/* Serves what is ready now.  False: nothing was. */
static bool
serve(struct lab *lab)
{
	event_base_get_max_events(lab->base, EVENT_BASE_COUNT_ACTIVE, 1);
	event_base_loop(lab->base, EVLOOP_NONBLOCK);
	return event_base_get_max_events(lab->base, EVENT_BASE_COUNT_ACTIVE,
	    0) > 0;
}

/* 0 disarms, and forgets that it has expired. */
static void
wait_set(struct lab *lab, int64_t us)
{
	struct itimerspec its = { .it_value = { us / USEC_PER_SEC,
	    us % USEC_PER_SEC * 1000 } };

	timerfd_settime(lab->wait_fd, 0, &its, NULL);
}

/* At once, or it would keep libevent from whatever is less urgent. */
static void
on_wait_over(int fd, short what, void *arg)
{
	struct lab *lab = arg;

	(void)fd;
	(void)what;
	wait_set(lab, 0);
	lab->wait_over = true;
}

/*
 * A timer of our own rather than libevent's: those are milliseconds, or a
 * system call more in every round of the loop.
 */
bool
wait_start(struct lab *lab)
{
	lab->wait_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK |
	    TFD_CLOEXEC);
	if (lab->wait_fd < 0)
		return false;
	lab->wait_event = event_new(lab->base, lab->wait_fd, EV_READ |
	    EV_PERSIST, on_wait_over, lab);
	event_add(lab->wait_event, NULL);
	return true;
}

void
wait_stop(struct lab *lab)
{
	event_free(lab->wait_event);
	close(lab->wait_fd);
}

/*
 * Serves what becomes ready within `us` of real time, at once when it does.
 * False: nothing did.
 */
static bool
serve_within(struct lab *lab, int64_t us)
{
	int active;

	if (us <= 0)
		return serve(lab);
	lab->wait_over = false;
	wait_set(lab, us);
	event_base_get_max_events(lab->base, EVENT_BASE_COUNT_ACTIVE, 1);
	event_base_loop(lab->base, EVLOOP_ONCE);
	active = event_base_get_max_events(lab->base, EVENT_BASE_COUNT_ACTIVE,
	    0);
	if (!lab->wait_over)
		wait_set(lab, 0);
	return active > (lab->wait_over ? 1 : 0);
}

static bool
fail(struct lab *lab, const char **why, const char *sentence)
{
	sbuf_clear(&lab->why);
	sbuf_puts(&lab->why, sentence);
	sbuf_putc(&lab->why, '\n');
	if (lab->clock != NULL)
		clock_describe(lab->clock, &lab->why);
	*why = sbuf_str(&lab->why);
	return false;
}

/*
 * Octets that nobody has acknowledged yet are on their way to somebody who
 * will wake up.  What moves them is the kernel, in real time, so we wait in
 * real time too; but not for ever, for the receiver may be dead.
 */
static bool
flight_settled(struct lab *lab)
{
	int64_t now;

	if (router_in_flight(lab->router) == 0) {
		lab->flight_since_us = 0;
		return true;
	}
	now = real_now_us();
	if (lab->flight_since_us == 0) {
		lab->flight_since_us = now;
		lab->flight_waits++;
	}
	if (now - lab->flight_since_us < FLIGHT_US) {
		serve_within(lab, FLIGHT_US - (now - lab->flight_since_us));
		return false;
	}
	router_give_up(lab->router);
	lab->flight_since_us = 0;
	return true;
}

/* All tasks sleep.  False: nothing can ever happen again. */
static bool
quiet(struct lab *lab)
{
	if (serve(lab) || net_say_again(lab) || !flight_settled(lab))
		return true;
	clock_sockets(lab->clock, net_socket_limits, lab);
	net_arm_limits(lab);
	if (clock_jump(lab->clock, TIME_NEVER) == TIME_NEVER)
		return false;
	lab->progress_real_us = 0;
	return true;
}

/* One round of the real clock: waits for a timer or for work. */
static void
round_real(struct lab *lab)
{
	int64_t now = lab_now(lab), next, wait;

	if (timers_advance(lab->timers, now) > 0)
		return;
	next = timers_next(lab->timers);
	wait = next == TIME_NEVER ? HELD_US : next - now;
	if (lab->speed > 0)
		wait = (int64_t)((double)wait / lab->speed) + 1;
	if (wait > HELD_US)
		wait = HELD_US;
	if (lab->repeats != NULL && wait > AGAIN_US)
		wait = AGAIN_US;
	if (!serve_within(lab, wait))
		net_say_again(lab);
}

/* The processor time of process 1: its share while others want it, too. */
static int64_t
own_now_us(void)
{
	return clock_now_us(CLOCK_PROCESS_CPUTIME_ID);
}

/*
 * Has anything moved lately?  Rounds in which something did pass
 * progress_real_us = 0, so that only idle rounds ask for the time.
 *
 * On a starved machine even a program's start may take longer than that, so
 * in the second half we must have had a share of the processor ourselves: it
 * is the one that all of the lab runs on.  Whoever waits instead of asking
 * again and again gets no share; then ten times as long must do.
 */
static bool
watchdog_barks(struct lab *lab)
{
	int64_t now = real_now_us(), limit = lab->cfg->watchdog_us, idle;

	if (lab->progress_real_us == 0) {
		lab->progress_real_us = now;
		lab->progress_own_us = -1;
	}
	idle = now - lab->progress_real_us;
	if (limit <= 0 || idle <= limit / 2)
		return false;
	if (lab->progress_own_us < 0)
		lab->progress_own_us = own_now_us();
	return idle > 10 * limit || (idle > limit &&
	    own_now_us() - lab->progress_own_us > limit / 20);
}

static bool
limit_is_over(const struct lab *lab)
{
	return lab->cfg->limit_us > 0 &&
	    real_now_us() - lab->real_start_us > lab->cfg->limit_us;
}

static bool
busy(struct lab *lab, int64_t again_us, const char **why)
{
	int64_t start = real_now_us();

	if (watchdog_barks(lab))
		return fail(lab, why, lab->holds > 0 ?
		    "the harness held the clock and nothing moved" :
		    "nothing moved while a process was busy");
	if (again_us <= 0)
		sched_yield();
	else if (serve_within(lab, again_us))
		lab->progress_real_us = 0;
	lab->busy_real_us += real_now_us() - start;
	return true;
}

bool
lab_loop(struct lab *lab, bool (*done)(void *), void *arg, const char **why)
{
	int64_t again_us;
	bool served;

	*why = NULL;
	lab->progress_real_us = 0;
	for (;;) {
		served = serve(lab);
		if (served)
			lab->progress_real_us = 0;
		net_tell_failures(lab);
		procs_note_deaths(lab);
		if (done(arg))
			return true;
		if (limit_is_over(lab))
			return fail(lab, why, "the limit of real time is "
			    "over");
		if (served)
			continue;	/* there may be more */
		if (lab->clock == NULL) {
			round_real(lab);
		} else if (lab->holds > 0) {
			if (!busy(lab, HELD_US, why))
				return false;
		} else if (clock_look(lab->clock, &again_us) == CLOCK_BUSY) {
			if (!busy(lab, again_us, why))
				return false;
		} else if (!quiet(lab))
			return fail(lab, why, "nothing can ever happen again: "
			    "every process waits without a time limit");
	}
}

void
lab_stats(const struct lab *lab, struct lab_stats *out)
{
	const char *name = NULL;
	struct clock_stats cs;

	memset(out, 0, sizeof *out);
	out->packets = lab->packets;
	out->busy_real_us = lab->busy_real_us;
	out->flight_waits = lab->flight_waits;
	if (lab->clock == NULL)
		return;
	clock_get_stats(lab->clock, &cs);
	out->jumps = cs.jumps;
	out->looks = cs.looks;
	out->dirty_waits = cs.dirty_waits;
	out->scan_real_us = cs.look_real_ns / 1000;
	if ((name = clock_unclocked(lab->clock)) != NULL)
		snprintf(out->unclocked, sizeof out->unclocked, "%s", name);
}

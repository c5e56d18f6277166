/*
 * Reports of failure that wait a while (ways reports-late, report-for-all).
 * What waits is noted in the queue, so that a stop or a crash only shortens
 * the wait.
 */
#include "reference_impl/engine.h"

#include "harness/base/xalloc.h"

#include <stdlib.h>

#define SECS_LATE	300
#define SECS_GATHER	20
#define SECS_AGAIN	60	/* the disk was full */

struct hold {
	struct hold	*next;
	struct engine	*engine;
	struct message	*message;
	struct event	*timer;
	bool		 expired;
};

static int
wait_secs(const struct ways *w)
{
	if (HAS_WAY(w, REPORTS_LATE))
		return SECS_LATE;
	return HAS_WAY(w, REPORT_FOR_ALL) ? SECS_GATHER : 0;
}

static void
arm(struct hold *h, int secs)
{
	struct timeval tv = { secs, 0 };

	event_add(h->timer, &tv);
}

static void
hold_free(struct hold *h)
{
	event_free(h->timer);
	free(h);
}

static void
end_hold(struct hold *h)
{
	struct hold **at = &h->engine->holds;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	hold_free(h);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct hold *h = arg;
	struct engine *e = h->engine;
	struct message *m = h->message;
	size_t *idx = xcalloc(m->count, sizeof *idx), n = 0, left = 0;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < m->count; i++)
		if (m->rcpts[i].state == RCPT_DOOMED)
			idx[n++] = i;
	engine_report_now(e, m, idx, n, DSN_FAILED, h->expired, 0);
	free(idx);
	for (size_t i = 0; i < m->count; i++)
		left += m->rcpts[i].state == RCPT_DOOMED;
	if (left > 0) {
		arm(h, SECS_AGAIN);
		return;
	}
	end_hold(h);
	if (message_open(m) == 0 && !engine_has_job(e, m))
		queue_remove(&e->queue, m);
}

static void
begin_hold(struct engine *e, struct message *m, bool expired, int secs)
{
	struct hold *h = e->holds;

	while (h != NULL && h->message != m)
		h = h->next;
	if (h != NULL) {
		h->expired |= expired;
		return;
	}
	h = xcalloc(1, sizeof *h);
	h->engine = e;
	h->message = m;
	h->expired = expired;
	h->timer = evtimer_new(e->base, on_due, h);
	h->next = e->holds;
	e->holds = h;
	arm(h, secs);
}

bool
report_hold(struct engine *e, struct message *m, const size_t *rcpts,
    size_t count, bool expired)
{
	int secs = wait_secs(&e->config->ways);

	if (secs == 0 || count == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		m->rcpts[rcpts[i]].state = RCPT_DOOMED;
	if (!queue_save(&e->queue, m)) {	/* then not by this way */
		for (size_t i = 0; i < count; i++)
			m->rcpts[rcpts[i]].state = RCPT_PENDING;
		return false;
	}
	begin_hold(e, m, expired, secs);
	return true;
}

void
report_hold_resume(struct engine *e, struct message *m)
{
	if (message_open(m) > message_pending(m))
		begin_hold(e, m, false, 0);
}

void
report_hold_close(struct engine *e)
{
	struct hold *h;

	while ((h = e->holds) != NULL) {
		e->holds = h->next;
		hold_free(h);
	}
}

/*
 * A bare lab: no namespace, no router, no clock of its own.  For an MTA that
 * runs elsewhere and reaches the fakes over a network that is not ours.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"

int
bare_run(const struct lab_config *cfg, int (*body)(struct lab *, void *),
    void *arg, char **error)
{
	struct lab lab = { .cfg = cfg, .speed = cfg->speed,
	    .log_fd = -1 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int rc;

	lab.base = event_base_new();
	if (lab.base == NULL || !wait_start(&lab)) {
		*error = xasprintf("event base: %s", strerror(errno));
		if (lab.base != NULL)
			event_base_free(lab.base);
		return -1;
	}
	sigaction(SIGPIPE, &ignore, &before);
	lab.timers = timers_new();
	procs_start(&lab);
	lab_begin(&lab);
	lab.epoch_s = time(NULL);
	rc = body(&lab, arg);
	procs_stop(&lab);
	timers_free(lab.timers);
	wait_stop(&lab);
	event_base_free(lab.base);
	sbuf_fini(&lab.why);
	sigaction(SIGPIPE, &before, NULL);
	return rc;
}

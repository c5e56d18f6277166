/*
 * The fake MX alone, for benchmarks against smtp-sink:
 *	smtp_server ADDRESS PORT [RULES]
 * RULES rules are in force, none of which ever matches.
 */
#include <event2/event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_smtp/fake_smtp.h"
#include "harness/base/xalloc.h"

/* Before it sleeps a lab looks so often whether there is more (lab/clock.c). */
#define LOOKS	50

static int
serve(struct event_base *base)
{
	int looks = 0, rc = 0;

	while (rc == 0) {
		event_base_get_max_events(base, EVENT_BASE_COUNT_ACTIVE, 1);
		rc = event_base_loop(base, looks < LOOKS ? EVLOOP_NONBLOCK :
		    EVLOOP_ONCE);
		if (event_base_get_max_events(base, EVENT_BASE_COUNT_ACTIVE,
		    0) > 0)
			looks = 0;
		else if (looks++ < LOOKS)
			sched_yield();
	}
	return rc;
}

int
main(int argc, char **argv)
{
	static const enum fsmtp_stage stages[] = { FSMTP_GREETING, FSMTP_EHLO,
		FSMTP_MAIL, FSMTP_RCPT, FSMTP_DATA, FSMTP_EOD, FSMTP_QUIT };
	struct addr addr, failed;
	struct fsmtp_host host = { .name = "bench.test", .addrs = &addr,
		.addr_count = 1 };
	struct fsmtp_config config = { .hosts = &host, .host_count = 1 };
	struct event_base *base = event_base_new();
	struct fsmtp *f;

	if (argc < 3 || !addr_parse(&addr, argv[1])) {
		fprintf(stderr, "usage: smtp_server ADDRESS PORT [RULES]\n");
		return 2;
	}
	host.rule_count = argc > 3 ? (size_t)atoi(argv[3]) : 0;
	host.rules = xcalloc(host.rule_count + 1, sizeof *host.rules);
	for (size_t i = 0; i < host.rule_count; i++) {
		host.rules[i].rule = (struct rule){ "bench", PHASE_ALWAYS,
			true, 0 };
		host.rules[i].stage = stages[i % 7];
		host.rules[i].sender = "nobody@*.invalid";
	}
	config.timers = timers_new();
	f = fsmtp_new(&config);
	if (fsmtp_listen(f, base, (uint16_t)atoi(argv[2]), &failed) != 0) {
		perror("listen");
		return 1;
	}
	return serve(base) == 0 ? 0 : 1;
}

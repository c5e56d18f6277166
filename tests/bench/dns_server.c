/*
 * fake_dns outside the lab, for benchmarks and by hand:
 *
 *	dns_server ZONEFILE ADDRESS PORT [SLOWNAME]
 *
 * Real time drives the timers.  Answers about SLOWNAME come two seconds
 * late, those about others must not.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_dns/fake_dns.h"
#include "harness/base/sbuf.h"

#define SLOW_US		(2 * USEC_PER_SEC)
#define TICK_US		10000

static int64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

struct driver {
	struct timers	*timers;
	int64_t		 start_us;
};

/* libevent: time for the timers. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct driver *d = arg;

	(void)fd;
	(void)what;
	timers_advance(d->timers, monotonic_us() - d->start_us);
}

/* libevent: SIGINT or SIGTERM. */
static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

static struct fdns *
make_server(const char *zone_file, const char *slow, struct timers *timers)
{
	static struct fdns_rule rule = { .rule = { .id = "slow",
	    .phase = PHASE_ALWAYS }, .action = FDNS_TRUTH,
	    .delay_us = SLOW_US, .ttl = -1 };
	struct fdns_zone zone = { 0 };
	struct fdns_config cf = { .zones = &zone, .zone_count = 1,
	    .rules = &rule, .rule_count = slow ? 1 : 0, .timers = timers };
	struct fdns_error error;
	struct sbuf text = { 0 };
	struct fdns *f;

	if (sbuf_read_file(&text, zone_file) < 0) {
		perror(zone_file);
		exit(EXIT_FAILURE);
	}
	zone.text = sbuf_str(&text);
	rule.name = slow;
	if ((f = fdns_new(&cf, &error)) == NULL) {
		fprintf(stderr, "%s:%d: %s\n", zone_file, error.line,
		    error.text);
		exit(EXIT_FAILURE);
	}
	sbuf_fini(&text);
	return f;
}

int
main(int argc, char **argv)
{
	struct timeval tick = { 0, TICK_US };
	struct driver driver = { timers_new(), monotonic_us() };
	struct event_base *base = event_base_new();
	struct event *ticker, *sigint, *sigterm;
	struct fdns *f;
	struct addr addr;

	if (argc < 4 || argc > 5 || !addr_parse(&addr, argv[2]) ||
	    (addr.port = (uint16_t)atoi(argv[3])) == 0) {
		fputs("usage: dns_server ZONEFILE ADDRESS PORT [SLOWNAME]\n",
		    stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	f = make_server(argv[1], argc == 5 ? argv[4] : NULL, driver.timers);
	if (fdns_listen(f, base, &addr, 1, "resolver1") < 0) {
		perror(argv[2]);
		return EXIT_FAILURE;
	}
	ticker = event_new(base, -1, EV_PERSIST, on_tick, &driver);
	event_add(ticker, &tick);
	sigint = evsignal_new(base, SIGINT, on_signal, base);
	sigterm = evsignal_new(base, SIGTERM, on_signal, base);
	event_add(sigint, NULL);
	event_add(sigterm, NULL);
	puts("ready");
	fflush(stdout);
	event_base_dispatch(base);
	fdns_free(f);
	event_free(ticker);
	event_free(sigint);
	event_free(sigterm);
	event_base_free(base);
	timers_free(driver.timers);
	return EXIT_SUCCESS;
}

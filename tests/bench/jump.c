/*
 * What one jump of the virtual clock costs:
 *
 *	jump [JUMPS [SLEEPERS]]
 *
 * A process in a lab polls with a timeout of five virtual seconds, JUMPS
 * times, while SLEEPERS others only sleep, as the idle processes of an MTA
 * do.  Beside it, on the same CPU, the least that waking a process and
 * hearing of it again can cost: an octet to it and one back.  Prints both in
 * microseconds.
 */
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/lab/lab.h"

#define ROUND_TRIPS	20000

static struct shared {
	bool	 done;
	double	 jump_us, look_us;
	char	 why[256];
} *out;

static char self[PATH_MAX], preload[PATH_MAX], count[16];
static int sleepers;

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* --- inside --- */

static void
on_exit_of(void *ctx, int status)
{
	(void)ctx;
	out->done = true;
	if (status != 0)
		snprintf(out->why, sizeof out->why, "status %d", status);
}

static bool
is_done(void *ctx)
{
	(void)ctx;
	return out->done;
}

static int
body(struct lab *lab, void *arg)
{
	const char *const poller[] = { self, "poll", count, NULL };
	const char *const sleeper[] = { self, "sleep", NULL };
	struct lab_spawn how = { .argv = sleeper, .stdin_fd = -1 };
	struct lab_stats stats;
	const char *why = NULL;
	double start;

	(void)arg;
	for (int i = 0; i < sleepers; i++)
		if (lab_spawn(lab, &how) == NULL)
			return 1;
	how.argv = poller;
	how.on_exit = on_exit_of;
	start = now_us();
	if (lab_spawn(lab, &how) == NULL ||
	    !lab_loop(lab, is_done, NULL, &why)) {
		snprintf(out->why, sizeof out->why, "%s",
		    why != NULL ? why : "cannot start the poller");
		return 1;
	}
	lab_stats(lab, &stats);
	out->jump_us = (now_us() - start) / (double)stats.jumps;
	out->look_us = (double)stats.scan_real_us / (double)stats.jumps;
	lab_kill_all(lab);
	return 0;
}

/* --- the comparison --- */

static double
round_trip_us(void)
{
	int fds[2];
	char octet = 0;
	double start;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ||
	    (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		close(fds[0]);
		while (read(fds[1], &octet, 1) == 1 &&
		    write(fds[1], &octet, 1) == 1)
			;
		_exit(0);
	}
	close(fds[1]);
	start = now_us();
	for (int i = 0; i < ROUND_TRIPS; i++)
		if (write(fds[0], &octet, 1) != 1 ||
		    read(fds[0], &octet, 1) != 1)
			return -1;
	start = (now_us() - start) / ROUND_TRIPS;
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return start;
}

static void
keep_to_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}

int
main(int argc, char **argv)
{
	struct lab_config cfg = { .preload = preload, .mta_ipv4 = true,
	    .resolvers = 1, .clock = LAB_CLOCK_VIRTUAL, .pcap_fd = -1 };
	struct event_sink nobody = { 0 };
	char exe[PATH_MAX], *error = NULL;
	ssize_t n;

	if (argc > 1 && strcmp(argv[1], "poll") == 0) {
		for (int i = atoi(argv[2]); i > 0; i--)
			poll(NULL, 0, 5000);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "sleep") == 0)
		return (int)sleep(10 * 365 * 86400);
	n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n < 0)
		return 1;
	exe[n] = '\0';
	snprintf(self, sizeof self, LAB_HOST_DIR "%.4000s", exe);
	/* build/release/tests/bench/jump */
	for (int i = 0; i < 3; i++)
		*strrchr(exe, '/') = '\0';
	snprintf(preload, sizeof preload, "%.4000s/libmxclock.so", exe);
	snprintf(count, sizeof count, "%d", argc > 1 ? atoi(argv[1]) : 20000);
	sleepers = argc > 2 ? atoi(argv[2]) : 5;
	out = mmap(NULL, sizeof *out, PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	if (out == MAP_FAILED)
		return 1;
	cfg.sink = &nobody;
	keep_to_this_cpu();
	if (lab_run(&cfg, body, NULL, &error) != 0) {
		fprintf(stderr, "jump: %s\n", error != NULL ? error :
		    out->why);
		return 1;
	}
	printf("%.1f %.1f %.1f\n", out->jump_us, out->look_us,
	    round_trip_us());
	return 0;
}

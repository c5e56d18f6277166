/*
 * Ports for the benchmarks' servers:
 *
 *	port free		prints a port that is free for TCP and UDP
 *	port wait ADDRESS PORT PID	returns when a server takes connections
 *			there; fails when process PID is gone, or after 10 s
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/addr.h"

#define FREE_TRIES	100
#define WAIT_TRIES	1000
#define WAIT_PAUSE_NS	10000000L

/* A socket bound to `port` (0: any) of the loopback, or -1. */
static int
bound(int type, struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss);
	int fd = socket(a->family, type | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (bind(fd, (struct sockaddr *)&ss, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) != 0 ||
	    !addr_from_sockaddr(a, (struct sockaddr *)&ss))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
print_free(void)
{
	struct addr a;
	int tcp, udp;

	for (int i = 0; i < FREE_TRIES; i++) {
		addr_parse(&a, "127.0.0.1");
		if ((tcp = bound(SOCK_STREAM, &a)) < 0)
			break;
		udp = bound(SOCK_DGRAM, &a);
		close(tcp);
		if (udp < 0)
			continue;
		close(udp);
		printf("%u\n", a.port);
		return EXIT_SUCCESS;
	}
	perror("port free");
	return EXIT_FAILURE;
}

static int
wait_for(const struct addr *a, pid_t pid)
{
	static const struct timespec pause = { 0, WAIT_PAUSE_NS };
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss);
	int fd, failed;

	for (int i = 0; i < WAIT_TRIES; i++) {
		fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		failed = connect(fd, (struct sockaddr *)&ss, len);
		close(fd);
		if (failed == 0)
			return EXIT_SUCCESS;
		if (kill(pid, 0) != 0 && errno == ESRCH)
			break;
		nanosleep(&pause, NULL);
	}
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct addr a;

	if (argc == 2 && strcmp(argv[1], "free") == 0)
		return print_free();
	if (argc == 5 && strcmp(argv[1], "wait") == 0 &&
	    addr_parse(&a, argv[2])) {
		a.port = (uint16_t)atoi(argv[3]);
		return wait_for(&a, atoi(argv[4]));
	}
	fputs("usage: port free | port wait ADDRESS PORT PID\n", stderr);
	return 2;
}

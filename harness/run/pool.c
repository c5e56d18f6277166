#include "harness/run/pool.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/leave.h"
#include "harness/base/xalloc.h"

#define TICK_NS		100000000L

enum slot_state { SLOT_WAITING, SLOT_RUNNING, SLOT_ENDED };

struct slot {
	enum slot_state	 state;
	pid_t		 pid;
	unsigned	 place;		/* below the number of workers */
	int		 status;
	int64_t		 start_us, real_us;
};

struct crew {
	const struct pool *pool;
	struct slot	*slots;
	struct progress	*progress;	/* shared with the workers */
	size_t		 started, returned;
	unsigned	 running;
	bool		 enough;	/* done() asked for no more */
};

static int64_t
real_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* The smallest number that no running worker has. */
static unsigned
free_place(const struct crew *c)
{
	unsigned place = 0;

	for (size_t i = c->returned; i < c->started; )
		if (c->slots[i].state == SLOT_RUNNING &&
		    c->slots[i].place == place) {
			place++;
			i = c->returned;
		} else
			i++;
	return place;
}

/*
 * A lab keeps to the CPU it is born on: so that two of them are not born on
 * the same while another is idle, the workers take the CPUs in turn.
 */
static void
take_cpu(unsigned place)
{
	cpu_set_t all, one;
	unsigned nth;

	if (sched_getaffinity(0, sizeof all, &all) < 0)
		return;
	nth = place % (unsigned)CPU_COUNT(&all);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && nth-- == 0) {
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof one, &one);
			return;
		}
}

static void
start_job(struct crew *c, const sigset_t *unblocked)
{
	size_t job = c->started++;
	struct slot *s = &c->slots[job];
	pid_t parent = getpid();

	fflush(NULL);
	s->place = free_place(c);
	s->start_us = real_now_us();
	s->pid = fork();
	if (s->pid == 0) {
		/* A harness that is killed takes its workers along. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		setpgid(0, 0);
		if (c->pool->parallel > 1)
			take_cpu(s->place);
		sigprocmask(SIG_SETMASK, unblocked, NULL);
		leave(c->pool->work(c->pool->ctx, job, &c->progress[job]));
	}
	if (s->pid < 0) {
		s->state = SLOT_ENDED;
		s->status = -errno;
		return;
	}
	s->state = SLOT_RUNNING;
	c->running++;
}

/* Takes note of every worker that has ended. */
static void
reap(struct crew *c)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = c->returned; i < c->started; i++)
			if (c->slots[i].state == SLOT_RUNNING &&
			    c->slots[i].pid == pid) {
				c->slots[i].state = SLOT_ENDED;
				c->slots[i].status = status;
				c->slots[i].real_us = real_now_us() -
				    c->slots[i].start_us;
				c->running--;
			}
}

static void
return_in_order(struct crew *c)
{
	struct slot *s;

	while (c->returned < c->started) {
		s = &c->slots[c->returned];
		if (s->state != SLOT_ENDED)
			break;
		if (!c->pool->done(c->pool->ctx, c->returned++, s->status,
		    s->real_us))
			c->enough = true;
	}
}

static void
tick(struct crew *c)
{
	struct slot *s;

	if (c->pool->tick == NULL || c->returned >= c->started)
		return;
	s = &c->slots[c->returned];
	if (s->state == SLOT_RUNNING)
		c->pool->tick(c->pool->ctx, c->returned, c->returned,
		    &c->progress[c->returned], real_now_us() - s->start_us);
}

/* What takes too long is killed, and its lab with it. */
static void
kill_late(struct crew *c)
{
	int64_t now = real_now_us();

	for (size_t i = c->returned; i < c->started; i++)
		if (c->slots[i].state == SLOT_RUNNING &&
		    now - c->slots[i].start_us > c->pool->limit_us)
			kill(c->slots[i].pid, SIGKILL);
}

static void
kill_workers(struct crew *c)
{
	for (size_t i = c->returned; i < c->started; i++)
		if (c->slots[i].state == SLOT_RUNNING)
			kill(c->slots[i].pid, SIGKILL);
	for (size_t i = c->returned; i < c->started; i++)
		if (c->slots[i].state == SLOT_RUNNING)
			waitpid(c->slots[i].pid, NULL, 0);
}

/* The loop proper; returns -1 when a signal ended it. */
static int
attend(struct crew *c, const sigset_t *watched, const sigset_t *unblocked)
{
	const struct timespec wait = { .tv_nsec = TICK_NS };
	int sig;

	for (;;) {
		return_in_order(c);
		while (!c->enough && c->started < c->pool->count &&
		    c->running < c->pool->parallel)
			start_job(c, unblocked);
		if (c->running == 0 && (c->enough ||
		    c->started == c->pool->count) &&
		    c->returned == c->started)
			return 0;
		if (c->running == 0)
			continue;
		sig = sigtimedwait(watched, NULL, &wait);
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			return -1;
		reap(c);
		if (c->pool->limit_us > 0)
			kill_late(c);
		if (sig < 0)
			tick(c);
	}
}

int
pool_run(const struct pool *pool)
{
	struct crew c = { .pool = pool };
	size_t bytes = (pool->count + 1) * sizeof *c.progress;
	sigset_t watched, before;
	int rc;

	c.slots = xcalloc(pool->count, sizeof *c.slots);
	c.progress = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c.progress == MAP_FAILED) {
		perror("mxdrill: mmap");
		abort();
	}
	sigemptyset(&watched);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGCHLD);
	sigprocmask(SIG_BLOCK, &watched, &before);
	rc = attend(&c, &watched, &before);
	if (rc < 0)
		kill_workers(&c);
	sigprocmask(SIG_SETMASK, &before, NULL);
	munmap(c.progress, bytes);
	free(c.slots);
	return rc;
}

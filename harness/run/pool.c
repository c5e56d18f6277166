#include "harness/run/pool.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/leave.h"
#include "harness/base/xalloc.h"

#define TICK_NS		100000000L

/* AHEAD: started, and waits for its turn. */
enum slot_state { SLOT_WAITING, SLOT_AHEAD, SLOT_RUNNING, SLOT_ENDED };

struct slot {
	enum slot_state	 state;
	pid_t		 pid;
	unsigned	 place;		/* below the number of workers */
	int		 status;
	int		 turn_fd;
	int64_t		 start_us, real_us;
};

struct crew {
	const struct pool *pool;
	struct slot	*slots;
	struct progress	*progress;	/* shared with the workers */
	size_t		 started, returned;
	unsigned	 running;
	int		 cpu;		/* where we were at the start */
	cpu_set_t	 cpus;		/* where we may be */
	bool		 enough;	/* done() asked for no more */
};

static int64_t
real_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* With more at a time each CPU has its work, and its worker. */
static bool
works_ahead(const struct pool *pool)
{
	return pool->parallel == 1 && !pool->one_by_one;
}

static bool
slot_lives(const struct slot *s)
{
	return s->state == SLOT_AHEAD || s->state == SLOT_RUNNING;
}

/* The smallest number that no living worker has. */
static unsigned
free_place(const struct crew *c)
{
	unsigned place = 0;

	for (size_t i = c->returned; i < c->started; )
		if (slot_lives(&c->slots[i]) && c->slots[i].place == place) {
			place++;
			i = c->returned;
		} else
			i++;
	return place;
}

static void
note_cpus(struct crew *c)
{
	int cpu = sched_getcpu();

	c->cpu = cpu < 0 ? 0 : cpu;
	CPU_ZERO(&c->cpus);
	if (sched_getaffinity(0, sizeof c->cpus, &c->cpus) < 0)
		CPU_SET(c->cpu, &c->cpus);
}

/*
 * A lab keeps to the CPU it is born on: so that two of them are not born on
 * the same while another is idle, the workers take the CPUs in turn, from the
 * one on which we are not.
 */
static int
cpu_of(const struct crew *c, unsigned place)
{
	int cpu = c->cpu;

	for (unsigned n = 0; n <= place; n += CPU_ISSET(cpu, &c->cpus) ? 1 : 0)
		cpu = (cpu + 1) % CPU_SETSIZE;
	return cpu;
}

static void
take_cpu(const struct crew *c, unsigned place)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu_of(c, place), &one);
	sched_setaffinity(0, sizeof one, &one);
}

/* What the caller thinks about the last job must not slow this one down. */
static void
leave_cpu(const struct crew *c, unsigned place)
{
	cpu_set_t others = c->cpus;

	CPU_CLR(cpu_of(c, place), &others);
	if (CPU_COUNT(&others) > 0)
		sched_setaffinity(0, sizeof others, &others);
}

static void
slot_end(struct slot *s, int status)
{
	if (s->state == SLOT_RUNNING)
		s->real_us = real_now_us() - s->start_us;
	s->state = SLOT_ENDED;
	s->status = status;
	if (s->turn_fd >= 0)
		close(s->turn_fd);
}

static void
start_job(struct crew *c, const sigset_t *unblocked)
{
	size_t job = c->started++;
	struct slot *s = &c->slots[job];
	pid_t parent = getpid();

	fflush(NULL);
	s->place = free_place(c);
	s->turn_fd = eventfd(0, EFD_CLOEXEC);
	c->progress[job].turn_fd = s->turn_fd;
	s->pid = s->turn_fd < 0 ? -1 : fork();
	if (s->pid == 0) {
		/* A harness that is killed takes its workers along. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		setpgid(0, 0);
		if (c->pool->parallel > 1 || works_ahead(c->pool))
			take_cpu(c, s->place);
		sigprocmask(SIG_SETMASK, unblocked, NULL);
		leave(c->pool->work(c->pool->ctx, job, &c->progress[job]));
	}
	s->state = SLOT_AHEAD;
	if (s->pid < 0)
		slot_end(s, -errno);
}

static void
give_turn(struct crew *c, struct slot *s)
{
	eventfd_write(s->turn_fd, 1);
	s->state = SLOT_RUNNING;
	s->start_us = real_now_us();
	c->running++;
	if (works_ahead(c->pool))
		leave_cpu(c, s->place);
}

static struct slot *
slot_ahead(const struct crew *c)
{
	for (size_t i = c->returned; i < c->started; i++)
		if (c->slots[i].state == SLOT_AHEAD)
			return &c->slots[i];
	return NULL;
}

static void
start_jobs(struct crew *c, const sigset_t *unblocked)
{
	const struct pool *pool = c->pool;
	struct slot *s;

	while (!c->enough && c->running < pool->parallel)
		if ((s = slot_ahead(c)) != NULL)
			give_turn(c, s);
		else if (c->started < pool->count)
			start_job(c, unblocked);
		else
			return;
	if (works_ahead(pool) && slot_ahead(c) == NULL &&
	    c->started < pool->count)
		start_job(c, unblocked);
}

/* Takes note of every worker that has ended. */
static void
reap(struct crew *c)
{
	struct slot *s;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = c->returned; i < c->started; i++) {
			s = &c->slots[i];
			if (!slot_lives(s) || s->pid != pid)
				continue;
			if (s->state == SLOT_RUNNING)
				c->running--;
			slot_end(s, status);
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
		if (slot_lives(&c->slots[i]))
			kill(c->slots[i].pid, SIGKILL);
	for (size_t i = c->returned; i < c->started; i++)
		if (slot_lives(&c->slots[i])) {
			waitpid(c->slots[i].pid, NULL, 0);
			slot_end(&c->slots[i], 0);
		}
}

/* The loop proper; returns -1 when a signal ended it. */
static int
attend(struct crew *c, const sigset_t *watched, const sigset_t *unblocked)
{
	const struct timespec wait = { .tv_nsec = TICK_NS };
	int sig;

	for (;;) {
		if (c->pool->one_by_one)
			return_in_order(c);
		start_jobs(c, unblocked);
		if (!c->pool->one_by_one)
			return_in_order(c);
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
	note_cpus(&c);
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
	sched_setaffinity(0, sizeof c.cpus, &c.cpus);
	munmap(c.progress, bytes);
	free(c.slots);
	return rc;
}

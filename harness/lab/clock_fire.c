/*
 * Ends waits and fires the timers of processes.
 */
#include "harness/lab/clock_int.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* linux/timerfd.h clashes with sys/timerfd.h in Debian 12's headers. */
#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS	_IOW('T', 0, uint64_t)
#endif

/* A fired SLOT_POLLED notices within two slices unless it is stuck. */
#define POLLED_GRACE_NS	INT64_C(50000000)

static void
slot_free(struct page_slot *s)
{
	atomic_store(&s->tid, 0);
	atomic_store(&s->fd, -1);
	atomic_store(&s->state, SLOT_FREE);
}

static void
timerfd_forget(struct clock *c, size_t i)
{
	if (c->timerfds[i].fd >= 0)
		close(c->timerfds[i].fd);
	c->timerfds[i].fd = -1;
}

void
clock_timerfds_free(struct clock *c)
{
	for (size_t i = 0; i < PAGE_TIMERS; i++)
		timerfd_forget(c, i);
}

static void
timer_free(struct clock *c, size_t i)
{
	timerfd_forget(c, i);
	atomic_store(&c->page->timers[i].deadline_ns, PAGE_NEVER);
	atomic_store(&c->page->timers[i].state, SLOT_FREE);
}

/*
 * Takes hold of the timer itself while all sleep, so that a later close(),
 * dup() or fork() in the process does not matter.
 */
static void
timerfd_take(struct clock *c, size_t i)
{
	struct page_timer *t = &c->page->timers[i];
	struct clock_timerfd *own = &c->timerfds[i];
	uint32_t set = atomic_load(&t->set);
	int pidfd;

	if (own->fd >= 0 && own->set == set)
		return;
	timerfd_forget(c, i);
	own->set = set;
	own->pid = atomic_load(&t->pid);
	pidfd = (int)syscall(SYS_pidfd_open, own->pid, 0);
	if (pidfd < 0)
		return;
	own->fd = (int)syscall(SYS_pidfd_getfd, pidfd,
	    atomic_load(&t->fd), 0);
	close(pidfd);
}

/* Called when all sleep and the table of tasks is right. */
void
clock_sweep(struct clock *c)
{
	struct page *p = c->page;
	uint32_t top = atomic_load(&p->slot_top);

	for (uint32_t i = 0; i < top; i++)
		if (atomic_load(&p->slots[i].state) != SLOT_FREE &&
		    quiet_find(c->quiet, atomic_load(&p->slots[i].tid)) ==
		    NULL)
			slot_free(&p->slots[i]);
	while (top > 0 && atomic_load(&p->slots[top - 1].state) == SLOT_FREE)
		top--;
	atomic_store(&p->slot_top, top);

	top = atomic_load(&p->timer_top);
	for (uint32_t i = 0; i < top; i++) {
		struct page_timer *t = &p->timers[i];

		if (atomic_load(&t->state) == SLOT_FREE)
			timerfd_forget(c, i);
		else if (atomic_load(&t->kind) == PT_FD)
			timerfd_take(c, i);
		if (atomic_load(&t->state) == SLOT_FREE ||
		    quiet_find(c->quiet, atomic_load(&t->pid)) != NULL)
			continue;
		timer_free(c, i);
	}
}

int64_t
clock_next_deadline(struct clock *c)
{
	struct page *p = c->page;
	int64_t next = PAGE_NEVER, d;
	uint32_t top = atomic_load(&p->slot_top);

	for (uint32_t i = 0; i < top; i++) {
		d = atomic_load(&p->slots[i].deadline_ns);
		if (atomic_load(&p->slots[i].state) == SLOT_ARMED && d < next)
			next = d;
	}
	top = atomic_load(&p->timer_top);
	for (uint32_t i = 0; i < top; i++) {
		d = atomic_load(&p->timers[i].deadline_ns);
		if (atomic_load(&p->timers[i].state) == SLOT_ARMED && d < next)
			next = d;
	}
	return next == PAGE_NEVER ? TIME_NEVER : (next + 999) / 1000;
}

bool
clock_polled_pending(const struct clock *c)
{
	const struct page *p = c->page;
	uint32_t top = atomic_load(&p->slot_top);

	if (clock_real_ns() - c->fired_real_ns > POLLED_GRACE_NS)
		return false;
	for (uint32_t i = 0; i < top; i++)
		if (atomic_load(&p->slots[i].state) == SLOT_FIRED &&
		    atomic_load(&p->slots[i].kind) == SLOT_POLLED)
			return true;
	return false;
}

static void
slot_fire(struct clock *c, struct page_slot *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	atomic_store(&s->state, SLOT_FIRED);
	switch (atomic_load(&s->kind)) {
	case SLOT_FUTEX:
		syscall(SYS_futex, &s->state, FUTEX_WAKE, INT32_MAX, NULL,
		    NULL, 0);
		break;
	case SLOT_SOCKET:
		slot_name(sun.sun_path, atomic_load(&s->gen));
		/* Refused: its owner has just died, which is fine. */
		(void)sendto(c->wake_fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (struct sockaddr *)&sun,
		    offsetof(struct sockaddr_un, sun_path) + SLOT_NAME_LEN);
		break;
	case SLOT_POLLED:
		c->fired_real_ns = clock_real_ns();
		break;
	}
}

static bool
same_file(pid_t pid, int fd, int mine)
{
	return syscall(SYS_kcmp, pid, getpid(), KCMP_FILE, fd, mine) == 0;
}

/*
 * Makes the process's timerfd expire now.  Where the kernel has it, an ioctl
 * sets the ticks and wakes the readers before it returns.  Otherwise a real
 * timer of one nanosecond does: its readers have been woken once poll() sees
 * it, unless one of them was so fast that there is nothing left to see.
 */
static bool
timerfd_fire(struct clock *c, size_t i)
{
	const struct itimerspec now = { .it_value = { 0, 1 } };
	struct page_timer *t = &c->page->timers[i];
	struct clock_timerfd *own = &c->timerfds[i];
	struct pollfd pfd = { .fd = own->fd, .events = POLLIN };
	struct itimerspec its;
	uint64_t ticks = 1;

	if (own->fd < 0)
		return false;
	if (ioctl(own->fd, TFD_IOC_SET_TICKS, &ticks) < 0) {
		if (timerfd_settime(own->fd, 0, &now, NULL) < 0)
			return false;
		poll(&pfd, 1, 1);
		/* Takes the queue's lock: who is being woken has been. */
		timerfd_gettime(own->fd, &its);
	}
	return same_file(own->pid, atomic_load(&t->fd), own->fd);
}

static void
timer_signal(struct page_timer *t)
{
	pid_t pid = atomic_load(&t->pid), tid = atomic_load(&t->tid);
	int signo = atomic_load(&t->signo);
	siginfo_t si;

	if (atomic_load(&t->kind) == PT_ITIMER) {
		kill(pid, signo);
		return;
	}
	memset(&si, 0, sizeof si);
	si.si_signo = signo;
	si.si_code = SI_TIMER;
	si.si_overrun = (int)atomic_load(&t->overrun);
	si.si_value.sival_ptr = (void *)(uintptr_t)atomic_load(&t->value);
	if (tid != 0)
		syscall(SYS_rt_tgsigqueueinfo, pid, tid, signo, &si);
	else
		syscall(SYS_rt_sigqueueinfo, pid, signo, &si);
}

static void
timer_fire(struct clock *c, size_t i)
{
	struct page_timer *t = &c->page->timers[i];
	int64_t interval = atomic_load(&t->interval_ns);
	int64_t now = atomic_load(&c->page->elapsed_ns);
	int64_t next = atomic_load(&t->deadline_ns);

	/* A spinner can have moved time past several. */
	if (interval > 0)
		next += ((now - next) / interval + 1) * interval;
	atomic_store(&t->deadline_ns, interval > 0 ? next : PAGE_NEVER);
	if (atomic_load(&t->kind) == PT_FD) {
		if (!timerfd_fire(c, i))
			timer_free(c, i);
		return;
	}
	atomic_fetch_add(&t->fired, 1);
	syscall(SYS_futex, &t->fired, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
	if (atomic_load(&t->signo) != 0)
		timer_signal(t);
}

void
clock_fire_due(struct clock *c)
{
	struct page *p = c->page;
	int64_t now = atomic_load(&p->elapsed_ns);
	uint32_t top = atomic_load(&p->timer_top);

	for (uint32_t i = 0; i < top; i++)
		if (atomic_load(&p->timers[i].state) == SLOT_ARMED &&
		    atomic_load(&p->timers[i].deadline_ns) <= now)
			timer_fire(c, i);
	top = atomic_load(&p->slot_top);
	for (uint32_t i = 0; i < top; i++)
		if (atomic_load(&p->slots[i].state) == SLOT_ARMED &&
		    atomic_load(&p->slots[i].deadline_ns) <= now)
			slot_fire(c, &p->slots[i]);
}

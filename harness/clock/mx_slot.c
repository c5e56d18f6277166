/*
 * Waits: a slot of the page says until when, the controller ends the wait.
 */
#include "harness/clock/mx.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "harness/clock/real.h"

/*
 * This thread's waits, the innermost last; more than one only in signal
 * handlers.  Copies: one that a handler has left with siglongjmp() is on dead
 * stack.
 */
#define NEST_MAX	8
static __thread struct {
	const void *frame;
	struct mx_wait wait;
} nest[NEST_MAX] __attribute__((tls_model("initial-exec")));
static __thread unsigned nested __attribute__((tls_model("initial-exec")));
/* Sockets that this process has open: a forked child must close them. */
static _Atomic int sockets_open;
static pid_t slots_pid;

void
mx_slot_init(void)
{
	slots_pid = getpid();
}

static void
slot_free(struct page_slot *s)
{
	atomic_store(&s->tid, 0);
	atomic_store(&s->fd, -1);
	atomic_store(&s->state, SLOT_FREE);
}

/*
 * A thread forked while another one waited: the child has a copy of that
 * one's wake-up socket and nobody who would close it.
 */
void
mx_slot_fork_child(void)
{
	uint32_t top = atomic_load(&mx_page->slot_top);
	pid_t parent = slots_pid;
	int fd;

	slots_pid = getpid();
	for (uint32_t i = 0; atomic_load(&sockets_open) > 0 && i < top; i++) {
		struct page_slot *s = &mx_page->slots[i];

		fd = atomic_load(&s->fd);
		if (atomic_load(&s->state) == SLOT_FREE || fd < 0 ||
		    atomic_load(&s->pid) != parent)
			continue;
		MX_RAW(SYS_close, fd, 0, 0, 0, 0, 0);
		atomic_fetch_sub(&sockets_open, 1);
	}
	atomic_store(&sockets_open, 0);
	nested = 0;
}

static struct page_slot *
slot_claim(void)
{
	struct page_slot *s;
	uint32_t free_state, top;

	for (uint32_t i = 0; i < PAGE_SLOTS; i++) {
		s = &mx_page->slots[i];
		free_state = SLOT_FREE;
		if (!atomic_compare_exchange_strong(&s->state, &free_state,
		    SLOT_CLAIMED))
			continue;
		top = atomic_load(&mx_page->slot_top);
		while (top < i + 1 && !atomic_compare_exchange_weak(
		    &mx_page->slot_top, &top, i + 1))
			;
		return s;
	}
	atomic_fetch_add(&mx_page->slots_lost, 1);
	return NULL;
}

/* The socket that the controller will write to, or -1. */
static int
wake_socket(uint32_t gen)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	long fd;

	fd = MX_RAW(SYS_socket, AF_UNIX,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0, 0);
	if (fd < 0)
		return -1;
	slot_name(sun.sun_path, gen);
	if (MX_RAW(SYS_bind, fd, &sun, offsetof(struct sockaddr_un, sun_path) +
	    SLOT_NAME_LEN, 0, 0, 0) < 0) {
		MX_RAW(SYS_close, fd, 0, 0, 0, 0, 0);
		return -1;
	}
	return (int)fd;
}

static void
wait_drop(struct mx_wait *w)
{
	if (w->pid != slots_pid)
		return;			/* slot and socket are the parent's */
	if (w->fd >= 0) {
		MX_RAW(SYS_close, w->fd, 0, 0, 0, 0, 0);
		atomic_fetch_sub(&sockets_open, 1);
	}
	/* The controller takes a slot back when it believes us dead. */
	if (w->slot != NULL && atomic_load(&w->slot->gen) == w->gen)
		slot_free(w->slot);
	w->fd = -1;
	w->slot = NULL;
}

/*
 * A signal handler may have left an outer wait with siglongjmp(): its frame
 * then lies deeper in the stack than ours.  (A handler on a stack of its own
 * says nothing about the other stack.)
 */
static void
drop_abandoned(const struct mx_wait *inner)
{
	stack_t ss = { 0 };

	if (nested == 0 ||
	    (uintptr_t)nest[nested - 1].frame > (uintptr_t)inner)
		return;
	if (MX_RAW(SYS_sigaltstack, NULL, &ss, 0, 0, 0, 0) < 0 ||
	    (ss.ss_flags & SS_ONSTACK))
		return;
	while (nested > 0 &&
	    (uintptr_t)nest[nested - 1].frame <= (uintptr_t)inner)
		wait_drop(&nest[--nested].wait);
}

static void
nest_enter(const struct mx_wait *w)
{
	nest[nested].frame = w;
	nest[nested].wait = *w;
	nested++;
}

/* With what was abandoned inside it. */
static void
nest_leave(const struct mx_wait *w)
{
	unsigned i = nested;

	while (i > 0 && nest[i - 1].frame != w)
		i--;
	if (i == 0)
		return;			/* was too deep to be entered */
	while (nested > i)
		wait_drop(&nest[--nested].wait);
	nested--;
}

void
mx_wait_begin(struct mx_wait *w, int64_t deadline_ns, enum slot_kind kind,
    const char *what)
{
	struct page_slot *s;

	drop_abandoned(w);
	w->deadline_ns = deadline_ns;
	w->fd = -1;
	w->pid = slots_pid;
	w->gen = atomic_fetch_add(&mx_page->gen, 1) + 1;
	w->slot = s = nested < NEST_MAX ? slot_claim() : NULL;
	if (s == NULL)
		kind = SLOT_POLLED;
	else {
		atomic_store(&s->gen, w->gen);
		atomic_store(&s->pid, (int32_t)MX_RAW(SYS_getpid, 0, 0, 0, 0,
		    0, 0));
		atomic_store(&s->tid, (int32_t)MX_RAW(SYS_gettid, 0, 0, 0, 0,
		    0, 0));
		atomic_store(&s->deadline_ns, deadline_ns);
		memset(s->what, 0, sizeof s->what);
		for (size_t i = 0; i < sizeof s->what - 1 && what[i]; i++)
			s->what[i] = what[i];
		if (kind == SLOT_SOCKET) {
			w->fd = wake_socket(w->gen);
			if (w->fd < 0)
				kind = SLOT_POLLED;
			else
				atomic_fetch_add(&sockets_open, 1);
		}
		atomic_store(&s->fd, w->fd);
		atomic_store(&s->kind, kind);
		atomic_store(&s->state, SLOT_ARMED);
	}
	w->kind = kind;
	if (s != NULL)
		nest_enter(w);
}

void
mx_wait_end(struct mx_wait *w)
{
	nest_leave(w);
	wait_drop(w);
}

bool
mx_wait_due(const struct mx_wait *w)
{
	return mx_now() >= w->deadline_ns;
}

struct timespec
mx_slice(clockid_t clock)
{
	return mx_to_ts(mx_real_now(clock) + MX_SLICE_NS);
}

/*
 * An endless futex wait would be restarted after a signal handler with
 * SA_RESTART; one with a timeout ends with EINTR, as sleeps must.
 */
int
mx_sleep(int64_t deadline_ns, const char *what)
{
	static const struct timespec years = { 1000000000, 0 };
	static const struct timespec slice = { 0, MX_SLICE_NS };
	struct mx_wait w;
	_Atomic uint32_t nobody = SLOT_ARMED;
	long rc = 0;

	if (mx_now() >= deadline_ns)
		return 0;
	mx_wait_begin(&w, deadline_ns, SLOT_FUTEX, what);
	while (!mx_wait_due(&w) && rc != -EINTR) {
		if (w.slot != NULL && w.kind == SLOT_FUTEX)
			rc = MX_BLOCK(SYS_futex, &w.slot->state, FUTEX_WAIT,
			    SLOT_ARMED, &years, 0, 0);
		else
			rc = MX_BLOCK(SYS_futex, &nobody, FUTEX_WAIT_PRIVATE,
			    SLOT_ARMED, &slice, 0, 0);
		if (rc == -EAGAIN && !mx_wait_due(&w))
			break;		/* the slot was taken from us */
	}
	mx_wait_end(&w);
	return rc == -EINTR ? EINTR : 0;
}

/*
 * What the clock can tell: programs without the preload, failures, sockets
 * and deaths that only the preload saw, what everybody waits for.
 */
#include "harness/lab/clock_int.h"

#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "harness/base/sbuf.h"

/* Has a line for the page's device and inode in its maps. */
static bool
maps_page(const struct clock *c, pid_t pid)
{
	struct sbuf maps = { 0 };
	char path[32], want[64];
	bool found;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	snprintf(want, sizeof want, " %02x:%02x %ju ", major(c->page_dev),
	    minor(c->page_dev), (uintmax_t)c->page_ino);
	/* Not readable or empty (a zombie): nothing to complain of. */
	found = sbuf_read_file(&maps, path) < 0 || maps.len == 0 ||
	    strstr(sbuf_str(&maps), want) != NULL;
	sbuf_fini(&maps);
	return found;
}

static bool
is_our_program(pid_t pid)
{
	struct stat own, st;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	return stat(path, &st) < 0 || stat("/proc/self/exe", &own) < 0 ||
	    (st.st_dev == own.st_dev && st.st_ino == own.st_ino);
}

/* Once for each program that a process runs (its name has changed). */
void
clock_check_programs(struct clock *c)
{
	char path[32], exe[256];
	size_t count;
	struct quiet_task *t = quiet_tasks(c->quiet, &count);
	ssize_t n;

	for (size_t i = 0; i < count; i++) {
		if (t[i].checked)
			continue;
		t[i].checked = true;
		if (t[i].pid != t[i].tid || c->unclocked[0] != '\0' ||
		    maps_page(c, t[i].pid) || is_our_program(t[i].pid))
			continue;
		snprintf(path, sizeof path, "/proc/%d/exe", t[i].pid);
		n = readlink(path, exe, sizeof exe - 1);
		exe[n < 0 ? 0 : n] = '\0';
		snprintf(c->unclocked, sizeof c->unclocked, "%.63s",
		    n > 0 ? exe : t[i].comm);
	}
}

const char *
clock_unclocked(struct clock *c)
{
	return c->unclocked[0] != '\0' ? c->unclocked : NULL;
}

static void
failure_emit(const struct page_failure *f, void (*fn)(void *,
    const struct clock_failure *), void *ctx)
{
	struct sockaddr_storage peer = { 0 };
	struct clock_failure out = {
		.pid = f->pid, .error = f->error, .peer = &peer,
	};

	memcpy(out.comm, f->comm, sizeof out.comm);
	out.comm[sizeof out.comm - 1] = '\0';
	memcpy(&peer, f->peer, sizeof f->peer);
	fn(ctx, &out);
}

/*
 * The next entry of a ring, or NULL: all is read up to *seen, `last` is the
 * newest, and each carries its number once it is whole.  What has been
 * overwritten is lost.
 */
static size_t
ring_next(uint64_t *seen, uint64_t last, size_t size)
{
	if (last - *seen > size)
		*seen = last - size;
	return (*seen + 1) % size;
}

#define RING_NEXT(ring, at, seen, last) \
	(*(seen) < (last) && atomic_load(&(ring)[at].seq) == *(seen) + 1 ? \
	    (++*(seen), &(ring)[at]) : NULL)

void
clock_failures(struct clock *c, void (*fn)(void *,
    const struct clock_failure *), void *ctx)
{
	struct page *p = c->page;
	uint64_t last = atomic_load(&p->failure_seq), *seen = &c->failures_seen;
	const struct page_failure *f;
	size_t at;

	do {
		at = ring_next(seen, last, PAGE_FAILURES);
		if ((f = RING_NEXT(p->failures, at, seen, last)) != NULL)
			failure_emit(f, fn, ctx);
	} while (f != NULL);
}

static void
socket_emit(const struct page_socket *s, void (*fn)(void *,
    const struct clock_socket *), void *ctx)
{
	struct sockaddr_storage self = { 0 }, peer = { 0 };
	struct clock_socket out = {
		.self = &self, .peer = &peer, .limits = s->limits,
	};

	memcpy(&self, s->self, sizeof s->self);
	memcpy(&peer, s->peer, sizeof s->peer);
	fn(ctx, &out);
}

void
clock_sockets(struct clock *c, void (*fn)(void *,
    const struct clock_socket *), void *ctx)
{
	struct page *p = c->page;
	uint64_t last = atomic_load(&p->socket_seq), *seen = &c->sockets_seen;
	const struct page_socket *s;
	size_t at;

	do {
		at = ring_next(seen, last, PAGE_SOCKETS);
		if ((s = RING_NEXT(p->sockets, at, seen, last)) != NULL)
			socket_emit(s, fn, ctx);
	} while (s != NULL);
}

void
clock_deaths(struct clock *c, void (*fn)(void *,
    const struct clock_death *), void *ctx)
{
	struct page *p = c->page;
	uint64_t last = atomic_load(&p->death_seq), *seen = &c->deaths_seen;
	const struct page_death *d;
	struct clock_death out;
	size_t at;

	do {
		at = ring_next(seen, last, PAGE_DEATHS);
		if ((d = RING_NEXT(p->deaths, at, seen, last)) == NULL)
			continue;
		out.pid = d->pid;
		out.signo = d->signo;
		memcpy(out.comm, d->comm, sizeof out.comm);
		out.comm[sizeof out.comm - 1] = '\0';
		fn(ctx, &out);
	} while (d != NULL);
}

static void
describe_wait(const struct clock *c, const struct quiet_task *t,
    struct sbuf *out)
{
	struct page *p = c->page;
	bool any = false;

	for (uint32_t i = 0; i < atomic_load(&p->slot_top); i++) {
		const struct page_slot *s = &p->slots[i];

		if (atomic_load(&s->state) < SLOT_ARMED ||
		    atomic_load(&s->tid) != t->tid)
			continue;
		sbuf_printf(out, ", %.15s until %.6f s", s->what,
		    (double)atomic_load(&s->deadline_ns) / 1e9);
		any = true;
	}
	for (uint32_t i = 0; i < atomic_load(&p->timer_top); i++) {
		const struct page_timer *m = &p->timers[i];

		if (atomic_load(&m->state) != SLOT_ARMED ||
		    atomic_load(&m->pid) != t->tid ||
		    atomic_load(&m->deadline_ns) == PAGE_NEVER)
			continue;
		sbuf_printf(out, ", timer at %.6f s",
		    (double)atomic_load(&m->deadline_ns) / 1e9);
	}
	if (!any)
		sbuf_printf(out, ", no deadline");
}

void
clock_describe(struct clock *c, struct sbuf *out)
{
	size_t count;
	struct quiet_task *t = quiet_tasks(c->quiet, &count);

	for (size_t i = 0; i < count; i++) {
		sbuf_printf(out, "%d", t[i].pid);
		if (t[i].tid != t[i].pid)
			sbuf_printf(out, "/%d", t[i].tid);
		sbuf_printf(out, " %s: state %c, system call %ld", t[i].comm,
		    t[i].state == '\0' ? '?' : t[i].state, t[i].nr);
		describe_wait(c, &t[i], out);
		sbuf_putc(out, '\n');
	}
}

#include "harness/lab/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/lab/clock_int.h"

#define NSEC		INT64_C(1000000000)
/*
 * Most of what a jump sets off is over within microseconds, on the CPU that
 * the lab shares: let it have that.  What lasts longer is waited for.
 */
#define LOOK_YIELDS		50
#define LOOK_AGAIN_MIN_US	20
#define LOOK_AGAIN_MAX_US	500

int64_t
clock_real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static int64_t
wall_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* The file gets its final name when it is complete. */
static struct page *
page_make(struct clock *c, const char *path, int64_t epoch_s)
{
	char *tmp = xasprintf("%s.new", path);
	struct page *p = MAP_FAILED;
	struct stat st;
	int fd, saved;

	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && fchmod(fd, 0666) == 0 &&
	    ftruncate(fd, sizeof *p) == 0 && fstat(fd, &st) == 0)
		p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (p != MAP_FAILED) {
		c->page_dev = st.st_dev;
		c->page_ino = st.st_ino;
		p->magic = PAGE_MAGIC;
		p->version = PAGE_VERSION;
		p->size = sizeof *p;
		p->epoch_ns = epoch_s * NSEC;
		/* Stamps of this very tick lie before the exact time. */
		p->real0_ns = wall_ns(CLOCK_REALTIME_COARSE);
		if (rename(tmp, path) < 0) {
			saved = errno;
			munmap(p, sizeof *p);
			unlink(tmp);
			errno = saved;
			p = MAP_FAILED;
		}
	}
	saved = errno;
	if (fd >= 0)
		close(fd);
	free(tmp);
	errno = saved;
	return p == MAP_FAILED ? NULL : p;
}

struct clock *
clock_new(const char *path, int64_t epoch_s, struct timers *timers)
{
	struct clock *c = xcalloc(1, sizeof *c);

	c->wake_fd = -1;
	c->stamp_fd = memfd_create("mxdrill-stamp", MFD_CLOEXEC);
	c->timers = timers;
	for (size_t i = 0; i < PAGE_TIMERS; i++)
		c->timerfds[i].fd = -1;
	c->quiet = quiet_new();
	if (c->quiet != NULL)
		c->page = page_make(c, path, epoch_s);
	if (c->page == NULL) {
		clock_stamps_coarsely(c);
		quiet_free(c->quiet);
		free(c);
		return NULL;
	}
	c->path = xstrdup(path);
	return c;
}

struct clock *
clock_watch_new(const char *path)
{
	struct clock *c = xcalloc(1, sizeof *c);

	c->wake_fd = c->stamp_fd = -1;
	for (size_t i = 0; i < PAGE_TIMERS; i++)
		c->timerfds[i].fd = -1;
	c->page = page_make(c, path, 0);
	if (c->page == NULL) {
		free(c);
		return NULL;
	}
	c->page->watch_only = 1;
	c->path = xstrdup(path);
	return c;
}

void
clock_free(struct clock *c)
{
	if (c == NULL)
		return;
	unlink(c->path);
	clock_timerfds_free(c);
	munmap(c->page, sizeof *c->page);
	quiet_free(c->quiet);
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	clock_stamps_coarsely(c);
	free(c->path);
	free(c);
}

void
clock_use_socket(struct clock *c, int dgram_fd)
{
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	c->wake_fd = dgram_fd;
	fcntl(dgram_fd, F_SETFD, FD_CLOEXEC);
	fcntl(dgram_fd, F_SETFL, fcntl(dgram_fd, F_GETFL) | O_NONBLOCK);
}

int64_t
clock_now(const struct clock *c)
{
	return atomic_load(&c->page->elapsed_ns) / 1000;
}

enum clock_look
clock_look(struct clock *c, int64_t *again_us)
{
	int64_t start = clock_real_ns();
	bool quiet = quiet_look(c->quiet);

	if (quiet) {
		clock_check_programs(c);
		clock_sweep(c);
		quiet = !clock_polled_pending(c);
	} else if (clock_next_deadline(c) <= clock_now(c))
		clock_fire_due(c);	/* a spinner has moved time */
	c->stats.looks++;
	c->stats.look_real_ns += clock_real_ns() - start;
	if (quiet) {
		c->busy_looks = 0;
		*again_us = 0;
		return CLOCK_QUIET;
	}
	if (c->busy_looks < LOOK_YIELDS) {
		c->busy_looks++;
		*again_us = 0;
		return CLOCK_BUSY;
	}
	*again_us = LOOK_AGAIN_MIN_US << ((c->busy_looks - LOOK_YIELDS) / 4);
	if (*again_us >= LOOK_AGAIN_MAX_US)
		*again_us = LOOK_AGAIN_MAX_US;
	else
		c->busy_looks++;
	return CLOCK_BUSY;
}

void
clock_stamps_coarsely(struct clock *c)
{
	if (c->stamp_fd >= 0)
		close(c->stamp_fd);
	c->stamp_fd = -1;
}

/*
 * Makes every stamp to come later than `real_ns`, if the kernel lets us.
 * From Linux 6.13 on a file that was looked at since the coarse clock's last
 * tick is stamped exactly, and no file anywhere is stamped earlier from then
 * on.  The first write may still bring the last tick, the second cannot.
 */
static bool
raise_stamps(struct clock *c, int64_t real_ns)
{
	struct stat st;

	for (int i = 0; i < 2 && c->stamp_fd >= 0; i++)
		if (pwrite(c->stamp_fd, "", 1, 0) == 1 &&
		    fstat(c->stamp_fd, &st) == 0 && st.st_mtim.tv_sec * NSEC +
		    st.st_mtim.tv_nsec > real_ns)
			return true;
	clock_stamps_coarsely(c);
	return false;
}

/* What was stamped so far belongs to the moment that ends now. */
static void
note_stamps(struct clock *c)
{
	struct page *p = c->page;
	uint64_t n = atomic_load(&p->stamp_count);
	int64_t now = wall_ns(CLOCK_REALTIME);

	if (atomic_exchange(&p->dirty, 0) == 0)
		return;
	if (n >= PAGE_STAMPS)
		atomic_fetch_add(&p->stamps_lost, 1);
	p->stamps[n % PAGE_STAMPS].real_ns = now;
	p->stamps[n % PAGE_STAMPS].elapsed_ns = atomic_load(&p->elapsed_ns);
	if (!raise_stamps(c, now))
		atomic_store(&p->stamp_floor_ns, now);
	atomic_store(&p->stamp_count, n + 1);
}

int64_t
clock_jump(struct clock *c, int64_t limit_us)
{
	int64_t now = clock_now(c), to = clock_next_deadline(c);

	if (timers_next(c->timers) < to)
		to = timers_next(c->timers);
	if (to == TIME_NEVER)
		return TIME_NEVER;
	if (to > limit_us)
		to = limit_us;
	if (to > now) {
		note_stamps(c);
		atomic_store(&c->page->elapsed_ns, to * 1000);
	} else
		to = now;
	atomic_fetch_add(&c->page->jumps, 1);
	c->stats.jumps++;
	timers_advance(c->timers, to);
	clock_fire_due(c);
	return to;
}

void
clock_get_stats(const struct clock *c, struct clock_stats *stats)
{
	*stats = c->stats;
	stats->dirty_waits = atomic_load(&c->page->dirty_waits);
}

#include "harness/lab/quiet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

struct quiet {
	int	 loadavg_fd;
	DIR	*proc;
	struct quiet_task *tasks;
	size_t	 count, cap;
	char	 last_pid[24];	/* of the scan that made the table */
	/*
	 * A pid is given out before its task can be seen, so a table made
	 * while somebody was in fork() may lack the child.  True: it was made
	 * while all in it slept.
	 */
	bool	 confirmed;
	unsigned scan, added;
	pid_t	 self;
};

struct quiet *
quiet_new(void)
{
	struct quiet *q = xcalloc(1, sizeof *q);

	q->self = getpid();
	q->loadavg_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	q->proc = opendir("/proc");
	if (q->loadavg_fd < 0 || q->proc == NULL) {
		quiet_free(q);
		return NULL;
	}
	return q;
}

static void
task_close(struct quiet_task *t)
{
	if (t->syscall_fd >= 0)
		close(t->syscall_fd);
	if (t->schedstat_fd >= 0)
		close(t->schedstat_fd);
	if (t->stat_fd >= 0)
		close(t->stat_fd);
}

void
quiet_free(struct quiet *q)
{
	int saved = errno;

	if (q == NULL)
		return;
	for (size_t i = 0; i < q->count; i++)
		task_close(&q->tasks[i]);
	if (q->loadavg_fd >= 0)
		close(q->loadavg_fd);
	if (q->proc != NULL)
		closedir(q->proc);
	free(q->tasks);
	free(q);
	errno = saved;
}

struct quiet_task *
quiet_tasks(struct quiet *q, size_t *count)
{
	*count = q->count;
	return q->tasks;
}

struct quiet_task *
quiet_find(struct quiet *q, pid_t tid)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->tasks[i].tid == tid)
			return &q->tasks[i];
	return NULL;
}

/* The order of the table says nothing, but a late scan appends. */
static void
task_drop(struct quiet *q, size_t i)
{
	task_close(&q->tasks[i]);
	q->tasks[i] = q->tasks[--q->count];
}

static ssize_t
read_text(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	if (n < 0)
		return -1;
	buf[n] = '\0';
	return n;
}

static int
open_task_file(pid_t pid, pid_t tid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void
task_add(struct quiet *q, pid_t pid, pid_t tid)
{
	struct quiet_task *t = quiet_find(q, tid);
	char buf[16];

	/* Open files of a dead task stay those of the dead task. */
	if (t != NULL && t->pid == pid &&
	    read_text(t->schedstat_fd, buf, sizeof buf) >= 0) {
		t->seen = q->scan;
		return;
	}
	if (t != NULL)
		task_drop(q, (size_t)(t - q->tasks));
	if (q->count == q->cap) {
		q->cap = q->cap == 0 ? 64 : 2 * q->cap;
		q->tasks = xreallocarray(q->tasks, q->cap, sizeof *q->tasks);
	}
	t = &q->tasks[q->count];
	memset(t, 0, sizeof *t);
	t->pid = pid;
	t->tid = tid;
	t->seen = q->scan;
	t->syscall_fd = open_task_file(pid, tid, "syscall");
	t->schedstat_fd = open_task_file(pid, tid, "schedstat");
	t->stat_fd = open_task_file(pid, tid, "stat");
	q->count++;
	q->added++;
}

static void
scan_threads(struct quiet *q, pid_t pid)
{
	struct dirent *de;
	char path[32];
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	d = opendir(path);
	if (d == NULL)
		return;			/* gone */
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9')
			task_add(q, pid, atoi(de->d_name));
	closedir(d);
}

/* The last field: the newest pid of our pid namespace. */
static bool
read_last_pid(struct quiet *q, char out[static 24])
{
	char buf[128], *last;

	if (read_text(q->loadavg_fd, buf, sizeof buf) <= 0)
		return false;
	last = strrchr(buf, ' ');
	if (last == NULL)
		return false;
	snprintf(out, 24, "%s", last + 1);
	return true;
}

static void
scan_all(struct quiet *q)
{
	struct dirent *de;
	pid_t pid;

	q->scan++;
	rewinddir(q->proc);
	while ((de = readdir(q->proc)) != NULL) {
		if (de->d_name[0] < '1' || de->d_name[0] > '9')
			continue;
		pid = atoi(de->d_name);
		if (pid != q->self)
			scan_threads(q, pid);
	}
	for (size_t i = q->count; i-- > 0; )
		if (q->tasks[i].seen != q->scan)
			task_drop(q, i);
}

/* Any pid was given out since the table was made: make it anew. */
static void
scan_if_new(struct quiet *q)
{
	char last[24];

	if (!read_last_pid(q, last) || strcmp(last, q->last_pid) == 0)
		return;
	memcpy(q->last_pid, last, sizeof last);
	q->confirmed = false;
	scan_all(q);
}

/* All in the table sleep, so nobody is in fork(): is it complete? */
static bool
confirm(struct quiet *q)
{
	unsigned before = q->added;

	if (!q->confirmed)
		scan_all(q);
	return q->added == before;
}

enum verdict { ASLEEP, RUNS, GONE };

static bool
read_runs(const struct quiet_task *t, uint64_t *runs)
{
	char buf[96], *p;

	if (read_text(t->schedstat_fd, buf, sizeof buf) <= 0)
		return false;
	p = strrchr(buf, ' ');
	if (p == NULL)
		return false;
	*runs = strtoull(p + 1, NULL, 10);
	return true;
}

/* "pid (comm) S ..."; comm may hold anything, also ")". */
static bool
read_state(struct quiet_task *t)
{
	char buf[512], *open_par, *close_par;
	size_t len;

	if (read_text(t->stat_fd, buf, sizeof buf) <= 0)
		return false;
	open_par = strchr(buf, '(');
	close_par = strrchr(buf, ')');
	if (open_par == NULL || close_par == NULL || close_par[1] != ' ')
		return false;
	t->state = close_par[2];
	len = (size_t)(close_par - open_par - 1);
	if (len > sizeof t->comm - 1)
		len = sizeof t->comm - 1;
	if (strncmp(t->comm, open_par + 1, len) != 0 || t->comm[len] != '\0') {
		memcpy(t->comm, open_par + 1, len);
		t->comm[len] = '\0';
		t->checked = false;	/* has called exec */
	}
	return true;
}

/* A parent in vfork() sleeps as in disk wait; its child is what counts. */
static bool
waits_for_vfork(const struct quiet_task *t)
{
	switch (t->nr) {
#ifdef SYS_vfork
	case SYS_vfork:
#endif
	case SYS_clone3:		/* its flags cannot be seen */
		return true;
	case SYS_clone:			/* fork() may wait for a lock */
		return (t->arg & CLONE_VFORK) != 0;
	default:
		return false;
	}
}

static bool
state_sleeps(const struct quiet_task *t)
{
	switch (t->state) {
	case 'S': case 'T': case 't': case 'Z': case 'X': case 'I':
		return true;
	case 'D':
		return waits_for_vfork(t);
	default:
		return false;
	}
}

static enum verdict
pass_one(struct quiet_task *t)
{
	char buf[256], *args;
	ssize_t n;

	if (t->slept)
		return ASLEEP;		/* pass two sees if it still does */
	n = t->syscall_fd < 0 ? -1 : read_text(t->syscall_fd, buf, sizeof buf);
	if (n > 0 && buf[0] == 'r')
		return RUNS;
	if (n > 0) {
		t->nr = strtol(buf, &args, 10);
		t->arg = strtoul(args, NULL, 0);
	} else {
		if (n < 0 && errno == ESRCH)
			return GONE;
		t->nr = -2;		/* not readable: the state must do */
		if (!read_state(t))
			return GONE;
		if (!state_sleeps(t))
			return RUNS;
	}
	return read_runs(t, &t->runs) ? ASLEEP : GONE;
}

static enum verdict
pass_two(struct quiet_task *t)
{
	uint64_t runs;

	if (!read_state(t) || !read_runs(t, &runs))
		return GONE;
	t->slept = state_sleeps(t) && runs == t->runs;
	if (!t->slept)
		return RUNS;
	/* Without the system call it may still be on its way off the CPU. */
	t->slept = t->nr != -2;
	return ASLEEP;
}

/* Runs a pass; whoever runs is looked at first the next time. */
static bool
pass_all(struct quiet *q, enum verdict (*pass)(struct quiet_task *))
{
	struct quiet_task busy;

	for (size_t i = 0; i < q->count; ) {
		switch (pass(&q->tasks[i])) {
		case ASLEEP:
			i++;
			break;
		case GONE:
			task_drop(q, i);
			break;
		case RUNS:
			busy = q->tasks[i];
			q->tasks[i] = q->tasks[0];
			q->tasks[0] = busy;
			return false;
		}
	}
	return true;
}

bool
quiet_look(struct quiet *q)
{
	char last[24];

	scan_if_new(q);
	if (!pass_all(q, pass_one) || !confirm(q) || !pass_all(q, pass_two))
		return false;
	if (!read_last_pid(q, last) || strcmp(last, q->last_pid) != 0)
		return false;
	q->confirmed = true;
	return true;
}

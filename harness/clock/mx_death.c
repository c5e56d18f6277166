/*
 * Which signal has ended a child, told to the controller: a supervisor that
 * starts a new one says nothing.  The name of a process is written down when
 * it begins, as it is gone with the process.
 */
#include "harness/clock/mx.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "harness/clock/real.h"

static struct page_name *
name_at(pid_t pid)
{
	return &mx_watch->names[(uint32_t)pid % PAGE_NAMES];
}

/* After exec and after fork. */
void
mx_name_self(void)
{
	pid_t pid = (pid_t)MX_RAW(SYS_getpid, 0, 0, 0, 0, 0, 0);
	struct page_name *n = name_at(pid);

	atomic_store(&n->pid, 0);
	MX_RAW(SYS_prctl, PR_GET_NAME, n->comm, 0, 0, 0, 0);
	atomic_store(&n->pid, pid);
}

static void
tell_death(pid_t pid, int signo)
{
	const struct page_name *n = name_at(pid);
	uint64_t seq = atomic_fetch_add(&mx_watch->death_seq, 1) + 1;
	struct page_death *d = &mx_watch->deaths[seq % PAGE_DEATHS];

	atomic_store(&d->seq, 0);
	d->pid = pid;
	d->signo = signo;
	memset(d->comm, 0, sizeof d->comm);
	if (atomic_load(&n->pid) == pid)
		memcpy(d->comm, n->comm, sizeof d->comm);
	atomic_store(&d->seq, seq);
}

/* libc's own wait4(), which all but waitid() lead to, is patched to this. */
EXPORT pid_t
wait4(pid_t which, int *status, int options, struct rusage *usage)
{
	int own = 0;
	pid_t pid;

	if (mx_watch == NULL)
		return REAL(wait4)(which, status, options, usage);
	pid = (pid_t)mx_ret(MX_BLOCK(SYS_wait4, which, &own, options, usage,
	    0, 0));
	if (pid > 0 && WIFSIGNALED(own))
		tell_death(pid, WTERMSIG(own));
	if (pid > 0 && status != NULL)
		*status = own;
	return pid;
}

EXPORT pid_t
waitpid(pid_t which, int *status, int options)
{
	return wait4(which, status, options, NULL);
}

EXPORT pid_t
wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

EXPORT pid_t
wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

/* A mere look (WNOWAIT) is no end: the wait proper follows. */
EXPORT int
waitid(idtype_t type, id_t which, siginfo_t *info, int options)
{
	siginfo_t own;
	int rc;

	if (mx_watch == NULL)
		return REAL(waitid)(type, which, info, options);
	memset(&own, 0, sizeof own);
	rc = (int)mx_ret(MX_BLOCK(SYS_waitid, type, which, &own, options,
	    NULL, 0));
	if (rc == 0 && own.si_pid > 0 && !(options & WNOWAIT) &&
	    (own.si_code == CLD_KILLED || own.si_code == CLD_DUMPED))
		tell_death(own.si_pid, own.si_status);
	if (rc == 0 && info != NULL)
		*info = own;
	return rc;
}

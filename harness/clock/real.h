/*
 * The functions that this library interposes and must be able to call.  One
 * line a function; the pointer is found with dlsym(RTLD_NEXT) at the start,
 * or at the first call when that comes from an earlier constructor.
 */
#ifndef MXD_CLOCK_REAL_H
#define MXD_CLOCK_REAL_H

#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define REAL_READS(H) \
	H(time) H(gettimeofday) H(clock_gettime) H(timespec_get)
#define REAL_WAITS(H) \
	H(poll) H(ppoll) H(select) H(pselect) H(epoll_wait) H(epoll_pwait) \
	H(epoll_pwait2)
#define REAL_SLEEPS(H) \
	H(sleep) H(usleep) H(nanosleep) H(clock_nanosleep)
#define REAL_TIMERS(H) \
	H(alarm) H(ualarm) H(setitimer) H(getitimer) H(timer_create) \
	H(timer_settime) H(timer_gettime) H(timer_delete) \
	H(timer_getoverrun) H(timerfd_settime) H(timerfd_gettime)
#define REAL_TIMED(H) \
	H(pthread_cond_timedwait) H(pthread_cond_clockwait) \
	H(pthread_mutex_timedlock) H(pthread_mutex_clocklock) \
	H(pthread_rwlock_timedrdlock) H(pthread_rwlock_timedwrlock) \
	H(pthread_rwlock_clockrdlock) H(pthread_rwlock_clockwrlock) \
	H(pthread_timedjoin_np) H(pthread_clockjoin_np) \
	H(sem_timedwait) H(sem_clockwait) H(mtx_timedlock) H(cnd_timedwait) \
	H(sigtimedwait) H(semtimedop) H(mq_timedsend) H(mq_timedreceive) \
	H(aio_suspend) H(recvmmsg)
#define REAL_STATS(H) \
	H(stat) H(lstat) H(fstat) H(fstatat) H(statx)
#define REAL_FILES(H) \
	H(open) H(openat) H(creat) H(fopen) H(freopen) H(rename) H(renameat) \
	H(renameat2) H(link) H(linkat) H(symlink) H(symlinkat) H(unlink) \
	H(unlinkat) H(remove) H(mkdir) H(mkdirat) H(rmdir) H(mknod) \
	H(mknodat) H(mkfifo) H(mkfifoat) H(truncate) H(ftruncate) H(utime) \
	H(utimes) H(futimes) H(lutimes) H(futimesat) H(utimensat) \
	H(futimens) H(chmod) H(fchmod) H(fchmodat) H(chown) H(fchown) \
	H(lchown) H(fchownat) H(write) H(writev) H(pwrite) H(pwritev) \
	H(fallocate) H(posix_fallocate) H(mkstemp) H(mkstemps) H(mkostemp) \
	H(mkdtemp) H(bind)
#define REAL_SOCKETS(H) \
	H(connect) H(send) H(sendto) H(sendmsg) H(sendmmsg) H(setsockopt) \
	H(getsockopt) H(close) \
	H(recv) H(recvfrom) H(recvmsg) H(read) H(readv) \
	H(accept) H(accept4)
#define REAL_DEATHS(H) \
	H(wait) H(wait3) H(wait4) H(waitpid) H(waitid)
#define REAL_ALL(H) REAL_DEATHS(H) REAL_READS(H) REAL_WAITS(H) REAL_SLEEPS(H) \
	REAL_TIMERS(H) REAL_TIMED(H) REAL_STATS(H) REAL_FILES(H) \
	REAL_SOCKETS(H)

struct real {
#define H(name) __typeof__(name) *name;
	REAL_ALL(H)
#undef H
};
extern struct real mx_real;
void	 mx_real_resolve(void);

#define REAL(name) \
	(*(mx_real.name != NULL ? mx_real.name : \
	    (mx_real_resolve(), mx_real.name)))

#endif

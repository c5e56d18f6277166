/*
 * What the files of the preload library share.  The library goes into every
 * program of the lab: no malloc, no stdio, errno kept, nothing but raw
 * system calls on the hot paths.
 */
#ifndef MXD_CLOCK_MX_H
#define MXD_CLOCK_MX_H

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "harness/clock/page.h"

#define EXPORT	__attribute__((visibility("default")))
#define NSEC	INT64_C(1000000000)
#define MX_SLICE_NS	2000000		/* of a SLOT_POLLED wait, real */

/* NULL: no page, or the program keeps the real clock. */
extern struct page *mx_page;
/* Deaths are told in either case. */
extern struct page *mx_watch;

/* raw system call: -errno on failure, errno untouched. */
#define MX_RAW(nr, a, b, c, d, e, f) mx_raw6((nr), (long)(a), (long)(b), \
	    (long)(c), (long)(d), (long)(e), (long)(f))
long	 mx_raw6(long nr, long, long, long, long, long, long);
/* The same, as a cancellation point. */
long	 mx_block(long nr, long, long, long, long, long, long);
#define MX_BLOCK(nr, a, b, c, d, e, f) mx_block((nr), (long)(a), (long)(b), \
	    (long)(c), (long)(d), (long)(e), (long)(f))

static inline long
mx_ret(long rc)
{
	if (rc < 0 && rc > -4096) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}

/* mx_read.c: time */
int64_t	 mx_now(void);			/* elapsed, no tick */
void	 mx_spin(void);			/* one more look without a wait */
void	 mx_read_nothing(int fd);	/* one more end of file */
int64_t	 mx_real_now(clockid_t);	/* the kernel's clock */
/* Elapsed -> reading of that clock minus elapsed; false: not virtual. */
bool	 mx_clock_base(clockid_t, int64_t *base_ns);
bool	 mx_valid(const struct timespec *);
int64_t	 mx_from_ts(const struct timespec *);	/* saturates */
int64_t	 mx_from_tv(const struct timeval *);
struct timespec mx_to_ts(int64_t ns);
int64_t	 mx_add(int64_t a_ns, int64_t b_ns);	/* saturates */
int64_t	 mx_round(int64_t ns);		/* up to whole microseconds */
int64_t	 mx_after(int64_t delay_ns);	/* deadline */
/* Deadline of an absolute time of that clock, which must be virtual. */
int64_t	 mx_at(clockid_t, const struct timespec *);

/* mx_slot.c: a wait, on the waiter's stack */
struct mx_wait {
	struct page_slot *slot;		/* NULL: table full */
	enum slot_kind kind;
	int	 fd;			/* SLOT_SOCKET; else -1 */
	int64_t	 deadline_ns;
	uint32_t gen;
	pid_t	 pid;			/* a forked child has a mere copy */
};
/* SLOT_SOCKET becomes SLOT_POLLED when no socket is to be had. */
void	 mx_wait_begin(struct mx_wait *, int64_t deadline_ns, enum slot_kind,
	    const char *what);
void	 mx_wait_end(struct mx_wait *);
bool	 mx_wait_due(const struct mx_wait *);
void	 mx_slot_fork_child(void);
void	 mx_slot_init(void);
/* Sleeps; 0 or EINTR. */
int	 mx_sleep(int64_t deadline_ns, const char *what);
/* Now plus a slice, of a real clock: for loops on timed primitives. */
struct timespec mx_slice(clockid_t);

/* mx_timer.c */
void	 mx_timer_init(void);
/* mx_sock.c */
extern _Atomic bool mx_waits_limited;	/* SO_RCVTIMEO or SO_SNDTIMEO is set */
void	 mx_note_failure(int fd, const struct sockaddr *to, socklen_t len,
	    int error);
/* mx_connect.c: the errno for the program when a call on `fd` failed */
int	 mx_errno(int fd, int error);
/* mx_close.c */
extern _Atomic bool mx_lingers;		/* SO_LINGER is set */
/* mx_death.c */
void	 mx_name_self(void);
/* mx_patch.c: libc's own calls of these functions */
void	 mx_patch_libc(bool waits_alone);
/* mx_stamp.c: */
void	 mx_dirty(void);
void	 mx_dirty_fd(int fd);
void	 mx_stamp_map(int64_t *sec, long *nsec);

#endif

/*
 * The page: a file that the controller (harness/lab/clock.c) and every
 * process of the lab have mapped.  It holds the virtual time and what each
 * process waits for.  Processes write their own slots and timers at any
 * moment; all else is written by the controller, and only while every
 * process sleeps.
 *
 * Times are nanoseconds since the run began ("elapsed").  Deadlines are
 * rounded up to whole microseconds, so that the harness, which counts in
 * microseconds, and the processes always agree.
 */
#ifndef MXD_CLOCK_PAGE_H
#define MXD_CLOCK_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "harness/clock/kernel.h"

#define PAGE_PATH	"/run/mxd/clock"
#define PAGE_MAGIC	UINT64_C(0x6b636f6c4364786d)	/* "mxdClock" */
#define PAGE_VERSION	3
#define PAGE_SLOTS	2048
#define PAGE_TIMERS	512
#define PAGE_FAILURES	256
#define PAGE_SOCKETS	512
#define PAGE_DEATHS	256
#define PAGE_NAMES	4096
#define PAGE_STAMPS	262144		/* a power of two */
#define PAGE_NEVER	INT64_MAX
/* CLOCK_MONOTONIC at the start of every run: the same in each. */
#define PAGE_MONO0_NS	(INT64_C(100000) * 1000000000)

enum slot_state { SLOT_FREE, SLOT_CLAIMED, SLOT_ARMED, SLOT_FIRED };
enum slot_kind {
	SLOT_FUTEX,		/* sleeps on `state` itself */
	SLOT_SOCKET,		/* woken by a datagram to slot_name() */
	/*
	 * Blocks in a libc primitive that nobody else can end, in slices of
	 * real time.  Once fired it counts as busy until it has noticed.
	 */
	SLOT_POLLED,
};

struct page_slot {
	_Atomic uint32_t state;
	_Atomic uint32_t gen;		/* of the name, never the same twice */
	_Atomic int32_t	 pid, tid;
	_Atomic int64_t	 deadline_ns;
	_Atomic uint32_t kind;
	_Atomic int32_t	 fd;		/* SLOT_SOCKET, in the owner */
	char		 what[16];	/* name of the libc function */
};

enum timer_kind { PT_ITIMER = 1, PT_POSIX, PT_FD };

struct page_timer {
	_Atomic uint32_t state;		/* slot_state: FREE, CLAIMED, ARMED */
	_Atomic uint32_t kind;
	_Atomic int32_t	 pid;
	_Atomic int32_t	 signo;		/* 0: none (SIGEV_NONE, timerfd) */
	_Atomic int32_t	 tid;		/* SIGEV_THREAD_ID, else 0 */
	_Atomic int32_t	 fd;		/* PT_FD */
	_Atomic int32_t	 clockid;
	_Atomic uint32_t set;		/* counts settime calls */
	_Atomic uint32_t fired;		/* futex of SIGEV_THREAD */
	_Atomic uint32_t overrun;
	_Atomic int64_t	 deadline_ns;	/* PAGE_NEVER: disarmed */
	_Atomic int64_t	 interval_ns;
	_Atomic uint64_t value;		/* sigev_value */
};

/* seq: 0 empty, else number of the failure, stored last. */
struct page_failure {
	_Atomic uint64_t seq;
	int32_t	 pid, error;
	char	 comm[16];
	uint8_t	 peer[28];		/* sockaddr_in or sockaddr_in6 */
};

/* As page_failure: a socket whose limits are not a new one's. */
struct page_socket {
	_Atomic uint64_t seq;
	uint8_t	 self[28], peer[28];	/* sockaddr_in or sockaddr_in6 */
	struct kernel_limits limits;
};

/* As page_failure: a signal ended a process, said who waited for it. */
struct page_death {
	_Atomic uint64_t seq;
	int32_t	 pid, signo;
	char	 comm[16];
};

/* Of process pid, at pid % PAGE_NAMES: a dead one's /proc entry is gone. */
struct page_name {
	_Atomic int32_t	 pid;
	char	 comm[16];
};

/* File stamps after the previous entry up to real_ns mean elapsed_ns. */
struct page_stamp {
	int64_t	 real_ns, elapsed_ns;
};

struct page {
	uint64_t magic;
	uint32_t version, size;
	uint32_t watch_only;		/* 1: the clock is the machine's own */
	int64_t	 epoch_ns;		/* wall clock of elapsed 0 */
	int64_t	 real0_ns;		/* real wall clock at the start */
	_Atomic int64_t	 elapsed_ns;
	_Atomic uint64_t jumps;
	_Atomic uint32_t slot_top;	/* slots in use are below */
	_Atomic uint32_t timer_top;
	_Atomic uint32_t gen;
	_Atomic uint32_t dirty;		/* files were stamped since the jump */
	_Atomic int64_t	 stamp_floor_ns; /* stamps must come after this */
	_Atomic uint64_t dirty_waits, slots_lost, stamps_lost, failure_seq;
	_Atomic uint64_t socket_seq, death_seq;
	_Atomic uint64_t stamp_count;	/* ever made; the ring keeps the last */
	struct page_slot slots[PAGE_SLOTS];
	struct page_timer timers[PAGE_TIMERS];
	struct page_failure failures[PAGE_FAILURES];
	struct page_socket sockets[PAGE_SOCKETS];
	struct page_death deaths[PAGE_DEATHS];
	struct page_name names[PAGE_NAMES];
	struct page_stamp stamps[PAGE_STAMPS];
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
    "the page needs atomics without locks");

#define SLOT_NAME_LEN	13

/* The abstract socket name, after its NUL byte: "mxd." and the number. */
static inline void
slot_name(char name[static SLOT_NAME_LEN], uint32_t gen)
{
	name[0] = '\0';
	name[1] = 'm';
	name[2] = 'x';
	name[3] = 'd';
	name[4] = '.';
	for (int i = 0; i < 8; i++)
		name[5 + i] = "0123456789abcdef"[gen >> (28 - 4 * i) & 15];
}

#endif

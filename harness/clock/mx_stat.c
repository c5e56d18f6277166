/*
 * stat and its kin: file stamps in virtual time (mx_stamp.c).
 */
#include "harness/clock/mx.h"

#include <sys/stat.h>

#include "harness/clock/real.h"

static void
map_ts(struct timespec *ts)
{
	int64_t sec = ts->tv_sec;
	long nsec = ts->tv_nsec;

	mx_stamp_map(&sec, &nsec);
	ts->tv_sec = sec;
	ts->tv_nsec = nsec;
}

static int
map_stat(int rc, struct stat *st)
{
	if (rc == 0 && mx_page != NULL) {
		map_ts(&st->st_atim);
		map_ts(&st->st_mtim);
		map_ts(&st->st_ctim);
	}
	return rc;
}

static void
map_statx_ts(struct statx_timestamp *ts)
{
	int64_t sec = ts->tv_sec;
	long nsec = ts->tv_nsec;

	mx_stamp_map(&sec, &nsec);
	ts->tv_sec = sec;
	ts->tv_nsec = (uint32_t)nsec;
}

EXPORT int
stat(const char *restrict path, struct stat *restrict st)
{
	return map_stat(REAL(stat)(path, st), st);
}

EXPORT int
lstat(const char *restrict path, struct stat *restrict st)
{
	return map_stat(REAL(lstat)(path, st), st);
}

EXPORT int
fstat(int fd, struct stat *st)
{
	return map_stat(REAL(fstat)(fd, st), st);
}

EXPORT int
fstatat(int dir, const char *restrict path, struct stat *restrict st,
    int flags)
{
	return map_stat(REAL(fstatat)(dir, path, st, flags), st);
}

EXPORT int
statx(int dir, const char *restrict path, int flags, unsigned mask,
    struct statx *restrict stx)
{
	int rc = REAL(statx)(dir, path, flags, mask, stx);

	if (rc == 0 && mx_page != NULL) {
		map_statx_ts(&stx->stx_atime);
		map_statx_ts(&stx->stx_mtime);
		map_statx_ts(&stx->stx_ctime);
		map_statx_ts(&stx->stx_btime);
	}
	return rc;
}

/* On 64-bit machines struct stat64 is struct stat. */
#define ALIAS64(name, ...) \
	EXPORT int name##64(__VA_ARGS__) __attribute__((alias(#name)))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattribute-alias"
#pragma GCC diagnostic ignored "-Wmissing-attributes"
ALIAS64(stat, const char *restrict, struct stat64 *restrict);
ALIAS64(lstat, const char *restrict, struct stat64 *restrict);
ALIAS64(fstat, int, struct stat64 *);
ALIAS64(fstatat, int, const char *restrict, struct stat64 *restrict, int);
#pragma GCC diagnostic pop

/* What programs built before glibc 2.33 call; the version is always 1. */
EXPORT int __xstat(int, const char *, struct stat *);
EXPORT int __lxstat(int, const char *, struct stat *);
EXPORT int __fxstat(int, int, struct stat *);
EXPORT int __fxstatat(int, int, const char *, struct stat *, int);
EXPORT int __xstat64(int, const char *, struct stat *)
    __attribute__((alias("__xstat")));
EXPORT int __lxstat64(int, const char *, struct stat *)
    __attribute__((alias("__lxstat")));
EXPORT int __fxstat64(int, int, struct stat *)
    __attribute__((alias("__fxstat")));
EXPORT int __fxstatat64(int, int, const char *, struct stat *, int)
    __attribute__((alias("__fxstatat")));

int
__xstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return stat(path, st);
}

int
__lxstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return lstat(path, st);
}

int
__fxstat(int version, int fd, struct stat *st)
{
	(void)version;
	return fstat(fd, st);
}

int
__fxstatat(int version, int dir, const char *path, struct stat *st, int flags)
{
	(void)version;
	return fstatat(dir, path, st, flags);
}

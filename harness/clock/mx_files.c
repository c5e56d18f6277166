/*
 * Everything that makes the kernel stamp a file with the present moment says
 * so first (mx_dirty()), and is otherwise passed on as it is.
 */
#include "harness/clock/mx.h"

#include <stdarg.h>
#include <sys/uio.h>

#include "harness/clock/real.h"

static void
dirty(void)
{
	if (mx_page != NULL)
		mx_dirty();
}

/* PASS(type, name, parameters, arguments): always stamps. */
#define FILE_OPS(PASS) \
PASS(creat, (const char *p, mode_t m), (p, m)) \
PASS(rename, (const char *a, const char *b), (a, b)) \
PASS(renameat, (int d, const char *a, int e, const char *b), (d, a, e, b)) \
PASS(renameat2, (int d, const char *a, int e, const char *b, unsigned f), \
    (d, a, e, b, f)) \
PASS(link, (const char *a, const char *b), (a, b)) \
PASS(linkat, (int d, const char *a, int e, const char *b, int f), \
    (d, a, e, b, f)) \
PASS(symlink, (const char *a, const char *b), (a, b)) \
PASS(symlinkat, (const char *a, int d, const char *b), (a, d, b)) \
PASS(unlink, (const char *p), (p)) \
PASS(unlinkat, (int d, const char *p, int f), (d, p, f)) \
PASS(remove, (const char *p), (p)) \
PASS(mkdir, (const char *p, mode_t m), (p, m)) \
PASS(mkdirat, (int d, const char *p, mode_t m), (d, p, m)) \
PASS(rmdir, (const char *p), (p)) \
PASS(mknod, (const char *p, mode_t m, dev_t v), (p, m, v)) \
PASS(mknodat, (int d, const char *p, mode_t m, dev_t v), (d, p, m, v)) \
PASS(mkfifo, (const char *p, mode_t m), (p, m)) \
PASS(mkfifoat, (int d, const char *p, mode_t m), (d, p, m)) \
PASS(truncate, (const char *p, off_t n), (p, n)) \
PASS(ftruncate, (int fd, off_t n), (fd, n)) \
PASS(utime, (const char *p, const struct utimbuf *t), (p, t)) \
PASS(utimes, (const char *p, const struct timeval t[2]), (p, t)) \
PASS(futimes, (int fd, const struct timeval t[2]), (fd, t)) \
PASS(lutimes, (const char *p, const struct timeval t[2]), (p, t)) \
PASS(futimesat, (int d, const char *p, const struct timeval t[2]), (d, p, t)) \
PASS(utimensat, (int d, const char *p, const struct timespec t[2], int f), \
    (d, p, t, f)) \
PASS(futimens, (int fd, const struct timespec t[2]), (fd, t)) \
PASS(chmod, (const char *p, mode_t m), (p, m)) \
PASS(fchmod, (int fd, mode_t m), (fd, m)) \
PASS(fchmodat, (int d, const char *p, mode_t m, int f), (d, p, m, f)) \
PASS(chown, (const char *p, uid_t u, gid_t g), (p, u, g)) \
PASS(fchown, (int fd, uid_t u, gid_t g), (fd, u, g)) \
PASS(lchown, (const char *p, uid_t u, gid_t g), (p, u, g)) \
PASS(fchownat, (int d, const char *p, uid_t u, gid_t g, int f), \
    (d, p, u, g, f)) \
PASS(fallocate, (int fd, int m, off_t o, off_t n), (fd, m, o, n)) \
PASS(posix_fallocate, (int fd, off_t o, off_t n), (fd, o, n)) \
PASS(mkstemp, (char *p), (p)) \
PASS(mkstemps, (char *p, int n), (p, n)) \
PASS(mkostemp, (char *p, int f), (p, f))

#define PASS(name, params, args) \
	EXPORT int \
	name params \
	{ \
		dirty(); \
		return REAL(name) args; \
	}
FILE_OPS(PASS)
#undef PASS

EXPORT char *
mkdtemp(char *template)
{
	dirty();
	return REAL(mkdtemp)(template);
}

/* Only an open that may create or change the file stamps it. */
static bool
open_stamps(int flags)
{
	return (flags & (O_CREAT | O_TRUNC)) != 0 ||
	    (flags & O_TMPFILE) == O_TMPFILE;
}

static mode_t
mode_arg(int flags, va_list ap)
{
	return open_stamps(flags) ? va_arg(ap, mode_t) : 0;
}

EXPORT int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_arg(flags, ap);
	va_end(ap);
	if (open_stamps(flags))
		dirty();
	return REAL(open)(path, flags, mode);
}

EXPORT int
openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_arg(flags, ap);
	va_end(ap);
	if (open_stamps(flags))
		dirty();
	return REAL(openat)(dir, path, flags, mode);
}

EXPORT FILE *
fopen(const char *restrict path, const char *restrict mode)
{
	if (mode[0] != 'r')
		dirty();
	return REAL(fopen)(path, mode);
}

EXPORT FILE *
freopen(const char *restrict path, const char *restrict mode,
    FILE *restrict f)
{
	if (mode[0] != 'r')
		dirty();
	return REAL(freopen)(path, mode, f);
}

/* libc's own write() is patched to lead here, so no way back into it. */
EXPORT ssize_t
write(int fd, const void *buf, size_t len)
{
	long rc;

	if (mx_page == NULL)
		return REAL(write)(fd, buf, len);
	mx_dirty_fd(fd);
	rc = MX_BLOCK(SYS_write, fd, buf, len, 0, 0, 0);
	return mx_ret(rc < 0 ? -mx_errno(fd, (int)-rc) : rc);
}

#define WRITES(W) \
	W(writev, (int fd, const struct iovec *v, int n), (fd, v, n)) \
	W(pwrite, (int fd, const void *p, size_t n, off_t o), (fd, p, n, o)) \
	W(pwritev, (int fd, const struct iovec *v, int n, off_t o), \
	    (fd, v, n, o))
#define W(name, params, args) \
	EXPORT ssize_t \
	name params \
	{ \
		ssize_t rc_; \
		if (mx_page != NULL) \
			mx_dirty_fd(fd); \
		rc_ = REAL(name) args; \
		if (rc_ < 0 && mx_page != NULL) \
			errno = mx_errno(fd, errno); \
		return rc_; \
	}
WRITES(W)
#undef W

/* The names of large-file programs; off_t has 64 bits on these machines. */
#define ALIAS(type, name, of, params) \
	EXPORT type name params __attribute__((alias(#of)));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattribute-alias"
#pragma GCC diagnostic ignored "-Wmissing-attributes"
ALIAS(int, open64, open, (const char *, int, ...))
ALIAS(int, openat64, openat, (int, const char *, int, ...))
ALIAS(int, creat64, creat, (const char *, mode_t))
ALIAS(FILE *, fopen64, fopen, (const char *restrict, const char *restrict))
ALIAS(FILE *, freopen64, freopen, (const char *restrict,
    const char *restrict, FILE *restrict))
ALIAS(int, truncate64, truncate, (const char *, off64_t))
ALIAS(int, ftruncate64, ftruncate, (int, off64_t))
ALIAS(ssize_t, pwrite64, pwrite, (int, const void *, size_t, off64_t))
ALIAS(ssize_t, pwritev64, pwritev, (int, const struct iovec *, int, off64_t))
ALIAS(int, fallocate64, fallocate, (int, int, off64_t, off64_t))
ALIAS(int, posix_fallocate64, posix_fallocate, (int, off64_t, off64_t))
ALIAS(int, mkstemp64, mkstemp, (char *))
ALIAS(int, mkstemps64, mkstemps, (char *, int))
ALIAS(int, mkostemp64, mkostemp, (char *, int))
#pragma GCC diagnostic pop

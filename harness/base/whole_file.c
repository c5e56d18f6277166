#include "harness/base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

static int
write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n)
		if ((n = write(fd, text, len)) < 0) {
			if (errno != EINTR)
				return -1;
			n = 0;
		}
	return 0;
}

static bool
is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Whom its owner has let read a file may read what takes its place. */
static mode_t
mode_for(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0644;
}

static int
write_special(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -1;
	rc = write_all(fd, text, len);
	return close(fd) < 0 ? -1 : rc;
}

int
whole_file_check(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *dir;
	int rc;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (is_special(path))
		return access(path, W_OK);
	dir = slash == NULL ? xstrdup(".") : xstrndup(path, slash == path ?
	    1 : (size_t)(slash - path));
	rc = access(dir, W_OK | X_OK);
	free(dir);
	return rc;
}

int
whole_file_write(const char *path, const char *text, size_t len)
{
	char *temp;
	int fd, rc = -1, saved;

	if (is_special(path))
		return write_special(path, text, len);
	temp = xasprintf("%s.XXXXXX", path);
	if ((fd = mkostemp(temp, O_CLOEXEC)) >= 0) {
		rc = fchmod(fd, mode_for(path));
		if (rc == 0)
			rc = write_all(fd, text, len);
		if (rc == 0)
			rc = fsync(fd);
		if (close(fd) < 0)
			rc = -1;
		if (rc == 0)
			rc = rename(temp, path);
		saved = errno;
		if (rc < 0)
			unlink(temp);
		errno = saved;
	}
	free(temp);
	return rc;
}

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

static FILE *
open_beside(struct whole_file *w)
{
	int fd = mkostemp(w->temp, O_CLOEXEC), saved;
	FILE *f = fd < 0 || fchmod(fd, mode_for(w->path)) < 0 ? NULL :
	    fdopen(fd, "w");

	if (f == NULL && fd >= 0) {
		saved = errno;
		close(fd);
		unlink(w->temp);
		errno = saved;
	}
	return f;
}

static void
forget(struct whole_file *w)
{
	int saved = errno;

	free(w->path);
	free(w->temp);
	memset(w, 0, sizeof *w);
	errno = saved;
}

int
whole_file_open(struct whole_file *w, const char *path)
{
	w->path = xstrdup(path);
	w->temp = is_special(path) ? NULL : xasprintf("%s.XXXXXX", path);
	w->f = w->temp != NULL ? open_beside(w) : fopen(path, "we");
	if (w->f != NULL)
		return 0;
	forget(w);
	return -1;
}

int
whole_file_close(struct whole_file *w)
{
	int rc, saved;

	errno = 0;
	rc = fflush(w->f);
	if (ferror(w->f)) {
		rc = -1;
		errno = errno != 0 ? errno : EIO;	/* it was long ago */
	}
	if (rc == 0 && w->temp != NULL)
		rc = fsync(fileno(w->f));
	if (fclose(w->f) != 0)
		rc = -1;
	if (rc == 0 && w->temp != NULL)
		rc = rename(w->temp, w->path);
	saved = errno;
	if (rc != 0 && w->temp != NULL)
		unlink(w->temp);
	errno = saved;
	forget(w);
	return rc == 0 ? 0 : -1;
}

int
whole_file_write(const char *path, const char *text, size_t len)
{
	struct whole_file w;

	if (whole_file_open(&w, path) < 0)
		return -1;
	fwrite(text, 1, len, w.f);
	return whole_file_close(&w);
}

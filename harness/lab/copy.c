#include "harness/lab/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

enum { MANY_ENTRIES = 64 };

int
file_write(const char *path, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;
	int fd;

	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	n = write(fd, text, len);
	if (close(fd) < 0 || n < 0)
		return -1;
	if ((size_t)n == len)
		return 0;
	errno = ENOSPC;
	return -1;
}

int
file_copy(int from_fd, const char *path)
{
	struct stat st;
	off_t left;
	ssize_t n = 0;
	int fd;

	if (fstat(from_fd, &st) < 0 ||
	    (unlink(path) < 0 && errno != ENOENT))
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	for (left = st.st_size; left > 0; left -= n)
		if ((n = sendfile(fd, from_fd, NULL, (size_t)left)) <= 0)
			break;
	if (n >= 0)
		n = fchmod(fd, st.st_mode & 07777);
	return close(fd) < 0 || n < 0 ? -1 : 0;
}

int
dirs_make(const char *path)
{
	char *copy = xstrdup(path), *p;
	int rc;

	for (p = copy + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = '\0';
		mkdir(copy, 0755);
	}
	rc = mkdir(copy, 0755);
	free(copy);
	return rc < 0 && errno != EEXIST ? -1 : 0;
}

/* Folders of a system that no mail program writes to. */
static bool
is_foreign(const char *name)
{
	static const char *const names[] = {
		"X11", "alternatives", "apt", "dpkg", "fonts", "init.d",
		"kernel", "python3", "security", "selinux", "ssl", "systemd",
		"udev"
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "rc", 2) == 0 && strcmp(name + 3, ".d") == 0;
}

static bool
is_large(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	if (d == NULL)
		return true;
	while (n <= MANY_ENTRIES && readdir(d) != NULL)
		n++;
	closedir(d);
	return n > MANY_ENTRIES;
}

static int
link_copy(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof target - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	unlink(to);
	return symlink(target, to);
}

/*
 * A folder that was linked gets an entry of its own: the link becomes a real
 * folder whose entries are links.
 */
static int
unfold(const char *to)
{
	char target[PATH_MAX];
	struct stat st;
	struct dirent *e;
	ssize_t n;
	char *a, *b;
	DIR *d;

	if (lstat(to, &st) < 0 || !S_ISLNK(st.st_mode))
		return mkdir(to, 0755) < 0 && errno != EEXIST ? -1 : 0;
	if ((n = readlink(to, target, sizeof target - 1)) < 0)
		return -1;
	target[n] = '\0';
	if (unlink(to) < 0 || mkdir(to, 0755) < 0)
		return -1;
	if ((d = opendir(target)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		a = xasprintf("%s/%s", target, e->d_name);
		b = xasprintf("%s/%s", to, e->d_name);
		if (symlink(a, b) < 0)
			errno = 0;
		free(a);
		free(b);
	}
	closedir(d);
	return 0;
}

static int
entry_copy(const char *from, const char *to, const char *link,
    const char *name)
{
	struct stat st;
	int fd, rc;

	if (lstat(from, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return link_copy(from, to);
	if (S_ISDIR(st.st_mode)) {
		if (link != NULL && (is_foreign(name) || is_large(from)))
			return symlink(link, to);
		if (unfold(to) < 0)
			return -1;
		chmod(to, st.st_mode & 07777);
		return tree_copy(from, to, link);
	}
	if (!S_ISREG(st.st_mode) ||
	    (fd = open(from, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	rc = file_copy(fd, to);
	close(fd);
	return rc;
}

int
tree_copy(const char *from, const char *to, const char *link_base)
{
	DIR *d = opendir(from);
	struct dirent *e;
	char *a, *b, *l;
	int rc = 0;

	if (d == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		a = xasprintf("%s/%s", from, e->d_name);
		b = xasprintf("%s/%s", to, e->d_name);
		l = link_base == NULL ? NULL :
		    xasprintf("%s/%s", link_base, e->d_name);
		rc = entry_copy(a, b, l, e->d_name);
		free(a);
		free(b);
		free(l);
	}
	closedir(d);
	return rc;
}

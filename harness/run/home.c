#include "harness/run/home.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

/*
 * The layouts tried, upwards from the program: a tree; what `make install`
 * makes, where "share" beside the program leads to the data wherever they
 * are; one that was put together by hand.
 */
static const struct {
	const char *scenarios, *mta;
} layouts[] = {
	{ "scenarios", "harness/mta" },
	{ "share/scenarios", "share/mta" },
	{ "share/mxdrill/scenarios", "share/mxdrill/mta" },
};

static bool
try_below(struct home *h, const char *dir)
{
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		h->scenarios = xasprintf("%s/%s", dir, layouts[i].scenarios);
		h->mta = xasprintf("%s/%s", dir, layouts[i].mta);
		if (access(h->scenarios, R_OK) == 0 &&
		    access(h->mta, R_OK) == 0)
			return true;
		free(h->scenarios);
		free(h->mta);
		h->scenarios = h->mta = NULL;
	}
	return false;
}

bool
home_find(struct home *h, char **error)
{
	char path[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	memset(h, 0, sizeof *h);
	if (n < 0) {
		*error = xasprintf("/proc/self/exe cannot be read: "
		    "mxdrill needs a mounted /proc");
		return false;
	}
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) != NULL)
		*slash = '\0';
	h->bin = xstrdup(path);
	do {
		if (try_below(h, path))
			return true;
		if ((slash = strrchr(path, '/')) != NULL)
			*slash = '\0';
	} while (slash != NULL);
	*error = xasprintf("no folders \"scenarios\" and \"harness/mta\" "
	    "above %s", h->bin);
	home_fini(h);
	return false;
}

void
home_fini(struct home *h)
{
	free(h->bin);
	free(h->scenarios);
	free(h->mta);
	memset(h, 0, sizeof *h);
}

/* Does `path` lead to the program that runs here? */
static bool
is_self(const char *path)
{
	struct stat self, other;

	return stat("/proc/self/exe", &self) == 0 &&
	    stat(path, &other) == 0 && self.st_dev == other.st_dev &&
	    self.st_ino == other.st_ino;
}

static bool
is_in_path(const char *name)
{
	const char *dir = getenv("PATH");
	char *path;
	size_t len;
	bool found;

	for (; dir != NULL && *dir != '\0'; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		path = xasprintf("%.*s/%s", (int)len, dir, name);
		found = len > 0 && access(path, X_OK) == 0;
		if (found) {
			found = is_self(path);
			free(path);
			return found;	/* the first one is what runs */
		}
		free(path);
	}
	return false;
}

char *
home_program(void)
{
	char path[PATH_MAX];
	ssize_t n;

	if (is_self("./mxdrill"))
		return xstrdup("./mxdrill");
	if (is_in_path("mxdrill"))
		return xstrdup("mxdrill");
	n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n < 0)
		return xstrdup("mxdrill");
	path[n] = '\0';
	return xstrdup(path);
}

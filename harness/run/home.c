#include "harness/run/home.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

/* The layouts tried, upwards from the program: a tree, an installation. */
static const struct {
	const char *scenarios, *mta;
} layouts[] = {
	{ "scenarios", "harness/mta" },
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
	while ((slash = strrchr(path, '/')) != NULL) {
		*slash = '\0';
		if (try_below(h, path))
			return true;
	}
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

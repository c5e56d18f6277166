#include "harness/lab/users.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

extern char **environ;

bool
users_range(const char *path, unsigned long *start, unsigned long *count)
{
	struct passwd *pw = getpwuid(getuid());
	char line[256], who[64];
	bool found = false;
	FILE *f = fopen(path, "re");
	char uid[24];

	if (f == NULL)
		return false;
	snprintf(uid, sizeof uid, "%lu", (unsigned long)getuid());
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = sscanf(line, "%63[^:]:%lu:%lu", who, start, count) ==
		    3 && *count > 0 && (strcmp(who, uid) == 0 ||
		    (pw != NULL && strcmp(who, pw->pw_name) == 0));
	fclose(f);
	return found;
}

static char *
write_map(pid_t pid, const char *file, const char *text)
{
	char path[64];
	int fd;
	char *error = NULL;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		error = xasprintf("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return error;
}

/* newuidmap(1) or newgidmap(1), which may do what we may not. */
static char *
run_mapper(const char *program, const char *ranges, pid_t pid,
    unsigned long self)
{
	char text[5][24];
	char *argv[] = { (char *)program, text[0], "0", text[1], "1", "1",
	    text[2], text[3], NULL };
	unsigned long start, count;
	int status, rc;
	pid_t child;

	if (!users_range(ranges, &start, &count))
		return xasprintf("this MTA needs several user ids and %s has "
		    "none for you (as root: usermod --add-subuids "
		    "200000-265535 --add-subgids 200000-265535 USER)", ranges);
	snprintf(text[0], sizeof text[0], "%ld", (long)pid);
	snprintf(text[1], sizeof text[1], "%lu", self);
	snprintf(text[2], sizeof text[2], "%lu", start);
	snprintf(text[3], sizeof text[3], "%lu", count);
	rc = posix_spawnp(&child, program, NULL, NULL, argv, environ);
	if (rc != 0)
		return xasprintf("%s: %s (as root: apt install uidmap)",
		    program, strerror(rc));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		return xasprintf("%s failed", program);
	return NULL;
}

char *
users_map(pid_t pid, bool many)
{
	char text[64], *error;

	if (many) {
		error = run_mapper("newuidmap", "/etc/subuid", pid,
		    (unsigned long)getuid());
		return error != NULL ? error : run_mapper("newgidmap",
		    "/etc/subgid", pid, (unsigned long)getgid());
	}
	if ((error = write_map(pid, "setgroups", "deny")) != NULL)
		return error;
	snprintf(text, sizeof text, "0 %lu 1", (unsigned long)getuid());
	if ((error = write_map(pid, "uid_map", text)) != NULL)
		return error;
	snprintf(text, sizeof text, "0 %lu 1", (unsigned long)getgid());
	return write_map(pid, "gid_map", text);
}

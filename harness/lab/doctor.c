/*
 * What this machine lacks for a lab, each with the command that mends it.
 * The last check is a whole lab, made and left again: what the others do not
 * think of it finds.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"
#include "harness/lab/users.h"

struct doctor {
	void		(*say)(void *, bool ok, const char *what,
			    const char *remedy);
	void		*ctx;
	bool		 well;
};

static void
finding(struct doctor *d, bool ok, const char *what, const char *remedy)
{
	d->say(d->ctx, ok, what, ok ? NULL : remedy);
	d->well &= ok;
}

/* Runs `fn` in a child of its own, whose namespaces go with it. */
static bool
try_in_child(bool (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(fn() ? 0 : 1);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && status == 0;
}

static bool
can_unshare(void)
{
	return unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
	    CLONE_NEWUTS | CLONE_NEWNET |
	    (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == 0;
}

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
can_overlay(void)
{
	bool own_users = geteuid() != 0;
	char users[64], groups[64];

	snprintf(users, sizeof users, "0 %lu 1", (unsigned long)getuid());
	snprintf(groups, sizeof groups, "0 %lu 1", (unsigned long)getgid());
	return unshare(CLONE_NEWNS | (own_users ? CLONE_NEWUSER : 0)) == 0 &&
	    (!own_users || (write_text("/proc/self/setgroups", "deny") &&
	    write_text("/proc/self/uid_map", users) &&
	    write_text("/proc/self/gid_map", groups))) &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0 &&
	    mkdir("/tmp/u", 0755) == 0 && mkdir("/tmp/w", 0755) == 0 &&
	    mkdir("/tmp/m", 0755) == 0 &&
	    mount("overlay", "/tmp/m", "overlay", 0, own_users ?
	    "lowerdir=/usr,upperdir=/tmp/u,workdir=/tmp/w,userxattr" :
	    "lowerdir=/usr,upperdir=/tmp/u,workdir=/tmp/w") == 0;
}

static void
check_tun(struct doctor *d)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	finding(d, fd >= 0, "/dev/net/tun can be opened",
	    errno == EACCES ? "sudo chmod 0666 /dev/net/tun" :
	    errno == ENOENT || errno == ENODEV ? "sudo modprobe tun"
	    " (in a container: docker run --device /dev/net/tun)" :
	    "docker run --device /dev/net/tun --cap-add NET_ADMIN");
	if (fd >= 0)
		close(fd);
}

static bool
in_path(const char *program)
{
	static const char *const dirs[] = {
		"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"
	};
	char path[128];

	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", dirs[i], program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void
check_users(struct doctor *d)
{
	unsigned long start, count;

	finding(d, in_path("newuidmap") && in_path("newgidmap"),
	    "newuidmap and newgidmap are installed",
	    "sudo apt install uidmap");
	finding(d, users_range("/etc/subuid", &start, &count) &&
	    users_range("/etc/subgid", &start, &count),
	    "/etc/subuid and /etc/subgid have a range for you",
	    "sudo usermod --add-subuids 200000-265535 --add-subgids "
	    "200000-265535 \"$USER\"");
}

static int
nothing(struct lab *lab, void *arg)
{
	(void)lab;
	(void)arg;
	return 0;
}

static void
check_lab(struct doctor *d, bool many_uids)
{
	struct lab_config cfg = {
		.clock = LAB_CLOCK_REAL, .many_uids = many_uids,
		.mta_ipv4 = true, .mta_ipv6 = true, .resolvers = 1,
		.pcap_fd = -1,
	};
	char *error;
	bool ok = lab_run(&cfg, nothing, NULL, &error) == 0;

	finding(d, ok, "a lab can be made", error);
	free(error);
}

bool
lab_doctor(bool many_uids, void (*say)(void *, bool ok, const char *what,
    const char *remedy), void *ctx)
{
	struct doctor d = { say, ctx, true };
	bool root = geteuid() == 0;

	fflush(NULL);
	finding(&d, try_in_child(can_unshare), root ?
	    "root may make namespaces" : "you may make user namespaces", root ?
	    "docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN "
	    "--security-opt apparmor=unconfined" :
	    "sudo sysctl -w user.max_user_namespaces=10000 "
	    "kernel.unprivileged_userns_clone=1 "
	    "kernel.apparmor_restrict_unprivileged_userns=0");
	check_tun(&d);
	finding(&d, try_in_child(can_overlay), root ?
	    "overlay file systems can be mounted" :
	    "overlay file systems can be mounted in a user namespace", root ?
	    "sudo modprobe overlay" : "Linux 5.11 or later; until then run "
	    "as root, or only MTAs that are installed");
	if (many_uids && !root)
		check_users(&d);
	check_lab(&d, many_uids);
	return d.well;
}

/*
 * The lab's own view of the file system.  Everything that may be written is
 * on tmpfs, so nothing is left behind and nothing of the machine is changed.
 *
 * As real root /etc, /var and /usr are overlays.  In a user namespace that
 * cannot work for what belongs to the machine's root (it appears as nobody's
 * and cannot be copied up), so /etc and /var are made afresh there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/lab/copy.h"
#include "harness/lab/inside.h"

/* What is taken hold of before its place is covered. */
struct held {
	int	 host, adapter, config;	/* detached mounts, -1: none */
	int	 preload;
	int	 root;			/* O_PATH */
};

static char *
failed(const char *what)
{
	return xasprintf("files: %s: %s", what, strerror(errno));
}

static int
detach(const char *path, int *fd)
{
	*fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	    AT_RECURSIVE);
	return *fd;
}

static char *
hold(struct held *h, const struct lab_config *cfg)
{
	*h = (struct held){ -1, -1, -1, -1, -1 };
	if (detach("/", &h->host) < 0)
		return failed("/");
	if (cfg->adapter_dir != NULL && detach(cfg->adapter_dir, &h->adapter)
	    < 0)
		return failed(cfg->adapter_dir);
	if (cfg->config_dir != NULL && detach(cfg->config_dir, &h->config) < 0)
		return failed(cfg->config_dir);
	if (cfg->preload != NULL &&
	    (h->preload = open(cfg->preload, O_RDONLY | O_CLOEXEC)) < 0)
		return failed(cfg->preload);
	if (cfg->root != NULL && (h->root = open(cfg->root, O_PATH |
	    O_DIRECTORY | O_CLOEXEC)) < 0)
		return failed(cfg->root);
	return NULL;
}

/* Puts a held tree at `path`, for reading only. */
static char *
place(int fd, const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (fd < 0)
		return NULL;
	if (mkdir(path, 0755) < 0 ||
	    mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
	    sizeof attr) < 0 || move_mount(fd, "", AT_FDCWD, path,
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return failed(path);
	close(fd);
	return NULL;
}

static int
tmpfs(const char *path, const char *options)
{
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options);
}

static char *
make_run(const struct held *h)
{
	static const char *const dirs[] = {
		"/run/lock", LAB_DIR, LAB_DIR "/work", LAB_DIR "/layer"
	};
	char *error;

	/* set-uid programs may lie below: an MTA unpacked for this run. */
	if (mount("tmpfs", "/run", "tmpfs", MS_NODEV, "mode=755") < 0)
		return failed("/run");
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (mkdir(dirs[i], 0755) < 0)
			return failed(dirs[i]);
	if ((error = place(h->host, LAB_HOST_DIR)) != NULL ||
	    (error = place(h->adapter, LAB_DIR "/adapter")) != NULL ||
	    (error = place(h->config, LAB_DIR "/config")) != NULL)
		return error;
	if (h->preload >= 0 &&
	    file_copy(h->preload, LAB_DIR "/libmxclock.so") < 0)
		return failed(LAB_DIR "/libmxclock.so");
	return NULL;
}

/* Lays <root>/NAME, if there is one, and a writable layer over /NAME. */
static char *
overlay(const struct held *h, const char *name, bool own_users)
{
	struct sbuf options = { 0 };
	char *upper = xasprintf(LAB_DIR "/layer/%s", name), *error = NULL;
	char *work = xasprintf(LAB_DIR "/layer/.%s", name);
	char *path = xasprintf("/%s", name);

	sbuf_puts(&options, "lowerdir=");
	if (h->root >= 0 && faccessat(h->root, name, F_OK, 0) == 0)
		sbuf_printf(&options, "/proc/self/fd/%d/%s:", h->root, name);
	sbuf_printf(&options, "%s,upperdir=%s,workdir=%s%s", path, upper, work,
	    own_users ? ",userxattr" : "");
	if (mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0 ||
	    mount("overlay", path, "overlay", 0, options.data) < 0)
		error = xasprintf("files: overlay of %s: %s%s", path,
		    strerror(errno), own_users ?
		    " (overlayfs in a user namespace needs Linux 5.11)" : "");
	sbuf_fini(&options);
	free(upper);
	free(work);
	free(path);
	return error;
}

/* /NAME afresh, with what <root>/NAME has. */
static char *
fresh(const struct held *h, const char *name, bool copy_host)
{
	char *path = xasprintf("/%s", name), *error = NULL, *from;
	char *host = xasprintf(LAB_HOST_DIR "/%s", name);

	if (mount("tmpfs", path, "tmpfs", MS_NODEV, "mode=755") < 0 ||
	    (copy_host && tree_copy(host, path, host) < 0))
		error = failed(path);
	if (error == NULL && h->root >= 0) {
		from = xasprintf("/proc/self/fd/%d/%s", h->root, name);
		if (tree_copy(from, path, NULL) < 0)
			error = failed(from);
		free(from);
	}
	free(path);
	free(host);
	return error;
}

static char *
make_var(const struct held *h)
{
	static const char *const dirs[] = {
		"/var/spool", "/var/lib", "/var/log", "/var/mail", "/var/cache",
	};
	char *error = fresh(h, "var", false);

	if (error != NULL)
		return error;
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (dirs_make(dirs[i]) < 0)
			return failed(dirs[i]);
	if (dirs_make("/var/tmp") < 0 || chmod("/var/tmp", 01777) < 0)
		return failed("/var/tmp");
	/* So that an adapter can ask dpkg for a version. */
	if ((symlink(LAB_HOST_DIR "/var/lib/dpkg", "/var/lib/dpkg") < 0 ||
	    symlink("/run", "/var/run") < 0 ||
	    symlink("/run/lock", "/var/lock") < 0) && errno != EEXIST)
		return failed("/var");
	return NULL;
}

static char *
make_dev(void)
{
	static const char *const nodes[] = {
		"null", "zero", "full", "random", "urandom", "tty"
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "pts/ptmx", "ptmx" },
	};
	const char *dir = LAB_DIR "/dev";
	char from[64], to[64];
	int fd;

	/*
	 * Mode 755: in a sticky folder of foreign ownership the kernel
	 * refuses `> /dev/null` (fs.protected_regular).
	 */
	if (mkdir(dir, 0755) < 0 || mount("tmpfs", dir, "tmpfs", MS_NOSUID,
	    "mode=755") < 0)
		return failed(dir);
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
		snprintf(from, sizeof from, "/dev/%s", nodes[i]);
		snprintf(to, sizeof to, "%s/%s", dir, nodes[i]);
		if ((fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) < 0)
			return failed(to);
		close(fd);
		if (mount(from, to, NULL, MS_BIND, NULL) < 0)
			return failed(from);
	}
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		snprintf(to, sizeof to, "%s/%s", dir, links[i][1]);
		if (symlink(links[i][0], to) < 0)
			return failed(to);
	}
	if (mkdir(LAB_DIR "/dev/pts", 0755) < 0 ||
	    mkdir(LAB_DIR "/dev/shm", 01777) < 0 ||
	    tmpfs(LAB_DIR "/dev/shm", "mode=1777") < 0 ||
	    mount("devpts", LAB_DIR "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	    "newinstance,ptmxmode=0666,mode=620") < 0 ||
	    mount(dir, "/dev", NULL, MS_MOVE, NULL) < 0)
		return failed("/dev");
	return NULL;
}

static const char services[] =
    "smtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\nsubmissions 465/tcp\n"
    "submission 587/tcp\nlmtp 24/tcp\n";
static const char protocols[] =
    "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\n";
static const char nsswitch[] =
    "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
    "networks: files\nprotocols: files\nservices: files\nethers: files\n"
    "rpc: files\naliases: files\n";

static void
resolver_lines(struct sbuf *b, const struct lab_config *cfg)
{
	static const char *const ip4[] = { LAB_RESOLVER1_IP4,
	    LAB_RESOLVER2_IP4 };
	static const char *const ip6[] = { LAB_RESOLVER1_IP6,
	    LAB_RESOLVER2_IP6 };

	sbuf_puts(b, "search " LAB_SEARCH_DOMAIN "\n");
	for (int i = 0; i < cfg->resolvers && i < 2; i++)
		sbuf_printf(b, "nameserver %s\n", cfg->mta_ipv4 ? ip4[i] :
		    ip6[i]);
}

static void
host_lines(struct sbuf *b, const struct lab_config *cfg)
{
	sbuf_puts(b, "127.0.0.1 localhost\n");
	if (cfg->mta_ipv6)
		sbuf_puts(b, "::1 localhost ip6-localhost ip6-loopback\n");
	if (cfg->mta_ipv4)
		sbuf_puts(b, LAB_MTA_IP4 " " LAB_MTA_NAME " mta\n");
	if (cfg->mta_ipv6)
		sbuf_puts(b, LAB_MTA_IP6 " " LAB_MTA_NAME " mta\n");
}

static char *
write_etc(const struct lab_config *cfg)
{
	struct sbuf resolv = { 0 }, hosts = { 0 };
	const struct {
		const char *path, *text;
		bool if_missing;
	} files[] = {
		{ "/etc/resolv.conf", (resolver_lines(&resolv, cfg),
		    sbuf_str(&resolv)), false },
		{ "/etc/hosts", (host_lines(&hosts, cfg), sbuf_str(&hosts)),
		    false },
		{ "/etc/nsswitch.conf", nsswitch, false },
		{ "/etc/hostname", LAB_MTA_NAME "\n", false },
		{ "/etc/mailname", LAB_MTA_NAME "\n", false },
		{ "/etc/ld.so.preload", cfg->preload != NULL ?
		    LAB_DIR "/libmxclock.so\n" : "", false },
		{ "/etc/services", services, true },
		{ "/etc/protocols", protocols, true },
	};
	char *error = NULL;

	for (size_t i = 0; i < sizeof files / sizeof files[0] &&
	    error == NULL; i++)
		if ((!files[i].if_missing || access(files[i].path, F_OK) < 0) &&
		    file_write(files[i].path, files[i].text) < 0)
			error = failed(files[i].path);
	sbuf_fini(&resolv);
	sbuf_fini(&hosts);
	return error;
}

char *
tree_make(const struct lab_config *cfg, bool own_users)
{
	struct held h;
	char *error;

	if ((error = hold(&h, cfg)) != NULL ||
	    (error = make_run(&h)) != NULL)
		return error;
	if (own_users) {
		if ((error = fresh(&h, "etc", true)) != NULL ||
		    (error = make_var(&h)) != NULL)
			return error;
	} else if ((error = overlay(&h, "etc", false)) != NULL ||
	    (error = overlay(&h, "var", false)) != NULL)
		return error;
	if ((!own_users || (h.root >= 0 &&
	    faccessat(h.root, "usr", F_OK, 0) == 0)) &&
	    (error = overlay(&h, "usr", own_users)) != NULL)
		return error;
	if (h.root >= 0)
		close(h.root);
	if (h.preload >= 0)
		close(h.preload);
	if ((error = make_dev()) != NULL)
		return error;
	if (tmpfs("/tmp", "mode=1777") < 0 || chdir("/") < 0)
		return failed("/tmp");
	return write_etc(cfg);
}

/*
 * lab_run(): makes the namespaces, forks process 1 into them and waits for
 * it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <grp.h>

#include "harness/base/leave.h"
#include "harness/base/xalloc.h"
#include "harness/lab/copy.h"
#include "harness/lab/inside.h"
#include "harness/lab/packet_log.h"
#include "harness/lab/users.h"

/* Between the caller and process 1, while the lab is being made. */
struct handshake {
	int	 go[2];		/* caller says: your users are mapped */
	int	 error[2];	/* process 1: what failed; closed: all well */
	int	 caller;	/* pidfd of the caller */
};

/* What may be written is mounted over it (tree.c). */
static char *
close_mounts(void)
{
	struct mount_attr attr = {
#ifndef MXD_COVERAGE	/* process 1 writes its counters beside its objects */
		.attr_set = MOUNT_ATTR_RDONLY,
#endif
		.propagation = MS_PRIVATE,
	};

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr) < 0)
		return xasprintf("private mounts: %s", strerror(errno));
	return NULL;
}

static char *
mount_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    NULL) < 0)
		return xasprintf("/proc: %s%s", strerror(errno),
		    errno == EPERM ? " (a container hides parts of /proc: "
		    "docker run --security-opt systempaths=unconfined)" : "");
	return NULL;
}

/*
 * Process 1 dies with its caller.  The signal of PR_SET_PDEATHSIG is lost if
 * the caller is dead already, and a change of user ids clears it, so this
 * comes after that and looks at the caller once more.
 */
static bool
die_with_caller(const struct handshake *h)
{
	struct pollfd p = { .fd = h->caller, .events = POLLIN };

	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&p, 1, 0) == 0;
}

static char *
become_root(bool many_uids)
{
	if ((many_uids && setgroups(0, NULL) < 0) ||
	    setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return xasprintf("user namespace: %s", strerror(errno));
	return NULL;
}

/*
 * All of the lab runs on one CPU, the one it was born on.  Its processes
 * hand the work from one to the next, so a second CPU would mostly be woken
 * up and put to sleep again; and the fewer run at once, the less can differ
 * between two runs.  Parallel labs have the other CPUs.
 */
static void
keep_to_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

static char *
lab_make(struct lab *lab, bool own_users)
{
	char *error;

	if ((error = close_mounts()) != NULL ||
	    (error = mount_proc()) != NULL ||
	    (error = net_make(&lab->net, lab->cfg)) != NULL ||
	    (error = tree_make(lab->cfg, own_users)) != NULL ||
	    (error = log_open(&lab->log_fd)) != NULL)
		return error;
	if (sethostname(LAB_MTA_NAME, strlen(LAB_MTA_NAME)) < 0)
		return xasprintf("host name: %s", strerror(errno));
	return NULL;
}

/*
 * The machine's load is not the lab's, and some MTAs stop at it.  The clock
 * has /proc/loadavg open by now: it needs the newest pid in it.
 */
static char *
hide_load(void)
{
	if (file_write(LAB_DIR "/loadavg", "0.00 0.00 0.00 1/1 1\n") < 0 ||
	    mount(LAB_DIR "/loadavg", "/proc/loadavg", NULL, MS_BIND, NULL) < 0)
		return xasprintf("/proc/loadavg: %s", strerror(errno));
	return NULL;
}

static char *
lab_open(struct lab *lab)
{
	const struct lab_config *cfg = lab->cfg;
	struct router_config rc = {
		.addrs = cfg->addrs, .addr_count = cfg->addr_count,
		.rules = cfg->net_rules, .rule_count = cfg->net_rule_count,
		.sink = &lab->packet_sink, .on_syn = cfg->on_syn,
		.ctx = cfg->ctx,
		.own_limits = cfg->clock == LAB_CLOCK_VIRTUAL,
	};

	lab->packet_sink = (struct event_sink){ .emit = net_packet_told,
	    .ctx = lab };
	lab->base = event_base_new();
	event_base_priority_init(lab->base, PRIORITIES);
	if (!wait_start(lab))
		return xasprintf("timerfd: %s", strerror(errno));
	lab->timers = timers_new();
	if (cfg->clock == LAB_CLOCK_VIRTUAL) {
		lab->clock = clock_new(LAB_DIR "/clock", LAB_EPOCH,
		    lab->timers);
		if (lab->clock == NULL)
			return xasprintf("clock: %s", strerror(errno));
		clock_use_socket(lab->clock, lab->net.wake_socket);
		lab->watch = lab->clock;
	} else {
		close(lab->net.wake_socket);
		if (cfg->preload != NULL && (lab->watch = clock_watch_new(
		    LAB_DIR "/clock")) == NULL)
			return xasprintf("clock: %s", strerror(errno));
	}
	lab->router = router_new(&rc);
	if (cfg->pcap_fd >= 0)
		lab->packet_log = packet_log_new(cfg->pcap_fd,
		    LAB_EPOCH);
	net_start(lab);
	procs_start(lab);
	log_start(lab);
	return hide_load();
}

static void
lab_close(struct lab *lab)
{
	if (packet_log_free(lab->packet_log) < 0)
		fprintf(stderr, "mxdrill: packet log: %s\n", strerror(errno));
	procs_stop(lab);
	log_stop(lab);
	net_stop(lab);
	router_free(lab->router);
	clock_free(lab->watch);
	timers_free(lab->timers);
	wait_stop(lab);
	event_base_free(lab->base);
	sbuf_fini(&lab->why);
}

static _Noreturn void
process_one(const struct lab_config *cfg, struct handshake *h, bool own_users,
    int (*body)(struct lab *, void *), void *arg)
{
	struct lab lab = { .cfg = cfg };
	char *error = NULL, byte;
	int status;

	close(h->go[1]);
	close(h->error[0]);
	if (own_users && read(h->go[0], &byte, 1) != 1)
		_exit(1);	/* the caller has failed and knows why */
	close(h->go[0]);
	if (own_users)
		error = become_root(cfg->many_uids);
	if (error == NULL && !die_with_caller(h))
		_exit(1);
	close(h->caller);
	if (cfg->clock == LAB_CLOCK_VIRTUAL)
		keep_to_one_cpu();
	if (error == NULL)
		error = lab_make(&lab, own_users);
	if (error == NULL)
		error = lab_open(&lab);
	if (error != NULL) {
		if (write(h->error[1], error, strlen(error)) < 0)
			_exit(2);
		leave(1);
	}
	close(h->error[1]);
	/* A process of the lab may end before it has read what we write. */
	signal(SIGPIPE, SIG_IGN);
	lab_begin(&lab);
	status = body(&lab, arg);
	lab_close(&lab);
	leave(status);
}

static char *
clone_failed(bool own_users)
{
	const char *remedy = "";

	if (errno == EPERM && !own_users)
		remedy = " (root without CAP_SYS_ADMIN; in a container: "
		    "--cap-add SYS_ADMIN --cap-add NET_ADMIN --device "
		    "/dev/net/tun --security-opt apparmor=unconfined)";
	else if (errno == EPERM || errno == ENOSPC || errno == EUSERS)
		remedy = " (user namespaces are switched off; as root: sysctl "
		    "-w user.max_user_namespaces=10000 "
		    "kernel.unprivileged_userns_clone=1 "
		    "kernel.apparmor_restrict_unprivileged_userns=0)";
	return xasprintf("namespaces: %s%s", strerror(errno), remedy);
}

/* All that process 1 has to say, until it closes its end. */
static char *
read_error(int fd)
{
	struct sbuf b = { 0 };
	char buf[512];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0)
		if (n > 0)
			sbuf_add(&b, buf, (size_t)n);
		else if (errno != EINTR)
			break;
	return b.len > 0 ? sbuf_steal(&b) : NULL;
}

static int
wait_for(pid_t pid, char **error)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			if (*error == NULL)
				*error = xasprintf("waitpid: %s",
				    strerror(errno));
			return -1;
		}
	if (*error != NULL)
		return -1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	*error = xasprintf("process 1 of the lab was killed by signal %d (%s)",
	    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return -1;
}

int
lab_run(const struct lab_config *cfg, int (*body)(struct lab *, void *),
    void *arg, char **error)
{
	bool own_users = geteuid() != 0;
	struct handshake h;
	struct clone_args ca = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
		    CLONE_NEWUTS | CLONE_NEWNET |
		    (own_users ? CLONE_NEWUSER : 0),
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	*error = NULL;
	if (cfg->bare)
		return bare_run(cfg, body, arg, error);
	fflush(NULL);		/* or process 1 would print it again */
	h.caller = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (h.caller < 0 || pipe2(h.go, O_CLOEXEC) < 0 ||
	    pipe2(h.error, O_CLOEXEC) < 0) {
		*error = xasprintf("lab: %s", strerror(errno));
		return -1;
	}
	pid = (pid_t)syscall(SYS_clone3, &ca, sizeof ca);
	if (pid == 0)
		process_one(cfg, &h, own_users, body, arg);
	if (pid < 0)
		*error = clone_failed(own_users);
	close(h.caller);
	close(h.go[0]);
	close(h.error[1]);
	if (pid > 0 && own_users &&
	    (*error = users_map(pid, cfg->many_uids)) == NULL &&
	    write(h.go[1], "", 1) != 1)
		*error = xasprintf("lab: %s", strerror(errno));
	close(h.go[1]);
	if (*error == NULL)
		*error = read_error(h.error[0]);
	close(h.error[0]);
	return pid < 0 ? -1 : wait_for(pid, error);
}

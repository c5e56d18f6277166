/*
 * Processes of the lab.  Process 1 reaps its own children and every orphan.
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"

#define LAB_PATH \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct output {
	struct lab_proc	*proc;
	int		 fd;		/* -1: at its end */
	struct event	*event;
	struct sbuf	 line;		/* what has no newline yet */
};

struct lab_proc {
	struct lab_proc	*next;
	struct lab	*lab;
	pid_t		 pid;
	bool		 exited;
	struct lab_spawn how;		/* argv and env are not kept */
	struct output	 out[2];	/* stdout, stderr */
};

static void
say_line(struct output *o, const char *line)
{
	struct lab_proc *p = o->proc;

	/* Nobody listens any more once on_exit has been called. */
	if (p->how.on_line != NULL && !p->exited)
		p->how.on_line(p->how.ctx, o == &p->out[1], line);
}

static void
output_end(struct output *o)
{
	if (o->fd < 0)
		return;
	if (o->line.len > 0)
		say_line(o, sbuf_str(&o->line));
	sbuf_fini(&o->line);
	event_free(o->event);
	close(o->fd);
	o->fd = -1;
}

/* Reads all that is there. */
static void
output_drain(struct output *o)
{
	char buf[4096], *nl;
	ssize_t n;

	if (o->fd < 0)
		return;
	while ((n = read(o->fd, buf, sizeof buf)) > 0) {
		sbuf_add(&o->line, buf, (size_t)n);
		while ((nl = memchr(o->line.data, '\n', o->line.len)) !=
		    NULL) {
			*nl = '\0';
			say_line(o, o->line.data);
			sbuf_consume(&o->line,
			    (size_t)(nl - o->line.data) + 1);
		}
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		output_end(o);
}

static void
proc_free(struct lab_proc *p)
{
	struct lab_proc **at = &p->lab->procs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	output_end(&p->out[0]);
	output_end(&p->out[1]);
	free(p);
}

static void
on_output(int fd, short what, void *arg)
{
	struct output *o = arg;
	struct lab_proc *p = o->proc;

	(void)fd;
	(void)what;
	output_drain(o);
	if (p->exited && p->out[0].fd < 0 && p->out[1].fd < 0)
		proc_free(p);
}

/* NULL: an orphan. */
static struct lab_proc *
proc_of(const struct lab *lab, pid_t pid)
{
	struct lab_proc *p = lab->procs;

	while (p != NULL && (p->pid != pid || p->exited))
		p = p->next;
	return p;
}

bool
lab_is_crash(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
	    sig == SIGILL || sig == SIGTRAP || sig == SIGSYS || sig == SIGABRT;
}

static void
tell_death(const struct lab *lab, const char *program, int sig)
{
	if (lab->cfg->on_death != NULL && (!lab->killing || lab_is_crash(sig)))
		lab->cfg->on_death(lab->cfg->ctx, program[0] != '\0' ?
		    program : "?", sig);
}

/* Before it is reaped: then its name is gone, too. */
static void
note_death(const struct lab *lab, const siginfo_t *si)
{
	struct sbuf comm = { 0 };
	char path[32];

	if ((si->si_code != CLD_KILLED && si->si_code != CLD_DUMPED) ||
	    proc_of(lab, si->si_pid) != NULL)
		return;
	snprintf(path, sizeof path, "/proc/%d/comm", si->si_pid);
	if (sbuf_read_file(&comm, path) == 0 && comm.len > 0)
		comm.data[strcspn(comm.data, "\n")] = '\0';
	tell_death(lab, sbuf_str(&comm), si->si_status);
	sbuf_fini(&comm);
}

static void
on_death_seen(void *arg, const struct clock_death *d)
{
	tell_death(arg, d->comm, d->signo);
}

void
procs_note_deaths(struct lab *lab)
{
	if (lab->watch != NULL)
		clock_deaths(lab->watch, on_death_seen, lab);
}

/*
 * A child of process 1 has ended.  A daemon that it left behind may still
 * hold the other end of its pipes: these stay open, lest the daemon be
 * killed by SIGPIPE, but what comes is read by nobody.
 */
static void
reaped(struct lab *lab, pid_t pid, int status)
{
	struct lab_proc *p = proc_of(lab, pid);

	if (p == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		output_drain(&p->out[i]);
		if (p->out[i].fd >= 0 && p->out[i].line.len > 0) {
			say_line(&p->out[i], sbuf_str(&p->out[i].line));
			sbuf_clear(&p->out[i].line);
		}
	}
	p->exited = true;
	if (p->how.on_exit != NULL)
		p->how.on_exit(p->how.ctx, status);
	if (p->out[0].fd < 0 && p->out[1].fd < 0)
		proc_free(p);
}

/* The next that has ended; false: none for now, or none is left. */
static bool
reap_one(struct lab *lab, int flags)
{
	siginfo_t si = { 0 };
	int status;

	if (waitid(P_ALL, 0, &si, WEXITED | WNOWAIT | flags) < 0)
		return errno == EINTR;
	if (si.si_pid == 0)
		return false;
	note_death(lab, &si);
	if (waitpid(si.si_pid, &status, 0) == si.si_pid)
		reaped(lab, si.si_pid, status);
	return true;
}

static void
on_child(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	while (reap_one(arg, WNOHANG))
		;
}

void
procs_start(struct lab *lab)
{
	lab->child_event = evsignal_new(lab->base, SIGCHLD, on_child, lab);
	event_add(lab->child_event, NULL);
}

void
procs_stop(struct lab *lab)
{
	while (lab->procs != NULL) {
		/* No namespace ends them with us. */
		if (lab->cfg->bare && !lab->procs->exited) {
			kill(-lab->procs->pid, SIGKILL);
			waitpid(lab->procs->pid, NULL, 0);
		}
		proc_free(lab->procs);
	}
	event_free(lab->child_event);
}

static char **
environment(const struct lab *lab, const struct lab_spawn *how)
{
	size_t n = 0, own = 0;
	char **env;

	while (how->env != NULL && how->env[n] != NULL)
		n++;
	if (lab->cfg->bare) {
		while (environ[own] != NULL)
			own++;
		env = xcalloc(n + own + 1, sizeof *env);
		memcpy(env, environ, own * sizeof *env);
		for (size_t i = 0; i < n; i++)
			env[own + i] = (char *)how->env[i];
		return env;
	}
	env = xcalloc(n + 3, sizeof *env);
	env[0] = (char *)LAB_PATH;
	env[1] = (char *)"HOME=/root";
	for (size_t i = 0; i < n; i++)
		env[i + 2] = (char *)how->env[i];
	return env;
}

/* What the child needs and what it has to say, in memory shared with us. */
struct birth {
	const struct lab *lab;
	const struct lab_spawn *how;
	char	**env;
	int	 out, err;
	int	 error;		/* errno; 0: it has become the program */
};

/*
 * Between clone and exec.  Memory is process 1's own, so that no page table
 * has to be copied: nothing here may allocate or change what is not on this
 * stack or in the birth.
 */
static int
become(void *arg)
{
	struct birth *b = arg;
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	int in = b->how->stdin_fd, out, err;
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (in < 0)
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Out of the way of 0, 1 and 2 first. */
	in = fcntl(in, F_DUPFD_CLOEXEC, 3);
	out = fcntl(b->out, F_DUPFD_CLOEXEC, 3);
	err = fcntl(b->err, F_DUPFD_CLOEXEC, 3);
	if (setpgid(0, 0) == 0 && (b->lab->cfg->bare ||
	    setns(b->lab->net.mta_ns, CLONE_NEWNET) == 0) &&
	    dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2 &&
	    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		execve(b->how->argv[0], (char **)(void *)b->how->argv,
		    b->env);
	b->error = errno;
	_exit(127);
}

/*
 * Clones, and returns once the child has become the program or failed: -1
 * with errno then.  Signals wait meanwhile, for their handlers would run in
 * our memory.
 */
static pid_t
clone_exec(struct birth *b)
{
	sigset_t all, before;
	size_t size = 64 * 1024;
	char *stack = xmalloc(size);
	int status, error;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = clone(become, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, b);
	error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(stack);
	if (pid > 0 && b->error != 0) {
		waitpid(pid, &status, 0);
		pid = -1;
		error = b->error;
	}
	errno = error;
	return pid;
}

static void
output_start(struct output *o, struct lab_proc *p, int fd)
{
	o->proc = p;
	o->fd = fd;
	o->event = event_new(p->lab->base, fd, EV_READ | EV_PERSIST,
	    on_output, o);
	event_add(o->event, NULL);
}

static void
close_pair(const int fds[2])
{
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
}

struct lab_proc *
lab_spawn(struct lab *lab, const struct lab_spawn *how)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, error;
	struct birth birth = { .lab = lab, .how = how };
	struct lab_proc *p;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		goto fail;
	birth.out = out[1];
	birth.err = err[1];
	birth.env = environment(lab, how);
	pid = clone_exec(&birth);
	error = errno;
	free(birth.env);
	errno = error;
	if (pid < 0)
		goto fail;
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	p = xcalloc(1, sizeof *p);
	p->lab = lab;
	p->pid = pid;
	p->how = *how;
	p->next = lab->procs;
	lab->procs = p;
	output_start(&p->out[0], p, out[0]);
	output_start(&p->out[1], p, err[0]);
	return p;
fail:
	error = errno;
	close_pair(out);
	close_pair(err);
	errno = error;
	return NULL;
}

pid_t
lab_proc_pid(const struct lab_proc *p)
{
	return p->pid;
}

/*
 * From process 1, kill(-1) reaches every other process of the pid namespace.
 * Their children become ours, so that waiting until there is nobody left
 * waits for all of them.
 */
void
lab_kill_all(struct lab *lab)
{
	assert(!lab->cfg->bare);	/* that would be the whole host */
	procs_note_deaths(lab);
	lab->killing = true;
	while (kill(-1, SIGKILL) == 0 || errno != ESRCH)
		while (reap_one(lab, 0))
			;
	while (reap_one(lab, WNOHANG))
		;
	procs_note_deaths(lab);
	lab->killing = false;
}

#include "harness/run/adapter.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

#define NOTES_KEPT	2000
#define EXIT_UNSUPPORTED 89
#define EXIT_TEMPORARY	75
#define EXIT_WRONG	64

static const char *const verb_words[] = {
#define X(sym, word, help) word,
	ADAPTER_VERBS(X)
#undef X
};

struct adapter {
	struct adapter_config cfg;
	struct sbuf	 env;		/* strings in a row, each with NUL */
	const char	**envp;
	struct call	*calls;		/* running */
	pid_t		 mta_pid;
	/*
	 * Standard input of the running `start`, -1: it takes no questions.
	 * One is put at a time, and its answer is what `start` prints.
	 */
	int		 ask_fd;
	struct call	*asked, *to_ask;
	char		*program;
};

/* One verb under way. */
struct call {
	struct call	*next;
	struct adapter	*adapter;
	enum adapter_verb verb;
	struct sbuf	 out, notes;
	adapter_fn	*done;
	void		*ctx;
};

static void
set(struct adapter *a, const char *name, const char *value)
{
	sbuf_printf(&a->env, "MXDRILL_%s=%s", name, value);
	sbuf_putc(&a->env, '\0');
}

/* A file of the host, where the adapter finds it. */
static void
set_host_file(struct adapter *a, const char *name, const char *dir,
    const char *file)
{
	char *path = xasprintf("%s%s%s", a->cfg.outside != NULL ? "" :
	    LAB_HOST_DIR, dir, file);

	set(a, name, path);
	free(path);
}

static void
set_options(struct adapter *a)
{
	const struct mta_spec *m = a->cfg.mta;
	char name[64];
	size_t i, k;

	for (i = 0; i < m->option_count; i++) {
		snprintf(name, sizeof name, "OPT_%s", m->options[i].name);
		for (k = 4; name[k] != '\0'; k++)
			name[k] = name[k] == '-' ? '_' :
			    name[k] >= 'a' && name[k] <= 'z' ?
			    (char)(name[k] - 'a' + 'A') : name[k];
		set(a, name, m->options[i].value);
	}
}

static void
set_smarthosts(struct adapter *a)
{
	struct sbuf b = { 0 };

	for (size_t i = 0; i < a->cfg.smarthost_count; i++)
		sbuf_printf(&b, "%s%s", i > 0 ? " " : "",
		    a->cfg.smarthosts[i]);
	set(a, "SMARTHOSTS", sbuf_str(&b));
	sbuf_fini(&b);
}

static void
index_env(struct adapter *a)
{
	size_t n = 0, i = 0;
	const char *p;

	for (i = 0; i < a->env.len; i++)
		n += a->env.data[i] == '\0';
	a->envp = xcalloc(n + 1, sizeof *a->envp);
	for (i = 0, p = a->env.data; i < n; i++, p += strlen(p) + 1)
		a->envp[i] = p;
}

struct adapter *
adapter_new(const struct adapter_config *cfg)
{
	struct adapter *a = xcalloc(1, sizeof *a);

	a->cfg = *cfg;
	a->ask_fd = -1;
	a->program = xasprintf("%s/adapter", cfg->outside != NULL ?
	    cfg->outside : LAB_DIR "/adapter");
	set(a, "DIR", cfg->outside != NULL ? "" : LAB_DIR "/work");
	set(a, "ADAPTER", cfg->outside != NULL ? cfg->outside :
	    LAB_DIR "/adapter");
	set_host_file(a, "ADAPTER_SH", cfg->home->mta, "/adapter.sh");
	set_host_file(a, "BIN", cfg->home->bin, "");
	set(a, "HOSTNAME", LAB_MTA_NAME);
	set(a, "IP4", cfg->mta_ipv4 ? LAB_MTA_IP4 : "");
	set(a, "IP6", cfg->mta_ipv6 ? LAB_MTA_IP6 : "");
	set(a, "CLIENTS", LAB_SUBMIT_IP4 " " LAB_SUBMIT_IP6);
	set(a, "RELAY_DOMAIN", cfg->relay_domain ? cfg->relay_domain : "");
	set_smarthosts(a);
	set(a, "CONFIG", cfg->has_config ? LAB_DIR "/config" : "");
	set_options(a);
	index_env(a);
	return a;
}

static void
call_free(struct call *c)
{
	sbuf_fini(&c->out);
	sbuf_fini(&c->notes);
	free(c);
}

static void
calls_free(struct call **list)
{
	struct call *c;

	while ((c = *list) != NULL) {
		*list = c->next;
		call_free(c);
	}
}

void
adapter_free(struct adapter *a)
{
	if (a == NULL)
		return;
	calls_free(&a->calls);
	calls_free(&a->asked);
	calls_free(&a->to_ask);
	if (a->ask_fd >= 0)
		close(a->ask_fd);
	sbuf_fini(&a->env);
	free(a->envp);
	free(a->program);
	free(a);
}

static enum adapter_status
status_of(int code)
{
	switch (code) {
	case 0:
		return ADAPTER_DONE;
	case EXIT_UNSUPPORTED:
		return ADAPTER_UNSUPPORTED;
	case EXIT_TEMPORARY:
		return ADAPTER_TEMPORARY;
	case EXIT_WRONG:
		return ADAPTER_WRONG;
	default:
		return ADAPTER_FAILED;
	}
}

static void
call_end(struct call *c, enum adapter_status status, int exit_code)
{
	struct adapter_result res = { .verb = verb_words[c->verb],
	    .status = status, .exit_code = exit_code,
	    .out = sbuf_str(&c->out), .notes = sbuf_str(&c->notes) };

	c->done(c->ctx, &res);
	call_free(c);
}

/* --- questions to the running `start` --- */

static bool
takes_question(const struct adapter *a, enum adapter_verb verb)
{
	return a->ask_fd >= 0 && a->cfg.info != NULL &&
	    adapter_info_has(a->cfg.info->answers, verb_words[verb]);
}

/*
 * Puts the next question.  One that cannot be written is answered by the end
 * of `start`, which is on its way.
 */
static void
ask_next(struct adapter *a)
{
	struct call *c = a->to_ask;

	if (a->asked != NULL || c == NULL)
		return;
	a->to_ask = c->next;
	c->next = NULL;
	a->asked = c;
	if (dprintf(a->ask_fd, "%s\n", verb_words[c->verb]) < 0)
		errno = 0;
}

static void
ask(struct adapter *a, struct call *c)
{
	struct call **link = &a->to_ask;

	while (*link != NULL)
		link = &(*link)->next;
	*link = c;
	ask_next(a);
}

/* A line of an answer; ". N" ends it, with N as an exit status. */
static void
answer_line(struct adapter *a, const char *line)
{
	struct call *c = a->asked;
	int code;

	if (strncmp(line, ". ", 2) != 0) {
		sbuf_puts(&c->out, line);
		sbuf_putc(&c->out, '\n');
		return;
	}
	a->asked = NULL;
	code = atoi(line + 2);
	call_end(c, status_of(code), code);
	ask_next(a);
}

/* `start` has ended: nobody will answer. */
static void
answers_end(struct adapter *a)
{
	struct call *c;

	if (a->ask_fd >= 0)
		close(a->ask_fd);
	a->ask_fd = -1;
	if ((c = a->asked) != NULL) {
		c->next = a->to_ask;
		a->to_ask = c;
		a->asked = NULL;
	}
	while ((c = a->to_ask) != NULL) {
		a->to_ask = c->next;
		call_end(c, ADAPTER_GONE, 0);
	}
}

/* --- verbs --- */

static void
on_line(void *arg, bool is_stderr, const char *line)
{
	struct call *c = arg;
	struct sbuf *b = is_stderr ? &c->notes : &c->out;

	if (!is_stderr && c->verb == ADAPTER_START &&
	    c->adapter->asked != NULL) {
		answer_line(c->adapter, line);
		return;
	}
	sbuf_puts(b, line);
	sbuf_putc(b, '\n');
	if (!is_stderr)
		return;
	if (c->notes.len > 2 * NOTES_KEPT)
		sbuf_consume(&c->notes, c->notes.len - NOTES_KEPT);
	if (c->adapter->cfg.notes != NULL)
		fprintf(c->adapter->cfg.notes, "%s: %s\n",
		    verb_words[c->verb], line);
}

static void
on_exit_of(void *arg, int wait_status)
{
	struct call *c = arg, **link;
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) :
	    -WTERMSIG(wait_status);

	for (link = &c->adapter->calls; *link != c; link = &(*link)->next)
		;
	*link = c->next;
	if (c->verb == ADAPTER_START) {
		c->adapter->mta_pid = 0;
		answers_end(c->adapter);
	}
	call_end(c, status_of(code), code);
}

/* A pipe for the questions, if there can be any; stdin for `start`. */
static int
open_questions(struct adapter *a)
{
	int fds[2];

	if (a->cfg.info == NULL || a->cfg.info->answers[0] == '\0' ||
	    pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	a->ask_fd = fds[1];
	return fds[0];
}

static bool
run(struct adapter *a, enum adapter_verb verb, const char *const *env,
    int stdin_fd, adapter_fn *done, void *ctx)
{
	const char *argv[] = { a->program, verb_words[verb], NULL };
	struct call *c = xcalloc(1, sizeof *c);
	struct lab_spawn spawn = { .argv = argv, .env = env,
	    .stdin_fd = stdin_fd, .on_line = on_line, .on_exit = on_exit_of,
	    .ctx = c };
	struct lab_proc *proc;

	c->adapter = a;
	c->verb = verb;
	c->done = done;
	c->ctx = ctx;
	if (takes_question(a, verb)) {
		ask(a, c);
		return true;
	}
	if (verb == ADAPTER_START)
		spawn.stdin_fd = open_questions(a);
	proc = lab_spawn(a->cfg.lab, &spawn);
	if (verb == ADAPTER_START && spawn.stdin_fd >= 0)
		close(spawn.stdin_fd);
	if (proc == NULL) {
		call_free(c);
		return false;
	}
	if (verb == ADAPTER_START)
		a->mta_pid = lab_proc_pid(proc);
	c->next = a->calls;
	a->calls = c;
	return true;
}

bool
adapter_is_idle(const struct adapter *a, enum adapter_verb verb)
{
	return a->cfg.info != NULL &&
	    adapter_info_has(a->cfg.info->idle, verb_words[verb]);
}

bool
adapter_run(struct adapter *a, enum adapter_verb verb, adapter_fn *done,
    void *ctx)
{
	return run(a, verb, a->envp, -1, done, ctx);
}

bool
adapter_inject(struct adapter *a, const char *from, const char *const *to,
    size_t to_count, int fd, adapter_fn *done, void *ctx)
{
	struct sbuf sender = { 0 }, rcpts = { 0 };
	const char **env;
	size_t n = 0;
	bool ok;

	sbuf_printf(&sender, "MXDRILL_FROM=%s", from);
	sbuf_puts(&rcpts, "MXDRILL_TO=");
	for (size_t i = 0; i < to_count; i++)
		sbuf_printf(&rcpts, "%s%s", i > 0 ? "\n" : "", to[i]);
	while (a->envp[n] != NULL)
		n++;
	env = xcalloc(n + 3, sizeof *env);
	memcpy(env, a->envp, n * sizeof *env);
	env[n] = sbuf_str(&sender);
	env[n + 1] = sbuf_str(&rcpts);
	ok = run(a, ADAPTER_INJECT, env, fd, done, ctx);
	free(env);
	sbuf_fini(&sender);
	sbuf_fini(&rcpts);
	return ok;
}

pid_t
adapter_mta_pid(const struct adapter *a)
{
	return a->mta_pid;
}

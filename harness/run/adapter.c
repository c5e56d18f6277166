#include "harness/run/adapter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "harness/base/xalloc.h"
#include "harness/lab/lab.h"

#define CALL_MAGIC	0x61647074u

struct call {
	unsigned	 magic;
	struct adapter_call want;
	char		*notes[ADAPTER_STDERR_LINES];	/* a ring */
	size_t		 note_count;
};

static void
call_free(struct call *c)
{
	for (size_t i = 0; i < ADAPTER_STDERR_LINES; i++)
		free(c->notes[i]);
	c->magic = 0;
	free(c);
}

/* Called by the lab for each line of output. */
static void
call_on_line(void *ctx, bool is_stderr, const char *line)
{
	struct call *c = ctx;
	char **slot;

	assert(c->magic == CALL_MAGIC);
	if (!is_stderr) {
		if (c->want.on_line != NULL)
			c->want.on_line(c->want.ctx, line);
		return;
	}
	slot = &c->notes[c->note_count++ % ADAPTER_STDERR_LINES];
	free(*slot);
	*slot = xstrdup(line);
}

/* Called by the lab when the verb has ended. */
static void
call_on_exit(void *ctx, int status)
{
	struct call *c = ctx;
	struct sbuf notes = { 0 };
	size_t i = 0;

	assert(c->magic == CALL_MAGIC);
	if (c->note_count > ADAPTER_STDERR_LINES)
		i = c->note_count - ADAPTER_STDERR_LINES;
	for (; i < c->note_count; i++)
		sbuf_printf(&notes, "%s\n", c->notes[i % ADAPTER_STDERR_LINES]);
	if (c->want.on_done != NULL)
		c->want.on_done(c->want.ctx, adapter_result_of(status),
		    status, sbuf_str(&notes));
	sbuf_fini(&notes);
	call_free(c);
}

struct lab_proc *
adapter_run(struct lab *lab, const struct adapter_call *want)
{
	const char *argv[] = { "/run/mxd/adapter/adapter", want->verb, NULL };
	struct call *c = xcalloc(1, sizeof *c);
	struct lab_proc *proc;
	int error;

	c->magic = CALL_MAGIC;
	c->want = *want;
	proc = lab_spawn(lab, &(struct lab_spawn){
		.argv = argv, .env = want->env, .stdin_fd = want->stdin_fd,
		.on_line = call_on_line, .on_exit = call_on_exit, .ctx = c,
	});
	if (proc == NULL) {
		error = errno;
		call_free(c);
		errno = error;
	}
	return proc;
}

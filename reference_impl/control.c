#include "reference_impl/control.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "reference_impl/engine.h"
#include "reference_impl/queue.h"

/* Exit status of a verb that the adapter does not have. */
#define UNSUPPORTED	89

struct control {
	struct engine	*engine;
	char		*dir;
	struct event	*event;
	char		 line[64];	/* what has no newline yet */
	size_t		 len;
};

/* The envelopes as they lie on disk, not as the engine believes them. */
static int
collect(const struct control *c)
{
	char *pattern = xasprintf("%s/queue/*.env", c->dir);
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			printf("file=%s\n", found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
	return 0;
}

static void
answer(struct control *c)
{
	int status = UNSUPPORTED;

	if (strcmp(c->line, "queue") == 0)
		status = queue_print(c->dir, &c->engine->config->ways,
		    stdout) ? 0 : 1;
	else if (strcmp(c->line, "collect") == 0)
		status = collect(c);
	else if (strcmp(c->line, "kick") == 0) {
		engine_kick(c->engine);
		status = 0;
	}
	printf(". %d\n", status);
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	char buf[64];
	ssize_t n = read(fd, buf, sizeof buf);

	(void)what;
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		event_del(c->event);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] != '\n') {
			/* What is too long is no verb of ours. */
			if (c->len < sizeof c->line - 1)
				c->line[c->len++] = buf[i];
			continue;
		}
		c->line[c->len] = '\0';
		c->len = 0;
		answer(c);
	}
}

struct control *
control_open(struct event_base *base, struct engine *engine, const char *dir)
{
	struct control *c = xcalloc(1, sizeof *c);

	c->engine = engine;
	c->dir = xstrdup(dir);
	c->event = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST,
	    on_input, c);
	if (c->event == NULL || event_add(c->event, NULL) < 0) {
		control_close(c);
		return NULL;
	}
	return c;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	if (c->event != NULL)
		event_free(c->event);
	free(c->dir);
	free(c);
}

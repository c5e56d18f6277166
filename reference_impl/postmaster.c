/*
 * The local postmaster's mailbox, DIR/postmaster: this engine's only one, and
 * only for its own notices (RFC 5321 4.5.1, 6.1).
 */
#include "reference_impl/engine.h"

#include "harness/base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

void
postmaster_deliver(const struct engine *e, const char *text, size_t len)
{
	char *path = xasprintf("%s/postmaster", e->config->dir);
	FILE *f = fopen(path, "ae");

	free(path);
	if (f == NULL)
		return;		/* a copy for people: nothing depends on it */
	fputs("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n", f);
	fwrite(text, 1, len, f);
	fputs("\n", f);
	fclose(f);
}

void
postmaster_tell(const struct engine *e, struct dsn *d)
{
	char *to = xasprintf("postmaster@%s", d->hostname);
	struct sbuf text = { 0 };

	d->to = to;
	dsn_write(d, &text);
	postmaster_deliver(e, sbuf_str(&text), text.len);
	sbuf_fini(&text);
	d->to = NULL;
	free(to);
}

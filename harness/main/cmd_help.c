/* `mxdrill help`: commands, topics, and the manual pages. */
#include <stdio.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/main/pages.h"

#define TOPICS_MOST	64

/* X(symbol, "long name" or NULL, letter or 0, "ARGUMENT" or NULL, "help") */
#define HELP_OPTIONS(X)							\
	X(man, "man", 0, "mxdrill.1|mxdrill-scenario.5|mxdrill-adapter.7", \
	    "print this manual page, for mandoc or groff")

struct help_request {
	const char	*man;
};

static int
help_take_man(void *ctx, const char *value)
{
	struct help_request *r = ctx;

	r->man = value;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, help_take_##sym },
	HELP_OPTIONS(X)
#undef X
};

const struct option_table help_option_table = { "help", rows,
	sizeof rows / sizeof *rows };

static void
list_topics(struct doc *d)
{
	doc_list(d, 12);
	for (const struct topic *t = topics; t->name != NULL; t++)
		doc_item(d, t->name, t->help);
}

static void
list_commands(struct doc *d)
{
	struct sbuf term = { 0 };

	doc_list(d, 34);
	for (const struct command *c = commands; c->name != NULL; c++) {
		sbuf_clear(&term);
		sbuf_printf(&term, "mxdrill %s %s", c->name, c->args);
		doc_item(d, sbuf_str(&term), c->help);
	}
	sbuf_puts(d->out, "\nmxdrill help COMMAND explains one; "
	    "mxdrill help topics lists what else.\n");
	sbuf_fini(&term);
}

static int
unknown_topic(const char *name)
{
	const char *names[TOPICS_MOST];
	char room[DIAG_MEANT];
	size_t n = 0;

	for (const struct command *c = commands; c->name != NULL; c++)
		names[n++] = c->name;
	for (const struct topic *t = topics; t->name != NULL; t++)
		names[n++] = t->name;
	names[n++] = "topics";
	return usage_error("help", "there is no command or topic \"%s\"%s",
	    name, diag_meant(name, names, n, room));
}

static int
explain(struct doc *d, const char *name)
{
	const struct command *c = command_find(name);
	const struct topic *t = topics;

	if (c != NULL) {
		sbuf_printf(d->out, "mxdrill %s %s\n    %s\n\n", c->name,
		    c->args, c->help);
		page_command(d, c);
	}
	if (strcmp(name, "topics") == 0) {
		list_topics(d);
		return EXIT_AS_EXPECTED;
	}
	while (t->name != NULL && strcmp(t->name, name) != 0)
		t++;
	if (t->name == NULL)
		return c != NULL ? EXIT_AS_EXPECTED : unknown_topic(name);
	/* "adapter" is both. */
	if (c != NULL)
		sbuf_putc(d->out, '\n');
	t->fn(d);
	return EXIT_AS_EXPECTED;
}

int
cmd_help(int argc, char **argv)
{
	struct sbuf b = { 0 };
	struct doc d = { .out = &b };
	struct help_request r = { NULL };
	int rest, rc;

	rc = options_parse(&help_option_table, argc, argv, &r, &rest);
	if (rc != 0)
		return rc;
	if (argc - rest > (r.man != NULL ? 0 : 1))
		return usage_error("help", "too many arguments");
	if (r.man != NULL && !page_man(&b, r.man))
		rc = usage_error("help", "there is no manual page %s", r.man);
	else if (r.man != NULL)
		;
	else if (rest == argc)
		list_commands(&d);
	else
		rc = explain(&d, argv[rest]);
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	sbuf_fini(&b);
	return rc;
}

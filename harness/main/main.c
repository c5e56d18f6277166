#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/main/cmd.h"
#include "harness/main/explore_options.h"
#include "harness/main/pages.h"
#include "harness/main/report_options.h"
#include "harness/main/run_options.h"
#include "harness/main/serve_options.h"

const struct command commands[] = {
#define X(name, fn, args, help) { name, fn, args, help },
	COMMANDS(X)
#undef X
	{ .name = NULL }
};

static const char introduction[] =
    "mxdrill breaks a small fake Internet around a real mail server and says\n"
    "of every message: delivered, retried, bounced, duplicated or lost.\n"
    "\n"
    "  mxdrill run --mta postfix          all scenarios on Debian's Postfix\n"
    "  mxdrill run seed/                  the bug that began it, on refmta\n"
    "  mxdrill run --mta reference:bug=q267245-drop   ... and how it looks\n"
    "  mxdrill list | show ID | lint FILE | judge RUNDIR\n"
    "  mxdrill doctor                     what this machine lacks\n"
    "  mxdrill help                       every command\n";

const struct command *
command_find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

int
usage_error(const char *name, const char *fmt, ...)
{
	const struct command *c = command_find(name);
	va_list ap;

	fputs("mxdrill: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (c != NULL)
		fprintf(stderr, "usage: mxdrill %s %s\n", c->name, c->args);
	return EXIT_WRONG_QUESTION;
}

static int
unknown(const char *name)
{
	const char *names[COMMAND_COUNT];
	char room[DIAG_MEANT];

	for (int i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	fprintf(stderr, "mxdrill: there is no command \"%s\"%s\n"
	    "\"mxdrill help\" lists the commands\n", name,
	    diag_meant(name, names, COMMAND_COUNT, room));
	return EXIT_WRONG_QUESTION;
}

/* Every command that takes options has its table here. */
static const struct option_table *const option_tables[] = {
	&run_option_table, &serve_option_table, &list_option_table,
	&judge_option_table,
	&report_option_table, &diff_option_table, &baseline_option_table,
	&explore_option_table, &help_option_table,
};

const struct option_table *
options_of(const char *command)
{
	for (size_t i = 0; i < sizeof option_tables / sizeof *option_tables;
	    i++)
		if (strcmp(option_tables[i]->command, command) == 0)
			return option_tables[i];
	return NULL;
}

/*
 * Thousands of small allocations a run, and every worker has a heap of its
 * own: a heap that grows and shrinks by the page costs more than the pages.
 */
static void
keep_heap(void)
{
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int
main(int argc, char **argv)
{
	const struct command *c;

	keep_heap();
	if (argc < 2) {
		fputs(introduction, stdout);
		return EXIT_AS_EXPECTED;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv);
	if (strcmp(argv[1], "--version") == 0) {
		puts("mxdrill " MXDRILL_VERSION);
		return EXIT_AS_EXPECTED;
	}
	if ((c = command_find(argv[1])) == NULL)
		return unknown(argv[1]);
	if (argc == 3 && strcmp(argv[2], "--help") == 0)
		return cmd_help(2, argv);	/* argv[1] is what to explain */
	return c->fn(argc - 1, argv + 1);
}

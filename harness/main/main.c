#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/main/cmd.h"
#include "harness/main/run_options.h"

static const struct command {
	const char	*name;
	int		(*fn)(int, char **);
	const char	*args, *help;
} commands[] = {
#define X(name, fn, args, help) { name, fn, args, help },
	COMMANDS(X)
#undef X
};

#define COMMAND_COUNT	(sizeof commands / sizeof *commands)

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

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int
usage_error(const char *name, const char *fmt, ...)
{
	const struct command *c = find(name);
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
	const char *names[COMMAND_COUNT], *meant;

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	meant = diag_nearest(name, names, COMMAND_COUNT);
	fprintf(stderr, "mxdrill: there is no command \"%s\"", name);
	if (meant != NULL)
		fprintf(stderr, "; did you mean \"%s\"?", meant);
	fputs("\n\"mxdrill help\" lists the commands\n", stderr);
	return EXIT_WRONG_QUESTION;
}

static const char *
help_text(const char *name)
{
	static const struct {
		const char *name, *text;
	} texts[] = {
		{ "run",
		  "SELECT is an id, an id prefix ending in /, "
		  "a glob or a file; none: every\n"
		  "scenario.\n" },
		{ "list", "One line a scenario: id, level, title.\n" },
		{ "lint",
		  "Without FILE: every scenario of the suite.  "
		  "Exit status 2 if any has an error.\n" },
		{ "judge",
		  "RUNDIR is what `run --out` wrote; "
		  "runs/last is the last one.\n" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(texts[i].name, name) == 0)
			return texts[i].text;
	return "";
}

/* Every command that takes options has its table here. */
static const struct option_table *const option_tables[] = {
	&run_option_table,
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

int
cmd_help(int argc, char **argv)
{
	const struct option_table *table;
	const struct command *c;

	if (argc > 2)
		return usage_error("help", "too many arguments");
	if (argc == 2) {
		if ((c = find(argv[1])) == NULL)
			return unknown(argv[1]);
		printf("mxdrill %s %s\n    %s\n\n%s", c->name, c->args,
		    c->help, help_text(c->name));
		if ((table = options_of(c->name)) != NULL) {
			putchar('\n');
			options_help(table, stdout);
		}
		return EXIT_AS_EXPECTED;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  mxdrill %-8s %-28s %s\n", commands[i].name,
		    commands[i].args, commands[i].help);
	return EXIT_AS_EXPECTED;
}

int
main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		fputs(introduction, stdout);
		return EXIT_AS_EXPECTED;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv);
	if ((c = find(argv[1])) == NULL)
		return unknown(argv[1]);
	return c->fn(argc - 1, argv + 1);
}

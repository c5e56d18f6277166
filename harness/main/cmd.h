/*
 * The commands of mxdrill: one file each, one function each.  The value is
 * the exit status, which is API (DESIGN section 7).
 */
#ifndef MXD_MAIN_CMD_H
#define MXD_MAIN_CMD_H

#define EXIT_AS_EXPECTED	0
#define EXIT_FAILED		1	/* a FAIL or XPASS */
#define EXIT_WRONG_QUESTION	2	/* usage, unparsable file, no match */
#define EXIT_UNTRUSTED		3	/* an ERROR and no FAIL */
#define EXIT_ALL_SKIPPED	77
#define EXIT_INTERRUPTED	130

/* X(name, function, "arguments", "what it does") */
#define COMMANDS(X)							\
	X("run", cmd_run, "[SELECT...] [--mta NAME]...", "run scenarios, print verdicts") \
	X("list", cmd_list, "[SELECT...]", "list the scenarios")	\
	X("show", cmd_show, "ID", "say a scenario in prose")		\
	X("lint", cmd_lint, "[FILE...]", "check scenario files")	\
	X("schema", cmd_schema, "[--reference]", "print the JSON Schema of scenario files, or the manual's tables") \
	X("judge", cmd_judge, "RUNDIR", "judge a stored run again")	\
	X("mta", cmd_mta, "list [NAME] | get|path|verify NAME[=VERSION] | add NAME FILE.deb...", "keep MTAs to be tested, of Debian, npm or your own") \
	X("adapter", cmd_adapter, "check NAME", "check an MTA's adapter by its canaries") \
	X("doctor", cmd_doctor, "", "say what this machine lacks and how to mend it") \
	X("help", cmd_help, "[COMMAND]", "explain a command")

#define X(name, fn, args, help) int fn(int argc, char **argv);
COMMANDS(X)
#undef X

/* A usage error: prints it with the command's usage, returns 2. */
int	 usage_error(const char *command, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif

/*
 * The commands of mxdrill: one file each, one function each.  The value is
 * the exit status, which is API (DESIGN section 7).
 */
#ifndef MXD_MAIN_CMD_H
#define MXD_MAIN_CMD_H

#define MXDRILL_VERSION	"0.1"
/* Of the manual pages. */
#define MXDRILL_DATE	"November 25, 2026"

/* X(symbol, number, "meaning") */
#define EXIT_STATUSES(X)						\
	X(AS_EXPECTED, 0, "all is as expected")				\
	X(FAILED, 1, "a FAIL or an XPASS")				\
	X(WRONG_QUESTION, 2, "the question was wrong: usage, a file that cannot be read, nothing matched") \
	X(UNTRUSTED, 3, "the answer cannot be trusted: an ERROR or not-exercised and no FAIL") \
	X(ALL_SKIPPED, 77, "everything was skipped")			\
	X(INTERRUPTED, 130, "interrupted")

enum exit_status {
#define X(sym, number, help) EXIT_##sym = number,
	EXIT_STATUSES(X)
#undef X
};

/*
 * X(name, function, "arguments", "what it does").  In the arguments small
 * words are meant as they stand, capitals name a kind (complete.h).
 */
#define COMMANDS(X)							\
	X("run", cmd_run, "[SELECT...] [OPTION...]", "run scenarios, print verdicts") \
	X("list", cmd_list, "[SELECT...]", "list the scenarios")	\
	X("show", cmd_show, "ID", "say a scenario in prose")		\
	X("lint", cmd_lint, "[FILE...]", "check scenario files")	\
	X("schema", cmd_schema, "[--reference]", "print the JSON Schema of scenario files, or the manual's tables") \
	X("report", cmd_report, "RUNDIR... [-o KIND=FILE,...]", "report stored runs again, merge shards") \
	X("diff", cmd_diff, "OLD NEW [-o KIND=FILE]", "say what got worse between two stored runs") \
	X("judge", cmd_judge, "RUNDIR [OPTION...]", "judge a stored run again")	\
	X("baseline", cmd_baseline, "check FILE|DIR... | update FILE RUNDIR [OPTION...]", "check files of known failures, bring one up to a run") \
	X("serve", cmd_serve, "SCENARIO [--dns ADDR:PORT] [--smtp HOST=ADDR:PORT]...", "keep the fakes up for an MTA elsewhere, with a live timeline") \
	X("explore", cmd_explore, "[OPTION...]", "run worlds made up from seeds, make small what fails") \
	X("mta", cmd_mta, "list [NAME] | get|path|verify NAME[=VERSION] | add NAME FILE.deb...", "keep MTAs to be tested, of Debian, npm or your own") \
	X("adapter", cmd_adapter, "check NAME", "check an MTA's adapter by its canaries") \
	X("doctor", cmd_doctor, "", "say what this machine lacks and how to mend it") \
	X("completion", cmd_completion, "bash|zsh", "print the completion of the command line for a shell") \
	X("help", cmd_help, "[COMMAND|TOPIC]", "explain a command or a topic")

#define X(name, fn, args, help) int fn(int argc, char **argv);
COMMANDS(X)
#undef X

struct command {
	const char	*name;
	int		(*fn)(int, char **);
	const char	*args, *help;
};

/* All of them, in the table's order; ends with a NULL name. */
extern const struct command commands[];
#define X(name, fn, args, help) + 1
enum { COMMAND_COUNT = 0 COMMANDS(X) };
#undef X
/* NULL: there is no such command. */
const struct command *command_find(const char *name);

/* A usage error: prints it with the command's usage, returns 2. */
int	 usage_error(const char *command, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif

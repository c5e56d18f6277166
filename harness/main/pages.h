/*
 * The manual: topics of `help` and the manual pages, made from the tables of
 * the program.
 */
#ifndef MXD_MAIN_PAGES_H
#define MXD_MAIN_PAGES_H

#include "harness/main/cmd.h"
#include "harness/main/doc.h"
#include "harness/main/options.h"

/* X("name", function, "what it is about") */
#define TOPICS(X)							\
	X("select", page_select, "how scenarios are selected")		\
	X("scenario", page_scenario, "the scenario language: keys and words") \
	X("verdicts", page_verdicts, "what may become of a message")	\
	X("flags", page_flags, "what else is wrong, beside a verdict")	\
	X("results", page_results, "the status of a scenario: ok, FAIL, ...") \
	X("reports", page_reports, "the kinds of reports")		\
	X("exit-status", page_exits, "exit statuses of mxdrill")	\
	X("baselines", page_baselines, "known failures")		\
	X("clock", page_clock, "the virtual clock")			\
	X("packets", page_packets, "the packets of a run, for Wireshark") \
	X("adapter", page_adapter, "the protocol of an MTA's adapter")	\
	X("profile", page_profile, "what an adapter says of its MTA")	\
	X("environment", page_environment, "environment variables")	\
	X("files", page_files, "files that are read and written")

struct topic {
	const char	*name;
	void		(*fn)(struct doc *);
	const char	*help;
};
extern const struct topic topics[];	/* ends with a NULL name */

#define X(name, fn, help) void fn(struct doc *);
TOPICS(X)
#undef X

extern const struct option_table help_option_table;

/* A command: its details and options. */
void	 page_command(struct doc *, const struct command *);
/* A whole manual page, e.g. "mxdrill.1".  False: there is none. */
bool	 page_man(struct sbuf *, const char *page);

#endif

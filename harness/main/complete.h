/*
 * Completion of the command line for the shells, made from the tables of
 * commands and options.  What can stand somewhere follows from how the table
 * calls it: "virtual|real" are words as they stand, NAME an MTA, DIR a folder.
 */
#ifndef MXD_MAIN_COMPLETE_H
#define MXD_MAIN_COMPLETE_H

#include "harness/base/sbuf.h"

/*
 * X(symbol, "name in the tables", function): what a word in capitals stands
 * for; one that is not here cannot be listed.
 */
#define VALUE_KINDS(X)							\
	X(SELECT, "SELECT", complete_scenarios)				\
	X(ID, "ID", complete_scenarios)					\
	X(SCENARIO, "SCENARIO", complete_scenarios)			\
	X(MTA, "NAME", complete_mtas)					\
	X(TAG, "TAG", complete_tags)					\
	X(KIND, "KIND", complete_reports)				\
	X(FILE, "FILE", complete_files)					\
	X(DIR, "DIR", complete_folders)					\
	X(RUNDIR, "RUNDIR", complete_folders)				\
	X(COMMAND, "COMMAND", complete_commands)			\
	X(TOPIC, "TOPIC", complete_topics)				\
	X(OPTION, "OPTION", complete_nothing)

/*
 * Appends what the word `words[at]` may become, a line each: the word, a tab,
 * what it is.  A word that ends in "/", ":", "=" or "," goes on.  The lines
 * ":files" and ":folders" ask the shell for these.  words[0] is the program.
 */
void	 complete_words(struct sbuf *out, char **words, int count, int at);

/* What the file that a shell reads says. */
extern const char complete_bash[], complete_zsh[];

#endif

/*
 * The options of a command, as a table: what is parsed, what `mxdrill help`
 * prints and what the manual page says are the same rows.
 */
#ifndef MXD_MAIN_OPTIONS_H
#define MXD_MAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_row {
	const char	*name;		/* "mta" of --mta; NULL: letter only */
	char		 letter;	/* 'j' of -j; 0: none */
	/* "N", as help calls it; NULL: none; "[=N]": may be left out, NULL
	 * then comes as the value. */
	const char	*arg;
	const char	*help;		/* one sentence without full stop */
	/* 0, or an exit status after saying what is wrong. */
	int		(*take)(void *ctx, const char *value);
};

struct option_table {
	const char	*command;	/* "run" */
	const struct option_row *rows;
	size_t		 count;
};

/* Of commands without a header of their own (cmd_NAME.c). */
extern const struct option_table list_option_table, judge_option_table,
    baseline_option_table;

/* The table of a command, or NULL: it has no options. */
const struct option_table *options_of(const char *command);

/*
 * Takes the options of argv[1..]; operands are moved behind them, the first
 * of them is argv[*first].  0, or EXIT_WRONG_QUESTION after saying what is
 * wrong and what may have been meant.
 */
int	 options_parse(const struct option_table *, int argc, char **argv,
	    void *ctx, int *first);
/* A whole number within bounds, nothing behind it. */
bool	 option_number(const char *text, uint64_t least, uint64_t most,
	    uint64_t *out);

#endif

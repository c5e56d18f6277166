/*
 * The C side of the adapter protocol (harness/mta/README.md): runs one verb
 * inside the lab and turns its lines into data.  What an adapter says is
 * never evidence; the judge does not see it.
 *
 * The parsers are pure (adapter_parse.c); adapter_run() needs a lab.
 */
#ifndef MXD_RUN_ADAPTER_H
#define MXD_RUN_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/sbuf.h"
#include "harness/judge/profile.h"

struct lab;
struct lab_proc;

/* --- --mta NAME[=VERSION][:option=value[,option=value]] --- */

#define ADAPTER_OPTION_MAX	32

struct mta_option {
	char	*name, *value;
};

struct mta_choice {
	char	*name;			/* folder below harness/mta */
	char	*version;		/* NULL: any */
	struct mta_option options[ADAPTER_OPTION_MAX];
	size_t	 option_count;
};

/* False: *error (fresh memory) says what is wrong; nothing to free then. */
bool	 mta_choice_parse(struct mta_choice *, const char *text, char **error);
void	 mta_choice_fini(struct mta_choice *);

/* --- what `info` says --- */

struct adapter_info {
	struct profile	 profile;
	char		*capabilities;	/* words, blanks around each */
	bool		 many_uids;
	bool		 submit_smtp;
	char		*options[ADAPTER_OPTION_MAX];	/* "NAME help" */
	size_t		 option_count;
};

void	 adapter_info_init(struct adapter_info *);
void	 adapter_info_fini(struct adapter_info *);
/* One line of `info`.  False: *error (fresh memory). */
bool	 adapter_info_line(struct adapter_info *, const char *line,
	    char **error);
bool	 adapter_info_can(const struct adapter_info *, const char *word);

/* --- a line of `queue`: QUEUEID <REVERSE-PATH> <FORWARD-PATH> --- */

struct queue_line {
	char	*id, *from, *to;	/* paths without the brackets */
};

/* False: the line is not of that shape; nothing to free then. */
bool	 queue_line_parse(struct queue_line *, const char *line);
void	 queue_line_fini(struct queue_line *);

/* --- running a verb --- */

enum adapter_result {
	ADAPTER_DONE, ADAPTER_UNSUPPORTED, ADAPTER_AGAIN, ADAPTER_ERROR
};

enum adapter_result adapter_result_of(int wait_status);

#define ADAPTER_STDERR_LINES	8

struct adapter_call {
	const char	*verb;
	const char	*const *env;	/* "K=V", NULL at the end */
	int		 stdin_fd;	/* -1: none */
	void		(*on_line)(void *ctx, const char *line);  /* stdout */
	/* `notes`: the last lines of stderr, for people; may be "". */
	void		(*on_done)(void *ctx, enum adapter_result,
			    int wait_status, const char *notes);
	void		*ctx;
};

/* Starts the verb; on_done is called once, later.  NULL with errno. */
struct lab_proc *adapter_run(struct lab *, const struct adapter_call *);

#endif

/*
 * What `run` and `judge` share: each judged run goes to the terminal and
 * into results.json, and in the end there is an exit status.
 */
#ifndef MXD_MAIN_PRINTER_H
#define MXD_MAIN_PRINTER_H

#include <stdio.h>

#include "harness/report/console.h"
#include "harness/report/diff.h"
#include "harness/report/matrix.h"
#include "harness/report/results.h"
#include "harness/report/set.h"

enum printer_format { PRINTER_TEXT, PRINTER_GITHUB };

struct printer {
	FILE		*out;		/* standard output, or error */
	struct report_style style;
	struct report_summary summary;
	struct report_matrix matrix;
	struct results	*results;	/* NULL: none is to be written */
	/* Fences text off, so that GitHub finds no command in it; "": none. */
	char		 fence[40];
	char		*root;		/* working folder, for file names */
	bool		 status_shown;	/* a status line stands on stderr */
	bool		 tty;		/* stderr is a terminal */
};

/* Without `meta` no results.json can be written: printer_end() may not come. */
void	 printer_init(struct printer *, bool verbose,
	    const struct results_meta *);
/* Standard output is wanted for a report: everything to standard error. */
void	 printer_leave_stdout(struct printer *);
/* For the log of a GitHub Actions job, with annotations. */
void	 printer_for_github(struct printer *);
/* `--format WORD`: 0, or an exit status after saying what is wrong. */
int	 printer_take_format(const char *command, const char *word,
	    enum printer_format *);
void	 printer_case(struct printer *, const struct report_case *);
/* Only into the summary. */
void	 printer_count(struct printer *, const struct report_case *);
/* More than a line: failures, and everything if verbose. */
bool	 printer_wants_detail(const struct printer *,
	    const struct judgement *);
void	 printer_status(struct printer *, size_t finished, size_t total,
	    const char *id, const char *mta, int64_t virtual_us,
	    int64_t real_us);
/* Prints it as the format asks for. */
void	 printer_put(struct printer *, const struct sbuf *);
/* Takes the status line away before something else is printed. */
void	 printer_clear(struct printer *);
/* Prints the summary; the exit status. */
int	 printer_summary(struct printer *, int64_t wall_us);
/* The same of a set, whose notes come first and weigh. */
int	 printer_set_summary(struct printer *, const struct report_set *);
/* As printer_summary(), and writes DIR/results.json. */
int	 printer_end(struct printer *, const char *dir, int64_t wall_us);
/* Needs no printer of its own: nothing but this is printed. */
void	 printer_diff(const struct report_diff *, bool verbose, FILE *out);
void	 printer_fini(struct printer *);

#endif

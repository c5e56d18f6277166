/*
 * results.json: what every run of a suite came to, for programs.  The format
 * is described in docs/trace.md and has a version.
 */
#ifndef MXD_REPORT_RESULTS_H
#define MXD_REPORT_RESULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/judge/profile.h"
#include "harness/report/console.h"

#define RESULTS_VERSION	1

struct results;

struct results_meta {
	const char	*mxdrill;	/* version of the program */
	const char	*started;	/* RFC 3339 */
	const char	*clock;		/* "virtual", "real" */
	uint64_t	 seed;
	unsigned	 shard_index, shard_count;	/* count 0: none */
	const char	*out;		/* folder of the suite, or NULL */
};

struct results *results_new(const struct results_meta *);
/* `mta` as the user wrote it; `broken` says why nothing ran on it or NULL. */
void	 results_add_mta(struct results *, const char *mta,
	    const struct profile *, const char *broken);
void	 results_add(struct results *, const struct report_case *);
/* So many that were planned were not begun (--fail-fast). */
void	 results_not_run(struct results *, size_t count);
/* Something about the whole that a reader must know. */
void	 results_add_note(struct results *, const char *text,
	    bool untrusted);
/*
 * Writes the whole file in one go: a reader sees the old one or the new one.
 * -1 with errno set.
 */
int	 results_write(const struct results *, const char *path);
/* The whole text, with a newline at its end; the same in memory (free(3)). */
void	 results_print(const struct results *, FILE *);
char	*results_text(const struct results *);
/*
 * For very many runs: what is known by now is written, then each run as it is
 * added, the rest at the end.  None of the writers above goes with that.
 */
void	 results_begin(struct results *, FILE *);
void	 results_end(struct results *);
void	 results_free(struct results *);

#endif

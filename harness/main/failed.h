/*
 * `run --failed`: what ended red in a stored suite, read from results.json.
 */
#ifndef MXD_MAIN_FAILED_H
#define MXD_MAIN_FAILED_H

#include <stdbool.h>
#include <stddef.h>

struct failed_run {
	const char	*id, *mta;
};

/* Zeroed it is empty. */
struct failed {
	struct arena	*arena;
	struct failed_run *runs;	/* those that are red */
	size_t		 count;
	/* What selects their scenarios; an MTA on which nothing ran: none,
	 * for every scenario is to be run on it. */
	const char	**selects;
	size_t		 select_count;
	bool		 all;
	const char	**mtas;		/* theirs, each once */
	size_t		 mta_count;
};

/*
 * Reads `dir`/results.json, or every results.json below `dir` if there is
 * none (the shards of a suite, each in a folder).  False: *error (fresh
 * memory) says why.
 */
bool	 failed_read(struct failed *, const char *dir, char **error);
bool	 failed_has(const struct failed *, const char *id, const char *mta);
void	 failed_fini(struct failed *);

#endif

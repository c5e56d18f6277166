/*
 * All scenarios there are: the files below a folder, each variant an entry,
 * and the generated grid.  SELECT on the command line is an id, a prefix of
 * ids ending in "/", a glob or a file.
 */
#ifndef MXD_SCENARIO_CATALOGUE_H
#define MXD_SCENARIO_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/scenario/scenario.h"

struct sbuf;

struct catalogue_entry {
	const char	*id;
	const char	*path;		/* the file; "grid/..." if generated */
	const char	*variant;	/* or NULL */
	bool		 generated;
};

struct catalogue {
	struct arena	*arena;
	struct catalogue_entry *entries;	/* sorted by id */
	size_t		 count;
};

/* Finds *.yaml below `root`.  False: *error (fresh memory) says why. */
bool	 catalogue_open(struct catalogue *, const char *root, char **error);
void	 catalogue_fini(struct catalogue *);
/*
 * Appends what `select` means to *chosen (fresh memory grows there, no entry
 * twice).  The grid takes part only when `select` begins with "grid/".
 * False: nothing matched; *meant is the nearest id (borrowed) or NULL.
 */
bool	 catalogue_select(struct catalogue *, const char *select,
	    const struct catalogue_entry ***chosen, size_t *count,
	    const char **meant);
/* The text of an entry's file, as parsed; -1 with errno. */
int	 catalogue_text(const struct catalogue_entry *, struct sbuf *);
struct scenario *catalogue_parse(const struct catalogue_entry *,
	    struct diags *);

#endif

/*
 * Where mxdrill's own files are: found from the program's place, so that a
 * build folder and an installation both work without configuration.
 */
#ifndef MXD_RUN_HOME_H
#define MXD_RUN_HOME_H

#include <stdbool.h>

struct home {
	char	*bin;		/* folder of mxdrill, refmta, libmxclock.so */
	char	*scenarios;	/* folder of the scenario files */
	char	*mta;		/* folder of the adapters */
};

/* False: *error (fresh memory) says what was not found. */
bool	 home_find(struct home *, char **error);
void	 home_fini(struct home *);
/*
 * The word by which a shell finds this very program from the current folder:
 * "./mxdrill" in the source tree, "mxdrill" where it is installed and in
 * PATH, else its whole path.  Fresh memory.
 */
char	*home_program(void);

#endif

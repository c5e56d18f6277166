/*
 * Scenarios by MTAs: one word a cell.  Of two runs of the same the worse
 * stands.
 */
#ifndef MXD_REPORT_MATRIX_H
#define MXD_REPORT_MATRIX_H

#include "harness/report/console.h"
#include "harness/report/name_index.h"

/* Zeroed it is empty. */
struct report_matrix {
	char		**mtas, **ids;
	size_t		 mta_count, id_count;
	/* A result + 1 each, row by row; 0: was not run. */
	unsigned char	**cells;
	struct name_index id_index;
};

void	 matrix_add(struct report_matrix *, const char *id, const char *mta,
	    enum result);
/*
 * Columns are named below the table if their names are too long for it.
 * Rows that are ok everywhere are only counted, unless the style is verbose.
 */
void	 console_matrix(struct sbuf *, const struct report_style *,
	    const struct report_matrix *);
void	 matrix_fini(struct report_matrix *);

#endif

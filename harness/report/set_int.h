/*
 * What the files of the set share: set.c (rows, columns, order), set_read.c
 * (results.json), set_merge.c (what is missing, what contradicts).
 */
#ifndef MXD_REPORT_SET_INT_H
#define MXD_REPORT_SET_INT_H

#include "harness/report/set.h"

/* One results.json; false with *error. */
bool	 set_read_suite(struct report_set *, const char *dir, char **error);
/* One run's folder by itself. */
bool	 set_read_run(struct report_set *, const char *dir, char **error);

size_t	 set_source(struct report_set *, const char *dir);
/* The column of an MTA; `version` NULL or "" goes with any. */
size_t	 set_column(struct report_set *, const char *mta,
	    const char *version);
size_t	 set_row(struct report_set *, const char *id);
struct report_run *set_run(struct report_set *, size_t source,
	    const char *id, const char *mta, const char *version);
/* What the scenario of a run says of itself goes to its row. */
void	 set_describe_row(struct report_set *, size_t row,
	    const struct scenario *);
/* Text into the arena, NULL stays NULL. */
const char *set_text(struct report_set *, const char *);
void	 set_copy_judgement(struct report_set *, struct judgement *to,
	    const struct judgement *from);
void	 set_note(struct report_set *, bool untrusted, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* set_merge.c: after rows and runs are in order. */
void	 set_merge(struct report_set *);

#endif

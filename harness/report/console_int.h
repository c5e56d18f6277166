/* What the files of the console share. */
#ifndef MXD_REPORT_CONSOLE_INT_H
#define MXD_REPORT_CONSOLE_INT_H

#include "harness/report/console.h"

enum paint { PAINT_BOLD, PAINT_DIM, PAINT_GOOD, PAINT_WARN, PAINT_BAD };

void	 paint_on(struct sbuf *, const struct report_style *, enum paint);
void	 paint_off(struct sbuf *, const struct report_style *);
/* The status word, padded to its column. */
void	 put_status(struct sbuf *, const struct report_style *, enum result);
/* The verdict, when and by whom. */
void	 put_verdict(struct sbuf *, const struct report_case *,
	    const struct unit *);
bool	 unit_is_bad(const struct unit *);
/* Wide enough for the id of most scenarios. */
#define ID_COLUMNS	44
#define MTA_COLUMNS	9

const char *report_result_word(enum result);

#endif

/* What the files of the console share. */
#ifndef MXD_REPORT_CONSOLE_INT_H
#define MXD_REPORT_CONSOLE_INT_H

#include "harness/report/console.h"

enum paint { PAINT_BOLD, PAINT_DIM, PAINT_GOOD, PAINT_WARN, PAINT_BAD };

void	 paint_on(struct sbuf *, const struct report_style *, enum paint);
void	 paint_off(struct sbuf *, const struct report_style *);
/* The status word, padded to its column. */
void	 put_status(struct sbuf *, const struct report_style *, enum result);
/* Words of most results; a longer one pushes what follows. */
#define STATUS_COLUMNS	5
/* Cuts what follows the status word. */
void	 cut_beside_status(struct sbuf *line, const struct report_style *,
	    enum result);
/* The verdict, when and by whom. */
void	 put_verdict(struct sbuf *, const struct unit *);
/* "expected bounced, got silent-drop". */
void	 console_expected(struct sbuf *, const struct unit *);
void	 console_timeline(struct sbuf *, const struct report_style *,
	    const struct report_case *, uint64_t decisive);
bool	 unit_is_bad(const struct unit *);
/* Ids of rules whose line was already shown; zeroed: none. */
struct console_shown {
	const char	*ids[64];
	size_t		 count;
};

struct timeline_line;
/* One line of a timeline, and the line of each rule in it the first time. */
void	 console_timeline_line(struct sbuf *, const struct report_style *,
	    const struct scenario *, const struct timeline_line *,
	    struct console_shown *);
/* Wide enough for the id of most scenarios. */
#define ID_COLUMNS	44
#define MTA_COLUMNS	9

/* What a failure is told by. */
struct report_head {
	const struct unit	*unit;		/* or NULL */
	const struct finding	*finding;	/* goes before the unit */
	const char		*clause;	/* requirement, or NULL */
	enum clause_level	 level;		/* of it, in this scenario */
	uint64_t		 decisive;	/* seq of the event, 0: none */
	struct loc		 loc;		/* of the expectation */
};

void	 report_head_of(struct report_head *, const struct report_case *);
const char *report_result_word(enum result);

#endif

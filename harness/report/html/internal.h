/* What the files of the HTML report share. */
#ifndef MXD_REPORT_HTML_INT_H
#define MXD_REPORT_HTML_INT_H

#include "harness/report/html/html.h"
#include "harness/report/set.h"
#include "harness/report/timeline.h"

/*
 * printf into HTML: every %s is escaped and made printable, so that markup
 * can only come from the format.  Knows %s, %c, %d, %zu and %.1f.
 */
void	 html_put(struct sbuf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Appends text of which nothing is known, escaped; NULL appends nothing. */
void	 html_text(struct sbuf *, const char *);
void	 html_text_bytes(struct sbuf *, const char *, size_t len);
/* "0s", "3ms", "5.003s", "1h5m", "4d23h10m": exact to the millisecond. */
void	 html_time(struct sbuf *, int64_t us);
/* A name as a fragment: letters and digits stay, others become "_HEX". */
void	 html_name(struct sbuf *, const char *);
/* A path as a reference: octets that mean something in one become %HEX. */
void	 html_path(struct sbuf *, const char *);

/*
 * Octets for details: 500 scenarios on 8 MTAs stay below ten million, even
 * if every run failed.
 */
#define HTML_BUDGET	4500000
/* A list of more runs that need attention is no longer read. */
#define HTML_ATTENTION	400
/* Up to so many runs are shown in full even when all is well. */
#define HTML_FULL_RUNS	64

/* One run with what its section needs besides. */
struct html_case {
	const struct report_case *rc;
	const struct report_mta *mta;
	const char	*id;		/* of its section */
	const char	*base;		/* folder that links start from */
};

/* Times that each line of the scenario's file decided, and more. */
struct html_lines {
	char		**text;		/* from line 1 on, filled in, HTML */
	unsigned	*fired;		/* over the runs shown in full */
	bool		*asked;		/* an expectation that was not met */
	size_t		 count;
	char		*path;
};

struct html_row {
	size_t		 first, count;	/* its runs in the set */
	char		*id;		/* of its article */
	enum result	 worst;
	bool		 full;		/* one of its runs is */
	int		 cycles;	/* the most of any run */
	struct sbuf	 world;
	struct html_lines lines;
};

struct html_cell {
	char		*id;
	bool		 full;
	struct sbuf	 detail;
};

struct html_page {
	struct arena	*arena;
	struct report_set *set;
	const char	*base;
	struct html_row	*rows;		/* as set->rows */
	struct html_cell *cells;	/* as set->runs */
	size_t		 runs;		/* that are not hidden */
	size_t		 full_count;
};

/* The folder of a file to be, absolute (free(3)); NULL: there is none. */
char	*html_base(const char *path);
/* So many runs had each result. */
void	 html_counts(struct sbuf *, const size_t counts[RESULT_COUNT]);
const char *html_result_class(enum result);
const char *html_result_help(enum result);
/* <span>: the word of a result in its colour. */
void	 html_result(struct sbuf *, enum result);
/* The label of an MTA, its version dimmed. */
void	 html_mta(struct sbuf *, const struct report_mta *);
/* The sentence of a case; what a pass came to is told as on the console. */
void	 html_sentence(struct sbuf *, const struct report_case *);
/* The event that decided the result, or 0. */
uint64_t html_decisive(const struct report_case *);
const struct event *html_event(const struct trace *, uint64_t seq);

/* source.c: lines of the scenario's file with its values filled in. */
bool	 html_source_line(struct sbuf *, const struct scenario *, int line);
/* Takes the text once, and what each run says of its lines. */
void	 html_lines_take(struct html_lines *, const struct report_case *);
void	 html_lines_put(struct sbuf *, const struct html_lines *);
void	 html_lines_fini(struct html_lines *);

/* head.c, words.c: frame of a page, meanings of words and marks. */
void	 html_open(struct sbuf *, const char *title);
void	 html_close(struct sbuf *, bool script);
void	 html_words(struct sbuf *);
/*
 * Opens the <div> of a long table about so many rem high, which a browser
 * need not lay out before it comes into view: that is most of what opening
 * the page of 4000 runs costs.
 */
void	 html_late(struct sbuf *, const char *label, size_t high);
extern const char html_style[], html_script[];

/* The parts of the report, in order. */
void	 html_matrix(struct sbuf *, const struct html_page *);
/* Attributes that the filters look at. */
void	 html_filter_data(struct sbuf *, const struct html_page *,
	    size_t row);
void	 html_clauses(struct sbuf *, const struct html_page *);
void	 html_curves(struct sbuf *, const struct html_page *);
void	 html_article(struct sbuf *, const struct html_page *, size_t row);
void	 html_world(struct sbuf *, const struct scenario *);
void	 html_case_full(struct sbuf *, const struct html_case *);
void	 html_case_compact(struct sbuf *, const struct html_case *,
	    size_t times);
void	 html_asked(struct sbuf *, const struct report_case *);
void	 html_steps(struct sbuf *, const struct report_case *,
	    const struct timeline *, size_t mark);
void	 html_smtp(struct sbuf *, const struct report_case *);
void	 html_dns(struct sbuf *, const struct report_case *);
void	 html_log(struct sbuf *, const struct report_case *);
void	 html_artefacts(struct sbuf *, const char *base,
	    const struct report_case *);

/* curve.c: when each message was tried, by the judge's own count. */
struct html_attempts {
	int64_t		*t_us;		/* first attempt of each cycle */
	size_t		 count;
};

void	 html_attempts_find(struct html_attempts *,
	    const struct judgement *);
void	 html_attempts_fini(struct html_attempts *);
struct html_curve {
	const char	*label;		/* escaped by the drawer */
	struct html_attempts attempts;
};
void	 html_curve_draw(struct sbuf *, const char *id, const char *title,
	    const struct html_curve *, size_t count);
/* Fewer attempts are no curve. */
#define HTML_CURVE_LEAST	3
/* All MTAs of a row on one scale; opens its runs. */
void	 html_curve_row(struct sbuf *, const struct html_page *, size_t row,
	    const char *id);

#endif

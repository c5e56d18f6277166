/*
 * The kinds of reports: `-o KIND=FILE` of `run` and `report`.  A new one is
 * a row here and a writer.  A writer takes everything from the set (it may
 * open and close its runs) and only writes; whether that went well is asked
 * of the stream afterwards.  Whatever came over the wire is text in every
 * kind, never markup, command or escape sequence.
 */
#ifndef MXD_REPORT_KINDS_H
#define MXD_REPORT_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/report/diff.h"
#include "harness/report/set.h"

/* X("word", writer, "what it is") */
#define REPORT_KINDS(X)							\
	X("junit", report_junit_write, "JUnit XML, for CI servers")	\
	X("tap", report_tap_write, "Test Anything Protocol, version 14")	\
	X("html", report_html_write, "one page that needs nothing else: matrix, timelines, requirements")	\
	X("json", report_json_write, "results.json of the whole set, for programs") \
	X("md", report_markdown_write, "Markdown for the summary page of a CI job") \
	X("findings", report_findings_write, "Markdown: what each MTA does wrong, by cause, with proof and clause")

/* The same of `diff OLD NEW`. */
#define DIFF_REPORT_KINDS(X)						\
	X("html", report_html_diff_write, "one page: what changed, timelines side by side") \
	X("text", report_diff_text_write, "what the console says, all of it")

typedef void report_writer(FILE *, struct report_set *);
typedef void report_diff_writer(FILE *, struct report_diff *);

#define X(word, writer, help) report_writer writer;
REPORT_KINDS(X)
#undef X
#define X(word, writer, help) report_diff_writer writer;
DIFF_REPORT_KINDS(X)
#undef X

/* One of the writers is NULL. */
struct report_kind {
	const char	*word, *help;
	report_writer	*write;
	report_diff_writer *write_diff;
};

struct report_kinds {
	const struct report_kind *items;
	size_t		 count;
};

extern const struct report_kinds report_kinds, report_diff_kinds;

struct report_output {
	const struct report_kind *kind;
	char		*path;		/* "-": standard output */
};

struct report_outputs {
	const struct report_kinds *kinds;	/* to be set before use */
	struct report_output *items;
	size_t		 count;
};

/*
 * Adds what one `-o KIND=FILE,KIND=FILE` asks for; a comma that no KIND= can
 * follow is part of a file's name.  False: *error (fresh memory) says what
 * was expected.
 */
bool	 report_outputs_parse(struct report_outputs *, const char *text,
	    char **error);
/* Before a run of an hour: can the files be written at all? */
bool	 report_outputs_check(const struct report_outputs *, char **error);
/* One of them is standard output: nothing else may go there. */
bool	 report_outputs_take_stdout(const struct report_outputs *);
/*
 * Writes each; a file appears whole or not at all.  False: *error says the
 * first that could not be written, the others are.
 */
bool	 report_outputs_write(const struct report_outputs *,
	    struct report_set *, char **error);
bool	 report_outputs_write_diff(const struct report_outputs *,
	    struct report_diff *, char **error);
void	 report_outputs_fini(struct report_outputs *);

#endif

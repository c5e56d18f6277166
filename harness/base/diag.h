/*
 * Diagnostics about the user's own input: every error has file, line,
 * column, what was wrong, what was expected and, where it can be guessed,
 * what was meant.  All errors of a file are collected and printed at once.
 */
#ifndef MXD_BASE_DIAG_H
#define MXD_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
	enum diag_level	 level;
	const char	*file;
	int		 line, col;	/* from 1; 0: the file as a whole */
	int		 width;		/* characters under the caret, >= 1 */
	const char	*rule;		/* lint rule's name, or NULL */
	const char	*message;	/* what is wrong */
	const char	*expected;	/* what would be right, or NULL */
	const char	*meant;		/* "did you mean", or NULL */
};

struct diags {
	struct arena	*arena;		/* owns every string */
	struct diag	*items;
	size_t		 count;
	size_t		 errors;	/* of them DIAG_ERROR */
};

void	 diags_init(struct diags *);
void	 diags_fini(struct diags *);
/* Copies the strings.  `message` is a format; the other texts may be NULL. */
struct diag *diags_add(struct diags *, enum diag_level, const char *file,
	    int line, int col, const char *fmt, ...)
	    __attribute__((format(printf, 6, 7)));
/*
 * Prints in order of position, each as
 *
 *	FILE:LINE:COL: error: MESSAGE [RULE]
 *	  LINE | text of the line
 *	       | ^~~~
 *	       = expected: ...
 *	       = did you mean "...".
 *
 * `source` is the file's text (NULL: no snippet).
 */
void	 diags_print(const struct diags *, const char *source, FILE *out);
/*
 * The candidate nearest to `word` by edit distance (transpositions count
 * one), or NULL if none is near enough to be meant.
 */
const char *diag_nearest(const char *word, const char *const *candidates,
	    size_t count);
/* `; did you mean "NEAREST"?` in `room`, or "" when none is near enough. */
#define DIAG_MEANT	128
const char *diag_meant(const char *word, const char *const *candidates,
	    size_t count, char room[static DIAG_MEANT]);

#endif

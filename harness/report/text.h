/*
 * Text for a terminal: hostile octets made visible, lines cut and wrapped at
 * character boundaries, virtual time as people say it.
 */
#ifndef MXD_REPORT_TEXT_H
#define MXD_REPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/sbuf.h"

/* "..." in one column. */
#define TEXT_ELLIPSIS	"\xe2\x80\xa6"

/*
 * Appends text of which nothing is known.  Control characters, octets that
 * are not UTF-8 and characters that reorder or hide text (bidi controls, zero
 * width) become \xNN; a tab becomes a space.  For the eye: a backslash of the
 * text itself stays as it is.  NULL appends nothing.
 */
void	 text_clean(struct sbuf *, const char *s);
void	 text_clean_bytes(struct sbuf *, const char *s, size_t len);
/* Columns of clean text: one for each character. */
size_t	 text_columns(const char *s);
/*
 * Cuts what was appended since `start` to `width` columns, the last of them
 * an ellipsis; 0 cuts nothing.
 */
void	 text_cut(struct sbuf *, size_t start, int width);
/*
 * Appends clean text wrapped at blanks to `width` columns, each line after
 * `indent` blanks and ended with a newline.  A word that is longer than a
 * line stays whole.
 */
void	 text_wrap(struct sbuf *, const char *s, int indent, int width);
/* "0s", "7s", "5m00s", "2h03m", "4d23h"; "-12s" before the start. */
void	 text_clock(struct sbuf *, int64_t us);
/* Real time: "0.4s", "12.3s", "2m05s". */
void	 text_real(struct sbuf *, int64_t us);

/* Writes it out and empties it: a long report is never held whole. */
void	 text_flush(struct sbuf *, FILE *);

#endif

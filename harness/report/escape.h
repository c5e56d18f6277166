/*
 * Text of unknown origin inside a format: it stays text.  Each first makes
 * it harmless for a terminal, as text_clean() does, and then for the format.
 * NULL appends nothing.
 */
#ifndef MXD_REPORT_ESCAPE_H
#define MXD_REPORT_ESCAPE_H

#include "harness/base/sbuf.h"

/* Content and attribute values of XML 1.0; line ends stay in `lines`. */
void	 escape_xml(struct sbuf *, const char *);
void	 escape_xml_lines(struct sbuf *, const char *);
/* One line of Markdown, also in a cell of a table (GFM). */
void	 escape_markdown(struct sbuf *, const char *);
/* `code` in Markdown; a cell of a table may hold it. */
void	 escape_markdown_code(struct sbuf *, const char *);
/* Lines in a fence that nothing in them can close. */
void	 escape_markdown_fence(struct sbuf *, const char *lines);
/* Message and property of a GitHub workflow command. */
void	 escape_github(struct sbuf *, const char *);
void	 escape_github_property(struct sbuf *, const char *);
/* Description of a TAP test; a string of its YAML block, with quotes. */
void	 escape_tap(struct sbuf *, const char *);
void	 escape_quoted(struct sbuf *, const char *);

#endif

/*
 * A document that is written once and printed in two ways: as plain text for
 * a terminal and in mdoc(7) for a manual page.
 */
#ifndef MXD_MAIN_DOC_H
#define MXD_MAIN_DOC_H

#include <stdbool.h>

#include "harness/base/sbuf.h"

struct doc {
	struct sbuf	*out;
	bool		 mdoc;		/* else text of 79 columns */
	int		 width;		/* of the terms of the open list */
};

/* `title` in capitals for mdoc's sections. */
void	 doc_section(struct doc *, const char *title);
void	 doc_subsection(struct doc *, const char *title);
/* Paragraphs parted by "\n\n"; one that begins with a blank is literal. */
void	 doc_text(struct doc *, const char *paragraphs);
/* A list of terms; `width` columns are kept for them in text. */
void	 doc_list(struct doc *, int width);
void	 doc_item(struct doc *, const char *term, const char *text);
void	 doc_list_end(struct doc *);

#endif

/*
 * As much of MIME (RFC 2045, 2046, 5322 header fields) as a delivery report
 * needs.  Takes any octets; what is not as it should be is noted in the
 * structs, never an error.  Work and memory are linear in the octets.
 * Bodies are borrowed from the content, strings live in the arena.
 */
#ifndef MXD_JUDGE_DSN_MIME_H
#define MXD_JUDGE_DSN_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"

#define MIME_MAX_DEPTH	6	/* of multiparts in multiparts */
#define MIME_MAX_PARTS	64	/* of one multipart; the rest is not read */

struct mime_text {
	const char	*p;
	size_t		 len;
};

struct mime_field {
	const char	*name;
	const char	*value;		/* unfolded, trimmed; NUL is '?' */
};

struct mime_header {
	struct mime_field *fields;
	size_t		 count;
	size_t		 bad_lines;	/* neither field nor continuation */
	bool		 eight_bit;	/* an octet above 127 */
};

struct mime_entity {
	struct mime_header header;
	const char	*type;		/* lower case; default "text/plain" */
	const char	*boundary, *report_type, *encoding;
	bool		 bad_type;	/* Content-Type breaks its syntax */
	struct mime_text body;		/* as it stands, not decoded */
	struct mime_entity *parts;	/* of a multipart */
	size_t		 part_count;
	bool		 closed;	/* the closing delimiter was there */
	bool		 reopened;	/* a delimiter came after it */
	bool		 cut;		/* too many parts, or too deep */
};

/* Takes the next line, without its end, off `rest`; false at the end. */
bool	 mime_line(struct mime_text *rest, struct mime_text *line);
bool	 mime_is_eight_bit(struct mime_text);
bool	 mime_starts(struct mime_text, const char *prefix);	/* any case */

/* Takes fields up to and with the first empty line off `rest`. */
void	 mime_header_read(struct arena *, struct mime_header *,
	    struct mime_text *rest);
/* The first field of that name, in any case, or NULL. */
const char *mime_header_get(const struct mime_header *, const char *name);
size_t	 mime_header_count(const struct mime_header *, const char *name);

void	 mime_entity_read(struct arena *, struct mime_entity *,
	    struct mime_text content);
/* The body without its transfer encoding; false: the encoding is broken. */
bool	 mime_decode(struct arena *, const struct mime_entity *,
	    struct mime_text *out);
/* The value without comments (RFC 5322 3.2.2), trimmed. */
char	*mime_uncomment(struct arena *, const char *value);
/* A lower-case copy (ASCII). */
char	*mime_lower(struct arena *, const char *s);

#endif

/*
 * What became of a message's content on the way: the one that was submitted
 * against the one that arrived.  Pure functions, octets in, struct out.
 *
 * Compared are the header fields that the harness wrote and the whole body.
 * What others add to the header, folding, and the case of field names do not
 * matter (compose_digest() in compose.h, which is the quick answer, says
 * why).  A body in another Content-Transfer-Encoding is compared decoded: a
 * relay may convert for a host without 8BITMIME (RFC 6152 section 3).
 */
#ifndef MXD_RUN_CONTENT_H
#define MXD_RUN_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

/* X(symbol, "what it is") */
#define CONTENT_CHANGES(X)						\
	X(NONE, "none")							\
	X(DOT_LOST, "a dot lost at the start of a line")		\
	X(DOT_ADDED, "a dot added at the start of a line")		\
	X(LINE_END, "a line end changed or missing")			\
	X(BARE, "a bare CR or LF changed or added")			\
	X(WRAPPED, "a line wrapped")					\
	X(CUT, "a line cut")						\
	X(BLANK, "blanks at the end of a line lost or added")		\
	X(HIGH_OCTET, "an octet above 127 stripped, replaced or lost")	\
	X(FIELD, "a header field of ours changed or missing")		\
	X(SHORT, "the body cut short")					\
	X(LONGER, "text added after the body")				\
	X(OTHER, "another change")

enum content_change {
#define X(sym, what) CONTENT_##sym,
	CONTENT_CHANGES(X)
#undef X
	CONTENT_CHANGE_COUNT
};

#define CONTENT_TEXT	240

/* The first difference; lines count from 1, offsets from 0. */
struct content_difference {
	enum content_change change;
	bool		 in_header;	/* or in the body */
	/* In the header or body that was sent, decoded if `encoding`. */
	size_t		 line, offset;
	/* The body arrived in this one and not in that of the submission. */
	const char	*encoding;	/* a constant; NULL: unchanged */
	char		 text[CONTENT_TEXT];	/* one sentence, printable */
};

/* True if the content is the same; *d is set in either case. */
bool	 content_compare(const char *sent, size_t sent_len,
	    const char *arrived, size_t arrived_len,
	    struct content_difference *d);

/*
 * The same for bodies as they stand (content_body.c); leaves *d as it is if
 * they are the same.
 */
bool	 content_compare_body(const char *sent, size_t sent_len,
	    const char *arrived, size_t arrived_len,
	    struct content_difference *d);

/* Appends a sentence's next piece to d->text. */
void	 content_say(struct content_difference *d, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* The same, quoted, for octets of a message: printable, cut if long. */
void	 content_quote(struct content_difference *d, const char *p,
	    size_t len);

#endif

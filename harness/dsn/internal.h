/*
 * What the files of the report parser share: dsn.c finds the parts and
 * checks the frame (RFC 6522), status.c reads message/delivery-status
 * (RFC 3464), prose.c guesses at what was written for people.
 */
#ifndef MXD_JUDGE_DSN_INT_H
#define MXD_JUDGE_DSN_INT_H

#include "harness/dsn/dsn.h"
#include "harness/dsn/mime.h"

/*
 * Order of the defects; a rank keeps only its first DSN_MAX_DEFECTS.  FORM:
 * it is no RFC 3464 report at all, which it only SHOULD be (RFC 5321 3.6.3).
 */
enum dsn_rank { RANK_FORM, RANK_MINIMAL, RANK_MUST, RANK_SHOULD, RANK_COUNT };

#define DSN_MAX_DEFECTS	32

struct dsn_work {
	struct dsn	*dsn;
	struct arena	*a;		/* the dsn's */
	struct mime_entity top;
	const struct mime_entity *report;	/* multipart/report or NULL */
	const struct mime_entity *status;	/* message/delivery-status */
	const struct mime_entity *returned;	/* message/rfc822 and kin */
	const struct mime_entity **texts;	/* text/plain, in order */
	size_t		 text_count;
	size_t		 status_count;
	struct mime_header original;	/* of the returned message */
	struct {
		struct dsn_defect *items;
		size_t	 count;
	} ranks[RANK_COUNT];
};

/* `fmt` gives one sentence without a full stop. */
void	 dsn_defect_add(struct dsn_work *, enum dsn_rank,
	    const char *clause, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* Reads the fields of all groups into w->dsn. */
void	 dsn_status_read(struct dsn_work *, struct mime_text);

/*
 * Reads the texts for people, where the machine-readable part is missing or
 * names nobody.  With `known` the mail is a report by its structure; without,
 * true says that its words make it one.
 */
bool	 dsn_prose_read(struct dsn_work *, bool known);

/* The first "<...>" of a value with its brackets, or NULL. */
const char *dsn_angle(struct arena *, const char *value);

/* In a text: "Name: value" at the start of a line, as one word. */
const char *dsn_token_in(struct arena *, struct mime_text);

/* "5.1.1" at p, nothing but `digits` and dots: its length, or 0. */
size_t	 dsn_status_length(const char *p, size_t len);

#endif

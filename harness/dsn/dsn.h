/*
 * A delivery status notification, read strictly: RFC 3464 in the frame of
 * RFC 6522 (which replaced RFC 3462) and RFC 6533.  A pure function, octets
 * in, struct out.  It never fails: what is wrong with a report is in its
 * defects, each with the requirement that it breaks.
 *
 * A report that is no RFC 3464 report (prose, multipart/mixed) is still read
 * as far as it goes, so that it is known which message and recipients it is
 * about and whether it says failed or delayed; that it is none is a defect.
 * Only the outer structure counts: nothing inside the returned message can
 * add a recipient or a field (R-DF-SEC-e).
 *
 * This module does not know the envelope of the report, nor what happened to
 * the message: whether it names the right recipient is the judge's to say.
 */
#ifndef MXD_JUDGE_DSN_H
#define MXD_JUDGE_DSN_H

#include <stdbool.h>
#include <stddef.h>

/* The field by which a message of ours is known again. */
#define DSN_TOKEN_FIELD	"X-Mxdrill-Token"

/* Strings are NULL where the report does not say. */
struct dsn_recipient {
	const char	*address;	/* of Final-Recipient, without type */
	const char	*original;	/* of Original-Recipient, likewise */
	const char	*action;	/* lower case: failed delayed delivered
					   relayed expanded; or as written */
	const char	*status;	/* "5.1.1", without comment */
	const char	*remote_mta;	/* name without type and comment */
	const char	*diagnostic;	/* unfolded, without its type */
	const char	*diagnostic_type;	/* lower case: "smtp" */
	const char	*will_retry_until;
};

enum dsn_level { DSN_MUST, DSN_SHOULD };	/* FAIL, warn */

struct dsn_defect {
	const char	*clause;	/* requirement id: "R-3464-3-a" */
	int		 level;		/* enum dsn_level */
	const char	*text;		/* one sentence */
};

struct dsn {
	struct arena	*arena;		/* owns every string */
	bool		 is_report;	/* a delivery report of any shape */
	/*
	 * It is in the form of R-5321-3.6.3-c, and no defect breaks the
	 * minimal parse of R-3464-3-a or the class of R-3464-2.3.4-a: not
	 * BOUNCED_MALFORMED (21.4).  False too of what is no report.
	 */
	bool		 minimal;
	/* Of the message that the report is about. */
	const char	*token;		/* value of DSN_TOKEN_FIELD */
	const char	*message_id;	/* with its angle brackets */
	/* Per-message fields (RFC 3464 2.2). */
	const char	*reporting_mta;	/* name without type */
	const char	*envelope_id;
	const char	*arrival_date;
	/* Of the report's own header. */
	const char	*from, *to, *subject, *auto_submitted;
	const char	*type;		/* lower case: "multipart/report" */
	bool		 international;	/* uses RFC 6533 types or addresses */
	bool		 has_original;	/* a message or its header came back */
	bool		 has_original_body;	/* not only its header */
	struct dsn_recipient *recipients;
	size_t		 recipient_count;
	/*
	 * Those that `minimal` is about, the other MUSTs, the other SHOULDs:
	 * defects[0] is the one to tell.
	 */
	struct dsn_defect *defects;
	size_t		 defect_count;
	size_t		 must_count;	/* of them DSN_MUST */
};

/* `content` may hold anything; line ends are CRLF or LF. */
void	 dsn_parse(struct dsn *, const char *content, size_t len);
void	 dsn_fini(struct dsn *);

#endif

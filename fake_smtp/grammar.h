/*
 * The grammar of RFC 5321 section 4.1.2 as a server reads it: strictly.
 * Pure functions over a line without its CRLF; nothing is copied.
 */
#ifndef MXD_FAKE_SMTP_GRAMMAR_H
#define MXD_FAKE_SMTP_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of somebody else's memory. */
struct span {
	const char	*at;
	size_t		 len;
};

/* X(symbol, "VERB", takes a transaction's state or not is the session's) */
#define SMTP_VERBS(X)							\
	X(EHLO) X(HELO) X(MAIL) X(RCPT) X(DATA) X(BDAT) X(RSET) X(NOOP)	\
	X(VRFY) X(EXPN) X(HELP) X(QUIT) X(STARTTLS) X(AUTH)

enum smtp_verb {
	SMTP_UNKNOWN,
#define X(verb) SMTP_##verb,
	SMTP_VERBS(X)
#undef X
};

/* The verb, case-insensitively, and what follows it after one space. */
enum smtp_verb smtp_verb_parse(struct span line, struct span *args);

struct smtp_path {
	struct span	 mailbox;	/* no <>, no source route; "" null */
	bool		 route;		/* a source route was there */
	bool		 utf8;		/* RFC 6531: octets over 127 */
};
/*
 * Path and Null path ("<>" if `null_ok`, "<Postmaster>" if `bare_ok`), from
 * the start of `text`; the rest goes to *rest.
 */
bool	 smtp_path_parse(struct span text, bool null_ok, bool bare_ok,
	    struct smtp_path *, struct span *rest);
/*
 * The next esmtp-param of *text: a space, keyword, maybe "=" and value
 * (value.at NULL: none).  False at the end or, with *bad set, when the
 * grammar is broken.
 */
bool	 smtp_param_next(struct span *text, struct span *keyword,
	    struct span *value, bool *bad);
/* A Mailbox without <> and nothing else: "a b"@x.test, c@[192.0.2.1]. */
bool	 smtp_mailbox_valid(struct span);
/* Domain or address literal and nothing else. */
bool	 smtp_domain_valid(struct span);
/*
 * Of a valid one: may it stand for a host (RFC 5321 section 2.3.5)?  Not
 * "localhost" nor a bare 192.0.2.1, which takes brackets.
 */
bool	 smtp_domain_qualified(struct span);
/* A decimal number of 1 to 19 digits. */
bool	 smtp_number_parse(struct span, unsigned long long *);
/* RFC 3461 section 4: xtext. */
bool	 smtp_xtext_valid(struct span);
/* Octets that a text takes as xtext. */
size_t	 smtp_xtext_len(struct span);
/* Equality with an upper-case word, whatever the case of the span. */
bool	 span_is(struct span, const char *word);

#endif

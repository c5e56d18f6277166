/*
 * What DNS told the MTA: the last answer to each question, as fake_dns
 * reports it (rcode, action, a summary "MX 10 mx1.r.test, MX 20 ..." of the
 * answer section).  Only the octets sent count, not what the zone says.
 */
#ifndef MXD_JUDGE_ANSWERS_H
#define MXD_JUDGE_ANSWERS_H

#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* The least patience with name servers that is in use: "options timeout:1". */
#define ANSWER_PATIENCE_US	USEC_PER_SEC

struct mx {
	int		 preference;
	char		 name[256];
};

void	 answers_take(struct ledger *, const struct event *);
/* NULL: it was never asked. */
const struct asked *answers_last(const struct ledger *, const char *qname,
	    const char *qtype);
/* What the answer means by all that is known by now; NULL: unasked. */
enum answer answers_mean(const struct ledger *, const struct asked *);
/* Did a rule of the scenario ever tell that it is an alias? */
bool	 answers_is_told_alias(const struct ledger *, const char *name);
/* The end of the CNAMEs that start at `name`. */
const char *answers_end(const struct ledger *, const char *name);
/* Is the other the name itself, or the end of its CNAMEs? */
bool	 answers_is_name(const struct ledger *, const char *name,
	    const char *other);
/* The next MX of a reply's text from *at on; false at the end. */
bool	 answers_next_mx(const char **at, struct mx *);
/* Is the host one of the MX that a reply tells of? */
bool	 answers_names_mx(const struct event *, const char *host);
/* The next address of a reply's text from *at on; false at the end. */
bool	 answers_next_addr(const char **at, char addr[static 64]);
/* Is the address among those of a reply's text? */
bool	 answers_has_addr(const char *text, const char *addr);
/* What a reply says by itself; that aliases are a loop takes more of them. */
enum answer answer_of(const struct event *);
/* Octets that the scenario spoilt, and yet they can be read as an answer. */
bool	 answer_is_garbled(const struct event *);
/*
 * Can nobody else be there?  Loopback, unspecified and link-local addresses,
 * also mapped into IPv6 (RFC 6890).
 */
bool	 addr_is_own(const char *addr);

#endif

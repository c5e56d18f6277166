/*
 * What is known of the MTA under test: the bounds that requirements 0.3
 * names.  Read from the `key=value` lines of `adapter info`; times there are
 * written as 300s, 5m, 4h, 5d.  Symbols in comments are the catalogue's.
 */
#ifndef MXD_JUDGE_PROFILE_H
#define MXD_JUDGE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* X(field, "key", default in seconds, "help") */
#define PROFILE_TIMES(X)						\
	X(first_retry_us, "first-retry", 300, "R1, first retry interval")	\
	X(max_retry_us, "max-retry", 14400, "Rmax, largest retry interval")	\
	X(queue_run_us, "queue-run", 300, "QR, granularity of the queue runner")\
	X(life_us, "life", 432000, "LIFE, when a message is given up")		\
	X(life_null_us, "life-null", 432000, "LIFEb, the same for null-sender mail") \
	X(warn_us, "warn", 0, "WARN, time of the delay report; 0 for none")	\
	X(connect_us, "connect-timeout", 300, "Tconn")				\
	X(greeting_us, "greeting-timeout", 300, "Tgreet")			\
	X(helo_us, "helo-timeout", 300, "EHLO/HELO reply")			\
	X(mail_us, "mail-timeout", 300, "Tmail")				\
	X(rcpt_us, "rcpt-timeout", 300, "Trcpt")				\
	X(data_us, "data-timeout", 120, "Tdata, reply to DATA")			\
	X(block_us, "block-timeout", 180, "Tblock, one block of content")	\
	X(eod_us, "eod-timeout", 600, "Teod, reply to the end of data")		\
	X(dns_us, "dns-timeout", 60, "Tdns, one lookup with all its tries")	\
	X(host_cache_us, "host-cache", 0, "HC, how long a host is remembered as unreachable")

enum greet5 { GREET5_EITHER, GREET5_SKIP, GREET5_PERM };

struct profile {
	char	 name[64];		/* "postfix" */
	char	 version[64];		/* from the MTA itself */
#define X(f, key, dflt, help) int64_t f;
	PROFILE_TIMES(X)
#undef X
	enum greet5 greet5;		/* key greet5=either|skip|perm */
	/* key address-limit: per delivery; 0: none */
	int	 address_limit;
	bool	 clocked;		/* key clock=virtual|real */
	bool	 scaled;		/* key scaled=yes: shorter intervals */
	/*
	 * key queue-listing=proven: in this lab a canary that was deferred was
	 * listed, and those that ended were not.
	 */
	bool	 queue_proven;
	/*
	 * Where the user's own configuration says how long mail is kept (key
	 * life-line), and that none goes without TLS (key tls-line):
	 * "main.cf:12: maximal_queue_lifetime = 6h"; "": nowhere.
	 */
	char	 life_line[160], tls_line[160];
};

void	 profile_init(struct profile *);
/*
 * Takes one key and value; keys of no concern here are accepted by the
 * caller.  Returns 1 taken, 0 not a profile key, -1 a bad value with *error
 * (static text) saying what was expected.
 */
int	 profile_set(struct profile *, const char *key, const char *value,
	    const char **error);
/*
 * Takes what it knows of `key=value` lines, the rest is of no concern; cuts
 * `text` (NULL: nothing) up.
 */
void	 profile_read_lines(struct profile *, char *text);
/* "1h30m", "300", "5d" to microseconds; false if it is no duration. */
bool	 duration_parse(const char *text, int64_t *us);

#endif

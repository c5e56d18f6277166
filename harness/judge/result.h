/*
 * The words of a judgement: flags beside a verdict, and results of a run.
 */
#ifndef MXD_JUDGE_RESULT_H
#define MXD_JUDGE_RESULT_H

#include <stdbool.h>

/* X(symbol, "word", "help"): flags of 21.4, any number beside a verdict. */
#define FLAGS(X)							\
	X(TRAP_CONTACT, "trap-contact", "a host that must be left alone was contacted")	\
	X(ORDER_VIOLATION, "order-violation", "a host was tried before a better one") \
	X(NOT_ALL_TRIED, "not-all-tried", "gave up the cycle with hosts untried") \
	X(NOT_RANDOMISED, "not-randomised", "equal hosts do not share the load") \
	X(RETRY_STORM, "retry-storm", "retries without the delay RFC 5321 asks for") \
	X(SHORT_TIMEOUT, "short-timeout", "hung up before the least timeout")	\
	X(LONG_TIMEOUT, "long-timeout", "waited far beyond the timeout")	\
	X(HOL_BLOCKED, "hol-blocked", "a dead destination delayed another")	\
	X(PROTOCOL_VIOLATION, "protocol-violation", "the client broke the protocol") \
	X(CRASHED, "crashed", "a process of the MTA died of a signal")		\
	X(TOO_MANY_QUERIES, "too-many-queries", "more DNS queries than allowed") \
	X(TOO_MANY_CONTACTS, "too-many-contacts", "more connections than allowed") \
	X(STRAY_MAIL, "stray-mail", "mail that nobody sent")			\
	X(REPORT_RETRIED, "report-retried", "a report that was refused for good is offered again") \
	X(REPORT_FORM, "report-form", "a report that breaks its format, and can be read all the same") \
	X(REPORT_FIELDS, "report-fields", "a report or the next hop shows other DSN parameters than were given") \
	X(DELAY_WARNING, "delay-warning", "a report \"delayed\" that was not asked for, too often, or too late") \
	X(REWRITTEN, "rewritten", "a recipient was sent under another address") \
	X(DIVERGENT, "divergent", "differs where sources disagree")

enum flag {
#define X(sym, word, help) F_##sym,
	FLAGS(X)
#undef X
	FLAG_COUNT
};

/*
 * Result of a scenario, worst last.  One whose fault never fired proves
 * nothing although the harness worked: no pass, but less doubtful than an
 * ERROR, and neither may hide a FAIL.
 */
#define RESULTS(X)							\
	X(OK, "ok")	X(XFAIL, "xfail")	X(SKIP, "skip")		\
	X(INFO, "info")	X(WARN, "warn")		X(XPASS, "XPASS")	\
	X(NOT_EXERCISED, "not-exercised")				\
	X(ERROR, "ERROR") X(FAIL, "FAIL")

enum result {
#define X(sym, word) RESULT_##sym,
	RESULTS(X)
#undef X
	RESULT_COUNT
};

const char *flag_word(enum flag);
const char *flag_help(enum flag);
const char *result_word(enum result);
/* False: no result has this word (which may be NULL). */
bool	 result_find(const char *word, enum result *);
/* Does this result make the exit status? */
bool	 result_is_red(enum result);

#endif

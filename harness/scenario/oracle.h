/*
 * What may become of a message, given what each candidate host does to it:
 * the generator of requirements 21.11.  Pure.
 */
#ifndef MXD_SCENARIO_ORACLE_H
#define MXD_SCENARIO_ORACLE_H

#include <stddef.h>

/* X(symbol, "word", "help"): state of a candidate. */
#define HOST_CLASSES(X)							\
	X(OK, "ok", "accepts")						\
	X(T, "t", "temporarily unreachable or unwilling")		\
	X(U, "u", "address lookup undetermined")			\
	X(N, "n", "no such host")					\
	X(H, "h", "refuses every session for good")			\
	X(TR, "tr", "refuses the mail for now")				\
	X(PR, "pr", "refuses the mail for good")			\
	X(A, "a", "loses the connection after the end of data")

enum host_class {
#define X(sym, word, help) HC_##sym,
	HOST_CLASSES(X)
#undef X
	HOST_CLASS_COUNT
};

enum {
	MAY_DELIVER	= 1,
	MAY_DEFER	= 2,
	MAY_BOUNCE	= 4,
	MAY_DUPLICATE	= 8,	/* DEF*: one extra copy is excused */
};

/* Candidates in the order of their trial; the set of acceptable ends. */
unsigned oracle_expected(const enum host_class *, size_t count);
/* Two candidates of equal preference: either may come first. */
unsigned oracle_expected_pair(enum host_class, enum host_class, int equal);
const char *host_class_word(enum host_class);
const char *host_class_help(enum host_class);

#endif

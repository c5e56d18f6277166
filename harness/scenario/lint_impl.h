/* What the files of lint share. */
#ifndef MXD_SCENARIO_LINT_IMPL_H
#define MXD_SCENARIO_LINT_IMPL_H

#include "harness/scenario/lint.h"
#include "harness/scenario/parser.h"

enum lint_rule {
#define X(sym, name, level, help) L_##sym,
	LINT_RULES(X)
#undef X
};

/* Says "WHAT: HELP [rule-name]" there; for `meant` and `expected`. */
struct diag *lint_found(struct parser *, enum lint_rule, struct loc,
	    const char *what);

/* lint_zone.c */
void	 lint_zones(struct parser *);
/* Has the sender's domain anyone to take a report? */
void	 lint_sender(struct parser *, const struct message *, struct loc);
/* A host without address: false if the zone has none for it, either. */
bool	 lint_zone_address(struct parser *, const struct fsmtp_host *);

#endif

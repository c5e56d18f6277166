/*
 * P3, P4 and P5 (21.2): what DNS and the hosts' greetings entitle to for all
 * mail of a destination.  Asks the ledger, adds nothing to it.
 */
#ifndef MXD_JUDGE_CANDIDATES_H
#define MXD_JUDGE_CANDIDATES_H

#include "harness/judge/ledger.h"

struct entitlement {
	enum perm	 perm;		/* PERM_NONE: there is hope */
	bool		 obliges;
};

struct entitlement candidates_check(const struct ledger *,
	    const struct destination *, int64_t now_us);

#endif

/*
 * Reports that mail is delayed: one an interval of the profile, none that was
 * not asked for, none after the end (RFC 3461 5.2.5).
 */
#ifndef MXD_JUDGE_WARNINGS_H
#define MXD_JUDGE_WARNINGS_H

#include "harness/judge/finding.h"

void	 warnings_check(struct findings *, const struct entry *);

#endif

/*
 * What entitles all mail for a destination: P3, P4 and P5, and that its hosts
 * do not offer what some mail needs.  evidence.c tells it of events.
 */
#ifndef MXD_JUDGE_EVIDENCE_HOME_H
#define MXD_JUDGE_EVIDENCE_HOME_H

#include "harness/judge/ledger.h"

void	 evidence_home_dns(struct ledger *, const struct event *);
void	 evidence_home_contact(struct ledger *, const struct event *);
/* To the greeting, EHLO or HELO. */
void	 evidence_home_reply(struct ledger *, const struct session *,
	    const struct event *);

#endif

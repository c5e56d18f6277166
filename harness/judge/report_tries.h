/*
 * The transactions of reports of failure: those with the tag in the recipient,
 * what was said to them, and whether they ever end.
 */
#ifndef MXD_JUDGE_REPORT_TRIES_H
#define MXD_JUDGE_REPORT_TRIES_H

#include "harness/judge/ledger.h"

void	 report_tries_rcpt(struct ledger *, const struct event *);
void	 report_tries_command(struct ledger *, const struct event *);
void	 report_tries_reply(struct ledger *, const struct event *);
/* Is a report that was refused for good offered again without end? */
bool	 report_tries_go_on(const struct ledger *, const struct mail *);

#endif

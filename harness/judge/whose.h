/*
 * Whose is it?  The message and recipient that an event on the wire stands
 * for.  Asks the ledger; writes nothing but the bindings: what the MTA made
 * of a recipient on the way.
 */
#ifndef MXD_JUDGE_WHOSE_H
#define MXD_JUDGE_WHOSE_H

#include "harness/judge/ledger.h"

#define SENDER_SIZE	512

/* Whom "MAIL FROM:<...> ..." names; false: nobody, or NULL. */
bool	 whose_sender(const char *command, char sender[static SENDER_SIZE]);
/* The message with this reverse-path, tagged or not; NULL: none of ours. */
struct mail *whose_mail(const struct ledger *, const char *sender);
/* Is the sender's address, tagged or not, the reverse-path of the message? */
bool	 whose_sender_is(const struct ledger *, const struct mail *,
	    const char *address);
/*
 * The unit that a RCPT or a copy carries, as first seen or as bound before;
 * NULL: none, or a recipient more than the message had.
 */
struct entry *whose_unit(struct ledger *, const struct event *,
	    enum identity *);
/*
 * The unit that a report names, by Original-Recipient first.  NULL: none; a
 * report about the only recipient is about it, whatever it says.
 */
struct entry *whose_report(struct ledger *, const struct event *,
	    const char **defect);
/* Takes the case of a RCPT: the words of its ORCPT, if any. */
void	 whose_take(struct ledger *, const struct event *);

#endif

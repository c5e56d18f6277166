/*
 * The parts of a sentence (why.h): what was said and done, told so that a
 * postmaster finds it in a log.  All text is the ledger's arena's.
 */
#ifndef MXD_JUDGE_WHY_FACTS_H
#define MXD_JUDGE_WHY_FACTS_H

#include "harness/judge/evidence.h"

/* A reply as it went over the wire: its code once. */
const char *why_reply(struct arena *, const struct event *);
/* The name of the host that an event is about, or its address. */
const char *why_host(const struct event *);
const char *why_attempt(const struct ledger *, const struct entry *,
	    const struct attempt *);
/* NULL: nobody has refused it. */
const struct event *why_last_refusal(const struct entry *);
/* What was said to it last, and by which event. */
const char *why_last_word(const struct ledger *, const struct entry *,
	    uint64_t *decisive);
/* The evidence that entitled or obliged, told by what was seen. */
const char *why_cause(const struct ledger *, const struct entry *,
	    const struct proof *);

#endif

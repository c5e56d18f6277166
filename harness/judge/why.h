/* The sentence that tells a postmaster what became of a unit, and why. */
#ifndef MXD_JUDGE_WHY_H
#define MXD_JUDGE_WHY_H

#include "harness/judge/ledger.h"

const char *why_sentence(const struct ledger *, const struct entry *,
	    enum verdict, const char *note, uint64_t *decisive);
/* G9: injection, all attempts, absence of copy and report, the queue. */
const char *why_proof(const struct ledger *, const struct entry *);
/* "2h03m", "4d23h", "12.5s" */
const char *why_duration(struct arena *, int64_t us);

#endif

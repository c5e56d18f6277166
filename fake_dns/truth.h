/*
 * What a correct resolver would answer from one version of the truth.
 */
#ifndef MXD_FAKE_DNS_TRUTH_H
#define MXD_FAKE_DNS_TRUTH_H

#include "fake_dns/store.h"
#include "fake_dns/wire.h"

#define CHAIN_MOST	64	/* CNAMEs followed; the reply has so many */

struct truth {
	struct store	*store;
	/*
	 * True for addresses that a fault is about: a resolver that cannot
	 * get them would not have them to add to an MX answer either.
	 */
	bool		(*hidden)(void *ctx, const struct name *,
			    uint16_t type);
	void		*ctx;
};

/* Fills the reply's sections; `m` has been begun and is not ended. */
void	 truth_fill(const struct truth *, struct msg *, const struct style *);
/* Only the SOA for a negative answer about the query's name. */
void	 truth_fill_negative(const struct truth *, struct msg *,
	    const struct style *);
/*
 * Steps from an alias to the next name.  False: the chain has ended or
 * bites its own tail.  `visited` has room for CHAIN_MOST names.
 */
struct chain {
	struct name	 names[CHAIN_MOST];
	unsigned	 count;
};
bool	 chain_follow(struct chain *, const struct rrset *cname);

#endif

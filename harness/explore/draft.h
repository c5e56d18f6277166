/*
 * A draft: a small world made up from a seed, before it is a scenario file.
 * It is pure data of fixed size, so that it can be copied, compared and made
 * smaller part by part; its faults are the language's own structs.  Names
 * and texts in it are constants of this room, nothing is to be freed.
 *
 * A draft is made (draft_make.c, draft_fault.c), written down as a scenario
 * that lints clean (draft_text.c) with what a correct MTA must do in it
 * (promise.c), and made smaller while it still fails (smaller.c).
 */
#ifndef MXD_EXPLORE_DRAFT_H
#define MXD_EXPLORE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/sbuf.h"
#include "harness/scenario/scenario.h"

#define DRAFT_MX	4	/* hosts of the recipients' domain, at most */
#define DRAFT_RCPTS	4
#define DRAFT_MESSAGES	2
#define DRAFT_FAULTS	6
#define DRAFT_LINES	3	/* of a reply */

/* Indices of hosts: those of the domain, then the one of the sender. */
enum { DRAFT_SENDER_MX = DRAFT_MX, DRAFT_HOSTS };

/* X(symbol, "words for a title"): how the recipients' domain takes mail. */
#define DRAFT_KINDS(X)							\
	X(MX, "MX hosts")						\
	X(IMPLICIT, "no MX, its own address")				\
	X(NULL_MX, "a null MX")						\
	X(NOTHING, "no such domain")					\
	X(SMART, "smarthosts")

enum draft_kind {
#define X(sym, help) DRAFT_BY_##sym,
	DRAFT_KINDS(X)
#undef X
	DRAFT_KIND_COUNT
};

/* X(symbol, "member of the scenario", weight of 100). */
#define DRAFT_TABLES(X)							\
	X(DNS, "dns", 28)						\
	X(HOST, "hosts", 44)						\
	X(GREYLIST, "greylist", 6)					\
	X(NETWORK, "network", 12)					\
	X(MTA, "mta", 10)

enum draft_table {
#define X(sym, member, weight) DRAFT_IN_##sym,
	DRAFT_TABLES(X)
#undef X
	DRAFT_TABLE_COUNT
};

struct draft_fault {
	enum draft_table table;
	int		 host;		/* HOST, GREYLIST: whose */
	union {
		struct fdns_rule dns;
		struct fsmtp_rule host;
		struct fsmtp_greylist greylist;
		struct net_rule	 network;
		struct mta_event mta;
	} as;
	const char	*lines[DRAFT_LINES];	/* HOST: of the reply */
	int64_t		 start_us;	/* MTA, stop: when it starts again */
};

struct draft_host {
	bool		 there;
	bool		 ipv4, ipv6;	/* addresses it has */
	int		 preference;
};

struct draft_message {
	const char	*from;
	unsigned	 to;		/* recipients, a bit each */
	int64_t		 at_us;
	size_t		 size;		/* 0: a short text */
	bool		 eight_bit;
	const char	*notify;	/* or NULL */
};

struct draft {
	uint64_t	 seed;
	enum draft_kind	 kind;
	bool		 alias;		/* the domain is a CNAME */
	int		 ttl;		/* 0: not said */
	int		 resolvers;
	bool		 mta_ipv4, mta_ipv6;
	struct draft_host hosts[DRAFT_MX];
	struct draft_message messages[DRAFT_MESSAGES];
	size_t		 message_count;
	struct draft_fault faults[DRAFT_FAULTS];
	size_t		 fault_count;
};

/* The world of a seed. */
void	 draft_make(struct draft *, uint64_t seed);
/* Appends the scenario file. */
void	 draft_text(const struct draft *, struct sbuf *);

/* What the files of this room share. */

struct rng;
/* A fault, of the draft as it is; whether it makes sense there is open. */
void	 draft_fault(const struct draft *, struct rng *, struct draft_fault *);
/* Would the language take it? */
bool	 draft_is_sound(const struct draft *);
const char *draft_host_name(const struct draft *, int host);
const char *draft_rcpt(int i);		/* "a@r.test" ... */
struct phase *draft_phase(struct draft_fault *);
const struct phase *draft_phase_of(const struct draft_fault *);
bool	 draft_uses_trap(const struct draft *);
/* Is there a host that the MTA can reach when nothing is wrong? */
bool	 draft_has_path(const struct draft *);
/* Appends `expect:`, and `repair:` where it must be said. */
void	 draft_promise(const struct draft *, struct sbuf *);

/*
 * Drafts that are one step smaller, the biggest steps first: fresh array at
 * *out, free(3).  None of them has a smaller one that leads back.
 */
size_t	 draft_smaller(const struct draft *, struct draft **out);

#endif

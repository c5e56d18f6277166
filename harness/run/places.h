/*
 * Where the fakes are when there is no lab around them: `--dns`, `--smtp`.
 * A scenario names addresses of a fake Internet; here each is given one of
 * this host, and the scenario is rewritten to speak of those.
 */
#ifndef MXD_RUN_PLACES_H
#define MXD_RUN_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/addr.h"
#include "harness/run/world.h"

#define PLACES_DNS	"127.0.0.1:5300"
#define PLACES_SMTP	"127.25.0.1:2525"
#define PLACES_MOST_DNS	2

/* `--smtp HOST=ADDR[:PORT]` */
struct place {
	char		*host;
	struct addr	 addr;
	bool		 taken;
};

struct places {
	struct addr	 dns[PLACES_MOST_DNS];
	size_t		 dns_count;
	struct place	*hosts;
	size_t		 host_count;
	/* `--smtp ADDR[:PORT]`: hosts without a place of their own get this
	 * address and those that follow.  family 0: none of that family */
	struct addr	 base4, base6;
	/* `--smtp own[:PORT]`: the scenario's own addresses; 0: no */
	uint16_t	 own_port;
};

/* Take a value of an option.  False: *error (fresh memory) says why. */
bool	 places_add_dns(struct places *, const char *text, char **error);
bool	 places_add_smtp(struct places *, const char *text, char **error);
/* What was not said: PLACES_DNS, PLACES_SMTP. */
void	 places_finish(struct places *);
void	 places_fini(struct places *);

/*
 * Why the scenario cannot be had without a lab, fresh memory, or NULL: what
 * only its router or its namespace can do.
 */
char	*places_obstacle(const struct places *, const struct scenario *);
/*
 * Puts every host of scenario and world in its place: addresses of hosts,
 * zones and records.  An address of a family that has no place is taken out
 * of the zones.  NULL, or why it cannot be done, fresh memory.
 */
char	*places_apply(struct places *, struct scenario *, struct world *);
/* The first `--smtp HOST=` of which the world knows nothing, or NULL. */
const char *places_unknown_host(const struct places *, const struct world *);

#endif

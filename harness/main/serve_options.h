/* The options of `mxdrill serve`; see run_options.h. */
#ifndef MXD_MAIN_SERVE_OPTIONS_H
#define MXD_MAIN_SERVE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/main/options.h"
#include "harness/run/places.h"

#define SERVE_OPTIONS(X)						\
	X(dns, "dns", 0, "ADDR:PORT",					\
	    "where the name server listens (default " PLACES_DNS "), "	\
	    "twice for two")						\
	X(smtp, "smtp", 0, "ADDR:PORT",					\
	    "where mail hosts listen, this address and those after it "	\
	    "(default " PLACES_SMTP "); HOST=ADDR:PORT: that host; "	\
	    "own:PORT: at the scenario's addresses")			\
	X(start, "start", 0, "contact|now",				\
	    "from when the scenario's times count (default: contact, the " \
	    "first query or connection)")				\
	X(speed, "speed", 0, "N",					\
	    "a second counts as N: two hours pass in 2h/N (default 1)")	\
	X(out, "out", 0, "DIR",						\
	    "where it is stored (default runs/DATE-TIME)")		\
	X(seed, "seed", 0, "N", "for everything random (default 1)")	\
	X(verbose, "verbose", 'v', NULL, "print dull events, too")

struct serve_options {
	struct places	 places;
	double		 speed;		/* 0: not said */
	bool		 start_now, verbose;
	const char	*out;		/* NULL: runs/DATE-TIME */
	uint64_t	 seed;
};

extern const struct option_table serve_option_table;

/* As options_parse(); fills in the defaults. */
int	 serve_options_parse(struct serve_options *, int argc, char **argv,
	    int *first);

#endif

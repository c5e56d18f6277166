/*
 * Where the site's own configuration departs from the RFC: the judgements say
 * so (struct departure), a report collects it, each thing once an MTA.  It is
 * no defect of the MTA, and nobody may read it as one.
 */
#ifndef MXD_REPORT_DEPARTURES_H
#define MXD_REPORT_DEPARTURES_H

#include "harness/base/sbuf.h"
#include "harness/judge/judge.h"

struct report_set;

struct departed {
	char		*mta;		/* as in the report's tables */
	struct departure what;
	size_t		 runs;		/* that it is said of */
};

/* Zeroed it is empty. */
struct departures {
	struct departed	*items;		/* in the order they came */
	size_t		 count;
};

void	 departures_add(struct departures *, const char *mta,
	    const struct judgement *);
/* Of all runs of a finished set. */
void	 departures_of(struct departures *, const struct report_set *);
void	 departures_fini(struct departures *);

/* "Your configuration departs from RFC 5321 in 2 points" */
void	 departures_head(struct sbuf *, const struct departures *);
/* "life is 1d (main.cf:12), R-5321-4.5.4.1-h (SHOULD)": not made harmless. */
void	 departure_put(struct sbuf *, const struct departure *);

#endif

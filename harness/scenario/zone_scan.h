/*
 * A quick look at zone text for what the language needs to know of it:
 * addresses, exchangers and aliases.  Not a zone parser; whether the text is
 * right is fdns_zone_check()'s business.
 */
#ifndef MXD_SCENARIO_ZONE_SCAN_H
#define MXD_SCENARIO_ZONE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct zone_record {
	const char	*owner;		/* lower case, no final dot */
	const char	*type;		/* "A", upper case */
	int		 preference;	/* MX */
	const char	*data;		/* A, AAAA as written; names as owner */
	int		 line;		/* in the text, from 0 */
	/* Names as written, where they have no final dot; else NULL. */
	const char	*bare_owner, *bare_data;
	bool		 below_origin;	/* an $ORIGIN is in force */
};

struct zone_scan {
	struct zone_record *records;
	size_t		 count;
};

void	 zone_scan(struct arena *, const char *text, struct zone_scan *);
/* The n-th record (from 0) of a name and type, or NULL; type NULL: any. */
const struct zone_record *zone_find(const struct zone_scan *,
	    const char *owner, const char *type, size_t n);

/* Zone text of the names that every lab has (manual, "What is there"). */
extern const char scenario_builtin_zone[];
/* ... and of those that it has with `search-trap`. */
extern const char scenario_search_trap_zone[];

#endif

#include "harness/scenario/mailbox.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/scenario/zone_scan.h"

/* The records of a name, or of the wildcard that stands for it. */
static const struct zone_record *
record_of(struct arena *arena, const struct zone_scan *scan, const char *name,
    const char *type)
{
	const struct zone_record *rec = zone_find(scan, name, type, 0);
	const char *dot = name;

	while (rec == NULL && (dot = strchr(dot, '.')) != NULL)
		rec = zone_find(scan, arena_printf(arena, "*%s", dot++),
		    type, 0);
	return rec;
}

/* Does mail for the domain have a host by this zone (RFC 5321 5.1)? */
static enum mailbox
mailbox_in(struct arena *arena, const struct zone_scan *scan,
    const char *domain)
{
	const struct zone_record *mx = record_of(arena, scan, domain, "MX");

	if (mx != NULL)
		return *mx->data == '\0' || strcmp(mx->data, ".") == 0 ?
		    MAILBOX_NULL_MX : MAILBOX_SOME;
	return record_of(arena, scan, domain, "A") != NULL ||
	    record_of(arena, scan, domain, "AAAA") != NULL ||
	    record_of(arena, scan, domain, "CNAME") != NULL ? MAILBOX_SOME :
	    MAILBOX_NONE;
}

enum mailbox
mailbox_of(const struct scenario *sc, const char *domain)
{
	struct arena *arena = arena_new();
	enum mailbox best = MAILBOX_NONE, one;
	struct zone_scan scan;

	for (size_t i = 0; i < sc->zone_count; i++) {
		zone_scan(arena, sc->zones[i].text, &scan);
		one = mailbox_in(arena, &scan, domain);
		if (one > best)
			best = one;
	}
	zone_scan(arena, scenario_builtin_zone, &scan);
	if (best == MAILBOX_NONE && mailbox_in(arena, &scan, domain) ==
	    MAILBOX_SOME)
		best = MAILBOX_SOME;
	arena_free(arena);
	return best;
}

const char *
mailbox_domain(const char *address)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	return at != NULL ? at + 1 : "";
}

bool
mailbox_sent_before(const struct scenario *sc, size_t n, const char *domain)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(mailbox_domain(sc->messages[i].from),
		    domain) == 0)
			return true;
	return false;
}

/* Lint of the zones: addresses of nobody, names without dot, senders. */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "harness/base/arena.h"
#include "harness/scenario/lint_impl.h"
#include "harness/scenario/mailbox.h"

/* In the block of zone text: its first line is the one below the |. */
static struct loc
record_loc(const struct fdns_zone *zone, const struct zone_record *rec)
{
	return (struct loc){ zone->line + rec->line, 1 };
}

static bool
is_address(const struct zone_record *rec)
{
	return strcmp(rec->type, "A") == 0 || strcmp(rec->type, "AAAA") == 0;
}

/*
 * Traps that a scenario sets on purpose: the loopback, "this host" and link
 * networks in either family, v4-mapped ones, and the MTA's own.
 */
static bool
is_trap(const struct addr *a)
{
	static const uint8_t none[15] = { 0 };

	if (scenario_is_mtas_own(a))
		return true;
	if (a->family == AF_INET)
		return a->ip[0] == 0 || a->ip[0] == 127 ||
		    (a->ip[0] == 169 && a->ip[1] == 254);
	return memcmp(a->ip, none, 10) == 0 ||
	    (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80);
}

static void
lint_record(struct parser *p, const struct fdns_zone *zone,
    const struct zone_record *rec)
{
	const char *name = rec->bare_owner != NULL ? rec->bare_owner :
	    rec->bare_data;
	struct loc loc = record_loc(zone, rec);
	struct addr addr;
	size_t len;

	if (is_address(rec) && addr_parse(&addr, rec->data) &&
	    !scenario_in_lab(&addr) && !is_trap(&addr))
		lint_found(p, L_ZONE_ADDRESS_OUTSIDE, loc, rec->data);
	if (name == NULL)
		return;
	/* Below an $ORIGIN short names are the custom, whole ones a slip. */
	len = strlen(name);
	if (!rec->below_origin || (strchr(name, '.') != NULL && len > 5 &&
	    strcasecmp(name + len - 5, ".test") == 0))
		lint_found(p, L_NAME_WITHOUT_DOT, loc, name)->expected =
		    arena_printf(p->diags->arena, "%s.", name);
}

/* It is what such a scenario is about. */
static bool
expects_nowhere(const struct scenario *sc)
{
	for (size_t i = 0; i < sc->expect_count; i++)
		if (sc->expect[i].outcome & VSET(V_BOUNCED_NOWHERE))
			return true;
	return false;
}

void
lint_sender(struct parser *p, const struct message *m, struct loc loc)
{
	const char *domain = mailbox_domain(m->from);

	if (*domain == '\0' || *domain == '[' || expects_nowhere(p->sc) ||
	    mailbox_sent_before(p->sc, (size_t)(m - p->sc->messages),
	    domain))
		return;
	switch (mailbox_of(p->sc, domain)) {
	case MAILBOX_NONE:
		if (!p->sc->healthy_senders)
			lint_found(p, L_SENDER_WITHOUT_MAILBOX, loc, domain);
		break;
	case MAILBOX_NULL_MX:
		lint_found(p, L_SENDER_NULL_MX, loc, domain);
		break;
	case MAILBOX_SOME:
		break;
	}
}

bool
lint_zone_address(struct parser *p, const struct fsmtp_host *h)
{
	const struct zone_record *rec;
	struct zone_scan scan;
	struct addr addr;

	for (size_t z = 0; z < p->sc->zone_count; z++) {
		zone_scan(p->arena, p->sc->zones[z].text, &scan);
		for (size_t i = 0; i < scan.count; i++) {
			rec = &scan.records[i];
			if (!is_address(rec) || strcasecmp(rec->owner,
			    h->name) != 0 || !addr_parse(&addr, rec->data))
				continue;
			lint_found(p, scenario_in_lab(&addr) ?
			    L_ADDRESS_TWICE : L_ADDRESS_OUTSIDE,
			    record_loc(&p->sc->zones[z], rec), rec->data);
			return true;
		}
	}
	return false;
}

void
lint_zones(struct parser *p)
{
	struct zone_scan scan;

	for (size_t z = 0; z < p->sc->zone_count; z++) {
		zone_scan(p->arena, p->sc->zones[z].text, &scan);
		for (size_t i = 0; i < scan.count; i++)
			lint_record(p, &p->sc->zones[z], &scan.records[i]);
	}
}

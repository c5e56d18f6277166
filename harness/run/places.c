#include "harness/run/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

#define SMTP_PORT	25
#define DNS_PORT	53

/* --- the options --- */

bool
places_add_dns(struct places *p, const char *text, char **error)
{
	if (p->dns_count == PLACES_MOST_DNS)
		*error = xasprintf("more than %d", PLACES_MOST_DNS);
	else if (!addr_parse_endpoint(&p->dns[p->dns_count], text, DNS_PORT))
		*error = xasprintf("\"%s\": expected ADDRESS[:PORT]", text);
	else {
		p->dns_count++;
		return true;
	}
	return false;
}

static bool
take_own(struct places *p, const char *text)
{
	char *end;
	long port = SMTP_PORT;

	if (strncmp(text, "own", 3) != 0)
		return false;
	if (text[3] == ':') {
		port = strtol(text + 4, &end, 10);
		if (text[4] < '0' || text[4] > '9' || *end != '\0')
			return false;
	} else if (text[3] != '\0')
		return false;
	if (port < 1 || port > 65535)
		return false;
	p->own_port = (uint16_t)port;
	return true;
}

bool
places_add_smtp(struct places *p, const char *text, char **error)
{
	const char *eq = strchr(text, '=');
	struct place *host;
	struct addr a;

	if (take_own(p, text))
		return true;
	if (!addr_parse_endpoint(&a, eq != NULL ? eq + 1 : text, SMTP_PORT) ||
	    eq == text) {
		*error = xasprintf("\"%s\": expected HOST=ADDRESS[:PORT], "
		    "ADDRESS[:PORT] or own[:PORT]", text);
		return false;
	}
	if (eq == NULL) {
		*(a.family == AF_INET ? &p->base4 : &p->base6) = a;
		return true;
	}
	p->hosts = xreallocarray(p->hosts, p->host_count + 1,
	    sizeof *p->hosts);
	host = &p->hosts[p->host_count++];
	host->host = xstrndup(text, (size_t)(eq - text));
	host->addr = a;
	host->taken = false;
	return true;
}

void
places_finish(struct places *p)
{
	if (p->dns_count == 0)
		addr_parse_endpoint(&p->dns[p->dns_count++], PLACES_DNS, 0);
	if (p->own_port == 0 && p->base4.family == 0 && p->base6.family == 0)
		addr_parse_endpoint(&p->base4, PLACES_SMTP, 0);
}

void
places_fini(struct places *p)
{
	for (size_t i = 0; i < p->host_count; i++)
		free(p->hosts[i].host);
	free(p->hosts);
	memset(p, 0, sizeof *p);
}

const char *
places_unknown_host(const struct places *p, const struct world *w)
{
	for (size_t i = 0; i < p->host_count; i++) {
		size_t k = 0;

		while (k < w->host_count &&
		    strcasecmp(w->hosts[k].name, p->hosts[i].host) != 0)
			k++;
		if (k == w->host_count)
			return p->hosts[i].host;
	}
	return NULL;
}

/* --- what cannot be --- */

static char *
impossible_rule(const char *id, const char *word)
{
	return xasprintf("\"%s\" at line %s needs the lab's router", word, id);
}

/* Is there any place for the address? */
static bool
has_place(const struct places *p, const char *host, const struct addr *a)
{
	if (p->own_port != 0 || a->family == p->base4.family ||
	    a->family == p->base6.family)
		return true;
	for (size_t i = 0; i < p->host_count; i++)
		if (p->hosts[i].addr.family == a->family &&
		    strcasecmp(p->hosts[i].host, host) == 0)
			return true;
	return false;
}

static bool
has_any_place(const struct places *p, const struct fsmtp_host *h)
{
	for (size_t i = 0; i < h->addr_count; i++)
		if (has_place(p, h->name, &h->addrs[i]))
			return true;
	return h->addr_count == 0;
}

char *
places_obstacle(const struct places *p, const struct scenario *sc)
{
	const struct fsmtp_rule *r;

	for (size_t i = 0; i < sc->host_count; i++)
		if (!has_any_place(p, &sc->hosts[i]))
			return xasprintf("%s has no address of a family that "
			    "--smtp gives a place", sc->hosts[i].name);
	for (size_t i = 0; i < sc->host_count; i++)
		for (size_t k = 0; k < sc->hosts[i].rule_count; k++) {
			r = &sc->hosts[i].rules[k];
			if (r->stage == FSMTP_CONNECT &&
			    r->connect != FSMTP_CONNECT_OPEN &&
			    r->connect != FSMTP_CONNECT_CLOSE &&
			    r->connect != FSMTP_CONNECT_RESET)
				return impossible_rule(r->rule.id,
				    fsmtp_connect_word(r->connect));
		}
	if (sc->network_count > 0)
		return impossible_rule(sc->network[0].rule.id,
		    net_state_word(sc->network[0].state));
	if (sc->mta_count > 0)
		return xasprintf("the MTA elsewhere cannot be stopped or "
		    "kicked (line %s)", sc->mta[0].rule.id);
	return NULL;
}

/* --- the rewriting --- */

/* Of one address of the fake Internet. */
struct move {
	struct addr	 from, to;	/* to.family 0: it is taken out */
};

struct mover {
	struct places	*places;
	struct arena	*arena;
	struct move	*moves;
	size_t		 count;
	struct addr	 next4, next6;
};

static const struct move *
find_move(const struct mover *m, const struct addr *from)
{
	for (size_t i = 0; i < m->count; i++)
		if (addr_same_ip(&m->moves[i].from, from))
			return &m->moves[i];
	return NULL;
}

static void
increment(struct addr *a)
{
	for (int i = a->family == AF_INET ? 3 : 15; i >= 0; i--)
		if (++a->ip[i] != 0)
			break;
}

static bool
is_given(const struct mover *m, const struct addr *a)
{
	for (size_t i = 0; i < m->places->host_count; i++)
		if (addr_same_ip(&m->places->hosts[i].addr, a))
			return true;
	return false;
}

static struct addr
place_for(struct mover *m, const char *host, const struct addr *from)
{
	struct places *p = m->places;
	struct addr *next = from->family == AF_INET ? &m->next4 : &m->next6;
	struct addr to = { 0 };

	for (size_t i = 0; i < p->host_count; i++)
		if (!p->hosts[i].taken &&
		    p->hosts[i].addr.family == from->family &&
		    strcasecmp(p->hosts[i].host, host) == 0) {
			p->hosts[i].taken = true;
			return p->hosts[i].addr;
		}
	if (p->own_port != 0) {
		to = *from;
		to.port = p->own_port;
	} else if (next->family != 0) {
		while (is_given(m, next))
			increment(next);
		to = *next;
		increment(next);
	}
	return to;
}

static char *
move_host(struct mover *m, struct fsmtp_host *h)
{
	struct addr *list = arena_array(m->arena, h->addr_count + 1,
	    sizeof *list);
	const struct move *known;
	struct move *fresh;
	struct addr to;
	size_t kept = 0;

	for (size_t i = 0; i < h->addr_count; i++) {
		if ((known = find_move(m, &h->addrs[i])) != NULL)
			to = known->to;
		else {
			to = place_for(m, h->name, &h->addrs[i]);
			fresh = arena_push(m->arena, &m->moves, &m->count,
			    sizeof *fresh);
			fresh->from = h->addrs[i];
			fresh->to = to;
		}
		if (to.family != 0)
			list[kept++] = to;
	}
	if (h->addr_count > 0 && kept == 0)
		return xasprintf("%s has no address of a family that "
		    "--smtp gives a place", h->name);
	h->addrs = list;
	h->addr_count = kept;
	return NULL;
}

/*
 * A record whose address has no place becomes a TXT: the name stays, and a
 * line that takes its owner from this one still does.
 */
static void
put_line(struct mover *m, struct sbuf *out, const char *line, size_t len)
{
	const char *end = line + len, *p = line, *q;
	char word[ADDR_STRLEN], text[ADDR_STRLEN];
	const struct move *move;
	struct addr from, to;
	size_t type = 0;	/* where the last word begins in `out` */

	for (; p < end && *p != ';'; p = q) {
		q = p + strspn(p, " \t()");
		if (q > end)
			q = end;
		sbuf_add(out, p, (size_t)(q - p));
		p = q;
		q = p + strcspn(p, " \t();\n");
		if (q > end)
			q = end;
		snprintf(word, sizeof word, "%.*s", (int)(q - p), p);
		if (!addr_parse(&from, word) ||
		    (move = find_move(m, &from)) == NULL) {
			type = out->len;
			sbuf_add(out, p, (size_t)(q - p));
			continue;
		}
		to = move->to;
		to.port = 0;
		if (to.family != 0) {
			sbuf_puts(out, addr_format(&to, text));
			continue;
		}
		out->len = type;
		sbuf_puts(out, "TXT \"no place\"");
	}
	sbuf_putc(out, '\n');
}

static const char *
moved_text(struct mover *m, const char *text)
{
	struct sbuf out = { 0 };
	const char *line = text, *kept;
	size_t len;

	if (text == NULL)
		return NULL;
	for (; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		put_line(m, &out, line, len);
	}
	kept = arena_strdup(m->arena, sbuf_str(&out));
	sbuf_fini(&out);
	return kept;
}

char *
places_apply(struct places *p, struct scenario *sc, struct world *w)
{
	struct mover m = { .places = p, .arena = sc->arena,
	    .next4 = p->base4, .next6 = p->base6 };
	char *error;
	size_t addrs = 0;

	for (size_t i = 0; i < p->host_count; i++)
		p->hosts[i].taken = false;
	for (size_t i = 0; i < w->host_count; i++) {
		if ((error = move_host(&m, &w->hosts[i])) != NULL)
			return error;
		/* The scenario's come first; ours are the world's alone. */
		if (i < sc->host_count) {
			sc->hosts[i].addrs = w->hosts[i].addrs;
			sc->hosts[i].addr_count = w->hosts[i].addr_count;
		}
	}
	for (size_t i = 0; i < sc->zone_count; i++)
		sc->zones[i].text = moved_text(&m, sc->zones[i].text);
	for (size_t i = 0; i < sc->dns_count; i++)
		sc->dns[i].records = moved_text(&m, sc->dns[i].records);
	w->zone = moved_text(&m, w->zone);
	w->addrs = NULL;
	for (size_t i = 0; i < w->host_count; i++)
		addrs += w->hosts[i].addr_count;
	w->addrs = arena_array(sc->arena, addrs + 1, sizeof *w->addrs);
	w->addr_count = 0;
	for (size_t i = 0; i < w->host_count; i++)
		for (size_t k = 0; k < w->hosts[i].addr_count; k++)
			w->addrs[w->addr_count++] = w->hosts[i].addrs[k];
	return NULL;
}

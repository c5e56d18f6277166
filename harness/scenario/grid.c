#include "harness/scenario/grid.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/scenario/oracle.h"

enum profile { PERMANENT, REPAIRED, LATER, PROFILE_COUNT };
static const char *const profiles[] = { "permanent", "repaired", "later" };
static const char *const families[] = { "v4", "v6", "dual" };
static const char *const prefs[] = { "diff", "equal" };

struct cell {
	enum host_class	 host[2];
	int		 equal, family;
	enum profile	 profile;
};

#define CELLS ((size_t)HOST_CLASS_COUNT * HOST_CLASS_COUNT * 2 * 3 * \
	PROFILE_COUNT)

size_t
grid_count(void)
{
	return CELLS;
}

static struct cell
cell_of(size_t n)
{
	struct cell c;

	assert(n < CELLS);
	c.profile = (enum profile)(n % PROFILE_COUNT);
	n /= PROFILE_COUNT;
	c.family = (int)(n % 3);
	n /= 3;
	c.equal = (int)(n % 2);
	n /= 2;
	c.host[1] = (enum host_class)(n % HOST_CLASS_COUNT);
	c.host[0] = (enum host_class)(n / HOST_CLASS_COUNT);
	return c;
}

void
grid_id(size_t n, char id[GRID_ID_LEN])
{
	struct cell c = cell_of(n);

	snprintf(id, GRID_ID_LEN, "grid/%s-%s-%s-%s-%s",
	    host_class_word(c.host[0]), host_class_word(c.host[1]),
	    prefs[c.equal], families[c.family], profiles[c.profile]);
}

static bool
cell_find(const char *id, struct cell *out)
{
	char name[GRID_ID_LEN];

	for (size_t n = 0; n < CELLS; n++) {
		grid_id(n, name);
		if (strcmp(name, id) == 0) {
			*out = cell_of(n);
			return true;
		}
	}
	return false;
}

/* Short TTLs: a cached address must not outlive a switch of the phase. */
static void
put_zone(const struct cell *c, struct sbuf *out)
{
	sbuf_puts(out, "zone: |\n");
	for (int i = 1; i <= 2; i++)
		sbuf_printf(out, "  r.test.      30 MX %d mx%d.r.test.\n",
		    c->equal ? 10 : 10 * i, i);
	for (int i = 1; i <= 2; i++) {
		if (c->family != 1)
			sbuf_printf(out,
			    "  mx%d.r.test.  30 A 198.18.1.%d\n", i, i);
		if (c->family != 0)
			sbuf_printf(out,
			    "  mx%d.r.test.  30 AAAA 2001:db8:1::%d\n", i, i);
	}
}

/*
 * The first of two preferences is always met; whether the second is depends
 * on the MTA where stopping early is legal.
 */
static const char *
phase(const struct cell *c, int i)
{
	static const char *const sure[] = { "", ", until: 12h", ", from: 2m" };
	static const char *const maybe[] = { ", optional: true",
	    ", until: 12h, optional: true", ", from: 2m, optional: true" };

	return i == 0 && !c->equal ? sure[c->profile] : maybe[c->profile];
}

static void
put_dns(const struct cell *c, struct sbuf *out)
{
	bool head = false;

	for (int i = 0; i < 2; i++) {
		if (c->host[i] != HC_U && c->host[i] != HC_N)
			continue;
		sbuf_printf(out, "%s  - {name: mx%d.r.test, answer: %s%s}\n",
		    head ? "" : "dns:\n", i + 1,
		    c->host[i] == HC_U ? "servfail" : "nxdomain",
		    phase(c, i));
		head = true;
	}
}

static const char *
fault_of(enum host_class class)
{
	switch (class) {
	case HC_T:
		return "connect: refuse";
	case HC_H:
		return "greeting: \"554 5.7.1 denied\"";
	case HC_TR:
		return "rcpt: \"451 4.3.0 later\"";
	case HC_PR:
		return "rcpt: \"550 5.1.1 no such user\"";
	case HC_A:
		/* Forgotten: a loss shows, and copies need no budget. */
		return "eod: reset, keep: discard";
	default:
		return NULL;
	}
}

static void
put_hosts(const struct cell *c, struct sbuf *out)
{
	bool head = false;
	const char *fault;

	for (int i = 0; i < 2; i++) {
		fault = fault_of(c->host[i]);
		if (fault == NULL && c->profile != LATER)
			continue;
		sbuf_printf(out, "%s  mx%d.r.test:\n", head ? "" : "hosts:\n",
		    i + 1);
		head = true;
		/* The first cycle fails, whatever comes later. */
		if (c->profile == LATER)
			sbuf_printf(out, "    - {connect: refuse, until: 2m"
			    "%s}\n", i == 0 ? "" : ", optional: true");
		if (fault != NULL)
			sbuf_printf(out, "    - {%s%s}\n", fault,
			    phase(c, i));
	}
}

static void
put_words(struct sbuf *out, const char *key, const char *const *words)
{
	sbuf_printf(out, "  %s: [", key);
	for (int i = 0; words[i] != NULL; i++)
		sbuf_printf(out, "%s%s", i > 0 ? ", " : "", words[i]);
	sbuf_puts(out, "]\n");
}

static void
put_expect(const struct cell *c, struct sbuf *out)
{
	unsigned set = oracle_expected_pair(c->host[0], c->host[1], c->equal);
	const char *want[5], *tolerate[4];
	int n = 0, t = 0;

	if (set & MAY_DELIVER) {
		if (c->profile != LATER)
			want[n++] = "delivered-at-once";
		else
			want[n++] = "delivered-late";
		/* A lower address limit than two is allowed, if late. */
		if (set != MAY_DELIVER && c->profile != LATER)
			want[n++] = "delivered-late";
		else if (c->profile != LATER)
			tolerate[t++] = "delivered-late";
		/* Chance may pick the host that defers again and again. */
		if (set & MAY_DEFER)
			tolerate[t++] = "delivered-too-late";
	}
	if ((set & MAY_DEFER) && c->profile == REPAIRED &&
	    !(set & MAY_DELIVER))
		want[n++] = "delivered-late";
	if ((set & MAY_BOUNCE) || ((set & MAY_DEFER) &&
	    c->profile != REPAIRED))
		want[n++] = "bounced";
	if (set == MAY_BOUNCE) {
		tolerate[t++] = "late-bounce";
		if (c->profile == REPAIRED)
			tolerate[t++] = "delivered-late";
	}
	want[n] = tolerate[t] = NULL;
	sbuf_puts(out, "expect:\n");
	put_words(out, "outcome", want);
	if (t > 0)
		put_words(out, "tolerate", tolerate);
	if (c->profile != REPAIRED && (set & ~(unsigned)MAY_DUPLICATE) ==
	    MAY_DEFER)
		sbuf_puts(out, "  not-before: 3d\n");
	if (c->profile != REPAIRED && !(set & MAY_DELIVER))
		sbuf_puts(out, "repair: never\n");
}

bool
grid_text(const char *id, struct sbuf *out)
{
	struct cell c;

	if (!cell_find(id, &c))
		return false;
	sbuf_printf(out, "title: two MX of %s preference, the first %s, the "
	    "second %s (%s, %s)\n", c.equal ? "equal" : "different",
	    host_class_help(c.host[0]), host_class_help(c.host[1]),
	    families[c.family], profiles[c.profile]);
	sbuf_puts(out, "covers: [R-5321-5.1-l, R-DF-GREET-b]\n"
	    "tags: [grid]\n");
	if (c.family != 2)
		sbuf_printf(out, "mta-families: [%s]\n",
		    c.family == 0 ? "ipv4" : "ipv6");
	put_zone(&c, out);
	put_dns(&c, out);
	put_hosts(&c, out);
	put_expect(&c, out);
	return true;
}

#include "harness/baseline/version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"

/* A version's parts, borrowed. */
struct parts {
	const char	*epoch, *upstream, *revision;
	size_t		 epoch_len, upstream_len, revision_len;
};

static void
take_apart(const char *v, struct parts *p)
{
	const char *colon = v + strspn(v, "0123456789"), *dash;

	*p = (struct parts){ .epoch = v, .upstream = v, .revision = "" };
	if (colon != v && *colon == ':') {
		p->epoch_len = (size_t)(colon - v);
		p->upstream = colon + 1;
	}
	dash = strrchr(p->upstream, '-');
	p->upstream_len = strlen(p->upstream);
	if (dash != NULL) {
		p->upstream_len = (size_t)(dash - p->upstream);
		p->revision = dash + 1;
		p->revision_len = strlen(p->revision);
	}
}

/* deb-version(7): ~ before the end, the end before letters, those before
 * the rest. */
static int
weight(const char *s, const char *end)
{
	if (s == end || isdigit((unsigned char)*s))
		return 0;
	if (*s == '~')
		return -1;
	return isalpha((unsigned char)*s) ? (unsigned char)*s :
	    (unsigned char)*s + 256;
}

static const char *
skip_zeros(const char *s, const char *end)
{
	while (s < end && *s == '0')
		s++;
	return s;
}

static size_t
digits(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && isdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* Words and numbers in turn; numbers of any length, hence no strtol(3). */
static int
compare_part(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;
	size_t na, nb;
	int c;

	while (a < a_end || b < b_end) {
		while ((a < a_end && !isdigit((unsigned char)*a)) ||
		    (b < b_end && !isdigit((unsigned char)*b))) {
			c = weight(a, a_end) - weight(b, b_end);
			if (c != 0)
				return c;
			a += a < a_end;
			b += b < b_end;
		}
		a = skip_zeros(a, a_end);
		b = skip_zeros(b, b_end);
		na = digits(a, a_end);
		nb = digits(b, b_end);
		if (na != nb)
			return na < nb ? -1 : 1;
		if ((c = memcmp(a, b, na)) != 0)
			return c;
		a += na;
		b += nb;
	}
	return 0;
}

static int
compare_parts(const struct parts *a, const struct parts *b)
{
	int c = compare_part(a->epoch, a->epoch_len, b->epoch, b->epoch_len);

	if (c == 0)
		c = compare_part(a->upstream, a->upstream_len, b->upstream,
		    b->upstream_len);
	if (c == 0)
		c = compare_part(a->revision, a->revision_len, b->revision,
		    b->revision_len);
	return c;
}

int
version_compare(const char *a, const char *b)
{
	struct parts pa, pb;

	take_apart(a, &pa);
	take_apart(b, &pb);
	return compare_parts(&pa, &pb);
}

/* As far as `bound` says something; see the header. */
static int
compare_to_bound(const char *version, const char *bound)
{
	struct parts v, b;

	take_apart(version, &v);
	take_apart(bound, &b);
	if (b.epoch_len == 0)
		v.epoch_len = 0;
	if (b.revision_len == 0)
		v.revision_len = 0;
	return compare_parts(&v, &b);
}

static void
narrow(struct version_range *r, const char *op, size_t len, const char *v)
{
	if (*op != '<') {
		r->least = v;
		r->above = *op == '>' && len == 1;
	}
	if (*op != '>') {
		r->most = v;
		r->below = *op == '<' && len == 1;
	}
}

bool
version_range_parse(struct version_range *r, struct arena *arena,
    const char *text, size_t *at)
{
	const char *s = text, *op;
	size_t len, n;

	*r = (struct version_range){ NULL, NULL, false, false };
	for (;;) {
		s += strspn(s, " \t");
		*at = (size_t)(s - text);
		op = s;
		len = strspn(s, "<=>");
		if (len == 0 || len > 2 || (len == 2 && (op[0] == '=' ||
		    op[1] != '=')))
			return false;
		/* A second bound on the same side would be overlooked. */
		if ((*op != '<' && r->least != NULL) ||
		    (*op != '>' && r->most != NULL))
			return false;
		s += len;
		s += strspn(s, " \t");
		*at = (size_t)(s - text);
		n = strcspn(s, ", \t");
		if (!isdigit((unsigned char)*s))
			return false;
		narrow(r, op, len, arena_strndup(arena, s, n));
		s += n;
		s += strspn(s, " \t");
		*at = (size_t)(s - text);
		if (*s == '\0')
			return true;
		if (*s++ != ',')
			return false;
	}
}

bool
version_in(const struct version_range *r, const char *version)
{
	int c;

	if (r->least == NULL && r->most == NULL)
		return true;
	if (version == NULL || *version == '\0')
		return false;
	if (r->least != NULL) {
		c = compare_to_bound(version, r->least);
		if (c < 0 || (c == 0 && r->above))
			return false;
	}
	if (r->most != NULL) {
		c = compare_to_bound(version, r->most);
		if (c > 0 || (c == 0 && r->below))
			return false;
	}
	return true;
}

/* Is there anything from `a`'s lower to `b`'s upper bound? */
static bool
reaches(const struct version_range *a, const struct version_range *b)
{
	int c;

	if (a->least == NULL || b->most == NULL)
		return true;
	c = compare_to_bound(a->least, b->most);
	return c < 0 || (c == 0 && !a->above && !b->below);
}

bool
version_ranges_meet(const struct version_range *a,
    const struct version_range *b)
{
	return reaches(a, b) && reaches(b, a) && reaches(a, a) &&
	    reaches(b, b);
}

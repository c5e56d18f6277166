#include "harness/scenario/zone_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/lab/places.h"

#define FIELDS_MAX 8

const char scenario_builtin_zone[] =
    "s.test.           3600 IN MX   10 mx.s.test.\n"
    "mx.s.test.        3600 IN A    198.18.0.10\n"
    "mx.s.test.        3600 IN AAAA 2001:db8:2::10\n"
    "good.test.        3600 IN MX   10 mx.good.test.\n"
    "mx.good.test.     3600 IN A    198.18.0.20\n"
    "mx.good.test.     3600 IN AAAA 2001:db8:2::20\n"
    "mta.sut.test.     3600 IN A    192.0.2.1\n"
    "mta.sut.test.     3600 IN AAAA 2001:db8:0:1::1\n";

const char scenario_search_trap_zone[] =
    "*.sut.test.       3600 IN MX   10 " LAB_DECOY_NAME ".\n"
    "*.sut.test.       3600 IN A    198.18.0.66\n"
    LAB_DECOY_NAME ".  3600 IN A    198.18.0.66\n";

/* Lower case, absolute (below `origin` if it was not), no final dot. */
static const char *
plain_name(struct arena *arena, const char *name, const char *origin)
{
	size_t len = strlen(name);
	char *out;

	if (strcmp(name, "@") == 0)
		return origin;
	if (len > 0 && name[len - 1] == '.')
		out = arena_strndup(arena, name, len - 1);
	else if (*origin != '\0')
		out = arena_printf(arena, "%s.%s", name, origin);
	else
		out = arena_strdup(arena, name);
	for (char *p = out; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

/* Splits a line at blanks, up to a comment. */
static size_t
split(struct arena *arena, const char *line, size_t len,
    const char *fields[FIELDS_MAX])
{
	size_t n = 0, i = 0, start;

	while (i < len && n < FIELDS_MAX) {
		while (i < len && isspace((unsigned char)line[i]))
			i++;
		if (i == len || line[i] == ';')
			break;
		for (start = i; i < len && !isspace((unsigned char)line[i]) &&
		    line[i] != ';'; i++)
			;
		fields[n++] = arena_strndup(arena, line + start, i - start);
	}
	return n;
}

/* The name, if it is one that stands for what $ORIGIN says. */
static const char *
bare(const char *name)
{
	size_t len = strlen(name);

	return len == 0 || name[len - 1] == '.' || strcmp(name, "@") == 0 ?
	    NULL : name;
}

/* What a record of this type leads to is a name. */
static bool
leads_to_name(const char *type)
{
	return strcmp(type, "MX") == 0 || strcmp(type, "CNAME") == 0 ||
	    strcmp(type, "NS") == 0 || strcmp(type, "PTR") == 0;
}

static bool
is_ttl_or_class(const char *f)
{
	return isdigit((unsigned char)*f) || strcasecmp(f, "IN") == 0;
}

static void
add_record(struct arena *arena, struct zone_scan *out, const char *owner,
    const char *bare_owner, const char *origin, const char *const *f,
    size_t n, int line)
{
	struct zone_record *rec;
	bool mx;
	char *type;

	while (n > 0 && is_ttl_or_class(f[0]))
		f++, n--;
	if (n < 2)
		return;
	mx = strcasecmp(f[0], "MX") == 0;
	if (mx && n < 3)
		return;
	rec = arena_push(arena, &out->records, &out->count, sizeof *rec);
	type = arena_strdup(arena, f[0]);
	for (char *p = type; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	rec->owner = owner;
	rec->bare_owner = bare_owner;
	rec->below_origin = *origin != '\0';
	rec->type = type;
	rec->line = line;
	rec->preference = mx ? atoi(f[1]) : 0;
	if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0)
		rec->data = f[1];
	else
		rec->data = plain_name(arena, f[mx ? 2 : 1], origin);
	if (leads_to_name(type))
		rec->bare_data = bare(f[mx ? 2 : 1]);
}

void
zone_scan(struct arena *arena, const char *text, struct zone_scan *out)
{
	const char *fields[FIELDS_MAX], *owner = "", *origin = "", *written;
	size_t len, n, skip;
	int line = 0;

	*out = (struct zone_scan){ 0 };
	for (; *text != '\0'; line++) {
		len = strcspn(text, "\n");
		n = split(arena, text, len, fields);
		if (n >= 2 && strcasecmp(fields[0], "$ORIGIN") == 0) {
			origin = plain_name(arena, fields[1], origin);
		} else if (n > 0 && fields[0][0] != '$') {
			skip = !isspace((unsigned char)*text);
			written = skip ? bare(fields[0]) : NULL;
			if (skip)
				owner = plain_name(arena, fields[0], origin);
			add_record(arena, out, owner, written, origin,
			    fields + skip, n - skip, line);
		}
		text += len + (text[len] == '\n');
	}
}

const struct zone_record *
zone_find(const struct zone_scan *scan, const char *owner, const char *type,
    size_t n)
{
	for (size_t i = 0; i < scan->count; i++)
		if (strcasecmp(scan->records[i].owner, owner) == 0 &&
		    (type == NULL || strcmp(scan->records[i].type, type) == 0)
		    && n-- == 0)
			return &scan->records[i];
	return NULL;
}

#include "harness/judge/profile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"

void
profile_init(struct profile *p)
{
	memset(p, 0, sizeof *p);
#define X(f, key, dflt, help) p->f = (dflt) * USEC_PER_SEC;
	PROFILE_TIMES(X)
#undef X
	p->clocked = true;
}

static int64_t
unit_seconds(const char **s)
{
	switch (**s) {
	case 's': ++*s; return 1;
	case 'm': ++*s; return 60;
	case 'h': ++*s; return 3600;
	case 'd': ++*s; return 86400;
	case 'w': ++*s; return 604800;
	case '\0': return 1;
	default: return 0;
	}
}

bool
duration_parse(const char *s, int64_t *us)
{
	const int64_t max = INT64_MAX / USEC_PER_SEC / 604800;
	int64_t sum = 0, n, unit;

	if (*s == '\0')
		return false;
	while (*s != '\0') {
		if (!isdigit((unsigned char)*s))
			return false;
		for (n = 0; isdigit((unsigned char)*s); s++)
			if ((n = n * 10 + (*s - '0')) > max)
				return false;
		if ((unit = unit_seconds(&s)) == 0)
			return false;
		sum += n * unit;
		if (sum > INT64_MAX / USEC_PER_SEC)
			return false;
	}
	*us = sum * USEC_PER_SEC;
	return true;
}

static int
set_name(char *out, size_t size, const char *value, const char **error)
{
	if (*value == '\0' || strlen(value) >= size) {
		*error = "expected 1 to 63 characters";
		return -1;
	}
	snprintf(out, size, "%s", value);
	return 1;
}

/* Of somebody else's file: as much of it as fits. */
static int
set_line(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value);
	return 1;
}

static int
set_choice(const char *value, const char *const words[], const char *expected,
    int *choice, const char **error)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], value) == 0) {
			*choice = i;
			return 1;
		}
	*error = expected;
	return -1;
}

int
profile_set(struct profile *p, const char *key, const char *value,
    const char **error)
{
	static const char *const greets[] = { "either", "skip", "perm", NULL };
	static const char *const clocks[] = { "real", "virtual", NULL };
	static const char *const listings[] = { "unproven", "proven",
	    NULL };
	static const char *const truths[] = { "no", "yes", NULL };
	int choice, rc;
	char *end;
	long n;

#define X(f, k, dflt, help)						\
	if (strcmp(key, k) == 0) {					\
		if (duration_parse(value, &p->f))			\
			return 1;					\
		*error = "expected a duration such as 300s, 4h or 5d";	\
		return -1;						\
	}
	PROFILE_TIMES(X)
#undef X
	if (strcmp(key, "name") == 0)
		return set_name(p->name, sizeof p->name, value, error);
	if (strcmp(key, "version") == 0)
		return set_name(p->version, sizeof p->version, value, error);
	if (strcmp(key, "life-line") == 0)
		return set_line(p->life_line, sizeof p->life_line, value);
	if (strcmp(key, "tls-line") == 0)
		return set_line(p->tls_line, sizeof p->tls_line, value);
	if (strcmp(key, "greet5") == 0) {
		rc = set_choice(value, greets, "expected either, skip or perm",
		    &choice, error);
		if (rc > 0)
			p->greet5 = (enum greet5)choice;
		return rc;
	}
	if (strcmp(key, "clock") == 0) {
		rc = set_choice(value, clocks, "expected virtual or real",
		    &choice, error);
		if (rc > 0)
			p->clocked = choice == 1;
		return rc;
	}
	if (strcmp(key, "scaled") == 0) {
		rc = set_choice(value, truths, "expected yes or no", &choice,
		    error);
		if (rc > 0)
			p->scaled = choice == 1;
		return rc;
	}
	if (strcmp(key, "queue-listing") == 0) {
		rc = set_choice(value, listings, "expected proven or "
		    "unproven", &choice, error);
		if (rc > 0)
			p->queue_proven = choice == 1;
		return rc;
	}
	if (strcmp(key, "address-limit") == 0) {
		n = strtol(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end != '\0' ||
		    n > 10000) {
			*error = "expected a number from 0 to 10000";
			return -1;
		}
		p->address_limit = (int)n;
		return 1;
	}
	return 0;
}

void
profile_read_lines(struct profile *p, char *text)
{
	const char *error;
	char *line, *value, *save = NULL;

	for (line = text != NULL ? strtok_r(text, "\n", &save) : NULL;
	    line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if ((value = strchr(line, '=')) == NULL)
			continue;
		*value++ = '\0';
		(void)profile_set(p, line, value, &error);
	}
}

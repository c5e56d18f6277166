/* Defaults and --set of engine.h's configuration. */
#include "reference_impl/engine.h"

#include <stdlib.h>
#include <string.h>

void
config_init(struct config *c)
{
	memset(c, 0, sizeof *c);
#define X(field, key, dflt, help) c->field = (int64_t)(dflt) * 1000000;
	SETTINGS(X)
#undef X
	c->policy.address_limit = 16;
	c->policy.hop_limit = 100;
	c->policy.bugs = c->dns.bugs = &c->bugs;
	c->policy.ways = c->dns.ways = &c->ways;
	c->smtp_port = 25;
	c->job_limit = 400;
	c->domain_limit = 10;
}

static bool
parse_duration(const char *text, int64_t *us)
{
	static const char units[] = "smhd";
	static const int secs[] = { 1, 60, 3600, 86400 };
	int64_t total = 0;

	if (*text == '\0')
		return false;
	while (*text != '\0') {
		char *end;
		long n = strtol(text, &end, 10);
		const char *u = *end == '\0' ? units : strchr(units, *end);

		if (end == text || n < 0 || u == NULL)
			return false;
		total += (int64_t)n * secs[u - units];
		text = *end == '\0' ? end : end + 1;
	}
	*us = total * 1000000;
	return true;
}

bool
config_set(struct config *c, const char *text)
{
	size_t len = strcspn(text, "=");

	if (text[len] == '\0')
		return false;
#define X(field, key, dflt, help)					\
	if (len == sizeof key - 1 && strncmp(text, key, len) == 0)	\
		return parse_duration(text + len + 1, &c->field);
	SETTINGS(X)
#undef X
	if (strncmp(text, "port=", 5) == 0)
		c->smtp_port = (uint16_t)atoi(text + 5);
	else if (strncmp(text, "address-limit=", 14) == 0)
		c->policy.address_limit = atoi(text + 14);
	else if (strncmp(text, "job-limit=", 10) == 0)
		c->job_limit = atoi(text + 10);
	else
		return false;
	return true;
}

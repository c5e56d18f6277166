/* Verdicts, reports and durations in the language's own words. */
#include "harness/scenario/keys.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "harness/base/timers.h"

const char *
verdict_word(enum verdict v)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		VERDICTS(X)
#undef X
	};

	return words[v];
}

const char *
verdict_name(enum verdict v)
{
	static const char *const names[] = {
#define X(sym, word, help) #sym,
		VERDICTS(X)
#undef X
	};

	return names[v];
}

const char *
verdict_help(enum verdict v)
{
	static const char *const helps[] = {
#define X(sym, word, help) help,
		VERDICTS(X)
#undef X
	};

	return helps[v];
}

const char *
report_action_word(enum report_action action)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		REPORT_ACTIONS(X)
#undef X
	};

	return words[action];
}

const char *
report_field_word(enum report_field field)
{
	static const char *const words[] = {
#define X(sym, word, help, example) word,
		REPORT_FIELDS(X)
#undef X
	};

	return words[field];
}

static const struct {
	char	unit;
	int64_t	seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* Units must fall: "1h30m", never "30m1h". */
bool
scenario_duration(const char *text, int64_t *us)
{
	int64_t total = 0, n;
	size_t u = 0;

	if (*text == '\0')
		return false;
	while (*text != '\0') {
		if (!isdigit((unsigned char)*text))
			return false;
		for (n = 0; isdigit((unsigned char)*text); text++)
			if ((n = n * 10 + (*text - '0')) > 10000000)
				return false;
		while (u < 4 && units[u].unit != *text)
			u++;
		if (u == 4)
			return false;
		total += n * units[u++].seconds;
		text++;
	}
	*us = total * USEC_PER_SEC;
	return true;
}

const char *
scenario_duration_text(int64_t us)
{
	static char ring[4][64];
	static unsigned next;
	char *out = ring[next++ % 4];
	int64_t s = us / USEC_PER_SEC;
	size_t len = 0;

	if (us == TIME_NEVER)
		return "never";
	for (size_t u = 0; u < 4; u++) {
		int64_t n = s / units[u].seconds;

		if (n > 0 || (u == 3 && len == 0))
			len += (size_t)snprintf(out + len, 64 - len,
			    "%" PRId64 "%c", n, units[u].unit);
		s %= units[u].seconds;
	}
	return out;
}

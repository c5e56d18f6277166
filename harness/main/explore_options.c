#include "harness/main/explore_options.h"

#include <string.h>

#include "harness/base/mta_name.h"
#include "harness/base/timers.h"
#include "harness/main/cmd.h"
#include "harness/scenario/keys.h"

static int
take_number(const char *option, const char *value, uint64_t least,
    uint64_t most, uint64_t *out)
{
	if (option_number(value, least, most, out))
		return 0;
	return usage_error("explore", "%s %s: expected a number from %llu to "
	    "%llu", option, value, (unsigned long long)least,
	    (unsigned long long)most);
}

static int
explore_take_seed(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	return take_number("--seed", value, 0, UINT64_MAX, &o->seed);
}

static int
explore_take_count(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	return take_number("--count", value, 1, UINT32_MAX, &o->count);
}

static int
explore_take_each(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	return take_number("--each", value, 0, 1000, &o->each);
}

static int
explore_take_parallel(void *ctx, const char *value)
{
	struct explore_options *o = ctx;
	uint64_t n;
	int rc = take_number("-j", value, 1, 64, &n);

	if (rc == 0)
		o->parallel = (unsigned)n;
	return rc;
}

static int
explore_take_mta(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	o->mta = value;
	return 0;
}

static int
explore_take_plain(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	(void)value;
	o->plain = true;
	return 0;
}

static int
explore_take_bug(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	(void)value;
	o->bug = true;
	return 0;
}

static int
explore_take_print(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	(void)value;
	o->print = true;
	return 0;
}

static int
explore_take_timeout(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	if (scenario_duration(value, &o->timeout_us) && o->timeout_us > 0)
		return 0;
	return usage_error("explore", "--timeout %s: expected a duration "
	    "such as 30s or 2m", value);
}

static int
explore_take_out(void *ctx, const char *value)
{
	struct explore_options *o = ctx;

	o->out = value;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, explore_take_##sym },
	EXPLORE_OPTIONS(X)
#undef X
};

const struct option_table explore_option_table = { "explore", rows,
	sizeof rows / sizeof *rows };

int
explore_options_parse(struct explore_options *o, int argc, char **argv,
    int *first)
{
	int rc;

	memset(o, 0, sizeof *o);
	o->seed = o->each = 1;
	o->count = 100;
	o->parallel = 1;
	o->mta = "reference";
	o->timeout_us = 120 * USEC_PER_SEC;
	rc = options_parse(&explore_option_table, argc, argv, o, first);
	if (rc == 0 && *first < argc)
		rc = usage_error("explore", "\"%s\": it takes no operand",
		    argv[*first]);
	if (rc == 0 && o->bug && !mta_is_named(o->mta, "reference"))
		rc = usage_error("explore", "--bug: only the reference engine "
		    "has bugs that can be switched on");
	if (rc == 0 && o->seed > UINT64_MAX - o->count)
		rc = usage_error("explore", "--seed: there are no so many "
		    "worlds after it");
	return rc;
}

#include "harness/main/serve_options.h"

#include <string.h>

#include "harness/main/cmd.h"
#include "harness/main/run_options.h"

static int
serve_take_dns(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	return take_dns(&o->places, "serve", value);
}

static int
serve_take_smtp(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	return take_smtp(&o->places, "serve", value);
}

static int
serve_take_start(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	o->start_now = strcmp(value, "now") == 0;
	if (o->start_now || strcmp(value, "contact") == 0)
		return 0;
	return usage_error("serve", "--start %s: expected contact or now",
	    value);
}

static int
serve_take_speed(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	return take_speed(&o->speed, "serve", value);
}

static int
serve_take_out(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	o->out = value;
	return 0;
}

static int
serve_take_seed(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	if (option_number(value, 0, UINT64_MAX, &o->seed))
		return 0;
	return usage_error("serve", "--seed %s: expected a number", value);
}

static int
serve_take_verbose(void *ctx, const char *value)
{
	struct serve_options *o = ctx;

	(void)value;
	o->verbose = true;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, serve_take_##sym },
	SERVE_OPTIONS(X)
#undef X
};

const struct option_table serve_option_table = { "serve", rows,
	sizeof rows / sizeof *rows };

int
serve_options_parse(struct serve_options *o, int argc, char **argv, int *first)
{
	int rc;

	memset(o, 0, sizeof *o);
	o->seed = 1;
	rc = options_parse(&serve_option_table, argc, argv, o, first);
	places_finish(&o->places);
	return rc;
}

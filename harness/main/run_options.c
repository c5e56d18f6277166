#include "harness/main/run_options.h"

#include <string.h>

#include "harness/main/cmd.h"

static int
run_take_mta(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (o->mta_count == RUN_MAX_MTAS)
		return usage_error("run", "more than %d --mta",
		    RUN_MAX_MTAS);
	o->mtas[o->mta_count++] = value;
	return 0;
}

static int
run_take_root(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->root = value;
	return 0;
}

static int
run_take_config(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->config = value;
	return 0;
}

static int
run_take_tag(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->tag = value;
	return 0;
}

static int
run_take_parallel(void *ctx, const char *value)
{
	struct run_options *o = ctx;
	uint64_t n;

	if (!option_number(value, 1, 64, &n))
		return usage_error("run", "-j %s: expected a number from 1 "
		    "to 64", value);
	o->parallel = (unsigned)n;
	return 0;
}

static int
run_take_out(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->out = value;
	return 0;
}

static int
run_take_seed(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (!option_number(value, 0, UINT64_MAX, &o->seed))
		return usage_error("run", "--seed %s: expected a number",
		    value);
	return 0;
}

static int
run_take_clock(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (strcmp(value, "real") == 0)
		o->clock = LAB_CLOCK_REAL;
	else if (strcmp(value, "virtual") == 0)
		o->clock = LAB_CLOCK_VIRTUAL;
	else
		return usage_error("run", "--clock %s: expected virtual or "
		    "real", value);
	return 0;
}

static int
run_take_pcap(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	(void)value;
	o->pcap = true;
	return 0;
}

static int
run_take_verbose(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	(void)value;
	o->verbose = true;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, run_take_##sym },
	RUN_OPTIONS(X)
#undef X
};

const struct option_table run_option_table = { "run", rows,
	sizeof rows / sizeof *rows };

int
run_options_parse(struct run_options *o, int argc, char **argv, int *first)
{
	int rc;

	memset(o, 0, sizeof *o);
	o->parallel = 1;
	o->seed = 1;
	rc = options_parse(&run_option_table, argc, argv, o, first);
	if (o->mta_count == 0)
		o->mtas[o->mta_count++] = "reference";
	if (rc == 0 && o->mta_count > 1 && (o->root || o->config))
		rc = usage_error("run", "--root and --config go with one "
		    "--mta");
	return rc;
}

#include "harness/main/run_options.h"

#include <stdlib.h>
#include <string.h>

#include "harness/main/cmd.h"
#include "harness/scenario/keys.h"

static int
run_take_mta(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (o->mta_count == RUN_MAX_MTAS)
		return usage_error("run", "more than %d --mta",
		    RUN_MAX_MTAS);
	o->mtas[o->mta_count++] = value;
	o->mtas_given = true;
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
run_take_report(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	return reports_take("run", &o->reports, value);
}

static int
run_take_format(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	return printer_take_format("run", value, &o->format);
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

int
take_dns(struct places *p, const char *command, const char *value)
{
	char *error;

	if (places_add_dns(p, value, &error))
		return 0;
	usage_error(command, "--dns: %s", error);
	free(error);
	return EXIT_WRONG_QUESTION;
}

int
take_smtp(struct places *p, const char *command, const char *value)
{
	char *error;

	if (places_add_smtp(p, value, &error))
		return 0;
	usage_error(command, "--smtp: %s", error);
	free(error);
	return EXIT_WRONG_QUESTION;
}

int
take_speed(double *speed, const char *command, const char *value)
{
	char *end;

	*speed = strtod(value, &end);
	if (end != value && *end == '\0' && *speed >= 0.01 &&
	    *speed <= 1e6)
		return 0;
	return usage_error(command, "--speed %s: expected a number from 0.01 "
	    "to 1000000", value);
}

static void
note_place(struct run_options *o, const char *option, const char *value)
{
	if (o->place_count == RUN_MAX_PLACES)
		return;
	o->place_texts[o->place_count].option = option;
	o->place_texts[o->place_count++].value = value;
}

static int
run_take_dns(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	note_place(o, "dns", value);
	return take_dns(&o->places, "run", value);
}

static int
run_take_smtp(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	note_place(o, "smtp", value);
	return take_smtp(&o->places, "run", value);
}

static int
run_take_speed(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	note_place(o, "speed", value);
	return take_speed(&o->speed, "run", value);
}

static int
run_take_search_trap(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	(void)value;
	o->search_trap = true;
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

static int
run_take_baseline(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	return known_take(&o->baseline, "run", value);
}

static int
run_take_shard(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	return selection_take_shard(&o->shard, "run", value);
}

static int
run_take_failed(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->failed = value != NULL ? value : "runs/last";
	return 0;
}

static int
run_take_fail_fast(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	(void)value;
	o->fail_fast = true;
	return 0;
}

static int
run_take_min(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (!option_number(value, 1, UINT32_MAX, &o->min))
		return usage_error("run", "--min %s: expected a number from "
		    "1", value);
	return 0;
}

static int
take_rounds(struct run_options *o, const char *option, const char *value)
{
	uint64_t n;

	if (!option_number(value, 1, RUN_MAX_REPEAT, &n))
		return usage_error("run", "%s %s: expected a number from 1 "
		    "to %d", option, value, RUN_MAX_REPEAT);
	o->repeat = (unsigned)n;
	return 0;
}

static int
run_take_repeat(void *ctx, const char *value)
{
	return take_rounds(ctx, "--repeat", value);
}

static int
run_take_until_fail(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	o->until_fail = true;
	return value == NULL ? 0 : take_rounds(o, "--until-fail", value);
}

static int
run_take_timeout(void *ctx, const char *value)
{
	struct run_options *o = ctx;

	if (!scenario_duration(value, &o->timeout_us) || o->timeout_us == 0)
		return usage_error("run", "--timeout %s: expected a duration "
		    "such as 30s or 2m", value);
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
	o->reports.kinds = &report_kinds;
	o->parallel = 1;
	o->seed = 1;
	rc = options_parse(&run_option_table, argc, argv, o, first);
	if (o->mta_count == 0 && o->failed == NULL)
		o->mtas[o->mta_count++] = "reference";
	if (rc == 0 && o->mta_count > 1 && (o->root || o->config))
		rc = usage_error("run", "--root and --config go with one "
		    "--mta");
	if (rc == 0 && o->until_fail && o->repeat == 0)
		rc = usage_error("run", "--until-fail needs an end: "
		    "--until-fail=N or --repeat N");
	if (o->repeat == 0)
		o->repeat = 1;
	if (rc == 0)
		rc = reports_check("run", &o->reports);
	return rc;
}

void
run_options_fini(struct run_options *o)
{
	report_outputs_fini(&o->reports);
	places_fini(&o->places);
}

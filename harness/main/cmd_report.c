/*
 * `mxdrill report RUNDIR...`: reports of stored runs; shards of a suite
 * become one.  `mxdrill run` ends with the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/printer.h"
#include "harness/main/report_options.h"
#include "harness/main/reports.h"

static int
report_take_report(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	return reports_take("report", &o->reports, value);
}

static int
report_take_format(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	return printer_take_format("report", value, &o->format);
}

static int
report_take_baseline(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	return known_take(&o->baseline, "report", value);
}

static int
report_take_verbose(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	(void)value;
	o->verbose = true;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, report_take_##sym },
	REPORT_OPTIONS(X)
#undef X
};

const struct option_table report_option_table = { "report", rows,
	sizeof rows / sizeof *rows };

/* The failures that are known now, whatever was known then. */
static int
know(struct report_set *set, const struct known_paths *known)
{
	const char **ids = xcalloc(set->row_count + 1, sizeof *ids);
	const char **mtas = xcalloc(set->mta_count + 1, sizeof *mtas);
	struct baseline b = { .arena = NULL };
	struct selection s;
	int rc = selection_open(&s, NULL, 0);

	for (size_t i = 0; i < set->row_count; i++)
		ids[i] = set->rows[i].id;
	for (size_t i = 0; i < set->mta_count; i++)
		mtas[i] = set->mtas[i].mta;
	if (rc == 0)
		rc = known_open(&b, known, &s, mtas, set->mta_count, ids,
		    set->row_count);
	if (rc == 0)
		report_set_know(set, &b);
	baseline_fini(&b);
	selection_close(&s);
	free(ids);
	free(mtas);
	return rc;
}

static int
load(struct report_set *set, const struct known_paths *known, char **dirs,
    int count)
{
	char *error;
	int rc;

	for (int i = 0; i < count; i++)
		if (!report_set_add(set, dirs[i], &error)) {
			rc = usage_error("report", "%s", error);
			free(error);
			return rc;
		}
	rc = known->count > 0 ? know(set, known) : 0;
	report_set_finish(set);
	return rc;
}

static int
tell(struct printer *p, const struct report_options *o,
    struct report_set *set)
{
	struct report_case rc;

	if (report_outputs_take_stdout(&o->reports))
		printer_leave_stdout(p);
	if (o->format == PRINTER_GITHUB)
		printer_for_github(p);
	for (size_t i = 0; i < set->run_count; i++) {
		report_run_case(set, i, &rc);
		if (!o->verbose && !printer_wants_detail(p, rc.judgement))
			printer_count(p, &rc);
		else {
			report_run_open(set, i, &rc);
			printer_case(p, &rc);
			report_run_close(set, i);
		}
	}
	return printer_set_summary(p, set);
}

int
cmd_report(int argc, char **argv)
{
	struct report_options o = { .reports.kinds = &report_kinds };
	struct report_set set;
	struct printer p;
	int first, rc = options_parse(&report_option_table, argc, argv, &o,
	    &first);

	report_set_init(&set);
	if (rc == 0 && first == argc)
		rc = usage_error("report", "of which RUNDIR?  runs/last is "
		    "the last one");
	if (rc == 0)
		rc = reports_check("report", &o.reports);
	if (rc == 0)
		rc = load(&set, &o.baseline, argv + first, argc - first);
	if (rc == 0) {
		printer_init(&p, o.verbose, NULL);
		rc = tell(&p, &o, &set);
		printer_fini(&p);
		rc = reports_write(&o.reports, &set, rc);
	}
	report_set_fini(&set);
	report_outputs_fini(&o.reports);
	return rc;
}

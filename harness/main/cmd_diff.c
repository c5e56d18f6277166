/*
 * `mxdrill diff OLD NEW`: the question before a roll-out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness/main/cmd.h"
#include "harness/main/printer.h"
#include "harness/main/report_options.h"
#include "harness/main/reports.h"

static int
diff_take_report(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	return reports_take("diff", &o->reports, value);
}

static int
diff_take_verbose(void *ctx, const char *value)
{
	struct report_options *o = ctx;

	(void)value;
	o->verbose = true;
	return 0;
}

static const struct option_row rows[] = {
#define X(sym, name, letter, arg, help)					\
	{ name, letter, arg, help, diff_take_##sym },
	DIFF_OPTIONS(X)
#undef X
};

const struct option_table diff_option_table = { "diff", rows,
	sizeof rows / sizeof *rows };

static int
load(struct report_set *set, const char *dir)
{
	char *error;
	int rc;

	if (!report_set_add(set, dir, &error)) {
		rc = usage_error("diff", "%s", error);
		free(error);
		return rc;
	}
	report_set_finish(set);
	return 0;
}

static int
tell(const struct report_options *o, struct report_set *old,
    struct report_set *new)
{
	struct report_diff d;
	int rc;

	report_diff_make(&d, old, new);
	printer_diff(&d, o->verbose, report_outputs_take_stdout(&o->reports) ?
	    stderr : stdout);
	rc = d.counts[DIFF_WORSE] > 0 ? EXIT_FAILED :
	    report_diff_untrusted(&d) ? EXIT_UNTRUSTED : EXIT_AS_EXPECTED;
	rc = reports_write_diff(&o->reports, &d, rc);
	report_diff_fini(&d);
	return rc;
}

int
cmd_diff(int argc, char **argv)
{
	struct report_options o = { .reports.kinds = &report_diff_kinds };
	struct report_set old, new;
	int first, rc = options_parse(&diff_option_table, argc, argv, &o,
	    &first);

	report_set_init(&old);
	report_set_init(&new);
	if (rc == 0 && argc - first != 2)
		rc = usage_error("diff", "expected two stored runs, OLD and "
		    "NEW");
	if (rc == 0)
		rc = reports_check("diff", &o.reports);
	if (rc == 0)
		rc = load(&old, argv[first]);
	if (rc == 0)
		rc = load(&new, argv[first + 1]);
	if (rc == 0)
		rc = tell(&o, &old, &new);
	report_set_fini(&old);
	report_set_fini(&new);
	report_outputs_fini(&o.reports);
	return rc;
}

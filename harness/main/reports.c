#include "harness/main/reports.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/main/cmd.h"

static int
wrong(const char *command, char *error)
{
	int rc = usage_error(command, "-o: %s", error);

	free(error);
	return rc;
}

int
reports_take(const char *command, struct report_outputs *o,
    const char *value)
{
	char *error;

	return report_outputs_parse(o, value, &error) ? 0 :
	    wrong(command, error);
}

int
reports_check(const char *command, const struct report_outputs *o)
{
	char *error;

	return report_outputs_check(o, &error) ? 0 : wrong(command, error);
}

/* A report that is not there is no answer; a FAIL stays one. */
static int
failed(char *error, int rc)
{
	fprintf(stderr, "mxdrill: %s\n", error);
	free(error);
	return rc == EXIT_FAILED ? rc : EXIT_UNTRUSTED;
}

int
reports_write(const struct report_outputs *o, struct report_set *set, int rc)
{
	char *error;

	return report_outputs_write(o, set, &error) ? rc : failed(error, rc);
}

int
reports_write_diff(const struct report_outputs *o, struct report_diff *diff,
    int rc)
{
	char *error;

	return report_outputs_write_diff(o, diff, &error) ? rc :
	    failed(error, rc);
}

int
reports_write_of(const struct report_outputs *o, const char *dir, int rc)
{
	struct report_set set;
	char *error;

	if (o->count == 0)
		return rc;
	report_set_init(&set);
	if (report_set_add(&set, dir, &error)) {
		report_set_finish(&set);
		rc = reports_write(o, &set, rc);
	} else
		rc = failed(error, rc);
	report_set_fini(&set);
	return rc;
}

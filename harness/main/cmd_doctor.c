#include <stdio.h>
#include <unistd.h>

#include "harness/lab/lab.h"
#include "harness/main/cmd.h"

static void
say(void *ctx, bool ok, const char *what, const char *remedy)
{
	(void)ctx;
	printf("%-7s %s\n", ok ? "ok" : "MISSING", what);
	if (!ok && remedy != NULL)
		printf("        mend it: %s\n", remedy);
}

int
cmd_doctor(int argc, char **argv)
{
	bool one, many;

	(void)argv;
	if (argc > 1)
		return usage_error("doctor", "too many arguments");
	printf("For the reference engine (one user id):\n");
	one = lab_doctor(false, say, NULL);
	printf("For real MTAs (several user ids):\n");
	many = lab_doctor(true, say, NULL);
	return one && many ? EXIT_AS_EXPECTED : EXIT_UNTRUSTED;
}

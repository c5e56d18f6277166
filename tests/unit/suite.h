/* What the main() of every Check program ends with. */
#ifndef MXD_TESTS_SUITE_H
#define MXD_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs and frees the suite; gives the program's exit status. */
static inline int
run_and_free(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif

/* What the mutant tool is tried on: tests/integration/mutants.sh. */
#ifndef MXD_TESTS_SAMPLE_H
#define MXD_TESTS_SAMPLE_H

#include <stddef.h>

int	 sample_sum(const int *v, int n);
const char *sample_word(int n);
/* No test comes here. */
int	 sample_alone(void);

#endif

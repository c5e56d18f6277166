#include "tests/mutants/self/sample.h"

static const char *const words[] = { "none", "one", "many" };

/* Without its `n--` this has no end: killed by the CPU's limit. */
int
sample_sum(const int *v, int n)
{
	int sum = 0;

	while (n > 0) {
		n--;
		sum += v[n];
	}
	return sum;
}

/* The difference of "<" and "<=" is nobody's to see: 1 is one of two. */
const char *
sample_word(int n)
{
	if (n < 0)
		return NULL;
	return words[n < 2 ? n : 2];
}

int
sample_alone(void)
{
	const char *p = words[0], *q = p + 1;

	/* Two pointers have no sum: not a mutant. */
	return q - p == 1 && *p == 'n';
}

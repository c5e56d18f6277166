#include "harness/base/rng.h"

#include <assert.h>
#include <string.h>

void
rng_init(struct rng *r, uint64_t seed)
{
	r->state = seed;
}

uint64_t
rng_next(struct rng *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t
rng_below(struct rng *r, uint32_t bound)
{
	uint64_t x, reject = UINT64_MAX - UINT64_MAX % bound;

	assert(bound > 0);
	do {
		x = rng_next(r);
	} while (x >= reject);		/* keeps every value equally likely */
	return (uint32_t)(x % bound);
}

void
rng_shuffle(struct rng *r, void *items, size_t count, size_t size)
{
	unsigned char swap[256], *v = items;
	size_t i, j;

	assert(size <= sizeof swap && count <= UINT32_MAX);
	for (i = count; i > 1; i--) {
		j = rng_below(r, (uint32_t)i);
		memcpy(swap, v + j * size, size);
		memcpy(v + j * size, v + (i - 1) * size, size);
		memcpy(v + (i - 1) * size, swap, size);
	}
}

/*
 * Seeded random numbers (splitmix64): the same seed gives the same run.
 * Never used where secrecy matters.
 */
#ifndef MXD_BASE_RNG_H
#define MXD_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

void	 rng_init(struct rng *, uint64_t seed);
uint64_t rng_next(struct rng *);
/* Uniform in [0, bound); bound > 0. */
uint32_t rng_below(struct rng *, uint32_t bound);
void	 rng_shuffle(struct rng *, void *items, size_t count, size_t size);

#endif

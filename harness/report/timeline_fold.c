#include "harness/report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"

/* The longest cycle that is looked for, in lines. */
#define PERIOD_MOST	24
/* Fewer rounds than that are quicker read than counted. */
#define ROUNDS_LEAST	3
/* Lines kept on either side of the decisive one. */
#define AROUND		4

/* Sums of shapes, so that a round is known whatever its order. */
static uint64_t
round_shape(const uint64_t *sums, size_t first, size_t period)
{
	return sums[first + period] - sums[first];
}

static size_t
count_rounds(const uint64_t *sums, size_t count, size_t at, size_t period)
{
	uint64_t shape = round_shape(sums, at, period);
	size_t n = 1;

	while (at + (n + 1) * period <= count &&
	    round_shape(sums, at + n * period, period) == shape)
		n++;
	return n;
}

/* The period that explains most lines from `at` on; 0: none does. */
static size_t
best_period(const uint64_t *sums, size_t count, size_t at, size_t *rounds)
{
	size_t best = 0, n;

	*rounds = 0;
	for (size_t p = 1; p <= PERIOD_MOST && at + ROUNDS_LEAST * p <= count;
	    p++) {
		n = count_rounds(sums, count, at, p);
		if (n >= ROUNDS_LEAST && n * p > best * *rounds) {
			best = p;
			*rounds = n;
		}
	}
	return best;
}

void
timeline_fold(struct timeline *tl)
{
	uint64_t *sums = xcalloc(tl->count + 1, sizeof *sums);
	size_t out = 0, period, rounds, next;
	struct timeline_line fold;

	for (size_t i = 0; i < tl->count; i++)
		sums[i + 1] = sums[i] + tl->lines[i].shape;
	for (size_t i = 0; i < tl->count; i = next) {
		period = best_period(sums, tl->count, i, &rounds);
		next = i + (period > 0 ? rounds * period : 1);
		if (period == 0) {
			tl->lines[out++] = tl->lines[i];
			continue;
		}
		memset(&fold, 0, sizeof fold);
		fold.t_us = tl->lines[i + period].t_us;
		fold.until_us = tl->lines[next - 1].t_us;
		fold.repeats = rounds - 1;
		for (size_t k = i; k < i + period; k++) {
			fold.attempt |= tl->lines[k].attempt;
			tl->lines[out++] = tl->lines[k];
		}
		tl->lines[out++] = fold;
	}
	tl->count = out;
	free(sums);
}

void
timeline_cap(struct timeline *tl, size_t most)
{
	size_t out = 0, decisive = tl->count, head = most / 2;
	size_t tail = most - head;
	struct timeline_line *gap = NULL, line;

	if (tl->count <= most)
		return;
	for (size_t i = 0; i < tl->count; i++)
		if (tl->lines[i].decisive)
			decisive = i;
	for (size_t i = 0; i < tl->count; i++) {
		line = tl->lines[i];
		if (i < head || i >= tl->count - tail ||
		    (i + AROUND >= decisive && i <= decisive + AROUND)) {
			tl->lines[out++] = line;
			gap = NULL;
			continue;
		}
		if (gap == NULL) {
			gap = &tl->lines[out++];
			memset(gap, 0, sizeof *gap);
			gap->t_us = line.t_us;
		}
		gap->left_out++;
		gap->until_us = line.t_us;
	}
	tl->count = out;
}

void
timeline_fini(struct timeline *tl)
{
	arena_free(tl->arena);
	memset(tl, 0, sizeof *tl);
}

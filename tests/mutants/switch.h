/*
 * What mutated sources and the programs that run them share.  switch.c is
 * linked into every test program that holds mutants.
 */
#ifndef MXD_TESTS_SWITCH_H
#define MXD_TESTS_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#define MUTANTS_MAX	65536

/* The mutant that runs; 0: none, the program as it is written. */
extern int mutant_now;
/* By the first mutant of each function or table: was it entered? */
extern unsigned char mutant_seen[MUTANTS_MAX];

#define MUTANTS_HERE(first)	(mutant_seen[first] = 1)

/* Mutants of a table are numbered in a row. */
static inline size_t
mutant_table(int first, int count)
{
	int i = mutant_now - first;

	mutant_seen[first] = 1;
	return i >= 0 && i < count ? (size_t)i + 1 : 0;
}
#define MUTANT_TABLE(first, count)	mutant_table(first, count)

/* Where a function would have ended without a value. */
#define MUTANT_WITHOUT_VALUE()	__builtin_trap()

/*
 * Runs f(arg) for each mutant named in the environment's $MUTANTS, in a
 * process of its own, within $MUTANT_CPU_MS; appends "NUMBER WORD" to
 * $MUTANT_RESULTS: "lived" (f gave true), "killed", "hung".
 */
void	 mutants_try(bool (*f)(void *), void *arg);

#endif

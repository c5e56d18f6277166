#!/bin/sh
# The mutant tool, on a sample of its own whose survivors are known, and on
# a file of which no mutant may survive that is not proven equivalent.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit

mutants()
{
	MUTANT_LIBS=$(make -s --no-print-directory mutant-libs) \
	    tests/mutants/run.py -j2 --quick "$@"
}

those_survive_that_must()
{
	mutants --self >"$tmp/self"
	{
		grep '^+ ' "$tmp/self"
		grep '^all' "$tmp/self" | awk '{ print $2, $3, $4, $5 }'
		tail -n 1 "$tmp/self"
	} >"$tmp/survivors"
	diff tests/mutants/self/survivors.txt "$tmp/survivors"
}

check 'of a sample those mutants survive that must' those_survive_that_must
file=reference_impl/planner_time.c
check "no mutant of $file survives" mutants $file
finish

# Mutants: the judge, the DSN reader and refmta's planner changed one thing at
# a time, and what no test noticed (tests/mutants/run.py).
#
#	make mutants			all of them
#	make mutants COUNT=500 SEED=7	a sample
#	make mutants ONLY=harness/judge/waits.c		a file, FILE:FUNCTION
#	make mutants AGAIN=1		what survived the last time
SEED	?= 1
COUNT	?= 0
ONLY	?=
AGAIN	?=

MUTANT_ENV = MUTANT_CC="$(CC)" MUTANT_CPPFLAGS="$(CPPFLAGS)" MUTANT_LIBS="$(LIBS)"

# What is judged again is recorded anew when the programs have changed.
build/mutants/runs: $(B)/mxdrill $(B)/refmta
	@JOBS=$(JOBS) tests/mutants/record.sh $@

.PHONY: mutants mutant-libs asan-objects
mutant-libs:
	@echo $(LIBS)
asan-objects: $(B)/libmxdrill.a $(REFOBJ)
mutants: deps
	@$(SUBMAKE) all build/mutants/runs
	@$(SUBMAKE) FLAVOUR=asan asan-objects
	@$(MUTANT_ENV) tests/mutants/run.py -j$(JOBS) --seed $(SEED) \
	    --count $(COUNT) $(if $(AGAIN),--again) $(ONLY)

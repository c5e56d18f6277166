# What a stranger types first, and the tests.
#
#	make run	installs what is missing, builds, runs the core scenarios
#	make test	installs, builds, runs every test
#	make lint, make coverage	one part of them
#	make matrix	every scenario on every MTA, beside the baselines
#	make bugs	every bug of refmta on every variant of a scenario
#	make ways	every scenario on every way of refmta, and on random sets
#			(WAYS_SEED=, WAYS_SETS=)
FUZZ_TEST_SECONDS ?= 5
JOBS	?= $(shell nproc)
SUBMAKE	= $(MAKE) --no-print-directory -j$(JOBS)

ASANBIN	= $(UNITSRC:%.c=build/asan/%)
LINTS	= $(sort $(wildcard tests/lint/*.sh))
# The quick ones first; last the command line as shells, man and dpkg see it.
E2E	= cli language report store html choice ci-examples user elsewhere reference explore worlds soak mutants matrix ways postfix exim4 opensmtpd sendmail dma nullmailer \
	courier haraka leftovers completion install packets clocks

MTAS	= $(filter-out reference attach,$(patsubst harness/mta/%/adapter,%,$(wildcard harness/mta/*/adapter)))

.PHONY: deps run test lint matrix bugs ways coverage unit-programs
deps:
	@tools/install.sh build test

# The first make cannot know the libraries that deps installs: hence SUBMAKE.
run:
	@tools/install.sh build
	@$(SUBMAKE) all
	@tests/core.sh

unit-programs: $(UNITBIN) $(B)/libmxclock.so

# The clock of the lab under test is the release one: a preload library
# goes into programs that have no sanitizer.
test: deps
	@$(SUBMAKE) all fuzz-programs
	@$(SUBMAKE) FLAVOUR=asan unit-programs
	@tests/run.sh --jobs $(JOBS) $(LINTS:%=exit:%) $(ASANBIN:%=check:%) \
	    'lines:$(MAKE) -s fuzz FUZZ_SECONDS=$(FUZZ_TEST_SECONDS)' \
	    $(E2E:%=lines:tests/integration/%.sh)

lint:
	@tests/run.sh --jobs $(JOBS) $(LINTS:%=exit:%)

matrix: deps
	@$(SUBMAKE) all
	@./mxdrill run -j$(JOBS) $(MTAS:%=--mta %) --baseline scenarios/baselines \
	    -o findings=build/findings.md,md=build/matrix.md

bugs: deps
	@$(SUBMAKE) all
	@MATRIX_JOBS=$(JOBS) tests/integration/matrix.sh whole

ways: deps
	@$(SUBMAKE) all
	@WAYS_JOBS=$(JOBS) tests/integration/ways.sh whole

coverage: deps
	@$(SUBMAKE) FLAVOUR=coverage all unit-programs
	@tests/coverage.sh build/coverage

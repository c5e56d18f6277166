# Benchmarks: ratios of one run, in one table (tests/bench/run.sh).
#
#	make bench			all of it
#	make bench BENCH=dns		one section: mta, smtp, dns, report,
#				judge
#	make bench BENCH_ROUNDS=5	medians of more rounds
BENCH	?= mta smtp dns report judge
BENCH_ROUNDS ?= 3
INSTALL	?= tools/install.sh

BENCHSRC := $(wildcard tests/bench/*.c)
BENCHBIN := $(BENCHSRC:%.c=build/release/%)

.PHONY: bench bench-programs
ifeq ($(FLAVOUR),release)
bench: all bench-programs
	@$(INSTALL) build bench
	@BENCH_ROUNDS=$(BENCH_ROUNDS) tests/bench/run.sh $(BENCH)

bench-programs: $(BENCHBIN)

$(BENCHBIN): $(B)/%: %.c $(B)/libmxdrill.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(B)/libmxdrill.a $(LIBS)
else
# Figures of a debug build would mislead.
bench bench-programs:
	@$(MAKE) FLAVOUR=release $@
endif

# Fuzzing.  Every tests/fuzz/NAME.c is a libFuzzer driver for the parts that
# read what strangers wrote; its seeds are tests/fuzz/corpus/NAME.
#
#	make fuzz			each target for FUZZ_SECONDS
#	make fuzz-NAME FUZZ_SECONDS=600	one target for longer
#	make fuzz FUZZ_SECONDS=0	the seeds only
#
# gcc has no libFuzzer, and coverage guides only what clang compiled: the
# library is built a second time, in a folder of its own.
FUZZ_SECONDS ?= 10
FUZZ_CC	?= clang-14
FUZZ_B	:= build/fuzz

FUZZ_SAN := address,undefined
FUZZ_CFLAGS := -std=c11 -O1 -g -Wall -Wextra -fno-common \
	-fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_LIBS := -levent_core -levent_extra -lldns -ljansson -lcrypto \
	$(shell pkg-config --libs libfyaml 2>/dev/null)

FUZZ_NAMES := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
# refmta's parsers are fuzzed too, as they are tested: without its main.
FUZZ_OBJ := $(patsubst %.c,$(FUZZ_B)/%.o,$(LIBSRC) \
	$(filter-out %/main.c,$(REFSRC)))

.PHONY: fuzz fuzz-programs $(FUZZ_NAMES:%=fuzz-%)
fuzz: $(FUZZ_NAMES:%=fuzz-%)
fuzz-programs: $(FUZZ_NAMES:%=$(FUZZ_B)/%)

$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(FUZZ_B)/%
	@tests/fuzz/run.sh $* $(FUZZ_SECONDS) $(FUZZ_B)

$(FUZZ_B)/libmxdrill.a: $(FUZZ_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(FUZZ_NAMES:%=$(FUZZ_B)/%): $(FUZZ_B)/%: tests/fuzz/%.c $(FUZZ_B)/libmxdrill.a
	$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) \
	    -MMD -MP -MF $@.d -o $@ $< $(FUZZ_B)/libmxdrill.a $(FUZZ_LIBS)

$(FUZZ_B)/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) \
	    -fsanitize=fuzzer-no-link,$(FUZZ_SAN) -MMD -MP -c -o $@ $<

-include $(shell find $(FUZZ_B) -name '*.d' 2>/dev/null)

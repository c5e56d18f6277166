# One Makefile, no recursion.  `make` builds; `make run`, `make test` install
# what is missing first.  A build folder per flavour: FLAVOUR=debug|release|
# asan|coverage.
FLAVOUR	?= release
B	:= build/$(FLAVOUR)
CC	?= cc

PKGS	:= libevent libfyaml jansson
CFLAGS_release	:= -O2 -g
CFLAGS_debug	:= -O0 -g
CFLAGS_asan	:= -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_coverage	:= -O0 -g --coverage -DMXD_COVERAGE
CPPFLAGS := -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
CFLAGS	:= -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -fno-common $(CFLAGS_$(FLAVOUR)) $(WERROR)
LDFLAGS	:= $(filter -fsanitize=% --coverage,$(CFLAGS_$(FLAVOUR)))
LIBS	:= -levent_core -levent_extra -lldns $(shell pkg-config --libs libfyaml jansson 2>/dev/null) -lcrypto -lm

# The library is everything but the programs' main files and the preload.
LIBDIRS	:= harness/base fake_dns fake_smtp harness/scenario harness/lab harness/dsn harness/judge harness/baseline harness/report harness/report/html harness/run harness/explore
LIBSRC	:= $(foreach d,$(LIBDIRS),$(wildcard $(d)/*.c))
LIBOBJ	:= $(LIBSRC:%.c=$(B)/%.o)
MAINSRC	:= $(wildcard harness/main/*.c)
CLOCKSRC := $(wildcard harness/clock/*.c)
REFSRC	:= $(wildcard reference_impl/*.c)
# refmta uses the leaf library only.
BASEOBJ	:= $(patsubst %.c,$(B)/%.o,$(wildcard harness/base/*.c))
UNITSRC	:= $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
UNITBIN	:= $(UNITSRC:%.c=$(B)/%)


.PHONY: all clean unit
all: $(B)/mxdrill $(B)/refmta $(B)/libmxclock.so
	@ln -sf $(B)/mxdrill mxdrill

$(B)/libmxdrill.a: $(LIBOBJ)
	@rm -f $@
	ar rcs $@ $^

# Bound at once: what is bound in the parent no worker has to bind again.
$(B)/mxdrill: $(MAINSRC:%.c=$(B)/%.o) $(B)/libmxdrill.a
	$(CC) $(LDFLAGS) -Wl,-z,now -o $@ $^ $(LIBS)

# Started for every scenario, so libraries that the loader would have to find
# and relocate each time are linked in.  libc is not, or the preload could not
# reach it.
REFLIBS	:= -Wl,-Bstatic -levent_extra -levent_core -lldns -ljansson -lcrypto \
	-Wl,-Bdynamic
REFOBJ	:= $(REFSRC:%.c=$(B)/%.o)
$(B)/refmta: $(REFOBJ) $(BASEOBJ)
	$(CC) $(LDFLAGS) -no-pie -o $@ $^ $(REFLIBS)

# The preload library goes into foreign programs: no sanitizer, no coverage,
# nothing exported but what it interposes.
$(B)/libmxclock.so: $(CLOCKSRC) $(wildcard harness/clock/*.h)
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -I. -std=c11 -Wall -Wextra -O2 -g -fPIC -shared -fvisibility=hidden -o $@ $(CLOCKSRC) -ldl -lpthread

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# A unit test is one program linked with the whole library; refmta's tests
# with its objects save its main.
CHECKLIBS := -lcheck -lsubunit -lm -lrt -lpthread
$(B)/tests/unit/reference_impl/%: tests/unit/reference_impl/%.c $(B)/libmxdrill.a $(filter-out %/main.o,$(REFOBJ))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(filter-out %/main.o,$(REFOBJ)) $(B)/libmxdrill.a $(LIBS) $(CHECKLIBS)

$(B)/tests/unit/%: tests/unit/%.c $(B)/libmxdrill.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(B)/libmxdrill.a $(LIBS) $(CHECKLIBS)

unit: $(UNITBIN) $(B)/libmxclock.so
	@fail=0; for t in $(UNITBIN); do $$t || fail=1; done; exit $$fail

clean:
	rm -rf build mxdrill

-include $(shell find $(B) -name '*.d' 2>/dev/null)

include $(wildcard mk/*.mk)

# The tables of the manual and of README.md, from those of the language.
.PHONY: manual
manual: all
	for f in scenarios/README.md README.md; do \
	    awk -v B=$(B) '/^<!-- [a-z]+: made from the tables -->/ { \
		sub(":", "", $$2); system(B "/mxdrill schema --" $$2); skip = 1 } \
		!skip { print } /^<!-- end of / { skip = 0 }' $$f > $(B)/manual.md || exit 1; \
	    cmp -s $(B)/manual.md $$f || cp $(B)/manual.md $$f || exit 1; done

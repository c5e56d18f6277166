# Worlds made up from seeds, on the reference engine in its lawful ways: none
# may fail.  SEED is the first, COUNT how many; what fails is made small and
# lies in build/soak/SEED.yaml.
SEED	?= 1
COUNT	?= 10000

.PHONY: soak
soak: deps
	@$(SUBMAKE) all
	@./mxdrill explore -j$(JOBS) --seed $(SEED) --count $(COUNT) \
	    --out build/soak

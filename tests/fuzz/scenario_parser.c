/*
 * libFuzzer target: any text into the scenario parser, all its variants and
 * the prose of what comes out.  Corpus: scenarios/ and tests/lint/.
 * Run with -detect_leaks=0: libfyaml 0.7.12 loses a buffer of its own on some
 * syntax errors; our own leaks show in the unit tests under asan.
 */
#include <stdint.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/show.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	const char *const *names;
	struct scenario *sc;
	struct sbuf text = { 0 }, shown = { 0 };
	struct diags diags;
	size_t n;

	/* As a file is read: followed by a NUL. */
	sbuf_add(&text, data, len);
	n = scenario_variants(arena, sbuf_str(&text), len, &names);
	for (size_t i = 0; (i < n || i == 0) && i < 4; i++) {
		diags_init(&diags);
		sc = scenario_parse_variant(sbuf_str(&text), len, "fuzz.yaml",
		    n > 0 ? names[i] : NULL, &diags);
		if (sc != NULL)
			scenario_show(sc, &shown);
		else if (diags.errors == 0)
			__builtin_trap();
		scenario_free(sc);
		diags_fini(&diags);
	}
	sbuf_fini(&shown);
	sbuf_fini(&text);
	arena_free(arena);
	return 0;
}

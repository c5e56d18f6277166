/*
 * `mxdrill mta`: the store of unpacked MTAs.  harness/mta/store does it; here
 * its arguments are checked, so that a misspelt name is answered as it is
 * everywhere else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/run/suite.h"

/* X("word", fewest arguments, most) */
#define VERBS(X)							\
	X("list", 0, 1) X("get", 1, 1) X("path", 1, 1) X("verify", 0, 1) \
	X("add", 2, 4096)

static const struct store_verb {
	const char	*word;
	int		 least, most;
} verbs[] = {
#define X(word, least, most) { word, least, most },
	VERBS(X)
#undef X
};

#define VERB_COUNT	(sizeof verbs / sizeof *verbs)

static const struct store_verb *
find_verb(const char *word)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	return NULL;
}

static int
unknown_verb(const char *word)
{
	const char *names[VERB_COUNT];
	char room[DIAG_MEANT];

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].word;
	return usage_error("mta", "there is no \"mta %s\"%s", word,
	    diag_meant(word, names, VERB_COUNT, room));
}

/* Is there an adapter of this name? */
static int
check_name(const struct home *home, const char *text)
{
	struct suite su = { .home = home };
	struct suite_mta mta = { 0 };
	char *error = NULL;
	int rc = EXIT_AS_EXPECTED;

	if (!mta_spec_parse(&mta.spec, text, &error)) {
		rc = usage_error("mta", "%s", error);
		free(error);
		return rc;
	}
	if (!suite_find_mta(&su, &mta))
		rc = usage_error("mta", "%s", mta.broken);
	else if (mta.spec.option_count > 0)
		rc = usage_error("mta", "%s: options have no part in the "
		    "store, expected NAME[=VERSION]", text);
	mta_spec_fini(&mta.spec);
	free(mta.adapter_dir);
	free(mta.broken);
	return rc;
}

int
cmd_mta(int argc, char **argv)
{
	const struct store_verb *v;
	struct home home;
	char *store, *error = NULL;
	int rc;

	if (argc < 2)
		return usage_error("mta", "what about them?");
	if ((v = find_verb(argv[1])) == NULL)
		return unknown_verb(argv[1]);
	if (argc - 2 < v->least || argc - 2 > v->most)
		return usage_error("mta", "too %s arguments",
		    argc - 2 < v->least ? "few" : "many");
	if (!home_find(&home, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return EXIT_UNTRUSTED;
	}
	rc = argc > 2 ? check_name(&home, argv[2]) : EXIT_AS_EXPECTED;
	store = xasprintf("%s/store", home.mta);
	if (rc == EXIT_AS_EXPECTED) {
		setenv("MXDRILL_PROG", "mxdrill mta", 1);
		execv(store, argv);
		fprintf(stderr, "mxdrill: %s: %s\n", store, strerror(errno));
		rc = EXIT_UNTRUSTED;
	}
	free(store);
	home_fini(&home);
	return rc;
}

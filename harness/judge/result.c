#include "harness/judge/result.h"

#include <string.h>

const char *
flag_word(enum flag f)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		FLAGS(X)
#undef X
	};

	return words[f];
}

const char *
flag_help(enum flag f)
{
	static const char *const helps[] = {
#define X(sym, word, help) help,
		FLAGS(X)
#undef X
	};

	return helps[f];
}

const char *
result_word(enum result r)
{
	static const char *const words[] = {
#define X(sym, word) word,
		RESULTS(X)
#undef X
	};

	return words[r];
}

bool
result_find(const char *word, enum result *found)
{
	for (int r = 0; word != NULL && r < RESULT_COUNT; r++)
		if (strcmp(word, result_word((enum result)r)) == 0) {
			*found = (enum result)r;
			return true;
		}
	return false;
}

bool
result_is_red(enum result r)
{
	return r == RESULT_FAIL || r == RESULT_XPASS || r == RESULT_ERROR ||
	    r == RESULT_NOT_EXERCISED;
}

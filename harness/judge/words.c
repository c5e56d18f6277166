#include "harness/judge/judge.h"

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

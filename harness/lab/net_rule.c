#include "harness/lab/net_rule.h"

#include <assert.h>

static const struct {
	const char *word, *help;
} states[NET_STATE_COUNT] = {
#define X(sym, word, help) { word, help },
	NET_STATES(X)
#undef X
};

const char *
net_state_word(enum net_state state)
{
	assert((unsigned)state < NET_STATE_COUNT);
	return states[state].word;
}

const char *
net_state_help(enum net_state state)
{
	assert((unsigned)state < NET_STATE_COUNT);
	return states[state].help;
}

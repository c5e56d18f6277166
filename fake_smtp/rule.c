#include "fake_smtp/rule.h"

#include <assert.h>

static const char *const stage_words[] = {
#define X(sym, word, who, help) word,
	FSMTP_STAGES(X)
#undef X
};
static const char *const stage_helps[] = {
#define X(sym, word, who, help) help,
	FSMTP_STAGES(X)
#undef X
};
static const enum fsmtp_who stage_knows[] = {
#define X(sym, word, who, help) FSMTP_KNOWS_##who,
	FSMTP_STAGES(X)
#undef X
};
static const char *const action_words[] = {
#define X(sym, word, help) word,
	FSMTP_ACTIONS(X)
#undef X
};
static const char *const action_helps[] = {
#define X(sym, word, help) help,
	FSMTP_ACTIONS(X)
#undef X
};
static const char *const connect_words[] = {
#define X(sym, word, help) word,
	FSMTP_CONNECTS(X)
#undef X
};
static const char *const connect_helps[] = {
#define X(sym, word, help) help,
	FSMTP_CONNECTS(X)
#undef X
};

const char *
fsmtp_stage_word(enum fsmtp_stage stage)
{
	assert(stage < FSMTP_STAGE_COUNT);
	return stage_words[stage];
}

const char *
fsmtp_stage_help(enum fsmtp_stage stage)
{
	assert(stage < FSMTP_STAGE_COUNT);
	return stage_helps[stage];
}

enum fsmtp_who
fsmtp_stage_knows(enum fsmtp_stage stage)
{
	assert(stage < FSMTP_STAGE_COUNT);
	return stage_knows[stage];
}

const char *
fsmtp_action_word(enum fsmtp_action action)
{
	assert(action < FSMTP_ACTION_COUNT);
	return action_words[action];
}

const char *
fsmtp_action_help(enum fsmtp_action action)
{
	assert(action < FSMTP_ACTION_COUNT);
	return action_helps[action];
}

const char *
fsmtp_connect_word(enum fsmtp_connect connect)
{
	assert(connect < FSMTP_CONNECT_COUNT);
	return connect_words[connect];
}

const char *
fsmtp_connect_help(enum fsmtp_connect connect)
{
	assert(connect < FSMTP_CONNECT_COUNT);
	return connect_helps[connect];
}

/* What must come of the mail: the lines of `expect:`. */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/scenario/parser.h"

static verdict_set
outcome_set(const char *word)
{
	const struct word *w;

#define X(name, set, help)						\
	if (strcmp(word, name) == 0)					\
		return set;
	OUTCOME_GROUPS(X)
#undef X
	w = word_find(words_outcome, word);
	return w == NULL ? 0 : VSET(w->value);
}

static void
read_outcome(struct parser *p, const struct key *key,
    const struct node *value, struct expectation *ex)
{
	const struct node *item = value;
	const char *const *words;
	verdict_set set = 0;
	size_t n;

	words = read_texts(p, key->name, value, &n);
	for (size_t i = 0; words != NULL && i < n; i++) {
		if (value->kind == NODE_LIST)
			item = &value->items[i];
		if (outcome_set(words[i]) == 0)
			parser_unknown_word(p, item, key->name, key->words);
		set |= outcome_set(words[i]);
	}
	*(verdict_set *)(void *)((char *)ex + key->offset) = set;
	if (key->offset == offsetof(struct expectation, outcome))
		ex->outcome_loc = value->loc;
}

static void
read_reports(struct parser *p, const struct node *value,
    struct expectation *ex)
{
	const struct node *items = value->kind == NODE_LIST ? value->items :
	    value;
	size_t n = value->kind == NODE_LIST ? value->count : 1;
	struct report_expectation *r;

	for (size_t i = 0; i < n; i++) {
		r = arena_push(p->arena, &ex->reports, &ex->report_count,
		    sizeof *r);
		r->loc = items[i].loc;
		read_map(p, &map_report, &items[i], r, NULL);
	}
	if (n == 0)
		parser_error(p, value, "report is empty")->expected =
		    "{remote-mta: mx1.r.test}";
}

static void
expect_value(struct parser *p, const struct key *key,
    const struct node *knode, const struct node *value, void *base)
{
	(void)knode;
	if (key->type == K_OUTCOME)
		read_outcome(p, key, value, base);
	else
		read_reports(p, value, base);
}

void
parse_expect(struct parser *p, const struct node *node)
{
	const struct node *items = node->kind == NODE_LIST ? node->items :
	    node;
	size_t n = node->kind == NODE_LIST ? node->count : 1;
	struct scenario *sc = p->sc;
	struct expectation *ex;

	for (size_t i = 0; i < n; i++) {
		ex = arena_push(p->arena, &sc->expect, &sc->expect_count,
		    sizeof *ex);
		ex->loc = items[i].loc;
		ex->delays_max = ex->relayed_max = -1;
		read_map(p, &map_expect, &items[i], ex, expect_value);
	}
	if (n == 0)
		parser_error(p, node, "expect is empty")->expected =
		    "{outcome: delivered}";
}

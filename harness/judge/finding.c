#include "harness/judge/finding.h"

#include "harness/base/arena.h"

void
finding_raise(struct findings *c, enum flag flag, enum weight weight,
    const char *clause, const struct event *ev, const char *text)
{
	struct judgement *j = c->j;
	struct finding *f;

	for (size_t i = 0; i < j->finding_count; i++) {
		f = &j->findings[i];
		if (f->flag == flag && (f->clause == clause ||
		    same_text(f->clause, clause)))
			return;
	}
	f = arena_push(j->arena, &j->findings, &j->finding_count, sizeof *f);
	f->flag = flag;
	f->weight = weight;
	f->text = text;
	f->clause = clause;
	f->decisive = ev != NULL ? ev->seq : 0;
}

/* The pure step: what a baseline makes of a run. */
#include "harness/baseline/baseline.h"

#include <fnmatch.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/mta_name.h"
#include "harness/judge/verdict.h"

bool
baseline_id_matches(const char *pattern, const char *id)
{
	size_t len = strlen(pattern);

	if (strcmp(pattern, id) == 0)
		return true;
	if (len > 0 && pattern[len - 1] == '/')
		return strncmp(pattern, id, len) == 0;
	return strpbrk(pattern, "*?[") != NULL && fnmatch(pattern, id, 0) == 0;
}

/* The name alone means the MTA with any options and however chosen. */
static bool
mta_matches(const struct baseline_entry *e, const char *mta,
    const char *version)
{
	if (e->mta == NULL)
		return true;
	return (strcmp(e->mta, mta) == 0 || mta_is_named(mta, e->mta)) &&
	    version_in(&e->versions, version);
}

const struct baseline_entry *
baseline_find(const struct baseline *b, const char *id, const char *mta,
    const char *version)
{
	for (size_t i = 0; i < b->count; i++)
		if (mta_matches(&b->entries[i], mta, version) &&
		    baseline_id_matches(b->entries[i].id, id))
			return &b->entries[i];
	return NULL;
}

struct seen
baseline_seen(const struct judgement *j)
{
	struct seen s = { .result = judgement_plain(j) };

	for (size_t i = 0; i < j->unit_count; i++)
		if (!j->units[i].control && !j->units[i].expected &&
		    !j->units[i].tolerated)
			s.verdicts |= VSET(j->units[i].verdict);
	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			s.flags |= UINT32_C(1) << j->findings[i].flag;
	return s;
}

enum verdict
baseline_worst(verdict_set set)
{
	enum verdict worst = V_DELIVERED;
	int most = -1;

	for (int v = 0; v < VERDICT_COUNT; v++)
		if ((set & VSET(v)) != 0 &&
		    verdict_severity((enum verdict)v) > most) {
			worst = (enum verdict)v;
			most = verdict_severity(worst);
		}
	return worst;
}

static void
put_word(struct sbuf *b, const char *word)
{
	sbuf_printf(b, "%s%s", b->len > 0 ? ", " : "", word);
}

const char *
baseline_words(struct arena *arena, verdict_set verdicts, uint32_t flags)
{
	struct sbuf b = { 0 };
	const char *out;
	enum verdict worst;

	for (; verdicts != 0; verdicts &= ~VSET(worst)) {
		worst = baseline_worst(verdicts);
		put_word(&b, verdict_word(worst));
	}
	for (int f = 0; f < FLAG_COUNT; f++)
		if ((flags & UINT32_C(1) << f) != 0)
			put_word(&b, flag_word((enum flag)f));
	out = arena_strdup(arena, b.len > 0 ? sbuf_str(&b) : "nothing wrong");
	sbuf_fini(&b);
	return out;
}

/* Does nothing of what is pinned show any more? */
static bool
is_gone(const struct baseline_entry *e, const struct seen *s)
{
	return (e->verdicts & s->verdicts) == 0 && (e->flags & s->flags) == 0;
}

/*
 * Verdicts must be the very ones that are pinned.  A flag that stays away is
 * better than what is known; one more is worse.
 */
static bool
is_known(const struct baseline_entry *e, const struct seen *s)
{
	return e->verdicts == s->verdicts && (s->flags & ~e->flags) == 0 &&
	    !is_gone(e, s);
}

/* Worse, or only another? */
static bool
is_worse(const struct baseline_entry *e, const struct seen *s)
{
	if ((s->flags & ~e->flags) != 0)
		return true;
	if (s->verdicts == 0)
		return false;
	if (e->verdicts == 0 || (s->verdicts & ~e->verdicts &
	    VSET(V_INCONCLUSIVE)) != 0)
		return true;
	return (s->verdicts & ~e->verdicts) != 0 &&
	    verdict_severity(baseline_worst(s->verdicts & ~e->verdicts)) >=
	    verdict_severity(baseline_worst(e->verdicts));
}

static void
set_known(const struct baseline_entry *e, struct judgement *j)
{
	struct known *k = arena_alloc(j->arena, sizeof *k);

	*k = (struct known){ .at = arena_strdup(j->arena, e->at),
	    .outcome = arena_strdup(j->arena, e->outcome),
	    .reason = arena_strdup(j->arena, e->reason),
	    .was = j->result, .sentence = j->sentence };
	if (e->upstream != NULL)
		k->upstream = arena_strdup(j->arena, e->upstream);
	j->known = k;
}

void
baseline_apply(const struct baseline *b, const char *id, const char *mta,
    const char *version, struct judgement *j)
{
	const struct baseline_entry *e = baseline_find(b, id, mta, version);
	struct seen s = baseline_seen(j);

	/* What proves nothing neither shows a known failure nor its end. */
	if (e == NULL || j->result == RESULT_ERROR || j->result ==
	    RESULT_NOT_EXERCISED || j->result == RESULT_SKIP)
		return;
	set_known(e, j);
	if (j->result == RESULT_OK || j->result == RESULT_INFO ||
	    (j->result == RESULT_WARN && is_gone(e, &s))) {
		j->result = RESULT_XPASS;
		j->sentence = arena_printf(j->arena, "the known failure does "
		    "not show any more: %s pins %s", e->at, e->outcome);
	} else if (is_known(e, &s)) {
		j->result = RESULT_XFAIL;
		j->sentence = arena_printf(j->arena, "%s (known: %s)",
		    j->sentence, e->reason);
	} else {
		j->result = RESULT_FAIL;
		j->sentence = arena_printf(j->arena, "%s (%s than what is "
		    "known: %s pins %s, this is %s)", j->sentence,
		    is_worse(e, &s) ? "worse" : "other", e->at, e->outcome,
		    baseline_words(j->arena, s.verdicts, s.flags));
	}
}

#include "harness/main/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"

/* What no argument means: all files, not the thousands of the grid. */
static int
select_all(struct selection *s)
{
	for (size_t i = 0; i < s->catalogue.count; i++) {
		if (s->catalogue.entries[i].generated)
			continue;
		s->entries = xreallocarray(s->entries, s->count + 1,
		    sizeof(void *));
		s->entries[s->count++] = &s->catalogue.entries[i];
	}
	return 0;
}

static int
select_one(struct selection *s, const char *text)
{
	const char *meant = NULL;

	if (catalogue_select(&s->catalogue, text, &s->entries, &s->count,
	    &meant))
		return 0;
	fprintf(stderr, "mxdrill: no scenario matches \"%s\"", text);
	if (meant != NULL)
		fprintf(stderr, "; did you mean \"%s\"?", meant);
	fputc('\n', stderr);
	return EXIT_WRONG_QUESTION;
}

int
selection_open(struct selection *s, char **select, int count)
{
	char *error = NULL;
	int rc = 0;

	memset(s, 0, sizeof *s);
	if (!home_find(&s->home, &error) ||
	    !catalogue_open(&s->catalogue, s->home.scenarios, &error)) {
		fprintf(stderr, "mxdrill: %s\n", error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	if (count == 0)
		return select_all(s);
	for (int i = 0; i < count && rc == 0; i++)
		rc = select_one(s, select[i]);
	return rc;
}

int
selection_parse(struct selection *s)
{
	struct sbuf text = { 0 };
	struct diags diags;
	int rc = 0;

	s->scenarios = xcalloc(s->count, sizeof *s->scenarios);
	for (size_t i = 0; i < s->count; i++) {
		diags_init(&diags);
		s->scenarios[i] = catalogue_parse(s->entries[i], &diags);
		sbuf_clear(&text);
		if (diags.count > 0 && catalogue_text(s->entries[i],
		    &text) == 0)
			diags_print(&diags, sbuf_str(&text), stderr);
		else
			diags_print(&diags, NULL, stderr);
		if (s->scenarios[i] == NULL)
			rc = EXIT_WRONG_QUESTION;
		diags_fini(&diags);
	}
	sbuf_fini(&text);
	return rc;
}

static bool
has_tag(const void *tag, const struct scenario *sc)
{
	for (size_t i = 0; i < sc->tag_count; i++)
		if (strcmp(sc->tags[i], tag) == 0)
			return true;
	return false;
}

void
selection_keep(struct selection *s, bool (*keep)(const void *ctx,
    const struct scenario *), const void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (keep(ctx, s->scenarios[i])) {
			s->entries[kept] = s->entries[i];
			s->scenarios[kept++] = s->scenarios[i];
		} else
			scenario_free(s->scenarios[i]);
	}
	s->count = kept;
}

void
selection_keep_tag(struct selection *s, const char *tag)
{
	selection_keep(s, has_tag, tag);
}

static const char *
environment(const char *name)
{
	return getenv(name);
}

int
selection_take_shard(struct selection_shard *s, const char *command,
    const char *value)
{
	char *error = NULL, *source = NULL;
	bool good;

	good = strcmp(value, "auto") == 0 ? shard_auto(&s->shard,
	    environment, &source, &error) : shard_parse(&s->shard, value,
	    &error);
	snprintf(s->source, sizeof s->source, "%s", source != NULL ? source :
	    "");
	free(source);
	if (good)
		return 0;
	usage_error(command, "--shard: %s", error);
	free(error);
	return EXIT_WRONG_QUESTION;
}

static bool
in_shard(const void *shard, const struct scenario *sc)
{
	return shard_has(shard, sc->id);
}

void
selection_keep_shard(struct selection *s, const struct selection_shard *sh,
    FILE *out)
{
	size_t whole = s->count;
	bool told = sh->source[0] != '\0';

	if (sh->shard.count == 0)
		return;
	selection_keep(s, in_shard, &sh->shard);
	fprintf(out, "shard %u of %u%s%s%s: %zu of %zu scenarios\n",
	    sh->shard.index, sh->shard.count, told ? " (" : "", sh->source,
	    told ? ")" : "", s->count, whole);
	fflush(out);
}

void
selection_close(struct selection *s)
{
	for (size_t i = 0; s->scenarios != NULL && i < s->count; i++)
		scenario_free(s->scenarios[i]);
	free(s->scenarios);
	free(s->entries);
	catalogue_fini(&s->catalogue);
	home_fini(&s->home);
	memset(s, 0, sizeof *s);
}

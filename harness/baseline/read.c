/* A baseline's files are read: each entry by a table, as a scenario's maps. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/arena.h"
#include "harness/base/mta_name.h"
#include "harness/base/xalloc.h"
#include "harness/baseline/baseline.h"
#include "harness/scenario/parser.h"

#define FLAG_BASE	100		/* flags come behind the verdicts */

/* All but INCONCLUSIVE, whose word is empty here and so is no word. */
static const struct word words_pinned[] = {
#define X(sym, word, help) \
	{ V_##sym == V_INCONCLUSIVE ? "" : word, V_##sym, help },
	VERDICTS(X)
#undef X
#define X(sym, word, help) { word, FLAG_BASE + F_##sym, help },
	FLAGS(X)
#undef X
	{ NULL, 0, NULL }
};

/* An entry before its values are understood. */
struct raw {
	const char	*id, *mta, *reason, *upstream;
	const struct node *outcome, *also;
};

#define TEXT_KEY(name) #name, K_TEXT, offsetof(struct raw, name)
#define NODE_KEY(name) #name, K_OUTCOME, offsetof(struct raw, name)

static const struct key keys_entry[] = {
	{ TEXT_KEY(id), .required = true, .help = "a scenario's id, a prefix "
	    "of ids ending in /, or a glob", .example = "dns/mx-refused/" },
	{ TEXT_KEY(mta), .help = "the MTA, perhaps with a condition on its "
	    "version", .example = "\"postfix < 3.9\"" },
	{ NODE_KEY(outcome), .required = true, .help = "the verdict that is "
	    "known, or a list of flags", .example = "premature-bounce" },
	{ NODE_KEY(also), .help = "verdicts of other recipients in the same "
	    "run", .example = "[late-bounce]" },
	{ TEXT_KEY(reason), .required = true, .help = "why it fails and why "
	    "that is left so", .example = "FORMERR is taken for permanent" },
	{ TEXT_KEY(upstream), .help = "where its authors speak of it",
	    .example = "Postfix HISTORY 19990221" },
	{ .name = NULL },
};

static const struct key_map map_entry = { "baseline entry",
    "Entries of a baseline", keys_entry };

struct reading {
	struct parser	 p;
	struct baseline	*b;
	size_t		 file;
};

static void
keep_node(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, void *base)
{
	(void)p;
	(void)knode;
	*(const struct node **)(void *)((char *)base + key->offset) = value;
}

static bool
has_text(struct parser *p, const struct node *map, const char *key,
    const char *expected)
{
	const struct node *value = yaml_get(map, key);

	if (value == NULL || value->kind != NODE_SCALAR ||
	    value->text[strspn(value->text, " \t\n")] != '\0')
		return true;
	parser_error(p, value, "%s is empty", key)->expected = expected;
	return false;
}

/* One word of `outcome` or `also`. */
static void
read_word(struct parser *p, const char *key, const struct node *node,
    struct baseline_entry *e, bool flags)
{
	const struct word *w;

	if (node->kind != NODE_SCALAR) {
		parser_error(p, node, "an entry of %s is %s", key,
		    yaml_kind_word(node))->expected = "a word";
		return;
	}
	if (strcmp(node->text, verdict_word(V_INCONCLUSIVE)) == 0) {
		parser_error(p, node, "%s: \"%s\" cannot be pinned", key,
		    node->text)->expected = "a verdict: a run that proves "
		    "nothing is no known failure";
	} else if (*node->text == '\0' || (w = word_find(words_pinned,
	    node->text)) == NULL) {
		parser_unknown_word(p, node, key, words_pinned);
	} else if (w->value >= FLAG_BASE) {
		if (!flags)
			parser_error(p, node, "%s: \"%s\" is a flag", key,
			    node->text)->expected =
			    "a verdict; flags stand in the list of outcome";
		e->flags |= UINT32_C(1) << (w->value - FLAG_BASE);
	} else {
		e->verdicts |= VSET(w->value);
	}
}

static size_t
count_verdicts(verdict_set set)
{
	size_t n = 0;

	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

static void
read_words(struct parser *p, const char *key, const struct node *node,
    struct baseline_entry *e, bool flags)
{
	if (node->kind == NODE_SCALAR && *node->text == '\0')
		parser_error(p, node, "%s says nothing", key)->expected =
		    "a verdict or a list of flags";
	else if (node->kind != NODE_LIST)
		read_word(p, key, node, e, flags);
	else
		for (size_t i = 0; i < node->count; i++)
			read_word(p, key, &node->items[i], e, flags);
}

static void
read_outcome(struct parser *p, const struct raw *raw,
    struct baseline_entry *e)
{
	size_t before = p->diags->errors;

	read_words(p, "outcome", raw->outcome, e, true);
	if (p->diags->errors == before && count_verdicts(e->verdicts) > 1)
		parser_error(p, raw->outcome, "outcome pins more than one "
		    "verdict")->expected =
		    "one verdict; those of other recipients stand in `also`";
	if (p->diags->errors == before && e->verdicts == 0 && e->flags == 0)
		parser_error(p, raw->outcome, "outcome pins nothing")
		    ->expected = "a verdict or a list of flags";
	if (raw->also != NULL)
		read_words(p, "also", raw->also, e, false);
	e->outcome_at = (struct text_range){ raw->outcome->from,
		raw->outcome->to };
	if (raw->also != NULL)
		e->also_at = (struct text_range){ raw->also->from,
			raw->also->to };
}

/* "postfix", "postfix < 3.9", "reference:bug=NAME" */
static void
read_mta(struct reading *r, const struct node *node,
    struct baseline_entry *e)
{
	const char *only = r->b->files[r->file].only, *text = node->text;
	size_t len = strcspn(text, "<=> \t"), at = 0;
	struct node here = *node;

	e->mta_loc = node->loc;
	e->mta_width = node->width;
	if (strchr(text, ':') != NULL)
		len = strlen(text);	/* options, which may hold anything */
	e->mta = arena_strndup(r->b->arena, text, len);
	text += len + strspn(text + len, " \t");
	if (*e->mta == '\0' || (*text != '\0' && !version_range_parse(
	    &e->versions, r->b->arena, text, &at))) {
		if (node->width > 1 && !node->quoted) {
			here.loc.col += (int)(text - node->text) + (int)at;
			here.width = 1;
		}
		parser_error(&r->p, &here, "mta: \"%s\" is no MTA with "
		    "conditions on its version", node->text)->expected =
		    "NAME, or NAME with < <= = >= > and a version, as in "
		    "\"postfix >= 3.5, < 3.9\"";
		return;
	}
	if (version_ranges_meet(&e->versions, &e->versions) == false)
		parser_error(&r->p, node, "mta: no version is in \"%s\"",
		    text)->expected = "a range that holds something";
	if (only != NULL && (strncmp(e->mta, only, strlen(only)) != 0 ||
	    strchr(":", e->mta[strlen(only)]) == NULL))
		parser_error(&r->p, node, "this file is about %s, not %s",
		    only, e->mta)->expected = "entries of one MTA in "
		    "NAME.known of a folder";
}

static void
read_entry(struct reading *r, const struct node *node)
{
	struct raw raw = { .id = NULL };
	struct baseline_entry e = { .file = r->file, .loc = node->loc,
	    .width = 1, .item = { node->from, node->to } };
	struct parser *p = &r->p;
	size_t before = p->diags->errors;
	const struct node *id, *mta;

	if (!read_map(p, &map_entry, node, &raw, keep_node))
		return;
	id = yaml_get(node, "id");
	mta = yaml_get(node, "mta");
	has_text(p, node, "id", "a scenario's id");
	has_text(p, node, "reason", "why it fails and why that is left so");
	if (raw.outcome != NULL)
		read_outcome(p, &raw, &e);
	e.mta = r->b->files[r->file].only;
	if (mta != NULL && mta->kind == NODE_SCALAR &&
	    has_text(p, node, "mta", "the name of an MTA"))
		read_mta(r, mta, &e);
	if (p->diags->errors != before)
		return;
	e.loc = id->loc;
	e.width = id->width;
	e.id = raw.id;
	e.reason = raw.reason;
	e.upstream = raw.upstream;
	e.at = arena_printf(r->b->arena, "%s:%d", p->path, id->loc.line);
	e.outcome = baseline_words(r->b->arena, e.verdicts, e.flags);
	e.flow = r->b->files[r->file].text[node->from] == '{';
	*(struct baseline_entry *)arena_push(r->b->arena, &r->b->entries,
	    &r->b->count, sizeof e) = e;
}

/* Nothing but comments: a baseline of nothing, which is the best. */
static bool
is_blank(const char *text)
{
	while (*text != '\0') {
		text += strspn(text, " \t\r");
		if (*text != '#' && *text != '\n' && *text != '\0')
			return false;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return true;
}

void
baseline_add_text(struct baseline *b, const char *path, const char *only,
    const char *text, size_t len)
{
	struct reading r = { .b = b, .file = b->file_count };
	struct baseline_file *f;
	const struct node *root;

	if (b->arena == NULL)
		b->arena = arena_new();
	f = arena_push(b->arena, &b->files, &b->file_count, sizeof *f);
	f->path = arena_strdup(b->arena, path);
	f->only = only == NULL ? NULL : arena_strdup(b->arena, only);
	f->text = arena_strndup(b->arena, text, len);
	f->len = len;
	diags_init(&f->diags);
	if (strlen(f->text) == len && is_blank(f->text))
		return;
	r.p = (struct parser){ .arena = b->arena, .diags = &f->diags,
	    .path = f->path };
	root = yaml_parse(b->arena, f->text, len, f->path, &f->diags);
	if (root == NULL)
		return;
	if (root->kind != NODE_LIST) {
		parser_error(&r.p, root, "a baseline is a list, this is %s",
		    yaml_kind_word(root))->expected = "- id: ...";
		return;
	}
	f->flow = f->text[root->from] == '[';
	for (size_t i = 0; i < root->count; i++)
		read_entry(&r, &root->items[i]);
}

static bool
add_file(struct baseline *b, const char *path, const char *only,
    char **error)
{
	struct sbuf text = { 0 };

	if (sbuf_read_file(&text, path) < 0) {
		*error = xasprintf("%s: %s", path, strerror(errno));
		return false;
	}
	baseline_add_text(b, path, only, sbuf_str(&text), text.len);
	sbuf_fini(&text);
	return true;
}

/* Is the file's NAME among the MTAs? */
static bool
is_wanted(const char *name, const char *const *mtas, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mta_is_named(mtas[i], name))
			return true;
	return mtas == NULL;
}

static bool
add_folder(struct baseline *b, const char *path, const char *const *mtas,
    size_t mta_count, char **error)
{
	char *pattern = xasprintf("%s/*.known", path), *name;
	bool good = true;
	glob_t found;
	const char *file;

	if (glob(pattern, 0, NULL, &found) != 0) {
		*error = xasprintf("%s: no NAME.known is in it", path);
		free(pattern);
		return false;
	}
	for (size_t i = 0; good && i < found.gl_pathc; i++) {
		file = strrchr(found.gl_pathv[i], '/') + 1;
		name = xstrndup(file, strlen(file) - strlen(".known"));
		if (is_wanted(name, mtas, mta_count))
			good = add_file(b, found.gl_pathv[i], name, error);
		free(name);
	}
	globfree(&found);
	free(pattern);
	return good;
}

bool
baseline_add(struct baseline *b, const char *path, const char *const *mtas,
    size_t mta_count, char **error)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(b, path, mtas, mta_count, error);
	return add_file(b, path, NULL, error);
}

void
baseline_fini(struct baseline *b)
{
	for (size_t i = 0; i < b->file_count; i++)
		diags_fini(&b->files[i].diags);
	arena_free(b->arena);
	*b = (struct baseline){ .arena = NULL };
}

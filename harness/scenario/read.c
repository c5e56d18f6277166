/* Reading a map by its table of keys (keys.c). */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/scenario/parser.h"

#define CANDIDATES_MAX 64

struct diag *
parser_error(struct parser *p, const struct node *node, const char *fmt, ...)
{
	struct sbuf text = { 0 };
	struct diag *d;
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	d = diags_add(p->diags, DIAG_ERROR, p->path, node->loc.line,
	    node->loc.col, "%s", sbuf_str(&text));
	d->width = node->width > 0 ? node->width : 1;
	sbuf_fini(&text);
	return d;
}

static const char *
join_words(struct parser *p, const struct word *words)
{
	struct sbuf text = { 0 };
	const char *out;

	for (; words->word != NULL; words++)
		if (*words->word != '\0')
			sbuf_printf(&text, "%s%s", text.len > 0 ? ", " : "",
			    words->word);
	out = arena_strdup(p->diags->arena, sbuf_str(&text));
	sbuf_fini(&text);
	return out;
}

void
parser_unknown_word(struct parser *p, const struct node *node,
    const char *what, const struct word *words)
{
	const char *candidates[CANDIDATES_MAX];
	struct diag *d;
	size_t n = 0;

	for (const struct word *w = words; w->word != NULL &&
	    n < CANDIDATES_MAX; w++)
		if (*w->word != '\0')
			candidates[n++] = w->word;
	d = parser_error(p, node, "%s: \"%s\" is not one of its words", what,
	    node->text);
	d->expected = join_words(p, words);
	d->meant = diag_nearest(node->text, candidates, n);
}

const char *
node_id(struct parser *p, const struct node *node)
{
	return arena_printf(p->arena, "%d:%d", node->loc.line, node->loc.col);
}

const char *const *
read_texts(struct parser *p, const char *key, const struct node *node,
    size_t *count)
{
	const struct node *item = node;
	const char **out = NULL;
	size_t n = node->kind == NODE_LIST ? node->count : 1;

	*count = 0;
	if (node->kind == NODE_MAP || (node->kind == NODE_SCALAR &&
	    *node->text == '\0' && !node->quoted)) {
		parser_error(p, node, "%s is %s", key, yaml_kind_word(node))
		    ->expected = "a text or a list of texts";
		return NULL;
	}
	out = arena_array(p->arena, n + 1, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		if (node->kind == NODE_LIST)
			item = &node->items[i];
		if (item->kind != NODE_SCALAR || *item->text == '\0') {
			parser_error(p, item, "an entry of %s is %s", key,
			    yaml_kind_word(item))->expected = "a text";
			continue;
		}
		out[(*count)++] = item->text;
	}
	/* Callers take the n-th text to stand at the n-th item. */
	if (*count != n) {
		*count = 0;
		return NULL;
	}
	return out;
}

static bool
read_number(const char *text, long long max, long long *out)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 15)
		return false;
	*out = strtoll(text, &end, 10);
	return *end == '\0' && *out <= max;
}

static void
read_words(struct parser *p, const struct key *key, const struct node *node,
    char *base)
{
	const struct node *item = node;
	size_t n = node->kind == NODE_LIST ? node->count : 1;

	*(const char *const **)(void *)(base + key->offset) =
	    read_texts(p, key->name, node, (size_t *)(void *)(base +
	    key->offset2));
	for (size_t i = 0; node->kind != NODE_MAP && i < n; i++) {
		if (node->kind == NODE_LIST)
			item = &node->items[i];
		if (item->kind == NODE_SCALAR && *item->text != '\0' &&
		    word_find(key->words, item->text) == NULL)
			parser_unknown_word(p, item, key->name, key->words);
	}
}

static void
read_scalar_value(struct parser *p, const struct key *key,
    const struct node *node, void *at)
{
	const struct word *w;
	const char *expected = NULL;
	long long n;

	switch (key->type) {
	case K_TEXT:
		if (*node->text == '\0' && !node->quoted)
			expected = "a text";
		else
			*(const char **)at = node->text;
		break;
	case K_TRUTH:
		if (strcmp(node->text, "true") == 0)
			*(bool *)at = true;
		else if (strcmp(node->text, "false") != 0)
			expected = "true or false";
		break;
	case K_TIME:
		if (!scenario_duration(node->text, at))
			expected = "a duration such as 30s, 10m, 2h, 1h30m "
			    "or 5d";
		break;
	case K_COUNT:
		if (!read_number(node->text, 1000000, &n) || n == 0)
			expected = "a whole number from 1";
		else
			*(uint32_t *)at = (uint32_t)n;
		break;
	case K_INT:
		if (!read_number(node->text, key->max, &n) || n < key->min)
			expected = arena_printf(p->diags->arena,
			    "a whole number from %d to %d", key->min,
			    key->max);
		else
			*(int *)at = (int)n;
		break;
	case K_OCTETS:
		if (!read_number(node->text, 100000000, &n) || n == 0)
			expected = "a number of octets from 1 to 100000000";
		else
			*(size_t *)at = (size_t)n;
		break;
	default:
		if ((w = word_find(key->words, node->text)) == NULL)
			parser_unknown_word(p, node, key->name, key->words);
		else
			*(int *)at = w->value;
		break;
	}
	if (expected != NULL)
		parser_error(p, node, "%s: \"%s\" is no %s", key->name,
		    node->text, key_type_word(key->type))->expected = expected;
}

static void
read_value(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, char *base, key_fn *special)
{
	if (key->type == K_TEXTS && key->offset2 != 0) {
		*(const char *const **)(void *)(base + key->offset) =
		    read_texts(p, key->name, value,
		    (size_t *)(void *)(base + key->offset2));
	} else if (key->type == K_WORDS) {
		read_words(p, key, value, base);
	} else if (key->type <= K_WORD && key->type != K_TEXTS) {
		if (value->kind != NODE_SCALAR)
			parser_error(p, value, "%s is %s", key->name,
			    yaml_kind_word(value))->expected =
			    key_type_word(key->type);
		else
			read_scalar_value(p, key, value, base + key->offset);
	} else {
		special(p, key, knode, value, base);
	}
}

static const struct key *
find_key(const struct key_map *map, const char *name)
{
	for (const struct key *k = map->keys; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static void
unknown_key(struct parser *p, const struct key_map *map,
    const struct node *node)
{
	const char *candidates[CANDIDATES_MAX];
	struct sbuf text = { 0 };
	struct diag *d;
	size_t n = 0;

	for (const struct key *k = map->keys; k->name != NULL; k++) {
		candidates[n++] = k->name;
		sbuf_printf(&text, "%s%s", n > 1 ? ", " : "", k->name);
	}
	d = parser_error(p, node, "\"%s\" is no key of a %s", node->text,
	    map->name);
	d->meant = diag_nearest(node->text, candidates, n);
	d->expected = arena_strdup(p->diags->arena, sbuf_str(&text));
	sbuf_fini(&text);
}

static bool
seen_before(struct parser *p, const struct node *map, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(map->items[j].text, map->items[i].text) == 0) {
			parser_error(p, &map->items[i], "\"%s\" was said "
			    "already in line %d", map->items[i].text,
			    map->items[j].loc.line);
			return true;
		}
	return false;
}

bool
read_map(struct parser *p, const struct key_map *map, const struct node *node,
    void *base, key_fn *special)
{
	const struct key *key;

	if (node->kind != NODE_MAP) {
		parser_error(p, node, "%s is %s", map->name,
		    yaml_kind_word(node))->expected = "a map, KEY: VALUE";
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		if (seen_before(p, node, i))
			continue;
		key = find_key(map, node->items[i].text);
		if (key == NULL)
			unknown_key(p, map, &node->items[i]);
		else
			read_value(p, key, &node->items[i], &node->values[i],
			    base, special);
	}
	for (key = map->keys; key->name != NULL; key++)
		if (key->required && yaml_get(node, key->name) == NULL)
			parser_error(p, node, "%s lacks \"%s\"", map->name,
			    key->name)->expected = arena_printf(
			    p->diags->arena, "%s: %s", key->name, key->help);
	return true;
}

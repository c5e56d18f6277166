/* Variants: one file, several scenarios that differ in a few words. */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/scenario/parser.h"

static const char *
value_of(const struct scenario *sc, const char *name, size_t len)
{
	for (size_t i = 0; i < sc->value_count; i++)
		if (strncmp(sc->values[i].name, name, len) == 0 &&
		    sc->values[i].name[len] == '\0')
			return sc->values[i].text;
	return NULL;
}

/* The next ${NAME} at or after `p`; false: there is none. */
static bool
next_name(const char *p, const char *end, const char **name, size_t *len)
{
	const char *open = memmem(p, (size_t)(end - p), "${", 2), *close;

	if (open == NULL)
		return false;
	close = memchr(open, '}', (size_t)(end - open));
	if (close == NULL)
		return false;
	*name = open + 2;
	*len = (size_t)(close - *name);
	return true;
}

void
scenario_fill(const struct scenario *sc, struct sbuf *out, const char *text,
    size_t len)
{
	const char *end = text + len, *name, *value;
	size_t n;

	for (; next_name(text, end, &name, &n); text = name + n + 1) {
		sbuf_add(out, text, (size_t)(name - 2 - text));
		if ((value = value_of(sc, name, n)) != NULL)
			sbuf_puts(out, value);
		else
			sbuf_add(out, name - 2, n + 3);
	}
	sbuf_add(out, text, (size_t)(end - text));
}

/* Replaces ${NAME} by the variant's words; places stay those of the file. */
static void
expand(struct parser *p, struct node *node)
{
	const char *from = node->text, *end, *name;
	struct sbuf out = { 0 };
	size_t n;

	if (node->kind != NODE_SCALAR || strstr(node->text, "${") == NULL)
		return;
	end = from + strlen(from);
	for (; next_name(from, end, &name, &n); from = name + n + 1)
		if (value_of(p->sc, name, n) == NULL)
			parser_error(p, node, "${%.*s} is not set by this "
			    "variant", (int)n, name)->expected =
			    "set: {NAME: text} in each entry of `variants`";
	scenario_fill(p->sc, &out, node->text, strlen(node->text));
	node->text = arena_strdup(p->arena, sbuf_str(&out));
	sbuf_fini(&out);
}

/* The values of a variant whose `set`, if it has one, was checked. */
static void
take_values(struct parser *p, const struct node *set)
{
	struct scenario *sc = p->sc;
	struct scenario_value *v;

	for (size_t i = 0; set != NULL && i < set->count; i++) {
		v = arena_push(p->arena, &sc->values, &sc->value_count,
		    sizeof *v);
		v->name = set->items[i].text;
		v->text = set->values[i].text;
	}
}

static void
walk(struct parser *p, struct node *node)
{
	expand(p, node);
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == NODE_MAP && strcmp(node->items[i].text,
		    "variants") == 0 && node == p->root)
			continue;
		walk(p, &node->items[i]);
		if (node->kind == NODE_MAP)
			walk(p, &node->values[i]);
	}
}

struct variant {
	const char		*name;
	const struct node	*set;
};

static void
variant_value(struct parser *p, const struct key *key,
    const struct node *knode, const struct node *value, void *base)
{
	(void)key, (void)knode, (void)base;
	if (value->kind != NODE_MAP)
		parser_error(p, value, "set is %s", yaml_kind_word(value))
		    ->expected = "a map, NAME: text";
	for (size_t i = 0; value->kind == NODE_MAP && i < value->count; i++)
		if (value->values[i].kind != NODE_SCALAR)
			parser_error(p, &value->values[i], "%s is %s",
			    value->items[i].text,
			    yaml_kind_word(&value->values[i]))->expected =
			    "a text";
}

/* A name is part of an id: letters, digits, dash. */
static bool
name_ok(const char *name)
{
	return *name != '\0' && strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static void
check_variant(struct parser *p, const struct node *list, size_t i)
{
	const struct node *name = yaml_get(&list->items[i], "name"), *other;
	struct { const char *name; } sink;

	if (!read_map(p, &map_variant, &list->items[i], &sink,
	    variant_value) || name == NULL || name->kind != NODE_SCALAR)
		return;
	if (!name_ok(name->text))
		parser_error(p, name, "variant name \"%s\"", name->text)
		    ->expected = "small letters, digits and dashes";
	for (size_t j = 0; j < i; j++)
		if ((other = yaml_get(&list->items[j], "name")) != NULL &&
		    other->kind == NODE_SCALAR &&
		    strcmp(other->text, name->text) == 0)
			parser_error(p, name, "a second variant called %s",
			    name->text);
}

bool
template_apply(struct parser *p, const char *variant)
{
	const struct node *list = yaml_get(p->root, "variants"), *name;
	size_t before = p->diags->errors;

	if (list == NULL) {
		if (variant != NULL)
			parser_error(p, p->root, "the file has no variants");
		return variant == NULL;
	}
	if (list->kind != NODE_LIST || list->count == 0) {
		parser_error(p, list, "variants is %s", yaml_kind_word(list))
		    ->expected = "a list of {name, set}";
		return false;
	}
	for (size_t i = 0; i < list->count; i++)
		check_variant(p, list, i);
	if (p->diags->errors > before)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		name = yaml_get(&list->items[i], "name");
		if (variant != NULL && strcmp(name->text, variant) != 0)
			continue;
		p->sc->variant = name->text;
		take_values(p, yaml_get(&list->items[i], "set"));
		walk(p, p->root);
		return p->diags->errors == before;
	}
	parser_error(p, list, "no variant is called %s", variant);
	return false;
}

size_t
scenario_variants(struct arena *arena, const char *text, size_t len,
    const char *const **names)
{
	const struct node *root, *list, *name;
	const char **out = NULL;
	struct diags diags;
	size_t n = 0;

	*names = NULL;
	/* Most files have none: spare them a second parse. */
	if (memmem(text, len, "\nvariants:", 10) == NULL)
		return 0;
	diags_init(&diags);
	root = yaml_parse(arena, text, len, "", &diags);
	list = root == NULL ? NULL : yaml_get(root, "variants");
	if (list != NULL && list->kind == NODE_LIST) {
		out = arena_array(arena, list->count + 1, sizeof *out);
		for (size_t i = 0; i < list->count; i++)
			if ((name = yaml_get(&list->items[i], "name")) !=
			    NULL && name->kind == NODE_SCALAR)
				out[n++] = name->text;
	}
	*names = out;
	diags_fini(&diags);
	return n;
}

#include "harness/scenario/schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/scenario/keys.h"
#include "harness/scenario/lint.h"

#define DURATION "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"

static json_t *
words_schema(const struct word *words)
{
	json_t *list = json_array();

	for (; words->word != NULL; words++)
		if (*words->word != '\0')
			json_array_append_new(list, json_string(words->word));
	return json_pack("{s:o}", "enum", list);
}

static json_t *
or_list(json_t *one)
{
	return json_pack("{s:[O,{s:s,s:o}]}", "anyOf", one, "type", "array",
	    "items", one);	/* O borrows, o takes */
}

static json_t *
ref(const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "#/$defs/%s", name);
	return json_pack("{s:s}", "$ref", path);
}

static json_t *
list_of(const char *name)
{
	return json_pack("{s:s,s:o}", "type", "array", "items", ref(name));
}

/* Maps that hang below a key of the file or of a host. */
static json_t *
map_schema(const struct key *key)
{
	static const struct { const char *key, *map; } below[] = {
		{ "dns", "dns" }, { "network", "network" }, { "mta", "mta" },
		{ "zones", "zones" }, { "messages", "message" },
		{ "expect", "expect" }, { "report", "report" },
		{ "greylist", "greylist" },
		{ "rules", "host rule" }, { "variants", "variant" },
	};

	for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
		if (strcmp(below[i].key, key->name) != 0)
			continue;
		if (key->type == K_MAP)
			return ref(below[i].map);
		if (key->type == K_MAPS)
			return or_list(ref(below[i].map));
		return list_of(below[i].map);
	}
	return json_pack("{s:s}", "type", "object");
}

static json_t *
value_schema(const struct key *key)
{
	switch (key->type) {
	case K_TRUTH:
		return json_pack("{s:s}", "type", "boolean");
	case K_TIME:
		return json_pack("{s:s,s:s}", "type", "string", "pattern",
		    DURATION);
	case K_COUNT:
	case K_OCTETS:
		return json_pack("{s:s,s:i}", "type", "integer", "minimum", 1);
	case K_INT:
		return json_pack("{s:s,s:i,s:i}", "type", "integer",
		    "minimum", key->min, "maximum", key->max);
	case K_PIECES:
		return or_list(json_pack("{s:s,s:i}", "type", "integer",
		    "minimum", 1));
	case K_TTL:
		return json_pack("{s:s,s:i}", "type", "integer", "minimum", 0);
	case K_WORD:
	case K_RRTYPE:
		return words_schema(key->words);
	case K_WORDS:
	case K_OUTCOME:
	case K_FAMILIES:
		return or_list(words_schema(key->words));
	case K_TEXTS:
		return or_list(json_pack("{s:s}", "type", "string"));
	case K_REPLY:
		if (key->words == words_connect)
			return words_schema(words_connect);
		return or_list(json_pack("{s:[s,s]}", "type", "string",
		    "integer"));
	case K_HOSTS:
		return json_pack("{s:s,s:{s:[o,o]}}", "type", "object",
		    "additionalProperties", "anyOf", ref("host"),
		    list_of("host rule"));
	case K_MAP:
	case K_LIST:
	case K_MAPS:
	case K_VARIANTS:
		return map_schema(key);
	default:
		return json_pack("{s:s}", "type", "string");
	}
}

static json_t *
object_schema(const struct key_map *map)
{
	json_t *props = json_object(), *required = json_array(), *value;

	for (const struct key *k = map->keys; k->name != NULL; k++) {
		value = value_schema(k);
		json_object_set_new(value, "description",
		    json_string(k->help));
		json_object_set_new(props, k->name, value);
		if (k->required)
			json_array_append_new(required,
			    json_string(k->name));
	}
	return json_pack("{s:s,s:s,s:b,s:o,s:o}", "title", map->name, "type",
	    "object", "additionalProperties", 0, "properties", props,
	    "required", required);
}

void
schema_json(struct sbuf *out)
{
	json_t *root = object_schema(&map_top), *defs = json_object();
	char *text;

	for (size_t i = 0; all_maps[i] != NULL; i++)
		if (all_maps[i] != &map_top)
			json_object_set_new(defs, all_maps[i]->name,
			    object_schema(all_maps[i]));
	json_object_set_new(root, "$schema", json_string(
	    "https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(root, "$defs", defs);
	text = json_dumps(root, JSON_INDENT(2));
	sbuf_puts(out, text);
	sbuf_putc(out, '\n');
	free(text);
	json_decref(root);
}

static void
put_words(struct sbuf *out, const char *title, const struct word *words)
{
	sbuf_printf(out, "\n### %s\n\n| word | meaning |\n|---|---|\n", title);
	for (; words->word != NULL; words++)
		if (*words->word != '\0')
			sbuf_printf(out, "| `%s` | %s |\n", words->word,
			    words->help);
}

void
schema_reference(struct sbuf *out)
{
	sbuf_puts(out, REFERENCE_BEGIN);
	for (size_t i = 0; all_maps[i] != NULL; i++) {
		sbuf_printf(out, "\n### %s\n\n| key | value | meaning | "
		    "example |\n|---|---|---|---|\n", all_maps[i]->title);
		for (const struct key *k = all_maps[i]->keys; k->name != NULL;
		    k++) {
			sbuf_printf(out, "| `%s`%s | %s | %s | ", k->name,
			    k->required ? " (required)" : "",
			    key_type_word(k->type), k->help);
			if (k->example != NULL)
				sbuf_printf(out, "`%s: %s` |\n", k->name,
				    k->example);
			else
				sbuf_puts(out, "|\n");
		}
	}
	for (const struct word_list *l = all_words; l->title != NULL; l++)
		put_words(out, l->title, l->words);
	sbuf_puts(out, "\n### What lint says\n\n| rule | meaning |\n"
	    "|---|---|\n");
#define X(sym, name, level, help)					\
	sbuf_printf(out, "| `%s`%s | %s |\n", name,			\
	    level == DIAG_WARNING ? " (warning)" : "", help);
	LINT_RULES(X)
#undef X
	sbuf_puts(out, REFERENCE_END);
}

void
schema_verdicts(struct sbuf *out)
{
	sbuf_puts(out, VERDICTS_BEGIN "\n| verdict | meaning |\n"
	    "|---|---|\n");
	for (int v = 0; v < VERDICT_COUNT; v++)
		sbuf_printf(out, "| `%s` | %s |\n",
		    verdict_word((enum verdict)v),
		    verdict_help((enum verdict)v));
	sbuf_puts(out, "\n" VERDICTS_END);
}

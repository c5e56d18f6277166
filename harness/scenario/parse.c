#include "harness/scenario/scenario.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "fake_dns/fake_dns.h"
#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/scenario/parse_fault.h"

#define DEFAULT_FROM	"sender@s.test"
#define DEFAULT_TO	"user@r.test"
/* By which the harness knows its mail again (harness/run/compose.h). */
#define TOKEN_FIELD	"X-Mxdrill-Token"

static const char *
read_zone(struct parser *p, const struct node *node, int *line)
{
	struct fdns_error error = { 0 };

	if (node->kind != NODE_SCALAR || *node->text == '\0') {
		parser_error(p, node, "zone text is %s", yaml_kind_word(node))
		    ->expected = "a | block of zone-file lines";
		return "";
	}
	*line = node->loc.line;
	if (!fdns_zone_check(node->text, &error)) {
		struct node at = *node;

		at.width = 1;
		at.loc.line += error.line > 0 ? error.line - 1 : 0;
		parser_error(p, &at, "zone: %s", error.text)->expected =
		    "NAME. [TTL] TYPE DATA, as in a zone file";
	}
	return node->text;
}

static void
zone_value(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, void *base)
{
	struct fdns_zone *zone = base;

	(void)key;
	(void)knode;
	zone->text = read_zone(p, value, &zone->line);
}

static void
parse_zones(struct parser *p, const struct node *list)
{
	struct scenario *sc = p->sc;
	struct fdns_zone *zone;

	for (size_t i = 0; i < list->count; i++) {
		zone = arena_push(p->arena, &sc->zones, &sc->zone_count,
		    sizeof *zone);
		zone->text = "";
		read_map(p, &map_zone, &list->items[i], zone, zone_value);
		if (sc->zone_count > 1 && zone->from_us <= zone[-1].from_us)
			parser_error(p, &list->items[i], "zones: this one "
			    "does not come after the one before")->expected =
			    "a later `from`, above 0s";
	}
}

static struct message *
add_message(struct parser *p, struct loc loc)
{
	struct scenario *sc = p->sc;
	struct message *m;

	m = arena_push(p->arena, &sc->messages, &sc->message_count, sizeof *m);
	m->from = DEFAULT_FROM;
	m->count = 1;
	m->loc = loc;
	m->key = arena_printf(p->arena, "m%zu", sc->message_count);
	return m;
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 128)
		text++;
	return *text == '\0';
}

/* RFC 5321 2.3.8: a CR stands before a LF and nowhere else. */
static bool
has_bare_cr(const char *text)
{
	for (; (text = strchr(text, '\r')) != NULL; text++)
		if (text[1] != '\n')
			return true;
	return false;
}

/* RFC 5322 2.2: "Name: value", or the folded rest of the line above. */
static bool
is_header_line(const char *line, size_t len, bool first)
{
	size_t name = 0;

	if (len > 0 && (*line == ' ' || *line == '\t'))
		return !first && strspn(line, " \t\r") < len;
	while (name < len && line[name] > ' ' && line[name] < 127 &&
	    line[name] != ':')
		name++;
	return name > 0 && name < len && line[name] == ':' &&
	    (name != strlen(TOKEN_FIELD) ||
	    strncasecmp(line, TOKEN_FIELD, name) != 0);
}

static void
check_content(struct parser *p, const struct node *node, struct message *m)
{
	const char *const texts[] = { m->header, m->body };
	static const char *const keys[] = { "header", "body" };
	const char *line = m->header;
	struct node at;
	size_t len;
	int n = 0;

	for (size_t i = 0; i < 2; i++) {
		if (texts[i] == NULL)
			continue;
		m->eight_bit |= !is_ascii(texts[i]);
		if (has_bare_cr(texts[i]))
			parser_error(p, yaml_get(node, keys[i]), "%s: a "
			    "carriage return without line feed", keys[i]);
	}
	for (; line != NULL && *line != '\0'; line += len + (line[len] ==
	    '\n'), n++) {
		len = strcspn(line, "\n");
		if (is_header_line(line, len, line == m->header))
			continue;
		at = *yaml_get(node, "header");
		if (at.block)
			at.loc.line += n;
		parser_error(p, &at, "header: \"%.*s\" is no line of a "
		    "header", (int)len, line)->expected = "Name: value, not "
		    TOKEN_FIELD ", and no blank line";
	}
}

static void
parse_messages(struct parser *p, const struct node *node)
{
	const struct node *items = node->kind == NODE_LIST ? node->items :
	    node;
	size_t n = node->kind == NODE_LIST ? node->count : 1;
	struct message *m;

	for (size_t i = 0; i < n; i++) {
		m = add_message(p, items[i].loc);
		read_map(p, &map_message, &items[i], m, NULL);
		check_content(p, &items[i], m);
		for (size_t j = 0; j + 1 < p->sc->message_count; j++)
			if (strcmp(p->sc->messages[j].key, m->key) == 0)
				parser_error(p, &items[i], "a second message "
				    "called %s", m->key);
	}
}

static void
parse_families(struct parser *p, const struct node *node)
{
	const char *const *words;
	size_t n;

	p->sc->mta_ipv4 = p->sc->mta_ipv6 = false;
	words = read_texts(p, "mta-families", node, &n);
	for (size_t i = 0; words != NULL && i < n; i++) {
		if (strcmp(words[i], "ipv4") == 0)
			p->sc->mta_ipv4 = true;
		else if (strcmp(words[i], "ipv6") == 0)
			p->sc->mta_ipv6 = true;
		else
			parser_unknown_word(p, node->kind == NODE_LIST ?
			    &node->items[i] : node, "mta-families",
			    words_family);
	}
	if (words != NULL && n == 0)
		parser_error(p, node, "mta-families is empty")->expected =
		    "[ipv4, ipv6], [ipv4] or [ipv6]";
}

static void
parse_send(struct parser *p, const struct node *node)
{
	struct message *m = add_message(p, node->loc);

	m->to = read_texts(p, "send", node, &m->to_count);
}

static void
parse_repair(struct parser *p, const struct node *node)
{
	if (node->kind != NODE_SCALAR ||
	    (strcmp(node->text, "never") != 0 &&
	    !scenario_duration(node->text, &p->sc->repair_us)))
		parser_error(p, node, "repair is no duration")->expected =
		    "never, or a duration such as 2h";
	else if (strcmp(node->text, "never") == 0)
		p->sc->repair_us = TIME_NEVER;
}

static void
top_value(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, void *base)
{
	static const struct {
		const char *name;
		void (*parse)(struct parser *, const struct node *);
	} lists[] = {
		{ "zones", parse_zones }, { "dns", parse_dns },
		{ "network", parse_network }, { "mta", parse_mta },
		{ "hosts", parse_hosts }, { "messages", parse_messages },
		{ "expect", parse_expect }, { "repair", parse_repair },
		{ "mta-families", parse_families }, { "send", parse_send },
	};

	(void)knode;
	(void)base;
	if ((key->type == K_LIST && value->kind != NODE_LIST) ||
	    (key->type == K_HOSTS && value->kind != NODE_MAP)) {
		parser_error(p, value, "%s is %s", key->name,
		    yaml_kind_word(value))->expected =
		    key_type_word(key->type);
		return;
	}
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (strcmp(lists[i].name, key->name) == 0)
			lists[i].parse(p, value);
}

/* The first zone stands in the array before those of `zones`. */
static void
parse_first_zone(struct parser *p, const struct node *root)
{
	const struct node *zone = yaml_get(root, "zone");
	struct fdns_zone *z;

	if (zone == NULL)
		return;
	z = arena_push(p->arena, &p->sc->zones, &p->sc->zone_count, sizeof *z);
	z->text = read_zone(p, zone, &z->line);
}

/* The part of the path below scenarios/, without the suffix. */
static const char *
id_of(struct arena *arena, const char *path, const char *variant)
{
	const char *id = path, *p;
	size_t len;

	for (p = path; (p = strstr(p, "scenarios/")) != NULL; p++)
		if (p == path || p[-1] == '/')
			id = p + strlen("scenarios/");
	while (strncmp(id, "./", 2) == 0)
		id += 2;
	len = strlen(id);
	if (len > 5 && strcmp(id + len - 5, ".yaml") == 0)
		len -= 5;
	return arena_printf(arena, "%.*s%s%s", (int)len, id,
	    variant != NULL ? "/" : "", variant != NULL ? variant : "");
}

static void
parse_top(struct parser *p)
{
	struct scenario *sc = p->sc;

	sc->resolvers = 1;
	sc->mta_ipv4 = sc->mta_ipv6 = true;
	sc->level = LEVEL_MUST;
	sc->repair_us = -1;		/* not said; scenario_finish() */
	parse_first_zone(p, p->root);
	if (!read_map(p, &map_top, p->root, sc, top_value))
		return;
	if (yaml_get(p->root, "send") != NULL &&
	    yaml_get(p->root, "messages") != NULL)
		parser_error(p, yaml_get(p->root, "send"), "both `send` and "
		    "`messages`")->expected = "one of them";
	if (sc->message_count == 0) {
		struct message *m = add_message(p, (struct loc){ 0, 0 });
		const char **to = arena_array(p->arena, 2, sizeof *to);

		to[0] = DEFAULT_TO;
		m->to = to;
		m->to_count = 1;
	}
	for (size_t i = 0; i < sc->tag_count; i++)
		if (strcmp(sc->tags[i], "core") == 0)
			sc->core = true;
}

struct scenario *
scenario_parse_variant(const char *text, size_t len, const char *path,
    const char *variant, struct diags *diags)
{
	struct arena *arena = arena_new();
	struct scenario *sc = arena_alloc(arena, sizeof *sc);
	struct parser p = { .sc = sc, .arena = arena, .diags = diags };
	size_t before = diags->errors;

	sc->arena = arena;
	sc->path = p.path = arena_strdup(arena, path);
	sc->source = arena_strndup(arena, text, len);
	p.root = yaml_parse(arena, text, len, p.path, diags);
	if (p.root != NULL && template_apply(&p, variant)) {
		sc->id = id_of(arena, path, sc->variant);
		parse_top(&p);
		if (diags->errors == before) {
			scenario_finish(&p);
			scenario_lint(&p);
		}
	}
	if (diags->errors == before)
		return sc;
	arena_free(arena);
	return NULL;
}

struct scenario *
scenario_parse(const char *text, size_t len, const char *path,
    struct diags *diags)
{
	return scenario_parse_variant(text, len, path, NULL, diags);
}

struct scenario *
scenario_parse_file(const char *path, struct diags *diags)
{
	struct sbuf text = { 0 };
	struct scenario *sc;

	if (sbuf_read_file(&text, path) != 0) {
		diags_add(diags, DIAG_ERROR, path, 0, 0, "cannot be read: %m");
		return NULL;
	}
	sc = scenario_parse(sbuf_str(&text), text.len, path, diags);
	sbuf_fini(&text);
	return sc;
}

void
scenario_free(struct scenario *sc)
{
	if (sc != NULL)
		arena_free(sc->arena);
}

#include "harness/scenario/yaml.h"

#include <libfyaml.h>
#include <string.h>

#include "harness/base/arena.h"

/* No scenario nests deeper; hostile input must not exhaust the stack. */
#define DEPTH_MAX 24

struct reader {
	struct arena	*arena;
	struct fy_parser *fyp;
	const char	*text, *path;
	size_t		 len;
	struct diags	*diags;
	bool		 broken;
};

static void
complain(struct reader *r, struct loc loc, const char *message,
    const char *expected)
{
	struct diag *d;

	if (r->broken)
		return;
	r->broken = true;
	d = diags_add(r->diags, DIAG_ERROR, r->path, loc.line, loc.col, "%s",
	    message);
	d->expected = expected;
}

static struct loc
event_loc(struct fy_event *ev)
{
	const struct fy_mark *mark = fy_event_start_mark(ev);

	if (mark == NULL)
		return (struct loc){ 1, 1 };
	return (struct loc){ mark->line + 1, mark->column + 1 };
}

static void
read_scalar(struct reader *r, struct fy_event *ev, struct node *node)
{
	struct fy_token *token = ev->scalar.value;
	const struct fy_mark *end = fy_event_end_mark(ev);
	enum fy_scalar_style style = FYSS_PLAIN;
	const char *text = NULL;
	size_t len = 0;

	if (token != NULL) {
		text = fy_token_get_text(token, &len);
		style = fy_token_scalar_style(token);
	}
	if (text != NULL && memchr(text, '\0', len) != NULL)
		complain(r, node->loc, "a NUL character in a value", NULL);
	node->kind = NODE_SCALAR;
	node->text = arena_strndup(r->arena, text == NULL ? "" : text, len);
	node->quoted = style != FYSS_PLAIN;
	node->block = style == FYSS_LITERAL || style == FYSS_FOLDED;
	if (end != NULL)
		node->to = end->input_pos;
	if (!node->block && end != NULL && end->line + 1 == node->loc.line &&
	    end->column + 1 > node->loc.col)
		node->width = end->column + 1 - node->loc.col;
}

/*
 * Where a list or map ends: a flow one at its bracket; a block one has no
 * end of its own, its last value has.
 */
static void
close_node(struct reader *r, struct node *node, struct fy_event *ev)
{
	const struct fy_mark *mark = fy_event_end_mark(ev);
	const struct node *last = node->count == 0 ? NULL : node->kind ==
	    NODE_MAP ? &node->values[node->count - 1] :
	    &node->items[node->count - 1];
	bool flow = node->from < r->len && (r->text[node->from] == '[' ||
	    r->text[node->from] == '{');

	if (flow && mark != NULL)
		node->to = mark->input_pos;
	else if (last != NULL)
		node->to = last->to;
	fy_parser_event_free(r->fyp, ev);
}

static bool read_node(struct reader *, struct fy_event *, struct node *, int);

static struct fy_event *
next_event(struct reader *r)
{
	return r->broken ? NULL : fy_parser_parse(r->fyp);
}

static bool
read_list(struct reader *r, struct node *node, int depth)
{
	struct fy_event *ev;
	struct node item;

	while ((ev = next_event(r)) != NULL) {
		if (ev->type == FYET_SEQUENCE_END) {
			close_node(r, node, ev);
			return true;
		}
		if (!read_node(r, ev, &item, depth + 1))
			return false;
		*(struct node *)arena_push(r->arena, &node->items,
		    &node->count, sizeof item) = item;
	}
	return false;
}

static bool
read_map(struct reader *r, struct node *node, int depth)
{
	struct node key, value;
	struct fy_event *ev;
	size_t count = 0;

	while ((ev = next_event(r)) != NULL) {
		if (ev->type == FYET_MAPPING_END) {
			close_node(r, node, ev);
			return true;
		}
		if (!read_node(r, ev, &key, depth + 1))
			return false;
		if (key.kind != NODE_SCALAR) {
			complain(r, key.loc, "a key that is not a word",
			    "KEY: VALUE");
			return false;
		}
		if ((ev = next_event(r)) == NULL ||
		    !read_node(r, ev, &value, depth + 1))
			return false;
		/* libfyaml gives a missing value no place of its own. */
		if (value.kind == NODE_SCALAR && value.text[0] == '\0' &&
		    !value.quoted) {
			value.loc = key.loc;
			value.from = value.to = key.to;
		}
		*(struct node *)arena_push(r->arena, &node->items,
		    &node->count, sizeof key) = key;
		*(struct node *)arena_push(r->arena, &node->values, &count,
		    sizeof value) = value;
	}
	return false;
}

/* The anchor or tag of a node, or NULL. */
static struct fy_token *
tag_or_anchor(const struct fy_event *ev)
{
	switch (ev->type) {
	case FYET_SCALAR:
		return ev->scalar.anchor != NULL ? ev->scalar.anchor :
		    ev->scalar.tag;
	case FYET_SEQUENCE_START:
		return ev->sequence_start.anchor != NULL ?
		    ev->sequence_start.anchor : ev->sequence_start.tag;
	case FYET_MAPPING_START:
		return ev->mapping_start.anchor != NULL ?
		    ev->mapping_start.anchor : ev->mapping_start.tag;
	default:
		return NULL;
	}
}

/* Where its & or ! stands: its node may begin lines below. */
static struct loc
token_loc(struct reader *r, struct fy_token *token)
{
	const struct fy_mark *mark = fy_token_start_mark(token);
	struct loc loc = { mark->line + 1, mark->column + 1 };

	for (size_t at = mark->input_pos; at > 0 && loc.col > 1 &&
	    at < r->len && r->text[at] != '&' && r->text[at] != '!'; at--)
		loc.col--;
	return loc;
}

/* Takes the event; the rest of the node is read from the parser. */
static bool
read_node(struct reader *r, struct fy_event *ev, struct node *node, int depth)
{
	enum fy_event_type type = ev->type;
	struct fy_token *token = tag_or_anchor(ev);
	const struct fy_mark *mark;

	mark = fy_event_start_mark(ev);
	*node = (struct node){ .loc = event_loc(ev), .width = 1,
	    .from = mark != NULL ? mark->input_pos : 0 };
	node->to = node->from;
	if (type == FYET_ALIAS || token != NULL)
		complain(r, token != NULL ? token_loc(r, token) : node->loc,
		    "anchors, aliases and tags are not part of the "
		    "language", "the value itself");
	else if (depth > DEPTH_MAX)
		complain(r, node->loc, "nested too deeply", NULL);
	else if (type == FYET_SCALAR)
		read_scalar(r, ev, node);
	fy_parser_event_free(r->fyp, ev);
	if (r->broken)
		return false;
	switch (type) {
	case FYET_SCALAR:
		return true;
	case FYET_SEQUENCE_START:
		node->kind = NODE_LIST;
		return read_list(r, node, depth);
	case FYET_MAPPING_START:
		node->kind = NODE_MAP;
		return read_map(r, node, depth);
	default:
		return false;
	}
}

/* libfyaml's own words for what is no YAML at all. */
static void
report_syntax(struct reader *r, struct fy_diag *fyd)
{
	struct fy_diag_error *err;
	struct diag *d;
	void *iter = NULL;
	bool any = false;

	while ((err = fy_diag_errors_iterate(fyd, &iter)) != NULL) {
		int line = err->line > 0 ? err->line : 1;
		int col = err->column > 0 ? err->column : 1;

		d = diags_add(r->diags, DIAG_ERROR, r->path, line, col,
		    "this is not YAML: %s", err->msg);
		if (strstr(err->msg, "nested block mapping on the same") !=
		    NULL)
			d->expected = "quotes round a text with a colon: "
			    "title: \"DNS: the only MX refuses\"";
		any = true;
	}
	if (!any)
		diags_add(r->diags, DIAG_ERROR, r->path, 1, 1,
		    "this is not YAML");
}

static struct node *
read_stream(struct reader *r)
{
	struct node *root = arena_alloc(r->arena, sizeof *root);
	enum fy_event_type type;
	struct fy_event *ev;
	bool have = false;

	while ((ev = next_event(r)) != NULL) {
		type = ev->type;
		if (type == FYET_SCALAR || type == FYET_MAPPING_START ||
		    type == FYET_SEQUENCE_START || type == FYET_ALIAS) {
			if (have) {
				complain(r, event_loc(ev),
				    "a second document in one file",
				    "one document a file");
				fy_parser_event_free(r->fyp, ev);
				return NULL;
			}
			if (!read_node(r, ev, root, 0))
				return NULL;
			have = true;
			continue;
		}
		fy_parser_event_free(r->fyp, ev);
		if (type == FYET_STREAM_END) {
			if (!have)
				complain(r, (struct loc){ 1, 1 },
				    "the file says nothing",
				    "a map with at least title and expect");
			return have ? root : NULL;
		}
	}
	return NULL;
}

/* Octets of the UTF-8 sequence at `p`, 0 if there is none. */
static size_t
utf8_len(const unsigned char *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 :
	    *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/*
 * What libfyaml 0.7.12 must not see: octets that are no UTF-8 behind a
 * directive make it loop for ever, and directives are no part of the
 * language anyway.
 */
static bool
check_text(struct reader *r, const char *text, size_t len)
{
	struct loc loc = { 1, 1 };
	size_t n;

	for (size_t i = 0; i < len; i += n, loc.col++) {
		const unsigned char *p = (const unsigned char *)text + i;

		n = utf8_len(p, len - i);
		if (n == 0 || (*p < 0x20 && *p != '\t' && *p != '\n' &&
		    *p != '\r') || *p == 0x7f) {
			complain(r, loc, "an octet that is no text",
			    "text in UTF-8, without control characters");
			return false;
		}
		/* A line end of its own to YAML, but to no editor. */
		if (*p == '\r' && (i + 1 == len || p[1] != '\n')) {
			complain(r, loc, "a carriage return without line feed",
			    "lines that end with a line feed");
			return false;
		}
		if (*p == '%' && loc.col == 1) {
			complain(r, loc, "YAML directives are not part of the "
			    "language", "KEY: VALUE");
			return false;
		}
		if (*p == '\n')
			loc = (struct loc){ loc.line + 1, 0 };
	}
	return true;
}

struct node *
yaml_parse(struct arena *arena, const char *text, size_t len,
    const char *path, struct diags *diags)
{
	struct reader r = { .arena = arena,
	    .text = text, .len = len, .path = path, .diags = diags };
	struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET |
	    FYPCF_COLLECT_DIAG };
	struct fy_diag *fyd;
	struct node *root = NULL;
	size_t before = diags->errors;

	fyd = fy_diag_create(NULL);
	fy_diag_set_collect_errors(fyd, true);
	cfg.diag = fyd;
	r.fyp = fy_parser_create(&cfg);
	if (len == 0) {
		complain(&r, (struct loc){ 1, 1 }, "the file is empty",
		    "a map with at least title, hosts or zone, and expect");
	} else if (check_text(&r, text, len) &&
	    fy_parser_set_string(r.fyp, text, len) == 0) {
		root = read_stream(&r);
		if (root == NULL && diags->errors == before)
			report_syntax(&r, fyd);
	}
	fy_parser_destroy(r.fyp);
	fy_diag_destroy(fyd);
	return root;
}

const struct node *
yaml_get(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->items[i].text, key) == 0)
			return &map->values[i];
	return NULL;
}

const char *
yaml_kind_word(const struct node *node)
{
	switch (node->kind) {
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	default:
		return node->text[0] == '\0' ? "nothing" : "a text";
	}
}

/* What breaks: DNS rules, hosts and their rules, network, MTA events. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/scenario/parser.h"
#include "harness/scenario/parse_fault.h"

static void
rule_init(struct parser *p, struct rule *rule, const struct node *node)
{
	*rule = (struct rule){ .phase = PHASE_ALWAYS };
	rule->id = node_id(p, node);
}

static bool
want_scalar(struct parser *p, const struct key *key, const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		return true;
	parser_error(p, node, "%s is %s", key->name, yaml_kind_word(node))
	    ->expected = key_type_word(key->type);
	return false;
}

static void
read_hex(struct parser *p, const struct node *node, const uint8_t **bytes,
    size_t *count)
{
	size_t len = strlen(node->text);
	char pair[3] = "";
	uint8_t *out;

	if (len == 0 || len % 2 != 0 || len > 2 * 65535 ||
	    strspn(node->text, "0123456789abcdefABCDEF") != len) {
		parser_error(p, node, "raw: \"%.40s\" is no row of octets",
		    node->text)->expected = "pairs of hex digits: 8183";
		return;
	}
	out = arena_array(p->arena, len / 2, 1);
	for (size_t i = 0; i < len / 2; i++) {
		memcpy(pair, node->text + 2 * i, 2);
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*bytes = out;
	*count = len / 2;
}

/* Lengths of pieces, or NULL after an error. */
static const size_t *
read_pieces(struct parser *p, const struct node *node, size_t *count)
{
	const struct node *items = node->kind == NODE_LIST ? node->items :
	    node;
	size_t n = node->kind == NODE_LIST ? node->count : 1, *out;
	const char *t;

	out = arena_array(p->arena, n + 1, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		t = items[i].kind == NODE_SCALAR ? items[i].text : "";
		if (*t < '1' || *t > '9' || strlen(t) > 6 ||
		    strspn(t, "0123456789") != strlen(t)) {
			parser_error(p, &items[i], "pieces: \"%s\" is no "
			    "length of a piece", t)->expected =
			    "a number of octets from 1";
			return NULL;
		}
		out[i] = (size_t)atoll(t);
	}
	*count = n;
	return out;
}

/* `pieces` and `pause` go together. */
static void
check_pieces(struct parser *p, const struct node *node, size_t count,
    int64_t *pause_us)
{
	const struct node *v = yaml_get(node, "pause");

	if (count == 0 && v != NULL && yaml_get(node, "pieces") == NULL)
		parser_error(p, v, "`pause` is between `pieces`")->expected =
		    "pieces: [2]";
	if (v == NULL)
		*pause_us = USEC_PER_SEC;
}

static void
dns_value(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, void *base)
{
	struct fdns_rule *rule = base;
	const struct word *w;

	(void)knode;
	if (key->type == K_PIECES) {
		rule->pieces = read_pieces(p, value, &rule->piece_count);
		return;
	}
	if (!want_scalar(p, key, value))
		return;
	if (key->type == K_HEX) {
		read_hex(p, value, &rule->raw, &rule->raw_len);
	} else if (key->type == K_TTL) {
		if (!isdigit((unsigned char)*value->text) ||
		    strspn(value->text, "0123456789") != strlen(value->text) ||
		    strlen(value->text) > 9)
			parser_error(p, value, "ttl: \"%s\" is no number",
			    value->text)->expected = "seconds, without unit";
		else
			rule->ttl = atoll(value->text);
	} else if ((w = word_find(key->words, value->text)) == NULL) {
		parser_unknown_word(p, value, key->name, key->words);
	} else {
		rule->type = (uint16_t)w->value;
	}
}

/* Keys that an action cannot do without. */
static void
check_dns_rule(struct parser *p, const struct node *node,
    const struct fdns_rule *rule)
{
	bool records = rule->action == FDNS_RECORDS ||
	    rule->action == FDNS_TRUNCATE_PARTIAL ||
	    rule->action == FDNS_WRONG_ID;
	const char *word = word_of(words_answer, rule->action);

	if (yaml_get(node, "answer") == NULL)
		return;
	if (records && rule->records == NULL)
		parser_error(p, node, "answer: %s needs `records`", word)
		    ->expected = "records: \"r.test. MX 5 trap.test.\"";
	else if (!records && rule->records != NULL)
		parser_error(p, yaml_get(node, "records"),
		    "answer: %s has no use for `records`", word);
	if (rule->action == FDNS_RAW && yaml_get(node, "raw") == NULL)
		parser_error(p, node, "answer: raw needs `raw`")
		    ->expected = "raw: 8183";
	if (rule->action == FDNS_CUT && yaml_get(node, "octets") == NULL)
		parser_error(p, node, "answer: cut needs `octets`")
		    ->expected = "octets: 5";
	if (rule->piece_count > 0 && rule->transport == FDNS_UDP)
		parser_error(p, yaml_get(node, "pieces"), "`pieces` are for "
		    "TCP")->expected = "transport: tcp";
	if (rule->name_case == FDNS_CASE_SAME && rule->name == NULL)
		parser_error(p, yaml_get(node, "case"), "case: same needs "
		    "`name`")->expected = "name: R.test";
	if (rule->action == FDNS_WRONG_SOURCE && rule->transport == FDNS_TCP)
		parser_error(p, node, "answer: wrong-source is for UDP: a "
		    "connection has one source")->expected = "transport: udp";
	if (rule->action == FDNS_CLOSE && rule->transport == FDNS_UDP)
		parser_error(p, node, "answer: close is for TCP")
		    ->expected = "transport: tcp";
}

void
parse_dns(struct parser *p, const struct node *list)
{
	struct scenario *sc = p->sc;
	struct fdns_rule *rule;
	size_t len;

	for (size_t i = 0; i < list->count; i++) {
		rule = arena_push(p->arena, &sc->dns, &sc->dns_count,
		    sizeof *rule);
		rule_init(p, &rule->rule, &list->items[i]);
		rule->ttl = -1;
		if (!read_map(p, &map_dns, &list->items[i], rule, dns_value))
			continue;
		check_dns_rule(p, &list->items[i], rule);
		check_pieces(p, &list->items[i], rule->piece_count,
		    &rule->pause_us);
		if (rule->name != NULL && (len = strlen(rule->name)) > 1 &&
		    rule->name[len - 1] == '.')
			rule->name = arena_strndup(p->arena, rule->name,
			    len - 1);
	}
}

/* "451 4.3.0 later", a list of such lines, or a word for worse. */
static void
read_reply(struct parser *p, const struct key *key, const struct node *value,
    struct fsmtp_rule *rule)
{
	const struct word *w;

	if (value->kind == NODE_SCALAR &&
	    !isdigit((unsigned char)*value->text)) {
		if (*value->text == '\0' ||
		    (w = word_find(words_smtp_action, value->text)) == NULL)
			parser_unknown_word(p, value, key->name,
			    words_smtp_action);
		else
			rule->action = (enum fsmtp_action)w->value;
		return;
	}
	rule->action = FSMTP_DO_REPLY;
	rule->lines = read_texts(p, key->name, value, &rule->line_count);
	if (value->kind == NODE_LIST && value->count == 0)
		parser_error(p, value, "%s: an empty list", key->name)
		    ->expected = "at least one reply line";
	for (size_t i = 0; i < rule->line_count; i++)
		if (!isdigit((unsigned char)rule->lines[i][0]) ||
		    strchr(rule->lines[i], '\n') != NULL)
			parser_error(p, value->kind == NODE_LIST ?
			    &value->items[i] : value, "%s: \"%s\" is no reply "
			    "line", key->name, rule->lines[i])->expected =
			    "one line with its code: \"250-first\", "
			    "\"250 last\"";
}

static void
host_rule_value(struct parser *p, const struct key *key,
    const struct node *knode, const struct node *value, void *base)
{
	struct host_rule *read = base;
	struct fsmtp_rule *rule = &read->rule;
	const struct word *w;

	if (key->type == K_PIECES) {
		rule->pieces = read_pieces(p, value, &rule->piece_count);
		return;
	}
	if (key->type == K_HEX) {
		if (want_scalar(p, key, value))
			read_hex(p, value, &rule->raw, &rule->raw_len);
		return;
	}
	if (key->type == K_ADDRESS) {
		if (want_scalar(p, key, value) &&
		    !addr_parse(&rule->client, value->text))
			parser_error(p, value, "%s: \"%s\" is no IP address",
			    key->name, value->text)->expected =
			    "192.0.2.1 or 2001:db8:0:1::1";
		return;
	}
	if (read->stages++ > 0) {
		parser_error(p, knode, "a rule has one stage, this is the "
		    "second: %s", key->name)->expected =
		    "one rule for each stage";
		return;
	}
	rule->stage = (enum fsmtp_stage)key->min;
	if (rule->stage != FSMTP_CONNECT) {
		read_reply(p, key, value, rule);
	} else if (want_scalar(p, key, value)) {
		if ((w = word_find(words_connect, value->text)) == NULL)
			parser_unknown_word(p, value, key->name,
			    words_connect);
		else
			rule->connect = (enum fsmtp_connect)w->value;
	}
}

/* A key that asks for what the rule's stage cannot know. */
static void
check_known(struct parser *p, const struct node *node, const char *key,
    const struct fsmtp_rule *rule, enum fsmtp_who who)
{
	const struct node *v = yaml_get(node, key);
	struct sbuf able = { 0 };

	if (v == NULL || fsmtp_stage_knows(rule->stage) >= who)
		return;
	for (int s = 0; s < FSMTP_STAGE_COUNT; s++)
		if (fsmtp_stage_knows((enum fsmtp_stage)s) >= who)
			sbuf_printf(&able, "%s%s", able.len > 0 ? ", " :
			    "a rule for ", fsmtp_stage_word(
			    (enum fsmtp_stage)s));
	parser_error(p, v, "`%s` is not known at this stage", key)->expected =
	    arena_strdup(p->diags->arena, sbuf_str(&able));
	sbuf_fini(&able);
}

static void
check_host_rule(struct parser *p, const struct node *node,
    const struct fsmtp_rule *rule)
{
	const struct node *v;

	if ((v = yaml_get(node, "keep")) != NULL && rule->stage != FSMTP_EOD &&
	    rule->stage != FSMTP_BDAT)
		parser_error(p, v, "`keep` is for eod and bdat");
	if ((v = yaml_get(node, "octets")) != NULL &&
	    rule->stage != FSMTP_BODY && rule->action != FSMTP_DO_OVERSIZED)
		parser_error(p, v, "`octets` is for body and oversized");
	if ((rule->action == FSMTP_DO_RAW) != (yaml_get(node, "raw") != NULL))
		parser_error(p, node, "a reply `raw` and its octets `raw:` go "
		    "together")->expected = "{mail: raw, raw: 3235300d0a}";
	if (rule->stage == FSMTP_CONNECT &&
	    (v = yaml_get(node, "pieces")) != NULL)
		parser_error(p, v, "`pieces` are of a reply, connect has none")
		    ->expected = "greeting: healthy";
	if (rule->piece_count > 0 && rule->drip_us > 0)
		parser_error(p, yaml_get(node, "drip"), "both `drip` and "
		    "`pieces`")->expected = "one of them";
	check_known(p, node, "recipient", rule, FSMTP_KNOWS_RECIPIENT);
	check_known(p, node, "after-recipients", rule, FSMTP_KNOWS_RECIPIENT);
	check_known(p, node, "sender", rule, FSMTP_KNOWS_SENDER);
	check_known(p, node, "nth-transaction", rule, FSMTP_KNOWS_SENDER);
	if (rule->counts == FSMTP_COUNT_TRANSACTIONS)
		check_known(p, node, "counts", rule, FSMTP_KNOWS_SENDER);
	if ((v = yaml_get(node, "counts")) != NULL &&
	    rule->rule.phase.first == 0 && rule->rule.phase.after == 0)
		parser_error(p, v, "`counts` without a count")->expected =
		    "first: N or after: N";
	if (rule->stage == FSMTP_CONNECT &&
	    (v = yaml_get(node, "then")) != NULL)
		parser_error(p, v, "`then` comes after a reply, connect has "
		    "none")->expected = "connect: close or connect: reset";
}

/* `nth-transaction: N` is `counts: transactions, after: N-1, first: 1`. */
static void
take_nth_transaction(struct parser *p, const struct node *node,
    struct host_rule *read)
{
	static const char *const others[] = { "counts", "after", "first" };
	struct fsmtp_rule *rule = &read->rule;

	if (read->nth_transaction == 0)
		return;
	for (size_t i = 0; i < 3; i++)
		if (yaml_get(node, others[i]) != NULL)
			parser_error(p, yaml_get(node, others[i]), "`%s` and "
			    "`nth-transaction`", others[i])->expected =
			    "one of them";
	rule->counts = FSMTP_COUNT_TRANSACTIONS;
	rule->rule.phase.after = (uint32_t)read->nth_transaction - 1;
	rule->rule.phase.first = 1;
}

void
parse_host_rules(struct parser *p, const struct node *list,
    struct fsmtp_host *host)
{
	struct fsmtp_rule *rule;
	struct host_rule read;

	for (size_t i = 0; i < list->count; i++) {
		read = (struct host_rule){ 0 };
		rule_init(p, &read.rule.rule, &list->items[i]);
		if (!read_map(p, &map_host_rule, &list->items[i], &read,
		    host_rule_value))
			continue;
		if (read.stages == 0) {
			parser_error(p, &list->items[i], "a rule of host %s "
			    "says at no stage what is wrong", host->name)
			    ->expected = "one of connect, greeting, ehlo, "
			    "helo, mail, rcpt, data, body, eod, bdat, rset, "
			    "noop, starttls, auth, quit, other, idle";
			continue;
		}
		check_host_rule(p, &list->items[i], &read.rule);
		check_pieces(p, &list->items[i], read.rule.piece_count,
		    &read.rule.pause_us);
		take_nth_transaction(p, &list->items[i], &read);
		rule = arena_push(p->arena, &host->rules, &host->rule_count,
		    sizeof *rule);
		*rule = read.rule;
	}
}

static void
read_addresses(struct parser *p, const struct node *value,
    struct fsmtp_host *host)
{
	const char *const *texts;
	struct addr *addrs;
	size_t n;

	texts = read_texts(p, "addresses", value, &n);
	addrs = arena_array(p->arena, n + 1, sizeof *addrs);
	for (size_t i = 0; i < n; i++) {
		if (addr_parse(&addrs[host->addr_count], texts[i]))
			host->addr_count++;
		else
			parser_error(p, value->kind == NODE_LIST ?
			    &value->items[i] : value, "addresses: \"%s\" is "
			    "no IP address", texts[i])->expected =
			    "198.18.1.1 or 2001:db8:1::1";
	}
	host->addrs = addrs;
}

static void
host_value(struct parser *p, const struct key *key, const struct node *knode,
    const struct node *value, void *base)
{
	struct fsmtp_host *host = base;

	(void)knode;
	if (strcmp(key->name, "addresses") == 0) {
		read_addresses(p, value, host);
	} else if (key->type == K_MAP) {
		rule_init(p, &host->greylist.rule, value);
		read_map(p, &map_greylist, value, &host->greylist, NULL);
	} else if (value->kind != NODE_LIST) {
		parser_error(p, value, "rules is %s", yaml_kind_word(value))
		    ->expected = "a list of maps";
	} else {
		parse_host_rules(p, value, host);
	}
}

void
parse_hosts(struct parser *p, const struct node *map)
{
	struct scenario *sc = p->sc;
	const struct node *value;
	struct fsmtp_host *host;

	for (size_t i = 0; i < map->count; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcmp(map->items[j].text, map->items[i].text)
			    == 0)
				parser_error(p, &map->items[i], "host %s was "
				    "said already in line %d",
				    map->items[i].text,
				    map->items[j].loc.line);
		value = &map->values[i];
		if (strncmp(map->items[i].text, "*.", 2) == 0)
			host = arena_push(p->arena, &p->patterns,
			    &p->pattern_count, sizeof *host);
		else
			host = arena_push(p->arena, &sc->hosts,
			    &sc->host_count, sizeof *host);
		host->name = map->items[i].text;
		host->greylist.rule.id = "";
		if (value->kind == NODE_LIST)
			parse_host_rules(p, value, host);
		else
			read_map(p, &map_host, value, host, host_value);
		if (strncmp(host->name, "*.", 2) == 0 &&
		    yaml_get(value, "addresses") != NULL)
			parser_error(p, yaml_get(value, "addresses"),
			    "addresses of many hosts")->expected =
			    "addresses of each host under its own name";
	}
}

void
parse_network(struct parser *p, const struct node *list)
{
	struct scenario *sc = p->sc;
	struct net_rule *rule;

	for (size_t i = 0; i < list->count; i++) {
		rule = arena_push(p->arena, &sc->network, &sc->network_count,
		    sizeof *rule);
		rule_init(p, &rule->rule, &list->items[i]);
		read_map(p, &map_network, &list->items[i], rule, NULL);
	}
}

void
parse_mta(struct parser *p, const struct node *list)
{
	struct scenario *sc = p->sc;
	const struct node *node;
	struct mta_event *ev;

	for (size_t i = 0; i < list->count; i++) {
		node = &list->items[i];
		ev = arena_push(p->arena, &sc->mta, &sc->mta_count,
		    sizeof *ev);
		rule_init(p, &ev->rule, node);
		ev->nth = 1;
		ev->rule.phase.first = 1;
		if (!read_map(p, &map_mta, node, ev, NULL))
			continue;
		if ((yaml_get(node, "at") == NULL) ==
		    (yaml_get(node, "on") == NULL))
			parser_error(p, node, "an event has either `at` or "
			    "`on`")->expected = "at: 10m, or on: eod";
		else if (ev->host != NULL && (ev->when == MTA_AT_TIME ||
		    ev->when == MTA_AFTER_INJECT))
			parser_error(p, yaml_get(node, "host"),
			    "`host` goes with on: eod or on: eod-reply");
	}
}

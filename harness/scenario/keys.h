/*
 * The scenario language as tables: every key of every map, its type, where
 * it goes, what it means and an example.  The parser, the JSON Schema and
 * the manual's reference are all made from these.
 */
#ifndef MXD_SCENARIO_KEYS_H
#define MXD_SCENARIO_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/scenario/scenario.h"
#include "harness/scenario/yaml.h"

struct word {
	const char	*word;
	int		 value;
	const char	*help;
};

/* X(symbol, "word used in the manual"): how a value is written. */
#define KEY_TYPES(X)							\
	X(TEXT, "text")			/* const char * */		\
	X(TEXTS, "text or list")	/* array, count at offset2 */	\
	X(TRUTH, "true or false")	/* bool */			\
	X(TIME, "duration")		/* int64_t, microseconds */	\
	X(COUNT, "count from 1")	/* uint32_t */			\
	X(INT, "number")		/* int, min..max */		\
	X(OCTETS, "octets")		/* size_t */			\
	X(WORD, "word")			/* enum */			\
	X(WORDS, "word or list")	/* array of text, offset2 */	\
	X(REPLY, "reply")		/* parser's own from here on */	\
	X(ADDRESS, "IP address")					\
	X(OUTCOME, "outcome or list")					\
	X(REPAIR, "duration or never")					\
	X(TTL, "seconds")						\
	X(HEX, "hex octets")						\
	X(PIECES, "octets or list")					\
	X(RRTYPE, "RR type")						\
	X(FAMILIES, "list of ipv4, ipv6")				\
	X(MAP, "map")							\
	X(LIST, "list of maps")						\
	X(MAPS, "map or list of maps")					\
	X(HOSTS, "map of hosts")					\
	X(ZONE, "zone text")						\
	X(VARIANTS, "list of variants")

enum key_type {
#define X(sym, word) K_##sym,
	KEY_TYPES(X)
#undef X
	KEY_TYPE_COUNT
};

struct key {
	const char	*name;		/* NULL ends a table */
	enum key_type	 type;
	size_t		 offset, offset2;
	const struct word *words;
	int		 min, max;	/* K_INT; K_REPLY: the stage in min */
	bool		 required;
	const char	*help;
	const char	*example;
};

/* What a host rule is read into: the rule, and what stands for more. */
struct host_rule {
	struct fsmtp_rule rule;		/* first: its members' offsets */
	int		 stages;	/* how many it has named */
	int		 nth_transaction;	/* 0: not said */
};

struct key_map {
	const char	*name;		/* "dns", "host rule" */
	const char	*title;		/* in the manual */
	const struct key *keys;
};

extern const struct key_map map_top, map_zone, map_dns, map_host,
    map_host_rule, map_greylist, map_network, map_mta, map_message,
    map_expect, map_report, map_variant;
/* All of them, in the manual's order; ends with NULL. */
extern const struct key_map *const all_maps[];

extern const struct word words_answer[], words_connect[], words_smtp_action[],
    words_state[], words_verb[], words_outcome[], words_level[],
    words_allow[], words_on[], words_then[], words_keep[], words_family[],
    words_proto[], words_transport[], words_needs[], words_rrtype[],
    words_report_action[], words_counts[], words_senders[],
    words_edns[], words_case[];

/* The lists of words that the manual shows; ends with a NULL title. */
struct word_list {
	const char	*title;
	const struct word *words;
};
extern const struct word_list all_words[];

const char *key_type_word(enum key_type);
/* NULL: no such word. */
const struct word *word_find(const struct word *, const char *text);
const char *word_of(const struct word *, int value);
/* "30s", "1h30m", "5d"; a unit is a must.  False: no duration. */
bool	 scenario_duration(const char *text, int64_t *us);
/* "1d12h"; into a static ring of four buffers. */
const char *scenario_duration_text(int64_t us);

#endif

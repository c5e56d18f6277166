/*
 * What the files of the parser share; beside them only the reader of
 * baselines includes it, which reads its maps by a table, too.
 */
#ifndef MXD_SCENARIO_PARSER_H
#define MXD_SCENARIO_PARSER_H

#include "harness/scenario/keys.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/yaml.h"
#include "harness/scenario/zone_scan.h"

struct parser {
	struct scenario	*sc;
	struct arena	*arena;
	struct diags	*diags;
	const char	*path;
	struct node	*root;
	/* `hosts` of the form *.DOMAIN, until scenario_finish(). */
	struct fsmtp_host *patterns;
	size_t		 pattern_count;
};

/* An error at a node; returns it so that `expected` can be filled in. */
struct diag *parser_error(struct parser *, const struct node *,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Something is not in a table of words: says so and guesses. */
void	 parser_unknown_word(struct parser *, const struct node *,
	    const char *what, const struct word *);

/* A key whose type the generic reader leaves to the parser. */
typedef void key_fn(struct parser *, const struct key *,
	    const struct node *key_node, const struct node *value,
	    void *base);
/*
 * Reads a map by its table into the struct at `base`.  False: `node` is no
 * map.
 */
bool	 read_map(struct parser *, const struct key_map *,
	    const struct node *, void *base, key_fn *special);
/* Texts of a scalar or list; NULL after an error. */
const char *const *read_texts(struct parser *, const char *key,
	    const struct node *, size_t *count);
const char *node_id(struct parser *, const struct node *);

/* `expect:`, a map or a list of maps. */
void	 parse_expect(struct parser *, const struct node *);
/* Rules of one host, `node` a list. */
void	 parse_host_rules(struct parser *, const struct node *,
	    struct fsmtp_host *);
/* The values ${NAME} of a variant; false if there is no such variant. */
bool	 template_apply(struct parser *, const char *variant);
/* What needs the whole file: addresses, defaults, repair. */
void	 scenario_finish(struct parser *);
void	 scenario_lint(struct parser *);
void	 lint_no_host_below(struct parser *, const char *pattern);
/* Addresses that hosts may have; that of the MTA. */
bool	 scenario_in_lab(const struct addr *);
bool	 scenario_is_mtas_own(const struct addr *);

#endif

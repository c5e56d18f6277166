/*
 * A YAML file as a tree in which every node knows where it stands.  Scalars
 * stay text: nothing is guessed to be a number, a truth or null.  Only what
 * a scenario needs: one document, no anchors, aliases or tags.
 */
#ifndef MXD_SCENARIO_YAML_H
#define MXD_SCENARIO_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/scenario/scenario.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind	 kind;
	struct loc	 loc;
	int		 width;		/* characters under a caret */
	size_t		 from, to;	/* octets of the text: [from, to) */
	bool		 quoted;
	bool		 block;		/* a | scalar, text from next line */
	const char	*text;		/* NODE_SCALAR, never NULL */
	struct node	*items;		/* NODE_LIST: values; NODE_MAP: keys, */
	struct node	*values;	/* scalars all, and their values */
	size_t		 count;
};

/* NULL if the text is no such YAML; `diags` then says why. */
struct node *yaml_parse(struct arena *, const char *text, size_t len,
	    const char *path, struct diags *);
/* The value of a map's key, or NULL. */
const struct node *yaml_get(const struct node *map, const char *key);
const char *yaml_kind_word(const struct node *);

#endif

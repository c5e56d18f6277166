/*
 * A JSON text with one long list in it, read item by item: the tree of ten
 * thousand runs takes ten times the room of their text.
 */
#ifndef MXD_REPORT_JSON_LIST_H
#define MXD_REPORT_JSON_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct json_list {
	const char	*text;		/* the whole; borrowed */
	size_t		 len;
	size_t		 at, end;	/* of the list, still to be read */
	bool		 more;		/* a comma asks for an item */
};

/*
 * The object that the text is, its member `key` emptied if that is a list,
 * whose items json_list_next() gives.  NULL with *error: no JSON object.
 */
json_t	*json_list_open(struct json_list *, const char *text, size_t len,
	    const char *key, json_error_t *error);
/* The next item (json_decref() it), or NULL: the end, or *failed. */
json_t	*json_list_next(struct json_list *, bool *failed, json_error_t *);

#endif

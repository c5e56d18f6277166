/* Names by which things of a list are found; the list has them, too. */
#ifndef MXD_REPORT_NAME_INDEX_H
#define MXD_REPORT_NAME_INDEX_H

#include <stddef.h>

#define NAME_INDEX_NONE	((size_t)-1)

struct name_slot {
	const char	*name;		/* borrowed; NULL: free */
	size_t		 place;
};

/* Zeroed it is empty. */
struct name_index {
	struct name_slot *slots;
	size_t		 size, count;	/* a power of two, at most half full */
};

/* Its place, or NAME_INDEX_NONE. */
size_t	 name_index_find(const struct name_index *, const char *name);
/* A name that is not in it; it must outlive the index. */
void	 name_index_add(struct name_index *, const char *name, size_t place);
void	 name_index_fini(struct name_index *);

#endif

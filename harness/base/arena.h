/*
 * An arena: many small objects that die together.  A scenario and all that
 * hangs below it live in one.  Memory is zeroed and aligned for any type.
 */
#ifndef MXD_BASE_ARENA_H
#define MXD_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void	 arena_free(struct arena *);		/* NULL is fine */
void	*arena_alloc(struct arena *, size_t size);
void	*arena_array(struct arena *, size_t count, size_t size);
char	*arena_strdup(struct arena *, const char *s);
char	*arena_strndup(struct arena *, const char *s, size_t len);
char	*arena_printf(struct arena *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * Appends one zeroed element of `size` bytes to the array *items of *count
 * elements and returns it; the array may move, so keep indices, not pointers,
 * while it grows.
 */
void	*arena_push(struct arena *, void *items, size_t *count, size_t size);

#endif

/*
 * Allocation that cannot fail: a test harness that runs out of memory has
 * nothing better to do than to say so and stop.  Every function returns
 * memory owned by the caller, to be released with free(3).
 */
#ifndef MXD_BASE_XALLOC_H
#define MXD_BASE_XALLOC_H

#include <stddef.h>

void	*xmalloc(size_t size);
void	*xcalloc(size_t count, size_t size);
/* Grow an array of `count` elements of `size` bytes; overflow is fatal. */
void	*xreallocarray(void *old, size_t count, size_t size);
char	*xstrdup(const char *s);
char	*xstrndup(const char *s, size_t max);
/* printf(3) into fresh memory. */
char	*xasprintf(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif

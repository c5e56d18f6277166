#include "harness/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

/*
 * Under the sanitizer every piece is a block of its own behind a gap, and what
 * an array has not yet reached is forbidden: it sees who reads beyond an end.
 */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define BLOCK_SIZE	0
#define GAP		16
#else
#define BLOCK_SIZE	8192
#define GAP		0
#define ASAN_POISON_MEMORY_REGION(p, size) ((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size) ((void)(p), (void)(size))
#endif

struct block {
	struct block	*next;
	size_t		 used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block	*head;
};

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->head;
	size_t need = BLOCK_SIZE == 0 ? size :
	    (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	size_t fresh;

	if (b == NULL || BLOCK_SIZE == 0 || b->size - b->used < need) {
		fresh = need > BLOCK_SIZE ? need : BLOCK_SIZE;
		b = xcalloc(1, sizeof *b + GAP + fresh);
		ASAN_POISON_MEMORY_REGION(b->bytes, GAP);
		b->size = fresh;
		b->next = a->head;
		a->head = b;
	}
	b->used += need;
	return b->bytes + GAP + b->used - need;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	assert(size == 0 || count <= SIZE_MAX / size);
	return arena_alloc(a, count * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(n >= 0);
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void *
arena_push(struct arena *a, void *items, size_t *count, size_t size)
{
	void *old, *grown;
	size_t n = *count;

	/* Grow at powers of two: the capacity need not be kept. */
	memcpy(&old, items, sizeof old);
	if ((n & (n - 1)) == 0) {
		grown = arena_array(a, n ? 2 * n : 1, size);
		if (n > 0)
			memcpy(grown, old, n * size);
		memcpy(items, &grown, sizeof grown);
		old = grown;
		ASAN_POISON_MEMORY_REGION((char *)old + n * size,
		    ((n ? 2 * n : 1) - n) * size);
	}
	ASAN_UNPOISON_MEMORY_REGION((char *)old + n * size, size);
	*count = n + 1;
	return (char *)old + n * size;
}

#include "harness/report/name_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

/* FNV-1a */
static uint64_t
hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}

/* The slot of the name, or the free one where it would be. */
static struct name_slot *
slot_of(const struct name_index *ix, const char *name)
{
	size_t i = (size_t)hash(name) & (ix->size - 1);

	while (ix->slots[i].name != NULL &&
	    strcmp(ix->slots[i].name, name) != 0)
		i = (i + 1) & (ix->size - 1);
	return &ix->slots[i];
}

size_t
name_index_find(const struct name_index *ix, const char *name)
{
	const struct name_slot *s = ix->size > 0 ? slot_of(ix, name) : NULL;

	return s != NULL && s->name != NULL ? s->place : NAME_INDEX_NONE;
}

static void
grow(struct name_index *ix)
{
	struct name_index old = *ix;

	ix->size = old.size > 0 ? 2 * old.size : 64;
	ix->slots = xcalloc(ix->size, sizeof *ix->slots);
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].name != NULL)
			*slot_of(ix, old.slots[i].name) = old.slots[i];
	free(old.slots);
}

void
name_index_add(struct name_index *ix, const char *name, size_t place)
{
	if (2 * (ix->count + 1) > ix->size)
		grow(ix);
	*slot_of(ix, name) = (struct name_slot){ name, place };
	ix->count++;
}

void
name_index_fini(struct name_index *ix)
{
	free(ix->slots);
	memset(ix, 0, sizeof *ix);
}

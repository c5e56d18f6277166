/* The queue as it lies on disk, for people and the adapter. */
#include "reference_impl/queue.h"

#include "harness/base/xalloc.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	int64_t		 arrival_us;
	char		*line, *to;	/* `to` in `line` */
};

struct list {
	struct entry	*entries;
	size_t		 count;
};

static void
add_message(struct list *l, const struct message *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct rcpt *r = &m->rcpts[i];
		struct entry *e;

		if (r->state != RCPT_PENDING && r->state != RCPT_DOOMED)
			continue;
		l->entries = xreallocarray(l->entries, l->count + 1,
		    sizeof *l->entries);
		e = &l->entries[l->count++];
		e->arrival_us = m->arrival_us;
		e->line = xasprintf("%s <%s> <%s>", m->id, m->from, r->addr);
		e->to = e->line + strlen(e->line) - strlen(r->addr) - 1;
	}
}

static int
by_recipient(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->to, y->to);

	return c != 0 ? c : strcmp(x->line, y->line);
}

static int
by_newest(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->arrival_us != y->arrival_us)
		return x->arrival_us < y->arrival_us ? 1 : -1;
	return strcmp(y->line, x->line);
}

static void
sort(struct list *l, const struct ways *ways)
{
	if (l->count == 0)
		return;
	if (HAS_WAY(ways, LIST_SORTED))
		qsort(l->entries, l->count, sizeof *l->entries, by_recipient);
	else if (HAS_WAY(ways, LIST_NEWEST_FIRST))
		qsort(l->entries, l->count, sizeof *l->entries, by_newest);
}

static bool
is_envelope(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".env") == 0;
}

bool
queue_print(const char *dir, const struct ways *ways, FILE *out)
{
	char *path = xasprintf("%s/queue", dir);
	DIR *d = opendir(path);
	struct list list = { 0 };
	struct dirent *e;
	struct message *m;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!is_envelope(e->d_name) ||
		    (m = queue_load(path, e->d_name)) == NULL)
			continue;
		add_message(&list, m);
		message_free(m);
	}
	if (d != NULL)
		closedir(d);
	sort(&list, ways);
	for (size_t i = 0; i < list.count; i++) {
		fprintf(out, "%s\n", list.entries[i].line);
		free(list.entries[i].line);
	}
	free(list.entries);
	free(path);
	return d != NULL;
}

/*
 * Things of the ledger found again by name.  A name is a domain, a mailbox,
 * a key: case and a last dot are of no account, as in same_name().
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/judge/ledger.h"

#define NAME_SIZE	1100		/* two mailboxes of RFC 5321 4.5.3.1 */

static size_t
fold(const char *name, char room[static NAME_SIZE])
{
	size_t n = 0;

	for (; name[n] != '\0' && n < NAME_SIZE - 1; n++)
		room[n] = (char)tolower((unsigned char)name[n]);
	if (n > 1 && room[n - 1] == '.')
		n--;
	room[n] = '\0';
	return n;
}

static struct indexed *
find(struct indexed *head, const char *name)
{
	char room[NAME_SIZE];
	struct indexed *x;
	size_t n;

	if (name == NULL)
		return NULL;
	n = fold(name, room);
	HASH_FIND(hh, head, room, n, x);
	return x;
}

const struct indexed *
index_find(struct indexed *head, const char *name)
{
	return find(head, name);
}

static struct indexed *
find_or_make(struct ledger *l, struct indexed **head, const char *name)
{
	struct indexed *x = find(*head, name);
	char room[NAME_SIZE];
	size_t n;

	if (x != NULL)
		return x;
	n = fold(name, room);
	x = arena_alloc(l->arena, sizeof *x);
	x->name = arena_strndup(l->arena, room, n);
	HASH_ADD_KEYPTR(hh, *head, x->name, n, x);
	return x;
}

void
index_add(struct ledger *l, struct indexed **head, const char *name,
    size_t item)
{
	struct indexed *x = find_or_make(l, head, name);

	*(size_t *)arena_push(l->arena, &x->items, &x->count,
	    sizeof *x->items) = item;
}

void
index_join(struct ledger *l, struct indexed **head, const char *name,
    size_t item)
{
	const struct indexed *x = find(*head, name);

	for (size_t i = 0; x != NULL && i < x->count; i++)
		if (x->items[i] == item)
			return;
	index_add(l, head, name, item);
}

void
index_free(struct indexed **head)
{
	HASH_CLEAR(hh, *head);
}

/* "192.0.2.1", "192.0.2.1:25", "2001:DB8::1", "[2001:db8::1]:25" */
const char *
index_addr(const char *addr, char room[static 64])
{
	const char *colon;
	struct in6_addr six;
	size_t n;

	if (addr == NULL)
		return NULL;
	if (*addr == '[')
		n = strcspn(++addr, "]");
	else {
		colon = strchr(addr, ':');
		n = colon == NULL || strchr(colon + 1, ':') != NULL ?
		    strlen(addr) : (size_t)(colon - addr);
	}
	if (n == 0 || n >= 64)
		return NULL;
	memcpy(room, addr, n);
	room[n] = '\0';
	if (strchr(room, ':') != NULL && inet_pton(AF_INET6, room, &six) == 1)
		inet_ntop(AF_INET6, &six, room, 64);
	return room;
}

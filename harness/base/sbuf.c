#include "harness/base/sbuf.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

static void
reserve(struct sbuf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 64;

	while (cap - b->len <= more)
		cap *= 2;
	if (cap != b->cap) {
		b->data = xreallocarray(b->data, cap, 1);
		b->cap = cap;
	}
}

void
sbuf_fini(struct sbuf *b)
{
	free(b->data);
	memset(b, 0, sizeof *b);
}

void
sbuf_clear(struct sbuf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

const char *
sbuf_str(const struct sbuf *b)
{
	return b->data ? b->data : "";
}

char *
sbuf_steal(struct sbuf *b)
{
	char *s;

	reserve(b, 0);
	b->data[b->len] = '\0';
	s = b->data;
	memset(b, 0, sizeof *b);
	return s;
}

void
sbuf_add(struct sbuf *b, const void *bytes, size_t len)
{
	reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
sbuf_puts(struct sbuf *b, const char *s)
{
	sbuf_add(b, s, strlen(s));
}

void
sbuf_putc(struct sbuf *b, char c)
{
	sbuf_add(b, &c, 1);
}

void
sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	reserve(b, 0);
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
	va_end(again);
	assert(n >= 0);
	if ((size_t)n >= b->cap - b->len) {
		reserve(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	}
	b->len += (size_t)n;
}

void
sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
sbuf_consume(struct sbuf *b, size_t len)
{
	assert(len <= b->len);
	if (len == 0)
		return;
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
	b->data[b->len] = '\0';
}

int
sbuf_read_file(struct sbuf *b, const char *path)
{
	char chunk[16384];
	size_t n, start = b->len;
	FILE *f = fopen(path, "re");
	int bad, err;

	if (f == NULL)
		return -1;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		sbuf_add(b, chunk, n);
	bad = ferror(f);
	err = errno;
	fclose(f);
	if (!bad)
		return 0;
	b->len = start;
	if (b->data != NULL)
		b->data[start] = '\0';
	errno = err;
	return -1;
}

/*
 * A growing byte string, always followed by a NUL so that `data` can be used
 * as a C string.  It may hold NUL bytes of its own; `len` is the truth.
 * A zeroed struct is an empty buffer.
 */
#ifndef MXD_BASE_SBUF_H
#define MXD_BASE_SBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct sbuf {
	char	*data;		/* NULL until something is added */
	size_t	 len;
	size_t	 cap;
};

void	 sbuf_fini(struct sbuf *);
void	 sbuf_clear(struct sbuf *);		/* keeps the memory */
/* The text, never NULL; valid until the next change. */
const char *sbuf_str(const struct sbuf *);
/* Hands the memory to the caller (free(3)) and leaves an empty buffer. */
char	*sbuf_steal(struct sbuf *);
void	 sbuf_add(struct sbuf *, const void *bytes, size_t len);
void	 sbuf_puts(struct sbuf *, const char *s);
void	 sbuf_putc(struct sbuf *, char c);
void	 sbuf_printf(struct sbuf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 sbuf_vprintf(struct sbuf *, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));
/* Drops `len` bytes from the front. */
void	 sbuf_consume(struct sbuf *, size_t len);
/* Reads a whole file; -1 with errno set, the buffer then unchanged. */
int	 sbuf_read_file(struct sbuf *, const char *path);

#endif

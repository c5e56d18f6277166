/* Text into HTML: nothing that comes from outside can become markup. */
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/report/html/internal.h"
#include "harness/report/text.h"

#define MS	INT64_C(1000)

static bool
is_plain(char c)
{
	return (c >= ' ' && c < 0x7f && c != '&' && c != '<' && c != '>' &&
	    c != '"' && c != '\'') || c == '\n';
}

static void
escape(struct sbuf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (s[i]) {
		case '&':
			sbuf_puts(b, "&amp;");
			break;
		case '<':
			sbuf_puts(b, "&lt;");
			break;
		case '>':
			sbuf_puts(b, "&gt;");
			break;
		case '"':
			sbuf_puts(b, "&quot;");
			break;
		case '\'':
			sbuf_puts(b, "&#39;");
			break;
		default:
			sbuf_putc(b, s[i]);
		}
}

/* A line end is kept: it is harmless in HTML and lists are told by it. */
void
html_text_bytes(struct sbuf *b, const char *s, size_t len)
{
	struct sbuf clean = { 0 };
	size_t n;

	for (; len > 0; s += n, len -= n) {
		for (n = 0; n < len && is_plain(s[n]); n++)
			continue;
		sbuf_add(b, s, n);
		if (n > 0)
			continue;
		for (n = 0; n < len && s[n] != '\n' && !is_plain(s[n]); n++)
			continue;
		sbuf_clear(&clean);
		text_clean_bytes(&clean, s, n);
		escape(b, sbuf_str(&clean), clean.len);
	}
	sbuf_fini(&clean);
}

void
html_text(struct sbuf *b, const char *s)
{
	if (s != NULL)
		html_text_bytes(b, s, strlen(s));
}

void
html_put(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt += n) {
		n = strcspn(fmt, "%");
		sbuf_add(b, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			break;
		n = 2;
		if (fmt[1] == 's')
			html_text(b, va_arg(ap, const char *));
		else if (fmt[1] == 'd')
			sbuf_printf(b, "%d", va_arg(ap, int));
		else if (fmt[1] == 'c')
			sbuf_putc(b, (char)va_arg(ap, int));
		else if (strncmp(fmt, "%zu", n = 3) == 0)
			sbuf_printf(b, "%zu", va_arg(ap, size_t));
		else if (strncmp(fmt, "%.1f", n = 4) == 0)
			sbuf_printf(b, "%.1f", va_arg(ap, double));
		else
			assert(!"a conversion that html_put knows");
	}
	va_end(ap);
}

void
html_time(struct sbuf *b, int64_t us)
{
	static const struct {
		int64_t		 ms;
		char		 unit;
	} units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' } };
	int64_t ms = (us < 0 ? -us : us) / MS;
	bool any = false;

	if (us < 0 && ms > 0)
		sbuf_putc(b, '-');
	if (ms > 0 && ms < 1000) {
		sbuf_printf(b, "%dms", (int)ms);
		return;
	}
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (ms < units[i].ms)
			continue;
		sbuf_printf(b, "%d%c", (int)(ms / units[i].ms),
		    units[i].unit);
		ms %= units[i].ms;
		any = true;
	}
	if (ms % 1000 != 0)
		sbuf_printf(b, "%d.%03ds", (int)(ms / 1000),
		    (int)(ms % 1000));
	else if (ms > 0 || !any)
		sbuf_printf(b, "%ds", (int)(ms / 1000));
}

void
html_name(struct sbuf *b, const char *s)
{
	for (; s != NULL && *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("/-.@:=,", *s))
			sbuf_putc(b, *s);
		else
			sbuf_printf(b, "_%02x", (unsigned char)*s);
	}
}

void
html_path(struct sbuf *b, const char *s)
{
	for (; s != NULL && *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("/-._~=@,+", *s))
			sbuf_putc(b, *s);
		else
			sbuf_printf(b, "%%%02X", (unsigned char)*s);
	}
}

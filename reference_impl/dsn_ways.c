#include "reference_impl/dsn_ways.h"

#include "reference_impl/convert.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* --- the text for people --------------------------------------------- */

static void
put_plain(struct sbuf *b, const struct dsn *d, const char *text, size_t len)
{
	sbuf_printf(b, "Content-Type: text/plain; charset=%s\r\n",
	    HAS_WAY(d->ways, REPORT_UTF8) ? "utf-8" : "us-ascii");
	if (HAS_WAY(d->ways, REPORT_BASE64)) {
		sbuf_puts(b, "Content-Transfer-Encoding: base64\r\n\r\n");
		convert_put_base64(b, text, len);
	} else {
		sbuf_puts(b, "\r\n");
		sbuf_add(b, text, len);
	}
}

static void
put_html(struct sbuf *b, const char *text, size_t len)
{
	sbuf_puts(b, "Content-Type: text/html; charset=us-ascii\r\n\r\n"
	    "<html><body><pre>\r\n");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '<')
			sbuf_puts(b, "&lt;");
		else if (text[i] == '&')
			sbuf_puts(b, "&amp;");
		else
			sbuf_putc(b, text[i]);
	}
	sbuf_puts(b, "</pre></body></html>\r\n");
}

void
dsn_put_text_part(struct sbuf *b, const struct dsn *d, const char *boundary,
    const char *text, size_t len)
{
	if (!HAS_WAY(d->ways, REPORT_HTML)) {
		put_plain(b, d, text, len);
		return;
	}
	sbuf_printf(b, "Content-Type: multipart/alternative;\r\n"
	    "\tboundary=\"%s+\"\r\n\r\n--%s+\r\n", boundary, boundary);
	put_plain(b, d, text, len);
	sbuf_printf(b, "\r\n--%s+\r\n", boundary);
	put_html(b, text, len);
	sbuf_printf(b, "\r\n--%s+--\r\n", boundary);
}

/* --- the fields ------------------------------------------------------ */

/* The end of the field at `p`, with its folded lines. */
static const char *
field_end(const char *p)
{
	do {
		const char *nl = strchr(p, '\n');

		if (nl == NULL)
			return p + strlen(p);
		p = nl + 1;
	} while (*p == ' ' || *p == '\t');
	return p;
}

static bool
is_field(const char *p, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(p, name, n) == 0 && p[n] == ':';
}

static void
put_field(struct sbuf *b, const struct dsn *d, const char *p, size_t len)
{
	static const char plain[] = "rfc822;";
	size_t name = strcspn(p, ":");
	const char *type = memmem(p, len, plain, sizeof plain - 1);

	if (HAS_WAY(d->ways, REPORT_UNDATED) && (is_field(p, "Arrival-Date") ||
	    is_field(p, "Last-Attempt-Date")))
		return;
	for (size_t i = 0; i < len; i++) {
		if (i < name && HAS_WAY(d->ways, REPORT_SMALL_FIELDS))
			sbuf_putc(b, (char)tolower((unsigned char)p[i]));
		else if (p + i == type && HAS_WAY(d->ways, REPORT_SPACED)) {
			sbuf_puts(b, "RFC822; ");
			i += sizeof plain - 2;
		} else
			sbuf_putc(b, p[i]);
	}
}

/* One block, up to a blank line or the end; NULL after the last. */
static const char *
put_block(struct sbuf *b, const struct dsn *d, const char *p)
{
	struct { const char *at; size_t len; } fields[32];
	size_t n = 0;

	while (*p != '\0' && *p != '\r' && n < 32) {
		const char *end = field_end(p);

		fields[n].at = p;
		fields[n++].len = (size_t)(end - p);
		p = end;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = HAS_WAY(d->ways, REPORT_TURNED) ? n - 1 - i : i;

		put_field(b, d, fields[k].at, fields[k].len);
	}
	if (HAS_WAY(d->ways, REPORT_EXTRAS))
		sbuf_printf(b, "X-Refmta-Queue-ID: %s\r\nX-Refmta-Note: it "
		    "has\r\n two lines\r\n", d->subject->id);
	if (*p == '\0')
		return NULL;
	sbuf_puts(b, "\r\n");
	return p + 2;
}

void
dsn_put_fields(struct sbuf *b, const struct dsn *d, const char *text)
{
	while (text != NULL)
		text = put_block(b, d, text);
}

/* --- what it says ---------------------------------------------------- */

const char *
dsn_other_status(const struct dsn *d, const struct rcpt *r)
{
	static const struct {
		int code;
		const char *status;
	} guesses[] = {
		{ 450, "4.2.1" }, { 451, "4.3.0" }, { 452, "4.3.1" },
		{ 550, "5.1.1" }, { 551, "5.1.6" }, { 552, "5.2.2" },
		{ 553, "5.1.3" }, { 554, "5.3.0" },
	};

	if (d->expired && HAS_WAY(d->ways, EXPIRED_547))
		return "5.4.7";
	if (!HAS_WAY(d->ways, STATUS_GUESSED) || r->status[0] == '\0' ||
	    strcmp(r->status + 1, ".0.0") != 0)
		return NULL;
	for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
		if (guesses[i].code == r->code)
			return guesses[i].status;
	return NULL;
}

bool
dsn_returns_all(const struct dsn *d)
{
	const char *ret = d->subject->ret;

	if (d->action != DSN_FAILED)
		return false;
	if (ret == NULL)
		return HAS_WAY(d->ways, REPORT_FULL);
	return strcasecmp(ret, "FULL") == 0;
}

bool
dsn_returns_any(const struct dsn *d)
{
	return d->subject->ret != NULL || !HAS_WAY(d->ways, REPORT_BARE);
}

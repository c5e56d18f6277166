#include "reference_impl/convert.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define QP_LINE		75	/* and the "=" of a soft break: RFC 2045 6.7 */
#define BASE64_LINE	76

/* --- encodings ------------------------------------------------------- */

static void
put_qp_line(struct sbuf *b, const char *p, size_t len)
{
	size_t column = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];
		bool last = i + 1 == len;
		bool plain = (c > 32 && c < 127 && c != '=') ||
		    ((c == ' ' || c == '\t') && !last);
		size_t width = plain ? 1 : 3;

		if (column + width > QP_LINE) {
			sbuf_puts(b, "=\r\n");
			column = 0;
		}
		if (plain)
			sbuf_putc(b, (char)c);
		else
			sbuf_printf(b, "=%02X", c);
		column += width;
	}
}

void
convert_put_qp(struct sbuf *b, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *nl = memmem(p, (size_t)(end - p), "\r\n", 2);

		put_qp_line(b, p, (size_t)((nl == NULL ? end : nl) - p));
		if (nl == NULL)
			return;
		sbuf_puts(b, "\r\n");
		p = nl + 2;
	}
}

void
convert_put_base64(struct sbuf *b, const char *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)p[i] << 16;
		size_t n = len - i < 3 ? len - i : 3;

		if (n > 1)
			v |= (uint32_t)(unsigned char)p[i + 1] << 8;
		if (n > 2)
			v |= (unsigned char)p[i + 2];
		sbuf_putc(b, digits[v >> 18]);
		sbuf_putc(b, digits[v >> 12 & 63]);
		sbuf_putc(b, n > 1 ? digits[v >> 6 & 63] : '=');
		sbuf_putc(b, n > 2 ? digits[v & 63] : '=');
		column += 4;
		if (column == BASE64_LINE || i + 3 >= len) {
			sbuf_puts(b, "\r\n");
			column = 0;
		}
	}
}

/* --- the message ----------------------------------------------------- */

static const char encoding_field[] = "Content-Transfer-Encoding:";

static bool
begins(const char *line, const char *word)
{
	return strncasecmp(line, word, strlen(word)) == 0;
}

static bool
is_8bit(const char *value, const char *end)
{
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	return end - value >= 4 && begins(value, "8bit");
}

/* The header with its new encoding; false: see convert.h. */
static bool
put_header(const char *p, const char *end, enum convert_to to, struct sbuf *out)
{
	bool found = false;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *next = nl == NULL ? end : nl + 1;

		for (const char *c = p; c < next; c++)
			if ((unsigned char)*c > 127)
				return false;
		if (begins(p, "Content-Type: multipart/") ||
		    begins(p, "Content-Type: message/"))
			return false;
		if (begins(p, encoding_field)) {
			found = is_8bit(p + sizeof encoding_field - 1, next);
			sbuf_printf(out, "%s %s\r\n", encoding_field,
			    to == CONVERT_QP ? "quoted-printable" : "base64");
		} else
			sbuf_add(out, p, (size_t)(next - p));
		p = next;
	}
	return found;
}

bool
convert_to_7bit(const char *content, size_t len, enum convert_to to,
    struct sbuf *out)
{
	const char *blank = len < 4 ? NULL : memmem(content, len, "\r\n\r\n",
	    4);
	const char *body = blank == NULL ? NULL : blank + 4;

	if (body == NULL || !put_header(content, blank + 2, to, out))
		return false;
	sbuf_puts(out, "\r\n");
	len -= (size_t)(body - content);
	if (to == CONVERT_QP)
		convert_put_qp(out, body, len);
	else
		convert_put_base64(out, body, len);
	return true;
}

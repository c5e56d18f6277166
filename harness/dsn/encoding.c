/* Content-Transfer-Encoding (RFC 2045 6.7, 6.8). */
#include "harness/dsn/mime.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

static bool
decode_base64(struct arena *a, struct mime_text in, struct mime_text *out)
{
	EVP_ENCODE_CTX *ctx;
	unsigned char *to;
	int n = 0, last = 0, rc;

	if (in.len > INT_MAX / 2)
		return false;
	/* OpenSSL writes whole blocks of 48 octets. */
	to = arena_alloc(a, in.len + 64);
	ctx = EVP_ENCODE_CTX_new();
	EVP_DecodeInit(ctx);
	rc = EVP_DecodeUpdate(ctx, to, &n, (const unsigned char *)in.p,
	    (int)in.len);
	if (rc >= 0 && EVP_DecodeFinal(ctx, to + n, &last) != 1)
		rc = -1;
	EVP_ENCODE_CTX_free(ctx);
	out->p = (const char *)to;
	out->len = (size_t)(n + last);
	return rc >= 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line; a soft line break joins it with the next. */
static bool
decode_quoted_line(struct mime_text line, char **to)
{
	bool good = true;

	while (line.len > 0 && isspace((unsigned char)line.p[line.len - 1]))
		line.len--;
	for (size_t i = 0; i < line.len; i++) {
		int hi = -1, lo = -1;

		if (line.p[i] != '=') {
			*(*to)++ = line.p[i];
			continue;
		}
		if (i + 1 == line.len)
			return good;
		if (i + 2 < line.len) {
			hi = hex_value(line.p[i + 1]);
			lo = hex_value(line.p[i + 2]);
		}
		if (hi < 0 || lo < 0) {
			good = false;
			*(*to)++ = '=';
			continue;
		}
		*(*to)++ = (char)(hi << 4 | lo);
		i += 2;
	}
	*(*to)++ = '\n';
	return good;
}

static bool
decode_quoted(struct arena *a, struct mime_text in, struct mime_text *out)
{
	char *start = arena_alloc(a, in.len + 1), *to = start;
	struct mime_text line;
	bool good = true;

	while (mime_line(&in, &line))
		good &= decode_quoted_line(line, &to);
	out->p = start;
	out->len = (size_t)(to - start);
	return good;
}

bool
mime_decode(struct arena *a, const struct mime_entity *e,
    struct mime_text *out)
{
	*out = e->body;
	if (e->encoding == NULL)
		return true;
	if (strcmp(e->encoding, "base64") == 0)
		return decode_base64(a, e->body, out);
	if (strcmp(e->encoding, "quoted-printable") == 0)
		return decode_quoted(a, e->body, out);
	return strcmp(e->encoding, "7bit") == 0 ||
	    strcmp(e->encoding, "8bit") == 0 ||
	    strcmp(e->encoding, "binary") == 0;
}

#include "harness/run/compose.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "harness/base/xalloc.h"

/* In the order in which they are digested. */
static const char *const own_headers[] = {
	"Content-Transfer-Encoding", "Content-Type", "Date", "From",
	"Message-ID", "MIME-Version", "Subject", "To", "X-Mxdrill-Token",
};

void
message_compose(struct sbuf *b, const struct compose *c)
{
	char date[64];
	time_t t = (time_t)c->date_s;
	struct tm tm;
	size_t body;

	gmtime_r(&t, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	sbuf_printf(b, "From: <%s>\r\nTo: <%s>\r\nDate: %s\r\n",
	    *c->from ? c->from : "mailer-daemon@s.test", c->to, date);
	sbuf_printf(b, "Message-ID: <%s.%s@s.test>\r\n", c->key, c->run);
	sbuf_printf(b, "Subject: mxdrill %s\r\nX-Mxdrill-Token: %s\r\n",
	    c->key, c->key);
	sbuf_printf(b, "MIME-Version: 1.0\r\nContent-Type: text/plain; "
	    "charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
	    c->eight_bit ? "utf-8" : "us-ascii", c->eight_bit ? "8bit" :
	    "7bit");
	body = b->len;
	sbuf_printf(b, "Token: %s\r\n", c->key);
	if (c->eight_bit)
		sbuf_puts(b, "Gr\xc3\xbc\xc3\x9f" "e aus der \xc3\x9c" "bung\r\n");
	/* A dot at the start of a line every so often: RFC 5321 4.5.2. */
	for (unsigned line = 0; b->len - body < c->size; line++)
		sbuf_printf(b, "%s%08u the quick brown fox jumps over the "
		    "lazy dog 0123456789\r\n", line % 8 == 7 ? "." : "", line);
}

/* The header's value from `name:` on; false: not there. */
static bool
header_value(const char *head, size_t len, const char *name, struct sbuf *out)
{
	size_t n = strlen(name), eol;
	bool found = false, blank = false;

	for (size_t at = 0; at < len; at = eol + 1) {
		const char *nl = memchr(head + at, '\n', len - at);

		eol = nl ? (size_t)(nl - head) : len;
		if (head[at] != ' ' && head[at] != '\t') {
			if (found)
				return true;
			found = eol - at > n && head[at + n] == ':' &&
			    strncasecmp(head + at, name, n) == 0;
			if (!found)
				continue;
			at += n + 1;
		}
		if (!found)
			continue;
		for (size_t i = at; i < eol; i++) {
			if (strchr(" \t\r", head[i]) != NULL) {
				blank = true;
				continue;
			}
			if (blank && out->len > 0)
				sbuf_putc(out, ' ');
			blank = false;
			sbuf_putc(out, head[i]);
		}
		blank = true;
	}
	return found;
}

void
message_digest(const char *content, size_t len, char out[MESSAGE_DIGEST_LEN])
{
	const char *end = memmem(content, len, "\r\n\r\n", 4);
	size_t head = end ? (size_t)(end - content) + 2 : len;
	size_t body = end ? head + 2 : len;
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct sbuf text = { 0 }, value = { 0 };
	unsigned sum_len;

	for (size_t i = 0; i < sizeof own_headers / sizeof *own_headers; i++) {
		sbuf_clear(&value);
		if (header_value(content, head, own_headers[i], &value))
			sbuf_printf(&text, "%s:%s\n", own_headers[i],
			    sbuf_str(&value));
	}
	sbuf_putc(&text, '\n');
	sbuf_add(&text, content + body, len - body);
	if (!EVP_Digest(text.data, text.len, sum, &sum_len, EVP_sha256(), NULL))
		assert(!"SHA-256 is always there");
	for (unsigned i = 0; i < sum_len; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	sbuf_fini(&text);
	sbuf_fini(&value);
}

char *
sender_tag(const char *from, const char *key)
{
	const char *at = strrchr(from, '@');
	size_t local = at ? (size_t)(at - from) : strlen(from);

	if (*from == '\0')
		return xstrdup("");
	/* A quoted local part keeps its closing quote last. */
	if (local > 1 && from[0] == '"' && from[local - 1] == '"')
		return xasprintf("%.*s+%s\"%s", (int)local - 1, from, key,
		    from + local);
	return xasprintf("%.*s+%s%s", (int)local, from, key, from + local);
}

char *
sender_key(const char *path)
{
	const char *at = strrchr(path, '@'), *p;
	size_t local = at ? (size_t)(at - path) : strlen(path);

	if (local > 0 && path[0] == '"' && path[local - 1] == '"')
		local--;
	p = memrchr(path, '+', local);
	if (p == NULL || p + 1 == path + local)
		return NULL;
	return xstrndup(p + 1, (size_t)(path + local - p) - 1);
}

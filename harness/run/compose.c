#include "harness/run/compose.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The fields that the digest covers: those that compose_message() writes. */
static const char *const own_fields[] = {
	"From", "To", "Date", "Message-ID", "Subject", TOKEN_FIELD,
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

static const char eight_bit_line[] =
    "Gr\xc3\xbc\xc3\x9f" "e aus K\xc3\xb6ln: octets above 127.\r\n";

static void
put_date(struct sbuf *b, int64_t wall_s)
{
	time_t t = (time_t)wall_s;
	struct tm tm;
	char text[64];

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	sbuf_printf(b, "Date: %s\r\n", text);
}

static void
put_filler(struct sbuf *b, size_t octets)
{
	size_t line = 0;

	while (octets > 0) {
		size_t n = octets < 74 ? octets : 74;

		/* Every line differs, some begin with a dot (stuffing). */
		for (size_t i = 0; i + 2 < n; i++)
			sbuf_putc(b, i == 0 && line % 7 == 0 ? '.' :
			    (char)('a' + (line * 31 + i) % 26));
		sbuf_puts(b, "\r\n");
		octets -= n;
		line++;
	}
}

/* Does the message's own header have the field? */
static bool
has_field(const struct message *m, const char *name)
{
	const char *line = m->header;
	size_t n = strlen(name);

	while (line != NULL && *line != '\0') {
		if (strncasecmp(line, name, n) == 0 && line[n] == ':')
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}

/* Our field, unless the message brings its own. */
static void __attribute__((format(printf, 4, 5)))
put_own(struct sbuf *b, const struct message *m, const char *name,
    const char *fmt, ...)
{
	va_list ap;

	if (has_field(m, name))
		return;
	sbuf_printf(b, "%s: ", name);
	va_start(ap, fmt);
	sbuf_vprintf(b, fmt, ap);
	va_end(ap);
	sbuf_puts(b, "\r\n");
}

static void
put_to(struct sbuf *b, const struct message *m)
{
	for (size_t i = 0; !has_field(m, "To") && i < m->to_count; i++)
		sbuf_printf(b, "%s<%s>%s", i == 0 ? "To: " : "    ",
		    m->to[i], i + 1 < m->to_count ? ",\r\n" : "\r\n");
}

/* Lines that end in LF, CRLF or, the last one, in nothing. */
static void
put_lines(struct sbuf *b, const char *text)
{
	size_t n, len;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = len = strcspn(text, "\n");
		if (len > 0 && text[len - 1] == '\r')
			len--;
		sbuf_add(b, text, len);
		sbuf_puts(b, "\r\n");
	}
}

static void
put_header(struct sbuf *b, const struct message *m, int64_t wall_s)
{
	/* Not the envelope's: who reports to it is seen (RFC 5321 6.1). */
	put_own(b, m, "From", "<author@s.test>");
	put_to(b, m);
	if (!has_field(m, "Date"))
		put_date(b, wall_s);
	put_own(b, m, "Message-ID", "<%s.mxdrill@s.test>", m->key);
	put_own(b, m, "Subject", "mxdrill %s", m->key);
	put_own(b, m, TOKEN_FIELD, "%s", m->key);
	put_own(b, m, "MIME-Version", "1.0");
	put_own(b, m, "Content-Type", "text/plain; charset=%s",
	    m->eight_bit ? "utf-8" : "us-ascii");
	put_own(b, m, "Content-Transfer-Encoding", "%s",
	    m->eight_bit ? "8bit" : "7bit");
	if (m->header != NULL)
		put_lines(b, m->header);
	sbuf_puts(b, "\r\n");
}

void
compose_message(struct sbuf *b, const struct message *m, int64_t wall_s)
{
	put_header(b, m, wall_s);
	if (m->body != NULL) {
		put_lines(b, m->body);
	} else {
		sbuf_printf(b, "This is message %s of an mxdrill run.\r\n",
		    m->key);
		sbuf_puts(b, ".A line that begins with a dot.\r\n"
		    "..And two.\r\n");
		if (m->eight_bit)
			sbuf_puts(b, eight_bit_line);
	}
	put_filler(b, m->size);
}

const char *
compose_own_field(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof own_fields / sizeof *own_fields; i++) {
		size_t n = strlen(own_fields[i]);

		if (len > n && strncasecmp(line, own_fields[i], n) == 0 &&
		    line[n] == ':')
			return own_fields[i];
	}
	return NULL;
}

/* The next line with its end; 0 at the end of the content. */
static size_t
line_length(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl != NULL ? (size_t)(nl + 1 - p) : (size_t)(end - p);
}

static bool
is_blank(const char *p, size_t n)
{
	return n == 0 || *p == '\n' || (*p == '\r' && n > 1 && p[1] == '\n');
}

/*
 * White space of folded fields is not content: MTAs may refold.  Nor are the
 * domains of addresses: some write the name that an alias leads to, as RFC
 * 1123 section 5.2.2 asked for.  Nor are angle brackets: <a@b> and a@b are one
 * mailbox (RFC 5322 section 3.4).
 */
static void
put_field(struct sbuf *b, const char *p, size_t n, bool address)
{
	bool domain = false;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '@')
			domain = address;
		else if (p[i] == '>' || p[i] == ',')
			domain = false;
		if (!domain && strchr(address ? " \t\r\n<>" : " \t\r\n",
		    p[i]) == NULL)
			sbuf_putc(b, p[i]);
	}
}

void
compose_put_value(struct sbuf *b, const char *name, const char *p, size_t n)
{
	put_field(b, p, n, strcmp(name, "From") == 0 ||
	    strcmp(name, "To") == 0);
}

/* What MTAs leave as it is: our own fields so far, and all of the body. */
static void
put_essence(struct sbuf *b, const char *p, const char *end)
{
	bool own = false, address = false;
	size_t n;

	for (; p < end; p += n) {
		n = line_length(p, end);
		if (is_blank(p, n)) {
			p += n;
			break;
		}
		if (*p != ' ' && *p != '\t') {
			own = compose_own_field(p, n) != NULL;
			address = strncasecmp(p, "From:", 5) == 0 ||
			    strncasecmp(p, "To:", 3) == 0;
		}
		if (own)
			put_field(b, p, n, address);
	}
	sbuf_putc(b, '\n');
	if (p < end)
		sbuf_add(b, p, (size_t)(end - p));
}

void
compose_digest(const char *content, size_t len, char out[DIGEST_LEN])
{
	static const char hex[] = "0123456789abcdef";
	static EVP_MD *sha256;	/* OpenSSL searches for it every time */
	unsigned char md[EVP_MAX_MD_SIZE];
	struct sbuf b = { 0 };

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	put_essence(&b, content, content + len);
	if (sha256 == NULL ||
	    EVP_Digest(b.data, b.len, md, NULL, sha256, NULL) != 1)
		abort();
	sbuf_fini(&b);
	for (size_t i = 0; i < DIGEST_LEN - 1; i++)
		out[i] = hex[md[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	out[DIGEST_LEN - 1] = '\0';
}

bool
compose_token(const char *content, size_t len, char *out, size_t size)
{
	const char *p = content, *end = content + len, *v;
	const size_t name = strlen(TOKEN_FIELD);
	size_t n, i;

	for (; p < end; p += n) {
		n = line_length(p, end);
		if (is_blank(p, n))
			return false;
		if (n <= name || strncasecmp(p, TOKEN_FIELD ":", name + 1))
			continue;
		for (v = p + name + 1; v < p + n && *v == ' '; v++)
			;
		for (i = 0; v + i < p + n && i + 1 < size &&
		    strchr(" \t\r\n", v[i]) == NULL; i++)
			out[i] = v[i];
		out[i] = '\0';
		return i > 0;
	}
	return false;
}

void
compose_tag(struct sbuf *b, const char *sender, const char *key)
{
	const char *at = strrchr(sender, '@');

	if (at == NULL) {
		sbuf_puts(b, sender);
		return;
	}
	/* The closing quote ends a local part (RFC 5321 section 4.1.2). */
	if (at > sender && at[-1] == '"')
		at--;
	sbuf_printf(b, "%.*s+%s%s", (int)(at - sender), sender, key, at);
}

bool
compose_untag(const char *address, char *key, size_t size)
{
	const char *at = strrchr(address, '@'), *plus = NULL;
	size_t n;

	for (const char *p = address; p < at; p++)
		if (*p == '+')
			plus = p;
	if (at == NULL || plus == NULL)
		return false;
	if (at[-1] == '"')
		at--;
	n = (size_t)(at - plus - 1);
	if (n == 0 || n >= size)
		return false;
	memcpy(key, plus + 1, n);
	key[n] = '\0';
	return true;
}

void
compose_xtext(struct sbuf *b, const char *address)
{
	for (; *address != '\0'; address++) {
		unsigned char c = (unsigned char)*address;

		if (c < '!' || c > '~' || c == '+' || c == '=')
			sbuf_printf(b, "+%02X", c);
		else
			sbuf_putc(b, *address);
	}
}

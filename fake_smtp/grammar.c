#include "fake_smtp/grammar.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* Character tests of the ASCII locale: the wire has no other. */
static bool
is_alpha(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_let_dig(unsigned char c)
{
	return is_alpha(c) || is_digit(c);
}

/* RFC 5322 atext, widened by RFC 6531 to all UTF-8. */
static bool
is_atext(unsigned char c)
{
	return c >= 128 || is_let_dig(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool
span_is(struct span s, const char *word)
{
	return strlen(word) == s.len && strncasecmp(s.at, word, s.len) == 0;
}

enum smtp_verb
smtp_verb_parse(struct span line, struct span *args)
{
	struct span verb = { line.at, 0 };

	while (verb.len < line.len && line.at[verb.len] != ' ')
		verb.len++;
	*args = (struct span){ line.at + verb.len, line.len - verb.len };
	if (args->len > 0) {
		args->at++;
		args->len--;
	}
#define X(name)								\
	if (span_is(verb, #name))					\
		return SMTP_##name;
	SMTP_VERBS(X)
#undef X
	return SMTP_UNKNOWN;
}

/* Length of the sub-domain sequence at the start of `t`, 0 if there is none. */
static size_t
domain_len(struct span t, bool *utf8)
{
	size_t i = 0, label;

	for (;;) {
		for (label = i; i < t.len; i++) {
			unsigned char c = (unsigned char)t.at[i];

			if (c >= 128)
				*utf8 = true;
			else if (!is_let_dig(c) && c != '-')
				break;
		}
		if (i == label || i - label > 63 || t.at[label] == '-' ||
		    t.at[i - 1] == '-')
			return 0;
		if (i == t.len || t.at[i] != '.')
			return i <= 255 ? i : 0;
		i++;
	}
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" or a general address literal. */
static size_t
literal_len(struct span t)
{
	char text[64];
	unsigned char ip[16];
	const char *end;
	size_t len;

	if (t.len < 3 || t.at[0] != '[')
		return 0;
	end = memchr(t.at, ']', t.len);
	if (end == NULL || (len = (size_t)(end - t.at) - 1) >= sizeof text)
		return 0;
	memcpy(text, t.at + 1, len);
	text[len] = '\0';
	if (strlen(text) != len)
		return 0;
	if (strncasecmp(text, "IPv6:", 5) == 0)
		return inet_pton(AF_INET6, text + 5, ip) == 1 ? len + 2 : 0;
	return inet_pton(AF_INET, text, ip) == 1 ? len + 2 : 0;
}

bool
smtp_domain_valid(struct span s)
{
	bool utf8;

	if (s.len == 0)
		return false;
	return domain_len(s, &utf8) == s.len || literal_len(s) == s.len;
}

bool
smtp_domain_qualified(struct span s)
{
	const char *last = memrchr(s.at, '.', s.len), *end = s.at + s.len;

	if (s.len > 0 && *s.at == '[')
		return true;
	if (last == NULL)
		return false;
	/* The last label of a name is not numeric (RFC 1123 section 2.1). */
	for (const char *p = last + 1; p < end; p++)
		if (*p < '0' || *p > '9')
			return true;
	return false;
}

/* Length of a Dot-string or Quoted-string at the start of `t`, or 0. */
static size_t
local_len(struct span t, bool *utf8)
{
	size_t i = 0;

	if (t.len > 0 && t.at[0] == '"') {
		for (i = 1; i < t.len && t.at[i] != '"'; i++) {
			if (t.at[i] == '\\' && ++i == t.len)
				return 0;
			if ((unsigned char)t.at[i] >= 128)
				*utf8 = true;
			else if (t.at[i] < 32 || t.at[i] == 127)
				return 0;
		}
		return i < t.len ? i + 1 : 0;
	}
	for (; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c >= 128)
			*utf8 = true;
		if (c == '.' ? i == 0 || t.at[i - 1] == '.' : !is_atext(c))
			break;
	}
	return i > 0 && t.at[i - 1] != '.' ? i : 0;
}

/* A-d-l ":", RFC 5321 appendix C.  Returns its length, 0 if malformed. */
static size_t
route_len(struct span t)
{
	bool utf8;
	size_t i = 0, n;

	while (i < t.len && t.at[i] == '@') {
		i++;
		n = domain_len((struct span){ t.at + i, t.len - i }, &utf8);
		if (n == 0)
			return 0;
		i += n;
		if (i < t.len && t.at[i] == ':')
			return i + 1;
		if (i == t.len || t.at[i++] != ',')
			return 0;
	}
	return 0;
}

/* Length of a Mailbox at the start of `t`, or 0. */
static size_t
mailbox_len(struct span t, bool *utf8)
{
	size_t local = local_len(t, utf8), n;
	struct span d;

	if (local == 0 || local == t.len || t.at[local] != '@')
		return 0;
	d = (struct span){ t.at + local + 1, t.len - local - 1 };
	n = literal_len(d);
	if (n == 0)
		n = domain_len(d, utf8);
	return n == 0 ? 0 : local + 1 + n;
}

bool
smtp_mailbox_valid(struct span s)
{
	bool utf8 = false;

	return s.len > 0 && mailbox_len(s, &utf8) == s.len;
}

bool
smtp_path_parse(struct span t, bool null_ok, bool bare_ok, struct smtp_path *p,
    struct span *rest)
{
	size_t i = 1, n;

	memset(p, 0, sizeof *p);
	if (t.len < 2 || t.at[0] != '<')
		return false;
	if (t.at[1] == '@') {
		if ((n = route_len((struct span){ t.at + 1, t.len - 1 })) == 0)
			return false;
		p->route = true;
		i += n;
	}
	p->mailbox.at = t.at + i;
	if (t.at[i] == '>' && null_ok && !p->route)
		goto end;
	p->mailbox.len = t.len - i;
	n = mailbox_len(p->mailbox, &p->utf8);
	if (n == 0 && bare_ok && !p->route) {
		n = local_len(p->mailbox, &p->utf8);
		if (!span_is((struct span){ p->mailbox.at, n }, "POSTMASTER"))
			return false;
	}
	if (n == 0)
		return false;
	i += n;
	if (i == t.len || t.at[i] != '>')
		return false;
	p->mailbox.len = (size_t)(t.at + i - p->mailbox.at);
end:
	*rest = (struct span){ t.at + i + 1, t.len - i - 1 };
	return rest->len == 0 || rest->at[0] == ' ';
}

bool
smtp_param_next(struct span *t, struct span *keyword, struct span *value,
    bool *bad)
{
	size_t i = 1, start;

	*bad = false;
	if (t->len == 0)
		return false;
	*bad = true;
	if (t->at[0] != ' ' || t->len < 2 ||
	    !is_let_dig((unsigned char)t->at[1]))
		return false;
	while (i < t->len && (is_let_dig((unsigned char)t->at[i]) ||
	    t->at[i] == '-'))
		i++;
	*keyword = (struct span){ t->at + 1, i - 1 };
	*value = (struct span){ NULL, 0 };
	if (i < t->len && t->at[i] == '=') {
		/* esmtp-value: any printable but "=" and space */
		for (start = ++i; i < t->len; i++) {
			unsigned char c = (unsigned char)t->at[i];

			if (c <= 32 || c == '=' || c == 127)
				break;
		}
		if (i == start)
			return false;
		*value = (struct span){ t->at + start, i - start };
	}
	if (i < t->len && t->at[i] != ' ')
		return false;
	t->at += i;
	t->len -= i;
	*bad = false;
	return true;
}

bool
smtp_number_parse(struct span s, unsigned long long *n)
{
	*n = 0;
	if (s.len == 0 || s.len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit((unsigned char)s.at[i]))
			return false;
		*n = *n * 10 + (unsigned)(s.at[i] - '0');
	}
	return true;
}

static bool
is_hexchar(unsigned char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'F');
}

bool
smtp_xtext_valid(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (c == '+') {
			if (s.len - i < 3 ||
			    !is_hexchar((unsigned char)s.at[i + 1]) ||
			    !is_hexchar((unsigned char)s.at[i + 2]))
				return false;
			i += 2;
		} else if (c < 33 || c == '=' || c == 127)
			return false;
	}
	return s.len > 0;
}

size_t
smtp_xtext_len(struct span s)
{
	size_t n = s.len;

	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '!' || s.at[i] > '~' || s.at[i] == '+' ||
		    s.at[i] == '=')
			n += 2;
	return n;
}

#include "reference_impl/session_ways.h"

#include "reference_impl/convert.h"

#include <ctype.h>
#include <string.h>

bool
session_has_way(const struct session *s, enum way way)
{
	return s->mail->ways != NULL && s->mail->ways->on[way];
}

void
session_put_verb(struct session *s, const char *verb)
{
	bool lower = session_has_way(s, WAY_LOWER_CASE_VERBS);

	for (; *verb != '\0'; verb++)
		sbuf_putc(&s->out, lower ? (char)tolower((unsigned char)*verb)
		    : *verb);
}

size_t
session_chunk(const struct session *s)
{
	if (session_has_way(s, WAY_ONE_RECIPIENT))
		return 1;
	return session_has_way(s, WAY_TWO_RECIPIENTS) ? 2 : CHUNK_MAX;
}

bool
session_sends_chunks(const struct session *s)
{
	return s->chunking && session_has_way(s, WAY_BDAT);
}

bool
session_data_waits(const struct session *s)
{
	return session_has_way(s, WAY_DATA_ALONE) || session_sends_chunks(s);
}

/* RFC 5321 2.4: the case of a domain means nothing; that of the user does. */
static void
put_domain(struct session *s, const char *domain)
{
	size_t len = strlen(domain);
	bool upper = session_has_way(s, WAY_DOMAIN_UPPER_CASE);
	bool lower = session_has_way(s, WAY_DOMAIN_LOWER_CASE);

	if (len > 1 && domain[len - 1] == '.' &&
	    session_has_way(s, WAY_FINAL_DOT_DROPPED))
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)domain[i];

		if (c < 128 && (upper || lower) && domain[0] != '[')
			c = (unsigned char)(upper ? toupper(c) : tolower(c));
		sbuf_putc(&s->out, (char)c);
	}
}

void
session_put_rcpt(struct session *s, const struct session_rcpt *r)
{
	const char *at = strrchr(r->addr, '@');
	size_t local = at == NULL ? strlen(r->addr) : (size_t)(at - r->addr);

	sbuf_putc(&s->out, '<');
	for (size_t i = 0; i < local; i++)
		if (r->addr[i] != '"' || !HAS_BUG(s->mail->bugs, QUOTES_LOST))
			sbuf_putc(&s->out, r->addr[i]);
	if (at != NULL) {
		sbuf_putc(&s->out, '@');
		put_domain(s, r->canonical != NULL ? r->canonical : at + 1);
	}
	sbuf_putc(&s->out, '>');
}

void
session_add_orcpt(struct session *s, const struct session_rcpt *r)
{
	if (!session_has_way(s, WAY_ORCPT_ADDED))
		return;
	for (const char *p = r->addr; *p != '\0'; p++)
		if ((unsigned char)*p > 126)	/* RFC 6533 has a form for it */
			return;
	sbuf_puts(&s->out, " ORCPT=rfc822;");
	for (const char *p = r->addr; *p != '\0'; p++) {
		if (*p <= 32 || *p == '+' || *p == '=')
			sbuf_printf(&s->out, "+%02X", (unsigned char)*p);
		else
			sbuf_putc(&s->out, *p);
	}
}

bool
session_convert(struct session *s)
{
	const struct session_mail *m = s->mail;
	bool qp = session_has_way(s, WAY_QUOTED_PRINTABLE);

	if (!qp && !session_has_way(s, WAY_BASE64))
		return false;
	sbuf_clear(&s->converted);
	if (!convert_to_7bit(m->content, m->size, qp ? CONVERT_QP
	    : CONVERT_BASE64, &s->converted))
		return false;
	s->content = sbuf_str(&s->converted);
	s->size = s->converted.len;
	return true;
}

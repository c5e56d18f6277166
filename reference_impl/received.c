#include "reference_impl/received.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const char *
protocol(const struct received *r)
{
	return r->message->utf8 ? "UTF8SMTP" : r->esmtp ? "ESMTP" : "SMTP";
}

void
received_put(struct sbuf *b, const struct config *c, const struct received *r)
{
	const struct message *m = r->message;
	const char *host = c->policy.hostname;
	struct addr a = r->client;
	char ip[ADDR_STRLEN];

	a.port = 0;
	addr_format(&a, ip);
	sbuf_printf(b, "Received: from %s ([%s%s])", r->helo,
	    a.family == AF_INET6 ? "IPv6:" : "", ip);
	if (HAS_WAY(&c->ways, RECEIVED_SHORT))
		sbuf_printf(b, " by %s; ", host);
	else if (HAS_WAY(&c->ways, RECEIVED_FOR)) {
		sbuf_printf(b, "\r\n\tby %s (refmta) with %s id %" PRIx64,
		    host, protocol(r), (uint64_t)m->arrival_us);
		if (m->count == 1)
			sbuf_printf(b, "\r\n\tfor <%s>", m->rcpts[0].addr);
		sbuf_puts(b, ";\r\n\t");
	} else
		sbuf_printf(b, "\r\n\tby %s (refmta) with %s;\r\n\t", host,
		    protocol(r));
	date_put(b, m->arrival_us);
	sbuf_puts(b, "\r\n");
}

static bool
has_field(const struct sbuf *content, const char *name)
{
	const char *p = sbuf_str(content), *end = p + content->len;
	size_t n = strlen(name);

	while (p < end && *p != '\r') {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if ((size_t)(end - p) > n && strncasecmp(p, name, n) == 0)
			return true;
		if (nl == NULL)
			break;
		p = nl + 1;
	}
	return false;
}

void
fields_add(struct sbuf *b, const struct config *c, const struct message *m,
    const struct sbuf *content)
{
	if (!HAS_WAY(&c->ways, FIELDS_ADDED))
		return;
	if (!has_field(content, "Date:")) {
		sbuf_puts(b, "Date: ");
		date_put(b, m->arrival_us);
		sbuf_puts(b, "\r\n");
	}
	if (!has_field(content, "Message-ID:"))
		sbuf_printf(b, "Message-ID: <%" PRIx64 "@%s>\r\n",
		    (uint64_t)m->arrival_us, c->policy.hostname);
}

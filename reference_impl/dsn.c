#include "reference_impl/dsn.h"

#include "reference_impl/dsn_ways.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const action_names[] = { "failed", "delayed", "relayed" };

void
date_put(struct sbuf *b, int64_t us)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = us / 1000000;
	struct tm tm;

	gmtime_r(&t, &tm);
	sbuf_printf(b, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

static bool
lists(const char *notify, const char *word)
{
	size_t n = strlen(word);

	for (; *notify != '\0'; notify += strcspn(notify, ","),
	    notify += *notify == ',')
		if (strncasecmp(notify, word, n) == 0 &&
		    (notify[n] == '\0' || notify[n] == ','))
			return true;
	return false;
}

bool
dsn_wanted(const struct rcpt *r, enum dsn_action action,
    const struct bugs *bugs)
{
	if (action == DSN_RELAYED)
		return r->notify != NULL && lists(r->notify, "SUCCESS");
	if (r->notify == NULL || HAS_BUG(bugs, NOTIFY_IGNORED))
		return true;
	return lists(r->notify, action == DSN_FAILED ? "FAILURE" : "DELAY");
}

/* The address in the subject's From field, for the bugs that use it. */
static bool
header_from(const struct dsn *d, struct sbuf *b)
{
	const char *p = d->content, *end = p + d->len, *a;

	while (p < end && *p != '\r' && *p != '\n') {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (nl == NULL)
			return false;
		if (strncasecmp(p, "From:", 5) == 0) {
			a = memchr(p, '<', (size_t)(nl - p));
			a = a == NULL ? p + 5 : a + 1;
			while (*a == ' ')
				a++;
			sbuf_add(b, a, strcspn(a, "> \t\r\n"));
			return b->len > 0;
		}
		p = nl + 1;
	}
	return false;
}

void
dsn_address(const struct dsn *d, struct sbuf *b)
{
	bool null = d->subject->from[0] == '\0';

	if ((null && HAS_BUG(d->bugs, BOUNCE_TO_NULL)) ||
	    (!null && HAS_BUG(d->bugs, DSN_FROM_HEADER)))
		if (header_from(d, b))
			return;
	sbuf_puts(b, d->subject->from);
}

/* xtext (RFC 3461 4) back to text, fit for a header line. */
static void
put_xtext(struct sbuf *b, const char *x)
{
	for (; *x != '\0'; x++) {
		unsigned c = (unsigned char)*x;

		if (*x == '+' && isxdigit((unsigned char)x[1]) &&
		    isxdigit((unsigned char)x[2])) {
			sscanf(x + 1, "%2x", &c);
			x += 2;
		}
		sbuf_putc(b, c >= 32 && c < 127 ? (char)c : '?');
	}
}

/* A reply may hold anything: one line, printable, folded. */
static void
put_safe(struct sbuf *b, const char *text, size_t column)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == ' ' && column > 70 && text[1] != '\0') {
			sbuf_puts(b, "\r\n ");
			column = 1;
			continue;
		}
		if (column++ > 900) {
			sbuf_puts(b, "\r\n ");
			column = 1;
		}
		sbuf_putc(b, c >= 32 && c < 127 ? (char)c : '?');
	}
}

static bool
is_ascii(const char *s)
{
	while (*s != '\0')
		if ((unsigned char)*s++ > 126)
			return false;
	return true;
}

/* RFC 3464 "rfc822;", RFC 6533 "utf-8;" with its ASCII form. */
static void
put_address(struct sbuf *b, const char *addr)
{
	const unsigned char *p = (const unsigned char *)addr;

	if (is_ascii(addr)) {
		sbuf_printf(b, "rfc822;%s", addr);
		return;
	}
	sbuf_puts(b, "utf-8;");
	while (*p != '\0') {
		uint32_t c = *p++;
		int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

		if (c < 0x80) {
			sbuf_putc(b, (char)c);
			continue;
		}
		c &= 0x3fu >> more;
		while (more-- > 0 && (*p & 0xc0) == 0x80)
			c = c << 6 | (*p++ & 0x3fu);
		sbuf_printf(b, "\\x{%" PRIX32 "}", c);
	}
}

static void
put_status(struct sbuf *b, const struct dsn *d, const struct rcpt *r)
{
	const char *status = r->status[0] == '\0' ? "5.0.0" : r->status;
	const char *other = dsn_other_status(d, r);

	if (HAS_BUG(d->bugs, STATUS_500))
		status = "5.0.0";
	else if (d->expired && HAS_BUG(d->bugs, EXPIRED_DELAYED))
		status = "4.4.7";
	else if (d->action == DSN_RELAYED)
		status = "2.0.0";
	else if (other != NULL)
		status = other;
	/* What a host said for good is not final for us (RFC 3464 2.3.4). */
	if (d->action == DSN_DELAYED && *status == '5')
		sbuf_printf(b, "Status: 4%s\r\n", status + 1);
	else
		sbuf_printf(b, "Status: %s\r\n", status);
}

static const char *
action_name(const struct dsn *d)
{
	if (d->expired && HAS_BUG(d->bugs, EXPIRED_DELAYED))
		return "delayed";
	return action_names[d->action];
}

static void
put_rcpt(struct sbuf *b, const struct dsn *d, const struct rcpt *r)
{
	sbuf_puts(b, "\r\n");
	if (r->orcpt != NULL) {
		size_t type = strcspn(r->orcpt, ";");

		sbuf_printf(b, "Original-Recipient: %.*s;", (int)type,
		    r->orcpt);
		if (r->orcpt[type] != '\0')
			put_xtext(b, r->orcpt + type + 1);
		sbuf_puts(b, "\r\n");
	}
	sbuf_puts(b, "Final-Recipient: ");
	put_address(b, r->addr);
	sbuf_printf(b, "\r\nAction: %s\r\n", action_name(d));
	put_status(b, d, r);
	if (r->remote != NULL)
		sbuf_printf(b, "Remote-MTA: dns; %s\r\n", r->remote);
	if (r->code != 0 && r->diag != NULL) {
		sbuf_puts(b, "Diagnostic-Code: smtp; ");
		put_safe(b, r->diag, 23);
		sbuf_puts(b, "\r\n");
	}
	if (r->tried_us != 0) {
		sbuf_puts(b, "Last-Attempt-Date: ");
		date_put(b, r->tried_us);
		sbuf_puts(b, "\r\n");
	}
	if (d->action == DSN_DELAYED) {
		sbuf_puts(b, "Will-Retry-Until: ");
		date_put(b, d->until_us);
		sbuf_puts(b, "\r\n");
	}
}

/* All of message/delivery-status. */
static void
put_fields(struct sbuf *b, const struct dsn *d)
{
	if (d->subject->envid != NULL) {
		sbuf_puts(b, "Original-Envelope-Id: ");
		put_xtext(b, d->subject->envid);
		sbuf_puts(b, "\r\n");
	}
	sbuf_printf(b, "Reporting-MTA: dns; %s\r\nArrival-Date: ",
	    d->hostname);
	date_put(b, d->subject->arrival_us);
	sbuf_puts(b, "\r\n");
	for (size_t i = 0; i < d->count; i++)
		put_rcpt(b, d, &d->subject->rcpts[d->rcpts[i]]);
}

static void
put_text(struct sbuf *b, const struct dsn *d)
{
	static const char *const words[] = {
		"Your message could not be delivered to",
		"Your message could not be delivered yet; delivery goes on. "
		"It waits for",
		"Your message was handed to a system that sends no delivery "
		"reports, for",
	};

	sbuf_printf(b, "This is the mail system at %s.\r\n\r\n%s\r\n",
	    d->hostname, d->expired && HAS_BUG(d->bugs, EXPIRED_DELAYED)
	    ? words[DSN_DELAYED] : words[d->action]);
	for (size_t i = 0; i < d->count; i++) {
		const struct rcpt *r = &d->subject->rcpts[d->rcpts[i]];

		sbuf_puts(b, "\r\n  <");
		put_safe(b, r->addr, 3);
		sbuf_puts(b, ">\r\n");
		if (r->diag != NULL && d->action != DSN_RELAYED) {
			sbuf_puts(b, "    ");
			put_safe(b, r->diag, 4);
			sbuf_puts(b, "\r\n");
		}
	}
	if (d->expired)
		sbuf_puts(b, "\r\nIt was tried for as long as this system "
		    "keeps mail.\r\n");
}

static size_t
header_len(const struct dsn *d)
{
	const char *p = d->len < 4 ? NULL
	    : memmem(d->content, d->len, "\r\n\r\n", 4);

	return p == NULL ? d->len : (size_t)(p - d->content) + 2;
}

static bool
has_high_octet(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] > 127)
			return true;
	return false;
}

/*
 * Headers only, unless RET=FULL asks for more (RFC 3461 4.3); an 8-bit body
 * never, so that the report needs no extension on its way.
 */
static void
put_original(struct sbuf *b, const struct dsn *d)
{
	bool full = dsn_returns_all(d) && d->len <= 1024 * 1024 &&
	    !has_high_octet(d->content, d->len);
	size_t len = full ? d->len : header_len(d);

	sbuf_printf(b, "Content-Type: %s\r\n\r\n",
	    full ? "message/rfc822" : "text/rfc822-headers");
	for (size_t i = 0; i < len; i++)
		sbuf_putc(b, (unsigned char)d->content[i] > 127 ? '?'
		    : d->content[i]);
	if (len == 0 || d->content[len - 1] != '\n')
		sbuf_puts(b, "\r\n");
}

/* No line of the original may end our parts: try until it is unique. */
static void
make_boundary(const struct dsn *d, char out[80])
{
	for (unsigned n = 0; ; n++) {
		snprintf(out, 80, "=_%s.%d.%u=_", d->subject->id,
		    d->subject->reports + 1, n);
		if (d->len == 0 ||
		    memmem(d->content, d->len, out, strlen(out)) == NULL)
			return;
	}
}

static void
put_header(struct sbuf *b, const struct dsn *d)
{
	static const char *const subjects[] = {
		"Undelivered mail returned to sender",
		"Mail delivery is delayed", "Mail was relayed",
	};

	sbuf_puts(b, "Date: ");
	date_put(b, d->now_us);
	sbuf_printf(b, "\r\nFrom: %s@%s>\r\nTo: <", HAS_WAY(d->ways,
	    MAILER_DAEMON) ? "Mail Delivery Subsystem <MAILER-DAEMON"
	    : "Mail Delivery System <postmaster", d->hostname);
	if (d->to != NULL)
		sbuf_puts(b, d->to);
	else
		dsn_address(d, b);
	sbuf_printf(b, ">\r\nMessage-ID: <%s.%d.dsn@%s>\r\n"
	    "Auto-Submitted: auto-replied\r\nSubject: %s\r\n"
	    "MIME-Version: 1.0\r\n", d->subject->id, d->subject->reports + 1,
	    d->hostname, d->expired && HAS_BUG(d->bugs, EXPIRED_DELAYED)
	    ? subjects[DSN_DELAYED] : subjects[d->action]);
}

void
dsn_write(const struct dsn *d, struct sbuf *b)
{
	struct sbuf text = { 0 };
	char boundary[80];

	make_boundary(d, boundary);
	put_header(b, d);
	if (HAS_BUG(d->bugs, DSN_NO_REPORT)) {
		sbuf_puts(b, "Content-Type: text/plain\r\n\r\n");
		put_text(b, d);
		return;
	}
	sbuf_printf(b, "Content-Type: multipart/report; "
	    "report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n"
	    "--%s\r\n", boundary, boundary);
	put_text(&text, d);
	dsn_put_text_part(b, d, boundary, sbuf_str(&text), text.len);
	sbuf_printf(b, "\r\n--%s\r\nContent-Type: message/delivery-status"
	    "\r\n\r\n", boundary);
	sbuf_clear(&text);
	put_fields(&text, d);
	dsn_put_fields(b, d, sbuf_str(&text));
	sbuf_fini(&text);
	if (dsn_returns_any(d)) {
		sbuf_printf(b, "\r\n--%s\r\n", boundary);
		put_original(b, d);
	}
	sbuf_printf(b, "\r\n--%s--\r\n", boundary);
}

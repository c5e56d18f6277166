/*
 * Reports written for people only: qmail, dma, Exchange, old MTAs.  There is
 * no syntax to hold them to, so this looks for what they have in common: an
 * address that leads a line or stands in "<...>", words that say failed or
 * delayed, a status code, a reply, and a copy of the message below.
 */
#include "harness/dsn/internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/sbuf.h"

#define MAX_RECIPIENTS	100	/* compared pairwise */
#define MAX_OWN		16
#define MAX_ADDRESS	320	/* RFC 5321 4.5.3.1: 64, 255 and "@" */

static const char *const delay_words[] = {
	"warning: could not send", "warning message only", "warning only",
	"delayed", "(delay)", "delivery incomplete", "not yet been delivered",
	"still being retried", "still undelivered", "will be retried",
	"will retry", "will keep trying", "will continue to try",
	"will be tried again", "delivery attempts will continue",
	"temporary problem", "only a temporary", "do not need to resend",
	"do not need to re-send", "has been deferred", NULL
};
/* These stand even beside words of delay. */
static const char *const final_words[] = {
	"permanent error", "permanent fatal", "permanent failure",
	"i've given up", "have given up", "has been returned",
	"returned to sender", NULL
};
static const char *const failure_words[] = {
	"undeliver", "failure notice", "delivery failure", "delivery failed",
	"delivery has failed", "(failure)", "returned mail",
	"non-delivery", "could not send", "could not be delivered",
	"couldn't be delivered", "cannot be delivered",
	"can't be delivered", "can not be delivered",
	"not be delivered", "wasn't delivered", "was not delivered",
	"wasn't able to deliver", "unable to deliver",
	"could not deliver", "error delivering", "did not reach",
	"delivery error", "mail system error", "expired",
	"fatal errors", "rejected your message", NULL
};
/* Who writes reports, and how they are headed. */
static const char *const daemon_words[] = {
	"mailer-daemon", "mail delivery", "postmaster", "mailer daemon",
	"system administrator", "microsoft exchange", "microsoft outlook",
	"courier mail server", NULL
};
static const char *const subject_words[] = {
	"delivery status", "delivery notification", NULL
};

struct prose {
	struct dsn_work	*w;
	struct mime_text human;		/* without the copy of the message */
	const char	*words;		/* of it, lower case, one blank each */
	const char	*action;
	struct mime_text own[MAX_OWN];	/* addresses that are not recipients */
	size_t		 own_count;
	/* Where the text about each recipient begins; NULL: anywhere. */
	const char	*starts[MAX_RECIPIENTS];
};

static struct mime_text
text_of(const char *s)
{
	return (struct mime_text){ s, s != NULL ? strlen(s) : 0 };
}

static struct mime_text
skip(struct mime_text t, size_t n)
{
	return (struct mime_text){ t.p + n, t.len - n };
}

static size_t
blanks(struct mime_text t)
{
	size_t n = 0;

	while (n < t.len && (t.p[n] == ' ' || t.p[n] == '\t'))
		n++;
	return n;
}

static bool
is_local_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c > 127 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool
is_domain_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c > 127 ||
	    (c != '\0' && strchr("-._", c) != NULL);
}

/* Length of the address at the start of the text; 0: there is none. */
static size_t
address_length(struct mime_text t)
{
	size_t n = 0, at;

	if (t.len > MAX_ADDRESS)
		t.len = MAX_ADDRESS;
	if (t.len > 0 && *t.p == '"') {
		for (n = 1; n < t.len && t.p[n] != '"' &&
		    t.p[n] >= ' '; n++)
			n += t.p[n] == '\\';
		n++;
	} else
		while (n < t.len && is_local_char(t.p[n]))
			n++;
	if (n == 0 || n + 1 >= t.len || t.p[n] != '@')
		return 0;
	at = n++;
	if (t.p[n] == '[') {
		while (n < t.len && t.p[n] > ' ' && t.p[n] != ']')
			n++;
		return n < t.len && t.p[n] == ']' ? n + 1 : 0;
	}
	while (n < t.len && is_domain_char(t.p[n]))
		n++;
	/* The full stop of a sentence. */
	while (t.p[n - 1] == '.')
		n--;
	return n > at + 1 ? n : 0;
}

/* An address at the start, in angle brackets or not, and what follows. */
static bool
leading_address(struct mime_text t, struct mime_text *address,
    struct mime_text *rest)
{
	bool angle = t.len > 0 && *t.p == '<';

	if (angle)
		t = skip(t, 1);
	*address = (struct mime_text){ t.p, address_length(t) };
	if (address->len == 0)
		return false;
	*rest = skip(t, address->len);
	if (!angle)
		return true;
	if (rest->len == 0 || *rest->p != '>')
		return false;
	*rest = skip(*rest, 1);
	return true;
}

/* The next address of a list as in To. */
static bool
next_address(struct mime_text *list, struct mime_text *address)
{
	struct mime_text rest;

	while (list->len > 0) {
		if (leading_address(*list, address, &rest)) {
			*list = rest;
			return true;
		}
		/* To the next place where one may begin. */
		do
			*list = skip(*list, 1);
		while (list->len > 0 && strchr("<, \t:;(\"", list->p[-1]) ==
		    NULL && *list->p != '<');
	}
	return false;
}

static bool
same_address(struct mime_text a, struct mime_text b)
{
	return a.len == b.len && strncasecmp(a.p, b.p, a.len) == 0;
}

static void
add_own(struct prose *p, const char *list)
{
	struct mime_text rest = text_of(list), address;

	while (p->own_count < MAX_OWN && next_address(&rest, &address))
		p->own[p->own_count++] = address;
}

static void
add_recipient(struct prose *p, struct mime_text address, const char *start)
{
	struct dsn *d = p->w->dsn;
	struct dsn_recipient *r;

	for (size_t i = 0; i < p->own_count; i++)
		if (same_address(address, p->own[i]))
			return;
	for (size_t i = 0; i < d->recipient_count; i++)
		if (same_address(address, text_of(d->recipients[i].address)))
			return;
	if (d->recipient_count == MAX_RECIPIENTS)
		return;
	p->starts[d->recipient_count] = start;
	r = arena_push(p->w->a, &d->recipients, &d->recipient_count,
	    sizeof *r);
	r->address = arena_strndup(p->w->a, address.p, address.len);
	r->action = p->action;
}

/* What an MTA said, within a text, is not what the report says. */
static bool
is_reply_line(struct mime_text line)
{
	struct mime_text t = skip(line, blanks(line));

	if (mime_starts(t, "<<<") || mime_starts(t, ">>>"))
		return true;
	return t.len >= 4 && isdigit((unsigned char)t.p[0]) &&
	    isdigit((unsigned char)t.p[1]) && isdigit((unsigned char)t.p[2]) &&
	    (t.p[3] == ' ' || t.p[3] == '-');
}

static size_t
find_in(struct mime_text t, const char *needle)
{
	const char *hit = memmem(t.p, t.len, needle, strlen(needle));

	return hit != NULL ? (size_t)(hit - t.p) : t.len;
}

static const char *
words_of(struct prose *p)
{
	struct mime_text rest = p->human, line;
	struct sbuf b = { 0 };
	const char *out;

	while (mime_line(&rest, &line)) {
		if (is_reply_line(line))
			continue;
		line.len = find_in(line, " said:");
		for (size_t i = 0; i < line.len; i++) {
			char c = line.p[i];

			if (c > ' ')
				sbuf_putc(&b, (char)tolower(c));
			else if (b.len > 0 && b.data[b.len - 1] != ' ')
				sbuf_putc(&b, ' ');
		}
		sbuf_putc(&b, ' ');
	}
	out = arena_strndup(p->w->a, sbuf_str(&b), b.len);
	sbuf_fini(&b);
	return out;
}

/* Where the first of the words is, or NULL. */
static const char *
first_of(const char *text, const char *const *words)
{
	const char *first = NULL, *hit;

	for (; text != NULL && *words != NULL; words++)
		if ((hit = strstr(text, *words)) != NULL &&
		    (first == NULL || hit < first))
			first = hit;
	return first;
}

/*
 * The subject decides, by its first word of either kind: what follows may be
 * the subject of the message.  In the text a final word outweighs a delay.
 */
static const char *
action_of(const char *subject, const char *words)
{
	const char *delay = first_of(subject, delay_words);
	const char *failure = first_of(subject, failure_words);

	if (delay != NULL && (failure == NULL || delay <= failure))
		return "delayed";
	if (failure != NULL || first_of(words, final_words) != NULL)
		return "failed";
	if (first_of(words, delay_words) != NULL)
		return "delayed";
	return first_of(words, failure_words) != NULL ? "failed" : NULL;
}

static bool
is_field_line(struct mime_text line)
{
	static const char *const names[] = { "Return-Path:", "Received:",
		"Message-ID:", "From:", "To:", "Date:", "Subject:",
		"MIME-Version:", "Delivered-To:", "DKIM-Signature:",
		DSN_TOKEN_FIELD ":", NULL };

	for (const char *const *n = names; *n != NULL; n++)
		if (mime_starts(line, *n))
			return true;
	return false;
}

/*
 * A copy of the message begins after an empty line, with two fields of a
 * message's header.
 */
static void
cut_copy(struct prose *p)
{
	struct mime_text rest = p->human, line, copy = { 0 };
	struct dsn_work *w = p->w;
	const char *before = rest.p;
	bool empty = true;

	for (; mime_line(&rest, &line); before = rest.p) {
		if (copy.p != NULL && line.len > 0 &&
		    (*line.p == ' ' || *line.p == '\t'))
			continue;
		if (copy.p != NULL && is_field_line(line))
			break;
		copy.p = NULL;
		if (empty && is_field_line(line))
			copy.p = before;
		empty = line.len == 0;
	}
	if (copy.p == NULL)
		return;
	copy.len = p->human.len - (size_t)(copy.p - p->human.p);
	p->human.len -= copy.len;
	if (w->returned != NULL)
		return;
	mime_header_read(w->a, &w->original, &copy);
	w->dsn->has_original = true;
	while (mime_line(&copy, &line))
		if (line.len > 0)
			w->dsn->has_original_body = true;
}

static void
collect_texts(struct prose *p)
{
	struct dsn_work *w = p->w;
	struct sbuf b = { 0 };
	struct mime_text t;

	for (size_t i = 0; i < w->text_count; i++) {
		mime_decode(w->a, w->texts[i], &t);
		sbuf_add(&b, t.p, t.len);
		sbuf_puts(&b, "\n\n");
	}
	p->human.p = arena_strndup(w->a, sbuf_str(&b), b.len);
	p->human.len = b.len;
	sbuf_fini(&b);
}

/* May what follows an address that leads a line belong to a report? */
static bool
follows_recipient(struct mime_text rest, bool angle)
{
	static const char *const marks[] = { ":", "...", "(", "on ", "- ",
		NULL };
	size_t n = blanks(rest);

	rest = skip(rest, n);
	if (rest.len == 0 || (angle && n > 0))
		return true;
	for (const char *const *m = marks; *m != NULL; m++)
		if (mime_starts(rest, *m))
			return true;
	return false;
}

/* Deep in a paragraph an address at the left is only wrapped text. */
static void
take_line_starts(struct prose *p)
{
	struct mime_text rest = p->human, line, t, address, after;
	bool empty = true;
	size_t indent;

	while (mime_line(&rest, &line)) {
		indent = blanks(line);
		t = skip(line, indent);
		if ((indent < 4 || empty) &&
		    leading_address(t, &address, &after) &&
		    follows_recipient(after, *t.p == '<'))
			add_recipient(p, address, line.p);
		empty = t.len == 0;
	}
}

/* Whom a text asks to write to. */
static bool
is_helper(struct mime_text address)
{
	return mime_starts(address, "postmaster@") ||
	    mime_starts(address, "mailer-daemon@");
}

/*
 * Every "<...>", or the first "to ADDRESS" where a line speaks of delivery;
 * never in what MTAs said.
 */
static void
take_inside(struct prose *p, const char *mark, size_t keep)
{
	struct mime_text rest = p->human, line, address, after;
	size_t at;

	while (mime_line(&rest, &line)) {
		if (is_reply_line(line) || is_field_line(line))
			continue;
		line.len = find_in(line, " said:");
		if (keep > 0 && find_in(line, "deliver") == line.len)
			continue;
		while ((at = find_in(line, mark)) < line.len) {
			line = skip(line, at + keep);
			after = skip(line, keep == 0);
			if (leading_address(line, &address, &after) &&
			    !is_helper(address)) {
				add_recipient(p, address, NULL);
				if (keep > 0)
					break;
			}
			line = after;
		}
	}
}

/* The last resort: the copy went to one address only. */
static void
take_only_to(struct prose *p)
{
	struct mime_text list, address, second;

	list = text_of(mime_header_get(&p->w->original, "To"));
	if (next_address(&list, &address) && !next_address(&list, &second))
		add_recipient(p, address, NULL);
}

static void
take_recipients(struct prose *p)
{
	const size_t *n = &p->w->dsn->recipient_count;
	struct mime_text list, address;

	list = text_of(mime_header_get(&p->w->top.header,
	    "X-Failed-Recipients"));
	/* Their places in the text are found with them. */
	take_line_starts(p);
	while (next_address(&list, &address))
		add_recipient(p, address, NULL);
	if (*n == 0)
		take_inside(p, "<", 0);
	if (*n == 0)
		take_inside(p, " to ", 4);
	if (*n == 0)
		take_only_to(p);
}

/* A status that fits the action, standing by itself. */
static const char *
status_in(struct prose *p, struct mime_text t)
{
	bool delayed = strcmp(p->action, "delayed") == 0;
	size_t n;

	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] != '4' && (t.p[i] != '5' || delayed))
			continue;
		if (i > 0 && (isalnum((unsigned char)t.p[i - 1]) ||
		    t.p[i - 1] == '.'))
			continue;
		n = dsn_status_length(t.p + i, t.len - i);
		if (n == 0 || (i + n < t.len &&
		    isalnum((unsigned char)t.p[i + n])))
			continue;
		if (i + n + 1 < t.len && t.p[i + n] == '.' &&
		    isdigit((unsigned char)t.p[i + n + 1]))
			continue;
		return arena_strndup(p->w->a, t.p + i, n);
	}
	return NULL;
}

/* A reply of class 4 or 5, to the end of its line. */
static const char *
reply_in(struct prose *p, struct mime_text t)
{
	struct mime_text line;
	char before;

	while (mime_line(&t, &line))
		for (size_t i = 0; i + 4 < line.len; i++) {
			if ((line.p[i] != '4' && line.p[i] != '5') ||
			    !isdigit((unsigned char)line.p[i + 1]) ||
			    !isdigit((unsigned char)line.p[i + 2]) ||
			    (line.p[i + 3] != ' ' && line.p[i + 3] != '-'))
				continue;
			before = i > 0 ? line.p[i - 1] : ' ';
			if (before == '\0' || strchr(" \t'\"(", before) == NULL)
				continue;
			line = skip(line, i);
			if (before == line.p[line.len - 1] && before != ' ')
				line.len--;
			return arena_strndup(p->w->a, line.p, line.len);
		}
	return NULL;
}

/* Status and reply of each, from the text up to the next recipient. */
static void
take_causes(struct prose *p)
{
	struct dsn *d = p->w->dsn;
	const char *end = p->human.p + p->human.len;
	struct mime_text t;

	/* Backwards: those of the header, without a place, come last. */
	for (size_t i = d->recipient_count; i-- > 0; ) {
		t = p->human;
		if (p->starts[i] != NULL) {
			t.p = p->starts[i];
			t.len = (size_t)(end - t.p);
			end = t.p;
		} else if (d->recipient_count > 1)
			continue;
		d->recipients[i].diagnostic = reply_in(p, t);
		d->recipients[i].status = status_in(p, t);
		if (d->recipients[i].status == NULL &&
		    d->recipient_count == 1)
			d->recipients[i].status = status_in(p, p->human);
	}
}

static bool
looks_like_report(struct prose *p, const char *subject)
{
	const struct mime_header *h = &p->w->top.header;
	const char *from = p->w->dsn->from, *path;

	path = mime_header_get(h, "Return-Path");
	if (from != NULL)
		from = mime_lower(p->w->a, from);
	return first_of(from, daemon_words) != NULL ||
	    first_of(subject, subject_words) != NULL ||
	    mime_header_get(h, "X-Failed-Recipients") != NULL ||
	    (path != NULL && strcmp(path, "<>") == 0);
}

bool
dsn_prose_read(struct dsn_work *w, bool known)
{
	struct prose p = { .w = w };
	const char *subject = w->dsn->subject;

	collect_texts(&p);
	cut_copy(&p);
	p.words = words_of(&p);
	if (subject != NULL)
		subject = mime_lower(w->a, subject);
	p.action = action_of(subject, p.words);
	if (p.action == NULL || (!known && !looks_like_report(&p, subject)))
		return false;
	add_own(&p, w->dsn->from);
	add_own(&p, w->dsn->to);
	add_own(&p, mime_header_get(&w->original, "Return-Path"));
	add_own(&p, mime_header_get(&w->original, "From"));
	take_recipients(&p);
	take_causes(&p);
	return true;
}

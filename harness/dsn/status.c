/* The fields of message/delivery-status (RFC 3464 2.2, 2.3). */
#include "harness/dsn/internal.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "harness/base/sbuf.h"

static const char minimal[] = "R-3464-3-a";
static const char dates[] = "R-3464-2.3.9-a";
static const char relay[] = "R-3461-6.3-a";

/* "type; value" (RFC 3464 2.1.2) in two; false: there is no type. */
static bool
split_typed(struct dsn_work *w, const char *field, const char **type,
    const char **value)
{
	const char *semicolon = strchr(field, ';');
	char *word;

	*type = NULL;
	*value = field;
	if (semicolon == NULL)
		return false;
	word = mime_uncomment(w->a, arena_strndup(w->a, field,
	    (size_t)(semicolon - field)));
	if (*word == '\0' || strpbrk(word, " \t<>@\"[]") != NULL)
		return false;
	*type = mime_lower(w->a, word);
	*value = semicolon + 1 + strspn(semicolon + 1, " \t");
	return true;
}

static void
put_utf8(struct sbuf *b, uint32_t c)
{
	if (c < 0x80) {
		sbuf_putc(b, (char)c);
		return;
	}
	if (c < 0x800)
		sbuf_putc(b, (char)(0xc0 | c >> 6));
	else {
		if (c < 0x10000)
			sbuf_putc(b, (char)(0xe0 | c >> 12));
		else {
			sbuf_putc(b, (char)(0xf0 | c >> 18));
			sbuf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		sbuf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	sbuf_putc(b, (char)(0x80 | (c & 0x3f)));
}

/* "\x{HEX}" (RFC 6533 3) at p: its code point and length, or length 0. */
static size_t
embedded_char(const char *p, uint32_t *c)
{
	size_t n;
	char *end;

	if (strncmp(p, "\\x{", 3) != 0)
		return 0;
	n = strspn(p + 3, "0123456789ABCDEFabcdef");
	if (n < 2 || n > 6 || p[3 + n] != '}')
		return 0;
	*c = (uint32_t)strtoul(p + 3, &end, 16);
	if (*c == 0 || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n + 4;
}

/* A utf-8 address in its ASCII form, as UTF-8. */
static const char *
decode_utf8_address(struct dsn_work *w, const char *value)
{
	struct sbuf b = { 0 };
	const char *out;
	uint32_t c;
	size_t n;

	for (; *value != '\0'; value += n) {
		n = 1;
		if (*value != '\\')
			sbuf_putc(&b, *value);
		else if ((n = embedded_char(value, &c)) > 0)
			put_utf8(&b, c);
		else {
			dsn_defect_add(w, RANK_MUST, "R-6533-4-a",
			    "a utf-8 address has \"%.12s\", no \\x{...}",
			    value);
			sbuf_putc(&b, *value);
			n = 1;
		}
	}
	out = arena_strndup(w->a, sbuf_str(&b), b.len);
	sbuf_fini(&b);
	return out;
}

/* An address field; `rank` and `clause` are what a bad one breaks. */
static const char *
read_address(struct dsn_work *w, const char *name, const char *field,
    enum dsn_rank rank, const char *clause)
{
	const char *type, *value;
	size_t n;

	if (!split_typed(w, field, &type, &value))
		dsn_defect_add(w, rank, clause,
		    "%s has no address type: \"%.100s\"", name, field);
	else if (strcmp(type, "utf-8") == 0) {
		w->dsn->international = true;
		value = decode_utf8_address(w, value);
	}
	n = strlen(value);
	if (n >= 2 && value[0] == '<' && value[n - 1] == '>') {
		dsn_defect_add(w, rank, clause,
		    "%s is in angle brackets: \"%.100s\"", name, value);
		value = arena_strndup(w->a, value + 1, n - 2);
	}
	if (*value != '\0')
		return value;
	dsn_defect_add(w, rank, clause, "%s has no address", name);
	return NULL;
}

/* A name of an MTA: "dns; host"; comments are not part of it. */
static const char *
read_mta(struct dsn_work *w, const char *name, const char *field,
    enum dsn_rank rank, const char *clause)
{
	const char *type, *value;

	if (!split_typed(w, field, &type, &value))
		dsn_defect_add(w, rank, clause,
		    "%s has no type: \"%.100s\"", name, field);
	value = mime_uncomment(w->a, value);
	if (*value != '\0')
		return value;
	dsn_defect_add(w, rank, clause, "%s has no name", name);
	return NULL;
}

/* RFC 5322 3.3 with a numeric zone, as RFC 3464 2.2.5 asks. */
static bool
is_date(struct dsn_work *w, const char *value)
{
	const char *text = mime_uncomment(w->a, value), *p;
	struct tm tm;

	memset(&tm, 0, sizeof tm);
	if ((p = strptime(text, "%a, ", &tm)) == NULL)
		p = text;
	p = strptime(p, "%d %b %Y %H:%M", &tm);
	if (p != NULL && *p == ':')
		p = strptime(p, ":%S", &tm);
	if (p == NULL)
		return false;
	p += strspn(p, " \t");
	return (*p == '+' || *p == '-') &&
	    strspn(p + 1, "0123456789") == 4 && p[5] == '\0';
}

static void
check_date(struct dsn_work *w, const struct mime_header *h, const char *name)
{
	const char *value = mime_header_get(h, name);

	if (value != NULL && !is_date(w, value))
		dsn_defect_add(w, RANK_MUST, dates,
		    "%s is no date with a numeric zone: \"%.100s\"", name,
		    value);
}

static void
check_once(struct dsn_work *w, const struct mime_header *h, const char *name,
    enum dsn_rank rank)
{
	if (mime_header_count(h, name) > 1)
		dsn_defect_add(w, rank, minimal,
		    "%s comes more than once in its group", name);
}

static void
read_message_group(struct dsn_work *w, const struct mime_header *h)
{
	struct dsn *d = w->dsn;
	const char *value;

	value = mime_header_get(h, "Reporting-MTA");
	if (value == NULL)
		dsn_defect_add(w, RANK_MINIMAL, minimal,
		    "Reporting-MTA is missing");
	else
		d->reporting_mta = read_mta(w, "Reporting-MTA", value,
		    RANK_MINIMAL, minimal);
	if ((value = mime_header_get(h, "Received-From-MTA")) != NULL)
		read_mta(w, "Received-From-MTA", value, RANK_MUST, minimal);
	if ((value = mime_header_get(h, "DSN-Gateway")) != NULL)
		read_mta(w, "DSN-Gateway", value, RANK_MUST, minimal);
	d->envelope_id = mime_header_get(h, "Original-Envelope-Id");
	d->arrival_date = mime_header_get(h, "Arrival-Date");
	d->message_id = dsn_angle(w->a,
	    mime_header_get(h, "X-Original-Message-ID"));
	check_date(w, h, "Arrival-Date");
	check_once(w, h, "Reporting-MTA", RANK_MINIMAL);
	check_once(w, h, "Original-Envelope-Id", RANK_MUST);
	check_once(w, h, "Arrival-Date", RANK_MUST);
}

size_t
dsn_status_length(const char *p, size_t len)
{
	size_t n, digits;

	if (len < 5 || strchr("245", *p) == NULL || *p == '\0' || p[1] != '.')
		return 0;
	for (n = 2, digits = 0; n < len && isdigit((unsigned char)p[n]); n++)
		digits++;
	if (digits < 1 || digits > 3 || (digits > 1 && p[2] == '0') ||
	    n >= len || p[n] != '.')
		return 0;
	len -= ++n;
	p += n;
	for (digits = 0; digits < len && isdigit((unsigned char)p[digits]);
	    digits++)
		;
	if (digits < 1 || digits > 3 || (digits > 1 && *p == '0'))
		return 0;
	return n + digits;
}

/* RFC 3464 2.3.4: the code, then nothing but a comment. */
static const char *
read_code(struct dsn_work *w, const char *who, const char *field)
{
	size_t n = dsn_status_length(field, strlen(field));

	if (n > 0 && *mime_uncomment(w->a, field + n) == '\0' &&
	    (field[n] == '\0' || field[n] == ' ' || field[n] == '\t' ||
	    field[n] == '('))
		return arena_strndup(w->a, field, n);
	dsn_defect_add(w, RANK_MINIMAL, minimal,
	    "Status of %s is no code: \"%.60s\"", who, field);
	n = strcspn(field, " \t(");
	return n > 0 ? arena_strndup(w->a, field, n) : NULL;
}

/* X(word, classes): RFC 3464 2.3.3; 4.x.x is right of what expired. */
#define ACTIONS(X)							\
	X("failed", "45") X("delayed", "4") X("delivered", "2")		\
	X("relayed", "2") X("expanded", "2")

static const char *
classes_of(const char *action)
{
#define X(word, classes)						\
	if (strcmp(action, word) == 0)					\
		return classes;
	ACTIONS(X)
#undef X
	return NULL;
}

static void
read_outcome(struct dsn_work *w, const struct mime_header *h,
    struct dsn_recipient *r, const char *who)
{
	const char *action = mime_header_get(h, "Action");
	const char *status = mime_header_get(h, "Status");
	const char *classes = NULL;

	if (action == NULL)
		dsn_defect_add(w, RANK_MINIMAL, minimal,
		    "Action of %s is missing", who);
	else {
		r->action = mime_lower(w->a, mime_uncomment(w->a, action));
		if ((classes = classes_of(r->action)) == NULL)
			dsn_defect_add(w, RANK_MINIMAL, minimal,
			    "Action of %s is unknown: \"%.60s\"", who,
			    action);
	}
	if (status == NULL) {
		dsn_defect_add(w, RANK_MINIMAL, minimal,
		    "Status of %s is missing", who);
		return;
	}
	r->status = read_code(w, who, status);
	if (classes != NULL && dsn_status_length(status, strlen(status)) > 0 &&
	    strchr(classes, *status) == NULL)
		dsn_defect_add(w, RANK_MINIMAL, "R-3464-2.3.4-a",
		    "Status %.20s of %s contradicts its Action %s", r->status,
		    who, r->action);
}

/* RFC 3461 6.3 (h), (i), 9.2; RFC 3464 2.3.5, 2.3.6. */
static void
read_remote(struct dsn_work *w, const struct mime_header *h,
    struct dsn_recipient *r, const char *who)
{
	const char *mta = mime_header_get(h, "Remote-MTA");
	const char *code = mime_header_get(h, "Diagnostic-Code");

	if (mta != NULL)
		r->remote_mta = read_mta(w, "Remote-MTA", mta, RANK_MUST,
		    relay);
	if (code == NULL)
		return;
	if (!split_typed(w, code, &r->diagnostic_type, &r->diagnostic)) {
		dsn_defect_add(w, RANK_MUST, relay,
		    "Diagnostic-Code of %s has no type", who);
		return;
	}
	if (strcmp(r->diagnostic_type, "smtp") != 0)
		return;
	if (strspn(r->diagnostic, "0123456789") != 3)
		dsn_defect_add(w, RANK_MUST, relay,
		    "Diagnostic-Code of %s is smtp but no reply: \"%.60s\"",
		    who, r->diagnostic);
	if (mta == NULL)
		dsn_defect_add(w, RANK_SHOULD, relay,
		    "%s has an SMTP reply but no Remote-MTA", who);
}

static void
read_recipient_dates(struct dsn_work *w, const struct mime_header *h,
    struct dsn_recipient *r, const char *who)
{
	r->will_retry_until = mime_header_get(h, "Will-Retry-Until");
	if (r->will_retry_until != NULL && r->action != NULL &&
	    strcmp(r->action, "delayed") != 0)
		dsn_defect_add(w, RANK_MUST, dates,
		    "Will-Retry-Until of %s, whose Action is %.20s", who,
		    r->action);
	check_date(w, h, "Will-Retry-Until");
	check_date(w, h, "Last-Attempt-Date");
}

static void
read_recipient_group(struct dsn_work *w, const struct mime_header *h)
{
	struct dsn *d = w->dsn;
	struct dsn_recipient r = { 0 };
	const char *final = mime_header_get(h, "Final-Recipient"), *who;
	const char *original = mime_header_get(h, "Original-Recipient");

	if (original != NULL)
		r.original = read_address(w, "Original-Recipient", original,
		    RANK_MUST, "R-3461-6.3-b");
	if (final != NULL)
		r.address = read_address(w, "Final-Recipient", final,
		    RANK_MINIMAL, minimal);
	else {
		/* The best that is known. */
		r.address = r.original;
		dsn_defect_add(w, RANK_MINIMAL, minimal,
		    "Final-Recipient of recipient %zu is missing",
		    d->recipient_count + 1);
	}
	who = r.address != NULL ? arena_printf(w->a, "<%.200s>", r.address) :
	    arena_printf(w->a, "recipient %zu", d->recipient_count + 1);
	read_outcome(w, h, &r, who);
	read_remote(w, h, &r, who);
	read_recipient_dates(w, h, &r, who);
	check_once(w, h, "Final-Recipient", RANK_MINIMAL);
	check_once(w, h, "Action", RANK_MINIMAL);
	check_once(w, h, "Status", RANK_MINIMAL);
	check_once(w, h, "Original-Recipient", RANK_MUST);
	check_once(w, h, "Remote-MTA", RANK_MUST);
	check_once(w, h, "Diagnostic-Code", RANK_MUST);
	check_once(w, h, "Will-Retry-Until", RANK_MUST);
	*(struct dsn_recipient *)arena_push(w->a, &d->recipients,
	    &d->recipient_count, sizeof r) = r;
}

static bool
is_recipient_group(const struct mime_header *h)
{
	return mime_header_get(h, "Final-Recipient") != NULL ||
	    mime_header_get(h, "Action") != NULL;
}

static void
read_first_group(struct dsn_work *w, const struct mime_header *h)
{
	bool message = mime_header_get(h, "Reporting-MTA") != NULL;

	read_message_group(w, h);
	if (!is_recipient_group(h))
		return;
	if (message)
		dsn_defect_add(w, RANK_MINIMAL, minimal, "no empty line "
		    "between the message's fields and the recipient's");
	read_recipient_group(w, h);
}

static int
compare_addresses(const void *x, const void *y)
{
	const struct dsn_recipient *const *a = x, *const *b = y;

	return strcmp((*a)->address, (*b)->address);
}

/* RFC 3464 3: a recipient fails once. */
static void
check_repeats(struct dsn_work *w)
{
	struct dsn *d = w->dsn;
	const struct dsn_recipient **failed;
	size_t n = 0;

	failed = arena_array(w->a, d->recipient_count, sizeof *failed);
	for (size_t i = 0; i < d->recipient_count; i++)
		if (d->recipients[i].address != NULL &&
		    d->recipients[i].action != NULL &&
		    strcmp(d->recipients[i].action, "failed") == 0)
			failed[n++] = &d->recipients[i];
	if (n > 1)
		qsort(failed, n, sizeof *failed, compare_addresses);
	for (size_t i = 1; i < n; i++)
		if (compare_addresses(&failed[i - 1], &failed[i]) == 0)
			dsn_defect_add(w, RANK_SHOULD, "R-3464-3-b",
			    "<%.200s> is said to have failed more than once",
			    failed[i]->address);
}

void
dsn_status_read(struct dsn_work *w, struct mime_text text)
{
	struct mime_header h;
	bool first = true, gap = false;

	while (text.len > 0) {
		mime_header_read(w->a, &h, &text);
		if (h.count == 0 && h.bad_lines == 0) {
			gap = true;
			continue;
		}
		if (gap)
			dsn_defect_add(w, RANK_SHOULD, minimal,
			    "more than one empty line between groups of "
			    "fields");
		gap = false;
		if (h.bad_lines > 0)
			dsn_defect_add(w, RANK_MINIMAL, minimal,
			    "a line of delivery-status is no field");
		if (first)
			read_first_group(w, &h);
		else
			read_recipient_group(w, &h);
		first = false;
	}
	if (first)
		dsn_defect_add(w, RANK_MINIMAL, minimal,
		    "message/delivery-status is empty");
	check_repeats(w);
}

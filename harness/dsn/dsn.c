#include "harness/dsn/dsn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/dsn/internal.h"

void
dsn_defect_add(struct dsn_work *w, enum dsn_rank rank, const char *clause,
    const char *fmt, ...)
{
	struct dsn_defect *d;
	char text[512];
	va_list ap;

	if (w->ranks[rank].count == DSN_MAX_DEFECTS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	d = arena_push(w->a, &w->ranks[rank].items, &w->ranks[rank].count,
	    sizeof *d);
	d->clause = clause;
	d->level = rank == RANK_FORM || rank == RANK_SHOULD ? DSN_SHOULD :
	    DSN_MUST;
	d->text = arena_strdup(w->a, text);
}

static bool
is_one_of(const char *type, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(type, *names) == 0)
			return true;
	return false;
}

static bool
is_status(const struct mime_entity *e)
{
	static const char *const names[] = { "message/delivery-status",
		"message/global-delivery-status", NULL };

	return is_one_of(e->type, names);
}

static bool
is_header_only(const struct mime_entity *e)
{
	static const char *const names[] = { "text/rfc822-headers",
		"message/rfc822-headers", "message/global-headers", NULL };

	return is_one_of(e->type, names);
}

static bool
is_returned(const struct mime_entity *e)
{
	static const char *const names[] = { "message/rfc822",
		"message/global", NULL };

	return is_one_of(e->type, names) || is_header_only(e);
}

/*
 * Finds the parts, in order; never inside a returned message.  The depth is
 * bounded by the reader.
 */
static void
find_parts(struct dsn_work *w, const struct mime_entity *e)
{
	const struct mime_entity **text;

	if (strcmp(e->type, "multipart/report") == 0 && w->report == NULL)
		w->report = e;
	if (is_status(e)) {
		w->status_count++;
		if (w->status == NULL)
			w->status = e;
	} else if (is_returned(e)) {
		if (w->returned == NULL)
			w->returned = e;
	} else if (strcmp(e->type, "text/plain") == 0) {
		text = arena_push(w->a, &w->texts, &w->text_count,
		    sizeof *text);
		*text = e;
	}
	for (size_t i = 0; i < e->part_count; i++)
		find_parts(w, &e->parts[i]);
}

const char *
dsn_angle(struct arena *a, const char *value)
{
	const char *open = value != NULL ? strchr(value, '<') : NULL;
	const char *close = open != NULL ? strchr(open, '>') : NULL;

	return close == NULL ? NULL :
	    arena_strndup(a, open, (size_t)(close + 1 - open));
}

const char *
dsn_token_in(struct arena *a, struct mime_text text)
{
	struct mime_text line;
	size_t n;

	while (mime_line(&text, &line)) {
		while (line.len > 0 && strchr("> \t", *line.p) != NULL &&
		    *line.p != '\0') {
			line.p++;
			line.len--;
		}
		if (!mime_starts(line, DSN_TOKEN_FIELD ":"))
			continue;
		line.p += sizeof DSN_TOKEN_FIELD;
		line.len -= sizeof DSN_TOKEN_FIELD;
		for (; line.len > 0 && (*line.p == ' ' || *line.p == '\t');
		    line.p++)
			line.len--;
		for (n = 0; n < line.len && line.p[n] > 32 &&
		    line.p[n] < 127; n++)
			;
		if (n > 0)
			return arena_strndup(a, line.p, n);
	}
	return NULL;
}

/* The header of the returned message, and whether more of it is there. */
static void
read_returned(struct dsn_work *w)
{
	struct mime_text text, line, rest;

	if (w->returned == NULL)
		return;
	if (!mime_decode(w->a, w->returned, &text))
		dsn_defect_add(w, RANK_MUST, "R-6522-3-a",
		    "the returned message's transfer encoding is broken");
	rest = text;
	if (mime_line(&rest, &line) && mime_starts(line, "From "))
		text = rest;
	mime_header_read(w->a, &w->original, &text);
	w->dsn->has_original = w->original.count > 0;
	while (mime_line(&text, &line))
		if (line.len > 0)
			w->dsn->has_original_body = true;
	if (is_header_only(w->returned) && w->dsn->has_original_body)
		dsn_defect_add(w, RANK_SHOULD, "R-6522-3-b",
		    "%s holds more than a header (RFC 6522 4)",
		    w->returned->type);
}

/* The body of a part in a transfer encoding may hide it from plain sight. */
static const char *
token_in_encoded(struct dsn_work *w, const struct mime_entity *e)
{
	const char *token = NULL;
	struct mime_text text;

	if (e->part_count == 0 && e->encoding != NULL) {
		mime_decode(w->a, e, &text);
		if (text.p != e->body.p)
			token = dsn_token_in(w->a, text);
	}
	for (size_t i = 0; token == NULL && i < e->part_count; i++)
		token = token_in_encoded(w, &e->parts[i]);
	return token;
}

static void
identify(struct dsn_work *w)
{
	struct dsn *d = w->dsn;
	struct mime_text field;
	const char *value;

	value = mime_header_get(&w->original, DSN_TOKEN_FIELD);
	if (value != NULL) {
		value = arena_printf(w->a, DSN_TOKEN_FIELD ": %s", value);
		field = (struct mime_text){ value, strlen(value) };
		d->token = dsn_token_in(w->a, field);
	}
	if (d->token == NULL)
		d->token = dsn_token_in(w->a, w->top.body);
	if (d->token == NULL)
		d->token = token_in_encoded(w, &w->top);
	value = dsn_angle(w->a, mime_header_get(&w->original, "Message-ID"));
	if (value != NULL)
		d->message_id = value;
	/* Gmail's field, read with the status; Exim's and others' header. */
	if (d->message_id == NULL)
		d->message_id = dsn_angle(w->a,
		    mime_header_get(&w->top.header, "In-Reply-To"));
	if (d->message_id == NULL)
		d->message_id = dsn_angle(w->a,
		    mime_header_get(&w->top.header, "References"));
}

/* RFC 3464 2: what the outermost type says. */
static void
check_type(struct dsn_work *w)
{
	const char *clause = "R-3464-3-a", *type = w->top.type;

	if (w->report == NULL) {
		dsn_defect_add(w, RANK_FORM, "R-5321-3.6.3-c",
		    "the report is %.80s, not multipart/report", type);
		return;
	}
	if (w->report != &w->top)
		dsn_defect_add(w, RANK_MINIMAL, clause,
		    "multipart/report is inside %.80s, not outermost", type);
	if (w->report->report_type == NULL)
		dsn_defect_add(w, RANK_MINIMAL, clause,
		    "multipart/report has no report-type");
	else if (strcmp(w->report->report_type, "delivery-status") != 0)
		dsn_defect_add(w, RANK_MINIMAL, clause,
		    "report-type is \"%.80s\", not delivery-status",
		    w->report->report_type);
	if (w->status == NULL)
		dsn_defect_add(w, RANK_MINIMAL, clause,
		    "there is no message/delivery-status part");
	else if (w->status_count > 1)
		dsn_defect_add(w, RANK_MUST, "R-6522-3-a",
		    "there are %zu delivery-status parts", w->status_count);
}

/* RFC 6522 3: text for people, the status, optionally the message. */
static void
check_order(struct dsn_work *w)
{
	const struct mime_entity *r = w->report;
	const char *clause = "R-6522-3-a";

	if (r == NULL || r->boundary == NULL)
		return;
	if (r->part_count < 2 || r->part_count > 3)
		dsn_defect_add(w, RANK_MUST, clause,
		    "multipart/report has %zu part%s, not two or three",
		    r->part_count, r->part_count == 1 ? "" : "s");
	if (r->part_count >= 1 && (is_returned(&r->parts[0]) ||
	    (strncmp(r->parts[0].type, "text/", 5) != 0 &&
	    strncmp(r->parts[0].type, "multipart/", 10) != 0)))
		dsn_defect_add(w, RANK_MUST, clause,
		    "the first part is %.80s, not text for people",
		    r->parts[0].type);
	if (r->part_count >= 2 && !is_status(&r->parts[1]))
		dsn_defect_add(w, RANK_MUST, clause,
		    "the second part is %.80s, not message/delivery-status",
		    r->parts[1].type);
	if (r->part_count >= 3 && !is_returned(&r->parts[2]))
		dsn_defect_add(w, RANK_MUST, clause,
		    "the third part is %.80s, not the returned message or "
		    "its header", r->parts[2].type);
}

static void
check_multipart(struct dsn_work *w, const struct mime_entity *e)
{
	const char *clause = "R-6522-3-a";

	if (e->boundary == NULL || *e->boundary == '\0')
		dsn_defect_add(w, RANK_MUST, clause, "%.80s has no boundary",
		    e->type);
	else if (strlen(e->boundary) > 70)
		dsn_defect_add(w, RANK_MUST, clause,
		    "the boundary is longer than 70 characters");
	else if (!e->closed && !e->cut)
		dsn_defect_add(w, RANK_MUST, clause,
		    "%.80s has no closing delimiter", e->type);
	if (e->reopened)
		dsn_defect_add(w, RANK_MUST, clause,
		    "the boundary comes again after the closing delimiter");
	if (e->cut)
		dsn_defect_add(w, RANK_MUST, clause,
		    "%.80s has too many parts, or lies too deep", e->type);
	/* RFC 2045 6.4: what holds parts is never encoded. */
	if (e->encoding != NULL && (strcmp(e->encoding, "base64") == 0 ||
	    strcmp(e->encoding, "quoted-printable") == 0))
		dsn_defect_add(w, RANK_MUST, clause,
		    "%.80s is in a transfer encoding", e->type);
}

/* Well-formed MIME, in the frame and every part of it. */
static void
check_mime(struct dsn_work *w, const struct mime_entity *e)
{
	const char *clause = "R-6522-3-a";
	struct mime_text text;

	if (e->bad_type)
		dsn_defect_add(w, RANK_MUST, clause,
		    "a Content-Type breaks its syntax (RFC 2045 5.1)");
	if (e->header.bad_lines > 0)
		dsn_defect_add(w, RANK_MUST, clause,
		    "a line in the header of %.80s is no field", e->type);
	if (e->header.eight_bit && !w->dsn->international)
		dsn_defect_add(w, RANK_MUST, clause,
		    "the header of %.80s is not 7-bit", e->type);
	if (strncmp(e->type, "multipart/", 10) == 0)
		check_multipart(w, e);
	else if (!is_returned(e) && !mime_decode(w->a, e, &text))
		dsn_defect_add(w, RANK_MUST, clause,
		    "the transfer encoding of %.80s is broken", e->type);
	for (size_t i = 0; i < e->part_count; i++)
		check_mime(w, &e->parts[i]);
}

static void
check_header(struct dsn_work *w)
{
	const struct dsn *d = w->dsn;

	/* Plain text without any of MIME is no less a message. */
	if (mime_header_get(&w->top.header, "MIME-Version") == NULL &&
	    mime_header_get(&w->top.header, "Content-Type") != NULL)
		dsn_defect_add(w, RANK_MUST, "R-6522-3-a",
		    "there is no MIME-Version (RFC 2045 4)");
	if (d->from == NULL || strchr(d->from, '@') == NULL)
		dsn_defect_add(w, RANK_SHOULD, "R-3464-2-a",
		    "From names no address of a person in charge");
	if (d->to == NULL || strchr(d->to, '@') == NULL)
		dsn_defect_add(w, RANK_SHOULD, "R-3464-2-a",
		    "To does not name the sender of the message");
	/* The catalogue makes this MUST NOT of RFC 3834 5 a warning. */
	if (d->auto_submitted != NULL && strncasecmp(d->auto_submitted,
	    "auto-generated", 14) == 0)
		dsn_defect_add(w, RANK_SHOULD, "R-3834-5-a",
		    "Auto-Submitted says auto-generated");
	if (!d->has_original)
		dsn_defect_add(w, RANK_SHOULD, "R-6522-3-b",
		    "nothing of the message came back");
	else if (mime_header_get(&w->original, "Message-ID") == NULL)
		dsn_defect_add(w, RANK_SHOULD, "R-6522-3-b",
		    "what came back of the message has no Message-ID");
}

static void
read_status(struct dsn_work *w)
{
	const struct mime_entity *s = w->status;
	struct mime_text text;

	if (s == NULL)
		return;
	w->dsn->international = strncmp(s->type, "message/global", 14) == 0;
	mime_decode(w->a, s, &text);
	/* RFC 3464 2.1: "7bit" MUST be used; RFC 6533 4 lifts it. */
	if (text.p != s->body.p && !w->dsn->international)
		dsn_defect_add(w, RANK_MUST, "R-6522-3-a",
		    "message/delivery-status is in a transfer encoding");
	if (mime_is_eight_bit(text) && !w->dsn->international)
		dsn_defect_add(w, RANK_MUST, "R-6533-4-a",
		    "message/delivery-status holds octets above 127");
	dsn_status_read(w, text);
}

static void
gather_defects(struct dsn_work *w)
{
	struct dsn *d = w->dsn;
	size_t n = 0;

	for (int r = 0; r < RANK_COUNT; r++)
		n += w->ranks[r].count;
	d->defects = arena_array(w->a, n, sizeof *d->defects);
	for (int r = 0; r < RANK_COUNT; r++)
		for (size_t i = 0; i < w->ranks[r].count; i++)
			d->defects[d->defect_count++] = w->ranks[r].items[i];
	d->must_count = w->ranks[RANK_MINIMAL].count +
	    w->ranks[RANK_MUST].count;
	d->minimal = w->ranks[RANK_FORM].count == 0 &&
	    w->ranks[RANK_MINIMAL].count == 0;
}

/* Reports on other things (RFC 8098, RFC 5965) come in the same frame. */
static bool
is_other_report(const struct dsn_work *w)
{
	return w->report != NULL && w->status == NULL &&
	    w->report->report_type != NULL &&
	    strcmp(w->report->report_type, "delivery-status") != 0;
}

static void
read_report(struct dsn_work *w)
{
	struct dsn *d = w->dsn;

	read_returned(w);
	d->is_report = w->status != NULL || w->report != NULL;
	read_status(w);
	if (w->status != NULL && d->recipient_count == 0)
		dsn_defect_add(w, RANK_MINIMAL, "R-3464-3-a",
		    "no recipient is named");
	if (d->recipient_count == 0 && dsn_prose_read(w, d->is_report))
		d->is_report = true;
	if (!d->is_report) {
		d->has_original = d->has_original_body = false;
		return;
	}
	check_type(w);
	check_order(w);
	check_mime(w, &w->top);
	check_header(w);
	identify(w);
	gather_defects(w);
}

void
dsn_parse(struct dsn *d, const char *content, size_t len)
{
	struct dsn_work w = { .dsn = d };
	const struct mime_header *h = &w.top.header;

	memset(d, 0, sizeof *d);
	d->arena = w.a = arena_new();
	mime_entity_read(w.a, &w.top, (struct mime_text){ content, len });
	d->type = w.top.type;
	d->from = mime_header_get(h, "From");
	d->to = mime_header_get(h, "To");
	d->subject = mime_header_get(h, "Subject");
	d->auto_submitted = mime_header_get(h, "Auto-Submitted");
	find_parts(&w, &w.top);
	if (!is_other_report(&w))
		read_report(&w);
}

void
dsn_fini(struct dsn *d)
{
	arena_free(d->arena);
	memset(d, 0, sizeof *d);
}

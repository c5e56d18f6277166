/* Content by DATA and BDAT. */
#include "fake_smtp/session_impl.h"

#include <string.h>

#define NO_MARK		SIZE_MAX
#define PARTIAL_MAX	4096	/* a longer unfinished line is taken as it is */
#define TEXT_LINE_OCTETS 1000	/* RFC 5321 4.5.3.1.6 */

/* The least BODY threshold not below `least`. */
static size_t
next_mark(const struct fsmtp_session *s, size_t least)
{
	size_t mark = NO_MARK;

	if ((s->stages_ruled & 1u << FSMTP_BODY) == 0)
		return NO_MARK;
	for (size_t i = 0; i < s->c.host->rule_count; i++) {
		const struct fsmtp_rule *r = &s->c.host->rules[i];

		if (r->stage == FSMTP_BODY && r->octets >= least &&
		    r->octets < mark)
			mark = r->octets;
	}
	return mark;
}

/* True: a rule said something in the midst of the content. */
static bool
body_stage(struct fsmtp_session *s, size_t octets)
{
	struct fsmtp_rule *r;

	while (octets >= s->body_mark && s->body_mark != NO_MARK) {
		s->reached[FSMTP_BODY]++;
		r = session_rule(s, FSMTP_BODY, NULL, false);
		s->body_mark = next_mark(s, s->body_mark + 1);
		if (r != NULL) {
			session_apply(s, FSMTP_BODY, r,
			    "421 4.3.2 shutting down");
			s->odd = true;
			return true;
		}
	}
	return false;
}

static void
content_start(struct fsmtp_session *s)
{
	sbuf_clear(&s->content);
	s->content_octets = s->content_len = s->line_octets = 0;
	s->mid_line = false;
	s->told_8bit = s->told_bare = s->told_long = s->too_big = false;
	s->body_mark = next_mark(s, 0);
}

void
session_content_begin(struct fsmtp_session *s)
{
	s->state = STATE_CONTENT;
	s->content_fresh = true;
	content_start(s);
}

void
session_chunk_begin(struct fsmtp_session *s, unsigned long long size,
    bool last, bool discard)
{
	if (!s->bdat_used)
		content_start(s);
	s->bdat_used = true;
	s->state = STATE_CHUNK;
	s->chunk_left = s->chunk_size = size;
	s->chunk_last = last;
	s->chunk_discard = discard;
}

static void
add_content(struct fsmtp_session *s, const char *p, size_t len)
{
	unsigned char all = 0;

	s->content_len += len;
	if (s->size_limit != 0 && s->content_len > s->size_limit) {
		s->too_big = true;
		return;
	}
	if (s->c.on_message != NULL)
		sbuf_add(&s->content, p, len);
	if (s->told_8bit || session_offers(s, EXT(8BITMIME)))
		return;
	for (size_t i = 0; i < len; i++)
		all |= (unsigned char)p[i];
	if (all >= 128) {
		s->told_8bit = true;
		session_violation(s, "R-6152-3-a",
		    "8-bit content, 8BITMIME not offered");
	}
}

static void
tell_bare(struct fsmtp_session *s, const char *text)
{
	if (!s->told_bare)
		session_violation(s, "R-5321-2.3.8-a", text);
	s->told_bare = true;
}

/*
 * One line, or a part of one too long to wait for.  Only CRLF ends a line
 * and only CRLF.CRLF the content: nothing is smuggled past us.
 */
static void
content_line(struct fsmtp_session *s, const char *p, size_t len, bool whole)
{
	bool crlf = whole && len >= 2 && p[len - 2] == '\r';
	size_t body = crlf ? len - 2 : whole ? len - 1 : len;

	if (whole && !crlf)
		tell_bare(s, "bare LF in the content");
	if (memchr(p, '\r', body) != NULL)
		tell_bare(s, "bare CR in the content");
	s->content_octets += len;
	s->line_octets += len;
	/* RFC 5321 4.5.2: one leading dot is transparency's. */
	if (!s->mid_line && p[0] == '.') {
		p++;
		len--;
		s->line_octets--;
	}
	if (s->line_octets > TEXT_LINE_OCTETS && !s->told_long) {
		s->told_long = true;
		session_violation(s, "R-5321-4.5.3.1.6-a",
		    "text line over 1000 octets");
	}
	add_content(s, p, len);
	s->mid_line = !crlf;
	if (whole)
		s->line_octets = 0;
}

bool
session_content(struct fsmtp_session *s)
{
	const char *p, *lf;
	size_t avail, len;

	if (s->content_fresh && s->ahead && !session_is_farewell(s))
		session_violation(s, "R-2920-3.1-a",
		    "content sent before the 354");
	s->content_fresh = s->ahead = false;
	for (;;) {
		avail = s->in.len - s->in_pos;
		p = avail ? s->in.data + s->in_pos : "";
		lf = avail ? memchr(p, '\n', avail) : NULL;
		len = lf ? (size_t)(lf - p) + 1 : avail;
		if (lf != NULL && !s->mid_line && len == 3 &&
		    p[0] == '.' && p[1] == '\r') {
			s->in_pos += len;
			session_end_of_data(s, FSMTP_EOD);
			return true;
		}
		if (s->body_mark != NO_MARK && (s->body_mark == 0 ||
		    lf != NULL || len > 2) &&
		    body_stage(s, s->content_octets + len))
			return true;
		if (lf == NULL && len <= PARTIAL_MAX)
			return false;
		/* A CR at the end may be half a CRLF. */
		if (lf == NULL && p[len - 1] == '\r')
			len--;
		content_line(s, p, len, lf != NULL);
		s->in_pos += len;
	}
}

static void
chunk_end(struct fsmtp_session *s)
{
	char text[64];
	struct fsmtp_rule *r;
	bool ruled;
	int code;

	s->state = STATE_COMMAND;
	s->group_ended = false;
	if (s->in.len > s->in_pos)
		s->ahead = true;
	if (s->chunk_discard) {
		session_answer(s, FSMTP_BDAT, NULL, s->txn != NULL &&
		    !s->bdat_failed ? "554 5.5.1 no valid recipients" :
		    "503 5.5.1 no transaction for this chunk", &r);
		return;
	}
	if (s->chunk_last) {
		/* The last chunk is both: a rule for BDAT goes first. */
		s->reached[FSMTP_BDAT]++;
		ruled = s->early[FSMTP_BDAT] != NULL ||
		    session_rule(s, FSMTP_BDAT, NULL, false) != NULL;
		s->reached[FSMTP_BDAT]--;
		session_end_of_data(s, ruled ? FSMTP_BDAT : FSMTP_EOD);
		return;
	}
	snprintf(text, sizeof text, s->too_big ? "552 5.3.4 message too big" :
	    "250 2.0.0 %llu octets received", s->chunk_size);
	code = session_answer(s, FSMTP_BDAT, NULL, text, &r);
	s->bdat_failed = code / 100 != 2;
}

bool
session_chunk(struct fsmtp_session *s)
{
	size_t n = s->in.len - s->in_pos;

	if (n > s->chunk_left)
		n = (size_t)s->chunk_left;
	if (!s->chunk_discard) {
		if (body_stage(s, s->content_octets + n))
			return true;
		if (n > 0)
			add_content(s, s->in.data + s->in_pos, n);
		s->content_octets += n;
	}
	s->in_pos += n;
	s->chunk_left -= n;
	if (s->chunk_left > 0)
		return false;
	chunk_end(s);
	return true;
}

/*
 * What was submitted, made again when it is asked for, and what of it a host
 * got.
 */
#include <string.h>

#include "harness/run/received.h"
#include "harness/run/stage_impl.h"

void
stage_put_wire_key(const struct stage *st, struct sbuf *b, const char *key)
{
	sbuf_puts(b, key);
	if (st->tag[0] != '\0')
		sbuf_printf(b, "-%s", st->tag);
}

void
stage_compose(const struct stage *st, const struct stage_message *m,
    struct sbuf *content)
{
	struct message wire = *m->message;
	struct sbuf key = { 0 };

	stage_put_wire_key(st, &key, m->message->key);
	wire.key = sbuf_str(&key);
	compose_message(content, &wire, m->dated_s);
	sbuf_fini(&key);
}

/* RFC 6152 section 3 has it converted for a host without 8BITMIME. */
static void
remark(struct last_mail *last, const struct content_difference *d,
    bool offered)
{
	snprintf(last->text, sizeof last->text, "converted to %s, %s",
	    d->encoding, offered ? "though the host offers 8BITMIME" :
	    "the host does not offer 8BITMIME");
}

static void
compare(struct last_mail *last, const struct sbuf *sent,
    const struct fsmtp_message *mail)
{
	struct content_difference d;

	last->ok = content_compare(sbuf_str(sent), sent->len, mail->content,
	    mail->len, &d);
	if (!last->ok)
		snprintf(last->text, sizeof last->text, "%s", d.text);
	else if (d.encoding != NULL)
		remark(last, &d, mail->offers_8bit);
}

/*
 * RFC 5321 section 4.4 is about mail that came by SMTP.  A host that did not
 * keep the message may have cut its content short.
 */
static void
look_at_trace(struct stage *st, const struct sbuf *sent,
    const struct fsmtp_message *mail)
{
	struct event ev = { .kind = EV_SMTP_VIOLATION };

	if (st->spec->info->injects || !mail->stored)
		return;
	ev.text = received_fault(sbuf_str(sent), sent->len, mail->content,
	    mail->len);
	if (ev.text == NULL)
		return;
	ev.host = mail->host;
	ev.conn = (int64_t)mail->conn;
	ev.name = RECEIVED_CLAUSE;
	event_emit(st->sink, &ev);
}

/* One of ours that has lost its token on the way. */
static const struct stage_message *
by_sender(struct stage *st, const struct fsmtp_message *mail)
{
	const char *key = *mail->from == '\0' ? NULL :
	    stage_key_of(st, mail->from, NULL);

	return key != NULL ? stage_find(st, key) : NULL;
}

void
stage_note_last(struct stage *st, const struct fsmtp_message *mail,
    const struct stage_message *m)
{
	struct last_mail *last = stage_last_mail(st, mail->conn);
	char digest[DIGEST_LEN];
	struct sbuf sent = { 0 };

	memset(last, 0, sizeof *last);
	last->conn = mail->conn;
	if (m == NULL)
		m = by_sender(st, mail);
	if (m == NULL)
		return;
	last->key = m->message->key;
	compose_digest(mail->content, mail->len, digest);
	last->ok = strcmp(digest, m->digest) == 0;
	/* As a rule there is nothing to look at: no Received field of ours. */
	if (!last->ok || m->message->header != NULL)
		stage_compose(st, m, &sent);
	if (!last->ok)
		compare(last, &sent, mail);
	look_at_trace(st, &sent, mail);
	sbuf_fini(&sent);
}

/*
 * Messages: what the harness submits and what arrives at the fake hosts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/dsn/dsn.h"
#include "harness/run/stage_impl.h"
#include "harness/scenario/control.h"

/* The MTA may take its time to start, but not for ever. */
#define GREETING_PATIENCE_US	(600 * USEC_PER_SEC)

struct stage_message *
stage_find(struct stage *st, const char *key)
{
	struct stage_message *m;

	HASH_FIND_STR(st->by_key, key, m);
	return m;
}

/*
 * What another run has left in the MTA's queue comes as contacts and replies
 * that this one's rules count: nothing can be said then.
 */
static void
meet_foreign(struct stage *st, const char *key)
{
	if (st->phases)
		stage_fail(st, "mail of another run (%s) is still in the "
		    "MTA's queue: empty it and run again", key);
}

struct stage_message *
stage_find_wire(struct stage *st, const char *key)
{
	size_t len = strlen(key), tag = strlen(st->tag);
	struct stage_message *m = NULL;
	char own[64];

	if (tag == 0)
		return stage_find(st, key);
	if (len > tag + 1 && len - tag - 1 < sizeof own &&
	    key[len - tag - 1] == '-' &&
	    strcasecmp(key + len - tag, st->tag) == 0) {
		snprintf(own, sizeof own, "%.*s", (int)(len - tag - 1), key);
		m = stage_find(st, own);
	}
	if (m == NULL)
		meet_foreign(st, key);
	return m;
}

struct stage_message *
stage_control(struct stage *st)
{
	struct stage_message *m = stage_find(st, CONTROL_KEY);

	assert(m != NULL);
	return m;
}

/* The address, or with a suffix that some MTA put after it. */
static bool
begins_with(const char *rcpt, const char *address)
{
	size_t n = strlen(address);

	return strncasecmp(rcpt, address, n) == 0 &&
	    (rcpt[n] == '\0' || rcpt[n] == '.');
}

static bool
goes_to(const struct message *m, const char *rcpt)
{
	for (size_t i = 0; i < m->to_count; i++)
		if (begins_with(rcpt, m->to[i]))
			return true;
	return false;
}

/*
 * The key of the message with this envelope: from the tag of the sender or,
 * for the null sender, from the recipient (lint keeps those unique).
 */
const char *
stage_key_of(struct stage *st, const char *from, const char *rcpt)
{
	const struct message *m;
	struct stage_message *found;
	char key[64];

	if (from != NULL && *from != '\0') {
		if (!compose_untag(from, key, sizeof key))
			return NULL;
		found = stage_find_wire(st, key);
		return found != NULL ? found->message->key : NULL;
	}
	for (size_t i = 0; rcpt != NULL && i < st->message_count; i++) {
		m = st->messages[i].message;
		if (*m->from == '\0' && goes_to(m, rcpt))
			return m->key;
	}
	return NULL;
}

static void submit_next(struct stage *);

static bool
just_killed(struct stage *st)
{
	return st->killed && lab_now(st->lab) == st->killed_us;
}

static void
emit_broken_off(struct stage *st, const struct stage_message *m,
    const char *stage, const char *why)
{
	struct event ev = {
		.kind = EV_INJECT, .msg = m->message->key, .stage = stage,
		.text = why,
	};

	event_emit(st->sink, &ev);
}

/* Our own kill broke it off: a client tries again. */
static void
submit_again(struct stage *st, struct stage_message *m, const char *stage)
{
	emit_broken_off(st, m, stage, "the MTA was killed");
	m->next = st->to_submit;
	st->to_submit = m;
}

static void
submitted(void *ctx, struct submission *sub, int eod_code, const char *error)
{
	struct stage *st = stage_of(ctx);
	struct stage_message *m = st->submitting;

	(void)eod_code;
	assert(m->submission == sub);
	if (error != NULL && just_killed(st))
		submit_again(st, m, "connect");
	else if (error != NULL) {
		emit_broken_off(st, m, "connect", error);
		stage_fail(st, "message %s could not be submitted: %s",
		    m->message->key, error);
	}
	st->look = true;
	submit_next(st);
}

/* --- by command --- */

/* The MTA's own program took the message, or did not, says its exit. */
static void
emit_exit(struct stage *st, const struct stage_message *m,
    const struct adapter_result *res)
{
	struct event ev = { .kind = EV_INJECT };
	char text[300];

	snprintf(text, sizeof text, "exit %d of the inject command%s%.*s",
	    res->exit_code, *res->notes != '\0' ? ": " : "",
	    (int)strcspn(res->notes, "\n"), res->notes);
	ev.msg = m->message->key;
	ev.from = m->message->from;
	ev.stage = "exit";
	ev.code = res->status == ADAPTER_DONE ? 250 :
	    res->status == ADAPTER_TEMPORARY ? 451 : 554;
	ev.text = text;
	event_emit(st->sink, &ev);
}

static void
inject_next(void *ctx)
{
	struct stage *st = stage_of(ctx);

	if (!st->over && st->error == NULL)
		submit_next(st);
}

static void
injected(void *ctx, const struct adapter_result *res)
{
	struct stage *st = stage_of(ctx);
	struct stage_message *m = st->submitting;

	if (st->over || m == NULL)
		return;
	if (res->exit_code < 0 && just_killed(st))
		submit_again(st, m, "exit");
	else if (res->status == ADAPTER_UNSUPPORTED)
		stage_fail(st, "the adapter says submit=inject and has no "
		    "verb inject");
	else
		emit_exit(st, m, res);
	st->look = true;
	/* Not from here: perhaps all processes are just being killed. */
	timers_in(lab_timers(st->lab), 0, inject_next, st);
}

/* The content with Unix line ends in a file without a name; -1 with errno. */
static int
content_file(const struct sbuf *content)
{
	struct sbuf b = { 0 };
	int fd = memfd_create("message", MFD_CLOEXEC);

	for (size_t i = 0; i < content->len; i++)
		if (content->data[i] != '\r')
			sbuf_putc(&b, content->data[i]);
	if (fd >= 0 && (write(fd, b.data, b.len) != (ssize_t)b.len ||
	    lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	sbuf_fini(&b);
	return fd;
}

static void
inject(struct stage *st, struct stage_message *m, const struct sbuf *content)
{
	const struct message *msg = m->message;
	struct sbuf from = { 0 };
	int fd = content_file(content);

	compose_tag(&from, msg->from, msg->key);
	if (fd < 0 || !adapter_inject(st->adapter, sbuf_str(&from), msg->to,
	    msg->to_count, fd, injected, st))
		stage_fail(st, "message %s could not be injected: %s",
		    msg->key, strerror(errno));
	if (fd >= 0)
		close(fd);
	sbuf_fini(&from);
}

/*
 * One at a time, in order: the same run every time, and an MTA that is
 * killed after the n-th acceptance has no other message half taken.
 */
void
stage_submit(struct stage *st, struct stage_message *m)
{
	struct stage_message **end = &st->to_submit;

	while (*end != NULL)
		end = &(*end)->next;
	m->next = NULL;
	*end = m;
	if (st->submitting == NULL)
		submit_next(st);
}

static void
submit_next(struct stage *st)
{
	struct stage_message *m = st->submitting = st->to_submit;
	struct submission_spec spec = { .base = lab_base(st->lab),
	    .timers = lab_timers(st->lab), .sink = st->sink,
	    .give_up_us = GREETING_PATIENCE_US,
	    .done = submitted, .ctx = st };
	bool v4 = st->sc->mta_ipv4;
	struct sbuf content = { 0 }, key = { 0 };

	if (m == NULL)
		return;
	st->to_submit = m->next;
	spec.message = m->message;
	if (stage_is_elsewhere(st))
		spec.to = st->spec->submit;
	else {
		addr_parse(&spec.from, v4 ? LAB_SUBMIT_IP4 : LAB_SUBMIT_IP6);
		addr_parse(&spec.to, v4 ? LAB_MTA_IP4 : LAB_MTA_IP6);
		spec.to.port = 25;
	}
	if (m->dated_s == 0)	/* the same when it is submitted again */
		m->dated_s = lab_epoch(st->lab) + lab_now(st->lab) /
		    USEC_PER_SEC;
	stage_put_wire_key(st, &key, m->message->key);
	spec.tag = sbuf_str(&key);
	stage_compose(st, m, &content);
	compose_digest(content.data, content.len, m->digest);
	if (st->spec->info->injects)
		inject(st, m, &content);
	else {
		spec.content = content.data;
		spec.len = content.len;
		submission_free(m->submission);
		m->submission = submission_new(&spec);
	}
	sbuf_fini(&content);
	sbuf_fini(&key);
}

/* An artefact of the run's folder; without it the run is no less true. */
void
stage_keep(struct stage *st, const char *name, const char *data, size_t len)
{
	int fd = openat(st->spec->dir_fd, name, O_WRONLY | O_CREAT |
	    O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	if (write(fd, data, len) < 0)
		fprintf(st->notes, "%s: %s\n", name, strerror(errno));
	close(fd);
}

/* Lines "file=PATH" of the adapter's `collect`. */
void
stage_collect(struct stage *st, const char *lines)
{
	char *text = xstrdup(lines), *line, *save = NULL, *slash;
	struct sbuf b = { 0 };

	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "file=/", 6) != 0)
			continue;
		sbuf_clear(&b);
		slash = strrchr(line, '/');
		if (slash[1] != '\0' && sbuf_read_file(&b, line + 5) == 0)
			stage_keep(st, slash + 1, sbuf_str(&b), b.len);
	}
	sbuf_fini(&b);
	free(text);
}

#define MAIL_FILE	"mail-%03u.eml"

/* Keeps what arrived beside the trace: mail-1.eml, mail-2.eml, ... */
static void
keep_mail(struct stage *st, const struct fsmtp_message *mail)
{
	char name[64], addr[ADDR_STRLEN];
	FILE *f;
	int fd;

	snprintf(name, sizeof name, MAIL_FILE, ++st->mails);
	fd = openat(st->spec->dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0644);
	if (fd < 0 || (f = fdopen(fd, "w")) == NULL)
		return;
	fprintf(f, "X-Mxdrill-Host: %s %s\r\n", mail->host,
	    addr_format(&mail->server, addr));
	fprintf(f, "X-Mxdrill-From: <%s>\r\n", mail->from);
	for (size_t i = 0; i < mail->rcpt_count; i++)
		fprintf(f, "X-Mxdrill-To: <%s> %d\r\n",
		    mail->rcpts[i].address, mail->rcpts[i].code);
	fwrite(mail->content, 1, mail->len, f);
	fclose(f);
}

static void
emit_stray(struct stage *st, const struct fsmtp_message *mail)
{
	struct event ev = { .kind = EV_STRAY };

	ev.conn = (int64_t)mail->conn;
	ev.host = mail->host;
	ev.from = mail->from;
	if (mail->rcpt_count > 0)
		ev.to = mail->rcpts[0].address;
	event_emit(st->sink, &ev);
}

/* The recipient of a report as the scenario knows it: without our tag. */
static const char *
without_tag(struct stage *st, const char *address, const char *key)
{
	struct stage_message *m = stage_find(st, key);
	struct sbuf tagged = { 0 }, wire = { 0 };

	if (m == NULL)
		return address;
	stage_put_wire_key(st, &wire, key);
	compose_tag(&tagged, m->message->from, sbuf_str(&wire));
	sbuf_fini(&wire);
	if (strcasecmp(sbuf_str(&tagged), address) == 0)
		address = m->message->from;
	sbuf_fini(&tagged);
	return address;
}

static void
emit_report(struct stage *st, const struct fsmtp_message *mail,
    const struct dsn *dsn, const struct dsn_recipient *r, const char *key)
{
	struct event ev = { .kind = EV_DSN };
	char file[32];

	ev.conn = (int64_t)mail->conn;
	ev.host = mail->host;
	ev.msg = key;
	if (mail->rcpt_count > 0)
		ev.to = without_tag(st, mail->rcpts[0].address, key);
	ev.from = mail->from;
	if (r != NULL) {
		ev.rcpt = r->address;
		ev.orcpt = r->original;
		ev.action = r->action;
		ev.status = r->status;
		ev.text = r->diagnostic;
		ev.remote = r->remote_mta;
	}
	ev.reporter = dsn->reporting_mta;
	ev.envid = dsn->envelope_id;
	ev.full = dsn->has_original_body ? YES : NO;
	ev.ok = dsn->minimal ? YES : NO;
	if (dsn->defect_count > 0) {
		ev.defect = dsn->defects[0].text;
		ev.clause = dsn->defects[0].clause;
	}
	snprintf(file, sizeof file, MAIL_FILE, st->mails);
	ev.file = file;
	event_emit(st->sink, &ev);
}

/* All that is wrong with its form; the judge weighs each. */
static void
emit_defects(struct stage *st, const struct fsmtp_message *mail,
    const struct dsn *dsn, const char *key)
{
	struct event ev = { .kind = EV_DEFECT };

	ev.conn = (int64_t)mail->conn;
	ev.msg = key;
	for (size_t i = dsn->minimal ? 0 : 1; i < dsn->defect_count; i++) {
		ev.clause = dsn->defects[i].clause;
		ev.text = dsn->defects[i].text;
		ev.ok = dsn->defects[i].level == DSN_MUST ? NO : YES;
		event_emit(st->sink, &ev);
	}
}

/* The message a report is about: by its token, else by whom it went to. */
static const char *
reported_key(struct stage *st, const struct fsmtp_message *mail,
    const struct dsn *dsn, char *room, size_t size)
{
	struct stage_message *m = NULL;

	if (dsn->token != NULL)
		m = stage_find_wire(st, dsn->token);
	for (size_t i = 0; m == NULL && i < mail->rcpt_count; i++)
		if (compose_untag(mail->rcpts[i].address, room, size))
			m = stage_find_wire(st, room);
	return m != NULL ? m->message->key : NULL;
}

static void
take_report(struct stage *st, const struct fsmtp_message *mail)
{
	struct dsn dsn;
	char room[64];
	const char *key;

	dsn_parse(&dsn, mail->content, mail->len);
	key = reported_key(st, mail, &dsn, room, sizeof room);
	if (key == NULL || (dsn.recipient_count == 0 && !dsn.is_report))
		emit_stray(st, mail);
	else {
		for (size_t i = 0; i < dsn.recipient_count; i++)
			emit_report(st, mail, &dsn, &dsn.recipients[i], key);
		if (dsn.recipient_count == 0)
			emit_report(st, mail, &dsn, NULL, key);
		emit_defects(st, mail, &dsn, key);
	}
	dsn_fini(&dsn);
}

/* fake_smtp's on_message: a transaction reached its end of data. */
void
stage_mail(void *ctx, const struct fsmtp_message *mail)
{
	struct stage *st = stage_of(ctx);
	struct stage_message *m = NULL;
	char key[64];

	keep_mail(st, mail);
	if (st->spec->serve != NULL)
		return;		/* whose it is, is not ours to say */
	if (compose_token(mail->content, mail->len, key, sizeof key))
		m = stage_find_wire(st, key);
	stage_note_last(st, mail, m);
	if (m == NULL && mail->stored)
		take_report(st, mail);
}

/* A report of failure waits in the queue: mail to a sender of ours from <>. */
static void
emit_listed_report(struct stage *st, const char *from, const char *to)
{
	struct event ev = { .kind = EV_QUEUE, .from = "", .state = "yes" };
	const struct stage_message *m;
	char key[64];

	if (*from != '\0' || !compose_untag(to, key, sizeof key) ||
	    (m = stage_find_wire(st, key)) == NULL || m->message->control)
		return;
	ev.msg = m->message->key;
	ev.to = to;
	event_emit(st->sink, &ev);
}

static size_t
count_units(const struct stage *st)
{
	const struct stage_message *last = &st->messages[st->message_count];

	return st->message_count == 0 ? 0 : last[-1].first_unit +
	    last[-1].message->to_count;
}

/* Which recipients of its message the line of the listing is about. */
static void
note_listed(struct stage *st, const char *key, const char *to, bool *queued)
{
	const struct stage_message *sm = stage_find(st, key);
	const struct message *m = sm->message;

	for (size_t k = 0; k < m->to_count; k++)
		if (m->to_count == 1 || begins_with(to, m->to[k]))
			queued[sm->first_unit + k] = true;
}

/* Of one that is yet to be sent there is nothing to say. */
static void
emit_readings(struct stage *st, const bool *queued)
{
	struct event ev = { .kind = EV_QUEUE };

	for (size_t i = 0; i < st->message_count; i++) {
		const struct stage_message *sm = &st->messages[i];

		for (size_t k = 0; k < sm->message->to_count &&
		    !sm->message->control && sm->dated_s != 0; k++) {
			ev.msg = sm->message->key;
			ev.rcpt = sm->message->to[k];
			ev.state = queued[sm->first_unit + k] ? "yes" : "no";
			event_emit(st->sink, &ev);
		}
	}
}

void
stage_queue_was_read(struct stage *st, const struct adapter_result *res)
{
	bool *queued = xcalloc(count_units(st) + 1, sizeof *queued);
	char *text = xstrdup(res->out), *line, *save = NULL;
	char from[512], to[512];
	const char *key;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (!adapter_queue_line(line, from, to, sizeof from))
			continue;
		key = stage_key_of(st, from, to);
		if (key != NULL)
			note_listed(st, key, to, queued);
		else
			emit_listed_report(st, from, to);
	}
	emit_readings(st, queued);
	free(text);
	free(queued);
}

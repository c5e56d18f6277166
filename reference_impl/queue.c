#include "reference_impl/queue.h"

#include "harness/base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const state_names[] = { "pending", "delivered", "failed",
	"doomed" };

void (*queue_sync_hook)(const char *what);

static void
passed(const char *what)
{
	if (queue_sync_hook != NULL)
		queue_sync_hook(what);
}

/* --- messages -------------------------------------------------------- */

void
text_set(char **field, const char *text)
{
	char *copy = text == NULL ? NULL : xstrdup(text);

	free(*field);
	*field = copy;
}

struct message *
message_new(const char *from)
{
	struct message *m = xcalloc(1, sizeof *m);

	m->from = xstrdup(from);
	return m;
}

struct rcpt *
message_add_rcpt(struct message *m, const char *addr)
{
	struct rcpt *r;

	m->rcpts = xreallocarray(m->rcpts, m->count + 1, sizeof *r);
	r = &m->rcpts[m->count++];
	memset(r, 0, sizeof *r);
	r->addr = xstrdup(addr);
	return r;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->count; i++) {
		free(m->rcpts[i].addr);
		free(m->rcpts[i].notify);
		free(m->rcpts[i].orcpt);
		free(m->rcpts[i].diag);
		free(m->rcpts[i].remote);
	}
	free(m->rcpts);
	free(m->from);
	free(m->envid);
	free(m->ret);
	free(m->parent);
	free(m->covers);
	free(m);
}

size_t
message_pending(const struct message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += m->rcpts[i].state == RCPT_PENDING;
	return n;
}

size_t
message_open(const struct message *m)
{
	size_t n = message_pending(m);

	for (size_t i = 0; i < m->count; i++)
		n += m->rcpts[i].state == RCPT_DOOMED;
	return n;
}

/* --- the envelope's text --------------------------------------------- */

static void
put_text(struct sbuf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	sbuf_printf(b, "%s ", key);
	for (; *value != '\0'; value++)
		sbuf_putc(b, *value == '\n' || *value == '\r' ? ' ' : *value);
	sbuf_putc(b, '\n');
}

static void
put_number(struct sbuf *b, const char *key, int64_t value)
{
	sbuf_printf(b, "%s %" PRId64 "\n", key, value);
}

static void
format_envelope(struct sbuf *b, const struct message *m)
{
	put_text(b, "from", m->from);
	put_text(b, "envid", m->envid);
	put_text(b, "ret", m->ret);
	put_number(b, "eight-bit", m->eight_bit);
	put_number(b, "utf8", m->utf8);
	put_number(b, "hops", m->hops);
	put_number(b, "arrival", m->arrival_us);
	put_number(b, "size", (int64_t)m->size);
	put_number(b, "reports", m->reports);
	put_text(b, "parent", m->parent);
	put_number(b, "parent-seq", m->parent_seq);
	put_number(b, "parent-delay", m->parent_delay);
	put_text(b, "covers", m->covers);
	if (m->taken)
		put_number(b, "taken", 1);
	for (size_t i = 0; i < m->count; i++) {
		const struct rcpt *r = &m->rcpts[i];

		put_text(b, "rcpt", r->addr);
		put_text(b, "notify", r->notify);
		put_text(b, "orcpt", r->orcpt);
		put_text(b, "state", state_names[r->state]);
		put_number(b, "warned", r->warned);
		put_number(b, "warnings", r->warnings);
		put_number(b, "attempts", r->attempts);
		put_number(b, "next", r->next_us);
		put_number(b, "tried", r->tried_us);
		put_text(b, "status", r->status);
		put_text(b, "diag", r->diag);
		put_text(b, "remote", r->remote);
		put_number(b, "code", r->code);
	}
	sbuf_puts(b, "end\n");
}

static enum rcpt_state
parse_state(const char *v)
{
	for (int i = 0; i <= RCPT_DOOMED; i++)
		if (strcmp(v, state_names[i]) == 0)
			return (enum rcpt_state)i;
	return RCPT_PENDING;
}

static void
parse_rcpt_line(struct rcpt *r, const char *k, const char *v)
{
	int64_t n = strtoll(v, NULL, 10);

#define KEY(name) (strcmp(k, name) == 0)
	if (KEY("notify"))
		text_set(&r->notify, v);
	else if (KEY("orcpt"))
		text_set(&r->orcpt, v);
	else if (KEY("state"))
		r->state = parse_state(v);
	else if (KEY("warned"))
		r->warned = n != 0;
	else if (KEY("warnings"))
		r->warnings = (int)n;
	else if (KEY("attempts"))
		r->attempts = (int)n;
	else if (KEY("next"))
		r->next_us = n;
	else if (KEY("tried"))
		r->tried_us = n;
	else if (KEY("status"))
		snprintf(r->status, sizeof r->status, "%.11s", v);
	else if (KEY("diag"))
		text_set(&r->diag, v);
	else if (KEY("remote"))
		text_set(&r->remote, v);
	else if (KEY("code"))
		r->code = (int)n;
}

static void
parse_message_line(struct message *m, const char *k, const char *v)
{
	int64_t n = strtoll(v, NULL, 10);

	if (KEY("from"))
		text_set(&m->from, v);
	else if (KEY("envid"))
		text_set(&m->envid, v);
	else if (KEY("ret"))
		text_set(&m->ret, v);
	else if (KEY("eight-bit"))
		m->eight_bit = n != 0;
	else if (KEY("utf8"))
		m->utf8 = n != 0;
	else if (KEY("hops"))
		m->hops = (int)n;
	else if (KEY("arrival"))
		m->arrival_us = n;
	else if (KEY("size"))
		m->size = (size_t)n;
	else if (KEY("reports"))
		m->reports = (int)n;
	else if (KEY("parent"))
		text_set(&m->parent, v);
	else if (KEY("parent-seq"))
		m->parent_seq = (int)n;
	else if (KEY("parent-delay"))
		m->parent_delay = n != 0;
	else if (KEY("taken"))
		m->taken = n != 0;
	else if (KEY("covers"))
		text_set(&m->covers, v);
#undef KEY
}

/* NULL: not a whole envelope. */
static struct message *
parse_envelope(char *text, const char *id)
{
	struct message *m = message_new("");
	char *line, *save = NULL;
	bool whole = false;

	snprintf(m->id, sizeof m->id, "%s", id);
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		char *v = strchr(line, ' ');

		if (strcmp(line, "end") == 0) {
			whole = true;
			break;
		}
		if (v == NULL)
			continue;
		*v++ = '\0';
		if (strcmp(line, "rcpt") == 0)
			message_add_rcpt(m, v);
		else if (m->count > 0)
			parse_rcpt_line(&m->rcpts[m->count - 1], line, v);
		else
			parse_message_line(m, line, v);
	}
	if (whole)
		return m;
	message_free(m);
	return NULL;
}

/* --- files ----------------------------------------------------------- */

static bool
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* A file that is whole and on the disk, under its name. */
static bool
write_file(struct queue *q, const char *name, const char *bytes, size_t len)
{
	char tmp[80];
	int fd, saved;

	snprintf(tmp, sizeof tmp, "%s.tmp", name);
	fd = openat(q->dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return false;
	if (!write_all(fd, bytes, len) || fsync(fd) == -1)
		goto fail;
	passed("file synced");
	if (close(fd) == -1) {
		fd = -1;
		goto fail;
	}
	fd = -1;
	if (renameat(q->dirfd, tmp, q->dirfd, name) == -1)
		goto fail;
	passed("file renamed");
	if (fsync(q->dirfd) == -1)
		return false;
	passed("directory synced");
	return true;
fail:
	saved = errno;
	if (fd != -1)
		close(fd);
	unlinkat(q->dirfd, tmp, 0);
	errno = saved;
	return false;
}

bool
queue_save(struct queue *q, const struct message *m)
{
	struct sbuf b = { 0 };
	char name[64];
	bool ok;

	format_envelope(&b, m);
	snprintf(name, sizeof name, "%s.env", m->id);
	ok = write_file(q, name, sbuf_str(&b), b.len);
	sbuf_fini(&b);
	return ok;
}

static bool
id_is_taken(const struct queue *q, const char *id)
{
	char name[64];

	snprintf(name, sizeof name, "%s.msg", id);
	if (faccessat(q->dirfd, name, F_OK, 0) == 0)
		return true;
	snprintf(name, sizeof name, "%s.env", id);
	return faccessat(q->dirfd, name, F_OK, 0) == 0;
}

bool
queue_store(struct queue *q, struct message *m, const char *content,
    size_t len, int64_t now_us)
{
	char name[64];

	while (m->id[0] == '\0' || (m->parent == NULL &&
	    id_is_taken(q, m->id)))
		snprintf(m->id, sizeof m->id, HAS_WAY(q->ways, LONG_IDS) ?
		    "%08X-Refmta-%04X-QUEUE" : "%08x%04x",
		    (unsigned)(now_us / 1000000), q->serial++ & 0xffff);
	m->size = len;
	snprintf(name, sizeof name, "%s.msg", m->id);
	if (!write_file(q, name, content, len))
		return false;
	if (!queue_save(q, m)) {
		int saved = errno;

		unlinkat(q->dirfd, name, 0);
		errno = saved;
		return false;
	}
	m->next = q->messages;
	q->messages = m;
	return true;
}

void
queue_remove(struct queue *q, struct message *m)
{
	char name[64];

	snprintf(name, sizeof name, "%s.env", m->id);
	unlinkat(q->dirfd, name, 0);
	passed("envelope unlinked");
	fsync(q->dirfd);
	passed("removal synced");
	snprintf(name, sizeof name, "%s.msg", m->id);
	unlinkat(q->dirfd, name, 0);
	for (struct message **p = &q->messages; *p != NULL; p = &(*p)->next) {
		if (*p == m) {
			*p = m->next;
			break;
		}
	}
	message_free(m);
}

bool
queue_content(const struct queue *q, const struct message *m,
    struct sbuf *content)
{
	char *path = xasprintf("%s/%s.msg", q->dir, m->id);
	int rc = sbuf_read_file(content, path);

	free(path);
	return rc == 0;
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n > s && strcmp(name + n - s, suffix) == 0;
}

struct message *
queue_load(const char *dir, const char *name)
{
	struct sbuf text = { 0 };
	char *path = xasprintf("%s/%s", dir, name);
	char id[48];
	struct message *m = NULL;

	snprintf(id, sizeof id, "%.*s", (int)strlen(name) - 4, name);
	if (sbuf_read_file(&text, path) == 0 && text.len > 0)
		m = parse_envelope(text.data, id);
	free(path);
	sbuf_fini(&text);
	return m;
}

static struct message *
find_message(struct queue *q, const char *id)
{
	struct message *m = q->messages;

	while (m != NULL && strcmp(m->id, id) != 0)
		m = m->next;
	return m;
}

static void
note_warning(struct rcpt *r)
{
	r->warned = true;
	r->warnings++;
}

/* A report whose subject does not know of it yet: the crash came between. */
static void
adopt_report(struct queue *q, const struct message *report)
{
	struct message *m = report->parent == NULL ? NULL
	    : find_message(q, report->parent);
	const char *p = report->covers;
	char *end;

	if (m == NULL || m->reports >= report->parent_seq || p == NULL)
		return;
	for (; ; p = end) {
		size_t i = strtoul(p, &end, 10);

		if (end == p)
			break;
		if (i >= m->count)
			continue;
		if (report->parent_delay)
			note_warning(&m->rcpts[i]);
		else
			m->rcpts[i].state = RCPT_FAILED;
	}
	m->reports = report->parent_seq;
	queue_save(q, m);
}

static void
sweep(struct queue *q, const char *name)
{
	char id[48];

	if (has_suffix(name, ".tmp")) {
		unlinkat(q->dirfd, name, 0);
	} else if (has_suffix(name, ".msg")) {
		snprintf(id, sizeof id, "%.*s", (int)strlen(name) - 4, name);
		if (find_message(q, id) == NULL)
			unlinkat(q->dirfd, name, 0);
	}
}

/* Runs over the names in the queue; readdir's order does not matter. */
static bool
for_each_name(struct queue *q, void (*fn)(struct queue *, const char *))
{
	DIR *d = opendir(q->dir);
	struct dirent *e;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		fn(q, e->d_name);
	closedir(d);
	return true;
}

static void
load_name(struct queue *q, const char *name)
{
	struct message *m;

	if (!has_suffix(name, ".env"))
		return;
	m = queue_load(q->dir, name);
	if (m == NULL)
		return;
	m->next = q->messages;
	q->messages = m;
}

bool
queue_open(struct queue *q, const char *dir, const struct bugs *bugs,
    int64_t now_us)
{
	struct message *m, *next;

	memset(q, 0, sizeof *q);
	q->bugs = bugs;
	q->dir = xasprintf("%s/queue", dir);
	q->dirfd = -1;
	if ((mkdir(dir, 0700) == -1 && errno != EEXIST) ||
	    (mkdir(q->dir, 0700) == -1 && errno != EEXIST))
		return false;
	q->dirfd = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (q->dirfd == -1 || !for_each_name(q, load_name) ||
	    !for_each_name(q, sweep))
		return false;
	for (m = q->messages; m != NULL; m = m->next)
		adopt_report(q, m);
	for (m = q->messages; m != NULL; m = next) {
		next = m->next;
		if (HAS_BUG(bugs, LIFE_RESET))
			m->arrival_us = now_us;
		if (HAS_BUG(bugs, EMPTY_AFTER_CRASH))
			m->size = 0;
		if (message_open(m) == 0 ||
		    (m->taken && HAS_BUG(bugs, TAKEN_LOST)))
			queue_remove(q, m);
	}
	return true;
}

void
queue_close(struct queue *q)
{
	struct message *m;

	while ((m = q->messages) != NULL) {
		q->messages = m->next;
		message_free(m);
	}
	if (q->dirfd != -1)
		close(q->dirfd);
	free(q->dir);
	memset(q, 0, sizeof *q);
	q->dirfd = -1;
}

#include "harness/lab/packet_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/lab/packet.h"
#include "harness/lab/pcapng.h"

/* A packet of the present moment. */
struct held {
	uint8_t	*bytes;
	size_t	 len;
	char	**comments;
	size_t	 comment_count;
};

/* A comment whose packet is still to come. */
struct waiting {
	struct waiting	*next;
	enum lab_packet	 at;
	int64_t		 t_us;
	char		*server, *client, *text;
};

struct packet_log {
	struct pcapng	*pcap;
	int64_t		 now_us;	/* of what is held */
	struct held	*held;
	size_t		 count, room;
	struct waiting	*waiting;	/* in the order of their events */
};

static void
write_held(struct packet_log *log)
{
	struct held *h;

	for (size_t i = 0; i < log->count; i++) {
		h = &log->held[i];
		pcapng_packet(log->pcap, log->now_us, h->bytes, h->len,
		    (const char *const *)h->comments, h->comment_count);
		for (size_t k = 0; k < h->comment_count; k++)
			free(h->comments[k]);
		free(h->comments);
		free(h->bytes);
	}
	log->count = 0;
}

/* Time goes on: nothing can be said of older packets any more. */
static void
move_to(struct packet_log *log, int64_t now_us)
{
	if (now_us != log->now_us)
		write_held(log);
	log->now_us = now_us;
}

struct packet_log *
packet_log_new(int fd, int64_t epoch_s)
{
	struct packet_log *log = xcalloc(1, sizeof *log);

	log->pcap = pcapng_new(fd, epoch_s);
	return log;
}

static void
waiting_free(struct waiting *w)
{
	free(w->server);
	free(w->client);
	free(w->text);
	free(w);
}

/* Its packet never came: the fault is told all the same. */
static void
give_up(struct packet_log *log, struct waiting *w)
{
	pcapng_journal(log->pcap, w->t_us, w->text);
	waiting_free(w);
}

int
packet_log_free(struct packet_log *log)
{
	struct waiting *w;
	int rc, error;

	if (log == NULL)
		return 0;
	write_held(log);
	while ((w = log->waiting) != NULL) {
		log->waiting = w->next;
		give_up(log, w);
	}
	rc = pcapng_free(log->pcap);
	error = errno;
	free(log->held);
	free(log);
	errno = error;
	return rc;
}

static void
add_comment(struct held *h, char *text)
{
	h->comments = xreallocarray(h->comments, h->comment_count + 1,
	    sizeof *h->comments);
	h->comments[h->comment_count++] = text;
}

/* Is it this end?  Events name a server without its port. */
static bool
is_end(const struct addr *a, const char *text, bool with_port)
{
	struct addr bare = *a;
	char out[ADDR_STRLEN];

	if (strcmp(addr_format(a, out), text) == 0)
		return true;
	bare.port = 0;
	return !with_port && strcmp(addr_format(&bare, out), text) == 0;
}

static bool
goes(const struct packet *p, const char *server, const char *client,
    bool to_client)
{
	return is_end(to_client ? &p->src : &p->dst, server, false) &&
	    is_end(to_client ? &p->dst : &p->src, client, true);
}

/* Does the packet bring something, not only an acknowledgement? */
static bool
has_content(const struct packet *p)
{
	return p->proto != IPPROTO_TCP || (p->seg_len > 0 &&
	    (p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0) ||
	    p->seg_len > 1;
}

static bool
carries(const struct packet *p, const struct waiting *w)
{
	switch (w->at) {
	case LAB_PACKET_NEXT:
		return goes(p, w->server, w->client, false);
	case LAB_PACKET_REPLY:
		return has_content(p) && goes(p, w->server, w->client, true);
	case LAB_PACKET_END:
		return (p->flags & (TCP_FIN | TCP_RST)) != 0 &&
		    goes(p, w->server, w->client, true);
	default:
		return false;
	}
}

static void
take_comments(struct packet_log *log, const struct packet *p, struct held *h)
{
	struct waiting **at = &log->waiting, *w;
	/* The same two ends begin anew: older replies will not come. */
	bool anew = (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	while ((w = *at) != NULL) {
		if (carries(p, w)) {
			*at = w->next;
			add_comment(h, xstrdup(w->text));
			waiting_free(w);
		} else if (anew && goes(p, w->server, w->client, false)) {
			*at = w->next;
			give_up(log, w);
		} else
			at = &w->next;
	}
}

void
packet_log_packet(struct packet_log *log, int64_t now_us,
    const uint8_t *bytes, size_t len)
{
	struct packet p;
	struct held *h;

	if (log == NULL)
		return;
	move_to(log, now_us);
	if (log->count == log->room) {
		log->room = log->room > 0 ? log->room * 2 : 64;
		log->held = xreallocarray(log->held, log->room,
		    sizeof *log->held);
	}
	h = &log->held[log->count++];
	memset(h, 0, sizeof *h);
	h->bytes = xmalloc(len);
	h->len = len;
	memcpy(h->bytes, bytes, len);
	if (log->waiting != NULL && packet_parse(&p, h->bytes, len))
		take_comments(log, &p, h);
}

/* The last packet of this moment from the client that brought something. */
static struct held *
last_of(struct packet_log *log, const struct lab_comment *c)
{
	struct held *any = NULL;
	struct packet p;

	for (size_t i = log->count; i-- > 0;) {
		if (!packet_parse(&p, log->held[i].bytes, log->held[i].len) ||
		    !goes(&p, c->server, c->client, false))
			continue;
		if (has_content(&p))
			return &log->held[i];
		if (any == NULL)
			any = &log->held[i];
	}
	return any;
}

void
packet_log_comment(struct packet_log *log, int64_t now_us,
    const struct lab_comment *c)
{
	struct waiting **at, *w;
	struct held *h = NULL;

	if (log == NULL)
		return;
	move_to(log, now_us);
	if (c->at == LAB_PACKET_LAST)
		h = last_of(log, c);
	if (h != NULL) {
		add_comment(h, xstrdup(c->text));
	} else if (c->at == LAB_PACKET_LAST || c->at == LAB_PACKET_NONE) {
		/* In its place among the packets. */
		write_held(log);
		pcapng_journal(log->pcap, now_us, c->text);
	} else {
		w = xcalloc(1, sizeof *w);
		w->at = c->at;
		w->t_us = now_us;
		w->server = xstrdup(c->server);
		w->client = xstrdup(c->client);
		w->text = xstrdup(c->text);
		for (at = &log->waiting; *at != NULL; at = &(*at)->next)
			;
		*at = w;
	}
}

/*
 * The durable queue: one directory, two files a message.
 *
 *	ID.msg	the content, written once, CRLF lines, Received on top
 *	ID.env	the envelope and every recipient's state, replaced as a whole
 *
 * A message exists from the moment its .env is renamed into place (with file
 * and directory synced) until that file is unlinked, so a crash at any moment
 * leaves the old or the new state, never a mixture.  A .msg or temporary file
 * without .env is rubbish of a crash and is swept at the start.
 *
 * A report has the id of its subject and a number; its .env says which
 * recipients of the subject it covers.  If the crash came after storing the
 * report and before noting that in the subject, loading notes it then:
 * nobody is told twice.
 */
#ifndef REFMTA_QUEUE_H
#define REFMTA_QUEUE_H

#include "harness/base/sbuf.h"
#include "reference_impl/bugs.h"
#include "reference_impl/ways.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum rcpt_state {
	RCPT_PENDING,
	RCPT_DELIVERED,
	RCPT_FAILED,
	RCPT_DOOMED,		/* failed, the report is still to be made */
};

struct rcpt {
	char		*addr;		/* as given, without <> */
	char		*notify;	/* "FAILURE,DELAY", or NULL */
	char		*orcpt;		/* "rfc822;xtext", or NULL */
	enum rcpt_state	 state;
	bool		 warned;	/* delay report sent, or not wanted */
	int		 warnings;	/* of them, for those who warn often */
	int		 attempts;	/* failed cycles */
	int64_t		 next_us;	/* next cycle, real time since 1970 */
	int64_t		 tried_us;	/* last one, 0 none */
	char		 status[12];	/* last cause */
	char		*diag;		/* reply or reason, or NULL */
	char		*remote;	/* host that said it, or NULL */
	int		 code;		/* its reply code; 0: not a reply */
};

struct message {
	char		 id[48];
	char		*from;		/* "" null */
	char		*envid, *ret;	/* or NULL */
	bool		 eight_bit, utf8;
	int		 hops;		/* Received lines on arrival */
	int64_t		 arrival_us;	/* acceptance; the lifetime's start */
	size_t		 size;		/* of the content */
	int		 reports;	/* made about this message */
	bool		 taken;		/* for one bug: a cycle has begun */
	char		*parent;	/* a report: id of its subject */
	int		 parent_seq;
	bool		 parent_delay;	/* it only warns */
	char		*covers;	/* recipients' indices "0 3 4" */
	struct rcpt	*rcpts;
	size_t		 count;
	struct message	*next;
};

struct queue {
	char		*dir;		/* DIR/queue */
	int		 dirfd;
	unsigned	 serial;
	struct message	*messages;
	const struct bugs *bugs;
	const struct ways *ways;	/* NULL until its owner sets it */
};

/* Called at each point of no return; tests kill themselves there. */
extern void (*queue_sync_hook)(const char *what);

/* Opens or makes DIR/queue, sweeps and loads.  False: errno says why. */
bool	 queue_open(struct queue *, const char *dir, const struct bugs *,
	    int64_t now_us);
void	 queue_close(struct queue *);		/* the disk stays as it is */
/*
 * Makes a message durable and takes it over.  With an empty id it gets one.
 * False: errno says why; the message is still the caller's.
 */
bool	 queue_store(struct queue *, struct message *, const char *content,
	    size_t len, int64_t now_us);
/* Replaces the envelope by the present state.  False: errno. */
bool	 queue_save(struct queue *, const struct message *);
/* Takes it off the disk and frees it. */
void	 queue_remove(struct queue *, struct message *);
bool	 queue_content(const struct queue *, const struct message *,
	    struct sbuf *);
/* The envelope in a file of DIR/queue; NULL: it is not whole.  For free. */
struct message *queue_load(const char *dir, const char *name);
/* One line "ID <from> <to>" for each recipient without its end. */
bool	 queue_print(const char *dir, const struct ways *, FILE *);

struct message *message_new(const char *from);
struct rcpt *message_add_rcpt(struct message *, const char *addr);
void	 message_free(struct message *);
/* Number of recipients that are pending. */
size_t	 message_pending(const struct message *);
/* Of those that keep it in the queue: pending or doomed. */
size_t	 message_open(const struct message *);
void	 text_set(char **, const char *);	/* NULL clears */

#endif

/*
 * What the files of the stage share: stage.c (the order of things),
 * stage_events.c (what follows from an event), stage_mail.c (messages that
 * arrive), stage_content.c (what is in them), stage_packets.c (faults in the
 * packet log), stage_world.c (fakes, folder, MTA).
 */
#ifndef MXD_RUN_STAGE_IMPL_H
#define MXD_RUN_STAGE_IMPL_H

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include <uthash.h>

#include "fake_dns/fake_dns.h"
#include "fake_smtp/fake_smtp.h"
#include "harness/judge/judge.h"
#include "harness/run/compose.h"
#include "harness/run/content.h"
#include "harness/run/recorder.h"
#include "harness/run/stage.h"
#include "harness/run/submission.h"
#include "harness/run/world.h"

#define STAGE_MAGIC	0x73746167	/* "stag" */

/* What the harness knows of one message of the scenario. */
struct stage_message {
	const struct message *message;	/* one of `times: N`, key m1.3 */
	char		 digest[DIGEST_LEN];
	int64_t		 dated_s;	/* its Date field; 0: not yet */
	struct submission	*submission;	/* NULL: not yet */
	struct stage_message *next;	/* in to_submit */
	size_t		 first_unit;	/* recipients of those before it */
	UT_hash_handle	 hh;		/* in by_key */
};

/* The last message of a connection. */
struct last_mail {
	uint64_t	 conn;
	const char	*key;		/* the scenario's; NULL: not of ours */
	bool		 ok;		/* its content is as submitted */
	char		 text[CONTENT_TEXT];	/* what is not; or a remark */
};

/* Connections open at a time whose messages are told apart. */
#define LAST_MAILS	64

struct stage {
	uint32_t	 magic;
	const struct stage_spec *spec;
	struct scenario	*sc;
	struct world	 world;
	struct lab	*lab;
	struct recorder	*recorder;
	const struct event_sink *sink;	/* the recorder's */
	struct event_sink fake_sink;	/* fills msg and hash in first */
	char		*preload;
	struct fdns	*dns;
	struct fsmtp	*smtp;
	struct adapter	*adapter;
	struct stage_message *messages;
	struct stage_message *by_key;
	size_t		 message_count;
	struct stage_message *to_submit, *submitting;
	/* the folder */
	int		 trace_fd, error_fd;
	FILE		*mta_log, *notes;
	unsigned	 mails;		/* stored as artefacts so far */
	struct last_mail last_mails[LAST_MAILS];	/* by conn */
	struct stage_ends *ends;	/* of open connections, with --pcap */
	/* progress */
	bool		 phases;	/* the scenario has begun */
	bool		 verb_done;
	enum adapter_status verb_status;
	int64_t		 control_deadline_us;
	int		 control_copies;
	bool		 mta_expected;	/* it is to run: an exit is news */
	bool		 start_when_ended;
	bool		 killed;
	int64_t		 started_us;	/* the last start */
	int64_t		 killed_us;	/* the last kill */
	bool		 killing;	/* it is under way */
	int		*mta_seen;	/* events so far, for each mta_event */
	/* the end */
	struct judge_settle *settle;
	int64_t		 horizon_us;	/* trace time */
	bool		 look;		/* something new: ask judge_settled() */
	bool		 reading;	/* a queue reading is under way */
	bool		 no_queue;	/* the adapter cannot read it */
	struct timer	*soon, *again;	/* readings planned */
	int64_t		 apart_us;	/* between the last one and the next */
	int64_t		 instant_us;	/* of the last event */
	uint64_t	 instant_seq;	/* the first event of that instant */
	int		 last_readings;	/* at the horizon, so far */
	/*
	 * An MTA elsewhere keeps its queue from run to run: keys on the wire
	 * end in "-TAG", so that another run's mail is known.  "": none.
	 */
	char		 tag[12];
	/* Serving: events so far, since when, whether they are told. */
	size_t		 served;
	int64_t		 served_us;
	bool		 told;
	bool		 over;
	bool		 wrong_option;	/* the adapter's exit 64 */
	char		*error;
};

static inline struct stage *
stage_of(void *arg)
{
	struct stage *st = arg;

	assert(st->magic == STAGE_MAGIC);
	return st;
}

static inline struct last_mail *
stage_last_mail(struct stage *st, uint64_t conn)
{
	return &st->last_mails[conn % LAST_MAILS];
}

/* Is there a lab around it, or does the MTA run elsewhere? */
static inline bool
stage_is_elsewhere(const struct stage *st)
{
	return st->spec->places != NULL;
}

/* Real time without any progress after which the run is given up. */
#define STAGE_WATCHDOG_US	(60 * USEC_PER_SEC)

/* Exit status of process 1 beside 0, 1 and 89. */
#define STAGE_WRONG_OPTION	64

/* stage.c */
int	 stage_body(struct lab *, void *);
void	 stage_fail(struct stage *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* stage_serve.c */
int	 stage_serve_body(struct lab *, void *);
/* The first contact: the phases start. */
void	 stage_serve_begin(void *);

/* stage_world.c */
/* The first thing in the lab: from here on there is a trace. */
void	 stage_open(struct stage *, struct lab *);
/* The scenario begins: time in the trace and the phases start. */
void	 stage_begin(struct stage *);
bool	 stage_build_fakes(struct stage *);
bool	 stage_start_mta(struct stage *);
void	 stage_emit_run_start(struct stage *);
void	 stage_tear_down(struct stage *);
void	 stage_nothing(void *);
/* Acts on one `mta:` event of the scenario. */
void	 stage_mta_event(struct stage *, struct mta_event *);

/* stage_events.c */
void	 stage_event(void *ctx, const struct event *);
void	 stage_fill_and_record(void *ctx, struct event *);
void	 stage_schedule(struct stage *);
bool	 stage_is_over(struct stage *);
/* The verb `queue` has ended: emits queue events for every message. */
void	 stage_queue_was_read(struct stage *, const struct adapter_result *);

/* stage_packets.c */
/* Called for each event: tells a fault in the packet log. */
void	 stage_packet_comment(struct stage *, const struct event *);
void	 stage_packets_end(struct stage *);

/* stage_content.c */
/* "m1-x3k9ab" and "m1"; "" where the scenario has no such key. */
void	 stage_put_wire_key(const struct stage *, struct sbuf *,
	    const char *key);
/* Appends what is submitted, once it has its date. */
void	 stage_compose(const struct stage *, const struct stage_message *,
	    struct sbuf *content);
/* Looks at a message that arrived; `m` NULL: it has no token of ours. */
void	 stage_note_last(struct stage *, const struct fsmtp_message *,
	    const struct stage_message *m);

/* stage_mail.c */
void	 stage_mail(void *ctx, const struct fsmtp_message *);
void	 stage_submit(struct stage *, struct stage_message *);
void	 stage_keep(struct stage *, const char *name, const char *data,
	    size_t len);
void	 stage_collect(struct stage *, const char *lines);
struct stage_message *stage_control(struct stage *);
/* The scenario's message a key or an envelope belongs to, or NULL. */
struct stage_message *stage_find(struct stage *, const char *key);
/* The same by the key as it is on the wire; mail of another run fails. */
struct stage_message *stage_find_wire(struct stage *, const char *key);
const char *stage_key_of(struct stage *, const char *from, const char *rcpt);

#endif

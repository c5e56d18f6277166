/*
 * The swim lanes of a run: one lane each for DNS, every host the MTA turned
 * to, the MTA's queue and the sender's mailbox; faults shaded, the decisive
 * event marked.  Drawn from the events of the trace alone.
 */
#ifndef MXD_REPORT_HTML_LANES_H
#define MXD_REPORT_HTML_LANES_H

#include "harness/report/html/axis.h"
#include "harness/report/html/internal.h"

/* X(symbol, "id of its shape", "what it means") */
#define MARKS(X)							\
	X(LOOKUP, "ml", "lookup answered")				\
	X(NONAME, "mn", "lookup answered: no such name or no such data")	\
	X(NODNS, "md", "lookup failed or not answered")			\
	X(TALK, "mt", "session in which no mail was offered or answered")	\
	X(TAKEN, "mo", "message taken")					\
	X(UNSURE, "mu", "message taken, but its reply was lost")	\
	X(NOTNOW, "m4", "refused for now (4yz), or the session broke off")	\
	X(NEVER, "m5", "refused for good (5yz)")			\
	X(NOWAY, "mx", "no connection")					\
	X(ACCEPTED, "ma", "accepted at submission")			\
	X(REJECTED, "mr", "refused at submission")			\
	X(QUEUED, "mq", "read as queued")				\
	X(GONE, "mg", "read as not queued")				\
	X(FAILURE, "mf", "report of failure to the sender")		\
	X(DELAY, "my", "report of delay to the sender")			\
	X(SWITCH, "ms", "network switched, or MTA started, stopped, killed")

enum mark_kind {
#define X(sym, id, help) MARK_##sym,
	MARKS(X)
#undef X
	MARK_COUNT
};

struct mark {
	size_t		 lane;
	enum mark_kind	 kind;
	int64_t		 t_us, until_us;
	size_t		 slot, until_slot;
	int64_t		 conn;		/* of a session */
	const char	*addr, *peer;
	bool		 open, decisive, dsn;
	struct sbuf	 text;
};

struct lane {
	const char	*name;
	const char	*host;		/* NULL: none of a host */
	bool		 busy;		/* something is shown in it */
};

struct html_lanes {
	const struct report_case *rc;
	struct lane	*lanes;
	size_t		 lane_count;
	struct mark	*marks;
	size_t		 mark_count;
	int64_t		 end_us, decisive_us;
	bool		 decided;	/* some event did */
};

void	 lanes_find(struct html_lanes *, const struct report_case *,
	    uint64_t decisive);
/* What the axis must have room for. */
void	 lanes_need(const struct html_lanes *, struct html_axis *);
void	 lanes_draw(struct sbuf *, const struct html_lanes *,
	    const struct html_axis *, const char *id);
void	 lanes_fini(struct html_lanes *);

/* The whole figure of one run on an axis of its own. */
void	 html_lanes_figure(struct sbuf *, const struct report_case *,
	    uint64_t decisive, const char *id);
/* The shapes, once in a page, and a list of their meanings. */
void	 html_marks_define(struct sbuf *);
void	 html_marks_legend(struct sbuf *);

#define LANES_WIDTH	960.0
#define LANES_LEFT	150.0
#define LANES_RIGHT	944.0

#endif

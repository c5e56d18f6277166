/* Inside of the timeline: items while the trace is being retold. */
#ifndef MXD_REPORT_TIMELINE_INT_H
#define MXD_REPORT_TIMELINE_INT_H

#include "harness/base/sbuf.h"
#include "harness/report/timeline.h"

enum item_kind { ITEM_SINGLE, ITEM_LOOKUPS, ITEM_SESSION };

struct item {
	enum item_kind	 kind;
	int64_t		 t_us, last_us;
	struct sbuf	 who, what;
	const char	*rules[LINE_RULES];
	bool		 dull, decisive, attempt, fault;
	/* sessions */
	int64_t		 conn;
	const char	*host, *addr, *peer;
	struct sbuf	 rcpts;		/* addresses whose reply is to come */
	struct sbuf	 part;		/* the part that may come again */
	unsigned	 part_times;
	bool		 quit, spoken, closed, carried_report;
	bool		 control, others;	/* whose mail it carried */
	bool		 odd;		/* something did not go well */
	/* lookups */
	struct lookup	*lookups;
	size_t		 lookup_count;
};

/* The same answer to a name, for one or more types. */
struct lookup {
	const char	*name;
	struct sbuf	 types, answer;
	const char	*rule;
	unsigned	 times;		/* asked so often for a type */
};

struct reading {
	const char	*msg, *rcpt, *state;
};

struct teller {
	struct arena	*arena;
	const struct scenario *scenario;
	uint64_t	 decisive;
	bool		 all;
	bool		 injected;	/* a message of the scenario */
	struct item	*items;
	size_t		 count;
	size_t		 lookups;	/* index + 1 of the open lookups */
	struct reading	*readings;
	size_t		 reading_count;
};

struct item *item_new(struct teller *, const struct event *, enum item_kind);
/* Appends " (rule ID)" and keeps the id. */
void	 item_rule(struct item *, const char *rule);
/* A comma, if something came before. */
void	 item_part(struct item *);
/* Writes what was held back to be counted. */
void	 item_finish(struct item *);
bool	 item_is_dull(const struct item *);
void	 item_fini(struct item *);

bool	 teller_is_control(const struct teller *, const char *msg);
/* The session of a connection, or NULL. */
struct item *teller_session(struct teller *, int64_t conn);
void	 teller_smtp(struct teller *, const struct event *);
void	 teller_lookup(struct teller *, const struct event *);
/* What the lookups of an item came to. */
void	 lookups_tell(struct item *);

#endif

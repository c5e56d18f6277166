/*
 * The C side of the adapter protocol (harness/mta/README.md): which MTA is
 * meant, and running a verb of its adapter inside a lab.
 */
#ifndef MXD_RUN_ADAPTER_H
#define MXD_RUN_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/diag.h"
#include "harness/judge/profile.h"
#include "harness/lab/lab.h"
#include "harness/run/home.h"

/* X(symbol, "word", "help") */
#define ADAPTER_VERBS(X)						\
	X(INFO, "info", "prints what the MTA is: name=, version= (asked of the MTA itself), capabilities=, uids=one or many, submit=smtp, the profile, and \"option=NAME help\" for each option it takes") \
	X(SETUP, "setup", "writes the MTA's configuration and spool for this lab; prints \"changed=FILE: what\" for each change to the user's own configuration") \
	X(START, "start", "becomes the MTA: stays in the foreground until it ends; killing its process group ends the MTA") \
	X(QUEUE, "queue", "prints one line a message and recipient, QUEUEID <REVERSE-PATH> <FORWARD-PATH>; nothing when the queue is empty") \
	X(KICK, "kick", "forces a queue run")				\
	X(INJECT, "inject", "submits the message on standard input: MXDRILL_FROM, MXDRILL_TO (one address a line); without it mxdrill submits by SMTP") \
	X(COLLECT, "collect", "prints file=PATH for each artefact worth keeping (logs, queue files, configuration)") \
	X(STOP, "stop", "an orderly stop; afterwards start may come again on the same spool")

/* X("name without MXDRILL_", "what it says") */
#define ADAPTER_VARIABLES(X)						\
	X("DIR", "a folder in the lab that the adapter may write and that lives as long as the lab") \
	X("ADAPTER", "the adapter's own folder")			\
	X("ADAPTER_SH", "a file of functions for adapters that are shell scripts") \
	X("BIN", "the folder of mxdrill's own programs")		\
	X("HOSTNAME", "the name the MTA must call itself")		\
	X("IP4", "its IPv4 address; empty when the scenario gives it none") \
	X("IP6", "its IPv6 address; empty when the scenario gives it none") \
	X("CLIENTS", "addresses that may relay through it, separated by blanks") \
	X("RELAY_DOMAIN", "a domain it must relay for anybody (it is a backup MX there), or empty") \
	X("SMARTHOSTS", "hosts to which all mail must go, in this order, separated by blanks; empty: by MX") \
	X("CONFIG", "the user's own configuration folder (--config DIR), or empty") \
	X("OPT_NAME", "the value of --mta MTA:name=value; dashes become underscores")

/* X(number, "what it means") */
#define ADAPTER_EXITS(X)						\
	X(0, "done")							\
	X(64, "the user gave an option a wrong value; the first line of standard error says which") \
	X(75, "try again")						\
	X(89, "this MTA has no such thing: the scenario is skipped")

enum adapter_verb {
#define X(sym, word, help) ADAPTER_##sym,
	ADAPTER_VERBS(X)
#undef X
};

#define ADAPTER_MAX_OPTIONS	8

/* `--mta NAME[=VERSION][:option=value[,option=value]]` */
struct mta_spec {
	char	*text;			/* as written */
	char	*name, *version;	/* version NULL: any */
	struct { char *name, *value; } options[ADAPTER_MAX_OPTIONS];
	size_t	 option_count;
};

/* False: *error (fresh memory) says what is wrong with it. */
bool	 mta_spec_parse(struct mta_spec *, const char *text, char **error);
void	 mta_spec_fini(struct mta_spec *);

/* What `adapter info` said. */
struct adapter_info {
	struct profile	 profile;
	bool		 many_uids;
	bool		 injects;	/* submit=inject, no SMTP listener */
	char		 capabilities[512];	/* words between blanks */
	char		 options[512];		/* names it takes, likewise */
	char		 idle[64];		/* verbs that do nothing */
	char		 answers[64];		/* ... that `start` answers */
	char		 error[256];		/* "": every line was right */
};

void	 adapter_info_init(struct adapter_info *);
/* Takes one line of `info`; lines of other keys are passed over. */
void	 adapter_info_line(struct adapter_info *, const char *line);
/* Takes all that `info` printed; cuts `text` (NULL: nothing) up. */
void	 adapter_info_lines(struct adapter_info *, char *text);
bool	 adapter_info_has(const char *words, const char *word);

/*
 * Takes a line of `queue`, "ID <REVERSE-PATH> <FORWARD-PATH>", apart: the
 * paths without brackets into `from` and `to` (both of `size` octets).
 */
bool	 adapter_queue_line(const char *line, char *from, char *to,
	    size_t size);

enum adapter_status {
	ADAPTER_DONE, ADAPTER_UNSUPPORTED, ADAPTER_TEMPORARY, ADAPTER_FAILED,
	ADAPTER_WRONG,		/* an option's wrong value: the user's error */
	ADAPTER_GONE		/* it was put to a `start` that has ended */
};

struct adapter_result {
	const char	*verb;
	enum adapter_status status;
	int		 exit_code;	/* -N: ended by signal N */
	const char	*out;		/* standard output, whole */
	const char	*notes;		/* last lines of standard error */
};

typedef void adapter_fn(void *ctx, const struct adapter_result *);

struct adapter_config {
	struct lab	*lab;
	const struct home *home;
	const struct mta_spec *mta;
	const struct adapter_info *info;	/* NULL: not asked yet */
	bool		 mta_ipv4, mta_ipv6;
	const char	*relay_domain;	/* or NULL */
	/* The adapter's folder, run as it lies there; NULL: the lab's. */
	const char	*outside;
	const char	*const *smarthosts;
	size_t		 smarthost_count;
	bool		 has_config;	/* --config was given */
	FILE		*notes;		/* what adapters write to stderr */
};

struct adapter;
struct adapter *adapter_new(const struct adapter_config *);
void	 adapter_free(struct adapter *);
/*
 * Starts a verb; `done` is called when it has ended, from the event loop.
 * Several may run at a time (`start` does all the while).  A verb that the
 * running `start` answers goes to its standard input and costs no process.
 * False with errno.
 */
bool	 adapter_run(struct adapter *, enum adapter_verb, adapter_fn *done,
	    void *ctx);
/* Has `info` said that this verb would do nothing? */
bool	 adapter_is_idle(const struct adapter *, enum adapter_verb);
/*
 * Runs `inject`: the message stands in the file `fd` (Unix lines, read from
 * its start; the caller closes it).  Otherwise as adapter_run().
 */
bool	 adapter_inject(struct adapter *, const char *from,
	    const char *const *to, size_t to_count, int fd, adapter_fn *done,
	    void *ctx);
/* Process group of the running `start`, 0 if there is none. */
pid_t	 adapter_mta_pid(const struct adapter *);

#endif

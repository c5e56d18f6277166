/*
 * The options of `mxdrill run`.  A new one is a row of RUN_OPTIONS, a
 * function run_take_SYMBOL in run_options.c and a field.
 */
#ifndef MXD_MAIN_RUN_OPTIONS_H
#define MXD_MAIN_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/lab/lab.h"
#include "harness/main/known.h"
#include "harness/main/options.h"
#include "harness/main/printer.h"
#include "harness/main/reports.h"
#include "harness/main/select.h"
#include "harness/run/places.h"

#define RUN_MAX_MTAS	128
#define RUN_MAX_REPEAT	100000
#define RUN_MAX_PLACES	64

/* X(symbol, "long name" or NULL, letter or 0, "ARGUMENT" or NULL, "help") */
#define RUN_OPTIONS(X)							\
	X(mta, "mta", 0, "NAME[=VERSION][:option=value]",		\
	    "MTA to test, repeatable; default: reference")		\
	X(root, "root", 0, "DIR", "run the MTA from this tree of your own " \
	    "instead of Debian's package")				\
	X(config, "config", 0, "DIR", "use this configuration of your own " \
	    "(copied, never changed)")					\
	X(tag, "tag", 0, "TAG", "only scenarios with this tag, e.g. core") \
	X(parallel, NULL, 'j', "N", "N scenarios at a time (default 1)") \
	X(out, "out", 0, "DIR",						\
	    "where the run is stored (default runs/DATE-TIME)")		\
	X(report, NULL, 'o', "KIND=FILE,...",				\
	    "write reports, too; `mxdrill help reports` has the kinds")	\
	X(format, "format", 0, "text|github",				\
	    "github: annotations in the log of a GitHub Actions job")	\
	X(seed, "seed", 0, "N", "for everything random (default 1)")	\
	X(baseline, "baseline", 0, "FILE|DIR",				\
	    "known failures, repeatable; of a DIR the NAME.known of each "	\
	    "MTA that is run (docs/baselines.md)")			\
	X(shard, "shard", 0, "I/N|auto", "only part I of N of what is "	\
	    "selected; auto: as the CI system's variables say")		\
	X(failed, "failed", 0, "[=RUNDIR]", "only what ended in FAIL, XPASS, " \
	    "ERROR or not-exercised in RUNDIR (default runs/last), on the " \
	    "MTAs where it did")					\
	X(fail_fast, "fail-fast", 0, NULL,				\
	    "start nothing more after the first FAIL, XPASS, ERROR or "	\
	    "not-exercised")						\
	X(min, "min", 0, "N", "fewer than N scenarios that were really "	\
	    "run are exit status 3: guards against an empty suite")	\
	X(repeat, "repeat", 0, "N", "run each scenario N times; if its "	\
	    "runs disagree, it is an ERROR (flaky)")			\
	X(until_fail, "until-fail", 0, "[=N]", "go round until a run is a " \
	    "FAIL, XPASS, ERROR or not-exercised, at most N times (or "	\
	    "--repeat N)")						\
	X(timeout, "timeout", 0, "DURATION", "real time for a scenario, "	\
	    "e.g. 2m; then it is an ERROR")				\
	X(clock, "clock", 0, "virtual|real",				\
	    "real: no virtual clock, five days take five days")		\
	X(dns, "dns", 0, "ADDR:PORT",					\
	    "with --mta attach: where the name server listens "		\
	    "(default " PLACES_DNS "), twice for two")			\
	X(smtp, "smtp", 0, "ADDR:PORT",				\
	    "with --mta attach: where mail hosts listen, this address "	\
	    "and those after it (default " PLACES_SMTP "); HOST=ADDR:PORT: " \
	    "that host; own:PORT: at the scenario's addresses")				\
	X(speed, "speed", 0, "N",					\
	    "with --mta attach: a second counts as N (default 1)")	\
	X(search_trap, "search-trap", 0, NULL,				\
	    "in every scenario names completed by resolv.conf's search "	\
	    "list lead to a stranger")					\
	X(pcap, "pcap", 0, NULL, "store the packets of each scenario")	\
	X(verbose, "verbose", 'v', NULL,				\
	    "print the timeline of passes, too")

struct run_options {
	const char	*mtas[RUN_MAX_MTAS];
	size_t		 mta_count;
	bool		 mtas_given;	/* by --mta */
	const char	*tag;		/* NULL: any */
	const char	*out;		/* NULL: runs/DATE-TIME */
	const char	*root, *config;
	enum lab_clock	 clock;
	unsigned	 parallel;
	uint64_t	 seed;
	bool		 search_trap, pcap, verbose;
	struct known_paths baseline;
	struct selection_shard shard;
	const char	*failed;	/* RUNDIR, or NULL */
	bool		 fail_fast, until_fail;
	uint64_t	 min;		/* 0: any number will do */
	unsigned	 repeat;	/* 1: once */
	int64_t		 timeout_us;	/* 0: none */
	struct report_outputs reports;
	struct places	 places;
	/* --dns, --smtp, --speed as they were written */
	struct { const char *option, *value; } place_texts[RUN_MAX_PLACES];
	size_t		 place_count;
	double		 speed;		/* 0: not said */
	enum printer_format format;
};

/*
 * Makes the folder, `out` or runs/DATE-TIME.  Its path, fresh memory, or NULL
 * after saying what is wrong.
 */
char	*run_folder_open(const char *out);
/* What `run` and `serve` share; `command` is named in what is said. */
int	 take_dns(struct places *, const char *command, const char *value);
int	 take_smtp(struct places *, const char *command, const char *value);
int	 take_speed(double *, const char *command, const char *value);

extern const struct option_table run_option_table;

/*
 * As options_parse(); fills in the defaults, save that --failed without --mta
 * leaves the MTAs open.
 */
int	 run_options_parse(struct run_options *, int argc, char **argv,
	    int *first);
void	 run_options_fini(struct run_options *);

#endif

/*
 * The folder of one stored run: its files' names, and reading it back.  What
 * is judged here is judged by today's judge from the stored trace, scenario
 * and profile alone; the MTA has no part in it.  docs/trace.md describes the
 * files.
 */
#ifndef MXD_REPORT_STORED_H
#define MXD_REPORT_STORED_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/event.h"
#include "harness/judge/judge.h"
#include "harness/judge/profile.h"
#include "harness/scenario/scenario.h"

#define RUN_TRACE	"trace.jsonl"
#define RUN_SCENARIO	"scenario.yaml"
#define RUN_INFO	"adapter.info"
#define RUN_META	"meta.json"
#define RUN_MTA_LOG	"mta.log"
#define RUN_NOTES	"adapter.log"
#define RUN_CHANGES	"changes.txt"
#define RUN_PCAP	"packets.pcapng"
#define RUN_ERROR	"error.txt"
/* Above the runs of the second and later rounds: repeat-2/MTA/ID. */
#define RUN_REPEAT	"repeat-"
/* Of a whole suite, beside the runs' folders. */
#define RUN_RESULTS	"results.json"

struct stored_run {
	char		*dir;
	/* Of meta.json. */
	char		*id, *path, *mta, *mta_version, *variant;
	char		*rerun;		/* the exact command */
	struct scenario	*scenario;	/* the control message added */
	struct profile	 profile;
	/* Empty, and `judged` false, if nothing was ever started. */
	struct trace	 trace;
	struct judgement judgement;	/* of the trace; no baseline */
	bool		 judged;
	size_t		 bytes;		/* of the trace's file */
};

/*
 * Reads it all and judges.  False: *error (fresh memory) says why; there is
 * then nothing to be released.  Errors of the stored scenario, which a newer
 * language may have, are printed on standard error.
 */
bool	 stored_run_read(struct stored_run *, const char *dir, char **error);
void	 stored_run_fini(struct stored_run *);

#endif

/* The whole set as one results.json; docs/trace.md. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/kinds.h"
#include "harness/report/results.h"

static void
put_runs(struct results *r, struct report_set *set)
{
	struct report_case rc;
	char *dir;

	for (size_t i = 0; i < set->run_count; i++) {
		report_run_case(set, i, &rc);
		/* The file may lie elsewhere than where it was made. */
		dir = rc.dir != NULL ? realpath(rc.dir, NULL) : NULL;
		rc.dir = dir;
		results_add(r, &rc);
		free(dir);
	}
}

void
report_json_write(FILE *out, struct report_set *set)
{
	const struct report_source *s = set->sources;
	struct results_meta meta = { .mxdrill = s->mxdrill,
	    .started = s->started, .clock = s->clock, .seed = s->seed != NULL ?
	    strtoull(s->seed, NULL, 10) : 0 };
	struct results *r = results_new(&meta);

	for (size_t i = 0; i < set->mta_count; i++)
		results_add_mta(r, set->mtas[i].mta, set->mtas[i].has_profile ?
		    &set->mtas[i].profile : NULL, set->mtas[i].broken);
	results_begin(r, out);
	put_runs(r, set);
	for (size_t i = 0; i < set->note_count; i++)
		results_add_note(r, set->notes[i].text,
		    set->notes[i].untrusted);
	results_end(r);
	results_free(r);
}

/*
 * The report as one HTML file that needs nothing else: no network, no script
 * (the script only filters), no second file.  It is well-formed XML too, so
 * that any parser can check it.
 *
 * Whatever a trace holds is text here, never markup: see html_put().
 */
#ifndef MXD_REPORT_HTML_H
#define MXD_REPORT_HTML_H

#include <stdio.h>

#include "harness/report/set.h"

/*
 * Links to artefacts start from the folder of set->output.  Runs are opened
 * and closed on the way; whether writing went well is asked of the stream.
 */
void	 report_html_write(FILE *, struct report_set *);

#endif

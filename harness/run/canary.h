/*
 * Canaries: before any scenario an MTA must deliver a healthy message,
 * bounce one refused with 550 and keep one refused with 451.  An MTA that
 * cannot makes one explained ERROR, not forty FAILs.
 */
#ifndef MXD_RUN_CANARY_H
#define MXD_RUN_CANARY_H

#include "harness/scenario/scenario.h"

#define CANARY_ID	"canary"

/* Never NULL: its text is ours. */
/* For an MTA that knows no MX all goes through a smarthost. */
struct scenario *canary_scenario(bool by_smarthost);

#endif

/*
 * The harness's own message: to a healthy domain beside the scenario's, so
 * that a run on an MTA that does nothing at all is no pass (requirements
 * 21.8, G2).
 */
#ifndef MXD_SCENARIO_CONTROL_H
#define MXD_SCENARIO_CONTROL_H

#include "harness/scenario/scenario.h"

#define CONTROL_KEY	"control"

/* Adds it; before a run, and before a stored run is judged. */
void	 scenario_add_control(struct scenario *);

#endif

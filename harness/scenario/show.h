/* A scenario in plain words: the world, what breaks when, what must be. */
#ifndef MXD_SCENARIO_SHOW_H
#define MXD_SCENARIO_SHOW_H

#include "harness/scenario/scenario.h"

struct sbuf;

void	 scenario_show(const struct scenario *, struct sbuf *);

#endif

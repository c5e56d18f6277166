/*
 * The whole grid of requirements 21.11: two MX, every class of state at
 * each, equal or different preference, IPv4, IPv6 or both, three profiles in
 * time.  Written as scenario files when asked for, expectations computed.
 * Ids: grid/CLASS1-CLASS2-(equal|diff)-(v4|v6|dual)-(permanent|repaired|later)
 */
#ifndef MXD_SCENARIO_GRID_H
#define MXD_SCENARIO_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct sbuf;

#define GRID_ID_LEN	48

size_t	 grid_count(void);
/* The n-th id, in a fixed order. */
void	 grid_id(size_t n, char id[GRID_ID_LEN]);
/* Appends the YAML of a grid scenario; false if there is no such id. */
bool	 grid_text(const char *id, struct sbuf *);

#endif

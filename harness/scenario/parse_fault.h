/* Lists of faults into the scenario; each node has the right kind already. */
#ifndef MXD_SCENARIO_PARSE_FAULT_H
#define MXD_SCENARIO_PARSE_FAULT_H

#include "harness/scenario/parser.h"

void	 parse_dns(struct parser *, const struct node *list);
void	 parse_hosts(struct parser *, const struct node *map);
void	 parse_network(struct parser *, const struct node *list);
void	 parse_mta(struct parser *, const struct node *list);

#endif

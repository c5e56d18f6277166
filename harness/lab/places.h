/*
 * Who is where in every lab: names, addresses and the moment at which time
 * begins.  Nothing but constants, so that the scenario language may know
 * them, too.
 */
#ifndef MXD_LAB_PLACES_H
#define MXD_LAB_PLACES_H

#include <stdint.h>

#define LAB_MTA_NAME		"mta.sut.test"
#define LAB_MTA_IP4		"192.0.2.1"
#define LAB_MTA_IP6		"2001:db8:0:1::1"
#define LAB_RESOLVER1_IP4	"192.0.2.53"
#define LAB_RESOLVER1_IP6	"2001:db8:0:53::1"
#define LAB_RESOLVER2_IP4	"192.0.2.54"
#define LAB_RESOLVER2_IP6	"2001:db8:0:54::1"
#define LAB_SUBMIT_IP4		"192.0.2.25"	/* the harness as a client */
#define LAB_SUBMIT_IP6		"2001:db8:0:25::1"
#define LAB_SEARCH_DOMAIN	"sut.test"	/* resolv.conf search: a trap */
#define LAB_DECOY_NAME		"decoy.sut.test"	/* where that leads */

/* Virtual time 0 is this moment: 2031-01-01 02:13:20 UTC. */
#define LAB_EPOCH		INT64_C(1925000000)

#endif

/*
 * The trace fields of a message that arrived (RFC 5321 section 4.4): each
 * server puts a Received field before those that are there, and changes,
 * removes or reorders none.  A pure function.
 */
#ifndef MXD_RUN_RECEIVED_H
#define MXD_RUN_RECEIVED_H

#include <stddef.h>

#define RECEIVED_CLAUSE	"R-5321-4.4-a"

/*
 * What is wrong with the Received fields of `arrived`, which was `sent` to
 * the MTA by SMTP; a constant, or NULL.  Folding is no change.
 */
const char *received_fault(const char *sent, size_t sent_len,
	    const char *arrived, size_t arrived_len);

#endif

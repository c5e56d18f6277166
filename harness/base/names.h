/*
 * Are these two texts of an event the same thing?  NULL, which is "not said",
 * is the same as nothing, not even as another NULL.
 */
#ifndef MXD_BASE_NAMES_H
#define MXD_BASE_NAMES_H

#include <stdbool.h>

bool	 same_text(const char *, const char *);
/* Domain names and mailboxes: case and a last dot are of no account. */
bool	 same_name(const char *, const char *);
/* IP addresses as events write them: whatever the port and the notation. */
bool	 same_ip(const char *, const char *);
/* Is `name` the domain or below it? */
bool	 name_within(const char *name, const char *domain);

#endif

/*
 * User ids of a lab that an ordinary user has started.
 */
#ifndef MXD_LAB_USERS_H
#define MXD_LAB_USERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Maps user and group ids into the new user namespace of `pid`: the caller
 * becomes its root; with `many` 1 and up are the caller's subordinate ids
 * (subuid(5)).  NULL, or fresh memory saying what is missing.
 */
char	*users_map(pid_t pid, bool many);
/*
 * The first range of subordinate ids of the calling user in `path`
 * (/etc/subuid, /etc/subgid).  False: there is none.
 */
bool	 users_range(const char *path, unsigned long *start,
	    unsigned long *count);

#endif

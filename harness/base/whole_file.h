/*
 * Files that are there whole or not at all: written beside their place and
 * renamed, so that a reader sees the old one or the new one.
 */
#ifndef MXD_BASE_WHOLE_FILE_H
#define MXD_BASE_WHOLE_FILE_H

#include <stddef.h>

/* Could it be written?  -1 with errno; nothing is made or changed. */
int	 whole_file_check(const char *path);
/*
 * -1 with errno, the old file then unchanged.  The new one has the old one's
 * mode, else 0644.  What is no regular file (a pipe, /dev/stderr) is written
 * to as it is.
 */
int	 whole_file_write(const char *path, const char *text, size_t len);

#endif
